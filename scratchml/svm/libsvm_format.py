"""LIBSVM's model files: text, a header, then a support vector a line.

    svm_type c_svc            or nu_svc, one_class, epsilon_svr, nu_svr
    kernel_type rbf           or linear, polynomial, sigmoid, precomputed
    degree 3                  of polynomial
    gamma 0.5                 of polynomial, rbf, sigmoid
    coef0 0                   of polynomial, sigmoid
    nr_class 3                2 unless it tells classes apart
    total_sv 7
    rho 0.1 0.2 0.3           one for each pair of classes, or one
    label 2 1 3               the classes, integers, in the order that they were met in
    nr_sv 3 2 2               support vectors of each
    SV
    0.25 -1 1:0.5 4:2         k - 1 coefficients (or one), then index:value, indices from 1

The machine of the classes i < j, by their places in `label`, says d > 0 for i:

    d(x) = sum over support vectors of coefficient K(x_s, x) - rho

and keeps its coefficients as `votes` says: a vector of class c has its coefficient against a class
j > c in row j - 1, against i < c in row i. With a precomputed kernel a vector is `0:i`, number i of
the training samples, from 1. The parameters of probabilities (probA, probB, prob_density_marks)
belong to ``svm-predict -b 1``; they are checked and left.

Source: C.-C. Chang, C.-J. Lin, LIBSVM 3.3, svm.cpp (svm_save_model, svm_load_model) and README.
"""

from __future__ import annotations

import io
import math
from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from scratchml.datasets.files import malformed
from scratchml.datasets.svmlight_parse import Parsed, check_indices, numbers
from scratchml.svm.libsvm_words import (
    LARGEST,
    counts,
    finite,
    floats,
    ints,
    not_negative,
    one_count,
    one_float,
    one_of,
)

TYPES = {
    "c_svc": "SVC",
    "nu_svc": "NuSVC",
    "one_class": "OneClassSVM",
    "epsilon_svr": "SVR",
    "nu_svr": "NuSVR",
}
KERNELS = {
    "linear": "linear",
    "polynomial": "poly",
    "rbf": "rbf",
    "sigmoid": "sigmoid",
    "precomputed": "precomputed",
}
NEEDS = {
    "polynomial": ("degree", "gamma", "coef0"),
    "rbf": ("gamma",),
    "sigmoid": ("gamma", "coef0"),
}


class LibsvmModel(NamedTuple):
    """A model as its file tells it; row i of the support vectors is indptr[i] to indptr[i + 1]."""

    svm_type: str
    kernel_type: str
    degree: int
    gamma: float
    coef0: float
    rho: np.ndarray  # (P,)
    labels: list[int]  # (k,), empty if there are no classes
    n_support: np.ndarray  # (k,) int64, or (1,)
    coef: np.ndarray  # (k - 1, n) or (1, n)
    indices: np.ndarray  # (nnz,) int64, as in the file
    values: np.ndarray  # (nnz,)
    indptr: np.ndarray  # (n + 1,) int64


def read_model(content: bytes, name: str) -> LibsvmModel:
    """Return the model in a file's content, or raise ValueError that names line and rule."""
    lines = enumerate(io.BytesIO(content), 1)
    header, at = _header(lines, name)
    try:
        n_rows = _check_header(header)
    except ValueError as error:
        raise malformed(name, f"line {at}", f"the header ends, but {error}") from None
    n = header["total_sv"]
    coefs, indices, values = array("d"), array("q"), array("d")
    numbered, indptr = array("q"), array("q", [0])
    for number, line in lines:
        words = line.split()
        if not words:
            continue
        try:
            if len(indptr) > n:
                raise ValueError(f"expected an end after total_sv = {n} support vectors")
            if b"_" in line:  # Python reads 1_000 as a number, the format does not
                raise ValueError("expected numbers without underscores")
            coefs.extend(finite(words[:n_rows], f"{n_rows} coefficient(s)", n_rows))
            row_indices, row_values = numbers(words[n_rows:])
            if not all(map(math.isfinite, row_values)):
                raise ValueError("expected finite values")
            indices.extend(row_indices)
            values.extend(row_values)
        except (ValueError, OverflowError) as error:
            raise malformed(name, f"line {number}", str(error)[:160]) from None
        numbered.append(number)
        indptr.append(len(indices))
    if len(numbered) < n:
        found = f"total_sv = {n} support vectors, but the file ends after {len(numbered)}"
        raise malformed(name, f"line {numbered[-1] if numbered else at}", f"expected {found}")
    rows = Parsed(name, len(content), None, *map(np.array, (numbered, indices, values, indptr)))
    check_indices(rows, numbered)
    _check_rows(rows, numbered, header["kernel_type"] == "precomputed")
    return LibsvmModel(
        header["svm_type"],
        header["kernel_type"],
        header.get("degree", 3),
        header.get("gamma", 0.0),
        header.get("coef0", 0.0),
        np.array(header["rho"]),
        header.get("label", []),
        np.array(header.get("nr_sv", [n]), dtype=np.int64),
        np.array(coefs).reshape(n, n_rows).T,
        *rows[4:],
    )


