"""Sparse samples that a kernel compares, never written out with their zeros.

Every kernel of `kernel_functions` is a function of x'y, ||x||^2 and ||y||^2. Some rows x at a time
are multiplied with all y (`sparse_products`), and the products turned into kernel values where
they lie. No centre is subtracted, as `dense_rows` does for rbf: nothing would be zero then.

Work is divided by numbers of samples alone, so all results have the same bits for any number of
threads. Python without a compiler goes along the entries of all y with one x at a time, in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml._core.jit import compiler, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.svm.kernel_blocks import WIDTH, apply_kernel
from scratchml.svm.kernel_functions import Kernel, from_products
from scratchml.svm.sparse_products import feature_lists, fill_products, squared_norms

_PAIRS = 1 << 18  # of a chunk: some 500 us of work,
_FEWEST = 8  # and at least as many rows: a line of the cache, for `mirror`


class SparseRows:
    """Samples in compressed sparse rows, and the kernel that compares them.

    Parameters
    ----------
    kernel : Kernel
        What K is.
    indptr : ndarray of int64, shape (n + 1,)
        Row i has the entries from ``indptr[i]`` to ``indptr[i + 1]``.
    indices : ndarray of int32, shape (nnz,)
        Their features, ascending in each row.
    data : ndarray of float64, shape (nnz,)
        Their values.
    n_features : int
        d.
    """

    def __init__(
        self,
        kernel: Kernel,
        indptr: np.ndarray,
        indices: np.ndarray,
        data: np.ndarray,
        n_features: int,
    ) -> None:
        self.kernel = kernel
        self.indptr = indptr
        self.indices = indices
        self.data = data
        self.n_features = n_features

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def take(self, index: np.ndarray) -> SparseRows:
        """Return the samples at `index`, which may repeat."""
        first, length = self.indptr[index], np.diff(self.indptr)[index]
        indptr = np.zeros(len(length) + 1, dtype=np.int64)
        np.cumsum(length, out=indptr[1:])
        entries = np.repeat(first - indptr[:-1], length) + np.arange(indptr[-1])
        return self._with(indptr, self.indices[entries], self.data[entries])

    def like(self, X: Any) -> SparseRows:
        """Return other samples, to be compared with these: X has indptr, indices and data."""
        return self._with(X.indptr, X.indices, X.data)

    def _with(self, indptr: np.ndarray, indices: np.ndarray, data: np.ndarray) -> SparseRows:
        return SparseRows(self.kernel, indptr, indices, data, self.n_features)

    @cached_property
    def squares(self) -> np.ndarray:
        """||x||^2 of each sample, (n,)."""
        squares = np.empty(len(self))
        if compiler(needed=False) is None:
            squares[:] = np.bincount(self._row_of, self.data * self.data, len(self))
        else:
            squared_norms(self.indptr, self.data, squares)
        return squares

    @cached_property
    def _row_of(self) -> np.ndarray:
        """The row of each entry, (nnz,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    @cached_property
    def _lists(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The entries by feature: where each one's list begins (d + 1,), rows and values (nnz,)."""
        return feature_lists(self.indptr, self.indices, self.data, self.n_features)

    def diagonal(self) -> np.ndarray:
        """Return K(x, x) of each sample, (n,)."""
        if self.kernel.name == "rbf":
            return np.ones(len(self))
        K = self.squares[:, None].copy()
        self._apply(K, self.squares, self.squares[:1])
        return K[:, 0]

    def block(self, other: SparseRows, out: np.ndarray | None = None) -> np.ndarray:
        """Return K of every sample here and every one there, (len(self), len(other))."""
        K = np.empty((len(self), len(other))) if out is None else out
        self._run(other, lambda i, j: self._fill(i, j, other, len(other), K[i:j]))
        return K

    def gram(self) -> np.ndarray:
        """Return K of every pair, (n, n), symmetric to the bit: computed on one side only."""
        K = np.empty((len(self), len(self)))

        def rows(start: int, stop: int) -> None:
            self._fill(start, stop, self, stop, K[start:stop])
            mirror(K, start, stop)

        self._run(self, rows)
        return K

    def expansion(self, other: SparseRows, coef: np.ndarray) -> np.ndarray:
        """Return sum_j K(x_i, y_j) coef[j, c] over the samples y_j of `other`, (len(self), m)."""
        out = np.empty((len(self), coef.shape[1]))
        if self.kernel.name == "linear":  # X (Y'c): no kernel value at all
            for c in range(coef.shape[1]):
                terms = other.data * coef[other._row_of, c]
                w = np.bincount(other.indices, terms, self.n_features)
                out[:, c] = np.bincount(self._row_of, self.data * w[self.indices], len(self))
            return out

        def rows(start: int, stop: int) -> None:
            K = np.empty((stop - start, len(other)))
            self._fill(start, stop, other, len(other), K)
            np.matmul(K, coef, out=out[start:stop])

        with one_blas_thread():
            self._run(other, rows)
        return out

    def _run(self, other: SparseRows, task: Callable[[int, int], None]) -> None:
        """Call the task for chunks of these rows, each to be compared with all or many others."""
        if compiler(needed=False) is not None:
            _ = self.squares, other.squares, other._lists  # made once, not by every thread
        bounds = chunk_bounds(len(self), max(_FEWEST, _PAIRS // max(len(other), 1)))
        parallel_chunks(task, bounds)

    def _fill(self, start: int, stop: int, other: SparseRows, m: int, K: np.ndarray) -> None:
        """Write K of the rows from start to stop with the first m of the others to K[:, :m]."""
        indptr = self.indptr[start : stop + 1]
        if compiler(needed=False) is None:
            self._multiply_in_numpy(indptr, other, m, K)
        else:
            fill_products(indptr, self.indices, self.data, *other._lists, m, K)
        self._apply(K, self.squares[start:stop], other.squares[:m])

    def _apply(self, K: np.ndarray, squares: np.ndarray, other_squares: np.ndarray) -> None:
        """Turn products in the first columns of K into kernel values."""
        if compiler(needed=False) is None:
            from_products(self.kernel, K[:, : len(other_squares)], squares, other_squares)
        elif self.kernel.name != "linear":
            work = np.zeros((3, WIDTH))
            apply_to_rows(self.kernel.parameters(), squares, other_squares, work, K)

    def _multiply_in_numpy(
        self, indptr: np.ndarray, other: SparseRows, m: int, out: np.ndarray
    ) -> None:
        """Write the products of rows with the first m others, one row at a time."""
        x, end = np.zeros(self.n_features), other.indptr[m]
        for i, (first, last) in enumerate(pairwise(indptr)):
            x[self.indices[first:last]] = self.data[first:last]
            terms = x[other.indices[:end]] * other.data[:end]
            out[i, :m] = np.bincount(other._row_of[:end], weights=terms, minlength=m)
            x[self.indices[first:last]] = 0.0


@jit(
    "void(const float64[::1], const float64[::1], const float64[::1], float64[:, ::1], "
    "float64[:, ::1])"
)
def apply_to_rows(parameters, a_squares, b_squares, work, out):
    """Turn the products in the first columns of `out`, one for each of `b_squares`, into K."""
    norms, values = work[0], work[2]
    m = len(b_squares)
    for start in range(0, m, WIDTH):
        width = min(WIDTH, m - start)
        for j in range(width):
            norms[j] = b_squares[start + j]
        for i in range(len(out)):
            line = out[i, start : start + width]
            for j in range(width):
                values[j] = line[j]
            apply_kernel(parameters, a_squares[i], work, 2)
            for j in range(width):
                line[j] = values[j]


@jit("void(float64[:, ::1], int64, int64)")
def mirror(K, start, stop):
    """Copy what stands left of column `start` in the rows from start to stop to above it."""
    for left in range(0, start, 8):  # whole lines of the cache on both sides
        right = min(left + 8, start)
        for j in range(left, right):
            for i in range(start, stop):
                K[j, i] = K[i, j]
