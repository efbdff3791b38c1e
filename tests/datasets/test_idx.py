"""IDX files and MNIST folders: every type, every truncation, headers that lie."""

import gzip
import io
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.datasets import load_idx, load_mnist

CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}


def idx_bytes(array):
    code = CODES[array.dtype.str[1:]]
    head = struct.pack(f">2xBB{array.ndim}I", code, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def load(content):
    return load_idx(io.BytesIO(content))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4), (1, 2, 3, 2)])
def test_round_trip(code, shape):
    array = (np.arange(math.prod(shape)) * 37 - 5).astype(code).reshape(shape)
    again = load(idx_bytes(array))
    assert again.dtype == array.dtype
    assert again.dtype.isnative
    assert again.flags.writeable
    np.testing.assert_array_equal(again, array)


def test_every_truncation_and_one_byte_more_raise():
    content = idx_bytes(np.arange(6, dtype=np.int16).reshape(2, 3))
    for n in range(len(content)):
        with pytest.raises(ValueError, match=r"<file object>, byte \d+: "):
            load(content[:n])
    with pytest.raises(ValueError, match="needs 24 bytes, the file has 25"):
        load(content + b"\0")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\1\x08\1\0\0\0\0", r"starts with 0, 0 and a type .* got \[0, 1, 8\]"),
        (b"\0\0\x0a\1\0\0\0\0", r"got \[0, 0, 10\]"),
        (b"\0\0\x08\xff" + b"\0" * 1020, "at most 32 dimensions, got 255"),
        (b"\0\0\x08\3" + b"\xff" * 12, "byte 16: shape .4294967295, 4294967295, 4294967295."),
        (b"\0\0\x0e\3" + b"\0" * 4 + b"\xff" * 8, "byte 4: shape .* is beyond"),
        (b"", "byte 0: an IDX header has 4 bytes or more, got 0"),
    ],
)
def test_headers_that_lie(content, message):
    with pytest.raises(ValueError, match=message):
        load(content)


@given(st.data())
def test_mutations_load_or_raise_value_error(data):
    content = bytearray(idx_bytes(np.arange(12, dtype=np.int32).reshape(3, 4)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    for packed in (bytes(content), bytes(gzip.compress(content))):
        try:
            array = load(packed)
        except ValueError:
            continue
        assert array.nbytes <= len(content)


def write_mnist(folder, pack=bytes, joint="-", suffix=""):
    rng = np.random.RandomState(0)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {}
    for prefix, n in (("train", 5), ("t10k", 3)):
        images = rng.randint(0, 256, size=(n, 28, 28)).astype(np.uint8)
        labels = rng.randint(0, 10, size=n).astype(np.uint8)
        stems = ((f"images{joint}idx3", images), (f"labels{joint}idx1", labels))
        for stem, array in stems:
            file = folder / f"{prefix}-{stem}-ubyte{suffix}"
            file.write_bytes(pack(idx_bytes(array)))
        parts[prefix] = images, labels
    return parts


@pytest.mark.parametrize("where", ["", "raw", "MNIST/raw"])
@pytest.mark.parametrize(
    ("pack", "joint", "suffix"), [(bytes, "-", ""), (gzip.compress, "-", ".gz"), (bytes, ".", "")]
)
def test_mnist_folders(tmp_path, where, pack, joint, suffix):
    parts = write_mnist(tmp_path / where, pack, joint, suffix)
    for subset, keys in (("train", ["train"]), ("test", ["t10k"]), ("all", ["train", "t10k"])):
        mnist = load_mnist(tmp_path, subset=subset)
        images = np.concatenate([parts[k][0] for k in keys])
        np.testing.assert_array_equal(mnist.images, images)
        np.testing.assert_array_equal(mnist.target, np.concatenate([parts[k][1] for k in keys]))
        assert mnist.target.dtype == np.int64
        assert mnist.data.shape == (len(images), 784)
        assert np.shares_memory(mnist.data, mnist.images)
    X, y = load_mnist(str(tmp_path), return_X_y=True)
    np.testing.assert_array_equal(X, parts["train"][0].reshape(5, 784))
    np.testing.assert_array_equal(y, parts["train"][1])


def test_mnist_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds none of train-images-idx3-ubyte, "):
        load_mnist(tmp_path)
    with pytest.raises(ValueError, match=r"'subset' .* Got 'val'"):
        load_mnist(tmp_path, subset="val")
    write_mnist(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte"
    labels.write_bytes(idx_bytes(np.zeros(4, dtype=np.uint8)))
    with pytest.raises(ValueError, match="train-labels-idx1-ubyte, byte 4: 4 labels for the 5"):
        load_mnist(tmp_path)
    labels.write_bytes(idx_bytes(np.zeros((5, 1), dtype=np.uint8)))
    with pytest.raises(ValueError, match="expected 1-dimensional uint8, got 2-dimensional"):
        load_mnist(tmp_path)
    labels.write_bytes(idx_bytes(np.zeros(5, dtype=np.int32)))
    with pytest.raises(ValueError, match="got 1-dimensional int32"):
        load_mnist(tmp_path)
    labels.write_bytes(gzip.compress(idx_bytes(np.zeros(5, dtype=np.uint8)))[:-9])
    with pytest.raises(ValueError, match="train-labels-idx1-ubyte, byte .* damaged or cut short"):
        load_mnist(tmp_path)