def write_model(model: LibsvmModel) -> Iterator[bytes]:
    """Yield the lines of a model's file."""
    yield f"svm_type {model.svm_type}\nkernel_type {model.kernel_type}\n".encode()
    for key in NEEDS.get(model.kernel_type, ()):
        yield f"{key} {getattr(model, key):.17g}\n".encode()
    n = len(model.indptr) - 1
    yield f"nr_class {len(model.labels) or 2}\ntotal_sv {n}\n".encode()
    yield f"rho {_text(model.rho)}\n".encode()
    if model.labels:
        yield f"label {' '.join(map(str, model.labels))}\n".encode()
        yield f"nr_sv {' '.join(map(str, model.n_support.tolist()))}\n".encode()
    yield b"SV\n"
    for i in range(n):
        row = slice(model.indptr[i], model.indptr[i + 1])
        pairs = zip(model.indices[row].tolist(), model.values[row].tolist(), strict=True)
        features = "".join(f" {j}:{value:.17g}" for j, value in pairs)
        yield f"{_text(model.coef[:, i])}{features}\n".encode()


def _header(lines: Iterator[tuple[int, bytes]], name: str) -> tuple[dict[str, Any], int]:
    """Return the header's entries up to the line "SV", and that line's number."""
    header: dict[str, Any] = {}
    number = 0
    for number, line in lines:
        words = line.split()
        if not words:
            continue
        key = words[0].decode("ascii", "replace")
        if key == "SV" and len(words) == 1:
            return header, number
        try:
            if key not in READERS:
                raise ValueError(f"expected an entry of the header or SV, got {key[:40]!r}")
            if key in header:
                raise ValueError(f"expected {key} once")
            header[key] = READERS[key](words[1:])
        except ValueError as error:
            raise malformed(name, f"line {number}", str(error)) from None
    raise malformed(name, f"line {number}", "the file ends before the line SV")


def _check_header(header: dict[str, Any]) -> int:
    """Return the number of coefficients of a support vector; raise ValueError if parts disagree."""
    kernel_needs = NEEDS.get(header.get("kernel_type", ""), ())
    for key in ("svm_type", "kernel_type", "nr_class", "total_sv", "rho", *kernel_needs):
        if key not in header:
            raise ValueError(f"the entry {key} is missing")
    k, n, tells_classes = header["nr_class"], header["total_sv"], header["svm_type"].endswith("svc")
    if not tells_classes:
        if k != 2 or len(header["rho"]) != 1 or "label" in header or "nr_sv" in header:
            raise ValueError(
                f"{header['svm_type']} has nr_class 2, one rho, and neither label nor nr_sv"
            )
        return 1
    if k < 2 or len(header["rho"]) != k * (k - 1) // 2:
        raise ValueError(f"nr_class is {k} and rho has {len(header['rho'])} values, not one a pair")
    for key in ("label", "nr_sv"):
        if len(header.get(key, ())) != k:
            raise ValueError(f"{key} does not have nr_class = {k} values")
    if len(set(header["label"])) < k:
        raise ValueError("label holds a class twice")
    if sum(header["nr_sv"]) != n:
        raise ValueError(f"nr_sv sums to {sum(header['nr_sv'])}, not to total_sv = {n}")
    return k - 1


def _check_rows(rows: Parsed, lines: Any, precomputed: bool) -> None:
    """Raise ValueError at the first support vector with an index that the kernel does not have."""
    if precomputed:
        entries = np.diff(rows.indptr)
        whole = np.trunc(rows.values) == rows.values
        good = (entries == 1) if (entries != 1).any() else (rows.indices == 0) & whole
        good &= True if (entries != 1).any() else (rows.values >= 1) & (rows.values <= LARGEST)
        rule = "expected 0:i, the number of a training sample from 1"
        at = int(np.argmin(good)) if len(good) and not good.all() else -1
    else:
        good = (rows.indices >= 1) & (rows.indices <= LARGEST)
        rule = f"expected indices from 1 to {LARGEST}"
        wrong = int(np.argmin(good)) if len(good) and not good.all() else -1
        at = int(np.searchsorted(rows.indptr, wrong, side="right")) - 1 if wrong >= 0 else -1
    if at >= 0:
        raise malformed(rows.name, f"line {lines[at]}", rule)


def _text(values: np.ndarray) -> str:
    return " ".join([f"{value:.17g}" for value in values.tolist()])


READERS: dict[str, Any] = {
    "svm_type": one_of(TYPES),
    "kernel_type": one_of(KERNELS),
    "degree": one_count,
    "gamma": not_negative,
    "coef0": one_float,
    "nr_class": one_count,
    "total_sv": one_count,
    "rho": floats,
    "label": ints,
    "nr_sv": counts,
    "probA": floats,
    "probB": floats,
    "prob_density_marks": floats,
}
