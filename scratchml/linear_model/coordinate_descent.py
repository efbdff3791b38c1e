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
Salmon 2018), and (1) is solved for them until their gap is 0.3 times that of all columns.

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
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.linear_model.duality_gap import duality_gap
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
_CHUNK = 1 << 18  # entries of X for one thread: about 100 us


class Problem(NamedTuple):
    """Problem (1); `A` holds the columns of X as rows, so that each is contiguous."""

    A: np.ndarray  # (p, n)
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
    rng: np.random.Generator | None = None,
) -> Descent:
    """Minimise (1), given X by columns.

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
    rng : np.random.Generator, optional
        Draws the coordinates to visit, with replacement. By default they are visited in order.

    Returns
    -------
    Descent
    """
    every, c = np.arange(len(b)), np.empty_like(b)
    W_gram, Q = every[:0], np.empty((0, 0), dtype=b.dtype)
    n_iter, settled, last = 0, True, np.inf
    r = _residual(problem, b)
    while True:
        gap, s = _gap(problem, b, c, r, every)
        done = settled and gap <= target
        stuck = gap >= last  # twice on the same Gram matrix: what is left is rounding
        if done or stuck or n_iter >= max_iter or not np.isfinite(gap):
            return Descent(b, gap, n_iter, gap <= target)
        W = _working_set(problem, b, c, s, gap)
        known = np.array_equal(W, W_gram)
        goal = 0.3 * max(gap, target)
        last = gap if known else np.inf
        if len(W) > _SMALL and not known:
            made, settled = _sweep(problem, W, b, r, tol, min(_SWEEPS, max_iter - n_iter), rng)
            n_iter += made
            solved = settled or _gap(problem, b, c, r, W)[0] <= goal
            if solved or n_iter >= max_iter or not _gram_pays(len(W), problem.A.shape, n_iter):
                continue
        if not known:
            W_gram, Q = W, gram_of_rows(problem.A, W, W_gram, Q)
        b_W, c_W = b[W], c[W]
        n_iter += descend_gram(
            Q, b_W, c_W, float(r @ r), problem.l1, problem.l2,
            goal=goal, most=max_iter - n_iter, positive=problem.positive, rng=rng,
        )  # fmt: skip
        b[W], settled = b_W, True
        r = _residual(problem, b)


def _residual(problem, b):
    r = problem.y.copy()
    subtract_rows(problem.A, np.flatnonzero(b), b, r)
    return r


def _gap(problem, b, c, r, W):
    """Update c = X'r on the columns `W` and return their duality gap and s."""
    A, y, norms, l1, l2, positive = problem
    size = max(1, _CHUNK // len(y))
    parallel_chunks(
        lambda start, stop: correlations(A, W[start:stop], r, c), chunk_bounds(len(W), size)
    )
    return duality_gap(b[W], c[W], float(r @ r), norms[W], l1, l2, positive)


def _working_set(problem, b, c, s, gap):
    """Return the columns nearest to their dual constraint, by (3), in ascending order."""
    if problem.l1 == 0:
        return np.arange(len(b))
    g = c - problem.l2 * b
    size = g if problem.positive else np.abs(g)
    far = np.full(len(b), np.inf)
    scale = np.sqrt(problem.norms + problem.l2)
    np.divide(problem.l1 - s * size, scale, out=far, where=scale > 0)
    far[b != 0] = -np.inf
    n, support = len(problem.y), int(np.count_nonzero(b))
    close = int(np.count_nonzero(far <= np.sqrt(2 * gap)))
    first = max(_FIRST, min(n // 4, _MOST_FIRST))
    k = max(1, min(max(2 * support, first), support + max(_FIRST, n // 2), close))
    return np.sort(np.argpartition(far, k - 1)[:k])


def _sweep(problem, W, b, r, tol, most, rng):
    """Make up to `most` residual sweeps; return their number and whether the last hardly moved."""
    A, _, norms, l1, l2, positive = problem
    low = 0.0 if positive else -np.inf
    for made, order in enumerate(visits(len(W), most, rng)):
        step = residual_sweep(A, norms, W[order], b, r, l1, l2, low)
        if step <= tol * float(np.abs(b[W]).max()):
            return made + 1, True
    return most, False


def _gram_pays(k, shape, n_iter):
    """Whether to build the Gram matrix of k columns: it costs as much as k / 14 sweeps."""
    p, n = shape
    return n_iter >= k // 14 and k * k <= max(n * p // 2, _LARGE)


def gram_of_rows(A, W, W_known, Q_known):
    """Return the inner products of the rows `W` of A, (k, k), given those of the rows `W_known`."""
    Q = np.empty((len(W), len(W)), dtype=A.dtype)
    _, old, known = np.intersect1d(W, W_known, assume_unique=True, return_indices=True)
    new = np.setdiff1d(np.arange(len(W)), old, assume_unique=True)
    Q[np.ix_(old, old)] = Q_known[np.ix_(known, known)]
    fresh = np.zeros((len(new), len(W)), dtype=A.dtype)
    for start, stop in chunk_bounds(A.shape[1], max(256, A.size // (8 * len(W)))):
        part = A[W, start:stop]  # some of the samples at a time: no copy of all these rows
        # One array twice is a symmetric product, at half the price.
        fresh += (part if len(new) == len(W) else part[new]) @ part.T
    Q[new], Q[:, new] = fresh, fresh.T
    return Q


@jit("void(const T[:, ::1], const int64[::1], const T[::1], T[::1])", fastmath=NAN_SAFE_FASTMATH)
def correlations(A, W, r, c):
    """Compute c_j = x_j'r for the columns j in `W`."""
    for j in W:
        x = A[j]
        total = 0.0
        for i in range(x.shape[0]):
            total += x[i] * r[i]
        c[j] = total


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
