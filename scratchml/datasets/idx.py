"""MNIST's IDX format: one array of any shape in a file.

    bytes 0-1   zero
    byte  2     type: 8 uint8, 9 int8, 11 int16, 12 int32, 13 float32, 14 float64
    byte  3     number of dimensions d
    then        d sizes, big-endian uint32
    then        the values, big-endian, last dimension fastest, and nothing after them

Source: Y. LeCun, C. Cortes, C. Burges, the MNIST database, "The IDX file format".
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from scratchml._core.rules import boolean, check_parameters, option
from scratchml.datasets.bunch import Bunch
from scratchml.datasets.files import malformed, read_bytes

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MAX_DIMENSIONS = 32
SUBSETS = {"train": ("train",), "test": ("t10k",), "all": ("train", "t10k")}


def load_idx(file: Any) -> np.ndarray:
    """Read an array from an IDX file.

    Parameters
    ----------
    file : str, path-like or binary file
        The file; it may be compressed with gzip, bzip2 or xz.

    Returns
    -------
    ndarray
        The array, writable, in this machine's byte order.

    Raises
    ------
    ValueError
        If the file is not IDX, or its size is not what its header says.

    Examples
    --------
    >>> import io
    >>> from scratchml.datasets import load_idx
    >>> load_idx(io.BytesIO(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9])))
    array([7, 8, 9], dtype=uint8)
    """
    content, name = read_bytes(file)
    if len(content) < 4:
        raise malformed(name, "byte 0", f"an IDX header has 4 bytes or more, got {len(content)}")
    if content[:2] != b"\0\0" or content[2] not in TYPES:
        rule = f"an IDX file starts with 0, 0 and a type in {sorted(TYPES)}, got {[*content[:3]]}"
        raise malformed(name, "byte 0", rule)
    n_dimensions = content[3]
    if n_dimensions > MAX_DIMENSIONS:
        rule = f"an array has at most {MAX_DIMENSIONS} dimensions, got {n_dimensions}"
        raise malformed(name, "byte 3", rule)
    start = 4 + 4 * n_dimensions
    if len(content) < start:
        rule = f"{n_dimensions} sizes need {start} bytes, the file has {len(content)}"
        raise malformed(name, "byte 4", rule)
    shape = tuple(np.frombuffer(content, ">u4", n_dimensions, offset=4).tolist())
    dtype = np.dtype(TYPES[content[2]])
    expected = start + dtype.itemsize * math.prod(shape)
    if len(content) != expected:
        rule = f"shape {shape} of {dtype.name} needs {expected} bytes, the file has {len(content)}"
        raise malformed(name, f"byte {min(expected, len(content))}", rule)
    flat = np.frombuffer(content, dtype, offset=start).astype(dtype.newbyteorder("="))
    if flat.size == 0 and math.prod(max(n, 1) for n in shape) > np.iinfo(np.intp).max:
        raise malformed(name, "byte 4", f"shape {shape} is beyond what an array can have")
    return flat.reshape(shape)


def load_mnist(folder: Any, *, subset: str = "train", return_X_y: bool = False) -> Any:
    """Read MNIST, or a set laid out like it (Fashion-MNIST, KMNIST), from its four files.

    Parameters
    ----------
    folder : str or path-like
        Folder with ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-...``, each
        as it is or with ``.gz``; or a folder above with them in ``MNIST/raw`` or ``raw``, as
        torchvision stores them.
    subset : {"train", "test", "all"}, default="train"
        The 60,000 training images, the 10,000 test images, or both in this order.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    Bunch
        ``images`` (n_samples, 28, 28) uint8, ``data`` the same memory as (n_samples, 784),
        ``target`` (n_samples,) int64.

    Raises
    ------
    FileNotFoundError
        If a file is missing; the message lists the names tried.
    ValueError
        If a file is damaged, or images and labels do not match.

    Examples
    --------
    >>> from scratchml.datasets import load_mnist
    >>> mnist = load_mnist("MNIST", subset="test")  # doctest: +SKIP
    >>> mnist.images.shape  # doctest: +SKIP
    (10000, 28, 28)
    """
    check_parameters({"subset": option(*SUBSETS), "return_X_y": boolean()}, locals(), "load_mnist")
    parts = [_read_part(Path(folder), prefix) for prefix in SUBSETS[subset]]
    images = parts[0][0] if len(parts) == 1 else np.concatenate([p[0] for p in parts])
    target = np.concatenate([p[1] for p in parts]).astype(np.int64)
    data = images.reshape(len(images), -1)
    if return_X_y:
        return data, target
    return Bunch(data=data, target=target, images=images)


def _read_part(folder: Path, prefix: str) -> tuple[np.ndarray, np.ndarray]:
    image_file, label_file = _find(folder, f"{prefix}-images"), _find(folder, f"{prefix}-labels")
    images, labels = load_idx(image_file), load_idx(label_file)
    for array, file, ndim in ((images, image_file, 3), (labels, label_file, 1)):
        if array.ndim != ndim or array.dtype != np.uint8:
            rule = f"expected {ndim}-dimensional uint8, got {array.ndim}-dimensional {array.dtype}"
            raise malformed(str(file), "byte 2", rule)
    if len(images) != len(labels):
        rule = f"{len(labels)} labels for the {len(images)} images of {image_file}"
        raise malformed(str(label_file), "byte 4", rule)
    return images, labels


def _find(folder: Path, stem: str) -> Path:
    """Return the file: the original has a hyphen before idx, other copies a dot."""
    kind = "idx3-ubyte" if stem.endswith("images") else "idx1-ubyte"
    names = [f"{stem}{joint}{kind}{gz}" for joint in "-." for gz in ("", ".gz")]
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for name in names:
            if (place / name).is_file():
                return place / name
    raise FileNotFoundError(f"{folder} holds none of {', '.join(names)}")
