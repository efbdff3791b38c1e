"""What the decision trees share: growing from checked data, and prediction.

A fit turns parameters into `Limits` and targets into a `Target` (`settings`), lets a builder grow
the nodes, prunes them where `ccp_alpha` asks for it, and keeps them as a `Tree`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic, check_is_fitted, clone
from scratchml._core.interruptible import interruptible
from scratchml._core.mixins import ClassifierMixin, RegressorMixin
from scratchml._core.random import seed_from
from scratchml._core.validation import check_sample_weight
from scratchml.datasets.bunch import Bunch
from scratchml.tree.encode import encode
from scratchml.tree.grow import grow_tree
from scratchml.tree.nodes import Nodes, Target
from scratchml.tree.paths import PathMatrix
from scratchml.tree.pruning import prune, pruning_path
from scratchml.tree.settings import (
    classification_target,
    features_tried,
    limits_of,
    regression_target,
    row_weights,
)
from scratchml.tree.structure import Tree

_LONG = 50_000  # cells of X from which a fit may take so long that Ctrl-C matters


class BaseTree(Estimator):
    """Base of all decision trees."""

    _tags: ClassVar[Mapping[str, Any]] = {
        "input_tags.allow_nan": True,
        "target_tags.multi_output": True,
    }

    splitter: str
    random_state: Any
    max_features: Any
    ccp_alpha: float
    tree_: Tree
    n_outputs_: int

    def get_depth(self) -> int:
        """Return the number of splits above the deepest leaf.

        Returns
        -------
        int
            0 for a tree that is one leaf.
        """
        check_is_fitted(self)
        return self.tree_.max_depth

    def get_n_leaves(self) -> int:
        """Return the number of leaves.

        Returns
        -------
        int
            At least 1.
        """
        check_is_fitted(self)
        return self.tree_.n_leaves

    @property
    def feature_importances_(self) -> np.ndarray:
        """How much each feature's splits lower the impurity, as shares of the whole decrease.

        Features with many distinct values are favoured: `permutation_importance` is fairer.
        """
        check_is_fitted(self)
        return self.tree_.compute_feature_importances()

    def apply(self, X: Any) -> np.ndarray:
        """Return the leaf that each row falls in.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of int64, shape (n_samples,)
            Numbers of nodes of ``tree_``.
        """
        X = self._rows(X)
        return self.tree_.apply(X)

    def decision_path(self, X: Any) -> PathMatrix:
        """Return the nodes that each row passes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        PathMatrix of shape (n_samples, n_nodes)
            A sparse matrix with ones at the nodes of the row's path.
        """
        X = self._rows(X)
        return self.tree_.decision_path(X)

    def cost_complexity_pruning_path(self, X: Any, y: Any, sample_weight: Any = None) -> Bunch:
        """Return the prices of a leaf at which pruning cuts a further branch.

        Parameters
        ----------
        X, y, sample_weight : array-like
            As for `fit`. A tree is grown from them without pruning; this estimator stays as it is.

        Returns
        -------
        Bunch
            ``ccp_alphas``, float64 of shape (n_cuts + 1,): each a value of `ccp_alpha` from which
            on a fit cuts one branch more, beginning with 0; ``impurities``, of the same shape: the
            leaves' impurity, weighted by their samples, after each cut.
        """
        whole = clone(self).set_params(ccp_alpha=0.0).fit(X, y, sample_weight=sample_weight)
        ccp_alphas, impurities = pruning_path(whole.tree_.nodes)
        return Bunch(ccp_alphas=ccp_alphas, impurities=impurities)

    def _rows(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return self._check_X(X, allow_nan=True, order="C")

    def _grow(self, X: np.ndarray, target: Target, weight: np.ndarray | None) -> Nodes:
        """Return the nodes grown from checked data, pruned."""
        n, p = X.shape
        limits = limits_of(self, n, p, None if weight is None else float(weight.sum()))
        seed = seed_from(self.random_state)

        columns = encode(X, self.splitter)

        def grow(stop: Any) -> Nodes:
            return grow_tree(columns, target, weight, limits, self.splitter, seed, stop)

        nodes = interruptible(grow) if X.size > _LONG else grow(None)
        return prune(nodes, self.ccp_alpha) if self.ccp_alpha > 0.0 else nodes

    def _adopt(self, nodes: Nodes, n_features: int, n_classes: Sequence[int]) -> None:
        """Take grown nodes as what a fit learned; `n_classes` is all ones in regression."""
        self.n_features_in_ = n_features
        self.n_outputs_ = len(n_classes)
        self.max_features_ = features_tried(self.max_features, n_features)
        self.tree_ = Tree(nodes, n_features, n_classes)


class TreeClassifier(ClassifierMixin, BaseTree):
    """Decision trees that tell classes apart."""

    _tags: ClassVar[Mapping[str, Any]] = {"classifier_tags.multi_label": True}

    criterion: str
    class_weight: Any
    classes_: Any
    n_classes_: Any

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Grow the tree.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value. C-ordered float64 or float32 is used as it is.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels: numbers, booleans or strings.
        sample_weight : float or array-like of shape (n_samples,), optional
            Weights of the rows, not negative; rows of weight zero are as good as absent.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter, or the data, breaks a rule; the message names it.
        """
        X, y = self._check_X_y(X, y, multi_output=True, allow_nan=True, order="C")
        weight = check_sample_weight(sample_weight, len(X))
        target, classes = classification_target(y, self.criterion)
        weight = row_weights(weight, self.class_weight, target, classes)
        self._adopt(self._grow(X, target, weight), X.shape[1], target.n_classes)
        self._name_classes(classes)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Labels: the class with the largest share of its leaf, the first of several.
        """
        X = self._rows(X)
        best = self.tree_.best_classes(X)
        if self.n_outputs_ == 1:
            return self.classes_.take(best[:, 0])
        labels = np.empty(best.shape, dtype=self.classes_[0].dtype)
        for k, classes in enumerate(self.classes_):
            labels[:, k] = classes.take(best[:, k])
        return labels

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class: its share of the weight in the row's leaf.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes), or a list of them
            Probabilities in the order of ``classes_``; one array for each of several outputs.
        """
        X = self._rows(X)
        shares = self.tree_.predict(X)
        if self.n_outputs_ == 1:
            return shares
        return [shares[:, k, :width] for k, width in enumerate(self.n_classes_)]

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes), or a list of them
            Minus infinity where no training row of the class is in the leaf.
        """
        probabilities = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            if self.n_outputs_ == 1:
                return np.log(probabilities)
            return [np.log(shares) for shares in probabilities]

    def _name_classes(self, classes: Sequence[np.ndarray]) -> None:
        """Take the labels of each output, as a list only where there are several outputs."""
        if len(classes) == 1:
            self.classes_, self.n_classes_ = classes[0], len(classes[0])
        else:
            self.classes_ = list(classes)
            self.n_classes_ = np.array([len(labels) for labels in classes], dtype=np.int64)


class TreeRegressor(RegressorMixin, BaseTree):
    """Decision trees that predict numbers."""

    criterion: str

    @atomic
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Grow the tree.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value. C-ordered float64 or float32 is used as it is.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Numbers; not negative, and not all zero, where the criterion is "poisson".
        sample_weight : float or array-like of shape (n_samples,), optional
            Weights of the rows, not negative; rows of weight zero are as good as absent.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter, or the data, breaks a rule; the message names it.
        """
        X, y = self._check_X_y(X, y, multi_output=True, allow_nan=True, order="C")
        weight = check_sample_weight(sample_weight, len(X))
        target = regression_target(y, self.criterion)
        self._adopt(self._grow(X, target, weight), X.shape[1], (1,) * target.y.shape[1])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted value of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows; NaN is a missing value.

        Returns
        -------
        ndarray of float64, shape (n_samples,) or (n_samples, n_outputs)
            The mean target in the row's leaf; the median with criterion "absolute_error".
        """
        X = self._rows(X)
        values = self.tree_.predict(X)  # (n, 1) or (n, n_outputs, 1)
        return values[:, 0] if self.n_outputs_ == 1 else values[:, :, 0]
