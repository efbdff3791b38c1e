"""Ridge: least squares with a penalty on the squared norm of the coefficients.

The algorithms are in ``least_squares`` and ``nnls``.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.blas import is_small, one_blas_thread
from scratchml._core.estimator import Estimator, atomic
from scratchml._core.rules import (
    array_like,
    boolean,
    integer,
    none,
    option,
    random_state,
    real,
)
from scratchml._core.validation import check_sample_weight
from scratchml.linear_model.base import LinearRegressorMixin, shaped
from scratchml.linear_model.least_squares import least_squares
from scratchml.linear_model.nnls import non_negative_least_squares


class Ridge(LinearRegressorMixin, Estimator):
    """Ridge regression: minimise ``sum_i w_i (y_i - b0 - x_i'b)^2 + alpha |b|^2``.

    Parameters
    ----------
    alpha : float or array-like of shape (n_targets,), default 1.0
        Strength of the penalty, at least 0; an array has one for each target. The intercept is not
        penalised. 0 is ordinary least squares.
    fit_intercept : bool, default True
        Fit b0. False sets it to 0.
    copy_X : bool, default True
        Kept for code written for scikit-learn. `X` is neither copied nor changed, whatever it says.
    max_iter : int or None, default None
        Kept likewise, as are `tol` and `random_state`: they belong to iterative solvers, and the
        solvers here are direct.
    tol : float, default 1e-4
        See `max_iter`.
    solver : {"auto", "svd", "cholesky"}, default "auto"
        "auto" and "cholesky" choose by the condition of the data: Cholesky factorization, else
        Householder's QR, else a singular value decomposition. "svd" goes to the last at once.
    positive : bool, default False
        Restrict b (not b0) to values of at least 0; with `solver` "auto" only.
    random_state : None, int, RandomState or Generator, default None
        See `max_iter`.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
        b. One target gives (n_features,), also where it came as a column.
    intercept_ : float or ndarray of shape (n_targets,)
        b0.
    n_iter_ : int
        Steps by which the direct solution was refined or, if `positive`, of the active set.
    solver_ : str
        What was used: "cholesky", "householder", "svd" or, if `positive`, "active set".
    certificate_ : dict
        How good the solution is, in plain values; see `LinearRegression`. Orthogonality is that of
        the optimality condition A'r = alpha b.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if `X` was a frame with string column names.

    References
    ----------
    A. Hoerl, R. Kennard, Ridge Regression, Technometrics 12, 1970.

    Examples
    --------
    >>> from scratchml.linear_model import Ridge
    >>> model = Ridge(alpha=2.0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> model.coef_
    array([0.5])
    >>> model.predict([[3.0]])
    array([2.])
    """

    _rules: ClassVar = {
        "alpha": real(0.0) | array_like(),
        "fit_intercept": boolean(),
        "copy_X": boolean(),
        "max_iter": integer(1) | none(),
        "tol": real(0.0),
        "solver": option("auto", "svd", "cholesky"),
        "positive": boolean(),
        "random_state": random_state(),
    }
    _tags: ClassVar = {"target_tags.multi_output": True}

    def __init__(
        self,
        alpha: Any = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int | None = None,
        tol: float = 1e-4,
        solver: str = "auto",
        positive: bool = False,
        random_state: Any = None,
    ):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the coefficients.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : float or array-like of shape (n_samples,), optional
            Non-negative weights of the samples, not all zero. A number stands for that weight
            throughout, which divides the influence of `alpha` by it.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If shapes, lengths or values of the arrays, or a parameter, are not as stated.
        TypeError
            If the arrays are sparse or hold anything but real numbers.
        """
        if self.positive and self.solver != "auto":
            raise ValueError(
                f"solver={self.solver!r} does not support positive=True; use solver='auto'."
            )
        X, y = self._check_X_y(X, y, multi_output=True, y_numeric=True)
        weights = check_sample_weight(sample_weight, len(X))
        Y = y.reshape(len(y), -1)
        alpha = _penalties(self.alpha, Y.shape[1])
        with one_blas_thread(when=is_small(X)):
            if self.positive:
                fit = non_negative_least_squares(
                    X, Y, weights, intercept=self.fit_intercept, alpha=alpha
                )
            else:
                svd = self.solver == "svd"
                fit = least_squares(
                    X, Y, weights, intercept=self.fit_intercept, alpha=alpha, always_svd=svd
                )
        self.coef_, self.intercept_ = shaped(fit, y, X.dtype, self.fit_intercept, column=False)
        self.n_iter_ = max(1, fit.certificate["steps"])
        self.solver_ = fit.certificate["method"].partition(",")[0]
        self.certificate_ = fit.certificate
        return self


def _penalties(alpha: Any, n_targets: int) -> np.ndarray:
    """Return alpha as an array (n_targets,), or raise."""
    penalties = np.asarray(alpha, dtype=np.float64).reshape(-1)
    if len(penalties) not in (1, n_targets):
        raise ValueError(
            "Number of targets and number of penalties do not correspond: alpha has "
            f"{len(penalties)} values, y has {n_targets} targets."
        )
    if not np.all((penalties >= 0) & np.isfinite(penalties)):
        raise ValueError(f"alpha must hold finite values of at least 0, got {alpha!r}.")
    return np.broadcast_to(penalties, n_targets)
