"""Sparse samples that a kernel compares, never written out with their zeros.

Every kernel of `kernel_functions` is a function of x'y, ||x||^2 and ||y||^2, and only features that
are not zero in both x and y count in x'y. There are two ways to the products of rows x with all y:

    by column    for each entry x_f, go down the list of those y with a feature f: as many steps as
                 there are common features (`products_by_column`); best where these are few
    by panel     write eight rows x into a table (d, 8) and go along each y; a step does eight
                 products at once (`products_by_panel`); best where features are common

Both add the features of a pair in their order, one after another, so it is the same sum to the
bit, whichever way is taken and whoever of the two is x: K(x, y) = K(y, x), and the rbf kernel of a
sample with itself is exactly 1, as ||x||^2 is added in this order too. So does `kernel_blocks`, and
products of sparse and of dense samples are the same. But for rbf, no centre is subtracted as in
`dense_rows`, for nothing would be zero then.

By column and by panel, the product of a pair took these nanoseconds: tf-idf of 10,662 sentences
1.1 and 4.9; one-hot coded columns of a census 7.9 and 3.2; MNIST 50 and 30. So a step down a list
costs about 0.3 times the number of entries of a y, and the cheaper way is known before it is taken.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml._core.jit import compiler, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.svm.kernel_blocks import WIDTH, apply_kernel
from scratchml.svm.kernel_functions import Kernel, from_products

PANEL = 8  # rows x at once: a line of the cache
_PAIRS = 1 << 18  # of a chunk: at least some 200 us of work
_CONTRACT = frozenset({"contract"})
_STEP = 0.3  # what a step down a list costs, in entries by panel; measured


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
        if compiler(needed=False) is None:
            return np.bincount(self._row_of, weights=self.data * self.data, minlength=len(self))
        squares = np.empty(len(self))
        squared_norms(self.indptr, self.data, squares)
        return squares

    @cached_property
    def _row_of(self) -> np.ndarray:
        """The row of each entry, (nnz,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    @cached_property
    def _lists(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The entries by feature: where each one's list begins (d + 1,), rows and values (nnz,)."""
        counts = np.bincount(self.indices, minlength=self.n_features)
        starts = np.concatenate([[0], np.cumsum(counts)])
        rows, values = np.empty_like(self.indices), np.empty_like(self.data)
        fill_lists(self.indptr, self.indices, self.data, starts[:-1].copy(), rows, values)
        return starts, rows, values

    def diagonal(self) -> np.ndarray:
        """Return K(x, x) of each sample, (n,)."""
        if self.kernel.name == "rbf":
            return np.ones(len(self))
        products = self.squares[:, None].copy()
        return from_products(self.kernel, products, self.squares, self.squares[:1])[:, 0]

    def block(self, other: SparseRows, out: np.ndarray | None = None) -> np.ndarray:
        """Return K of every sample here and every one there, (len(self), len(other))."""
        out = np.empty((len(self), len(other))) if out is None else out
        fill = self._filler(other)
        bounds = chunk_bounds(len(self), _rows_of_chunk(len(other)))
        parallel_chunks(lambda i, j: fill(i, j, len(other), out[i:j]), bounds)
        return out

    def gram(self) -> np.ndarray:
        """Return K of every pair, (n, n), symmetric to the bit."""
        out = np.empty((len(self), len(self)))
        fill = self._filler(self)

        def rows(start: int, stop: int) -> None:
            fill(start, stop, stop, out[start:stop])
            mirror(out, start, stop)

        parallel_chunks(rows, chunk_bounds(len(self), _rows_of_chunk(len(self))))
        return out

    def expansion(self, other: SparseRows, coef: np.ndarray) -> np.ndarray:
        """Return sum_j K(x_i, y_j) coef[j, c] over the samples y_j of `other`, (len(self), m)."""
        out = np.empty((len(self), coef.shape[1]))
        fill = self._filler(other)

        def rows(start: int, stop: int) -> None:
            K = np.empty((stop - start, len(other)))
            fill(start, stop, len(other), K)
            np.matmul(K, coef, out=out[start:stop])

        with one_blas_thread():
            parallel_chunks(rows, chunk_bounds(len(self), _rows_of_chunk(len(other))))
        return out

    def _filler(self, other: SparseRows) -> Any:
        """Return what writes K of the rows from i to j with the first m of `other`, to K[:, :m]."""
        squares, kernel = (self.squares, other.squares), self.kernel
        parameters = kernel.parameters()
        products = self._products(other)

        def fill(i: int, j: int, m: int, K: np.ndarray) -> None:
            products(i, j, m, K)
            if compiler(needed=False) is None:
                from_products(kernel, K[:, :m], squares[0][i:j], squares[1][:m])
            elif kernel.name != "linear":
                work = np.zeros((3, WIDTH))
                apply_to_rows(parameters, squares[0][i:j], squares[1][:m], work, K)

        return fill

    def _products(self, other: SparseRows) -> Any:
        """Return what writes x'y of the rows from i to j with the first m of `other`."""
        mine, theirs = (self.indices, self.data), (other.indices, other.data)
        if compiler(needed=False) is None:
            return lambda i, j, m, K: _products_in_numpy(self.indptr[i : j + 1], mine, other, K, m)
        starts, rows, values = other._lists
        common = int((starts[self.indices + 1] - starts[self.indices]).sum())
        if _STEP * len(self) * len(theirs[0]) > common:
            return lambda i, j, m, K: products_by_column(
                self.indptr[i : j + 1], *mine, starts, rows, values, m, K
            )

        def by_panel(i: int, j: int, m: int, K: np.ndarray) -> None:
            W = np.zeros((self.n_features, PANEL))
            products_by_panel(self.indptr[i : j + 1], *mine, other.indptr[: m + 1], *theirs, W, K)

        return by_panel


def _rows_of_chunk(n_others: int) -> int:
    """Return how many rows make a chunk: a multiple of the panel's."""
    return PANEL * max(1, _PAIRS // PANEL // max(n_others, 1))


def _products_in_numpy(
    indptr: np.ndarray, mine: tuple[np.ndarray, np.ndarray], other: SparseRows, K: Any, m: int
) -> None:
    """Write the products of rows with the first m of `other`, one row at a time."""
    indices, data = mine
    x = np.zeros(other.n_features)
    end = other.indptr[m]
    for k in range(len(K)):
        entries = slice(indptr[k], indptr[k + 1])
        x[indices[entries]] = data[entries]
        terms = x[other.indices[:end]] * other.data[:end]
        K[k, :m] = np.bincount(other._row_of[:end], weights=terms, minlength=m)
        x[indices[entries]] = 0.0


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const int64[::1], "
    "const int32[::1], const float64[::1], int64, float64[:, ::1])",
    fastmath=_CONTRACT,
)
def products_by_column(indptr, indices, data, starts, rows, values, m, out):
    """Write the products of rows with the first m of those in the lists, list by list."""
    for i in range(len(out)):
        sums = out[i]
        for j in range(m):
            sums[j] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            x, f = data[p], indices[p]
            for q in range(starts[f], starts[f + 1]):
                j = rows[q]
                if j >= m:
                    break
                sums[j] += x * values[q]


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const int64[::1], "
    "const int32[::1], const float64[::1], float64[:, ::1], float64[:, ::1])",
    fastmath=_CONTRACT,
)
def products_by_panel(indptr, indices, data, other_indptr, other_indices, other_data, W, out):
    """Write the products of rows with others, eight rows at a time; W is zero before and after."""
    n = len(out)
    for start in range(0, n, PANEL):
        width = min(PANEL, n - start)
        for k in range(width):
            for p in range(indptr[start + k], indptr[start + k + 1]):
                W[indices[p], k] = data[p]
        for j in range(len(other_indptr) - 1):
            a = b = c = d = e = f = g = h = 0.0
            for p in range(other_indptr[j], other_indptr[j + 1]):
                x, y = W[other_indices[p]], other_data[p]
                a += x[0] * y
                b += x[1] * y
                c += x[2] * y
                d += x[3] * y
                e += x[4] * y
                f += x[5] * y
                g += x[6] * y
                h += x[7] * y
            sums = (a, b, c, d, e, f, g, h)
            for k in range(width):
                out[start + k, j] = sums[k]
        for k in range(width):
            for p in range(indptr[start + k], indptr[start + k + 1]):
                W[indices[p], k] = 0.0


@jit("void(const int64[::1], const float64[::1], float64[::1])", fastmath=_CONTRACT)
def squared_norms(indptr, data, out):
    """Write ||x||^2 of each row."""
    for i in range(len(out)):
        s = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            s += data[p] * data[p]
        out[i] = s


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


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], int64[::1], int32[::1], "
    "float64[::1])"
)
def fill_lists(indptr, indices, data, ends, rows, values):
    """Append each entry to the list of its feature; `ends` is where the lists end so far."""
    for i in range(len(indptr) - 1):
        for p in range(indptr[i], indptr[i + 1]):
            f = indices[p]
            q = ends[f]
            rows[q], values[q] = i, data[p]
            ends[f] = q + 1
