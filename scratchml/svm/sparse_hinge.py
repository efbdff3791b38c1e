"""Squared hinge loss with an L1 penalty: linear classifiers with few coefficients.

    minimise  P(v) = ||v||_1 + f(v),     f(v) = sum_i loss_i(e_i), the squared hinge             (1)

with the samples, costs and residuals e_i = y_i - a_i'v of `linear_problem`. f is a parabola where
the samples with a loss stay the same,

    grad f = -sum_i b_i a_i,  b_i = 2 C_i e_i where there is a loss,  Hessian sum 2 C_i a_i a_i'

so proximal Newton steps (`scratchml.linear_model.proximal_newton`) on working sets of coefficients
settle in a few rounds where coordinate descent (Yuan et al. 2010) needs thousands of sweeps.

Certificate. b, scaled until no |a_j'b| over a column a_j exceeds 1, is feasible in the dual

    maximise  y'b - sum_i b_i^2 / (4 C_i)    with  |sum_i b_i a_ij| <= 1 for all j               (2)

so the difference to it bounds P(v) - min P. Violation: the largest entry of the subgradient of P of
least norm.

Reference: G.-X. Yuan, K.-W. Chang, C.-J. Hsieh, C.-J. Lin, "A comparison of optimization methods
and software for large-scale L1-regularized linear classification", JMLR 11 (2010).
"""

import numpy as np

from scratchml.linear_model.proximal_newton import proximal_newton
from scratchml.svm.linear_problem import Certificate, LinearProblem, LinearSolution
from scratchml.svm.linear_rows import take
from scratchml.svm.multiplier_newton import Point, evaluate, smooth_terms

_BLOCK = 1 << 22  # entries of the rows that are copied at once


def sparse_hinge(
    problem: LinearProblem, *, tol: float, max_iter: int, stop: np.ndarray | None = None
) -> tuple[LinearSolution, Certificate]:
    """Minimise (1) from v = 0.

    Parameters
    ----------
    problem : LinearProblem
        With squared losses.
    tol : float
        The largest violation allowed, in terms of the largest slope of f at zero.
    max_iter : int
        Most proximal Newton steps.
    stop : ndarray of one int64, optional
        Give up early, unfinished, once it is not zero.

    Returns
    -------
    LinearSolution, Certificate
    """
    terms = smooth_terms(problem)
    zero = evaluate(problem, terms, np.zeros(problem.rows.width))
    last = [zero]

    def point_at(x: np.ndarray) -> Point:
        if not np.array_equal(x, last[0].v):
            last[0] = evaluate(problem, terms, x.copy())
        return last[0]

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        if stop is not None and stop[0]:
            raise KeyboardInterrupt  # the only way out of a solver without a flag
        point = point_at(x)
        return point.value - 0.5 * float(x @ x), -point.w

    def hessian(x: np.ndarray, J: np.ndarray) -> np.ndarray:
        s = point_at(x).s
        free, H = np.flatnonzero(s), np.zeros((len(J), len(J)))
        size = max(1, _BLOCK // problem.rows.width)
        for i in range(0, len(free), size):
            part = free[i : i + size]
            A = take(problem.rows, part)[:, J] * np.sqrt(s[part])[:, np.newaxis]
            H += A.T @ A
        return H

    q = problem.rows.width
    minimum = proximal_newton(
        value_and_gradient, hessian, np.zeros(q), np.ones(q),
        tol=tol * float(np.abs(zero.w).max(initial=0.0)),
        gap_tol=tol**2 * zero.value,
        max_iter=max_iter,
    )  # fmt: skip
    point = point_at(minimum.x)
    converged = minimum.status in ("converged", "precision")
    found = LinearSolution(minimum.x, point.b, minimum.n_iter, converged)
    violation = float(np.abs(minimum.gradient).max(initial=0.0))
    objective = float(minimum.value)
    return found, Certificate(objective, _gap(problem, point, objective), violation)


def _gap(problem: LinearProblem, point: Point, objective: float) -> float:
    """Return the objective minus that of (2)."""
    scale = 1.0 / max(1.0, float(np.abs(point.w).max(initial=0.0)))
    b = scale * point.b
    cost = np.maximum(problem.above, problem.below)
    conjugate = np.divide(b * b, 4 * cost, out=np.zeros(len(b)), where=cost > 0)
    return float(objective - (problem.y @ b - conjugate.sum()))
