"""Factor A'A so that A'A x = h can be solved, and refine the solution to the last digit.

Problem
    H x = h with H = A'A (p, p), A known strip by strip, its columns of norm about 1. H alone, a
    rounded product, determines x only to kappa(H) eps = kappa(A)^2 eps.

Factor: some triangular R with R'R close to H.
    cholesky    of H: p^3 / 3 operations, good to |R'R - H| = eps kappa^2 in the norm below.
                Taken when kappa^2 < LIMIT.
    householder QR of A itself, strip by strip: eps kappa. Costs twice as much as forming H.
    svd         of Householder's R = U S V'. If s_i <= max(m, p) eps s_1 from i > r on, A has
                numerical rank r, and V_r S_r^-2 V_r' stands for H^-1.

Refinement
    Start at x = H^-1 h; with the gradient g = A'(b - A x) of the data, not of H,

        solve R'R d = g,   x <- x + d .

    The error, measured in the norm |A e|, shrinks by the factor above in each step: eps kappa^2 for
    Cholesky's R, eps kappa for Householder's (the latter even where kappa^2 eps > 1). It is the
    gradient's own rounding that stops it. In plain arithmetic that leaves

        |e| / |x| = eps (kappa + kappa^2 rho),   rho = |b - A x| / (|A| |x|) ,

    which no method working in plain arithmetic beats (Wedin's perturbation bound). If this is above
    PLAIN_ERROR, the gradient is computed in twice the precision instead, and what is left is
    the rounding of x. That costs several times as much, so on large data PLAIN_ERROR rises in
    proportion to their size.

References: A. Bjorck, Numerical Methods for Least Squares Problems, 1996, sections 2.9 and 6.6;
BIT 27 (1987) on the corrected seminormal equations.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.linear_model import householder
from scratchml.linear_model.triangular import solve_normal, squared_condition

EPS = float(np.finfo(np.float64).eps)
EXACT_EPS = 2.0**-90  # of `exact_product`
LIMIT = 1e11  # of kappa^2, where Cholesky's factor still gains 4 digits a step
PLAIN_ERROR = 1e-13  # wanted of 1e5 numbers; less, as digits get dearer, of larger data
MAX_STEPS = 12


class Factor(NamedTuple):
    """A factor of H = A'A, and how to apply the (pseudo-)inverse of H with it."""

    R: np.ndarray  # (p, p) upper triangular
    solve: Callable[[np.ndarray], np.ndarray]  # (p, t) -> (p, t)
    condition: float  # of A, over its numerical rank
    rank: int
    null_space: np.ndarray | None  # (p, p - rank), orthonormal
    method: str  # "cholesky", "householder" or "svd"


class Residual(NamedTuple):
    """What is left at some x: the gradient A'(b - A x), the sum of squares, the best intercept."""

    gradient: np.ndarray  # (p, t)
    sum_of_squares: np.ndarray  # (t,)
    intercept: tuple  # (t,), (t,): the best one for this x, as an unevaluated sum


class Refined(NamedTuple):
    """A refined solution: x = last + step, where `residual` was measured at `last`."""

    last: np.ndarray
    step: np.ndarray
    residual: Residual
    error: float  # estimated relative error of x
    steps: int


class Solution(NamedTuple):
    """A least-squares fit of t targets."""

    coef: np.ndarray  # (t, p)
    intercept: np.ndarray  # (t,)
    rank: int  # of the centred X
    factor: np.ndarray  # F, F'F = X'WX (tall) or W^1/2 X X' W^1/2 (wide), centred
    sum_of_squares: np.ndarray  # (t,) of the weighted residuals
    certificate: dict


def factorize(H, strips, shape, eps, always_svd=False):
    """Return a Factor of H = A'A.

    H : (p, p). strips : callable without arguments, gives an iterator over A's row strips (m_i, p).
    shape : (m, p) of A. eps : relative precision of A's entries, which decides on the rank.
    """
    p, kappa2 = len(H), np.inf
    if not always_svd:
        try:
            R = np.linalg.cholesky(H).T
            kappa2 = squared_condition(R)
        except np.linalg.LinAlgError:
            pass
    if kappa2 < LIMIT:
        return Factor(R, lambda g: solve_normal(R, g), float(np.sqrt(kappa2)), p, None, "cholesky")
    R = householder.fold(strips(), np.zeros_like(H))
    _, s, Vt = np.linalg.svd(R)
    rank = int(np.count_nonzero(s > max(shape) * eps * s[0]))
    condition = float(s[0] / s[rank - 1]) if rank else 1.0
    if rank == p and not always_svd:
        return Factor(R, lambda g: solve_normal(R, g), condition, p, None, "householder")
    V, null_space = Vt[:rank].T, Vt[rank:].T if rank < p else None
    inverse = (s[:rank] ** -2)[:, None]
    return Factor(R, lambda g: V @ (inverse * (V.T @ g)), condition, rank, null_space, "svd")


def refine(factor, h, residual, size, *, expand=lambda d: d, scale=1.0, part=slice(None)):
    """Solve H x = h and refine until the corrections stop shrinking.

    residual : callable (x, exact) -> Residual, in plain arithmetic or in twice the precision.
    size : how many numbers A has.
    expand : callable, turns the solution of a normal system into an update of x.
    scale : |A|. part : the rows of x whose relative error counts, column by column.
    """
    x = expand(factor.solve(h))
    limit = PLAIN_ERROR * max(1.0, size / 1e5)
    rate = min(10.0 * EPS * factor.condition**2, 1.0)
    exact, change = False, np.inf
    for steps in range(1, MAX_STEPS + 1):
        left = residual(x, exact)
        step = expand(factor.solve(left.gradient))
        before, change = change, _ratio(step[part], x[part])
        floor = _floor(factor.condition, left, scale * x[part], exact)
        slow = change > before / 2
        settled = slow or change * rate <= floor
        if steps == MAX_STEPS or (settled and (exact or floor <= limit)):
            break
        if settled:
            exact, change = True, np.inf
        x = x + step
    error = max(floor, change if slow else change * rate)
    return Refined(x, step, left, error, steps)


def final_intercept(residual, mean, change):
    """Return mean y - mean x'b, rounded once, for b (p, t) that is `change` from the last point."""
    hi, lo = residual.intercept
    return hi + (lo - mean @ change)


def certify(shape, factor, fit, gradient, norms):
    """Return the certificate; `norms` is what each entry of the gradient is measured by."""
    ratio = np.abs(gradient) / np.where(norms > 0, norms, 1.0)
    return {
        "method": f"{factor.method}, {shape}",
        "condition": factor.condition,
        "orthogonality": float(np.max(ratio, initial=0.0)),
        "digits": round(float(np.clip(-np.log10(fit.error), 0.0, 15.9)), 1),
        "steps": fit.steps,
    }


def _floor(kappa, left, x, exact):
    """Return the relative error that rounding in the gradient leaves in x."""
    unit = EXACT_EPS if exact else EPS
    rho = _ratio(np.sqrt(left.sum_of_squares)[None, :], x)
    return EPS * exact + unit * (kappa + kappa**2 * rho)


def _ratio(a, b):
    """Largest ratio of column norms |a_j| / |b_j|, 0 / 0 being 0."""
    above, below = np.linalg.norm(a, axis=0), np.linalg.norm(b, axis=0)
    return float(np.max(above / np.where(below > 0, below, 1.0), initial=0.0))
