"""LogisticRegression: the estimator. The loss is in `logistic_loss`, the fit in `logistic_fit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic
from scratchml._core.exceptions import ConvergenceWarning, warn
from scratchml._core.mixins import ClassifierMixin
from scratchml._core.rules import (
    Rule,
    boolean,
    integer,
    mapping,
    none,
    option,
    random_state,
    real,
)
from scratchml._core.targets import (
    check_classification_targets,
    class_weight_vector,
    encode_labels,
)
from scratchml._core.validation import check_sample_weight
from scratchml.linear_model.base import LinearClassifierMixin
from scratchml.linear_model.lbfgs import Minimum
from scratchml.linear_model.logistic_fit import fit_logistic
from scratchml.linear_model.logistic_scores import (
    log_probabilities,
    probabilities,
    smallest_margin,
)

_METHODS = {"auto": "auto", "lbfgs": "lbfgs", "newton-cholesky": "newton"}


class LogisticRegression(LinearClassifierMixin, ClassifierMixin, Estimator):
    """Logistic regression: linear class probabilities for two classes (sigmoid) or more (softmax).

    Minimises, over coefficients b and intercepts (which are not penalised)::

        C sum_i w_i loss(y_i, x_i) + l1_ratio |b|_1 + (1 - l1_ratio) / 2 |b|_2^2

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty, in (0, inf]; ``inf`` is no penalty.
    l1_ratio : float, default=0.0
        Share of the L1 penalty, in [0, 1]: 0 is ridge, 1 lasso, in between elastic net.
    tol : float, default=1e-4
        The fit stops when no entry of the gradient of the mean objective (the sum above over
        C times the sum of weights) exceeds `tol`. Unless ``solver="lbfgs"``, the decrease of the
        mean objective that is still to be expected must be below ``tol**2 / 2`` as well.
    fit_intercept : bool, default=True
        Fit intercepts.
    class_weight : dict, "balanced" or None, default=None
        Weight of each class, as ``{label: weight}``; "balanced" gives all classes the same sum.
    random_state : int, RandomState or None, default=None
        For scikit-learn's signature. No solver here draws random numbers.
    solver : {"auto", "lbfgs", "newton-cholesky"}, default="auto"
        "auto" is Newton's method where its few steps cost less than the many of L-BFGS, and
        proximal Newton when ``l1_ratio > 0``. The others take only ``l1_ratio=0``.
    max_iter : int, default=100
        Most iterations.
    verbose : int, default=0
        If positive, print how the solver ended.
    warm_start : bool, default=False
        Start from the coefficients of the last fit.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Sorted labels.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Coefficients, of X's dtype; one row for two classes.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts; zeros without `fit_intercept`.
    n_iter_ : ndarray of int32, shape (1,)
        Iterations made.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Their names, if `X` was a frame with string column names.
    certificate_ : dict of str to float
        How good the fit is: "objective", the mean objective; "gradient", the largest entry of its
        gradient (with an L1 penalty, of the subgradient of least norm); "gap", an estimate of
        the objective's distance to its minimum, from the last quadratic model (that of L-BFGS may
        be a hundred times too low).

    Notes
    -----
    Two classes: P(classes_[1] | x) = 1 / (1 + exp(-score)). With more, the classes' coefficients
    sum to zero when ``l1_ratio=0``.

    References
    ----------
    Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd edition, 2009, section
    4.4.

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression().fit(X, y)
    >>> model.predict(X[[0, 75, 149]])
    array([0, 1, 2])
    >>> model.predict_proba(X[[0, 75, 149]]).round(2)
    array([[0.98, 0.02, 0.  ],
           [0.01, 0.92, 0.07],
           [0.  , 0.23, 0.76]])
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "C": real(0.0, np.inf, closed="right"),
        "l1_ratio": real(0.0, 1.0, closed="both"),
        "tol": real(0.0),
        "fit_intercept": boolean(),
        "class_weight": mapping() | option("balanced") | none(),
        "random_state": random_state(),
        "solver": option(*_METHODS),
        "max_iter": integer(0),
        "verbose": integer(0) | boolean(),
        "warm_start": boolean(),
    }

    def __init__(
        self,
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        tol: float = 1e-4,
        fit_intercept: bool = True,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "auto",
        max_iter: int = 100,
        verbose: int = 0,
        warm_start: bool = False,
    ):
        self.C = C
        self.l1_ratio = l1_ratio
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the coefficients.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows. C-ordered float64 or float32 is used as it is.
        y : array-like of shape (n_samples,)
            Labels: numbers, booleans or strings, of two classes at least.
        sample_weight : array-like of shape (n_samples,), optional
            Weights, not negative; 2 counts as the row twice.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter, or the data, breaks a rule; the message names it.

        Warns
        -----
        ConvergenceWarning
            If the solver stops before `tol` is met, or the classes are separable and ``C=inf``.
        """
        penalised = bool(np.isfinite(self.C))
        if self.solver != "auto" and self.l1_ratio > 0 and penalised:
            raise ValueError(
                f"Solver {self.solver} supports only 'l2' or None penalties, got l1_ratio="
                f"{self.l1_ratio}; solver='auto' takes any l1_ratio."
            )
        X, y = self._check_X_y(X, y, order="C")
        check_classification_targets(y)
        classes, codes = encode_labels(y)
        if len(classes) < 2:
            raise ValueError(
                "LogisticRegression needs samples of at least 2 classes in y, but y contains only "
                f"one class: {classes[0]!r}"
            )
        w, total = self._weights(classes, codes, sample_weight)
        B = self._start(X.shape[1], 1 if len(classes) == 2 else len(classes))
        strength = 1.0 / (self.C * total) if penalised else 0.0
        result = fit_logistic(
            X,
            codes,
            w,
            B,
            ridge=(1.0 - self.l1_ratio) * strength,
            lasso=self.l1_ratio * strength,
            method=_METHODS[self.solver],
            tol=self.tol,
            max_iter=self.max_iter,
        )
        p = X.shape[1]
        self.classes_ = classes
        self.coef_ = np.array(result.x[:, :p], dtype=X.dtype)
        if self.fit_intercept:
            self.intercept_ = np.array(result.x[:, p], dtype=X.dtype)
        else:
            self.intercept_ = np.zeros(len(B), dtype=X.dtype)
        self.n_iter_ = np.array([result.n_iter], dtype=np.int32)
        self.certificate_ = {
            "objective": float(result.value),
            "gradient": float(np.abs(result.gradient).max(initial=0.0)),
            "gap": float(result.gap),
        }
        self._report(result)
        if not penalised and smallest_margin(X, codes, w, result.x) > 0:
            warn(
                "The classes are linearly separable: without a penalty (C=inf) the loss has no "
                f"minimum and the coefficients grow without bound. They stopped at tol={self.tol}; "
                "a finite C gives a unique solution.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.
        """
        scores = self.decision_function(X)
        codes = scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(np.intp)
        return self.classes_[codes]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of ``classes_``; each to full relative accuracy, however
            small.
        """
        return probabilities(self.decision_function(X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Finite, and accurate where the probability itself underflows.
        """
        return log_probabilities(self.decision_function(X))

    def _weights(
        self, classes: np.ndarray, codes: np.ndarray, sample_weight: Any
    ) -> tuple[np.ndarray, float]:
        """Return the product of both weights, scaled to sum 1, and the sum."""
        weight = check_sample_weight(sample_weight, len(codes), np.float64)
        by_class = class_weight_vector(self.class_weight, classes, codes, weight)
        w = by_class[codes]
        if weight is not None:
            w *= weight
        total = float(w.sum())
        if not total > 0:
            raise ValueError(
                "sample_weight and class_weight must leave at least one positive weight; their "
                f"product sums to {total!r}, zero for every row."
            )
        w /= total
        return w, total

    def _start(self, p: int, K: int) -> np.ndarray:
        """Return zeros, or with `warm_start` the last coefficients, (K, p) or (K, p + 1)."""
        B = np.zeros((K, p + self.fit_intercept))
        if self.warm_start and hasattr(self, "coef_"):
            if self.coef_.shape != (K, p):
                raise ValueError(
                    f"warm_start=True starts from coef_, of shape {self.coef_.shape}; these data "
                    f"need shape {(K, p)}."
                )
            B[:, :p] = self.coef_
            if self.fit_intercept:
                B[:, p] = self.intercept_
        return B

    def _report(self, result: Minimum) -> None:
        found = (
            f"after {result.n_iter} iteration(s): objective {result.value:.6g}, largest gradient "
            f"{self.certificate_['gradient']:.2g} (tol={self.tol:g}), expected decrease "
            f"{result.gap:.2g}"
        )
        if self.verbose:
            print(f"LogisticRegression: {result.method}: {result.status} {found}")
        if result.status in ("max_iter", "stalled"):
            warn(
                f"{result.method} failed to converge {found}. Increase the number of iterations "
                "(max_iter), scale the data (StandardScaler), or penalise more (smaller C).",
                ConvergenceWarning,
                stacklevel=4,
            )
