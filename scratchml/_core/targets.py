"""Class labels and kinds of target: from what users write to codes 0, 1, 2, ... and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchml._core.conversion import as_ndarray, reject_sparse
from scratchml._core.validation import check_finite


def type_of_target(y: Any, *, name: str = "y") -> str:
    """Return the kind of target that `y` is.

    Parameters
    ----------
    y : array-like
        Targets.
    name : str
        The argument's name, for messages.

    Returns
    -------
    str
        "binary" (at most two distinct values), "multiclass", "continuous" (floats that are not
        all integers), "multilabel-indicator" (a two-dimensional array of 0 and 1),
        "multiclass-multioutput", "continuous-multioutput" or "unknown".
    """
    reject_sparse(y, name, "")
    if isinstance(y, str) or not (hasattr(y, "__array__") or hasattr(y, "__len__")):
        raise ValueError(
            f"Expected array-like (array or non-string sequence) for {name}, got {y!r}"
        )
    try:
        array = as_ndarray(y, None, name)
    except ValueError as error:
        if "inhomogeneous" in str(error):
            raise ValueError(
                f"{name} is a sequence of sequences of unequal length; pass a 1-D array of labels "
                "or a 2-D array."
            ) from None
        raise
    if array.ndim not in (1, 2) or (
        array.dtype.kind == "O" and array.size and not isinstance(array.flat[0], str | int | float)
    ):
        return "unknown"
    suffix = "-multioutput" if array.ndim == 2 and array.shape[1] > 1 else ""
    if array.dtype.kind == "f":
        check_finite(array, name=name)
        if (array != np.trunc(array)).any():
            return "continuous" + suffix
    distinct = _distinct(array.reshape(-1))
    if suffix:
        indicator = array.dtype.kind in "biuf" and set(distinct.tolist()) <= {0, 1}
        return "multilabel-indicator" if indicator else "multiclass-multioutput"
    return "binary" if len(distinct) <= 2 else "multiclass"


def check_classification_targets(y: Any, *, name: str = "y") -> str:
    """Return `type_of_target(y)`, or raise ValueError where it is not one of classification.

    Parameters
    ----------
    y : array-like
        Targets.
    name : str
        The argument's name, for messages.
    """
    kind = type_of_target(y, name=name)
    if kind not in ("binary", "multiclass", "multiclass-multioutput", "multilabel-indicator"):
        raise ValueError(
            f"Unknown label type: {kind}. Maybe you are trying to fit a classifier, which expects "
            "discrete classes on a regression target with continuous values."
        )
    return kind


def encode_labels(y: np.ndarray, *, name: str = "y") -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted distinct labels and, for each entry of `y`, its position among them.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Labels: numbers, booleans or strings, not mixed.
    name : str
        The argument's name, for messages.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Sorted, of y's dtype.
    codes : ndarray of int64, shape (n,)
        ``classes[codes]`` equals `y`.
    """
    if y.dtype.kind in "iu" and y.size:
        low, high = int(y.min()), int(y.max())
        if high - low <= max(1024, y.size) and low > -(2**62) and high < 2**62:
            # A small range: mark and number the values that occur; np.unique would sort.
            shifted = y.astype(np.int64) - low
            present = np.bincount(shifted, minlength=high - low + 1) > 0
            classes = (np.flatnonzero(present) + low).astype(y.dtype)
            return classes, (np.cumsum(present) - 1)[shifted].astype(np.int64, copy=False)
    check_finite(y, name=name)
    try:
        classes, codes = np.unique(y, return_inverse=True)
    except TypeError:
        kinds = sorted({type(v).__name__ for v in y.tolist()})
        raise TypeError(
            f"Labels must be uniformly strings or numbers, but {name} mixes {', '.join(kinds)}."
        ) from None
    return classes, codes.astype(np.int64, copy=False)


def class_weight_vector(
    class_weight: Any,
    classes: np.ndarray,
    codes: np.ndarray,
    sample_weight: np.ndarray | None = None,
) -> np.ndarray:
    """Return the weight of each class.

    Parameters
    ----------
    class_weight : None, "balanced" or mapping of label to weight
        "balanced" gives class k the weight n / (n_classes n_k), so that all classes count the
        same; a mapping gives 1 to labels it leaves out.
    classes : ndarray of shape (n_classes,)
        The labels.
    codes : ndarray of int64, shape (n,)
        Position in `classes` of each row's label.
    sample_weight : ndarray of shape (n,), optional
        With it, n and n_k are sums of weights.

    Returns
    -------
    ndarray of float64, shape (n_classes,)
        The weights.
    """
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str) and class_weight == "balanced":
        counts = np.bincount(codes, weights=sample_weight, minlength=len(classes)).astype(float)
        if (counts == 0).any():
            missing = classes[counts == 0].tolist()
            raise ValueError(
                f"class_weight='balanced' needs positive weight in every class; "
                f"classes {missing} have a sample weight of zero."
            )
        return counts.sum() / (len(classes) * counts)
    if not isinstance(class_weight, Mapping):
        raise ValueError(f"class_weight must be a dict, 'balanced' or None, got {class_weight!r}.")
    labels = classes.tolist()
    unweighted = [label for label in labels if label not in class_weight]
    if unweighted and any(label not in labels for label in class_weight):
        raise ValueError(
            f"The classes, {unweighted}, are not in class_weight, which has {list(class_weight)}."
        )
    weights = np.array([class_weight.get(label, 1.0) for label in labels], dtype=float)
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError(f"class_weight must hold finite weights >= 0, got {dict(class_weight)!r}.")
    return weights


def _distinct(flat: np.ndarray) -> np.ndarray:
    """Return the distinct values of a 1-D array."""
    if flat.dtype.kind == "O":
        return np.array(list(dict.fromkeys(flat.tolist())), dtype=object)
    return np.unique(flat)
