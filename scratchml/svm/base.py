"""What the fits of all support vector machines share.

A fit turns checked samples into rows that a kernel compares (`_training_rows`), lets a solver find
the coefficients of one or several dual problems (`_solve`), and keeps those that are not zero with
their samples, the support vectors (`_learn`).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchml._core.csr import CSR
from scratchml._core.exceptions import ConvergenceWarning, warn
from scratchml._core.interruptible import interruptible
from scratchml._core.threads import get_num_threads, set_num_threads
from scratchml._core.validation import (
    check_array,
    check_consistent_length,
    check_finite,
    column_or_1d,
    n_samples,
)
from scratchml.svm.fitted import FittedSVM, rows_of
from scratchml.svm.kernel_functions import Kernel
from scratchml.svm.matrix_rows import MatrixRows
from scratchml.svm.one_vs_one import solve_parts
from scratchml.svm.settings import NOT_FINITE, gamma_of
from scratchml.svm.smo import Dual, Solution, duality_gap, objective

_LONG = 1000  # samples from which a solver may stay in compiled code so long that Ctrl-C matters


class BaseSVM(FittedSVM):
    """Base of all kernel machines."""

    gamma: Any
    coef0: float
    degree: int
    tol: float
    cache_size: float
    shrinking: bool
    max_iter: int
    verbose: Any

    def _check_fit(self, X: Any, y: Any, y_numeric: bool = False) -> tuple[Any, np.ndarray]:
        """Return the samples and targets of a fit, checked; a callable kernel takes any samples."""
        if not callable(self.kernel):
            X, y = self._check_X_y(X, y, y_numeric=y_numeric, **self._sample_rules())
            self._check_square(X)
            return X, y
        y = column_or_1d(y, warn_column=True)
        if y_numeric:
            y = check_array(y, name="y", dtype=np.float64, ndim=1, estimator=self)
        check_finite(y, name="y", estimator=self)
        check_consistent_length(X=X, y=y)
        return X, y

    def _check_samples(self, X: Any) -> Any:
        """Return the samples of a fit without targets, checked."""
        if callable(self.kernel):
            return X
        X = self._check_X(X, reset=True, **self._sample_rules())
        self._check_square(X)
        return X

    def _sample_rules(self) -> dict[str, Any]:
        return {"dtype": np.float64, "order": "C", "accept_sparse": True}

    def _check_square(self, X: Any) -> None:
        if self._pairwise and isinstance(X, CSR):
            raise TypeError(
                "Sparse precomputed kernel matrices are not supported; use X.toarray()."
            )
        if self._pairwise and X.shape[0] != X.shape[1]:
            raise ValueError(
                f"A precomputed kernel matrix must be a square matrix; X has the shape {X.shape}."
            )

    def _training_rows(self, X: Any) -> Any:
        """Return the samples of a fit as rows, and remember what prediction needs of them."""
        self.shape_fit_ = tuple(X.shape) if hasattr(X, "shape") else (n_samples(X),)
        if callable(self.kernel):
            self._kernel_ = ("callable", 0.0, 0.0, 0)
            self._X_fit_ = copy.copy(X)
            return MatrixRows(self._kernel_matrix(X, X))
        if self._pairwise:
            self._kernel_ = ("precomputed", 0.0, 0.0, 0)
            return MatrixRows(X)
        gamma = gamma_of(self.gamma, X)
        self._kernel_ = (self.kernel, gamma, float(self.coef0), int(self.degree))
        rows = rows_of(Kernel(*self._kernel_), X)
        if not np.isfinite(rows.diagonal()).all():  # the largest values of the kernel
            raise ValueError(NOT_FINITE)
        return rows

    def _solve(
        self, rows: Any, parts: Sequence[np.ndarray], duals: Sequence[Dual]
    ) -> list[Solution]:
        """Return the solution of each dual problem, that of the samples ``parts[k]`` of `rows`."""
        cache_bytes = self.cache_size * 2**20

        def task(stop: Any) -> list[Solution]:
            return solve_parts(
                rows, parts, duals, self.tol, self.max_iter, cache_bytes, self.shrinking, stop
            )

        if len(rows) <= _LONG:
            return task(None)
        threads = get_num_threads()  # set for this thread only, perhaps

        def elsewhere(stop: Any) -> list[Solution]:
            with set_num_threads(threads):
                return task(stop)

        return interruptible(elsewhere)

    def _learn(self, X: Any, index: np.ndarray, coef: np.ndarray, intercept: np.ndarray) -> None:
        """Keep the samples with a coefficient that is not zero, and the coefficients.

        Parameters
        ----------
        X : samples of the fit
            Checked.
        index : ndarray of int, shape (n,)
            Places in X of the samples that took part.
        coef : ndarray of shape (n_rows, n)
            Their coefficients.
        intercept : ndarray of shape (n_machines,)
            The machines' intercepts.
        """
        if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
            raise ValueError(NOT_FINITE)
        used = np.flatnonzero(coef.any(axis=0))
        self.support_ = index[used].astype(np.int32)
        is_matrix = self._kernel_[0] in ("callable", "precomputed")
        self._support_vectors_ = np.empty((0, 0)) if is_matrix else X[self.support_]
        self._dual_coef_ = np.ascontiguousarray(coef[:, used])
        self.intercept_ = intercept
        for array in (self._dual_coef_, self.intercept_, self._support_vectors_):
            array.setflags(write=False)  # prediction has copies, which would not follow
        self.n_support_ = np.array([len(used)], dtype=np.int32)

    def _report(self, duals: Sequence[Dual], solutions: Sequence[Solution]) -> None:
        """Keep how well the problems were solved, and say it where asked or where it is bad."""
        if not np.isfinite([solution.violation for solution in solutions]).all():
            raise ValueError(NOT_FINITE)
        measures = [
            (objective(dual, solution), duality_gap(dual, solution), float(solution.violation))
            if len(solution.b)
            else (0.0, 0.0, 0.0)
            for dual, solution in zip(duals, solutions, strict=True)
        ]
        columns = zip(*measures, strict=True)
        self.certificate_ = {
            name: column[0] if len(column) == 1 else list(column)
            for name, column in zip(("objective", "gap", "violation"), columns, strict=True)
        }
        self.fit_status_ = int(not all(solution.converged for solution in solutions))
        if self.verbose:
            for solution, measured in zip(solutions, measures, strict=True):
                print(f"{type(self).__name__}: {_summary(solution, *measured)}", flush=True)
        if self.fit_status_:
            _, gaps, violations = zip(*measures, strict=True)
            warn(
                f"Solver terminated early (max_iter={self.max_iter}).  Consider pre-processing "
                "your data with StandardScaler or MinMaxScaler. Largest KKT violation: "
                f"{max(violations):.3e}, tolerance: {self.tol:.3e}; duality gap: {max(gaps):.3e}.",
                ConvergenceWarning,
                stacklevel=4,
            )


def _summary(solution: Solution, value: float, gap: float, violation: float) -> str:
    return (
        f"{solution.n_iter} pairs moved, objective {value:.6g}, duality gap {gap:.3g}, violation "
        f"{violation:.3g}, {np.count_nonzero(solution.b)} support vectors"
    )
