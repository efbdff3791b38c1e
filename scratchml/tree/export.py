"""What the functions that show a tree (`text`, `graphviz`, `plot`) check of their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchml._core.estimator import check_is_fitted
from scratchml._core.exceptions import InvalidParameterError
from scratchml._core.rules import Rule, array_like, boolean, integer, none, option
from scratchml._core.validation import column_or_1d

BOX_RULES: Mapping[str, Rule] = {
    "max_depth": integer(0) | none(),
    "feature_names": array_like() | none(),
    "class_names": array_like() | boolean() | none(),
    "label": option("all", "root", "none"),
    "filled": boolean(),
    "impurity": boolean(),
    "node_ids": boolean(),
    "proportion": boolean(),
    "rounded": boolean(),
    "precision": integer(0),
}


def fitted_tree(decision_tree: Any, caller: str) -> Any:
    """Return ``decision_tree.tree_``, or raise NotFittedError or InvalidParameterError.

    Parameters
    ----------
    decision_tree : object
        What the user passed.
    caller : str
        The function that was called.
    """
    if hasattr(decision_tree, "fit") and not isinstance(decision_tree, type):
        check_is_fitted(decision_tree)
        if hasattr(decision_tree, "tree_"):
            return decision_tree.tree_
    raise InvalidParameterError(
        f"The 'decision_tree' parameter of {caller} must be a decision tree. Got "
        f"{decision_tree!r} instead, which is not an estimator instance with tree_."
    )


def checked_names(names: Any, argument: str) -> Any:
    """Return names as an array; None, True and False as they are.

    Parameters
    ----------
    names : array-like of shape (n,), bool or None
        What the user passed.
    argument : str
        Its name, for messages.
    """
    if names is None or isinstance(names, bool | np.bool_):
        return names
    return column_or_1d(names, name=argument)


def check_names(feature_names: Any, class_names: Any, tree: Any) -> tuple[Any, Any]:
    """Return names of features and classes, or raise ValueError where they do not fit the tree.

    Parameters
    ----------
    feature_names, class_names : array-like of str, or None; the latter also bool
        What the user passed.
    tree : Tree
        With as many features and classes.
    """
    if feature_names is not None:
        if not all(isinstance(name, str) for name in feature_names):
            raise ValueError("All feature names must be strings.")
        if len(feature_names) != tree.n_features:
            raise ValueError(
                f"Length of feature_names, {len(feature_names)} does not match number of "
                f"features, {tree.n_features}"
            )
    names = checked_names(class_names, "class_names")
    named = isinstance(names, np.ndarray) and tree.n_outputs == 1 and tree.n_classes[0] > 1
    if named and len(names) != tree.n_classes[0]:
        raise ValueError(
            f"class_names must contain {tree.n_classes[0]} elements, one for each class, got "
            f"{len(names)}"
        )
    return checked_names(feature_names, "feature_names"), names
