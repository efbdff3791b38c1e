"""Fit the linear machines of an estimator: which solver suits, and one machine after another.

"newton"    (`multiplier_newton`) where the smaller of samples and columns is small enough for a
            matrix of that order. A plain loss starts from sweeps of coordinate descent, unless
            samples are so many more than columns that Newton's steps cost no more than these.
"dual"      (`dual_coordinate_descent`) otherwise: no matrix at all.
"auto"      the first where it can be done, else the second.
"lasso"     (`sparse_hinge`) for the L1 penalty.

The machines of several classes, each class against the rest, share the samples and run in parallel.
Squared losses of many columns share a matrix too, the inverse of the Hessian with all samples:
it preconditions the conjugate gradients of each, and gives each its start.
"""

from typing import NamedTuple

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml._core.threads import parallel_chunks
from scratchml.svm.dual_coordinate_descent import dual_coordinate_descent
from scratchml.svm.linear_problem import Certificate, LinearProblem, LinearSolution, certificate
from scratchml.svm.linear_rows import Rows, combine, length
from scratchml.svm.multiplier_newton import multiplier_newton
from scratchml.svm.newton_system import curvature
from scratchml.svm.sparse_hinge import sparse_hinge

LARGEST = 1500  # order of a matrix that Newton's method may factor
_SHARED = 256  # columns from which on a common preconditioner pays
_SWEEPS = 300  # of coordinate descent before Newton's steps
_TALL = 100  # samples per column from which on these cost more than they save


class Machine(NamedTuple):
    """One fitted machine."""

    v: np.ndarray  # (q,)
    n_iter: int
    converged: bool
    certificate: Certificate


class Settings(NamedTuple):
    """What the estimators pass on."""

    method: str
    tol: float
    max_iter: int
    seed: int
    stop: np.ndarray


def fit_machines(problems: list[LinearProblem], settings: Settings) -> list[Machine]:
    """Solve problems that share their samples."""
    method = _method(problems[0].rows, settings.method)
    with one_blas_thread():  # products run in several threads already
        P = None
        if method == "newton" and problems[0].squared:
            P = _shared_inverse(problems)

        def task(k: int, stop: int) -> Machine:
            machine = settings._replace(method=method, seed=(settings.seed + k) % 2**64)
            return _fit(problems[k], machine, P)

        return parallel_chunks(task, [(k, k + 1) for k in range(len(problems))])


def _method(rows: Rows, method: str) -> str:
    small = min(length(rows), rows.width) <= LARGEST
    return {"auto": "newton" if small else "dual"}.get(method, method)


def _fit(problem: LinearProblem, settings: Settings, P: np.ndarray | None) -> Machine:
    method, tol, max_iter, seed, stop = settings
    if method == "lasso":
        found, how_good = sparse_hinge(problem, tol=tol, max_iter=max_iter, stop=stop)
        return Machine(found.v, found.n_iter, found.converged, how_good)
    if method == "dual":
        found = dual_coordinate_descent(problem, tol=tol, max_iter=max_iter, seed=seed, stop=stop)
    else:
        start = _start(problem, settings, P)
        found = multiplier_newton(problem, tol=tol, max_iter=max_iter, start=start, P=P, stop=stop)
    how_good = certificate(problem, found.v, found.b)
    return Machine(found.v, found.n_iter, found.converged, how_good)


def _start(
    problem: LinearProblem, settings: Settings, P: np.ndarray | None
) -> LinearSolution | None:
    rows = problem.rows
    if problem.squared:
        if P is None or P.ndim == 1:
            return None
        cost = 2 * (problem.above + problem.below)
        return LinearSolution(P @ combine(rows, cost * problem.y), np.zeros(0), 0, False)
    if length(rows) > _TALL * rows.width or settings.max_iter == 0:
        return None
    return dual_coordinate_descent(
        problem, tol=settings.tol, max_iter=_SWEEPS, seed=settings.seed, stop=settings.stop
    )


def _shared_inverse(problems: list[LinearProblem]) -> np.ndarray | None:
    """Return the inverse of the mean Hessian at v = 0, (q, q), or of its diagonal, (q,)."""
    rows = problems[0].rows
    if rows.width <= _SHARED or length(rows) <= _SHARED:
        return None
    s = np.mean([2 * (problem.above + problem.below) for problem in problems], axis=0)
    if rows.width <= LARGEST:
        return np.linalg.inv(curvature(rows, s))
    if length(rows) <= LARGEST:
        return None
    if rows.indices is None:
        A = rows.data.reshape(-1, rows.width)
        return 1 / (1 + np.einsum("i,ij,ij->j", s, A, A))
    weights = np.repeat(s, np.diff(rows.indptr)) * rows.data**2
    return 1 / (1 + np.bincount(rows.indices, weights, minlength=rows.width))
