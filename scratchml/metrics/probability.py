"""Scores of predicted probabilities: log loss and Brier score.

With p_ik the probability given to label k for sample i, and c_i the true label's number:

    log loss       L = - sum_i w_i log p_{i c_i} / sum_i w_i
    Brier score    B =   sum_i w_i sum_k (p_ik - [k = c_i])^2 / sum_i w_i      (halved for K = 2)

Both are proper: their expectation is least where p is the true distribution. log 0 = -inf would let
one sample decide, so p is kept within [eps, 1 - eps], eps the machine epsilon of its dtype.

References
----------
.. [1] Bishop, *Pattern Recognition and Machine Learning*, Springer, 2006, eq. 4.108.
.. [2] Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review
   78(1), 1950, eq. 2.
"""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any

import numpy as np

from scratchml._core.rules import Rule, boolean, check_parameters, option
from scratchml._core.targets import encode_labels, type_of_target
from scratchml._core.validation import (
    check_array,
    check_consistent_length,
    check_finite,
    check_sample_weight,
    column_or_1d,
)

_BRIER_RULES = {
    "pos_label": Rule(
        "a real number, a str, a bool or None",
        lambda v: v is None or isinstance(v, Real | str | np.bool_),
    ),
    "scale_by_half": boolean() | option("auto"),
}


def log_loss(
    y_true: Any,
    y_proba: Any,
    *,
    normalize: bool = True,
    sample_weight: Any = None,
    labels: Any = None,
) -> float:
    """Return the mean of -log(probability given to the true label).

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        True labels, or one-hot rows.
    y_proba : array-like of shape (n, K) or (n,)
        Probabilities, one column for each label in sorted order; one column alone is the
        probability of the second of two labels. float32 is computed in float32.
    normalize : bool
        False returns the (weighted) sum instead of the mean.
    sample_weight : array-like of shape (n,), optional
        Weights.
    labels : array-like of shape (K,), optional
        All labels, needed where `y_true` does not show them all.

    Returns
    -------
    float
        The loss in nats, at least 0.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1] or not finite, or the labels do not fit its columns.

    Warns
    -----
    UserWarning
        If a row of probabilities does not sum to one.

    Examples
    --------
    >>> from scratchml.metrics import log_loss
    >>> log_loss(["spam", "ham", "ham", "spam"], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])
    0.2161...
    """
    if not isinstance(normalize, bool | np.bool_):
        check_parameters({"normalize": boolean()}, {"normalize": normalize}, "log_loss")
    proba = check_array(y_proba, name="y_proba", ndim=(1, 2))
    codes, proba, weight = _codes_and_columns(y_true, proba, sample_weight, labels)
    eps = np.finfo(proba.dtype).eps
    if proba.ndim == 1:
        p = np.where(codes, proba, 1 - proba)
    else:
        p = proba[np.arange(len(codes)), codes]
    loss = -np.log(np.clip(p, eps, 1 - eps))
    if normalize:
        return float(np.average(loss, weights=weight))
    return float(loss.sum() if weight is None else np.dot(loss, weight))


def brier_score_loss(
    y_true: Any,
    y_proba: Any,
    *,
    sample_weight: Any = None,
    pos_label: Any = None,
    labels: Any = None,
    scale_by_half: bool | str = "auto",
) -> float:
    """Return the mean squared difference between probabilities and what came to be.

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        True labels, or one-hot rows.
    y_proba : array-like of shape (n,) or (n, K)
        Probability of the positive label, or of each label in sorted order.
    sample_weight : array-like of shape (n,), optional
        Weights.
    pos_label : int, float, bool or str, optional
        The positive label for one column of probabilities; by default 1 for labels within {0, 1}
        or {-1, 1}, else the greater number.
    labels : array-like of shape (K,), optional
        All labels, needed where `y_true` does not show them all (K columns only).
    scale_by_half : bool or "auto"
        Halve the sum over labels, so that the score lies in [0, 1] rather than [0, 2]; "auto" does
        so for two labels.

    Returns
    -------
    float
        The score; 0 is perfect.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1] or not finite, or the labels do not fit its columns.

    Examples
    --------
    >>> from scratchml.metrics import brier_score_loss
    >>> round(brier_score_loss([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]), 6)
    0.0375
    """
    given = {"pos_label": pos_label, "scale_by_half": scale_by_half}
    check_parameters(_BRIER_RULES, given, "brier_score_loss")
    proba = check_array(y_proba, name="y_proba", ndim=(1, 2))
    if proba.ndim == 1 or proba.shape[1] == 1:
        proba = proba.reshape(-1)
        positive, weight = _positives(y_true, proba, sample_weight, pos_label)
        proba = np.stack([1 - proba, proba], axis=1)
        codes = positive.astype(np.intp)
    else:
        codes, proba, weight = _codes_and_columns(y_true, proba, sample_weight, labels)
    error = proba.copy()
    error[np.arange(len(codes)), codes] -= 1
    score = np.average(np.sum(error**2, axis=1), weights=weight)
    half = proba.shape[1] < 3 if isinstance(scale_by_half, str) else scale_by_half
    return float(score * 0.5 if half else score)


