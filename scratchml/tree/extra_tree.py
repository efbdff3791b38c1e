"""Extremely randomized trees: decision trees with random thresholds, for use in ensembles."""

from __future__ import annotations

from typing import Any

from scratchml.tree.decision_tree import DecisionTreeClassifier, DecisionTreeRegressor


class ExtraTreeClassifier(DecisionTreeClassifier):
    """Extremely randomized tree for classification.

    At each node, thresholds are drawn at random, one a feature, and the best of them is taken
    [1]_. Alone it predicts worse than a decision tree; it is made for ensembles.

    Parameters
    ----------
    criterion : {"gini", "entropy", "log_loss"}, default="gini"
        Impurity of a node with class shares p_k: ``1 - sum p_k^2``, or ``-sum p_k log2 p_k`` under
        the other two names.
    splitter : {"random", "best"}, default="random"
        Weigh one threshold of a feature, drawn uniformly between the least and the largest value in
        the node, or all.
    max_depth : int or None, default=None
        Most splits between the root and a leaf.
    min_samples_split : int or float, default=2
        A node of fewer rows is a leaf. A float is a share of all rows, rounded up.
    min_samples_leaf : int or float, default=1
        No split leaves fewer rows on a side. A float is a share of all rows, rounded up.
    min_weight_fraction_leaf : float, default=0.0
        No split leaves less than this share of the total weight on a side; at most 0.5.
    max_features : int, float, {"sqrt", "log2"} or None, default="sqrt"
        Features that a node looks at, drawn anew for each: a number, a share, the root or logarithm
        of their number, or all. If none of them splits the node, it looks at more.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the features drawn and of the thresholds.
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
        `ccp_alpha` times the number of leaves.

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
    DecisionTreeClassifier : With other defaults of `splitter` and `max_features`.

    References
    ----------
    .. [1] P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63
       (2006).

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.tree import ExtraTreeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> ExtraTreeClassifier(random_state=0).fit(X, y).score(X, y)
    1.0
    """

    def __init__(
        self,
        *,
        criterion: str = "gini",
        splitter: str = "random",
        max_depth: int | None = None,
        min_samples_split: float = 2,
        min_samples_leaf: float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: Any = "sqrt",
        random_state: Any = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        class_weight: Any = None,
        ccp_alpha: float = 0.0,
    ) -> None:
        super().__init__(
            criterion=criterion,
            splitter=splitter,
            max_depth=max_depth,
            min_samples_split=min_samples_split,
            min_samples_leaf=min_samples_leaf,
            min_weight_fraction_leaf=min_weight_fraction_leaf,
            max_features=max_features,
            random_state=random_state,
            max_leaf_nodes=max_leaf_nodes,
            min_impurity_decrease=min_impurity_decrease,
            class_weight=class_weight,
            ccp_alpha=ccp_alpha,
        )


class ExtraTreeRegressor(DecisionTreeRegressor):
    """Extremely randomized tree for regression.

    At each node, thresholds are drawn at random, one a feature, and the best of them is taken
    [1]_. Alone it predicts worse than a decision tree; it is made for ensembles.

    Parameters
    ----------
    criterion : {"squared_error", "absolute_error", "poisson"}, default="squared_error"
        Impurity of a node: the mean squared deviation from the mean; the mean absolute deviation
        from the median; half the mean Poisson deviance, ``mean of y log(y / mean)``, for counts.
    splitter : {"random", "best"}, default="random"
        Weigh one threshold of a feature, drawn uniformly between the least and the largest value in
        the node, or all.
    max_depth : int or None, default=None
        Most splits between the root and a leaf.
    min_samples_split : int or float, default=2
        A node of fewer rows is a leaf. A float is a share of all rows, rounded up.
    min_samples_leaf : int or float, default=1
        No split leaves fewer rows on a side. A float is a share of all rows, rounded up.
    min_weight_fraction_leaf : float, default=0.0
        No split leaves less than this share of the total weight on a side; at most 0.5.
    max_features : int, float, {"sqrt", "log2"} or None, default=1.0
        Features that a node looks at, drawn anew for each: a number, a share, the root or logarithm
        of their number, or all. If none of them splits the node, it looks at more.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the features drawn and of the thresholds.
    max_leaf_nodes : int or None, default=None
        Most leaves; the tree then grows where the impurity falls most.
    min_impurity_decrease : float, default=0.0
        A node is split only if that lowers the impurity by this much, weighted by the node's share
        of the total weight.
    ccp_alpha : float, default=0.0
        Price of a leaf: the tree is pruned to the smallest subtree that minimises impurity plus
        `ccp_alpha` times the number of leaves.

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
    DecisionTreeRegressor : With other defaults of `splitter` and `max_features`.

    References
    ----------
    .. [1] P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63
       (2006).

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tree import ExtraTreeRegressor
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> y = np.array([1.0, 1.0, 5.0, 7.0])
    >>> ExtraTreeRegressor(random_state=0).fit(X, y).predict(X)
    array([1., 1., 5., 7.])
    """

    def __init__(
        self,
        *,
        criterion: str = "squared_error",
        splitter: str = "random",
        max_depth: int | None = None,
        min_samples_split: float = 2,
        min_samples_leaf: float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: Any = 1.0,
        random_state: Any = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        ccp_alpha: float = 0.0,
    ) -> None:
        super().__init__(
            criterion=criterion,
            splitter=splitter,
            max_depth=max_depth,
            min_samples_split=min_samples_split,
            min_samples_leaf=min_samples_leaf,
            min_weight_fraction_leaf=min_weight_fraction_leaf,
            max_features=max_features,
            random_state=random_state,
            max_leaf_nodes=max_leaf_nodes,
            min_impurity_decrease=min_impurity_decrease,
            ccp_alpha=ccp_alpha,
        )
