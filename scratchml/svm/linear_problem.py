"""Linear support vector machines: the problem, its dual, and how far a solution is from the best.

Problem. With samples a_i (a row of X and, last, a constant that stands for the intercept), targets
y_i and residuals e_i = y_i - a_i'v, minimise over v

    P(v) = 1/2 ||v||^2 + sum_i loss_i(e_i)                                                    (1)

    loss_i(e) = above_i (e - epsilon)+  + below_i (-e - epsilon)+         or both squared

    classification    y_i = +1 or -1, epsilon = 0; only one side costs: above_i = C_i where y_i = 1,
                      below_i = C_i where y_i = -1: y_i e_i = 1 - y_i a_i'v, the hinge's argument
    regression        above_i = below_i = C_i, epsilon the half width of the tube

The intercept is penalised with the rest, as in LIBLINEAR, which makes the dual one of bounds alone.

Dual. v = sum_i b_i a_i, where b minimises

    D(b) = 1/2 ||sum_i b_i a_i||^2 + 1/2 sum_i d_i b_i^2 - y'b + epsilon ||b||_1              (2)
           with  lower_i <= b_i <= upper_i

    plain losses      d_i = 0,             lower_i = -below_i,  upper_i = above_i
    squared losses    d_i = 1 / (2 C_i),   the same bounds, infinite where they are not zero

Certificate. P(v) + D(b) >= 0 for every v and every b within its bounds, and zero for the solutions
alone; so this gap bounds P(v) - min P. Violation: the steepest descent of D along one b_i that its
bounds allow; zero only at the solution.

References: C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. S. Keerthi, S. Sundararajan, "A dual coordinate
descent method for large-scale linear SVM", ICML 2008, equations (1) to (4). C.-H. Ho, C.-J. Lin,
"Large-scale linear support vector regression", JMLR 13 (2012), equations (4) and (8).
"""

from typing import NamedTuple

import numpy as np

from scratchml.svm.linear_rows import Rows, combine, project


class LinearProblem(NamedTuple):
    """Problem (1)."""

    rows: Rows  # (n, q)
    y: np.ndarray  # (n,)
    above: np.ndarray  # (n,), not negative
    below: np.ndarray  # (n,), not negative
    epsilon: float
    squared: bool


class LinearSolution(NamedTuple):
    """Where a solver ended."""

    v: np.ndarray  # (q,)
    b: np.ndarray  # (n,)
    n_iter: int
    converged: bool


class Certificate(NamedTuple):
    """How good a solution is: ``objective - gap <= minimum <= objective``."""

    objective: float
    gap: float
    violation: float


def bounds(problem: LinearProblem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (lower, upper, d) of the dual (2), each (n,)."""
    above, below = problem.above, problem.below
    if not problem.squared:
        return -below, above, np.zeros(len(above))
    cost = np.maximum(above, below)
    d = np.divide(0.5, cost, out=np.ones(len(cost)), where=cost > 0)
    return np.where(below > 0, -np.inf, 0.0), np.where(above > 0, np.inf, 0.0), d


def losses(problem: LinearProblem, e: np.ndarray) -> np.ndarray:
    """Return the loss of each sample, (n,)."""
    over = np.maximum(e - problem.epsilon, 0)
    under = np.maximum(-e - problem.epsilon, 0)
    if problem.squared:
        over, under = over**2, under**2
    return problem.above * over + problem.below * under


def certificate(problem: LinearProblem, v: np.ndarray, b: np.ndarray) -> Certificate:
    """Return the objective P(v), the gap P(v) + D(b) and the largest violation at b."""
    lower, upper, d = bounds(problem)
    y, epsilon = problem.y, problem.epsilon
    w = combine(problem.rows, b)
    e = y - project(problem.rows, v)
    loss = losses(problem, e)
    # Each term is at least zero, and nearly so at the solution: no large numbers are subtracted.
    conjugate = loss + 0.5 * d * b * b + epsilon * np.abs(b) - e * b
    gap = 0.5 * float((v - w) @ (v - w)) + float(conjugate.sum())
    g = project(problem.rows, w) - y + d * b
    right = g + np.where(b >= 0, epsilon, -epsilon)
    left = g + np.where(b > 0, epsilon, -epsilon)
    fall = np.where(b > lower, left, 0.0)
    rise = np.where(b < upper, -right, 0.0)
    violation = max(fall.max(initial=0.0), rise.max(initial=0.0), 0.0)
    return Certificate(0.5 * float(v @ v) + float(loss.sum()), gap, float(violation))
