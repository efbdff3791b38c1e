"""Samples whose kernel matrix the user computed."""

from __future__ import annotations

import numpy as np


class MatrixRows:
    """Samples known by their place in a given matrix K.

    Parameters
    ----------
    K : ndarray of shape (n_rows, n_columns), float64
        K[i, j] compares sample i of the rows with sample j of the columns; in `fit` these are the
        same samples, in `predict` the rows are new ones.
    index : ndarray of int or None
        Which samples these are: rows of K as the left side of a comparison, columns as the right.
        None: all of them, in order.
    """

    def __init__(self, K: np.ndarray, index: np.ndarray | None = None) -> None:
        self.K = K
        self.index = index

    def __len__(self) -> int:
        return len(self.K) if self.index is None else len(self.index)

    def take(self, index: np.ndarray) -> MatrixRows:
        """Return the samples at `index`, which may repeat."""
        index = np.asarray(index)
        return MatrixRows(self.K, index if self.index is None else self.index[index])

    def like(self, K: np.ndarray) -> MatrixRows:
        """Return other samples, given by their rows of K: (n, n_columns)."""
        return MatrixRows(K)

    def diagonal(self) -> np.ndarray:
        """Return K(x, x) of each sample, (n,)."""
        diagonal = self.K.diagonal()
        return diagonal.copy() if self.index is None else diagonal[self.index]

    def block(self, other: MatrixRows, out: np.ndarray | None = None) -> np.ndarray:
        """Return K of every sample here and every one there, (len(self), len(other))."""
        rows = np.arange(len(self.K)) if self.index is None else self.index
        columns = np.arange(self.K.shape[1]) if other.index is None else other.index
        block = self.K[np.ix_(rows, columns)]
        if out is None:
            return block
        out[:] = block
        return out

    def gram(self) -> np.ndarray:
        """Return K of every pair, (n, n)."""
        return self.K if self.index is None else self.block(self)

    def expansion(self, other: MatrixRows, coef: np.ndarray) -> np.ndarray:
        """Return sum_j K(x_i, y_j) coef[j, c] over the samples y_j of `other`, (len(self), m)."""
        spread = np.zeros((self.K.shape[1], coef.shape[1]))
        np.add.at(spread, slice(None) if other.index is None else other.index, coef)
        K = self.K if self.index is None else self.K[self.index]
        return K @ spread
