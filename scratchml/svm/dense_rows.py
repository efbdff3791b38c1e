"""Dense samples that a kernel compares."""

from __future__ import annotations

import numpy as np

from scratchml.svm.kernel_functions import Kernel, of_products


class DenseRows:
    """Samples X (n, d) and the kernel that compares them.

    The rbf kernel depends on differences only, so X is kept less its mean, the *centre*: then
    ||x||^2 + ||y||^2 - 2 x'y does not cancel when all samples are far from 0. Samples are compared
    about the same centre: `take` keeps it, and `like` moves other samples there.
    """

    def __init__(self, kernel: Kernel, X: np.ndarray) -> None:
        centre = X.mean(axis=0) if kernel.name == "rbf" and len(X) else None
        self._set(kernel, X if centre is None else X - centre, centre, None)

    def _set(
        self,
        kernel: Kernel,
        X: np.ndarray,
        centre: np.ndarray | None,
        squares: np.ndarray | None,
    ) -> None:
        self.kernel = kernel
        self.X = np.ascontiguousarray(X, dtype=np.float64)  # (n, d), about the centre
        self.centre = centre  # (d,) or None
        self.squares = (X * X).sum(axis=1) if squares is None else squares  # (n,), ||x||^2

    def __len__(self) -> int:
        return len(self.X)

    def take(self, index: np.ndarray) -> DenseRows:
        """Return the samples at `index`, which may repeat."""
        rows = DenseRows.__new__(DenseRows)
        rows._set(self.kernel, self.X[index], self.centre, self.squares[index])
        return rows

    def like(self, X: np.ndarray) -> DenseRows:
        """Return other samples (n, d), to be compared with these."""
        rows = DenseRows.__new__(DenseRows)
        rows._set(self.kernel, X if self.centre is None else X - self.centre, self.centre, None)
        return rows

    def diagonal(self) -> np.ndarray:
        """Return K(x, x) of each sample, (n,)."""
        squares = self.squares
        zero = np.zeros(1)
        if self.kernel.name == "rbf":
            return np.ones(len(self))
        return of_products(self.kernel, squares[:, None].copy(), squares, zero)[:, 0]

    def block(self, other: DenseRows, out: np.ndarray | None = None) -> np.ndarray:
        """Return K of every sample here and every one there, (len(self), len(other))."""
        products = np.matmul(self.X, other.X.T, out=out)
        return of_products(self.kernel, products, self.squares, other.squares)

    def gram(self) -> np.ndarray:
        """Return K of every pair, (n, n), symmetric to the bit."""
        K = self.block(self)
        lower = np.tril(K, -1)
        return lower + lower.T + np.diag(self.diagonal())

    def expansion(self, other: DenseRows, coef: np.ndarray) -> np.ndarray:
        """Return sum_j K(x_i, y_j) coef[j, c] over the samples y_j of `other`, (len(self), m)."""
        out = np.empty((len(self), coef.shape[1]))
        for start in range(0, len(self), 256):
            rows = self.take(np.arange(start, min(start + 256, len(self))))
            out[start : start + 256] = rows.block(other) @ coef
        return out
