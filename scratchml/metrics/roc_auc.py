"""Area under the ROC curve: how often a positive sample is ranked above a negative one.

The area under the curve of `ranking` is the share of pairs in the right order, ties counting half:

    AUC = sum over positives i, negatives j of  [s_i > s_j] + [s_i = s_j] / 2   over  n+ n-

Without weights it is computed so: sort the scores of each class, find for every positive how many
negatives stand below it and how many stand below or beside it (merging two sorted lists), and add
the two integers. The result is one exact integer over 2 n+ n-: O(n log n), and a single rounding.
With weights, or up to a false positive rate `max_fpr` only, it is the trapezoid rule on the curve;
the partial area A up to x = max_fpr is then put on the scale on which chance is 1/2 (McClish):

    (1 + (A - x^2 / 2) / (x - x^2 / 2)) / 2

For K > 2 classes: "ovr" averages the AUC of each class against all others; "ovo" averages over all
pairs {a, b} the mean of AUC(a | b) and AUC(b | a), among the samples of those two classes only.

References
----------
.. [1] Hanley & McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982.
.. [2] McClish, "Analyzing a portion of the ROC curve", Medical Decision Making 9(3), 1989.
.. [3] Hand & Till, "A simple generalisation of the area under the ROC curve for multiple class
   classification problems", Machine Learning 45, 2001, eq. 7.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from scratchml._core.exceptions import UndefinedMetricWarning, warn
from scratchml._core.rules import check_parameters, none, option, real
from scratchml._core.targets import encode_labels, type_of_target
from scratchml._core.validation import (
    check_array,
    check_consistent_length,
    check_finite,
    check_sample_weight,
    column_or_1d,
)
from scratchml.metrics._average import average_over_labels
from scratchml.metrics.ranking import auc, roc_from_counts, threshold_counts

_RULES = {
    "average": option("micro", "macro", "samples", "weighted") | none(),
    "max_fpr": real(0.0, 1.0, closed="right") | none(),
    "multi_class": option("raise", "ovr", "ovo"),
}


def roc_auc_score(
    y_true: Any,
    y_score: Any,
    *,
    average: str | None = "macro",
    sample_weight: Any = None,
    max_fpr: float | None = None,
    multi_class: str = "raise",
    labels: Any = None,
) -> Any:
    """Return the area under the ROC curve.

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        True labels, or 0/1 indicators. Of two labels the greater is the positive one.
    y_score : array-like of shape (n,) or (n, K)
        Scores; for more than two classes probabilities, one column for each in sorted order.
    average : {"macro", "micro", "weighted", "samples"} or None
        How several labels or classes are averaged; None returns one score for each.
    sample_weight : array-like of shape (n,), optional
        Weights (not with "ovo").
    max_fpr : float in (0, 1], optional
        Look at false positive rates up to this only (two classes or indicators).
    multi_class : {"raise", "ovr", "ovo"}
        What to do with more than two classes: one against the rest, or one against one.
    labels : array-like of shape (K,), optional
        All classes, sorted, where `y_true` does not show them all.

    Returns
    -------
    float, or ndarray of shape (K,) if ``average=None``
        0.5 for a random ranking, 1 for a perfect one; NaN where only one class occurs.

    Raises
    ------
    ValueError
        If the labels and the shape of the scores do not fit, a score is not finite, or rows of a
        multi-class score do not sum to one.

    Warns
    -----
    UndefinedMetricWarning
        If `y_true`, or a column of it, has one class only.

    Examples
    --------
    >>> from scratchml.metrics import roc_auc_score
    >>> roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    given = {"average": average, "max_fpr": max_fpr, "multi_class": multi_class}
    check_parameters(_RULES, given, "roc_auc_score")
    y = _target(y_true)
    kind = _kind(y)
    score = check_array(y_score, name="y_score", ndim=(1, 2))
    wide = score.ndim == 2 and score.shape[1] > 2
    multiclass = kind == "multiclass" or (kind == "binary" and wide)
    if multiclass:
        _check_multiclass(score, multi_class, average, sample_weight, max_fpr)
    check_consistent_length(y_true=y, y_score=score, sample_weight=sample_weight)
    weight = sample_weight
    if weight is not None:
        weight = check_sample_weight(column_or_1d(weight, name="sample_weight"), len(y), None)
    if multiclass:
        return _multiclass(y, score, labels, multi_class, average, weight)
    if kind == "binary":
        y = y.reshape(-1)
        positive = y == (y.max() if y.dtype.kind in "biuf" else max(y.tolist()))
        return _binary(positive, column_or_1d(score, name="y_score"), weight, max_fpr)
    if kind != "multilabel-indicator":
        raise ValueError(f"{kind} format is not supported")
    return average_over_labels(
        lambda t, s, w: _binary(t == 1, s, w, max_fpr), y, score, average, weight
    )


def _binary(
    positive: np.ndarray, score: np.ndarray, weight: np.ndarray | None, max_fpr: float | None = None
) -> float:
    """AUC of one boolean target."""
    n_positive = int(np.count_nonzero(positive))
    if n_positive in (0, len(positive)):
        warn(
            "Only one class is present in y_true. ROC AUC score is not defined in that case.",
            UndefinedMetricWarning,
            stacklevel=3,
        )
        return float("nan")
    if max_fpr == 1:
        max_fpr = None
    if weight is None and max_fpr is None:
        return _share_of_pairs_in_order(score[positive], score[~positive])
    if weight is not None:
        weight = weight.astype(np.float64)
    fpr, tpr, _ = roc_from_counts(*threshold_counts(positive, score, weight))
    if max_fpr is None:
        return auc(fpr, tpr)
    stop = int(np.searchsorted(fpr, max_fpr, "right"))
    edge = np.interp(max_fpr, fpr[stop - 1 : stop + 1], tpr[stop - 1 : stop + 1])
    area = auc(np.append(fpr[:stop], max_fpr), np.append(tpr[:stop], edge))
    least = 0.5 * max_fpr**2
    return float(0.5 * (1 + (area - least) / (max_fpr - least)))


