"""Proximal Newton: a smooth convex loss plus an L1 penalty, minimised to second order.

    minimise  F(x) = f(x) + sum_j l_j |x_j|,    l_j >= 0 (0: not penalised)

x is optimal when -g_j lies in l_j d|x_j| for all j, g the gradient of f. The distance to that,

    v_j = |g_j + l_j sign(x_j)|  where x_j != 0,    max(|g_j| - l_j, 0)  where x_j = 0

is the violation, and max v <= tol stops the iteration. Each step

1. takes as working set the nonzero variables and the worst violators, no more than `most`,
2. minimises the model g'd + d'Hd / 2 + sum l_j |x_j + d_j| over it, H the Hessian of f, by
   coordinate descent: d_j moves to soft(x_j + d_j - (g_j + (Hd)_j) / H_jj, l_j / H_jj) - x_j.
   Where columns are nearly collinear, coordinate descent finds the signs but creeps: so between
   sweeps the nonzero variables make a Newton step with their signs held, stopping at zero,
3. halves a from 1 until F(x + a d) <= F(x) + 1e-4 a D, D = g'd + sum l_j (|x_j + d_j| - |x_j|) < 0.

Variables outside the working set cost one gradient. Near the minimum the signs settle and the
steps are Newton's on the nonzero variables: quadratic convergence.

References: Lee, Sun & Saunders, Proximal Newton-type methods for minimizing composite functions,
SIAM J. Optim. 24, 2014. Friedman, Hastie & Tibshirani, Regularization paths for generalized linear
models via coordinate descent, J. Stat. Software 33, 2010.
"""

from collections.abc import Callable, Sequence

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml.linear_model.cholesky import factorise, solve
from scratchml.linear_model.lbfgs import Minimum, stalled_status
from scratchml.linear_model.line_search import DECREASE, ROUNDING, ValueAndGradient

SWEEPS, ROUNDS = 20, 50  # of coordinate descent between two Newton steps; of these pairs
DROPS = 30  # variables that one of these Newton steps may stop at zero, one after the other


def proximal_newton(
    value_and_gradient: ValueAndGradient,
    hessian: Callable[[np.ndarray, np.ndarray], np.ndarray],
    x0: np.ndarray,
    l1: np.ndarray,
    *,
    tol: float = 1e-5,
    gap_tol: float = np.inf,
    max_iter: int = 100,
    parts: Sequence[np.ndarray] | None = None,
    most: int = 2000,
) -> Minimum:
    """Minimise F from `x0`.

    Parameters
    ----------
    value_and_gradient : callable
        ``f, g = value_and_gradient(x)``: the smooth part alone, g a new array of shape (d,).
    hessian : callable
        ``H = hessian(x, J)``: rows and columns J, an index array, of the Hessian of f at x.
    x0 : ndarray of float64, shape (d,)
        Start.
    l1 : ndarray of float64, shape (d,)
        The weights l.
    tol : float
        Bound on the largest violation.
    gap_tol : float
        Bound on half the decrease -D that the last model promised.
    max_iter : int
        Most iterations; each steps over every part once.
    parts : sequence of index arrays, optional
        Parts of the variables to step over in turn where one Hessian of all would be too large.
    most : int
        Largest working set.

    Returns
    -------
    Minimum
        The last point. `value` is F, `gradient` the subgradient of least norm: its largest entry is
        the violation.
    """
    x, n_evaluations, n_iter, gap = x0.copy(), 1, 0, np.inf
    f, gradient = value_and_gradient(x)
    value = f + float(l1 @ np.abs(x))
    parts = [np.arange(x.size)] if parts is None else parts
    while True:
        violation = least_subgradient(x, gradient, l1)
        worst = np.abs(violation).max(initial=0.0)
        if worst == 0 or (worst <= tol and gap <= gap_tol):
            status = "converged"
            break
        if n_iter == max_iter:
            status = "max_iter"
            break
        gap, moved = 0.0, False
        for part in parts:
            violation = least_subgradient(x, gradient, l1)
            J = working_set(x, violation, l1, part, most)
            if np.abs(violation[J]).max(initial=0.0) <= 0.1 * min(tol, worst):
                continue
            d, H = np.zeros_like(x), hessian(x, J)
            if not np.isfinite(H).all():  # squares of x overflowed: no model to step by
                gap = np.inf
                continue
            d[J] = model_step(H, gradient[J], x[J], l1[J])
            promised = float(gradient @ d + l1 @ (np.abs(x + d) - np.abs(x)))
            gap += max(-promised / 2, 0.0)
            point, calls = _backtrack(value_and_gradient, x, value, d, promised, l1)
            n_evaluations += calls
            if point is not None:
                moved = True
                x, value, gradient = point
        if not moved:
            status = stalled_status(gap, value)
            break
        n_iter += 1
    gap = min(gap, abs(value)) if worst else 0.0
    method = "proximal-newton"
    return Minimum(x, value, violation, gap, n_iter, n_evaluations, status, method)


