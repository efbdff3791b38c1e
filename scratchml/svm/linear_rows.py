"""Samples of a linear machine, dense or sparse, under one set of loops.

Row i has the entries ``data[indptr[i]:indptr[i + 1]]``. Sparse rows have their columns in
`indices`; dense rows have all columns, and None there, which the compiler takes for a constant: of
each loop below only one half is compiled. The last column is the constant of the intercept, if any.

Sums over samples are made by chunks that depend on the data's size alone, and added in order: the
same bits for any number of threads.
"""

from typing import Any, NamedTuple

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_ENTRIES = 1 << 20  # of a chunk: some 300 us
_MOST_CHUNKS = 16  # each has a sum of its own
_DENSE = 0.4  # share of entries from which on dense rows are faster
_WIDE = 32  # columns from which on this matters


class Rows(NamedTuple):
    """A matrix A (n, q) by rows."""

    indptr: np.ndarray  # (n + 1,) int64
    indices: np.ndarray | None  # (nnz,) int32
    data: np.ndarray  # (nnz,) float64
    width: int  # q


def rows_of(X: Any, constant: float) -> Rows:
    """Return X (n, p), an ndarray or CSR, with a last column of `constant`; none if it is 0.

    Dense rows that are mostly zeros are stored as sparse ones.
    """
    n, p = X.shape
    q = p + (constant != 0)
    if isinstance(X, np.ndarray):
        nonzero = X != 0
        if p >= _WIDE and np.count_nonzero(nonzero) < _DENSE * X.size:
            ends = np.append(0, np.cumsum(np.count_nonzero(nonzero, axis=1)))
            columns = np.flatnonzero(nonzero) % p
            return _sparse(ends, columns.astype(np.int32), X[nonzero], p, constant)
        A = np.empty((n, q))
        A[:, :p] = X
        A[:, p:] = constant
        return Rows(np.arange(n + 1, dtype=np.int64) * q, None, A.reshape(-1), q)
    return _sparse(X.indptr, X.indices, X.data, p, constant)


def _sparse(
    indptr: np.ndarray, indices: np.ndarray, data: np.ndarray, p: int, constant: float
) -> Rows:
    indptr, data = indptr.astype(np.int64, copy=False), data.astype(np.float64, copy=False)
    if constant == 0:
        return Rows(indptr, indices, data, p)
    ends = indptr[1:]
    indices = np.insert(indices, ends, p).astype(np.int32, copy=False)
    return Rows(indptr + np.arange(len(indptr)), indices, np.insert(data, ends, constant), p + 1)


def length(rows: Rows) -> int:
    """Return n."""
    return len(rows.indptr) - 1


def row_chunks(rows: Rows) -> list[tuple[int, int]]:
    """Cut the rows into pieces of some 300 us of work, sixteen at most."""
    n = length(rows)
    pieces = min(_MOST_CHUNKS, len(rows.data) // _ENTRIES + 1)
    return chunk_bounds(n, max(1, -(-n // pieces)))


def squared_norms(rows: Rows) -> np.ndarray:
    """Return ||a_i||^2, (n,)."""
    if rows.indices is None:
        A = rows.data.reshape(-1, rows.width)
        return np.einsum("ij,ij->i", A, A)
    of = np.repeat(np.arange(length(rows)), np.diff(rows.indptr))
    return np.bincount(of, rows.data**2, minlength=length(rows))


def project(rows: Rows, v: np.ndarray) -> np.ndarray:
    """Return A v, (n,)."""
    out = np.empty(length(rows))
    if rows.indices is None:
        project_dense(rows.indptr, rows.data, v, out)
    else:
        project_sparse(rows.indptr, rows.indices, rows.data, v, out)
    return out


def combine(rows: Rows, b: np.ndarray) -> np.ndarray:
    """Return A'b, (q,)."""
    out = np.zeros(rows.width)
    if rows.indices is None:
        combine_dense(rows.indptr, rows.data, b, out)
    else:
        combine_sparse(rows.indptr, rows.indices, rows.data, b, out)
    return out


def take(rows: Rows, chosen: np.ndarray) -> np.ndarray:
    """Return the rows `chosen` with their zeros, (len(chosen), q), a new array."""
    if rows.indices is None:
        return rows.data.reshape(-1, rows.width)[chosen]
    out = np.zeros((len(chosen), rows.width))
    scatter(rows.indptr, rows.indices, rows.data, chosen, out)
    return out


def matrix_sum(task: Any, rows: Rows) -> Any:
    """Return the sum of ``task(start, stop)``, arrays, over the chunks of the rows."""
    parts = parallel_chunks(task, row_chunks(rows))
    total = parts[0]
    for part in parts[1:]:
        total += part
    return total


@jit
def dot_row(indptr, indices, data, i, v):
    """Return a_i'v.

    Entries of a sparse row are added in order: free to reorder, the compiler would gather them into
    vectors, which takes four times as long. An unsigned index is not tested for being negative.
    """
    if indices is None:
        return dot(data[indptr[i] : indptr[i + 1]], v)
    total = 0.0
    for k in range(indptr[i], indptr[i + 1]):
        total += data[k] * v[np.uint32(indices[k])]
    return total


@jit
def add_row(indptr, indices, data, i, step, v):
    """Add step a_i to v."""
    if indices is None:
        add(step, data[indptr[i] : indptr[i + 1]], v)
    else:
        for k in range(indptr[i], indptr[i + 1]):
            v[np.uint32(indices[k])] += step * data[k]


@jit(fastmath=NAN_SAFE_FASTMATH)
def dot(x, v):
    """Return x'v."""
    total = 0.0
    for j in range(x.size):
        total += x[j] * v[j]
    return total


@jit(fastmath=NAN_SAFE_FASTMATH)
def add(step, x, v):
    """Add step x to v."""
    for j in range(x.size):
        v[j] += step * x[j]


@jit("void(const int64[::1], const float64[::1], const float64[::1], float64[::1])")
def project_dense(indptr, data, v, out):
    """out_i = a_i'v."""
    for i in range(out.size):
        out[i] = dot_row(indptr, None, data, i, v)


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const float64[::1], float64[::1])"
)
def project_sparse(indptr, indices, data, v, out):
    """out_i = a_i'v."""
    for i in range(out.size):
        out[i] = dot_row(indptr, indices, data, i, v)


@jit("void(const int64[::1], const float64[::1], const float64[::1], float64[::1])")
def combine_dense(indptr, data, b, out):
    """Add sum_i b_i a_i to out."""
    for i in range(b.size):
        if b[i] != 0.0:
            add_row(indptr, None, data, i, b[i], out)


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const float64[::1], float64[::1])"
)
def combine_sparse(indptr, indices, data, b, out):
    """Add sum_i b_i a_i to out."""
    for i in range(b.size):
        if b[i] != 0.0:
            add_row(indptr, indices, data, i, b[i], out)


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const int64[::1],"
    " float64[:, ::1])"
)
def scatter(indptr, indices, data, chosen, out):
    """Write the rows `chosen` over the zeros of out."""
    for i in range(chosen.size):
        for k in range(indptr[chosen[i]], indptr[chosen[i] + 1]):
            out[i, indices[k]] += data[k]
