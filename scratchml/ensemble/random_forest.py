"""Random forests: trees on bootstrap samples, each split chosen among a few columns.

L. Breiman, "Random forests", Machine Learning 45 (2001). What `fit` does stands in `forest`; here
are the estimators and their parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from scratchml._core.rules import Rule, option
from scratchml.ensemble.forest import FOREST_RULES
from scratchml.ensemble.forest_classifier import CLASS_WEIGHT_RULE, ForestClassifier
from scratchml.ensemble.forest_regressor import ForestRegressor
from scratchml.tree.decision_tree import DecisionTreeClassifier, DecisionTreeRegressor
from scratchml.tree.settings import CLASSIFICATION, REGRESSION


class RandomForestClassifier(ForestClassifier):
    """Random forest for classification: the mean of many trees' class probabilities.

    Each tree is grown on rows drawn with replacement, and each of its nodes looks for the best
    threshold among a few features drawn for it [1]_.

    Parameters
    ----------
    n_estimators : int, default=100
        Number of trees. More never make the forest worse, only slower.
    criterion : {"gini", "entropy", "log_loss"}, default="gini"
        Impurity of a node with class shares p_k: ``1 - sum p_k^2``, or ``-sum p_k log2 p_k`` under
        the other two names.
    max_depth : int or None, default=None
        Most splits between the root and a leaf.
    min_samples_split : int or float, default=2
        A node of fewer rows is a leaf. A float is a share of all rows, rounded up.
    min_samples_leaf : int or float, default=1
        No split leaves fewer rows on a side. A float is a share of all rows, rounded up.
        A row drawn twice counts once.
    min_weight_fraction_leaf : float, default=0.0
        No split leaves less than this share of the total weight on a side; at most 0.5.
    max_features : {"sqrt", "log2"}, int, float or None, default="sqrt"
        Features that a node looks at, drawn anew for each: the root or the logarithm of their
        number, a number, a share, or all. If none of them splits the node, it looks at more.
    max_leaf_nodes : int or None, default=None
        Most leaves of a tree; it then grows where the impurity falls most.
    min_impurity_decrease : float, default=0.0
        A node is split only if that lowers the impurity by this much, weighted by the node's share
        of the total weight.
    bootstrap : bool, default=True
        Grow each tree on rows drawn with replacement, instead of on all.
    oob_score : bool or callable, default=False
        Estimate the score on new data from the rows that trees left out; needs `bootstrap`. A
        callable ``metric(y_true, y_pred)`` takes the place of the accuracy. Both arguments hold the
        labels' positions in ``classes_``.
    n_jobs : int or None, default=None
        Threads for fitting and predicting: None as `scratchml.set_num_threads` says, which is all
        CPUs by default, -1 all. The forest does not depend on it.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the rows drawn for each tree, and of the features drawn at each node.
        The trees of a seed are the first of any larger forest of that seed.
    verbose : int or bool, default=0
        Show progress: 1 as a bar on a terminal (with the ``progress`` extra) or up to ten lines, 2
        as a line for each tree.
    warm_start : bool, default=False
        Keep the trees there are, and grow those that are missing to make `n_estimators`. With an
        int as `random_state` and the same data, that is the same forest as grown at once.
    class_weight : dict, list of dict, "balanced", "balanced_subsample" or None, default=None
        Weights of the classes, by which the rows' weights are multiplied. "balanced" lets all
        classes count the same; "balanced_subsample" does so in the sample of each tree. Several
        outputs take a list of dict; their weights are multiplied.
    ccp_alpha : float, default=0.0
        Price of a leaf, by which each tree is pruned; see `DecisionTreeClassifier`.
    max_samples : int, float or None, default=None
        Rows drawn for a tree with `bootstrap`: a number, a share of all (of the sum of their
        weights, if there are any), or as many as there are. May be more than there are.

    Attributes
    ----------
    estimators_ : list of DecisionTreeClassifier
        The trees. They know the classes as 0, 1, 2, ...
    estimator_ : DecisionTreeClassifier
        An unfitted one with their parameters.
    classes_ : ndarray of shape (n_classes,), or a list of them
        Labels, sorted; a list where there are several outputs.
    n_classes_ : int or ndarray of shape (n_outputs,)
        How many.
    n_outputs_ : int
        Number of outputs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.
    feature_importances_ : ndarray of shape (n_features_in_,)
        Share of each feature in the decrease of impurity, averaged over the trees.
    estimators_samples_ : list of ndarray of int32
        The rows that each tree was grown on.
    oob_score_ : float
        The score estimated with `oob_score`.
    oob_decision_function_ : ndarray of shape (n_samples, n_classes)
        With `oob_score`, the probabilities that those trees give which left the row out; zeros
        where none did. Several outputs add a third axis.

    See Also
    --------
    RandomForestRegressor : The same for numbers.
    ExtraTreesClassifier : Random thresholds, all rows.

    Notes
    -----
    With `bootstrap`, rows are drawn in proportion to `sample_weight` and class weights, and each
    counts as often as it was drawn: weights change which rows a tree sees, not what they count.

    Missing values (NaN) go to the side that lowers the impurity more. X is encoded once for all
    trees, in 4 bytes a cell.

    References
    ----------
    .. [1] L. Breiman, "Random forests", Machine Learning 45 (2001).

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.ensemble import RandomForestClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = RandomForestClassifier(oob_score=True, random_state=0).fit(X, y)
    >>> model.predict_proba([[5.0, 3.5, 1.4, 0.2]])
    array([[1., 0., 0.]])
    >>> round(model.oob_score_, 2)
    0.95
    """

    _tree_class = DecisionTreeClassifier
    _splitter = "best"
    _rules: ClassVar[Mapping[str, Rule]] = {
        **FOREST_RULES,
        "criterion": option(*CLASSIFICATION),
        "class_weight": CLASS_WEIGHT_RULE,
    }

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_split: float = 2,
        min_samples_leaf: float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: Any = "sqrt",
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = True,
        oob_score: Any = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        warm_start: bool = False,
        class_weight: Any = None,
        ccp_alpha: float = 0.0,
        max_samples: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.warm_start = warm_start
        self.class_weight = class_weight
        self.ccp_alpha = ccp_alpha
        self.max_samples = max_samples


class RandomForestRegressor(ForestRegressor):
    """Random forest for regression: the mean of many trees' predictions.

    Each tree is grown on rows drawn with replacement [1]_; with ``max_features`` below 1.0, each
    node looks for the best threshold among a few features drawn for it.

    Parameters
    ----------
    n_estimators : int, default=100
        Number of trees. More never make the forest worse, only slower.
    criterion : {"squared_error", "absolute_error", "poisson"}, default="squared_error"
        Impurity of a node: the mean squared deviation from the mean; the mean absolute deviation
        from the median; half the mean Poisson deviance, for counts.
    max_depth : int or None, default=None
        Most splits between the root and a leaf.
    min_samples_split : int or float, default=2
        A node of fewer rows is a leaf. A float is a share of all rows, rounded up.
    min_samples_leaf : int or float, default=1
        No split leaves fewer rows on a side. A float is a share of all rows, rounded up.
        A row drawn twice counts once.
    min_weight_fraction_leaf : float, default=0.0
        No split leaves less than this share of the total weight on a side; at most 0.5.
    max_features : {"sqrt", "log2"}, int, float or None, default=1.0
        Features that a node looks at, drawn anew for each: the root or the logarithm of their
        number, a number, a share, or all. If none of them splits the node, it looks at more.
    max_leaf_nodes : int or None, default=None
        Most leaves of a tree; it then grows where the impurity falls most.
    min_impurity_decrease : float, default=0.0
        A node is split only if that lowers the impurity by this much, weighted by the node's share
        of the total weight.
    bootstrap : bool, default=True
        Grow each tree on rows drawn with replacement, instead of on all.
    oob_score : bool or callable, default=False
        Estimate the score on new data from the rows that trees left out; needs `bootstrap`. A
        callable ``metric(y_true, y_pred)`` takes the place of R^2.
    n_jobs : int or None, default=None
        Threads for fitting and predicting: None as `scratchml.set_num_threads` says, which is all
        CPUs by default, -1 all. The forest does not depend on it.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the rows drawn for each tree, and of the features drawn at each node.
        The trees of a seed are the first of any larger forest of that seed.
    verbose : int or bool, default=0
        Show progress: 1 as a bar on a terminal (with the ``progress`` extra) or up to ten lines, 2
        as a line for each tree.
    warm_start : bool, default=False
        Keep the trees there are, and grow those that are missing to make `n_estimators`. With an
        int as `random_state` and the same data, that is the same forest as grown at once.
    ccp_alpha : float, default=0.0
        Price of a leaf, by which each tree is pruned; see `DecisionTreeRegressor`.
    max_samples : int, float or None, default=None
        Rows drawn for a tree with `bootstrap`: a number, a share of all (of the sum of their
        weights, if there are any), or as many as there are. May be more than there are.

    Attributes
    ----------
    estimators_ : list of DecisionTreeRegressor
        The trees.
    estimator_ : DecisionTreeRegressor
        An unfitted one with their parameters.
    n_outputs_ : int
        Number of outputs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.
    feature_importances_ : ndarray of shape (n_features_in_,)
        Share of each feature in the decrease of impurity, averaged over the trees.
    estimators_samples_ : list of ndarray of int32
        The rows that each tree was grown on.
    oob_score_ : float
        The score estimated with `oob_score`.
    oob_prediction_ : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        With `oob_score`, what those trees predict that left the row out; zeros where none did.

    See Also
    --------
    RandomForestClassifier : The same for classes.
    ExtraTreesRegressor : Random thresholds, all rows.

    Notes
    -----
    With `bootstrap`, rows are drawn in proportion to `sample_weight` and class weights, and each
    counts as often as it was drawn: weights change which rows a tree sees, not what they count.

    Missing values (NaN) go to the side that lowers the impurity more. X is encoded once for all
    trees, in 4 bytes a cell.

    References
    ----------
    .. [1] L. Breiman, "Random forests", Machine Learning 45 (2001).

    Examples
    --------
    >>> from scratchml.datasets import load_diabetes
    >>> from scratchml.ensemble import RandomForestRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = RandomForestRegressor(max_features=0.3, oob_score=True, random_state=0).fit(X, y)
    >>> round(model.oob_score_, 2)
    0.44
    """

    _tree_class = DecisionTreeRegressor
    _splitter = "best"
    _rules: ClassVar[Mapping[str, Rule]] = {
        **FOREST_RULES,
        "criterion": option(*REGRESSION),
    }

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str = "squared_error",
        max_depth: int | None = None,
        min_samples_split: float = 2,
        min_samples_leaf: float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: Any = 1.0,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = True,
        oob_score: Any = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        warm_start: bool = False,
        ccp_alpha: float = 0.0,
        max_samples: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.warm_start = warm_start
        self.ccp_alpha = ccp_alpha
        self.max_samples = max_samples
