"""Samples that are known by their kernel matrix only, which the user computed."""

from __future__ import annotations

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml.svm.matrix_sums import part, runs, sum_of_rows

_STRIP = 1 << 16  # entries of K gathered at a time: half a megabyte, in cache


class MatrixRows:
    """Samples known by their place in a matrix K, with the methods of `DenseRows`.

    Parameters
    ----------
    K : ndarray of shape (n_rows, n_columns), float64
        K[i, j] compares sample i of the rows with sample j of the columns. In a fit these are the
        same samples; in a prediction the rows are new ones.
    index : ndarray of shape (n,), integers, or None
        Which samples these are: rows of K when they stand on the left of a comparison, columns on
        the right. None: all of them, in order.
    """

    def __init__(self, K: np.ndarray, index: np.ndarray | None = None) -> None:
        self.K = K
        self.index = index

    def __len__(self) -> int:
        return len(self.K) if self.index is None else len(self.index)

    def take(self, index: np.ndarray) -> MatrixRows:
        """Return the samples at `index`, which may repeat."""
        places = np.arange(len(self.K)) if self.index is None else self.index
        return MatrixRows(self.K, places[index])

    def like(self, K: np.ndarray) -> MatrixRows:
        """Return other samples, given by their rows of K, (n, n_columns), to compare with these."""
        return MatrixRows(K)

    def diagonal(self) -> np.ndarray:
        """Return K(x, x) of each sample, (n,)."""
        if self.index is None:
            return self.K.diagonal().copy()
        return self.K[self.index, self.index]

    def block(self, other: MatrixRows, out: np.ndarray | None = None) -> np.ndarray:
        """Return K of every sample here and every one there, (len(self), len(other))."""
        if out is None:
            out = np.empty((len(self), len(other)))
        rows, columns = _span(self.index), _span(other.index)
        if isinstance(rows, np.ndarray) and isinstance(columns, np.ndarray):
            out[...] = self.K[rows[:, None], columns]
        else:
            out[...] = self.K[rows, columns]
        return out

    def gram(self) -> np.ndarray:
        """Return K of every pair, (n, n), C-contiguous: K itself where it is that, not a copy."""
        span = _span(self.index)
        if isinstance(span, slice):
            return np.ascontiguousarray(self.K[span, span])
        return part(self.K, span, span)

    def where(self) -> tuple[np.ndarray, np.ndarray]:
        """Return a matrix and the runs of its rows and columns that belong to the samples.

        It is K itself for one or two runs, as of two classes, and else K's part.
        """
        places = runs(np.arange(len(self.K)) if self.index is None else self.index)
        if len(places) <= 2 and self.K.flags.writeable:
            return self.K, places
        return self.gram(), np.array([[0, len(self)]])

    def gradient(self, other: MatrixRows, coef: np.ndarray) -> np.ndarray:
        """Return sum_j coef_j K(y_j, x_i) over the samples y_j of `other` in the same matrix, (n,).

        It is `expansion` if K is symmetric, and rows are read faster than columns.
        """
        places = np.arange(len(self.K)) if other.index is None else other.index
        sums = sum_of_rows(self.K, places, coef)
        return sums if self.index is None else sums[self.index]

    def expansion(self, other: MatrixRows, coef: np.ndarray) -> np.ndarray:
        """Return sum_j K(x_i, y_j) coef[j, c] over the samples y_j of `other`, (len(self), m)."""
        sums = np.empty((len(self), coef.shape[1]))
        if not len(coef):
            sums[:] = 0.0
            return sums
        size = max(1, _STRIP // len(coef))
        with one_blas_thread(when=sums.size * len(coef) > _STRIP):
            for start in range(0, len(sums), size):
                rows = self.take(np.arange(start, min(start + size, len(sums))))
                np.matmul(rows.block(other), coef, out=sums[start : start + size])
        return sums


def _span(index: np.ndarray | None) -> np.ndarray | slice:
    """Return an index as a slice where it is a contiguous range: no entry is then gathered."""
    if index is None:
        return slice(None)
    n = len(index)
    if n and index[-1] - index[0] == n - 1 and (np.diff(index) == 1).all():
        return slice(int(index[0]), int(index[0]) + n)
    return index
