"""Writing the svmlight / LIBSVM text format (``svmlight.py`` describes it).

Numbers are written in the fewest digits that read back as the same number.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchml._core.persistence.files import replacing
from scratchml._core.rules import Rule, array_like, boolean, check_parameters, none
from scratchml._core.validation import check_array, check_consistent_length, column_or_1d

RULES = {
    "zero_based": boolean(),
    "comment": none() | Rule("a str", lambda v: isinstance(v, str) and "\0" not in v),
    "query_id": none() | array_like(),
    "multilabel": boolean(),
}


def dump_svmlight_file(
    X: Any,
    y: Any,
    f: Any,
    *,
    zero_based: bool = True,
    comment: str | None = None,
    query_id: Any = None,
    multilabel: bool = False,
) -> None:
    r"""Write samples and labels as an svmlight / LIBSVM file.

    Parameters
    ----------
    X : array-like or SciPy sparse array of shape (n_samples, n_features)
        The samples; zeros are left out. NaN is written as nan.
    y : array-like of shape (n_samples,), or (n_samples, n_labels) with `multilabel`
        Numeric labels; with `multilabel` a label j is written where ``y[i, j]`` is not zero.
    f : str, path-like or binary file
        Where to write. A file at that path is replaced in one step when all has been written.
    zero_based : bool, default=True
        Count columns from 0; False counts from 1, as LIBSVM's own tools expect.
    comment : str or None, default=None
        Text for the head of the file, each line after a ``#`` and a space.
    query_id : array-like of shape (n_samples,) or None, default=None
        Query ids, integers.
    multilabel : bool, default=False
        Whether `y` marks several labels a sample.

    Raises
    ------
    ValueError
        If lengths differ, X holds infinity, or labels or query ids are not numbers.

    Examples
    --------
    >>> import io
    >>> from scratchml.datasets import dump_svmlight_file
    >>> file = io.BytesIO()
    >>> dump_svmlight_file([[0.0, 0.1], [2.0, 0.0]], [1, -1], file)
    >>> file.getvalue()
    b'1 1:0.1\n-1 0:2\n'
    """
    check_parameters(RULES, locals(), "dump_svmlight_file")
    rows = _sparse_rows(X) if hasattr(X, "tocsr") else _dense_rows(_numeric(X, "X", 2))
    n = X.shape[0] if hasattr(X, "tocsr") else len(X)
    y = _numeric(y, "y", 2) if multilabel else _numeric(column_or_1d(y), "y", 1)
    if query_id is not None:
        query_id = column_or_1d(query_id, name="query_id")
        if query_id.dtype.kind not in "iu":
            raise ValueError(f"query_id must hold integers, got dtype {query_id.dtype}.")
    check_consistent_length(X=np.empty(n), y=y, query_id=query_id)

    def lines() -> Iterator[bytes]:
        if comment is not None:
            head = f"Column indices are {'zero' if zero_based else 'one'}-based"
            yield from (f"# {line}\n".encode() for line in [head, *comment.splitlines()])
        for i, (indices, values) in enumerate(rows):
            label = _labels(y[i]) if multilabel else _text(y[i].item())
            query = "" if query_id is None else f" qid:{query_id[i]}"
            pairs = zip((indices + (not zero_based)).tolist(), values, strict=True)
            features = "".join(f" {j}:{_text(value)}" for j, value in pairs)
            yield f"{label}{query}{features}\n".encode()

    if hasattr(f, "write"):
        f.writelines(lines())
    else:
        with replacing(os.path.realpath(os.fsdecode(f))) as file:
            file.writelines(lines())


def _numeric(values: Any, name: str, ndim: int) -> np.ndarray:
    array = np.asarray(values)
    kept = array.dtype if array.dtype.kind in "iu" else (np.float64, np.float32)
    return check_array(array, name=name, dtype=kept, ndim=ndim, allow_nan=name == "X")


def _dense_rows(X: np.ndarray) -> Iterator[tuple[np.ndarray, list]]:
    for row in X:
        indices = np.flatnonzero(row)
        yield indices, _shortest(row[indices])


def _sparse_rows(X: Any) -> Iterator[tuple[np.ndarray, list]]:
    csr = X.tocsr().copy()
    csr.sum_duplicates()  # sorts the indices too
    data = _numeric(csr.data, "X", 1) if csr.nnz else csr.data
    for start, stop in zip(csr.indptr[:-1], csr.indptr[1:], strict=True):
        yield csr.indices[start:stop], _shortest(data[start:stop])


def _shortest(values: np.ndarray) -> list:
    """Return Python numbers whose repr is the shortest that reads back; float32 by its own."""
    if values.dtype == np.float32:
        return [float(str(value)) for value in values]
    return values.tolist()


def _labels(row: np.ndarray) -> str:
    return ",".join(str(j) for j in np.flatnonzero(row))


def _text(value: float) -> str:
    return repr(value).removesuffix(".0")
