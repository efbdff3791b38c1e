"""unfold and fold: their definitions as loops, each the other's transpose, PyTorch's figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.nn.functional as F
from scratchml.nn.ops import windows
from scratchml.nn.ops.fold import fold_backward, fold_forward, unfold_backward, unfold_forward
from scratchml.tensor.tape import LEAF, constant

from .pairs import check_adjoint, check_pair


def pairs(low, high):
    return st.one_of(st.integers(low, high), st.tuples(*[st.integers(low, high)] * 2))


def two(value):
    return value if isinstance(value, tuple) else (value, value)


@st.composite
def images(draw):
    """The shape of images, with or without batch, and (kernel, dilation, padding, stride)."""
    kernel, dilation = draw(pairs(1, 3)), draw(pairs(1, 2))
    padding, stride = draw(pairs(0, 2)), draw(pairs(1, 3))
    size = []
    for k, d, p in zip(two(kernel), two(dilation), two(padding), strict=True):
        size.append(max(1, d * (k - 1) + 1 - 2 * p) + draw(st.integers(0, 3)))
    batch = draw(st.sampled_from([(), (0,), (1,), (3,)]))
    return (*batch, draw(st.integers(1, 3)), *size), (kernel, dilation, padding, stride)


def loops(x, kernel, dilation, padding, stride):
    """The columns of one image, one number after the other."""
    (kh, kw), (dh, dw), (ph, pw), (sh, sw) = map(two, (kernel, dilation, padding, stride))
    c, h, w = x.shape
    places = (h + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (w + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    cols = np.zeros((c, kh, kw, *places))
    for channel, a, b, i, j in np.ndindex(cols.shape):
        row, column = sh * i + dh * a - ph, sw * j + dw * b - pw
        if 0 <= row < h and 0 <= column < w:
            cols[channel, a, b, i, j] = x[channel, row, column]
    return cols.reshape(c * kh * kw, -1)


@given(images(), st.integers(0, 9))
def test_unfold_is_the_definition(case, seed):
    shape, numbers = case
    x = np.random.default_rng(seed).standard_normal(shape)
    y, _ = unfold_forward(x, *numbers)
    if len(shape) == 3:
        np.testing.assert_array_equal(y, loops(x, *numbers))
    else:
        assert len(y) == len(x)
        for one, image in zip(y, x, strict=True):
            np.testing.assert_array_equal(one, loops(image, *numbers))


@given(images(), st.integers(0, 9))
def test_each_is_the_transpose_of_the_other(case, seed):
    shape, numbers = case
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    check_adjoint(lambda x: unfold_forward(x, *numbers), unfold_backward, x)
    cols = rng.standard_normal(unfold_forward(x, *numbers)[0].shape)
    check_adjoint(lambda cols: fold_forward(cols, shape[-2:], *numbers), fold_backward, cols)
    folded = fold_forward(cols, shape[-2:], *numbers)[0]
    assert folded.shape == shape
    np.testing.assert_array_equal(folded, unfold_backward(cols, unfold_forward(x, *numbers)[1]))


@given(images(), st.integers(0, 9))
def test_gradients_are_central_differences(case, seed):
    shape, numbers = case
    x = np.random.default_rng(seed).standard_normal(shape)
    check_pair(unfold_forward, unfold_backward, [x], *numbers)
    cols, _ = unfold_forward(x, *numbers)
    check_pair(fold_forward, fold_backward, [cols], shape[-2:], *numbers)


def test_fold_of_unfold_counts_the_windows():
    x = np.random.default_rng(0).random((2, 3, 5, 6), "f")
    cols, _ = unfold_forward(x, 3, 1, 1, 1)
    count = fold_forward(np.ones_like(cols), (5, 6), 3, 1, 1, 1)[0]
    assert count.min() == 4  # in a corner
    assert count.max() == 9
    y = fold_forward(cols, (5, 6), 3, 1, 1, 1)[0]
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, count * x, rtol=1e-6)


def test_windows_of_any_number_of_axes():
    x = np.random.default_rng(0).random((2, 1, 4, 3, 3, 2))
    how = (2, 1, 1, 1), (1, 0, 0, 1, 0, 0, 2, 1), (1, 2, 1, 1)
    cols = windows.unfold(x, (2, 2, 1, 2), *how)
    assert cols.shape == (2, 1, 2, 2, 1, 2, 2, 1, 5, 3)
    r = np.random.default_rng(1).random(cols.shape)
    assert np.vdot(cols, r) == pytest.approx(np.vdot(x, windows.fold(r, x.shape, *how)), rel=1e-13)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda x: F.unfold(x(2, 2), 1),
            ValueError,
            r"unfold: input must have 4 axes .*got shape \(2, 2\)",
        ),
        (
            lambda x: F.unfold(x(1, 4, 4), 5),
            ValueError,
            r"unfold: kernel_size=\(5, 5\) .*images of \(4, 4\)",
        ),
        (lambda x: F.unfold(x(1, 4, 4), 0), ValueError, "kernel_size must be an integer >= 1"),
        (
            lambda x: F.unfold(x(1, 4, 4), 2, stride=0.5),
            TypeError,
            "stride must be an integer .*got 0.5",
        ),
        (
            lambda x: F.fold(x(1, 5, 4), 3, 2),
            ValueError,
            r"fold: .*multiple of 4 .*got input of shape \(1, 5, 4\)",
        ),
        (
            lambda x: F.fold(x(1, 4, 5), 3, 2),
            ValueError,
            r"fold: an output of \(3, 3\) has 2 \* 2 windows .*got 5",
        ),
        (lambda x: F.fold(x(1, 1, 4, 4), 3, 2), ValueError, "fold: input must have 3 axes"),
        (
            lambda x: F.fold(x(4, 4).array, 3, 2),
            TypeError,
            "fold: input must be a Tensor, got ndarray",
        ),
    ],
)
def test_what_does_not_fit(call, error, words):
    with pytest.raises(error, match=words):
        call(lambda *shape: constant(np.ones(shape, "f")))


def test_tensors():
    x = constant(np.random.default_rng(0).random((2, 2, 5, 4)))
    x.node = LEAF
    cols = F.unfold(x, [2, 3], padding=1)
    y = F.fold(cols, (5, 4), (2, 3), padding=(1, 1))
    y.backward(constant(np.ones(y.shape)))
    once = constant(np.ones(x.shape))
    count = F.fold(F.unfold(once, (2, 3), padding=1), (5, 4), (2, 3), padding=1)
    np.testing.assert_array_equal(x.grad.array, count.array)


@pytest.mark.peer
@given(images(), st.integers(0, 9))
def test_pytorch(case, seed):
    torch = pytest.importorskip("torch")
    shape, numbers = case
    x = np.random.default_rng(seed).standard_normal(shape)
    if 0 in shape:
        return  # refused there
    y, _ = unfold_forward(x, *numbers)
    np.testing.assert_array_equal(y, torch.nn.functional.unfold(torch.tensor(x), *numbers).numpy())
    folded = torch.nn.functional.fold(torch.tensor(y), shape[-2:], *numbers).numpy()
    np.testing.assert_allclose(fold_forward(y, shape[-2:], *numbers)[0], folded, rtol=1e-14)
