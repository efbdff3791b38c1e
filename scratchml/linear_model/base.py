"""What the linear models share at prediction: X b + b0."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml._core.estimator import check_is_fitted
from scratchml._core.mixins import RegressorMixin

_ONE_THREAD_FROM = 4096  # below, BLAS takes one thread of its own accord
_ONE_THREAD_TO = 1 << 20  # about half a millisecond of reading


def linear_predictor(X: np.ndarray, coef: np.ndarray, intercept: np.ndarray | float) -> np.ndarray:
    """Return ``X @ coef.T + intercept`` in the dtype that X and coef have together.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Rows.
    coef : ndarray of shape (n_features,) or (n_targets, n_features)
        Coefficients.
    intercept : float or ndarray of shape (n_targets,)
        Added to each row.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_targets)
        The linear predictor.
    """
    with one_blas_thread(when=_ONE_THREAD_FROM < X.size < _ONE_THREAD_TO):
        values = X @ coef.T  # (n,) or (n, t)
    values += intercept  # in place: the product is ours, and a second array would cost as much
    return values


def shaped(
    fit: Any, y: np.ndarray, dtype: Any, fit_intercept: bool, *, column: bool = True
) -> tuple[np.ndarray, Any]:
    """Return coefficients and intercept of a Solution in `dtype`, shaped as the targets `y` are.

    Parameters
    ----------
    fit : Solution
        With ``coef`` (t, p) and ``intercept`` (t,).
    y : ndarray of shape (n,) or (n, t)
        The targets as the user passed them.
    dtype : dtype
        Of the data.
    fit_intercept : bool
        Whether there is an intercept; else it is 0.0.
    column : bool
        Whether `y` of shape (n, 1) makes coefficients of shape (1, p), or else (p,).
    """
    coef, intercept = fit.coef.astype(dtype), fit.intercept.astype(dtype)
    if y.ndim == 1 or (len(coef) == 1 and not column):
        coef = coef[0]
    if not fit_intercept:
        return coef, 0.0
    return coef, intercept[0] if y.ndim == 1 else intercept


class LinearRegressorMixin(RegressorMixin):
    """Prediction of the linear regressors, from ``coef_`` and ``intercept_``."""

    coef_: np.ndarray
    intercept_: Any

    def predict(self, X: Any) -> np.ndarray:
        """Return the prediction X b + b0.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            One value per row, or one per row and target.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit.
        """
        check_is_fitted(self)
        X = self._check_X(X)  # type: ignore[attr-defined]
        return linear_predictor(X, self.coef_, self.intercept_)


class LinearClassifierMixin:
    """Decision values of the linear classifiers, from ``coef_`` (k, p) and ``intercept_`` (k,)."""

    coef_: np.ndarray
    intercept_: np.ndarray

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the linear score X b + b0 of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to score.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            With two classes one value a row, positive where the second class is likelier.

        Raises
        ------
        NotFittedError
            If the model has not been fitted.
        ValueError
            If `X` has another number of features, or features of other names, than at the fit.
        """
        check_is_fitted(self)
        X = self._check_X(X)  # type: ignore[attr-defined]
        scores = linear_predictor(X, self.coef_, self.intercept_)
        return scores[:, 0] if scores.shape[1] == 1 else scores
