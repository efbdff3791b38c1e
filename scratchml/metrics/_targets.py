"""What every classification metric does first: check two sets of labels and number them.

The common case, two one-dimensional arrays of integers or strings, is recognised by dtype alone;
only what is unusual is put through the full `type_of_target`, so that a call on a hundred labels
costs microseconds.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchml._core.conversion import as_ndarray, reject_sparse
from scratchml._core.targets import encode_labels, type_of_target
from scratchml._core.validation import (
    check_consistent_length,
    check_sample_weight,
)


class Targets(NamedTuple):
    """True and predicted labels, checked: (n,) arrays, or (n, K) indicators if `multilabel`."""

    y_true: np.ndarray
    y_pred: np.ndarray
    sample_weight: np.ndarray | None
    multilabel: bool


def check_targets(y_true: Any, y_pred: Any, sample_weight: Any = None) -> Targets:
    """Return both sets of labels as arrays that can be compared.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,), (n, 1) or (n, K)
        Labels, or 0/1 indicators of K labels.
    sample_weight : array-like of shape (n,), optional
        Weights.

    Raises
    ------
    ValueError
        If lengths differ, there are no samples, the targets are continuous or of different
        kinds, or strings are mixed with numbers.
    """
    true, pred = as_labels(y_true, "y_true"), as_labels(y_pred, "y_pred")
    check_consistent_length(y_true=true, y_pred=pred, sample_weight=sample_weight)
    multilabel = False
    if not (_plainly_labels(true) and _plainly_labels(pred)):
        multilabel = _common_kind(true, pred) == "multilabel-indicator"
    if len(true) == 0:
        raise ValueError(
            "Found empty input array (e.g., `y_true` or `y_pred`) while a minimum of 1 sample is "
            "required."
        )
    weight = None
    if sample_weight is not None:
        weight = check_sample_weight(sample_weight, len(true), None)
        if weight is not None and weight.dtype.kind == "O":
            weight = weight.astype(np.float64)
    if multilabel:
        if true.shape != pred.shape:
            raise ValueError(
                "Multi-label binary indicator input with different numbers of labels: y_true has "
                f"shape {true.shape}, y_pred {pred.shape}."
            )
        return Targets(true, pred, weight, True)
    true, pred = true.reshape(-1), pred.reshape(-1)
    if _is_text(true) != _is_text(pred):
        raise ValueError(
            "Mix of label input types (string and number); "
            f"Got {encode_labels(true)[0]} and {encode_labels(pred)[0]}."
        )
    for labels in (true, pred):
        if labels.dtype.kind == "O":
            _check_all_text(labels)
    return Targets(true, pred, weight, False)


def encode_pair(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the sorted labels that occur in either array, and both arrays as positions in them.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n,)
        Labels of like kind, as `check_targets` returns them.

    Returns
    -------
    labels : ndarray of shape (K,)
        Sorted labels.
    true, pred : ndarray of int64, shape (n,)
        ``labels[true]`` equals `y_true`, ``labels[pred]`` equals `y_pred`.
    """
    if y_true.dtype.kind == y_pred.dtype.kind == "b":
        y_true, y_pred = y_true.view(np.uint8), y_pred.view(np.uint8)
        labels, true, pred = encode_pair(y_true, y_pred)
        return labels.astype(bool), true, pred
    if y_true.dtype.kind in "iub" and y_pred.dtype.kind in "iub":
        encoded = _encode_small_integers(y_true, y_pred)
        if encoded is not None:
            return encoded
    if _is_text(y_true):
        return _encode_text(y_true, y_pred)
    both = np.concatenate([y_true, y_pred])
    if both.dtype.kind == "f" and np.abs(both).max() < 2**53:
        labels, codes = encode_labels(both.astype(np.int64))  # integers are counted, not sorted
        labels = labels.astype(both.dtype)
    else:
        labels, codes = encode_labels(both)
    return labels, codes[: len(y_true)], codes[len(y_true) :]


