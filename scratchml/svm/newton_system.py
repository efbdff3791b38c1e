"""Newton's step of a linear machine: one linear system, solved in the cheapest of three ways.

With A the rows sqrt(s_i) a_i of the free samples, those with s_i > 0, the step is -H^-1 g,

    H = I + A'A                                                                              (1)

fewer free samples than columns    H^-1 g = g - A'(I + A A')^-1 A g, a system of their number
few columns                        H itself, by LU factors
many of both                       conjugate gradients, preconditioned by P, about H^-1: an inverse
                                   that several machines share, or 1 over the diagonal. Each step
                                   is one pass over the free samples.

Reference: J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition (2006), section 7.1.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.svm.linear_rows import Rows, add_row, dot_row, matrix_sum, take

_DIRECT = 256  # order of a system up to which it is solved directly in any case
_FORCING = 0.05  # of the right-hand side, that conjugate gradients may leave
_MOST_STEPS = 200


def newton_direction(
    rows: Rows, g: np.ndarray, s: np.ndarray, P: np.ndarray | None = None
) -> np.ndarray:
    """Return -H^-1 g, (q,); by conjugate gradients if P, about the inverse of H, is given.

    Where few samples are free, their number is the order of the system.
    """
    free, root = np.flatnonzero(s), np.sqrt(s)
    if len(free) < min(rows.width, _DIRECT if P is not None else rows.width):
        A = take(rows, free)
        A *= root[free, np.newaxis]
        M = A @ A.T
        M.reshape(-1)[:: len(M) + 1] += 1.0
        return A.T @ _scaled_solve(M, A @ g) - g
    if P is not None:
        return conjugate_gradients(rows, s, -g, P)
    return -_scaled_solve(curvature(rows, s), g)


def curvature(rows: Rows, s: np.ndarray) -> np.ndarray:
    """Return H, (q, q)."""
    free, root = np.flatnonzero(s), np.sqrt(s)

    def task(start: int, stop: int) -> np.ndarray:
        part = free[np.searchsorted(free, start) : np.searchsorted(free, stop)]
        A = take(rows, part)
        A *= root[part, np.newaxis]
        return A.T @ A

    H = matrix_sum(task, rows)
    H.reshape(-1)[:: len(H) + 1] += 1.0
    return H


def conjugate_gradients(rows: Rows, s: np.ndarray, r: np.ndarray, P: np.ndarray) -> np.ndarray:
    """Return d of H d = r, to a residual of `_FORCING` ||r||."""
    d, goal = np.zeros_like(r), (_FORCING * float(np.linalg.norm(r))) ** 2
    z = P @ r if P.ndim == 2 else P * r
    p, rz = z, float(r @ z)
    for _ in range(_MOST_STEPS):
        Hp = p.copy()
        if rows.indices is None:
            curve_dense(rows.indptr, rows.data, s, p, Hp)
        else:
            curve_sparse(rows.indptr, rows.indices, rows.data, s, p, Hp)
        step = rz / float(p @ Hp)
        d = d + step * p
        r = r - step * Hp
        if float(r @ r) <= goal:
            break
        z = P @ r if P.ndim == 2 else P * r
        rz, before = float(r @ z), rz
        p = z + (rz / before) * p
    return d


def _scaled_solve(H: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return H^-1 g for a positive definite H, which is overwritten."""
    scale = 1 / np.sqrt(H.diagonal())
    H *= scale
    H *= scale[:, np.newaxis]
    return scale * np.linalg.solve(H, scale * g)


@jit(
    "void(const int64[::1], const float64[::1], const float64[::1], const float64[::1],"
    " float64[::1])"
)
def curve_dense(indptr, data, s, p, out):
    """Add sum_i s_i (a_i'p) a_i to out."""
    for i in range(s.size):
        if s[i] != 0.0:
            add_row(indptr, None, data, i, s[i] * dot_row(indptr, None, data, i, p), out)


@jit(
    "void(const int64[::1], const int32[::1], const float64[::1], const float64[::1],"
    " const float64[::1], float64[::1])"
)
def curve_sparse(indptr, indices, data, s, p, out):
    """Add sum_i s_i (a_i'p) a_i to out."""
    for i in range(s.size):
        if s[i] != 0.0:
            add_row(indptr, indices, data, i, s[i] * dot_row(indptr, indices, data, i, p), out)
