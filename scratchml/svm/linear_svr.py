"""LinearSVR: linear support vector regression. The problem is in `linear_problem`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.mixins import RegressorMixin
from scratchml._core.rules import Rule, option, real
from scratchml.svm.linear_base import RULES, LinearSVM
from scratchml.svm.linear_problem import LinearProblem


class LinearSVR(RegressorMixin, LinearSVM):
    """Linear support vector regression, for many samples or many features.

    Minimises over v, the coefficients b and the intercept b0, [1]_::

        1/2 ||v||^2 + C sum_i w_i max(0, |y_i - x_i'b - b0| - epsilon)

    or the same with the losses squared. Unlike in `SVR`, the intercept is penalised too.

    Parameters
    ----------
    epsilon : float, default=0.0
        Errors up to this cost nothing; not negative, in the units of y.
    tol : float, default=1e-4
        Newton's method ends when the duality gap is at most ``tol / 100`` times the objective, or
        ``tol**2`` times with a squared loss; the others when the violation is at most ``tol`` times
        the largest at the start (coordinate descent).
    C : float, default=1.0
        Weight of the losses, positive.
    loss : {"epsilon_insensitive", "squared_epsilon_insensitive"}, default="epsilon_insensitive"
        The plain or the squared loss.
    fit_intercept : bool, default=True
        Fit b0; otherwise it is zero.
    intercept_scaling : float, default=1.0
        b0 is this times the last entry of v; larger values penalise the intercept less.
    dual : "auto" or bool, default="auto"
        True: coordinate descent on the dual problem, sample by sample, with random orders. False:
        Newton's method on the primal problem, for the squared loss only. "auto": Newton's method,
        for either loss, with up to 1500 samples or features, else coordinate descent.
    verbose : int, default=0
        If positive, print how good the solution is.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the orders of coordinate descent.
    max_iter : int, default=1000
        Most Newton steps or sweeps of coordinate descent.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
        Coefficients b.
    intercept_ : ndarray of shape (1,), or 0.0 without `fit_intercept`
        Intercept b0.
    n_iter_ : int
        Newton steps or sweeps.
    certificate_ : dict
        How good the solution is: "objective", the value of what is minimised; "gap", the duality
        gap, by which it is above the minimum at most; "violation", the largest slope of the dual
        that is open.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    SVR : Kernels other than linear; an intercept that is not penalised.
    LinearSVC : The same for classification.

    Notes
    -----
    The computation is in float64. A fit takes one copy of X with a column for the intercept;
    matrices that are mostly zeros, and sparse ones, are copied without the zeros.

    References
    ----------
    .. [1] C.-H. Ho, C.-J. Lin, "Large-scale linear support vector regression", JMLR 13 (2012).

    Examples
    --------
    >>> from scratchml.svm import LinearSVR
    >>> model = LinearSVR(C=100.0).fit([[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 70.0])
    >>> model.coef_.round(2), model.intercept_.round(2)
    (array([2.]), array([1.]))
    """

    _tags: ClassVar[Mapping[str, Any]] = {"input_tags.sparse": True}
    _rules: ClassVar[Mapping[str, Rule]] = {
        **RULES,
        "epsilon": real(0),
        "loss": option("epsilon_insensitive", "squared_epsilon_insensitive"),
    }

    def __init__(
        self,
        *,
        epsilon: float = 0.0,
        tol: float = 1e-4,
        C: float = 1.0,
        loss: str = "epsilon_insensitive",
        fit_intercept: bool = True,
        intercept_scaling: float = 1.0,
        dual: Any = "auto",
        verbose: int = 0,
        random_state: Any = None,
        max_iter: int = 1000,
    ) -> None:
        self.epsilon = epsilon
        self.tol = tol
        self.C = C
        self.loss = loss
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.dual = dual
        self.verbose = verbose
        self.random_state = random_state
        self.max_iter = max_iter

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the machine.

        Parameters
        ----------
        X : array-like or scipy sparse matrix of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,)
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Factors of C, not negative.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter or the data breaks a rule; the message names it.

        Warns
        -----
        ConvergenceWarning
            If `tol` is not met within `max_iter`.
        """
        method = self._method()
        X, y = self._check_X_y(X, y, dtype=np.float64, accept_sparse=True, y_numeric=True)
        cost = self._cost(sample_weight, len(y))
        squared = self.loss == "squared_epsilon_insensitive"
        problem = LinearProblem(
            self._rows(X), np.ascontiguousarray(y), cost, cost, float(self.epsilon), squared
        )
        self._learn(self._fit_machines([problem], method))
        self.coef_ = self.coef_[0]
        if not self.fit_intercept:
            self.intercept_ = 0.0
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the prediction x'b + b0.

        Parameters
        ----------
        X : array-like or scipy sparse matrix of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples,)
            One value a row.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit.
        """
        return self._scores(X)
