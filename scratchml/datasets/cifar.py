"""CIFAR-10 and CIFAR-100 in their binary version: records of fixed length.

    CIFAR-10    1 label byte          + 3072 pixels    data_batch_1.bin ... 5, test_batch.bin
    CIFAR-100   1 coarse, 1 fine byte + 3072 pixels    train.bin, test.bin

The pixels of a record are the red, green and blue planes of a 32 x 32 image, each row by row; they
are returned channels last, as (32, 32, 3).

Source: A. Krizhevsky, Learning multiple layers of features from tiny images (2009), and the
set's web page, "Binary version".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.rules import boolean, check_parameters, option
from scratchml.datasets.bunch import Bunch
from scratchml.datasets.files import malformed, read_bytes

PIXELS = 3 * 32 * 32


class _Layout(NamedTuple):
    subfolder: str
    files: dict[str, list[str]]
    label_bytes: int
    label_column: int
    n_classes: int
    names_file: str


TRAIN10 = [f"data_batch_{i}.bin" for i in range(1, 6)]
TEST10 = ["test_batch.bin"]
FILES10 = {"train": TRAIN10, "test": TEST10, "all": TRAIN10 + TEST10}
FILES100 = {"train": ["train.bin"], "test": ["test.bin"], "all": ["train.bin", "test.bin"]}
CIFAR10 = _Layout("cifar-10-batches-bin", FILES10, 1, 0, 10, "batches.meta.txt")
FINE = _Layout("cifar-100-binary", FILES100, 2, 1, 100, "fine_label_names.txt")
COARSE = _Layout("cifar-100-binary", FILES100, 2, 0, 20, "coarse_label_names.txt")

SUBSET = option("train", "test", "all")


def load_cifar10(path: Any, *, subset: str = "train", return_X_y: bool = False) -> Any:
    """Read CIFAR-10's binary version.

    Parameters
    ----------
    path : str or path-like
        Folder with ``data_batch_1.bin`` ... ``test_batch.bin`` (also with ``.gz``), or the folder
        above; or a single such file.
    subset : {"train", "test", "all"}, default="train"
        The five training batches, the test batch, or both in this order. A single file is read
        whatever this says.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    Bunch
        ``images`` (n_samples, 32, 32, 3) uint8, ``data`` the same memory as (n_samples, 3072),
        ``target`` (n_samples,) int64 in 0..9, ``target_names`` (from ``batches.meta.txt``; None
        without it).

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file's length is no multiple of 3073 bytes or a label is above 9.

    Examples
    --------
    >>> from scratchml.datasets import load_cifar10
    >>> cifar = load_cifar10("cifar-10-batches-bin", subset="test")  # doctest: +SKIP
    >>> cifar.images.shape  # doctest: +SKIP
    (10000, 32, 32, 3)
    """
    rules = {"subset": SUBSET, "return_X_y": boolean()}
    check_parameters(rules, locals(), "load_cifar10")
    return _load(Path(path), CIFAR10, subset, return_X_y)


def load_cifar100(
    path: Any, *, subset: str = "train", labels: str = "fine", return_X_y: bool = False
) -> Any:
    """Read CIFAR-100's binary version.

    Parameters
    ----------
    path : str or path-like
        Folder with ``train.bin`` and ``test.bin`` (also with ``.gz``), or the folder above; or a
        single such file.
    subset : {"train", "test", "all"}, default="train"
        Which part to read. A single file is read whatever this says.
    labels : {"fine", "coarse"}, default="fine"
        The 100 classes or the 20 groups of classes.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    Bunch
        ``images`` (n_samples, 32, 32, 3) uint8, ``data`` the same memory as (n_samples, 3072),
        ``target`` (n_samples,) int64, ``target_names`` (from ``fine_label_names.txt`` or
        ``coarse_label_names.txt``; None without it).

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file's length is no multiple of 3074 bytes or a label is out of range.

    Examples
    --------
    >>> from scratchml.datasets import load_cifar100
    >>> cifar = load_cifar100("cifar-100-binary", labels="coarse")  # doctest: +SKIP
    >>> cifar.target.max()  # doctest: +SKIP
    19
    """
    rules = {"subset": SUBSET, "labels": option("fine", "coarse"), "return_X_y": boolean()}
    check_parameters(rules, locals(), "load_cifar100")
    return _load(Path(path), FINE if labels == "fine" else COARSE, subset, return_X_y)


def _load(path: Path, layout: _Layout, subset: str, return_X_y: bool) -> Any:
    if path.is_file():
        folder, files = path.parent, [path]
    else:
        inner = path / layout.subfolder
        folder = inner if inner.is_dir() else path
        files = [_find(folder, name) for name in layout.files[subset]]
    parts = [_read(file, layout) for file in files]
    target = np.concatenate([labels for labels, _ in parts])
    images = np.concatenate([planes for _, planes in parts]).transpose(0, 2, 3, 1).copy()
    data = images.reshape(len(images), PIXELS)
    if return_X_y:
        return data, target
    names = _names(folder / layout.names_file, layout.n_classes)
    return Bunch(data=data, target=target, images=images, target_names=names)


def _read(file: Path, layout: _Layout) -> tuple[np.ndarray, np.ndarray]:
    """Return labels (n,) int64 and images (n, 3, 32, 32) uint8 of one file."""
    content, name = read_bytes(file)
    size = layout.label_bytes + PIXELS
    n, rest = divmod(len(content), size)
    if n == 0 or rest:
        rule = f"expected records of {size} bytes, got {len(content)} bytes: {n} records + {rest}"
        raise malformed(name, f"byte {n * size}", rule)
    records = np.frombuffer(content, np.uint8).reshape(n, size)
    labels = records[:, layout.label_column].astype(np.int64)
    wrong = np.flatnonzero(labels >= layout.n_classes)
    if wrong.size:
        rule = f"labels go from 0 to {layout.n_classes - 1}, got {labels[wrong[0]]}"
        raise malformed(name, f"byte {wrong[0] * size + layout.label_column}", rule)
    return labels, records[:, layout.label_bytes :].reshape(n, 3, 32, 32)


def _find(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"{folder} holds neither {name} nor {name}.gz")


def _names(file: Path, n_classes: int) -> np.ndarray | None:
    if not file.is_file():
        return None
    names = file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    if len(names) != n_classes:
        raise malformed(str(file), "line 1", f"expected {n_classes} names, got {len(names)}")
    return np.array(names)
