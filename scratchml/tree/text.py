"""The rules of a tree as indented text: what a program of nested conditions would read like.

|--- petal width (cm) <= 0.80
|   |--- class: setosa
|--- petal width (cm) >  0.80
|   |--- ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scratchml._core.estimator import is_classifier
from scratchml._core.rules import array_like, boolean, check_parameters, integer, none
from scratchml.tree.boxes import LEAF
from scratchml.tree.export import checked_names, fitted_tree

_RULES = {
    "feature_names": array_like() | none(),
    "class_names": array_like() | none(),
    "max_depth": integer(0) | none(),
    "spacing": integer(1),
    "decimals": integer(0),
    "show_weights": boolean(),
}


def export_text(
    decision_tree: Any,
    *,
    feature_names: Any = None,
    class_names: Any = None,
    max_depth: int | None = 10,
    spacing: int = 3,
    decimals: int = 2,
    show_weights: bool = False,
) -> str:
    """Return the rules of a decision tree as text.

    Parameters
    ----------
    decision_tree : decision tree
        Fitted; ours or scikit-learn's.
    feature_names : array-like of shape (n_features,), optional
        Names of the features instead of feature_0, feature_1, ...
    class_names : array-like of shape (n_classes,), optional
        Names of the classes in their order, instead of their labels; not for several outputs.
    max_depth : int or None, default=10
        Levels to show below the root; deeper branches are cut. None shows all.
    spacing : int, default=3
        Width of a level's indent.
    decimals : int, default=2
        Decimals of numbers.
    show_weights : bool, default=False
        Show at leaves the weight of each class.

    Returns
    -------
    str
        A line for each side of a split and for each leaf.

    Raises
    ------
    NotFittedError
        If the tree is not fitted.
    ValueError
        If a parameter is wrong, or names are not as many as features or classes.

    Examples
    --------
    >>> from scratchml.datasets import load_iris
    >>> from scratchml.tree import DecisionTreeClassifier, export_text
    >>> iris = load_iris()
    >>> tree = DecisionTreeClassifier(max_leaf_nodes=3, random_state=1).fit(iris.data, iris.target)
    >>> print(export_text(tree, feature_names=iris.feature_names, class_names=iris.target_names))
    |--- petal length (cm) <= 2.45
    |   |--- class: setosa
    |--- petal length (cm) >  2.45
    |   |--- petal width (cm) <= 1.75
    |   |   |--- class: versicolor
    |   |--- petal width (cm) >  1.75
    |   |   |--- class: virginica
    """
    given = locals()
    check_parameters(_RULES, given, "export_text")
    tree = fitted_tree(decision_tree, "export_text")
    features = checked_names(feature_names, "feature_names")
    if features is None:
        features = [f"feature_{j}" for j in range(tree.n_features)]
    elif len(features) != tree.n_features:
        raise ValueError(
            f"feature_names must contain {tree.n_features} elements, got {len(features)}"
        )
    if is_classifier(decision_tree):
        labels = _labels(decision_tree, checked_names(class_names, "class_names"))
        leaf = _class_of(tree, labels, decimals, show_weights)
    else:
        leaf = _value_of(tree, decimals)

    def split(node: int) -> tuple[str, str]:
        name, threshold = features[tree.feature[node]], f"{tree.threshold[node]:.{decimals}f}"
        return f"{name} <= {threshold}", f"{name} >  {threshold}"

    return "".join(_lines(tree, split, leaf, max_depth, spacing))


def _lines(
    tree: Any,
    split: Callable[[int], tuple[str, str]],
    leaf: Callable[[int], str],
    max_depth: int | None,
    spacing: int,
) -> Iterator[str]:
    """Yield the lines in preorder; `split` and `leaf` say what a node has to say."""
    indent, branch = "|" + " " * spacing, "|" + "-" * spacing
    heights = _heights(tree)
    stack = [(0, 0, "")]  # node, depth, the line that leads to it
    while stack:
        node, depth, condition = stack.pop()
        yield condition
        bar = indent * depth + branch
        if tree.children_left[node] == LEAF:
            yield f"{bar} {leaf(node)}\n"
        elif max_depth is not None and depth > max_depth:
            yield f"{bar} truncated branch of depth {heights[node]}\n"
        else:
            yes, no = split(node)
            stack.append((int(tree.children_right[node]), depth + 1, f"{bar} {no}\n"))
            stack.append((int(tree.children_left[node]), depth + 1, f"{bar} {yes}\n"))


def _heights(tree: Any) -> np.ndarray:
    """Return the number of levels of each node's subtree, itself included."""
    left, right = tree.children_left, tree.children_right
    heights = np.ones(len(left), dtype=np.int64)
    for node in np.flatnonzero(left != LEAF)[::-1]:  # children have larger numbers
        heights[node] = 1 + max(heights[left[node]], heights[right[node]])
    return heights


def _labels(decision_tree: Any, names: Any) -> list[Any]:
    """Return for each output its class labels, or the names given for them."""
    tree, classes = decision_tree.tree_, decision_tree.classes_
    if tree.n_outputs > 1:
        return list(classes)
    if names is not None and len(names) != len(classes):
        raise ValueError(
            "When `class_names` is an array, it should contain as many items as "
            f"`decision_tree.classes_`. Got {len(names)} while the tree was fitted with "
            f"{len(classes)} classes."
        )
    return [classes if names is None else names]


def _class_of(
    tree: Any, labels: list[Any], decimals: int, show_weights: bool
) -> Callable[[int], str]:
    """Return what a leaf of a classifier says."""

    def leaf(node: int) -> str:
        value, chosen, weights = tree.value[node], [], []
        for k, names in enumerate(labels):
            chosen.append(str(names[int(np.argmax(value[k]))]))
            weights.append(value[k, : len(names)] * tree.weighted_n_node_samples[node])
        listed = [_listed(w, decimals) for w in weights]
        shown = f"weights: {_one_or_all(listed)} " if show_weights else ""
        return f"{shown}class: {_one_or_all(chosen)}"

    return leaf


def _value_of(tree: Any, decimals: int) -> Callable[[int], str]:
    """Return what a leaf of a regressor says."""
    return lambda node: f"value: {_listed(tree.value[node, :, 0], decimals)}"


def _listed(numbers: np.ndarray, decimals: int) -> str:
    return "[" + ", ".join(f"{x:.{decimals}f}" for x in numbers) + "]"


def _one_or_all(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
