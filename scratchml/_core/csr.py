"""Sparse rows in three arrays (compressed sparse rows, CSR), taken from SciPy, if that is there.

A matrix of SciPy's exists only where SciPy is loaded, so a look into `sys.modules` tells whether an
argument is one. What comes in is brought into one form, on copies where that takes any: in each row
the columns ascend and none stands twice. Kernels rely on it, and that all columns exist; they
would read past their arrays if one did not, so even SciPy's word is not taken for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.conversion import as_ndarray

_MOST_COLUMNS = np.iinfo(np.int32).max


class CSR:
    """A matrix (n, d) of which only some entries are stored; the others are zero.

    Row i has the values ``data[indptr[i]:indptr[i + 1]]`` in the columns
    ``indices[indptr[i]:indptr[i + 1]]``, which ascend.

    Parameters
    ----------
    data : ndarray of float64 or float32, shape (nnz,)
        Stored values; a stored zero is as good as none.
    indices : ndarray of int32, shape (nnz,)
        Their columns.
    indptr : ndarray of int64, shape (n + 1,)
        Where each row begins, and the end.
    shape : tuple of int
        n and d.
    """

    ndim = 2
    __array_ufunc__ = None  # so that array @ CSR comes here

    def __init__(
        self, data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, shape: tuple[int, int]
    ) -> None:
        self.data = data
        self.indices = indices
        self.indptr = indptr
        self.shape = shape

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the values."""
        return self.data.dtype

    @property
    def nnz(self) -> int:
        """Number of stored values."""
        return len(self.data)

    def __repr__(self) -> str:
        return f"CSR(shape={self.shape}, nnz={self.nnz}, dtype={self.dtype})"

    def problem(self) -> str:
        """Say what keeps the arrays from being those of a CSR, or return ""."""
        kinds = self.data.dtype.kind, self.indices.dtype, self.indptr.dtype
        if kinds != ("f", np.int32, np.int64) or self.data.ndim != 1:
            return f"its arrays are of {self.data.dtype}, {self.indices.dtype}, {self.indptr.dtype}"
        problem = broken_rows(self.nnz, self.indices, self.indptr, self.shape)
        if problem or self.nnz != len(self.indices) or self.nnz != self.indptr[-1]:
            return problem or f"it has {self.nnz} values, {len(self.indices)} columns"
        return "" if in_order(self.indices, self.indptr) else "the columns of a row do not ascend"

    def var(self) -> float:
        """Return the variance of all n d entries, the zeros included."""
        size = self.shape[0] * self.shape[1]
        mean = self.data.sum(dtype=np.float64) / size
        zeros = (size - self.nnz) * mean**2
        return float((np.square(self.data - mean).sum(dtype=np.float64) + zeros) / size)

    def __getitem__(self, rows: np.ndarray | slice) -> CSR:
        """Return rows, given as an array of their places, which may repeat, or as a slice."""
        first, length = self.indptr[:-1][rows], np.diff(self.indptr)[rows]
        indptr = np.concatenate([[0], np.cumsum(length)])
        entries = np.repeat(first - indptr[:-1], length) + np.arange(indptr[-1])
        shape = len(length), self.shape[1]
        return CSR(self.data[entries], self.indices[entries], indptr, shape)

    def __matmul__(self, W: np.ndarray) -> np.ndarray:
        """Return the product with an array (d, m), (n, m), in float64."""
        out, row_of = np.empty((self.shape[0], W.shape[1])), self._rows()
        for c, w in enumerate(W.T):
            out[:, c] = np.bincount(row_of, self.data * w[self.indices], self.shape[0])
        return out

    def __rmatmul__(self, A: np.ndarray) -> np.ndarray:
        """Return the product of an array (m, n) with this matrix, (m, d), in float64."""
        out, row_of = np.empty((len(A), self.shape[1])), self._rows()
        for i, a in enumerate(A):
            out[i] = np.bincount(self.indices, self.data * a[row_of], self.shape[1])
        return out

    def _rows(self) -> np.ndarray:
        """Return the row of each entry, (nnz,)."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))

    def setflags(self, write: bool) -> None:
        """Make the arrays writable or read-only."""
        for array in (self.data, self.indices, self.indptr):
            array.setflags(write=write)

    def toarray(self) -> np.ndarray:
        """Return the matrix with its zeros, (n, d)."""
        dense = np.zeros(self.shape, dtype=self.dtype)
        dense[self._rows(), self.indices] = self.data
        return dense

    def to_scipy(self) -> Any:
        """Return SciPy's ``csr_matrix``, which shares the values.

        Raises
        ------
        ImportError
            If SciPy is not installed: then the matrix came from a model file.
        """
        from scipy.sparse import csr_matrix  # who passed such a matrix has SciPy

        return csr_matrix((self.data, self.indices, self.indptr), shape=self.shape)


def csr_of_scipy(X: Any, dtype: Any, name: str) -> CSR:
    """Return a matrix of SciPy's, of any format, as CSR with values of a dtype asked for.

    Parameters
    ----------
    X : SciPy sparse matrix or array of shape (n, d)
        Left as it is; the result shares what is in the right form already.
    dtype : dtype, tuple of dtypes or None
        As for `check_array`.
    name : str
        The argument's name, for messages.

    Raises
    ------
    ValueError
        If the indices are not those of a matrix of this shape, or the values are no numbers.
    """
    rows = X.tocsr()
    shape = int(rows.shape[0]), int(rows.shape[1])
    indptr, indices = np.asarray(rows.indptr), np.asarray(rows.indices)
    problem = broken_rows(len(rows.data), indices, indptr, shape)
    if problem:
        raise ValueError(f"{name} is not a valid sparse matrix: {problem}.")
    nnz = int(indptr[-1])  # what lies behind belongs to no row
    if not in_order(indices[:nnz], indptr):
        rows = rows.copy()
        rows.sum_duplicates()  # sorts too
        indptr, indices, nnz = rows.indptr, rows.indices, rows.indptr[-1]
    data = np.require(as_ndarray(rows.data[:nnz], dtype, name), requirements=["C", "A"])
    return CSR(
        data,
        np.require(indices[:nnz], dtype=np.int32, requirements=["C", "A"]),
        np.require(indptr, dtype=np.int64, requirements=["C", "A"]),
        shape,
    )


def csr_of_dense(X: np.ndarray) -> CSR:
    """Return an array (n, d) of float64 or float32 as CSR, without its zeros."""
    rows, columns = np.nonzero(X)
    indptr = np.zeros(len(X) + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=len(X)), out=indptr[1:])
    return CSR(X[rows, columns], columns.astype(np.int32), indptr, (len(X), X.shape[1]))


def broken_rows(
    n_values: int, indices: np.ndarray, indptr: np.ndarray, shape: tuple[int, int]
) -> str:
    """Say what keeps two index arrays from being those of a matrix, or return "".

    Parameters
    ----------
    n_values : int
        Number of stored values.
    indices, indptr : ndarray
        Any.
    shape : tuple of int
        Rows and columns.
    """
    n, d = shape
    for array, what in ((indptr, "indptr"), (indices, "indices")):
        if array.ndim != 1 or array.dtype.kind not in "iu":
            return f"{what} must be a 1d array of integers"
    if d > _MOST_COLUMNS:
        return f"it has {d} columns, at most {_MOST_COLUMNS} are supported"
    if len(indptr) != n + 1:
        return f"indptr must have {n + 1} elements, one more than rows, got {len(indptr)}"
    if indptr[0] != 0 or (indptr[1:] < indptr[:-1]).any():
        return "indptr must begin with 0 and never fall"
    nnz = int(indptr[-1])
    if nnz > min(n_values, len(indices)):
        return f"indptr ends with {nnz}, beyond the {min(n_values, len(indices))} stored values"
    if nnz and (indices[:nnz].min() < 0 or indices[:nnz].max() >= d):
        bad = indices[:nnz].min() if indices[:nnz].min() < 0 else indices[:nnz].max()
        return f"column indices must lie in [0, {d - 1}], got {bad}"
    return ""


def in_order(indices: np.ndarray, indptr: np.ndarray) -> bool:
    """Return whether the columns of every row ascend, none twice."""
    rises = np.empty(len(indices) + 1, dtype=bool)
    rises[1:-1] = indices[1:] > indices[:-1]
    rises[indptr] = True  # the first column of a row follows no other
    return bool(rises[1:-1].all()) if len(indices) else True
