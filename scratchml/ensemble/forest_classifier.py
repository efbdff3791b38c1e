"""Forests that classify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from scratchml._core.mixins import ClassifierMixin
from scratchml._core.rules import option
from scratchml.ensemble.classes import forest_weights, in_terms_of
from scratchml.ensemble.forest import Forest
from scratchml.tree.nodes import Target
from scratchml.tree.settings import CLASS_WEIGHT_RULE as TREE_RULE
from scratchml.tree.settings import classification_target

CLASS_WEIGHT_RULE = option("balanced_subsample") | TREE_RULE


class ForestClassifier(ClassifierMixin, Forest):
    """Base of the forests that classify."""

    _tags: ClassVar[Mapping[str, Any]] = {"classifier_tags.multi_label": True}

    class_weight: Any
    classes_: Any  # ndarray, or a list of them for several outputs
    n_classes_: Any

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of the largest probability, the first of several.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Labels.
        """
        means = self._means(X)
        classes = self._labels()
        if len(classes) == 1:
            return classes[0].take(means[:, 0].argmax(axis=1))
        columns = [
            labels.take(means[:, k, : len(labels)].argmax(axis=1))
            for k, labels in enumerate(classes)
        ]
        return np.stack(columns, axis=1)

    def predict_proba(self, X: Any) -> np.ndarray | list[np.ndarray]:
        """Return the probability of each class: the mean of the trees' shares.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or a list of one for each output
            In the order of ``classes_``.
        """
        means = self._means(X)
        if means.shape[1] == 1:
            return means[:, 0]
        return [
            np.ascontiguousarray(means[:, k, :width]) for k, width in enumerate(self.n_classes_)
        ]

    def predict_log_proba(self, X: Any) -> np.ndarray | list[np.ndarray]:
        """Return the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or a list of one for each output
            Minus infinity where no tree has seen the class.
        """
        shares = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return [np.log(s) for s in shares] if isinstance(shares, list) else np.log(shares)

    def _labels(self) -> list[np.ndarray]:
        """Return the classes of each output."""
        return self.classes_ if isinstance(self.classes_, list) else [self.classes_]

    def _target(self, y: np.ndarray, weight: Any) -> tuple[Target, Any]:
        target, classes = classification_target(y, self.criterion)
        self._check_outputs(len(classes))
        if hasattr(self, "classes_"):  # a warm start
            target = in_terms_of(target, classes, self._labels())
            classes = self._labels()
        if self.oob_score and len(classes) > 1 and max(target.n_classes) > 2:
            raise ValueError(
                "The type of target cannot be used to compute OOB estimates: y has several outputs "
                f"of {list(target.n_classes)} classes, and only two classes can be scored together."
            )
        if not (self.bootstrap and self._balances_samples()):
            balanced = "balanced" if self._balances_samples() else self.class_weight
            weight = forest_weights(weight, balanced, target, classes)
        one = len(classes) == 1
        self.classes_ = classes[0] if one else classes
        self.n_classes_ = len(classes[0]) if one else np.array(target.n_classes)
        return target, weight

    def _balances_samples(self) -> bool:
        return isinstance(self.class_weight, str) and self.class_weight == "balanced_subsample"

    def _estimate_out_of_bag(self, X: np.ndarray, target: Target) -> None:
        from scratchml.metrics import accuracy_score

        means = self._out_of_bag_means(X)
        codes = means.argmax(axis=2)  # (n, n_outputs)
        one = codes.shape[1] == 1
        self.oob_decision_function_ = means[:, 0] if one else means.transpose(0, 2, 1)
        score = self.oob_score if callable(self.oob_score) else accuracy_score
        true = target.y.astype(np.int64)
        self.oob_score_ = score(true[:, 0], codes[:, 0]) if one else score(true, codes)
