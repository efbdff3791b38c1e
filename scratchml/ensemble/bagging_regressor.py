"""Bagging for regression: numbers averaged (method: `bagging`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.mixins import RegressorMixin
from scratchml._core.validation import column_or_1d
from scratchml.ensemble.bagging import Bagging, warn_of_rows_never_left_out
from scratchml.ensemble.members import add_up
from scratchml.metrics.regression import r2_score


class BaggingRegressor(RegressorMixin, Bagging):
    """Average of a regressor fitted to random subsets of rows and columns.

    Members are fitted to bootstrap samples of the rows (bagging [1]_), or without replacement
    (pasting), to subsets of the columns (random subspaces [2]_), or both.

    Parameters
    ----------
    estimator : estimator, default=None
        What is copied and fitted: any object with ``fit`` and ``predict``, ours or another's; by
        default a `DecisionTreeRegressor`.
    n_estimators : int, default=10
        Number of members.
    max_samples : int, float or None, default=None
        Rows drawn for each member: a number; a share of the rows, or with weights of their sum;
        None for as many as there are.
    max_features : int or float, default=1.0
        Columns drawn for each member: a number or a share, at least one.
    bootstrap : bool, default=True
        Draw rows with replacement.
    bootstrap_features : bool, default=False
        Draw columns with replacement.
    oob_score : bool, default=False
        Estimate the score on new data from the rows that members have not seen.
    warm_start : bool, default=False
        Keep the members of the previous fit and add the missing ones.
    n_jobs : int or None, default=None
        Threads that work on members, -1 for all CPUs. None is `get_num_threads` where the members
        are estimators of this library, otherwise one. No result depends on it.
    random_state : int, RandomState, Generator or None, default=None
        Of the draws and of the members' own ``random_state``; an int gives the same ensemble each
        time, and with the same members scikit-learn's.
    verbose : int, default=0
        Show the progress of a fit: 1 now and then, 2 at each member.

    Attributes
    ----------
    estimator_ : estimator
        What was copied.
    estimators_ : list of estimator
        The members.
    estimators_samples_ : list of ndarray of int
        The rows drawn for each.
    estimators_features_ : list of ndarray of int
        The columns drawn for each.
    oob_score_ : float
        R^2 on rows predicted by members that have not seen them. With `oob_score` only.
    oob_prediction_ : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Those predictions; zero where every member has seen the row. With `oob_score` only.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    RandomForestRegressor : Trees that may also choose among a few columns at each node; faster.
    BaggingClassifier : The same for classes; its page says more.

    References
    ----------
    .. [1] L. Breiman, "Bagging predictors", Machine Learning 24 (1996).
    .. [2] T. K. Ho, "The random subspace method for constructing decision forests", IEEE
       Transactions on Pattern Analysis and Machine Intelligence 20 (1998).

    Examples
    --------
    >>> from scratchml.datasets import load_diabetes
    >>> from scratchml.ensemble import BaggingRegressor
    >>> from scratchml.linear_model import Ridge
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = BaggingRegressor(Ridge(), 30, oob_score=True, random_state=0).fit(X, y)
    >>> round(model.oob_score_, 3)
    0.438
    """

    def predict(self, X: Any) -> np.ndarray:
        """Return the mean of the members' predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            Numbers.
        """
        X, workers = self._ready(X)
        sums = add_up(lambda k: self._ask(k, "predict", X), len(self.estimators_), workers)
        return sums / len(self.estimators_)

    def _check_data(self, X: Any, y: Any, continued: bool) -> tuple[np.ndarray, np.ndarray]:
        X, y = self._rows_and_targets(X, y, continued, multi_output=True)
        return X, y if y.ndim == 1 or y.shape[1] > 1 else column_or_1d(y, warn_column=True)

    def _estimate_out_of_bag(self, X: np.ndarray, y: np.ndarray) -> None:
        sums, members = np.zeros(y.shape), np.zeros((len(y), *[1] * (y.ndim - 1)))
        for k, out in self._left_out(len(X)):
            sums[out] += self._ask(k, "predict", X[out])
            members[out] += 1
        if (members == 0).any():
            warn_of_rows_never_left_out()
        self.oob_prediction_ = sums / np.maximum(members, 1)
        self.oob_score_ = r2_score(y, self.oob_prediction_)

    def _default(self) -> Any:
        from scratchml.tree import DecisionTreeRegressor

        return DecisionTreeRegressor()
