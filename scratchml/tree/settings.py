"""From an estimator's parameters and targets to what the builders take: Limits, Target, weights.

Trees and forests share these functions, so that a parameter means the same in both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from scratchml._core.rules import (
    Rule,
    array_like,
    integer,
    mapping,
    none,
    option,
    random_state,
    real,
)
from scratchml._core.targets import (
    check_classification_targets,
    class_weight_vector,
    encode_labels,
)
from scratchml._core.validation import check_array
from scratchml.tree.nodes import Limits, Target

CLASSIFICATION = ("gini", "entropy", "log_loss")
REGRESSION = ("squared_error", "absolute_error", "poisson")


def _share(closed_above: bool) -> Rule:
    """Accept a float in (0, 1], or in (0, 1), and no int: 1 and 1.0 mean different things."""
    return Rule(
        f"a float in the range (0.0, 1.0{']' if closed_above else ')'}",
        lambda value: (
            isinstance(value, Real)
            and not isinstance(value, Integral)
            and 0.0 < float(value) <= 1.0
            and (closed_above or float(value) < 1.0)
        ),
    )


GROWTH_RULES: dict[str, Rule] = {
    "max_depth": integer(1) | none(),
    "min_samples_split": integer(2) | _share(True),
    "min_samples_leaf": integer(1) | _share(False),
    "min_weight_fraction_leaf": real(0.0, 0.5, closed="both"),
    "max_features": integer(1) | _share(True) | option("sqrt", "log2") | none(),
    "random_state": random_state(),
    "max_leaf_nodes": integer(2) | none(),
    "min_impurity_decrease": real(0.0),
    "ccp_alpha": real(0.0),
}
CLASS_WEIGHT_RULE = mapping() | array_like() | option("balanced") | none()


def limits_of(
    estimator: Any, n_samples: int, n_features: int, weight_sum: float | None = None
) -> Limits:
    """Return the limits that an estimator's parameters set for one tree.

    Parameters
    ----------
    estimator : object
        With the parameters of `GROWTH_RULES`, already checked against them.
    n_samples, n_features : int
        Shape of the data; shares of samples and features are of these.
    weight_sum : float, optional
        Total sample weight, of which `min_weight_fraction_leaf` is a share; without it `n_samples`.

    Returns
    -------
    Limits
        Plain integers and floats.

    Raises
    ------
    ValueError
        If `max_features` is an int beyond the number of features.
    """
    leaf = _count(estimator.min_samples_leaf, n_samples)
    total = float(n_samples) if weight_sum is None else weight_sum
    return Limits(
        max_features=features_tried(estimator.max_features, n_features),
        max_depth=_most(estimator.max_depth),
        min_samples_split=max(2, _count(estimator.min_samples_split, n_samples), 2 * leaf),
        min_samples_leaf=leaf,
        min_weight_leaf=float(estimator.min_weight_fraction_leaf * total),
        min_impurity_decrease=float(estimator.min_impurity_decrease),
        max_leaf_nodes=0 if estimator.max_leaf_nodes is None else _most(estimator.max_leaf_nodes),
    )


def features_tried(max_features: Any, n_features: int) -> int:
    """Return the number of features tried at a node.

    Parameters
    ----------
    max_features : int, float, {"sqrt", "log2"} or None
        A number; a share, rounded down but at least one; the root or the logarithm to base 2,
        rounded down; None for all.
    n_features : int
        How many there are.

    Raises
    ------
    ValueError
        If it is an int greater than `n_features`.
    """
    if max_features is None:
        return n_features
    if max_features == "sqrt":
        return math.isqrt(n_features)
    if max_features == "log2":
        return max(1, n_features.bit_length() - 1)
    if not isinstance(max_features, Integral):
        return max(1, int(max_features * n_features))
    if int(max_features) > n_features:
        raise ValueError(
            f"max_features must be at most the number of features, {n_features}, "
            f"got max_features={max_features}."
        )
    return int(max_features)


def classification_target(y: np.ndarray, criterion: str) -> tuple[Target, list[np.ndarray]]:
    """Return class codes, and the classes of each output.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Labels.
    criterion : {"gini", "entropy", "log_loss"}
        The last two are one.

    Returns
    -------
    target : Target
        With ``y`` of int32, shape (n_samples, n_outputs).
    classes : list of ndarray
        For each output, its labels, sorted: those that the codes number.

    Raises
    ------
    ValueError
        If `y` holds no labels but, for instance, fractions.
    """
    check_classification_targets(y)
    columns = y.reshape(len(y), -1).T
    encoded = [encode_labels(np.ascontiguousarray(column)) for column in columns]
    codes = np.empty((len(y), len(columns)), dtype=np.int32)
    for k, (_, code) in enumerate(encoded):
        codes[:, k] = code
    classes = [classes for classes, _ in encoded]
    name = "entropy" if criterion == "log_loss" else criterion
    return Target(name, codes, tuple(len(labels) for labels in classes)), classes


def regression_target(y: Any, criterion: str) -> Target:
    """Return values of float64, shape (n_samples, n_outputs).

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Numbers.
    criterion : {"squared_error", "absolute_error", "poisson"}
        Poisson deviance needs numbers that are not negative, and a positive sum.

    Raises
    ------
    ValueError
        If `y` is not finite, or no target of the criterion.
    """
    values = check_array(y, name="y", dtype=np.float64, ndim=(1, 2), order="C")
    if criterion == "poisson":
        if values.min() < 0:
            raise ValueError(
                "Some value(s) of y are negative which is not allowed for Poisson regression: "
                f"criterion='poisson' needs y >= 0, got {float(values.min())!r}."
            )
        if not values.sum() > 0:
            raise ValueError(
                "Sum of y is not positive which is necessary for Poisson regression: with "
                "criterion='poisson' some value of y must be above zero."
            )
    return Target(criterion, values.reshape(len(values), -1), ())


def row_weights(
    sample_weight: np.ndarray | None,
    class_weight: Any,
    target: Target,
    classes: Sequence[np.ndarray],
) -> np.ndarray | None:
    """Return the product of each row's own weight and its classes' weights.

    Parameters
    ----------
    sample_weight : ndarray of float64, shape (n_samples,), or None
        Weights, already checked.
    class_weight : None, "balanced", mapping, or for several outputs a sequence of mappings
        "balanced" weighs class k by n / (n_classes n_k), counting rows, not their weights.
    target : Target
        From `classification_target`.
    classes : sequence of ndarray
        The labels of each output.

    Returns
    -------
    ndarray of float64, shape (n_samples,), or None
        None where every row counts the same.

    Raises
    ------
    ValueError
        If `class_weight` does not suit the outputs, or no positive weight is left.
    """
    if class_weight is None:
        return sample_weight
    weight = np.ones(len(target.y)) if sample_weight is None else sample_weight.copy()
    for k, wanted in enumerate(_by_output(class_weight, len(classes))):
        codes = target.y[:, k]
        weight *= class_weight_vector(wanted, classes[k], codes)[codes]
    if not weight.any():
        raise ValueError(
            "sample_weight and class_weight must leave at least one positive weight; their product "
            "is zero for every row."
        )
    return weight


def _by_output(class_weight: Any, n_outputs: int) -> Sequence[Any]:
    """Return one class weight for each output."""
    if isinstance(class_weight, str):
        return [class_weight] * n_outputs
    if isinstance(class_weight, Mapping):
        if n_outputs == 1:
            return [class_weight]
        raise ValueError(
            "For multi-output, class_weight should be a list of dicts, or the string 'balanced'; "
            f"got one dict for {n_outputs} outputs."
        )
    if n_outputs == 1:
        raise ValueError(
            f"class_weight must be a dict, 'balanced' or None with one output, got {class_weight!r}"
        )
    if len(class_weight) != n_outputs:
        raise ValueError(
            "For multi-output, number of elements in class_weight should match number of outputs: "
            f"got {len(class_weight)} for {n_outputs} outputs."
        )
    return class_weight


def _count(value: Any, n_samples: int) -> int:
    """Return a number of samples, given as one or as a share."""
    return int(value) if isinstance(value, Integral) else math.ceil(value * n_samples)


def _most(value: Any) -> int:
    """Return an upper limit that fits an int32."""
    return 2**31 - 1 if value is None else min(int(value), 2**31 - 1)
