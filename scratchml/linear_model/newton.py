"""Newton's method for smooth convex functions, the Hessian factored by Cholesky.

At x with gradient g and Hessian H the step solves

    H d = -g,        H = L L'

and a line search accepts x + a d, nearly always with a = 1. Close to the minimum the number of
right digits doubles each time. Where H is not numerically positive definite (far out on a flat
loss, or with collinear columns and no penalty) a multiple of its diagonal is added until the
factorisation succeeds (`scratchml.linear_model.cholesky`): the step turns towards steepest descent
and still goes down.

Stops when max|g| <= tol and g'H^-1 g / 2 <= gap_tol: half the square of Newton's decrement is the
decrease that the quadratic model still promises, so it estimates f - min f; unlike g it does not
depend on the scale of x. At the new point it is taken with the factor of the last one, which is
free.

References: Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, section 3.4. Boyd &
Vandenberghe, Convex Optimization, 2004, section 9.5.
"""

from collections.abc import Callable

import numpy as np

from scratchml.linear_model.cholesky import factorise, solve
from scratchml.linear_model.lbfgs import Minimum, stalled_status
from scratchml.linear_model.line_search import ValueAndGradient, wolfe_step


def newton(
    value_and_gradient: ValueAndGradient,
    hessian: Callable[[np.ndarray], np.ndarray],
    x0: np.ndarray,
    *,
    tol: float = 1e-5,
    gap_tol: float = np.inf,
    max_iter: int = 100,
) -> Minimum:
    """Minimise a convex f from `x0`.

    Parameters
    ----------
    value_and_gradient : callable
        ``f, g = value_and_gradient(x)``, g a new array of shape (d,).
    hessian : callable
        ``H = hessian(x)``, a new array of shape (d, d), symmetric, positive semidefinite.
    x0 : ndarray of float64, shape (d,)
        Start.
    tol : float
        Bound on the largest entry of the gradient.
    gap_tol : float
        Bound on the decrease that the quadratic model still promises.
    max_iter : int
        Most iterations; 0 only evaluates f at `x0`.

    Returns
    -------
    Minimum
        The last point, with its certificate: gradient and gap.
    """
    x, n_evaluations, n_iter = x0.copy(), 1, 0
    value, gradient = value_and_gradient(x)
    gap = np.inf
    while True:
        steepest = np.abs(gradient).max(initial=0.0)
        if steepest == 0 or (n_iter > 0 and steepest <= tol and gap <= gap_tol):
            status = "converged"
            break
        if n_iter == max_iter:
            status = "max_iter"
            break
        H = hessian(x)
        if not np.isfinite(H).all():  # squares of x overflowed: no model to step by
            status = "stalled"
            break
        factor = factorise(H)
        direction = -solve(factor, gradient)
        gap = max(-float(gradient @ direction) / 2, 0.0)
        point, calls = wolfe_step(value_and_gradient, x, value, gradient, direction)
        n_evaluations += calls
        if point is None:
            status = stalled_status(gap, value)
            break
        n_iter += 1
        x, value, gradient = point.x, point.value, point.gradient
        gap = max(float(gradient @ solve(factor, gradient)) / 2, 0.0)
    gap = gap if steepest else 0.0
    return Minimum(x, value, gradient, gap, n_iter, n_evaluations, status, "newton-cholesky")
