"""What LinearSVC and LinearSVR share: options that go together, the run of a solver, its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from scratchml._core.estimator import Estimator, check_is_fitted
from scratchml._core.exceptions import ConvergenceWarning, warn
from scratchml._core.interruptible import interruptible
from scratchml._core.random import seed_from
from scratchml._core.rules import Rule, boolean, integer, option, random_state, real
from scratchml._core.threads import get_num_threads, set_num_threads
from scratchml._core.validation import check_sample_weight
from scratchml.linear_model.base import linear_predictor
from scratchml.svm.linear_fit import Machine, Settings, fit_machines
from scratchml.svm.linear_problem import LinearProblem
from scratchml.svm.linear_rows import Rows, rows_of

Result = TypeVar("Result")

RULES: Mapping[str, Rule] = {
    "dual": boolean() | option("auto"),
    "tol": real(0, closed="neither"),
    "C": real(0, closed="neither"),
    "fit_intercept": boolean(),
    "intercept_scaling": real(0, closed="neither"),
    "verbose": integer(0) | boolean(),
    "random_state": random_state(),
    "max_iter": integer(0),
}
SUPPORTED = {
    ("l2", "hinge", True),
    ("l1", "squared_hinge", False),
    ("l2", "squared_hinge", True),
    ("l2", "squared_hinge", False),
    ("l2", "epsilon_insensitive", True),
    ("l2", "squared_epsilon_insensitive", True),
    ("l2", "squared_epsilon_insensitive", False),
}
_LONG = 200_000  # entries of X from which on a fit is long enough to be interrupted


class LinearSVM(Estimator):
    """Base of the linear machines."""

    C: float
    loss: str
    dual: Any
    tol: float
    fit_intercept: bool
    intercept_scaling: float
    verbose: Any
    random_state: Any
    max_iter: int
    coef_: np.ndarray
    intercept_: Any

    def _method(self, penalty: str = "l2") -> str:
        """Return the method for `fit_machines`, or raise where there is none."""
        choices = (True, False) if self.dual == "auto" else (bool(self.dual),)
        if not any((penalty, self.loss, dual) in SUPPORTED for dual in choices):
            together = any((penalty, self.loss, dual) in SUPPORTED for dual in (True, False))
            raise ValueError(
                f"Unsupported set of arguments: the combination of penalty={penalty!r} and loss="
                f"{self.loss!r} is not supported{f' when dual={self.dual}' if together else ''}, "
                f"Parameters: penalty={penalty!r}, loss={self.loss!r}, dual={self.dual!r}"
            )
        if penalty == "l1":
            return "lasso"
        if self.dual == "auto":
            return "auto"
        return "dual" if self.dual else "newton"

    def _scores(self, X: Any) -> np.ndarray:
        """Return x'b + b0 of the rows, (n,) or (n, k)."""
        check_is_fitted(self)
        X = self._check_X(X, accept_sparse=True)
        if isinstance(X, np.ndarray):
            return linear_predictor(X, self.coef_, self.intercept_)
        coef = np.atleast_2d(self.coef_).T  # (p, k)
        scores = X @ np.ascontiguousarray(coef) + self.intercept_
        return scores if self.coef_.ndim == 2 else scores[:, 0]

    def _rows(self, X: Any) -> Rows:
        return rows_of(X, float(self.intercept_scaling) if self.fit_intercept else 0.0)

    def _cost(self, sample_weight: Any, n: int) -> np.ndarray:
        """Return C times the weight of each sample, (n,)."""
        weight = check_sample_weight(sample_weight, n)
        return np.full(n, float(self.C)) if weight is None else self.C * weight

    def _run(self, size: int, task: Callable[[np.ndarray, int], Result]) -> Result:
        """Return ``task(stop, seed)``, which Ctrl-C ends."""
        seed, threads = seed_from(self.random_state), get_num_threads()

        def run(stop: np.ndarray) -> Result:
            with set_num_threads(threads), np.errstate(over="ignore", invalid="ignore"):
                return task(stop, seed)

        return interruptible(run) if size > _LONG else run(np.zeros(1, dtype=np.int64))

    def _fit_machines(self, problems: list[LinearProblem], method: str) -> list[Machine]:
        return self._run(
            len(problems[0].rows.data),
            lambda stop, seed: fit_machines(
                problems, Settings(method, self.tol, self.max_iter, seed, stop)
            ),
        )

    def _learn(self, machines: list[Machine], joint: bool = False) -> None:
        """Keep coefficients, intercepts, iterations and certificates; report."""
        V = np.array([machine.v for machine in machines])  # (k, q)
        gaps = [machine.certificate.gap for machine in machines]
        if not (np.isfinite(V).all() and np.isfinite(gaps).all()):
            raise ValueError(
                "The coefficients are not finite: squares of X overflow. Scale the features down, "
                "for instance with StandardScaler."
            )
        p = V.shape[1] - bool(self.fit_intercept)
        self.coef_ = np.ascontiguousarray(V[:, :p])
        scaled = self.intercept_scaling * V[:, p:].sum(axis=1)
        self.intercept_ = scaled if self.fit_intercept else np.zeros(len(V))
        self.n_iter_ = int(max(machine.n_iter for machine in machines))
        parts = [machine.certificate._asdict() for machine in machines[: 1 if joint else None]]
        one = len(parts) == 1
        self.certificate_ = parts[0] if one else {k: [c[k] for c in parts] for k in parts[0]}
        if self.verbose:
            for part in parts:
                print(f"{type(self).__name__}: {part}")
        if not all(machine.converged for machine in machines):
            warn(
                f"{type(self).__name__} failed to converge: increase the number of iterations, "
                f"max_iter={self.max_iter}, bring the features to a common scale, or lower C. The "
                f"largest duality gap is {max(gaps):.3e}.",
                ConvergenceWarning,
                stacklevel=4,
            )