def least_subgradient(x: np.ndarray, gradient: np.ndarray, l1: np.ndarray) -> np.ndarray:
    """Return the subgradient of F of least norm at x; it is zero where x is optimal."""
    at_zero = np.sign(gradient) * np.maximum(np.abs(gradient) - l1, 0.0)
    return np.where(x != 0, gradient + l1 * np.sign(x), at_zero)


def working_set(
    x: np.ndarray, violation: np.ndarray, l1: np.ndarray, part: np.ndarray, most: int
) -> np.ndarray:
    """Return the variables of `part` to step over, sorted: at most `most`, the worst first."""
    score = np.abs(violation[part])
    inside = (x[part] != 0) | (l1[part] == 0)
    if np.count_nonzero(inside) < most:  # zeros join after them, and double the set at most
        most = min(most, max(2 * int(np.count_nonzero(inside)), 100))
        score[inside] = np.inf
    chosen = np.flatnonzero(score > 0)
    if len(chosen) > most:
        chosen = chosen[np.argsort(-score[chosen], kind="stable")[:most]]
    return part[np.sort(chosen)]


def model_step(H: np.ndarray, g: np.ndarray, x: np.ndarray, l1: np.ndarray) -> np.ndarray:
    """Return the minimiser d of g'd + d'Hd / 2 + sum l |x + d|, to a thousandth of its start."""
    d, slope = np.zeros_like(x), g.copy()  # slope = g + H d
    enough = 1e-3 * np.abs(least_subgradient(x, slope, l1)).max(initial=0.0)
    for _ in range(ROUNDS):
        if coordinate_sweeps(H, slope, x, l1, d, SWEEPS, enough) <= enough:
            break
        d += newton_with_signs(H, slope, x + d, l1)
        slope = g + H @ d
    return d


def newton_with_signs(
    H: np.ndarray, slope: np.ndarray, x: np.ndarray, l1: np.ndarray
) -> np.ndarray:
    """Return a move of the nonzero variables that lowers the model; none changes its sign.

    The Newton step for the signs as they are may take variables through zero. Stopping all these at
    zero usually lowers the model too. If not, go as far as the first zero, hold that variable
    there and step again with the others (an active-set method): no creeping along a kink.
    """
    move = np.zeros_like(x)
    free = np.flatnonzero((x != 0) & (H.diagonal() > 0))
    for _ in range(DROPS):
        if len(free) == 0:
            break
        now, kink, part = (x + move)[free], l1[free] > 0, H[np.ix_(free, free)]
        gradient = (slope + H @ move)[free] + l1[free] * np.sign(now)
        e = -solve(factorise(part.copy()), gradient)
        m = np.where(kink & (now * (now + e) <= 0), -now, e)
        if gradient @ m + m @ part @ m / 2 < 0:  # no sign changes: the penalty is linear
            move[free] += m
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(kink & (now * e < 0), -now / e, np.inf)
        first = int(np.argmin(reach))
        if not reach[first] < 1:
            break
        move[free] += reach[first] * e
        move[free[first]] = -x[free[first]]
        free = np.delete(free, first)
    return move


@jit(
    "float64(const float64[:, ::1], float64[::1], const float64[::1], const float64[::1], "
    "float64[::1], int64, float64)",
    fastmath=NAN_SAFE_FASTMATH,
)
def coordinate_sweeps(H, slope, x, l1, d, sweeps, enough):
    """Minimise over one variable at a time; return the largest violation met in the last sweep."""
    n = x.size
    worst = 0.0
    for _ in range(sweeps):
        worst = 0.0
        for j in range(n):
            row = H[j]
            h = row[j]
            if h <= 0.0:
                continue
            now = x[j] + d[j]
            u = h * now - slope[j]
            v = abs(u) - l1[j]
            new = 0.0 if v <= 0.0 else (v / h if u > 0.0 else -v / h)
            if new == now:
                continue
            step = new - now
            d[j] = new - x[j]
            worst = max(worst, abs(step) * h)
            for i in range(n):
                slope[i] += step * row[i]
        if worst <= enough:
            break
    return worst


def _backtrack(
    value_and_gradient: ValueAndGradient,
    x: np.ndarray,
    value: float,
    d: np.ndarray,
    promised: float,
    l1: np.ndarray,
) -> tuple[tuple[np.ndarray, float, np.ndarray] | None, int]:
    """Halve the step until F decreases enough (step 3); None when rounding leaves no decrease."""
    a, noise = 1.0, ROUNDING * abs(value)
    for n in range(1, 40):
        if promised >= 0 or -a * promised < 1e-3 * noise:
            return None, n - 1
        there = x + a * d
        f, gradient = value_and_gradient(there)
        new = f + float(l1 @ np.abs(there))
        if new <= value + DECREASE * a * promised + noise:
            return (there, new, gradient), n
        a /= 2
    return None, n
