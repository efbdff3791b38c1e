"""CIFAR's binary version: plane order, both label layouts, damaged files."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.datasets import load_cifar10, load_cifar100


def records(n, labels, seed=0):
    """Bytes of n records and the images they hold, written pixel by pixel from the definition."""
    rng = np.random.RandomState(seed)
    images = rng.randint(0, 256, size=(n, 32, 32, 3)).astype(np.uint8)
    content = bytearray()
    for i in range(n):
        content += bytes(labels[i])
        for channel in range(3):
            for row in range(32):
                content += bytes(images[i, row, :, channel])
    return bytes(content), images


def write_cifar10(folder, pack=bytes, suffix=""):
    folder.mkdir(exist_ok=True)
    images, labels = [], []
    for i, name in enumerate([*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"]):
        label = [[i], [9 - i]]
        content, image = records(2, label, seed=i)
        (folder / f"{name}{suffix}").write_bytes(pack(content))
        images.append(image)
        labels += [i, 9 - i]
    return np.concatenate(images), np.array(labels)


@pytest.mark.parametrize(("pack", "suffix"), [(bytes, ""), (gzip.compress, ".gz")])
@pytest.mark.parametrize("inner", ["", "cifar-10-batches-bin"])
def test_cifar10(tmp_path, pack, suffix, inner):
    images, labels = write_cifar10(tmp_path / inner, pack, suffix)
    for subset, part in (("train", slice(10)), ("test", slice(10, 12)), ("all", slice(12))):
        cifar = load_cifar10(tmp_path, subset=subset)
        np.testing.assert_array_equal(cifar.images, images[part])
        np.testing.assert_array_equal(cifar.target, labels[part])
        assert cifar.images.flags.c_contiguous
        assert np.shares_memory(cifar.data, cifar.images)
        assert cifar.data.shape == (len(cifar.target), 3072)
        assert cifar.target_names is None
    X, y = load_cifar10(tmp_path, return_X_y=True)
    np.testing.assert_array_equal(X, images[:10].reshape(10, -1))
    np.testing.assert_array_equal(y, labels[:10])


def test_single_file_and_names(tmp_path):
    images, _ = write_cifar10(tmp_path)
    names = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (tmp_path / "batches.meta.txt").write_text("\n".join(names) + "\n\n")
    cifar = load_cifar10(tmp_path / "data_batch_2.bin")
    np.testing.assert_array_equal(cifar.images, images[2:4])
    assert cifar.target_names[cifar.target].tolist() == ["car", "ship"]
    (tmp_path / "batches.meta.txt").write_text("cat\n")
    with pytest.raises(ValueError, match=r"batches.meta.txt, line 1: expected 10 names, got 1"):
        load_cifar10(tmp_path)


def test_cifar100(tmp_path):
    content, images = records(3, [[19, 99], [0, 5], [3, 0]])
    (tmp_path / "train.bin").write_bytes(content)
    fine, coarse = load_cifar100(tmp_path), load_cifar100(tmp_path, labels="coarse")
    np.testing.assert_array_equal(fine.images, images)
    assert (fine.target.tolist(), coarse.target.tolist()) == ([99, 5, 0], [19, 0, 3])
    with pytest.raises(FileNotFoundError, match=r"holds neither test.bin nor test.bin.gz"):
        load_cifar100(tmp_path, subset="all")
    with pytest.raises(ValueError, match=r"'labels' .* Got 'super'"):
        load_cifar100(tmp_path, labels="super")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: b"", "byte 0: expected records of 3073 bytes, got 0 bytes"),
        (lambda c: c[:-1], r"byte 3073: .* got 6145 bytes: 1 records \+ 3072"),
        (lambda c: c + b"\0", r"byte 6146: .* got 6147 bytes: 2 records \+ 1"),
        (lambda c: c[:3073] + b"\x0a" + c[3074:], "byte 3073: labels go from 0 to 9, got 10"),
        (lambda c: gzip.compress(c)[:-20], "damaged or cut short gzip"),
    ],
)
def test_damaged(tmp_path, change, message):
    content, _ = records(2, [[1], [2]])
    file = tmp_path / "x.bin"
    file.write_bytes(change(content))
    with pytest.raises(ValueError, match=message) as caught:
        load_cifar10(file)
    assert "x.bin" in str(caught.value)


@given(at=st.integers(0, 1500), byte=st.integers(0, 255))
def test_mutated_gzip_loads_or_raises_value_error(at, byte, tmp_path_factory):
    packed = bytearray(gzip.compress(records(1, [[1]])[0], mtime=0))
    packed[at] = byte
    file = tmp_path_factory.mktemp("cifar") / "x.bin"
    file.write_bytes(packed)
    try:
        assert load_cifar10(file).images.shape == (1, 32, 32, 3)
    except ValueError as error:
        caught = str(error)
        assert "x.bin" in caught
