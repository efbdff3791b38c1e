"""Coordinate descent for the lasso and the elastic net, on working sets of columns.

Problem. With the columns x_j of X centred (that fits the intercept), minimise over b

    P(b) = 1/2 ||y - X b||^2 + l1 ||b||_1 + l2/2 ||b||^2        (over b >= 0 if `positive`)  (1)

Update. Along one coordinate the minimum of (1) is known: with the residual r = y - X b,

    b_j <- S(x_j'r + x_j'x_j b_j, l1) / (x_j'x_j + l2),    S(z, t) = sign(z) max(|z| - t, 0)  (2)

(Friedman, Hastie, Tibshirani 2010, eq. 5). After it, either r loses the step times x_j ("residual
updates", their eq. 8, here), or X'r loses the step times a column of X'X ("Gram updates", eq. 9,
`gram_descent`). The latter do not depend on the number of samples, but X'X must be built first.

Working sets. Few coefficients end up nonzero, so (1) is solved for few columns at a time. With
g = X'r - l2 b, the point s r, s = min(1, l1 / max_j |g_j|), is feasible in the dual, and a column
whose distance from its own dual constraint,

    far_j = (l1 - s |g_j|) / sqrt(x_j'x_j + l2)                                              (3)

exceeds sqrt(2 gap) is zero in every solution (Fercoq, Gramfort, Salmon 2015, eq. 11). The
nearest columns are taken, twice as many as there are nonzero coefficients (Massias, Gramfort,
Salmon 2018), and (1) is solved for them until their gap is 0.3 times that of all columns. They
alone are copied, to be contiguous; for c = X'r, X is read as it lies in memory (`design`).

Stopping. The duality gap of all columns (`duality_gap`), which bounds P(b) - min P, is at most
`target`.

References: J. Friedman, T. Hastie, R. Tibshirani, "Regularization paths for generalized linear
models via coordinate descent", J. Stat. Software 33 (2010). O. Fercoq, A. Gramfort, J. Salmon,
"Mind the duality gap: safer rules for the lasso", ICML 2015. M. Massias, A. Gramfort, J. Salmon,
"Celer: a fast solver for the lasso with dual extrapolation", ICML 2018.
"""

from typing import NamedTuple

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml.linear_model.design import Design, columns, correlations
from scratchml.linear_model.duality_gap import duality_gap, objective
from scratchml.linear_model.gram_descent import (
    Descent,
    coordinate_minimum,
    descend_gram,
    subtract_rows,
    visits,
)

_FIRST = 100  # columns in the first working set,
_MOST_FIRST = 256  # or up to so many where there are four samples for each
_SMALL = 100  # up to so many columns their Gram matrix costs no more than a few sweeps
_SWEEPS = 5  # residual sweeps that are tried before a larger Gram matrix is built
_LARGE = 1 << 20  # entries of a Gram matrix that are no burden, however small X is


class Problem(NamedTuple):
    """Problem (1)."""

    design: Design  # X (n, p), and what centres it
    y: np.ndarray  # (n,)
    norms: np.ndarray  # (p,), x_j'x_j
    l1: float
    l2: float
    positive: bool


def descend_columns(
    problem: Problem,
    b: np.ndarray,
    *,
    target: float,
    tol: float,
    max_iter: int,
    most: int | None = None,
    rng: np.random.Generator | None = None,
) -> Descent:
    """Minimise (1) on working sets.

    Parameters
    ----------
    problem : Problem
        Arrays of one dtype, float32 or float64.
    b : ndarray of shape (p,)
        Where to start; overwritten.
    target : float
        The descent ends when the duality gap is at most this,
    tol : float
        and the last sweep, if residual updates came last, moved no coefficient by more than `tol`
        times the largest one.
    max_iter : int
        Largest number of sweeps over working sets.
    most : int, optional
        Give up, not converged, when more columns than these are to be worked on.
    rng : np.random.Generator, optional
        Draws the coordinates to visit, with replacement. By default they are visited in order.

    Returns
    -------
    Descent
    """
    design, _, norms, l1, l2, positive = problem
    most = len(b) if most is None else most
    W = np.flatnonzero(b)
    part, W_gram, Q = _restrict(problem, W), W[:0], np.empty((0, 0), dtype=b.dtype)
    n_iter, settled, last = 0, True, np.inf
    r = _residual(part, b[W])
    while True:
        c, rr = correlations(design, r).astype(b.dtype, copy=False), float(r @ r)
        gap, s = duality_gap(b, c, rr, norms, l1, l2, positive)
        done = settled and gap <= target
        stuck = gap >= last  # twice on the same Gram matrix: what is left is rounding
        stop = done or stuck or n_iter >= max_iter or not np.isfinite(gap)
        W_last, W = W, W if stop else _working_set(problem, b, c, s, gap, most)
        if stop or len(W) > most:
            return Descent(b, gap, objective(b, rr, l1, l2), n_iter, gap <= target, not stop)
        if not np.array_equal(W, W_last):
            del part  # before the next is made: two at once would be the peak of memory
            part = _restrict(problem, W)
        known = np.array_equal(W, W_gram)
        goal = 0.3 * max(gap, target)
        last = gap if known else np.inf
        b_W, c_W = b[W], c[W]
        if len(W) > _SMALL and not known:
            made, settled = _sweep(part, b_W, r, tol, min(_SWEEPS, max_iter - n_iter), rng)
            n_iter, b[W] = n_iter + made, b_W
            c_W = correlations(part.design, r).astype(b.dtype, copy=False)
            rr = float(r @ r)
            solved = settled or duality_gap(b_W, c_W, rr, part.norms, l1, l2, positive)[0] <= goal
            if solved or n_iter >= max_iter or not _gram_pays(len(W), design.X.shape, n_iter):
                continue
        if not known:
            W_gram, Q = W, gram_of_rows(part.design.X.T, W, W_gram, Q)
        n_iter += descend_gram(
            Q, b_W, c_W, rr, l1, l2,
            goal=goal, most=max_iter - n_iter, positive=positive, rng=rng,
        )  # fmt: skip
        b[W], settled = b_W, True
        r = _residual(part, b_W)


