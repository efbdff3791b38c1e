"""Decision trees: one prediction for each box of a partition along the axes, grown greedily (CART).

`cart` states the method and `nodes` its rules; here are the estimators' parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from scratchml._core.rules import Rule, option
from scratchml.tree.base import TreeClassifier, TreeRegressor
from scratchml.tree.settings import CLASS_WEIGHT_RULE, CLASSIFICATION, GROWTH_RULES, REGRESSION


class DecisionTreeClassifier(TreeClassifier):
    """Decision tree for classification.

    From the root down, each node sends its rows to two children by a comparison ``x_j <= s``,
    chosen so that the classes in the children are as pure as possible [1]_.

    Parameters
    ----------
    criterion : {"gini", "entropy", "log_loss"}, default="gini"
        Impurity of a node with class shares p_k: ``1 - sum p_k^2``, or ``-sum p_k log2 p_k`` under
        the other two names.
    splitter : {"best", "random"}, default="best"
        Weigh all thresholds of a feature, or one drawn uniformly between the least and the largest
        value in the node.
    max_depth : int or None, default=None
        Most splits between the root and a leaf.
    min_samples_split : int or float, default=2
        A node of fewer rows is a leaf. A float is a share of all rows, rounded up.
    min_samples_leaf : int or float, default=1
        No split leaves fewer rows on a side. A float is a share of all rows, rounded up.
    min_weight_fraction_leaf : float, default=0.0
        No split leaves less than this share of the total weight on a side; at most 0.5.
    max_features : int, float, {"sqrt", "log2"} or None, default=None
        Features that a node looks at, drawn anew for each: a number, a share, the root or logarithm
        of their number, or all. If none of them splits the node, it looks at more.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the features drawn (with ``max_features=None`` of their order, by which ties are
        decided) and of random thresholds.
    max_leaf_nodes : int or None, default=None
        Most leaves; the tree then grows where the impurity falls most.
    min_impurity_decrease : float, default=0.0
        A node is split only if that lowers the impurity by this much, weighted by the node's share
        of the total weight.
    class_weight : dict, list of dict, "balanced" or None, default=None
        Weights of the classes, by which the rows' weights are multiplied; "balanced" gives class k
        the weight ``n / (n_classes n_k)``. Several outputs take a list; theirs are multiplied.
    ccp_alpha : float, default=0.0
        Price of a leaf: the tree is pruned to the smallest subtree that minimises impurity plus
        `ccp_alpha` times the number of leaves; see `cost_complexity_pruning_path`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,), or a list of them
        Labels, sorted; a list where there are several outputs.
    n_classes_ : int or ndarray of shape (n_outputs,)
        How many.
    n_outputs_ : int
        Number of outputs.
    tree_ : Tree
        The nodes.
    feature_importances_ : ndarray of shape (n_features,)
        Share of each feature in the decrease of impurity.
    max_features_ : int
        Features that a node looks at.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    DecisionTreeRegressor : The same for numbers.
    ExtraTreeClassifier : With random thresholds.

    Notes
    -----
    X keeps its dtype, float32 or float64: thresholds lie halfway between neighbouring values of
    the data, unrounded. A missing value (NaN) goes to the side that lowers the impurity more in
    training; where none was seen, to the side of more rows.

    References
    ----------
    .. [1] L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and regression trees",
       Wadsworth (1984).

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.tree import DecisionTreeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
    >>> model.predict_proba([[5.0, 3.5, 1.4, 0.2]])
    array([[1., 0., 0.]])
    >>> model.score(X, y)
    0.96
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "criterion": option(*CLASSIFICATION),
        "splitter": option("best", "random"),
        **GROWTH_RULES,
        "class_weight": CLASS_WEIGHT_RULE,
    }

    def __init__(
        self,
        *,
        criterion: str = "gini",
        splitter: str = "best",
        max_depth: int | None = None,
        min_samples_split: float = 2,
        min_samples_leaf: float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: Any = None,
        random_state: Any = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        class_weight: Any = None,
        ccp_alpha: float = 0.0,
    ) -> None:
        self.criterion = criterion
        self.splitter = splitter
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.random_state = random_state
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.class_weight = class_weight
        self.ccp_alpha = ccp_alpha


class DecisionTreeRegressor(TreeRegressor):
    """Decision tree for regression.

    From the root down, each node sends its rows to two children by a comparison ``x_j <= s``,
    chosen so that the targets in the children differ as little as possible [1]_.

    Parameters
    ----------
    criterion : {"squared_error", "absolute_error", "poisson"}, default="squared_error"
        Impurity of a node: the mean squared deviation from the mean; the mean absolute deviation
        from the median; half the mean Poisson deviance, ``mean of y log(y / mean)``, for counts.
    splitter : {"best", "random"}, default="best"
        Weigh all thresholds of a feature, or one drawn uniformly between the least and the largest
        value in the node.
    max_depth : int or None, default=None
        Most splits between the root and a leaf.
    min_samples_split : int or float, default=2
        A node of fewer rows is a leaf. A float is a share of all rows, rounded up.
    min_samples_leaf : int or float, default=1
        No split leaves fewer rows on a side. A float is a share of all rows, rounded up.
    min_weight_fraction_leaf : float, default=0.0
        No split leaves less than this share of the total weight on a side; at most 0.5.
    max_features : int, float, {"sqrt", "log2"} or None, default=None
        Features that a node looks at, drawn anew for each: a number, a share, the root or logarithm
        of their number, or all. If none of them splits the node, it looks at more.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the features drawn (with ``max_features=None`` of their order, by which ties are
        decided) and of random thresholds.
    max_leaf_nodes : int or None, default=None
        Most leaves; the tree then grows where the impurity falls most.
    min_impurity_decrease : float, default=0.0
        A node is split only if that lowers the impurity by this much, weighted by the node's share
        of the total weight.
    ccp_alpha : float, default=0.0
        Price of a leaf: the tree is pruned to the smallest subtree that minimises impurity plus
        `ccp_alpha` times the number of leaves; see `cost_complexity_pruning_path`.

    Attributes
    ----------
    n_outputs_ : int
        Number of outputs.
    tree_ : Tree
        The nodes.
    feature_importances_ : ndarray of shape (n_features,)
        Share of each feature in the decrease of impurity.
    max_features_ : int
        Features that a node looks at.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    DecisionTreeClassifier : The same for classes.
    ExtraTreeRegressor : With random thresholds.

    Notes
    -----
    X keeps its dtype, float32 or float64: thresholds lie halfway between neighbouring values of
    the data, unrounded. A missing value (NaN) goes to the side that lowers the impurity more in
    training; where none was seen, to the side of more rows.

    References
    ----------
    .. [1] L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and regression trees",
       Wadsworth (1984).

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tree import DecisionTreeRegressor
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> y = np.array([1.0, 1.0, 5.0, 7.0])
    >>> DecisionTreeRegressor(max_depth=1).fit(X, y).predict([[0.5], [2.5]])
    array([1., 6.])
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "criterion": option(*REGRESSION),
        "splitter": option("best", "random"),
        **GROWTH_RULES,
    }

    def __init__(
        self,
        *,
        criterion: str = "squared_error",
        splitter: str = "best",
        max_depth: int | None = None,
        min_samples_split: float = 2,
        min_samples_leaf: float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: Any = None,
        random_state: Any = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        ccp_alpha: float = 0.0,
    ) -> None:
        self.criterion = criterion
        self.splitter = splitter
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.random_state = random_state
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.ccp_alpha = ccp_alpha
