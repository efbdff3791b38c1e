"""Bagging for classification: probabilities averaged, or votes counted (method: `bagging`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.mixins import ClassifierMixin
from scratchml._core.targets import check_classification_targets, encode_labels
from scratchml.ensemble.bagging import Bagging, if_members_have, warn_of_rows_never_left_out
from scratchml.ensemble.members import add_up


class BaggingClassifier(ClassifierMixin, Bagging):
    """Average of a classifier fitted to random subsets of rows and columns.

    Members are fitted to bootstrap samples of the rows (bagging [1]_), or without replacement
    (pasting), to subsets of the columns (random subspaces [2]_), or both. Their class probabilities
    are averaged; members without ``predict_proba`` vote.

    Parameters
    ----------
    estimator : estimator, default=None
        What is copied and fitted: any object with ``fit`` and ``predict``, ours or another's; by
        default a `DecisionTreeClassifier`.
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
        The members, fitted to class codes 0, 1, ..., the positions in ``classes_``.
    estimators_samples_ : list of ndarray of int
        The rows drawn for each.
    estimators_features_ : list of ndarray of int
        The columns drawn for each.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    n_classes_ : int
        How many there are.
    oob_score_ : float
        Accuracy on rows predicted by members that have not seen them. With `oob_score` only.
    oob_decision_function_ : ndarray of shape (n_samples, n_classes)
        Those members' mean probabilities; NaN where every member has seen the row. With
        `oob_score` only.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    RandomForestClassifier : Trees that also choose among a few columns at each node; much faster.
    BaggingRegressor : The same for numbers.

    Notes
    -----
    A base estimator whose ``fit`` takes `sample_weight` gets all rows, weighted by how often each
    was drawn; others get the rows drawn.

    References
    ----------
    .. [1] L. Breiman, "Bagging predictors", Machine Learning 24 (1996).
    .. [2] T. K. Ho, "The random subspace method for constructing decision forests", IEEE
       Transactions on Pattern Analysis and Machine Intelligence 20 (1998).

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.ensemble import BaggingClassifier
    >>> from scratchml.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> model = BaggingClassifier(LogisticRegression(), max_features=2, random_state=0).fit(X, y)
    >>> model.predict_proba(X[[0, 50, 100]]).round(2)
    array([[0.95, 0.04, 0.  ],
           [0.01, 0.62, 0.36],
           [0.01, 0.06, 0.94]])
    """

    classes_: np.ndarray
    n_classes_: int

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of the largest mean probability, or of the most votes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.
        """
        shares = self.predict_proba(X)
        return self.classes_[shares.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the mean of the members' probabilities, or the shares of their votes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of ``classes_``.
        """
        X, workers = self._ready(X)
        sums = add_up(lambda k: self._shares(k, X), len(self.estimators_), workers)
        return sums / len(self.estimators_)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithm of `predict_proba`; exact also where probabilities underflow.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Logarithms, -inf where the probability is zero.
        """
        X, workers = self._ready(X)
        n_members = len(self.estimators_)
        with np.errstate(divide="ignore"):  # log 0
            if not hasattr(self.estimators_[0], "predict_log_proba"):
                return np.log(self.predict_proba(X))
            logs = add_up(lambda k: self._log_shares(k, X), n_members, workers, np.logaddexp)
        return logs - np.log(n_members)

    @if_members_have("decision_function")
    def decision_function(self, X: Any) -> np.ndarray:
        """Return the mean of the members' decision functions; there if members have one.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            As the base estimator gives it.
        """
        X, workers = self._ready(X)
        sums = add_up(lambda k: self._decision(k, X), len(self.estimators_), workers)
        return sums / len(self.estimators_)

    def _shares(self, k: int, X: np.ndarray) -> np.ndarray:
        """Return the probabilities that member `k` gives to all classes, or its votes."""
        if not hasattr(self.estimators_[k], "predict_proba"):
            votes = np.zeros((len(X), self.n_classes_))
            votes[np.arange(len(X)), np.asarray(self._ask(k, "predict", X), dtype=np.int64)] = 1
            return votes
        return self._for_all_classes(k, self._ask(k, "predict_proba", X), 0.0)

    def _log_shares(self, k: int, X: np.ndarray) -> np.ndarray:
        return self._for_all_classes(k, self._ask(k, "predict_log_proba", X), -np.inf)

    def _for_all_classes(self, k: int, known: Any, unseen: float) -> np.ndarray:
        """Return columns for all classes from those for the classes that member `k` has seen."""
        known = np.asarray(known, dtype=np.float64)
        if known.shape[1] == self.n_classes_:
            return known
        shares = np.full((len(known), self.n_classes_), unseen)
        shares[:, self.estimators_[k].classes_] = known
        return shares

    def _decision(self, k: int, X: np.ndarray) -> Any:
        seen = getattr(self.estimators_[k], "classes_", self.classes_)
        if len(seen) != self.n_classes_:
            raise ValueError(
                f"decision_function needs members that have seen all {self.n_classes_} classes, "
                f"but member {k} drew rows of {len(seen)} only; predict_proba needs no such thing."
            )
        return self._ask(k, "decision_function", X)

    def _check_data(self, X: Any, y: Any, continued: bool) -> tuple[np.ndarray, np.ndarray]:
        X, y = self._rows_and_targets(X, y, continued)
        check_classification_targets(y)
        classes, codes = encode_labels(y)
        if continued and not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"y has the classes {classes.tolist()}, but warm_start=True continues an ensemble "
                f"fitted on {self.classes_.tolist()}."
            )
        self.classes_, self.n_classes_ = classes, len(classes)
        return X, codes

    def _estimate_out_of_bag(self, X: np.ndarray, y: np.ndarray) -> None:
        sums = np.zeros((len(X), self.n_classes_))
        for k, out in self._left_out(len(X)):
            sums[out] += self._shares(k, X[out])
        if (sums.sum(axis=1) == 0).any():
            warn_of_rows_never_left_out()
        with np.errstate(invalid="ignore"):  # 0 / 0
            self.oob_decision_function_ = sums / sums.sum(axis=1, keepdims=True)
        self.oob_score_ = float((sums.argmax(axis=1) == y).mean())

    def _default(self) -> Any:
        from scratchml.tree import DecisionTreeClassifier

        return DecisionTreeClassifier()
