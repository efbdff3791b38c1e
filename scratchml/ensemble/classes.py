"""The classes of a forest: their codes, also those that an earlier fit gave, and their weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchml._core.targets import class_weight_vector
from scratchml.tree.nodes import Target
from scratchml.tree.settings import row_weights


def in_terms_of(target: Target, classes: Sequence[Any], known: Sequence[Any]) -> Target:
    """Return a classification target with its codes numbering the `known` classes instead.

    Parameters
    ----------
    target : Target
        Its codes number `classes`.
    classes, known : sequence of ndarray
        Sorted labels of each output.

    Raises
    ------
    ValueError
        If a label is not known.
    """
    codes = np.empty_like(target.y)
    for k, (own, old) in enumerate(zip(classes, known, strict=True)):
        position = {label: i for i, label in enumerate(old.tolist())}
        unseen = [label for label in own.tolist() if label not in position]
        if unseen:
            raise ValueError(
                f"y holds the classes {unseen}, which the earlier fits had not: warm_start=True "
                f"continues a forest of the classes {old.tolist()}."
            )
        table = np.array([position[label] for label in own.tolist()], dtype=codes.dtype)
        codes[:, k] = table[target.y[:, k]]
    return Target(target.criterion, codes, tuple(len(old) for old in known))


def forest_weights(
    sample_weight: np.ndarray | None, class_weight: Any, target: Target, classes: Sequence[Any]
) -> np.ndarray | None:
    """Return each row's weight times those of its classes, or None where all are one.

    As `row_weights`, but "balanced" counts rows by their weights. A forest draws rows by weight, so
    this makes the classes come up equally often.

    Parameters
    ----------
    sample_weight : ndarray of float64, shape (n_samples,), or None
        The rows' own.
    class_weight : None, "balanced", mapping or sequence of mappings
        As the user gave it.
    target : Target
        Its codes number `classes`.
    classes : sequence of ndarray
        Labels of each output.
    """
    if not isinstance(class_weight, str):
        return row_weights(sample_weight, class_weight, target, classes)
    weight = np.ones(len(target.y)) if sample_weight is None else sample_weight.copy()
    for labels, codes in zip(classes, target.y.T, strict=True):
        weight *= class_weight_vector(class_weight, labels, codes, sample_weight)[codes]
    return weight
