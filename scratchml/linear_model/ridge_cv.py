"""RidgeCV: ridge regression that chooses its penalty.

The errors of leave-one-out come from ``leave_one_out``, the final fit from ``least_squares``.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.blas import is_small, one_blas_thread
from scratchml._core.estimator import Estimator, atomic
from scratchml._core.mixins import RegressorMixin
from scratchml._core.rules import Rule, array_like, boolean, integer, none, option, real
from scratchml._core.validation import check_sample_weight
from scratchml.linear_model.base import LinearRegressorMixin, shaped
from scratchml.linear_model.least_squares import least_squares
from scratchml.linear_model.leave_one_out import leave_one_out_errors
from scratchml.linear_model.ridge import Ridge


class RidgeCV(LinearRegressorMixin, Estimator):
    """Ridge regression with the penalty chosen by cross-validation, by default leave-one-out.

    With the residual r_i and the leverage h_i of sample i, the error of the model fitted without it
    is r_i / (1 - h_i): one decomposition gives all n of them, for every alpha.

    Parameters
    ----------
    alphas : float or array-like of shape (n_alphas,), default (0.1, 1.0, 10.0)
        Penalties to choose from, above 0 (with `cv`, at least 0).
    fit_intercept : bool, default True
        Fit b0. False sets it to 0.
    scoring : str, callable or None, default None
        What to maximise: the name of a scorer or ``scorer(estimator, X, y)``. None is the negative
        mean squared error if `cv` is None, else R^2.
    cv : None, int, splitter or iterable of (train, test), default None
        Folds for ordinary cross-validation instead of leave-one-out.
    gcv_mode : {"auto", "svd", "eigen"} or None, default None
        How to decompose for leave-one-out. "auto", "eigen" and None decompose the smaller Gram
        matrix; "svd" factors the data first, which matters for alphas that are smaller
        than 1e-16 times the largest squared singular value.
    store_cv_results : bool, default False
        Keep `cv_results_`; without `cv` only.
    alpha_per_target : bool, default False
        Choose an alpha for each target; without `cv` only.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
        b, fitted to all samples with the best alpha; (n_features,) for one target.
    intercept_ : float or ndarray of shape (n_targets,)
        b0.
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty chosen; of several equally good ones the first.
    best_score_ : float or ndarray of shape (n_targets,)
        Its score.
    cv_results_ : ndarray of shape (n_samples, n_alphas) or (n_samples, n_targets, n_alphas)
        If `store_cv_results`: the weighted squared errors, or with `scoring` the predictions, of
        leave-one-out.
    certificate_ : dict
        See `LinearRegression`.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if `X` was a frame with string column names.

    References
    ----------
    G. Golub, M. Heath, G. Wahba, Generalized Cross-Validation as a Method for Choosing a Good Ridge
    Parameter, Technometrics 21, 1979.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.linear_model import RidgeCV
    >>> x = np.linspace(0.0, 1.0, 20)
    >>> X = np.stack([x, x**2, x**3], axis=1)
    >>> y = x + 0.1 * np.cos(50.0 * x)
    >>> model = RidgeCV(alphas=[1e-6, 1e-3, 1.0]).fit(X, y)
    >>> float(model.alpha_)
    0.001
    """

    _rules: ClassVar = {
        "alphas": real(0.0, closed="neither") | array_like(),
        "fit_intercept": boolean(),
        "scoring": Rule(
            "a str, a callable or None", lambda v: v is None or callable(v) or isinstance(v, str)
        ),
        "cv": integer(2)
        | Rule(
            "a splitter or an iterable of (train, test)",
            lambda v: not isinstance(v, str) and (hasattr(v, "split") or hasattr(v, "__iter__")),
        )
        | none(),
        "gcv_mode": option("auto", "svd", "eigen") | none(),
        "store_cv_results": boolean(),
        "alpha_per_target": boolean(),
    }
    _tags: ClassVar = {"target_tags.multi_output": True}

    def __init__(
        self,
        alphas: Any = (0.1, 1.0, 10.0),
        *,
        fit_intercept: bool = True,
        scoring: Any = None,
        cv: Any = None,
        gcv_mode: str | None = None,
        store_cv_results: bool = False,
        alpha_per_target: bool = False,
    ):
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Choose alpha, and fit the coefficients with it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : float or array-like of shape (n_samples,), optional
            Non-negative weights of the samples, not all zero.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If shapes, lengths or values of the arrays, or a parameter, are not as stated, or
            `store_cv_results` or `alpha_per_target` is combined with `cv`.
        TypeError
            If the arrays are sparse or hold anything but real numbers.
        """
        for name in ("store_cv_results", "alpha_per_target"):
            if self.cv is not None and getattr(self, name):
                raise ValueError(f"cv!=None and {name}=True are incompatible; got cv={self.cv!r}.")
        X, y = self._check_X_y(X, y, multi_output=True, y_numeric=True)
        weights = check_sample_weight(sample_weight, len(X))
        alphas = _candidates(self.alphas, zero_allowed=self.cv is not None)
        Y = y.reshape(len(y), -1)
        if self.cv is None:
            scores = self._leave_one_out_scores(X, Y, y, weights, alphas)  # (t or 1, alphas)
        else:
            scores = self._fold_scores(X, y, weights, alphas)[None, :]
        best = np.argmax(scores, axis=1)
        with one_blas_thread(when=is_small(X)):
            fit = least_squares(X, Y, weights, intercept=self.fit_intercept, alpha=alphas[best])
        self.coef_, self.intercept_ = shaped(fit, y, X.dtype, self.fit_intercept, column=False)
        score = scores[np.arange(len(best)), best]
        several = self.alpha_per_target and Y.shape[1] > 1
        self.alpha_ = alphas[best] if several else float(alphas[best[0]])
        self.best_score_ = score if several else float(score[0])
        self.certificate_ = fit.certificate
        return self

    def _leave_one_out_scores(
        self, X: np.ndarray, Y: np.ndarray, y: np.ndarray, weights: Any, alphas: np.ndarray
    ) -> np.ndarray:
        mode = "svd" if self.gcv_mode == "svd" else "eigen"
        with one_blas_thread(when=is_small(X)):
            errors = leave_one_out_errors(
                X, Y, weights, alphas, intercept=self.fit_intercept, mode=mode
            )  # (n, t, alphas)
        if self.scoring is None:
            results = errors**2 if weights is None else weights[:, None, None] * errors**2
            each = -results.mean(axis=0)
        else:
            results = Y[:, :, None] - errors
            each = self._scores_of(results, Y if y.ndim == 2 else y)
        if self.store_cv_results:
            kept = results[:, 0] if y.ndim == 1 else results
            self.cv_results_ = kept.astype(X.dtype)
        return each if self.alpha_per_target else each.mean(axis=0, keepdims=True)

    def _scores_of(self, predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return scores (t or 1, alphas) of leave-one-out predictions (n, t, alphas)."""
        from scratchml.metrics import get_scorer

        scorer, model = get_scorer(self.scoring), _Foretold()
        if self.alpha_per_target:
            columns = y.reshape(len(y), -1).T
            return np.array(
                [
                    [scorer(model, p, column) for p in predictions[:, k].T]
                    for k, column in enumerate(columns)
                ]
            )
        shape = y.shape
        return np.array(
            [[scorer(model, p.reshape(shape), y) for p in np.moveaxis(predictions, 2, 0)]]
        )

    def _fold_scores(
        self, X: np.ndarray, y: np.ndarray, weights: Any, alphas: np.ndarray
    ) -> np.ndarray:
        """Return the mean score over the folds for each alpha."""
        from scratchml.model_selection import check_cv, cross_val_score

        folds = list(check_cv(self.cv, y).split(X, y))
        params = None if weights is None else {"sample_weight": weights}
        return np.array(
            [
                cross_val_score(
                    Ridge(alpha, fit_intercept=self.fit_intercept),
                    X,
                    y,
                    scoring=self.scoring,
                    cv=folds,
                    params=params,
                    error_score="raise",
                ).mean()
                for alpha in alphas
            ]
        )


class _Foretold(RegressorMixin, Estimator):
    """Stands for a model whose predictions are known: X is the prediction."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        return X


def _candidates(alphas: Any, *, zero_allowed: bool) -> np.ndarray:
    """Return alphas as an array, or raise an error that names the first one that is not allowed."""
    values = [alphas] if isinstance(alphas, Real) else list(alphas)
    if not values:
        raise ValueError("alphas must hold at least one value, got none.")
    for i, value in enumerate(values):
        name = "alphas" if isinstance(alphas, Real) else f"alphas[{i}]"
        if not isinstance(value, Real) or isinstance(value, bool | np.bool_):
            raise TypeError(f"{name} must be an instance of float, not {type(value).__name__}.")
        if not (0.0 < float(value) < np.inf or (zero_allowed and value == 0)):
            bound = ">= 0.0" if zero_allowed else "> 0.0"
            raise ValueError(f"{name} == {value}, must be {bound} and finite.")
    return np.array(values, dtype=np.float64)
