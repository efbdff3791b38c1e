"""Coordinate descent by Gram updates, and the jump to the minimum once the signs are known.

Problem (as in `coordinate_descent`), now through Q = X'X and c = X'r alone, r = y - X b:

    P(b) = 1/2 ||y - X b||^2 + l1 ||b||_1 + l2/2 ||b||^2                                    (1)

Update. The step of one coordinate changes c by a column of Q (Friedman, Hastie, Tibshirani 2010,
eq. 9); a coordinate that stays, as most zeros do, costs nothing, and none costs n operations:

    new = S(c_j + Q_jj b_j, l1) / (Q_jj + l2),    c <- c - (new - b_j) Q_j                  (2)

Newton step. Sweeps find quickly which coefficients are nonzero and of which sign, and converge
slowly from there on when columns are correlated. But with the signs sigma on the support A fixed,
(1) is a quadratic, and its minimum one linear system away:

    (Q_AA + l2 I) d = c_A - l2 b_A - l1 sigma_A,    b_A <- b_A + d                          (3)

If that changes signs, those coefficients are stopped at zero. Should even this not lower P, then d
is followed only as far as the first zero, which always does, P being convex: along any d that
crosses no zero, P changes by  -d'(right-hand side) + d'(Q_AA + l2 I)d / 2.
Sweeps and Newton steps alternate until the duality gap is small.

Rounding. c is updated thousands of times; `descend_all` computes it anew from the data at the
end, and goes on from there if the true gap is still too large (iterative refinement).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml.linear_model.duality_gap import duality_gap, objective

_BLAS_FROM = 512  # order of a linear system
_SWEEPS = 10  # at most before a Newton step; up to 4 times as many, and no fewer, after a short one


class Descent(NamedTuple):
    """Coefficients (p,), how good they are, and what it took."""

    coef: np.ndarray
    gap: float
    objective: float
    n_iter: int  # sweeps
    converged: bool  # the gap met its bound
    dense: bool = False  # given up: too many columns for working sets


def descend_all(
    Q: np.ndarray,
    gradient: Callable[[np.ndarray], tuple[np.ndarray, float]],
    b: np.ndarray,
    l1: float,
    l2: float,
    *,
    target: float,
    max_iter: int,
    positive: bool = False,
    rng: np.random.Generator | None = None,
) -> Descent:
    """Minimise (1) over all features by Gram updates, the way to go when n is much larger than p.

    Parameters
    ----------
    Q : ndarray of shape (p, p), C-ordered
        X'X.
    gradient : callable
        b -> (X'r, r'r), from the data.
    b : ndarray of shape (p,)
        Where to start; overwritten.
    l1, l2 : float
        Penalties.
    target : float
        The descent ends when the duality gap is at most this.
    max_iter : int
        Largest number of sweeps.
    positive : bool
        Allow no negative coefficient.
    rng : np.random.Generator, optional
        Draws the coordinates to visit, with replacement. By default they are visited in order.

    Returns
    -------
    Descent
    """
    norms, n_iter, last = np.diagonal(Q), 0, np.inf
    while True:
        c, rr = gradient(b)
        gap, _ = duality_gap(b, c, rr, norms, l1, l2, positive)
        # A gap that no longer falls has met the rounding errors of b itself.
        if not target < gap < last or n_iter >= max_iter:
            return Descent(b, gap, objective(b, rr, l1, l2), n_iter, gap <= target)
        last = gap
        n_iter += descend_gram(
            Q, b, c, rr, l1, l2,
            goal=0.3 * target, most=max_iter - n_iter, positive=positive, rng=rng,
        )  # fmt: skip


def descend_gram(
    Q: np.ndarray,
    b: np.ndarray,
    c: np.ndarray,
    rr: float,
    l1: float,
    l2: float,
    *,
    goal: float,
    most: int,
    positive: bool = False,
    rng: np.random.Generator | None = None,
) -> int:
    """Lower P in place (`b` and `c`) until its gap is at most `goal`; return the sweeps made.

    Arguments as in `descend_all`; `c` is X'r and `rr` is r'r at `b`, `most` limits the sweeps.
    Stops short of `goal` where only rounding is left.
    """
    norms, low = np.diagonal(Q), 0.0 if positive else -np.inf
    b0, c0, n_iter, least, whole = b.copy(), c.copy(), 0, 1, False
    while n_iter < most:
        order = visits(len(b), min(max(_SWEEPS, least), most - n_iter), rng)
        made = gram_sweeps(Q, order, b, c, l1, l2, low, least)
        n_iter += made
        before, whole = whole, newton_step(Q, b, c, l1, l2)
        # A step cut short at a zero came too early: more sweeps before the next.
        least = 1 if whole else min(max(_SWEEPS, 2 * least), 4 * _SWEEPS)
        rr_now = rr - float((b - b0) @ (c0 + c))
        gap, _ = duality_gap(b, c, rr_now, norms, l1, l2, positive)
        # Minimal for its signs, and a sweep over all coordinates keeps them: the rest is rounding.
        solved = before and made == 1 and whole and rng is None
        if solved or not gap > goal:
            break
    return n_iter


def newton_step(Q: np.ndarray, b: np.ndarray, c: np.ndarray, l1: float, l2: float) -> bool:
    """Take step (3) in place; return whether it was taken whole, without a change of sign."""
    A = np.flatnonzero(b)
    H = Q[np.ix_(A, A)]
    np.fill_diagonal(H, H.diagonal() + H.dtype.type(l2))
    b_A, sigma = b[A], np.sign(b[A])
    right = c[A] - l2 * b_A - l1 * sigma
    d = _solve(H, right)
    if not np.isfinite(d).all():
        return True
    crossing = np.flatnonzero((b_A + d) * sigma <= 0)
    if crossing.size:
        whole, d = d, d.copy()
        d[crossing] = -b_A[crossing]
        if not np.einsum("ij,j->i", H, d) @ d / 2 < d @ right:
            shares = -b_A[crossing] / whole[crossing]
            first = crossing[shares.argmin()]
            d = shares.min() * whole
            d[first] = -b_A[first]
    b[A] += d
    step = np.zeros_like(b)
    step[A] = d
    subtract_rows(Q, A, step, c)
    return not crossing.size


def _solve(H: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve H d = right for H of unit diagonal after scaling, a rounding error added to it.

    A singular H has its solutions along the null space too long rather than undefined: there P
    falls in a straight line until some coefficient is zero, which `newton_step` then finds.
    """
    scale = 1 / np.sqrt(H.diagonal())
    M = scale[:, None] * H * scale
    np.fill_diagonal(M, M.diagonal() + H.dtype.type(len(H) * np.finfo(H.dtype).eps))
    x = scale * right
    # Small systems here, without BLAS: its threads and the sweeps would wait for each other.
    if len(x) <= _BLAS_FROM:
        return scale * x if cholesky_solve(M, x) else np.full_like(x, np.nan)
    try:
        return scale * np.linalg.solve(M, x)
    except np.linalg.LinAlgError:
        return np.full_like(x, np.nan)