def _share_of_pairs_in_order(positives: np.ndarray, negatives: np.ndarray) -> float:
    """Mann-Whitney's U over n+ n-: integers up to the one division."""
    positives, negatives = np.sort(positives), np.sort(negatives)
    below = negatives.searchsorted(positives, "left").sum(dtype=np.int64)
    below_or_tied = negatives.searchsorted(positives, "right").sum(dtype=np.int64)
    return (int(below) + int(below_or_tied)) / (2 * len(positives) * len(negatives))


def _multiclass(
    y: np.ndarray,
    score: np.ndarray,
    labels: Any,
    multi_class: str,
    average: str | None,
    weight: np.ndarray | None,
) -> Any:
    """AUC of K classes."""
    codes, n_classes = _class_codes(y, labels, score.shape[1])
    if multi_class == "ovo":
        return _one_against_one(codes, score, average)
    truth = (codes[:, None] == np.arange(n_classes)).astype(np.int64)
    return average_over_labels(lambda t, s, w: _binary(t == 1, s, w), truth, score, average, weight)


def _check_multiclass(
    score: np.ndarray, multi_class: str, average: str | None, sample_weight: Any, max_fpr: Any
) -> None:
    """Raise where an option or the scores do not suit more than two classes."""
    if max_fpr is not None and max_fpr != 1:
        raise ValueError(
            "Partial AUC computation not available in multiclass setting, 'max_fpr' must be set to "
            f"`None`, received `max_fpr={max_fpr}` instead"
        )
    if multi_class == "raise":
        raise ValueError("multi_class must be in ('ovo', 'ovr')")
    if score.ndim != 2:
        raise ValueError(
            "`y_score` needs to be of shape `(n_samples, n_classes)`, since `y_true` contains "
            f"multiple classes. Got `y_score.shape={score.shape}`."
        )
    if not np.allclose(1, score.sum(axis=1)):
        raise ValueError(
            "Target scores need to be probabilities for multiclass roc_auc, i.e. they should sum "
            "up to 1.0 over classes"
        )
    options = ("micro",) * (multi_class == "ovr") + ("macro", "weighted", None)
    if average not in options:
        raise ValueError(f"average must be one of {options} for multiclass problems")
    if multi_class == "ovo" and average is None:
        raise NotImplementedError("average=None is not implemented for multi_class='ovo'.")
    if multi_class == "ovo" and sample_weight is not None:
        raise ValueError(
            "sample_weight is not supported for multiclass one-vs-one ROC AUC, 'sample_weight' "
            "must be None in this case."
        )


def _one_against_one(codes: np.ndarray, score: np.ndarray, average: str | None) -> float:
    """Hand and Till's M; weighted by the number of samples in each pair if asked to."""
    members = {int(a): codes == a for a in np.flatnonzero(np.bincount(codes))}
    values, sizes = [], []
    for a, b in combinations(members, 2):
        of_a, of_b = score[members[a]], score[members[b]]
        a_over_b = _share_of_pairs_in_order(of_a[:, a], of_b[:, a])
        b_over_a = _share_of_pairs_in_order(of_b[:, b], of_a[:, b])
        values.append((a_over_b + b_over_a) / 2)
        sizes.append((len(of_a) + len(of_b)) / len(codes))
    return float(np.average(values, weights=sizes if average == "weighted" else None))


def _class_codes(y: np.ndarray, labels: Any, n_columns: int) -> tuple[np.ndarray, int]:
    """Each sample's column number and the number of classes."""
    classes, codes = encode_labels(y.reshape(-1), name="y_true")
    if labels is None:
        if len(classes) != n_columns:
            raise ValueError(
                f"Number of classes in y_true not equal to the number of columns in 'y_score': "
                f"{len(classes)} and {n_columns}"
            )
        return codes, n_columns
    labels = column_or_1d(labels, name="labels")
    ordered = encode_labels(labels, name="labels")[0]
    if len(ordered) != len(labels):
        raise ValueError(f"Parameter 'labels' must be unique, got {labels}")
    if (ordered != labels).any():
        raise ValueError(f"Parameter 'labels' must be ordered, got {labels}")
    if len(ordered) != n_columns:
        raise ValueError(
            f"Number of given labels, {len(ordered)}, not equal to the number of columns in "
            f"'y_score', {n_columns}"
        )
    place = {label: k for k, label in enumerate(ordered.tolist())}
    unknown = [label for label in classes.tolist() if label not in place]
    if unknown:
        raise ValueError(
            f"'y_true' contains labels not in parameter 'labels': {unknown} not in {labels}"
        )
    column = np.array([place[label] for label in classes.tolist()], dtype=np.int64)
    return column[codes], n_columns


def _target(y_true: Any) -> np.ndarray:
    """`y_true` as an array that is not empty."""
    return check_array(y_true, name="y_true", dtype=None, ndim=(1, 2))


def _kind(y: np.ndarray) -> str:
    """`type_of_target`, at a glance for 0/1 columns."""
    if y.ndim == 1 and y.dtype.kind in "biu":
        low, high = y.min(), y.max()
        if y.dtype.kind == "b" or int(high) - int(low) < 2 or ((y == low) | (y == high)).all():
            return "binary"
        return "multiclass"
    check_finite(y, name="y_true")
    return type_of_target(y, name="y_true")
