"""svmlight / LIBSVM files to arrays; ``svmlight_parse.py`` describes the format and reads lines.

A sparse file can name a huge matrix in a few bytes, so a dense one out of proportion to the file
is made only for a caller who says `n_features`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchml._core.rules import Rule, boolean, check_parameters, integer, none, option
from scratchml.datasets.files import SMALL
from scratchml.datasets.svmlight_parse import Parsed, parse

RULES = {
    "n_features": integer(1) | none(),
    "dtype": Rule("a float dtype", lambda v: np.dtype(v).kind == "f"),
    "multilabel": boolean(),
    "zero_based": boolean() | option("auto"),
    "query_id": boolean(),
    "sparse": boolean(),
}

DENSE_GROWTH = 64  # a dense array beyond this many times the text, and beyond SMALL, needs a word


def load_svmlight_file(
    f: Any,
    *,
    n_features: int | None = None,
    dtype: Any = np.float64,
    multilabel: bool = False,
    zero_based: bool | str = "auto",
    query_id: bool = False,
    sparse: bool = False,
) -> tuple:
    r"""Read an svmlight / LIBSVM file.

    Parameters
    ----------
    f : str, path-like or binary file
        The file; it may be compressed with gzip, bzip2 or xz.
    n_features : int or None, default=None
        Number of columns. None takes the largest index found; give it for a test set.
    dtype : float dtype, default=np.float64
        Of X.
    multilabel : bool, default=False
        Labels are lists.
    zero_based : bool or "auto", default="auto"
        Whether the first column has index 0 or 1 in the file. "auto" says 1 if no 0 occurs.
    query_id : bool, default=False
        Also return the query ids.
    sparse : bool, default=False
        Return X as a SciPy CSR array (SciPy must be installed) instead of a dense one.

    Returns
    -------
    X : ndarray or scipy.sparse.csr_array of shape (n_samples, n_features)
        The samples.
    y : ndarray of shape (n_samples,), float64, or list of tuples of float
        The labels; tuples in rising order with `multilabel`.
    query_id : ndarray of shape (n_samples,), int64
        Only with ``query_id=True``.

    Raises
    ------
    ValueError
        If a line breaks the format, an index exceeds `n_features`, a query id is missing that was
        asked for, or a dense X would be out of proportion to the file.
    ImportError
        If `sparse` is True and SciPy is not installed.

    Examples
    --------
    >>> import io
    >>> from scratchml.datasets import load_svmlight_file
    >>> X, y = load_svmlight_file(io.BytesIO(b"1 1:0.5 3:2\n-1 2:1  # comment\n"))
    >>> X.tolist(), y.tolist()
    ([[0.5, 0.0, 2.0], [0.0, 1.0, 0.0]], [1.0, -1.0])
    """
    options = {k: v for k, v in locals().items() if k != "f"}
    return tuple(load_svmlight_files([f], **options))


def load_svmlight_files(
    files: Sequence[Any],
    *,
    n_features: int | None = None,
    dtype: Any = np.float64,
    multilabel: bool = False,
    zero_based: bool | str = "auto",
    query_id: bool = False,
    sparse: bool = False,
) -> list:
    r"""Read several svmlight files that share their columns, such as a training and a test set.

    Parameters
    ----------
    files : sequence of str, path-like or binary file
        The files.
    n_features : int or None, default=None
        Number of columns. None takes the largest index found in any file.
    dtype : float dtype, default=np.float64
        Of the X.
    multilabel : bool, default=False
        Labels are lists.
    zero_based : bool or "auto", default="auto"
        Whether the first column has index 0 or 1. "auto" says 1 if no 0 occurs in any file.
    query_id : bool, default=False
        Also return the query ids.
    sparse : bool, default=False
        Return each X as a SciPy CSR array (SciPy must be installed) instead of a dense one.

    Returns
    -------
    list
        ``[X1, y1, X2, y2, ...]``, or ``[X1, y1, query_id1, ...]`` with ``query_id=True``; each as
        `load_svmlight_file` returns it.

    Raises
    ------
    ValueError
        As `load_svmlight_file`.
    ImportError
        If `sparse` is True and SciPy is not installed.

    Examples
    --------
    >>> import io
    >>> from scratchml.datasets import load_svmlight_files
    >>> train, test = io.BytesIO(b"1 1:2 2:3\n"), io.BytesIO(b"0 1:4\n")
    >>> X, y, X_test, y_test = load_svmlight_files([train, test])
    >>> X_test.tolist()
    [[4.0, 0.0]]
    """
    check_parameters(RULES, locals(), "load_svmlight_files")
    parsed = [parse(f, multilabel, query_id) for f in files]
    starts_at_zero = zero_based is True or (
        zero_based == "auto" and not all(p.indices.size and p.indices.min() > 0 for p in parsed)
    )
    width = _width(parsed, 0 if starts_at_zero else 1, n_features)
    result: list[Any] = []
    for p in parsed:
        indices = p.indices if starts_at_zero else p.indices - 1
        if sparse:
            X = _csr(p, indices, width, dtype)
        else:
            if n_features is None:
                _check_dense_size(p, width, np.dtype(dtype).itemsize)
            X = np.zeros((len(p.labels), width), dtype=dtype)
            X[np.repeat(np.arange(len(X)), np.diff(p.indptr)), indices] = p.values
        result += [X, p.labels, p.queries] if query_id else [X, p.labels]
    return result


def _width(parsed: list[Parsed], base: int, n_features: int | None) -> int:
    """Return the number of columns; `base` is the first column's index."""
    found = 0
    for p in parsed:
        if p.indices.size:
            if p.indices.min() < base:
                raise ValueError(f"{p.name} holds index 0, but zero_based=False was passed.")
            found = max(found, int(p.indices.max()) + 1 - base)
    if n_features is not None and n_features < found:
        raise ValueError(
            f"n_features was set to {n_features}, but {parsed[0].name} needs {found} features."
            if len(parsed) == 1
            else f"n_features was set to {n_features}, but the files need {found} features."
        )
    return n_features or max(found, 1)


def _check_dense_size(p: Parsed, width: int, itemsize: int) -> None:
    needed = len(p.labels) * width * itemsize
    if needed > max(SMALL, DENSE_GROWTH * p.size):
        raise ValueError(
            f"{p.name}: a dense array of shape ({len(p.labels)}, {width}) takes {needed} bytes for "
            f"{p.size} bytes of text; pass sparse=True, or n_features={width} to say it is meant."
        )


def _csr(p: Parsed, indices: np.ndarray, width: int, dtype: Any) -> Any:
    try:
        from scipy import sparse  # an option only: the project itself does without SciPy
    except ImportError as error:
        raise ImportError(
            "load_svmlight_file(sparse=True) needs SciPy, which is not installed: pip install scipy"
        ) from error
    shape = (len(p.labels), width)
    return sparse.csr_array((p.values.astype(dtype, copy=False), indices, p.indptr), shape)