def _encode_small_integers(
    y_true: np.ndarray, y_pred: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """`encode_pair` by counting, for labels of a range not much larger than their number."""
    low = min(int(y_true.min()), int(y_pred.min()))
    high = max(int(y_true.max()), int(y_pred.max()))
    span = high - low + 1
    if span > max(1024, 2 * len(y_true)) or low < -(2**62) or high >= 2**62:
        return None
    true = y_true.astype(np.int64, copy=False)
    pred = y_pred.astype(np.int64, copy=False)
    if low:
        true, pred = true - low, pred - low
    present = np.bincount(true, minlength=span) + np.bincount(pred, minlength=span) > 0
    labels = np.flatnonzero(present)
    if len(labels) < span:
        position = np.cumsum(present) - 1
        true, pred = position[true], position[pred]
    return (labels + low).astype(np.result_type(y_true, y_pred)), true, pred


def _encode_text(
    y_true: np.ndarray, y_pred: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`encode_pair` by hashing: linear time, where sorting strings is slow."""
    true, pred = y_true.tolist(), y_pred.tolist()
    found = set(true)
    found.update(pred)
    labels = sorted(found)
    position = {label: k for k, label in enumerate(labels)}
    return (
        np.array(labels),
        np.fromiter(map(position.__getitem__, true), np.int64, len(true)),
        np.fromiter(map(position.__getitem__, pred), np.int64, len(pred)),
    )


def as_labels(y: Any, name: str) -> np.ndarray:
    """Return `y` as an array of any dtype; sparse, scalar, complex and bytes are refused.

    Parameters
    ----------
    y : array-like
        Labels.
    name : str
        The argument's name, for messages.
    """
    if type(y) is np.ndarray and y.ndim and y.dtype.kind in "biufU":
        return y
    reject_sparse(y, name, "")
    if isinstance(y, str) or not (hasattr(y, "__array__") or hasattr(y, "__len__")):
        raise ValueError(
            f"Expected array-like (array or non-string sequence) for {name}, got {y!r}"
        )
    try:
        array = as_ndarray(y, None, name)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        type_of_target(y, name=name)  # words the complaint about ragged sequences
        raise
    if array.ndim == 0:
        raise TypeError(f"{name} should have at least 1 dimension, got scalar {y!r} instead.")
    if array.dtype.kind == "S" or (array.size and isinstance(array.flat[0], bytes)):
        raise TypeError(
            "Support for labels represented as bytes is not supported. Convert the labels of "
            f"{name} to a string or integer format."
        )
    return array.astype(str) if array.dtype.kind == "T" else array


def _plainly_labels(y: np.ndarray) -> bool:
    """Whether one look shows that `y` is a column of class labels."""
    if y.ndim != 1 and not (y.ndim == 2 and y.shape[1] == 1):
        return False
    if y.dtype.kind == "f":
        return bool(np.isfinite(y).all() and (y == np.trunc(y)).all())
    if y.dtype.kind == "O":
        return bool(y.size) and isinstance(y.flat[0], str)
    return y.dtype.kind in "biuU"


def _common_kind(y_true: np.ndarray, y_pred: np.ndarray) -> str:
    """Return the kind both targets have; ValueError if they differ or it is not of classes."""
    kinds = type_of_target(y_true, name="y_true"), type_of_target(y_pred, name="y_pred")
    kind = kinds[0]
    if kinds[0] != kinds[1]:
        if set(kinds) != {"binary", "multiclass"}:
            raise ValueError(
                f"Classification metrics can't handle a mix of {kinds[0]} and {kinds[1]} targets"
            )
        kind = "multiclass"
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        raise ValueError(f"{kind} is not supported")
    return kind


def _check_all_text(labels: np.ndarray) -> None:
    """Raise ValueError where an object array, whose first label is a string, holds others."""
    others = {label for label in set(labels.tolist()) if not isinstance(label, str)}
    if others:
        raise ValueError(
            f"Mix of label input types (string and number); found {others} beside strings."
        )


def _is_text(y: np.ndarray) -> bool:
    return y.dtype.kind == "U" or (y.dtype.kind == "O" and isinstance(y.flat[0], str))