def visits(k: int, sweeps: int, rng: np.random.Generator | None) -> np.ndarray:
    """Return the coordinates that each of the sweeps visits, shape (sweeps, k)."""
    if rng is None:
        return np.tile(np.arange(k), (sweeps, 1))
    return rng.integers(k, size=(sweeps, k))


@jit(
    "int64(const T[:, ::1], const int64[:, ::1], T[::1], T[::1], float64, float64, float64, int64)",
    fastmath=NAN_SAFE_FASTMATH,
)
def gram_sweeps(Q, order, b, c, l1, l2, low, least):
    """Sweep by update (2) until, after `least` sweeps, one changes no sign; return their number."""
    k = c.shape[0]
    for sweep in range(order.shape[0]):
        settled = True
        for j in order[sweep]:
            q = Q[j]
            old = b[j]
            b[j] = coordinate_minimum(c[j] + q[j] * old, q[j], l1, l2, low)
            step = b[j] - old
            if step != 0:
                for i in range(k):
                    c[i] -= step * q[i]
                settled = settled and same_sign(old, b[j])
        if settled and sweep + 1 >= least:
            return sweep + 1
    return order.shape[0]


@jit("void(const T[:, ::1], const int64[::1], const T[::1], T[::1])", fastmath=NAN_SAFE_FASTMATH)
def subtract_rows(A, rows, b, r):
    """Subtract b_j times row j of A from r, for the `rows` j."""
    for j in rows:
        x = A[j]
        for i in range(r.shape[0]):
            r[i] -= b[j] * x[i]


@jit("int64(T[:, ::1], T[::1])", fastmath=NAN_SAFE_FASTMATH)
def cholesky_solve(M, x):
    """Overwrite x by M^-1 x and M's lower half by L, M = LL'; return 0 if none exists, else 1."""
    k = x.shape[0]
    for i in range(k):
        row = M[i]
        for j in range(i + 1):
            other = M[j]
            total = row[j]
            for m in range(j):
                total -= row[m] * other[m]
            if j < i:
                row[j] = total / other[j]
            elif total > 0:
                row[j] = np.sqrt(total)
            else:
                return 0
        total = x[i]
        for m in range(i):
            total -= row[m] * x[m]
        x[i] = total / row[i]
    for i in range(k - 1, -1, -1):
        row = M[i]
        x[i] /= row[i]
        for m in range(i):
            x[m] -= x[i] * row[m]
    return 1


@jit(inline="always")
def coordinate_minimum(z, norm, l1, l2, low):
    """Minimise norm/2 t^2 - z t + l1 |t| + l2/2 t^2 over t >= low, zero where norm is."""
    if norm <= 0:
        return 0.0
    if z > l1:
        return (z - l1) / (norm + l2)
    if z < -l1:
        return max((z + l1) / (norm + l2), low)
    return 0.0


@jit(inline="always")
def same_sign(s, t):
    """Whether s and t are both positive, both negative or both zero."""
    return (s > 0) == (t > 0) and (s < 0) == (t < 0)
