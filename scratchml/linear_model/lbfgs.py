"""L-BFGS: minimise a smooth function of many variables from its values and gradients.

Each step goes along d = -H g, where H approximates the inverse Hessian from the last m moves
s_k = x_{k+1} - x_k and changes of the gradient y_k = g_{k+1} - g_k. The product H g is never formed
as a matrix: the two-loop recursion (Algorithm 7.4) needs 4 m d multiplications,

    q = g;  for k newest to oldest:   a_k = s_k'q / y_k's_k;   q = q - a_k y_k
    r = H0 q
    for k oldest to newest:           b = y_k'r / y_k's_k;     r = r + (a_k - b) s_k

H0 = gamma P with gamma = s'y / y'Py of the newest pair (7.20). P is the identity, or an inverse
that the caller knows roughly: with the inverse of an upper bound of the Hessian the number of
iterations no longer depends on how the variables are scaled.

Stops when max|g| <= tol and g'Hg / 2 <= gap_tol: this estimates f - min f, and unlike g does not
depend on the scale of x. The step length meets the strong Wolfe conditions
(`scratchml.linear_model.line_search`), so y's > 0 and H stays positive definite.

Reference: Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, section 7.2; the method is
Liu & Nocedal's, On the limited memory BFGS method, Math. Programming 45, 1989.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.linear_model.line_search import ValueAndGradient, wolfe_step


class Minimum(NamedTuple):
    """Where a minimiser stopped, and why.

    `gap` estimates f(x) - min f from the last quadratic model. `status` is "converged", "precision"
    (no step improves f within rounding errors: the minimum to the last digit), "max_iter", or
    "stalled" (the line search failed farther out).
    """

    x: np.ndarray
    value: float
    gradient: np.ndarray
    gap: float
    n_iter: int
    n_evaluations: int
    status: str
    method: str


class Move(NamedTuple):
    """One pair of the history: s, y and y's."""

    s: np.ndarray
    y: np.ndarray
    ys: float


def lbfgs(
    value_and_gradient: ValueAndGradient,
    x0: np.ndarray,
    *,
    tol: float = 1e-5,
    gap_tol: float = np.inf,
    max_iter: int = 100,
    memory: int = 10,
    precondition: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Minimum:
    """Minimise f from `x0`.

    Parameters
    ----------
    value_and_gradient : callable
        ``f, g = value_and_gradient(x)``, g a new array of shape (d,).
    x0 : ndarray of float64, shape (d,)
        Start.
    tol : float
        Bound on the largest entry of the gradient.
    gap_tol : float
        Bound on the decrease that the quadratic model still promises.
    max_iter : int
        Most iterations; 0 only evaluates f at `x0`.
    memory : int
        Number m of moves kept.
    precondition : callable, optional
        ``r = precondition(q)`` multiplies by P, symmetric and positive definite.

    Returns
    -------
    Minimum
        The last point, with its certificate: gradient and gap.
    """
    x, n_evaluations = x0.copy(), 1
    value, gradient = value_and_gradient(x)
    history: deque[Move] = deque(maxlen=memory)
    n_iter = 0
    while True:
        direction = -inverse_hessian_times(gradient, history, precondition)
        slope = float(gradient @ direction)
        gap = max(-slope / 2, 0.0)
        if np.abs(gradient).max(initial=0.0) <= tol and gap <= gap_tol:
            status = "converged"
            break
        if n_iter == max_iter:
            status = "max_iter"
            break
        first = 1.0 if history or precondition else min(1.0, 1.0 / np.abs(gradient).sum())
        point, calls = wolfe_step(value_and_gradient, x, value, gradient, direction, first)
        n_evaluations += calls
        if point is None and history:  # start again from steepest descent
            history.clear()
            continue
        if point is None:
            status = stalled_status(gap, value)
            break
        n_iter += 1
        s, y = point.x - x, point.gradient - gradient
        if (ys := float(y @ s)) > np.finfo(float).eps * float(y @ y):
            history.append(Move(s, y, ys))
        x, value, gradient = point.x, point.value, point.gradient
    return Minimum(x, value, gradient, gap, n_iter, n_evaluations, status, "lbfgs")


def inverse_hessian_times(
    gradient: np.ndarray,
    history: "deque[Move]",
    precondition: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """Return H g by the two-loop recursion (Algorithm 7.4)."""
    q = gradient.copy()
    factors = []
    for s, y, ys in reversed(history):
        a = float(s @ q) / ys
        q -= a * y
        factors.append(a)
    r = q if precondition is None else precondition(q)
    if history:
        _, y, ys = history[-1]
        py = y if precondition is None else precondition(y)
        r = r * (ys / float(y @ py))  # (7.20)
    for (s, y, ys), a in zip(history, reversed(factors), strict=True):
        r += (a - float(y @ r) / ys) * s
    return r


def stalled_status(gap: float, value: float) -> str:
    """Tell a minimum reached to the last digit from a search that failed before it."""
    return "precision" if gap <= 1e-11 * abs(value) else "stalled"
