"""Cholesky factorisation of a scaled, if need be shifted, Hessian, and solving with it.

    D H D + shift I = L L',    D = diag(H)^(-1/2)

D makes the diagonal one, so that variables of very different scale do no harm and the shift means
the same for each. The shift is the first of 0, n eps, 16 n eps, 256 n eps, ... for which all
pivots stay above `PIVOT`: a smaller pivot is what rounding left of a zero, and would blow the
solution up in directions of which H knows nothing. With g a gradient, -(D^-1 L L' D^-1)^-1 g is
then always a direction of descent (Nocedal & Wright 2006, section 3.4, Algorithm 3.3).

Entries (Golub & Van Loan, Matrix Computations, 4th edition, 2013, section 4.2), rows from the top:

    L_ij = (H_ij - sum_{t < j} L_it L_jt) / L_jj,     L_jj^2 = H_jj - sum_{t < j} L_jt^2

Rows are contiguous, so the sums are dot products; four rows at a time share each L_j. No BLAS: its
threads and those of the loss would wait for each other, and its bits depend on their number.
"""

from typing import NamedTuple

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit

PIVOT = 1e-14


class Factor(NamedTuple):
    """L in the lower triangle of an (n, n) array (ignore what stands above it), diag D, shift."""

    L: np.ndarray
    scale: np.ndarray
    shift: float


def factorise(H: np.ndarray) -> Factor:
    """Factor a symmetric, positive semidefinite, finite H, (n, n) float64; H is overwritten."""
    n = len(H)
    diagonal = H.diagonal().copy()
    largest = diagonal.max(initial=0.0)
    scale = 1.0 / np.sqrt(np.maximum(diagonal, largest * 1e-30 if largest > 0 else 1.0))
    diagonal *= scale * scale
    H *= scale
    H *= scale[:, np.newaxis]
    shift = 0.0
    while not cholesky(H, diagonal, shift, PIVOT):
        shift = max(16 * shift, n * np.finfo(np.float64).eps)
    return Factor(H, scale, shift)


def solve(factor: Factor, b: np.ndarray) -> np.ndarray:
    """Return x with (D^-1 L L' D^-1) x = b, for b of shape (n,) or for each row of (t, n)."""
    x = np.atleast_2d(factor.scale * b)
    substitute(factor.L, x)
    x *= factor.scale
    return x.reshape(b.shape)


@jit("boolean(float64[:, ::1], const float64[::1], float64, float64)", fastmath=NAN_SAFE_FASTMATH)
def cholesky(H, diagonal, shift, least):
    """Factor the upper triangle of H and its diagonal into the lower; False if it fails."""
    n = diagonal.size
    for i in range(0, n, 4):
        i1, i2, i3 = min(i + 1, n - 1), min(i + 2, n - 1), min(i + 3, n - 1)
        h0, h1, h2, h3 = H[i], H[i1], H[i2], H[i3]
        for j in range(i3 + 1):
            h = H[j]
            s0 = s1 = s2 = s3 = 0.0
            for t in range(j):
                s0 += h0[t] * h[t]
                s1 += h1[t] * h[t]
                s2 += h2[t] * h[t]
                s3 += h3[t] * h[t]
            if j >= i:  # this row's own pivot
                s = s0 if j == i else s1 if j == i1 else s2 if j == i2 else s3
                pivot = diagonal[j] + shift - s
                if not pivot > least:
                    return False
                H[j, j] = np.sqrt(pivot)
            over = 1.0 / H[j, j]
            if j < i:
                h0[j] = (h[i] - s0) * over
            if j < i1:
                h1[j] = (h[i1] - s1) * over
            if j < i2:
                h2[j] = (h[i2] - s2) * over
            if j < i3:
                h3[j] = (h[i3] - s3) * over
    return True


@jit("void(const float64[:, ::1], float64[:, ::1])", fastmath=NAN_SAFE_FASTMATH)
def substitute(L, X):
    """Overwrite each row x of X with (L L')^-1 x: forward, then backward substitution."""
    n = len(L)
    for k in range(len(X)):
        x = X[k]
        for i in range(n):
            row = L[i]
            total = 0.0
            for j in range(i):
                total += row[j] * x[j]
            x[i] = (x[i] - total) / row[i]
        for i in range(n - 1, -1, -1):
            row = L[i]
            x[i] /= row[i]
            factor = x[i]
            for j in range(i):
                x[j] -= factor * row[j]