def _restrict(problem, W):
    """Return the same problem for the columns `W` only, copied."""
    A = columns(problem.design, W)
    return problem._replace(design=Design(A.T, None, None), norms=problem.norms[W])


def _residual(part, b):
    r = part.y.copy()
    subtract_rows(part.design.X.T, np.flatnonzero(b), b, r)
    return r


def _working_set(problem, b, c, s, gap, most):
    """Return the columns nearest to their dual constraint, by (3), in ascending order."""
    if problem.l1 == 0:
        return np.arange(len(b))
    g = c - problem.l2 * b
    size = g if problem.positive else np.abs(g)
    far = np.full(len(b), np.inf)
    scale = np.sqrt(problem.norms + problem.l2)
    np.divide(problem.l1 - s * size, scale, out=far, where=problem.norms > 0)
    far[b != 0] = -np.inf
    n, support = len(problem.y), int(np.count_nonzero(b))
    close = int(np.count_nonzero(far <= np.sqrt(2 * max(gap, 0.0))))
    first = min(max(_FIRST, min(n // 4, _MOST_FIRST)), most)
    k = max(1, min(max(2 * support, first), support + max(_FIRST, n // 2), close))
    return np.sort(np.argpartition(far, k - 1)[:k])


def _sweep(part, b, r, tol, most, rng):
    """Make up to `most` residual sweeps; return their number and whether the last hardly moved."""
    low = 0.0 if part.positive else -np.inf
    A = part.design.X.T
    for made, order in enumerate(visits(len(b), most, rng)):
        step = residual_sweep(A, part.norms, order, b, r, part.l1, part.l2, low)
        if step <= tol * float(np.abs(b).max()):
            return made + 1, True
    return most, False


def _gram_pays(k, shape, n_iter):
    """Whether to build the Gram matrix of k columns: it costs as much as k / 14 sweeps."""
    n, p = shape
    return n_iter >= k // 14 and k * k <= max(n * p // 2, _LARGE)


def gram_of_rows(A, W, W_known, Q_known):
    """Return the inner products of the rows of A, columns `W`, (k, k), given those of `W_known`."""
    _, old, known = np.intersect1d(W, W_known, assume_unique=True, return_indices=True)
    new = np.setdiff1d(np.arange(len(W)), old, assume_unique=True)
    if len(new) == len(W):
        return A @ A.T  # one array twice is a symmetric product, at half the price
    Q = np.empty((len(W), len(W)), dtype=A.dtype)
    Q[np.ix_(old, old)] = Q_known[np.ix_(known, known)]
    fresh = A[new] @ A.T
    Q[new], Q[:, new] = fresh, fresh.T
    return Q


@jit(
    "float64(const T[:, ::1], const T[::1], const int64[::1], T[::1], T[::1], float64, float64,"
    " float64)",
    fastmath=NAN_SAFE_FASTMATH,
)
def residual_sweep(A, norms, order, b, r, l1, l2, low):
    """Apply update (2) to the columns in `order`; return the largest step."""
    largest = 0.0
    for j in order:
        x = A[j]
        total = 0.0
        for i in range(x.shape[0]):
            total += x[i] * r[i]
        old = b[j]
        b[j] = coordinate_minimum(total + norms[j] * old, norms[j], l1, l2, low)
        step = b[j] - old
        if step != 0:
            for i in range(x.shape[0]):
                r[i] -= step * x[i]
            largest = max(largest, abs(step))
    return largest