def _codes_and_columns(
    y_true: Any, proba: np.ndarray, sample_weight: Any, labels: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Check all, return each sample's column number, the probabilities and the weights.

    Probabilities stay one-dimensional (of the second label) where they came as one column.
    """
    _check_range(proba)
    check_consistent_length(y_proba=proba, y_true=y_true, sample_weight=sample_weight)
    weight = check_sample_weight(sample_weight, len(proba), None)
    y = np.asarray(y_true)
    if y.ndim == 2 and y.shape[1] > 1:
        codes = _one_hot_columns(y)
        classes = np.arange(y.shape[1])
    else:
        y = column_or_1d(y_true, name="y_true")
        classes, codes = encode_labels(y, name="y_true") if labels is None else _encode(y, labels)
    if len(classes) < 2:
        raise ValueError(
            f"y_true contains only one label ({classes[0]}). Please provide the list of all "
            "expected class labels explicitly through the labels argument."
            if labels is None
            else f"The labels array needs to contain at least two labels, got {classes}."
        )
    n_columns = 1 if proba.ndim == 1 else proba.shape[1]
    if n_columns == 1:
        proba, n_columns = proba.reshape(-1), 2
    else:
        _check_row_sums(proba)
    if len(classes) != n_columns:
        raise ValueError(
            f"y_true and y_prob contain different number of classes: {len(classes)} vs "
            f"{n_columns}. Please provide the true labels explicitly through the labels argument. "
            f"Classes found in y_true: {classes}"
            if labels is None
            else "The number of classes in labels is different from that in y_prob. Classes found "
            f"in labels: {classes}"
        )
    return codes, proba, weight


def _one_hot_columns(y: np.ndarray) -> np.ndarray:
    """Column of the one in each row of 0/1 indicators."""
    if y.dtype.kind not in "biuf" or not (
        ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
    ):
        raise ValueError(
            "y_true of two dimensions must hold one 1 in each row and 0 elsewhere, got shape "
            f"{y.shape} with other rows."
        )
    return y.argmax(axis=1)


def _encode(y: np.ndarray, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Sorted `labels` and the position of each y among them; ValueError where it is not there."""
    given = column_or_1d(labels, name="labels")
    classes, _ = encode_labels(given, name="labels")
    if len(classes) == len(given) and (classes != given).any():
        warnings.warn(
            f"Labels passed were {labels}. But this function assumes labels are ordered "
            f"lexicographically. Pass the ordered labels={classes.tolist()} and ensure that the "
            "columns of y_prob correspond to this ordering.",
            UserWarning,
            stacklevel=4,
        )
    found, codes = encode_labels(y, name="y_true")
    place = {label: k for k, label in enumerate(classes.tolist())}
    undeclared = {label for label in found.tolist() if label not in place}
    if undeclared:
        raise ValueError(
            f"y_true contains values {undeclared} not belonging to the passed labels {labels}."
        )
    return classes, np.array([place[label] for label in found.tolist()], dtype=np.intp)[codes]


def _positives(
    y_true: Any, proba: np.ndarray, sample_weight: Any, pos_label: Any
) -> tuple[np.ndarray, np.ndarray | None]:
    """Which samples are positive, for one column of probabilities; and the weights."""
    y = column_or_1d(y_true, name="y_true")
    check_finite(y, name="y_true")
    check_consistent_length(y_proba=proba, y_true=y, sample_weight=sample_weight)
    weight = check_sample_weight(sample_weight, len(proba), None)
    kind = type_of_target(y, name="y_true")
    if kind != "binary":
        raise ValueError(
            f"The type of the target inferred from y_true is {kind} but should be binary according "
            "to the shape of y_prob."
        )
    _check_range(proba)
    if pos_label is None:
        classes = encode_labels(y)[0]
        if classes.dtype.kind in "OU":
            listed = ", ".join(repr(c) for c in classes.tolist())
            raise ValueError(
                f"y_true takes value in {{{listed}}} and pos_label is not specified: either make "
                "y_true take value in {0, 1} or {-1, 1} or pass pos_label explicitly."
            )
        pos_label = (
            1
            if set(classes.tolist()) <= {-1, 1} or set(classes.tolist()) <= {0, 1}
            else classes[-1]
        )
    return y == pos_label, weight


def _check_range(proba: np.ndarray) -> None:
    if proba.max() > 1:
        raise ValueError(f"y_prob contains values greater than 1: {proba.max()}")
    if proba.min() < 0:
        raise ValueError(f"y_prob contains values lower than 0: {proba.min()}")


def _check_row_sums(proba: np.ndarray) -> None:
    """Warn where a row's sum is further from 1 than half the digits of its dtype."""
    far = np.abs(proba.sum(axis=1) - 1) > np.sqrt(np.finfo(proba.dtype).eps)
    if far.any():
        warnings.warn(
            "The y_prob values do not sum to one. Make sure to pass probabilities.",
            UserWarning,
            stacklevel=4,
        )
