"""Transforms: pixel by pixel from their definitions, of one image or a batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.data import DataLoader, TensorDataset
from scratchml.data.transforms import (
    Compose,
    Normalize,
    RandomCrop,
    RandomHorizontalFlip,
    ToTensor,
)
from scratchml.data.transforms.images import crop, flip, normalize
from scratchml.tensor.core import Tensor
from scratchml.tensor.generator import Generator
from scratchml.tensor.tape import constant


def images(n=3, channels=2, height=5, width=4, dtype=np.float32):
    return np.random.default_rng(0).standard_normal((n, channels, height, width)).astype(dtype)


def seeded(seed=0):
    return Generator().manual_seed(seed)


@given(
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    top=st.integers(-8, 8),
    left=st.integers(-8, 8),
)
def test_crops_are_their_definition(height, width, top, left):
    x = images()
    y = crop(x, np.array([top, 0, -top]), np.array([left, 0, 0]), (height, width))
    for n, (t, b) in enumerate([(top, left), (0, 0), (-top, 0)]):
        for i in range(height):
            for j in range(width):
                inside = 0 <= i + t < 5 and 0 <= j + b < 4
                expected = x[n, :, i + t, j + b] if inside else 0
                np.testing.assert_array_equal(y[n, :, i, j], expected)
    assert y.dtype == x.dtype


def test_flips_and_normalizations_are_their_definition():
    x = images()
    y = flip(x, np.array([True, False, True]))
    np.testing.assert_array_equal(y[0], np.flip(x[0], axis=-1))
    np.testing.assert_array_equal(y[1], x[1])
    assert not np.shares_memory(x, y)
    z = normalize(x, np.array([0.5, -1.0]), np.array([2.0, 0.25]))
    np.testing.assert_allclose(z[:, 0], (x[:, 0] - 0.5) / 2, rtol=1e-6)
    np.testing.assert_allclose(z[:, 1], (x[:, 1] + 1) / 0.25, rtol=1e-6)
    assert z.dtype == np.float32


@pytest.mark.parametrize(
    "make",
    [
        lambda g: RandomCrop((4, 3), padding=(1, 2), generator=g),
        lambda g: RandomCrop(2, generator=g),
        lambda g: RandomHorizontalFlip(generator=g),
        lambda g: Normalize([0.1, 0.2], [1.0, 2.0]),
    ],
)
def test_a_batch_is_its_images_one_by_one(make):
    x = images(20)
    together = make(seeded())(x)
    one_by_one = make(seeded())
    np.testing.assert_array_equal(together, np.stack([one_by_one(image) for image in x]))
    before = images(20)
    np.testing.assert_array_equal(x, before, err_msg="the images are not changed")
    tensor = make(seeded())(constant(x))
    assert isinstance(tensor, Tensor)
    np.testing.assert_array_equal(tensor.array, together)


def test_every_place_and_both_sides_come_up():
    x = np.zeros((4000, 1, 3, 3))
    x[:, 0, 1, 1] = 1
    y = RandomCrop(3, padding=1, generator=seeded())(x)
    share = y.mean(axis=0)[0]
    assert np.abs(share - 1 / 9).max() < 0.02  # 4 standard deviations
    flips = RandomHorizontalFlip(0.25, generator=seeded())(x + np.array([0, 0, 5.0]))
    assert abs((flips[:, 0, 0, 0] == 5).mean() - 0.25) < 0.03
    np.testing.assert_array_equal(RandomHorizontalFlip(0.0)(x), x)
    np.testing.assert_array_equal(RandomHorizontalFlip(1.0)(x), x[..., ::-1])
    np.testing.assert_array_equal(RandomCrop(3)(x), x)


def test_a_pair_of_paddings_names_the_columns_first():
    x = images()
    padded = np.pad(x, [(0, 0), (0, 0), (0, 0), (2, 2)])
    np.testing.assert_array_equal(RandomCrop((5, 8), padding=(2, 0))(x), padded)


@pytest.mark.peer
def test_draws_are_those_that_torchvision_makes_for_single_images():
    torch = pytest.importorskip("torch")
    x = images(8, 1, 6, 6)
    padded = np.pad(x, [(0, 0), (0, 0), (2, 2), (2, 2)])
    torch.manual_seed(4)
    ours = RandomCrop(5, padding=2, generator=seeded(4))
    for i in range(8):
        top, left = (torch.randint(0, 6, (1,)).item() for _ in "ab")
        expected = padded[i, :, top : top + 5, left : left + 5]
        np.testing.assert_array_equal(ours(x[i]), expected)
    ours = RandomHorizontalFlip(0.3, generator=seeded(4))
    torch.manual_seed(4)
    for i in range(8):
        expected = x[i, :, :, ::-1] if torch.rand(1).item() < 0.3 else x[i]
        np.testing.assert_array_equal(ours(x[i]), expected)


def test_they_compose_and_serve_loaders():
    x, y = images(10), np.arange(10)
    augment = Compose(
        [RandomCrop((5, 4), padding=1, generator=seeded()), Normalize([0, 0], [2, 2])]
    )
    for bx, by in DataLoader(TensorDataset(x, y, transform=augment), batch_size=5):
        assert bx.array.shape == (5, 2, 5, 4)
        assert bx.array.dtype == np.float32
        assert by.array.shape == (5,)


def test_empty_batches():
    x = np.zeros((0, 2, 5, 4))
    for transform in (RandomCrop(3), RandomHorizontalFlip(), Normalize([0, 0], [1, 1])):
        assert transform(x).shape[:2] == (0, 2)


def test_wrong_arguments():
    for wrong in (0, 2.5, (3,), (3, 0), "3"):
        with pytest.raises(ValueError, match="size must be an integer from 1 on, or two of them"):
            RandomCrop(wrong)
    with pytest.raises(ValueError, match="padding must be an integer from 0 on"):
        RandomCrop(3, padding=-1)
    with pytest.raises(
        ValueError, match=r"size \(8, 8\) must not exceed the padded image, \(7, 6\)"
    ):
        RandomCrop(8, padding=1)(images())
    with pytest.raises(ValueError, match="'p' parameter of RandomHorizontalFlip"):
        RandomHorizontalFlip(1.5)
    with pytest.raises(ValueError, match="lists of one length"):
        Normalize([0.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="no std 0"):
        Normalize([0.0], [0.0])
    with pytest.raises(ValueError, match="made for 3 channels, got images of 2"):
        Normalize([0, 0, 0], [1, 1, 1])(images())
    with pytest.raises(ValueError, match="needs floating-point images, got uint8"):
        Normalize([0, 0], [1, 1])(np.zeros((2, 5, 4), np.uint8))
    with pytest.raises(ValueError, match=r"\(C, H, W\) or \(N, C, H, W\), got \(5, 4\)"):
        RandomHorizontalFlip()(np.zeros((5, 4)))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int32, np.bool_])
@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 3), (3, 4, 1), (0, 4, 3)])
def test_pictures_as_tensors(shape, dtype):
    """Channels first; bytes over 255, other types as they are."""
    x = np.random.default_rng(0).integers(0, 2 if dtype is np.bool_ else 256, shape).astype(dtype)
    y = ToTensor()(x)
    expected = x[None] if x.ndim == 2 else np.moveaxis(x, 2, 0)
    assert isinstance(y, Tensor)
    assert y.dtype == (np.float32 if dtype is np.uint8 else dtype)
    assert y.array.flags.c_contiguous
    if dtype is np.uint8:
        expected = expected.astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(y.array, expected)
    if x.size:
        assert not np.shares_memory(x, y.array)


class Picture:
    """What Pillow's pictures show to NumPy."""

    def __init__(self, mode, array):
        self.mode, self.array = mode, array

    def __array__(self, dtype=None, copy=None):
        return self.array


def test_pictures_of_pillow():
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    np.testing.assert_array_equal(ToTensor()(Picture("L", grey)).array, ToTensor()(grey).array)
    bits = ToTensor()(Picture("1", grey > 2))
    assert bits.dtype == np.float32
    np.testing.assert_array_equal(bits.array, [grey > 2])
    for wrong, error in (
        (np.zeros(3), ValueError),
        (constant(grey), TypeError),
        ([[1]], TypeError),
    ):
        with pytest.raises(error, match="ToTensor needs"):
            ToTensor()(wrong)
    with pytest.raises(TypeError, match="dtype must be one of .* got uint16"):
        ToTensor()(np.zeros((2, 3), np.uint16))
    assert repr(ToTensor()) == "ToTensor()"
