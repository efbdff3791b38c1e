"""Calibration by cross-validation: the estimator (the pair that it keeps: `calibrated_classifier`).

A classifier is surer of the samples it was fitted to than of new ones, so a calibrator must see
decision values of others. With folds (train_v, test_v),

    ensemble       h_v fitted to train_v, its calibrator g_v to h_v(test_v): P = mean_v g_v(h_v(x))
    no ensemble    one calibrator g fitted to all h_v(test_v) together, h to all samples:
                   P = g(h(x))

The first averages, the second is as small as a single model, and what LIBSVM does (Platt 2000,
section 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic, check_is_fitted, clone
from scratchml._core.mixins import ClassifierMixin
from scratchml._core.rules import Rule
from scratchml._core.targets import encode_labels
from scratchml._core.validation import check_sample_weight
from scratchml.calibration.calibrated_classifier import (
    CalibratedClassifier,
    calibrate,
    response_method,
)
from scratchml.calibration.settings import RULES, check_folds, check_rows, weight_for
from scratchml.frozen.frozen_estimator import is_frozen
from scratchml.model_selection.prediction import cross_val_predict
from scratchml.model_selection.splitters import check_cv
from scratchml.model_selection.validation import fit_rows, in_order, is_pairwise, rows_of


class CalibratedClassifierCV(ClassifierMixin, Estimator):
    """Probabilities for any classifier, from its decision values on samples held out.

    Parameters
    ----------
    estimator : estimator, default=None
        A classifier, ours or another's, with ``decision_function`` or else ``predict_proba``; by
        default a `LinearSVC`. One that is fitted already is calibrated as it is inside a
        `FrozenEstimator`, with samples that it was not fitted to.
    method : {"sigmoid", "isotonic", "temperature"}, default="sigmoid"
        "sigmoid": Platt's, two parameters a class. "isotonic": any rising function, for 1000
        samples and more. "temperature": softmax of all decision values divided by one number.
    cv : int, splitter, iterable of (train, test) or None, default=None
        Folds, five by default; a number of folds is stratified.
    n_jobs : int or None, default=None
        Threads that work on folds; -1 is `get_num_threads`, None is one. No result depends on it.
    ensemble : bool or "auto", default="auto"
        True: a classifier and its calibrators for each fold, whose probabilities are averaged.
        False: one classifier fitted to all samples, and calibrators fitted to the values of all
        folds. "auto" is False for a `FrozenEstimator`, else True.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    calibrated_classifiers_ : list of CalibratedClassifier
        The fitted pairs of classifier and calibrators: one for each fold, or one.
    n_features_in_ : int
        Number of features, if the classifier says so.
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Their names, if the classifier has them.

    See Also
    --------
    SigmoidCalibrator : The same for decision values at hand.
    calibration_curve : Shows how good probabilities are.

    Notes
    -----
    With more than two classes "sigmoid" and "isotonic" calibrate each against the rest and divide
    by the sum. `predict` returns the likeliest class, which may differ from the classifier's own.

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", 2000. Niculescu-Mizil, Caruana,
    "Predicting good probabilities with supervised learning", ICML 2005.

    Examples
    --------
    >>> from scratchml.calibration import CalibratedClassifierCV
    >>> from scratchml.datasets import load_breast_cancer
    >>> from scratchml.metrics import log_loss
    >>> from scratchml.tree import DecisionTreeClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> tree = DecisionTreeClassifier(min_samples_leaf=5, random_state=0)
    >>> model = CalibratedClassifierCV(tree).fit(X[::2], y[::2])
    >>> probabilities = tree.fit(X[::2], y[::2]).predict_proba(X[1::2])
    >>> log_loss(y[1::2], probabilities) > 4 * log_loss(y[1::2], model.predict_proba(X[1::2]))
    True
    """

    _rules: ClassVar[Mapping[str, Rule]] = RULES

    classes_: np.ndarray
    calibrated_classifiers_: list[CalibratedClassifier]

    def __init__(
        self,
        estimator: Any = None,
        *,
        method: str = "sigmoid",
        cv: Any = None,
        n_jobs: int | None = None,
        ensemble: bool | str = "auto",
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.cv = cv
        self.n_jobs = n_jobs
        self.ensemble = ensemble

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> Self:
        """Fit classifiers and calibrators.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, or whatever the classifier takes: lists, frames, sparse matrices...
        y : array-like of shape (n_samples,)
            Labels of two classes at least.
        sample_weight : array-like of shape (n_samples,), optional
            Weights, not negative, of the calibrators and, if it takes them, the classifier.
        **fit_params : object
            Passed to the classifier's fit; values as long as `X` are split like it.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter, or the data, breaks a rule; the message names it.

        Warns
        -----
        UserWarning
            If weights are given and the classifier's fit does not take them.
        """
        estimator = self._base()
        X, y = check_rows(self, X, y)
        self.classes_, codes = encode_labels(y)
        if len(self.classes_) < 2:
            raise ValueError(
                "CalibratedClassifierCV needs samples of at least 2 classes in y, but y contains "
                f"only one class: {self.classes_[0]!r}"
            )
        check_folds(self.cv, codes)
        weight = check_sample_weight(sample_weight, len(y))
        params = {**fit_params, **weight_for(estimator, weight)}
        ensemble = not is_frozen(estimator) if self.ensemble == "auto" else self.ensemble
        fit = self._fit_ensemble if ensemble else self._fit_one
        self.calibrated_classifiers_ = fit(clone(estimator), X, y, codes, weight, params)
        first = self.calibrated_classifiers_[0].estimator
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(first, name):
                setattr(self, name, getattr(first, name))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the calibrated probability of each class, averaged over the pairs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, as the classifier takes them.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of ``classes_``.
        """
        check_is_fitted(self)
        pairs = self.calibrated_classifiers_
        total = pairs[0].predict_proba(X)
        for pair in pairs[1:]:
            total += pair.predict_proba(X)
        return total / len(pairs)

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, as the classifier takes them.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.
        """
        P = self.predict_proba(X)
        return self.classes_[P.argmax(axis=1)]

    def __sklearn_tags__(self) -> Any:
        """Build scikit-learn's description: the classifier decides what rows may be."""
        from sklearn.utils import get_tags

        tags = super().__sklearn_tags__()
        base = self._base()
        if hasattr(base, "__sklearn_tags__"):
            theirs = get_tags(base).input_tags
            tags.input_tags.sparse, tags.input_tags.allow_nan = theirs.sparse, theirs.allow_nan
        return tags

    def _base(self) -> Any:
        """Return the classifier to calibrate."""
        if self.estimator is not None:
            return self.estimator
        from scratchml.svm import LinearSVC

        return LinearSVC(random_state=0)

    def _fit_ensemble(
        self,
        estimator: Any,
        X: Any,
        y: np.ndarray,
        codes: np.ndarray,
        weight: np.ndarray | None,
        params: dict[str, Any],
    ) -> list[CalibratedClassifier]:
        """Return a pair for each fold."""
        if is_pairwise(estimator):
            raise ValueError(
                "With a precomputed kernel each fold's classifier needs other columns of X; "
                "ensemble=False keeps one classifier, which needs them all."
            )

        def fit_pair(job: tuple) -> CalibratedClassifier:
            model, (train, test) = job
            fit_rows(model, X, y, train, params)
            said = getattr(model, response_method(model))(rows_of(model, X, test, train))
            w = None if weight is None else weight[test]
            return calibrate(model, said, codes[test], self.classes_, self.method, w)

        splits = check_cv(self.cv, y, classifier=True).split(X, y)
        return in_order(fit_pair, [(clone(estimator), split) for split in splits], self.n_jobs)

    def _fit_one(
        self,
        estimator: Any,
        X: Any,
        y: np.ndarray,
        codes: np.ndarray,
        weight: np.ndarray | None,
        params: dict[str, Any],
    ) -> list[CalibratedClassifier]:
        """Return one pair: the classifier of all rows, calibrated on values of rows held out."""
        name = response_method(estimator)
        if is_frozen(estimator):
            said = getattr(estimator, name)(X)
        else:
            said = cross_val_predict(
                estimator,
                X,
                y,
                cv=check_cv(self.cv, y, classifier=True),
                n_jobs=self.n_jobs,
                params=params,
                method=name,
            )
            estimator.fit(X, y, **params)
        return [calibrate(estimator, said, codes, self.classes_, self.method, weight)]
