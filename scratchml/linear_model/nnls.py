"""Linear least squares with non-negative coefficients, by an active set on the Gram matrix.

Problem
    minimise 1/2 x'H x - h'x subject to x >= 0,  H = A'A, h = A'y  (that is |y - A x|^2 / 2) .

Optimality (Karush-Kuhn-Tucker), with the gradient g = h - H x
    x_j > 0 and g_j = 0,  or  x_j = 0 and g_j <= 0 .

Method (Lawson & Hanson, Solving Least Squares Problems, 1974, chapter 23; on the Gram matrix: Bro &
de Jong, J. Chemometrics 11, 1997)
    P is the set of coefficients that may be positive, at first none.
    1. Free the j outside P with the largest g_j > 0; if there is none, x is optimal.
    2. Solve H_PP s = h_P. If s > 0, take x = s and go to 1.
    3. Else go from x towards s until the first coefficient meets 0, take those at 0 out of P,
       and go to 2.
    The objective falls strictly in 1 to 2, so no P comes twice.

The last solution on P is computed once more from the data, as an unconstrained problem with all the
digits that `least_squares` gives.
"""

from typing import NamedTuple

import numpy as np

from scratchml.linear_model.centred import centre
from scratchml.linear_model.least_squares import least_squares
from scratchml.linear_model.normal_equations import EPS, Solution


class ActiveSet(NamedTuple):
    """A minimiser under x >= 0."""

    x: np.ndarray  # (p,)
    passive: np.ndarray  # (p,) bool, where x > 0
    violation: float  # of the optimality conditions, relative to the largest |h_j|
    steps: int
    converged: bool


def non_negative_least_squares(X, Y, weights=None, *, intercept=True, alpha=0.0):
    """Solve ``least_squares``' problem with all coefficients at least 0 (the intercept is free).

    Returns its Solution; rank and factor are those of the problem on the positive coefficients of
    the last target.
    """
    t, p = Y.shape[1], X.shape[1]
    alphas = np.broadcast_to(alpha, t)
    data = centre(X, Y, weights, intercept)
    coef, constant, squares = np.zeros((t, p)), np.zeros(t), np.zeros(t)
    found = []
    for k in range(t):
        H = data.gram + np.diag(alphas[k] * data.scale**2)
        active = active_set(H, data.cross[:, k])
        found.append(active)
        free = X if active.passive.all() else X[:, active.passive]
        if not active.passive.any():
            free = np.zeros((len(X), 1))
        fit = least_squares(free, Y[:, [k]], weights, intercept=intercept, alpha=alphas[k])
        if active.passive.any():
            coef[k, active.passive] = np.maximum(fit.coef[0], 0.0)
        constant[k], squares[k] = fit.intercept[0], fit.sum_of_squares[0]
    certificate = {
        "method": "active set",
        "violation": max(a.violation for a in found),
        "converged": all(a.converged for a in found),
        "steps": max(a.steps for a in found),
    }
    return Solution(coef, constant, fit.rank, fit.factor, squares, certificate)


def active_set(H, h):
    """Solve the problem at the top for H (p, p) with a diagonal near 1, and h (p,)."""
    x, g, P = np.zeros(len(h)), h.copy(), np.zeros(len(h), dtype=bool)
    tol = 10 * len(h) * EPS * np.abs(h).max(initial=0.0)
    steps, most = 0, 10 * len(h) + 10
    while steps < most and not P.all():
        j = int(np.argmax(np.where(P, -np.inf, g)))
        if g[j] <= tol:
            break
        steps += 1
        P[j] = True
        s = _solve_on(P, H, h)
        if s[j] <= 0:  # its gradient was but rounding: leave it at 0 and try the next
            P[j], g[j] = False, -np.inf
            continue
        while np.any(s[P] <= 0):
            falling = P & (s <= 0)
            ratio = np.where(falling, x, 1.0) / np.where(falling, x - s, 1.0)
            first = ratio <= ratio[falling].min()
            x += ratio[falling].min() * (s - x)
            P &= ~(falling & first)
            x[~P] = 0.0
            s = _solve_on(P, H, h)
        x = s
        g = h - H @ x
    scale = max(float(np.abs(h).max(initial=0.0)), np.finfo(float).tiny)
    violation = float(np.max(np.where(P, np.abs(g), g), initial=0.0)) / scale
    return ActiveSet(x, P, violation, steps, steps < most)


def _solve_on(P, H, h):
    """Solve H_PP s = h_P, s = 0 elsewhere; by least squares if the columns in P are collinear."""
    s = np.zeros(len(h))
    try:
        s[P] = np.linalg.solve(H[np.ix_(P, P)], h[P])
    except np.linalg.LinAlgError:
        s[P] = np.linalg.lstsq(H[np.ix_(P, P)], h[P], rcond=None)[0]
    return s
