"""Linear problems for tests, and a slow solver of their dual from the definition."""

import numpy as np

from scratchml.svm.linear_problem import LinearProblem, bounds
from scratchml.svm.linear_rows import rows_of


def problem_of(X, y, *, C=1.0, loss="hinge", epsilon=0.0, weight=None, constant=1.0):
    """Return the LinearProblem of labels 1 and -1 (the hinge losses) or of targets."""
    cost = C * (np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float))
    rows, y = rows_of(np.asarray(X, dtype=float), constant), np.asarray(y, dtype=float)
    above, below = cost, cost
    if "hinge" in loss:
        above, below = np.where(y > 0, cost, 0.0), np.where(y < 0, cost, 0.0)
    return LinearProblem(rows, y, above, below, epsilon, loss.startswith("squared"))


def matrix(problem):
    """Return A with its zeros."""
    rows = problem.rows
    A = np.zeros((len(problem.y), rows.width))
    for i in range(len(A)):
        part = slice(rows.indptr[i], rows.indptr[i + 1])
        A[i, slice(None) if rows.indices is None else rows.indices[part]] = rows.data[part]
    return A


def least_objective(problem, steps=20_000):
    """Return min P, to about 1e-8, by accelerated projected gradient on the dual."""
    A, y = matrix(problem), problem.y
    lower, upper, d = bounds(problem)
    Q = A @ A.T + np.diag(d)
    L = np.linalg.eigvalsh(Q)[-1]
    b = z = np.zeros(len(y))
    t = 1.0
    for _ in range(steps):
        u = z - (Q @ z - y) / L
        new = np.sign(u) * np.maximum(np.abs(u) - problem.epsilon / L, 0)
        new = np.clip(new, lower, upper)
        if (z - new) @ (new - b) > 0:
            t = 1.0  # restart: the momentum points uphill
        if np.abs(new - b).max() <= 1e-13 * np.abs(new).max():
            break
        t_new = (1 + np.sqrt(1 + 4 * t * t)) / 2
        z, b, t = new + (t - 1) / t_new * (new - b), new, t_new
    return -(0.5 * b @ Q @ b - y @ b + problem.epsilon * np.abs(b).sum())


def classes(n=40, p=3, seed=0):
    """Return samples and labels 1 and -1 that overlap."""
    random = np.random.default_rng(seed)
    X = random.standard_normal((n, p))
    y = np.where(X[:, 0] + random.standard_normal(n) > 0, 1.0, -1.0)
    y[:2] = 1, -1
    return X, y
