"""Curves of a threshold: ROC, precision-recall, and the areas under them.

Lower the threshold t over all scores s_i, calling i positive where s_i >= t. In falling order,

    tp(t) = sum_i w_i y_i [s_i >= t],      fp(t) = sum_i w_i (1 - y_i) [s_i >= t]

are cumulative sums, read off at the last sample of each group of equal scores: samples that tie
enter together, so ties need no rule. From them

    ROC                  x = fp / all negatives,   y = tp / all positives
    precision-recall     P = tp / (tp + fp),       R = tp / all positives
    area by trapezoids   sum_j (x_{j+1} - x_j) (y_j + y_{j+1}) / 2
    average precision    sum_j (R_j - R_{j-1}) P_j, a step function: no interpolation between points

References
----------
.. [1] Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27(8), 2006,
   algorithms 1 and 2.
.. [2] Davis & Goadrich, "The relationship between precision-recall and ROC curves", Proc. 23rd
   ICML, 2006, section 3.
"""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.exceptions import UndefinedMetricWarning, warn
from scratchml._core.rules import Rule, boolean, check_parameters, none, option
from scratchml._core.targets import encode_labels, type_of_target
from scratchml._core.validation import (
    check_array,
    check_consistent_length,
    check_finite,
    check_sample_weight,
    column_or_1d,
)
from scratchml.metrics._average import average_over_labels
from scratchml.metrics._targets import as_labels

_POS_LABEL = Rule(
    "a real number, a str, a bool or None",
    lambda v: v is None or isinstance(v, Real | str | np.bool_),
)
_CURVE_RULES = {"pos_label": _POS_LABEL, "drop_intermediate": boolean()}
_AVERAGE_RULES = {
    "average": option("micro", "macro", "samples", "weighted") | none(),
    "pos_label": _POS_LABEL,
}


def roc_curve(
    y_true: Any,
    y_score: Any,
    *,
    pos_label: Any = None,
    sample_weight: Any = None,
    drop_intermediate: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the false and true positive rates at every threshold worth looking at.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        True labels, two of them.
    y_score : array-like of shape (n,)
        Scores, higher for samples more likely positive.
    pos_label : int, float, bool or str, optional
        The positive label; by default 1 where the labels are in {0, 1} or {-1, 1}.
    sample_weight : array-like of shape (n,), optional
        Weights.
    drop_intermediate : bool
        Leave out points that lie on a straight line between their neighbours.

    Returns
    -------
    fpr, tpr : ndarray of shape (m,)
        Rising from 0 to 1; NaN where there is no negative or no positive sample.
    thresholds : ndarray of shape (m,)
        Falling; the first, infinity, calls nothing positive.

    Raises
    ------
    ValueError
        If the labels are not two, the lengths differ, or a score is not finite.

    Examples
    --------
    >>> from scratchml.metrics import roc_curve
    >>> fpr, tpr, thresholds = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> fpr.tolist(), tpr.tolist(), thresholds.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0], [inf, 0.8, 0.4, 0.35, 0.1])
    """
    given = {"pos_label": pos_label, "drop_intermediate": drop_intermediate}
    check_parameters(_CURVE_RULES, given, "roc_curve")
    fp, tp, thresholds = threshold_counts(*_positives(y_true, y_score, pos_label, sample_weight))
    return roc_from_counts(fp, tp, thresholds, drop_intermediate)


def precision_recall_curve(
    y_true: Any,
    y_score: Any,
    *,
    pos_label: Any = None,
    sample_weight: Any = None,
    drop_intermediate: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision and recall at every threshold.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        True labels, two of them.
    y_score : array-like of shape (n,)
        Scores, higher for samples more likely positive.
    pos_label : int, float, bool or str, optional
        The positive label; 1 when the labels are 0 and 1 or -1 and 1.
    sample_weight : array-like of shape (n,), optional
        Weights.
    drop_intermediate : bool
        Leave out thresholds between others of the same recall.

    Returns
    -------
    precision, recall : ndarray of shape (m + 1,)
        Recall falls to 0; the last precision, 1, has no threshold.
    thresholds : ndarray of shape (m,)
        Rising.

    Warns
    -----
    UserWarning
        If no sample is positive: recall is then 1.

    Examples
    --------
    >>> from scratchml.metrics import precision_recall_curve
    >>> precision, recall, thresholds = precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> precision.tolist(), recall.tolist()
    ([0.5, 0.6666666666666666, 0.5, 1.0, 1.0], [1.0, 1.0, 0.5, 0.5, 0.0])
    """
    given = {"pos_label": pos_label, "drop_intermediate": drop_intermediate}
    check_parameters(_CURVE_RULES, given, "precision_recall_curve")
    fp, tp, thresholds = threshold_counts(*_positives(y_true, y_score, pos_label, sample_weight))
    if drop_intermediate and len(fp) > 2:
        step = np.diff(tp) != 0
        keep = np.concatenate([[True], step[:-1] | step[1:], [True]])
        fp, tp, thresholds = fp[keep], tp[keep], thresholds[keep]
    called = tp + fp
    precision = np.divide(tp, called, out=np.zeros_like(tp), where=called != 0)
    if tp[-1] == 0:
        warnings.warn(
            "No positive class found in y_true, recall is set to one for all thresholds.",
            UserWarning,
            stacklevel=2,
        )
        recall = np.ones_like(tp)
    else:
        recall = tp / tp[-1]
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), thresholds[::-1]


def average_precision_score(
    y_true: Any,
    y_score: Any,
    *,
    average: str | None = "macro",
    pos_label: Any = 1,
    sample_weight: Any = None,
) -> Any:
    """Return the mean precision over the steps of recall, the area under that curve.

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        True labels, or 0/1 indicators.
    y_score : array-like of shape (n,) or (n, K)
        Scores; one column for each label where there are more than two.
    average : {"macro", "micro", "weighted", "samples"} or None
        How several labels are averaged; None returns one score for each.
    pos_label : int, float, bool or str
        The positive label of two; 1 otherwise.
    sample_weight : array-like of shape (n,), optional
        Weights.

    Returns
    -------
    float, or ndarray of shape (K,) if ``average=None``
        Average precision, between 0 and 1.

    Raises
    ------
    ValueError
        If the labels and the shape of the scores do not fit.

    Examples
    --------
    >>> from scratchml.metrics import average_precision_score
    >>> average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.8333333333333333
    """
    given = {"average": average, "pos_label": pos_label}
    check_parameters(_AVERAGE_RULES, given, "average_precision_score")

    def binary(y: Any, score: Any, weight: Any) -> float:
        precision, recall, _ = precision_recall_curve(
            y, score, pos_label=pos_label, sample_weight=weight
        )
        return float(max(0.0, -np.sum(np.diff(recall) * precision[:-1])))

    kind = type_of_target(y_true, name="y_true")
    if kind == "binary":
        present = encode_labels(column_or_1d(y_true, name="y_true"), name="y_true")[0]
        if len(present) == 2 and pos_label not in present.tolist():
            raise ValueError(
                f"pos_label={pos_label} is not a valid label. It should be one of {present}"
            )
        return binary(y_true, y_score, sample_weight)
    if kind not in ("multiclass", "multilabel-indicator"):
        raise ValueError(f"{kind} format is not supported")
    if pos_label != 1:
        raise ValueError(
            f"Parameter pos_label is fixed to 1 for {kind} y_true. Do not set pos_label or set "
            "pos_label to 1."
        )
    score = check_array(y_score, name="y_score", ndim=(1, 2))
    if kind == "multiclass":
        present, codes = encode_labels(column_or_1d(y_true, name="y_true"), name="y_true")
        truth = (codes[:, None] == np.arange(len(present))).astype(np.int64)
        if score.shape != truth.shape:
            raise ValueError(
                "`y_score` needs to be of shape `(n_samples, n_classes)`, since `y_true` contains "
                f"multiple classes. Got `y_score.shape={score.shape}`."
            )
    else:
        truth = check_array(y_true, name="y_true", dtype=None)
    check_consistent_length(y_true=truth, y_score=score, sample_weight=sample_weight)
    weight = check_sample_weight(sample_weight, len(truth), None)
    return average_over_labels(binary, truth, score, average, weight)


def auc(x: Any, y: Any) -> float:
    """Return the area under the points (x, y) joined by straight lines.

    Parameters
    ----------
    x, y : array-like of shape (m,)
        At least two points, with x rising or falling throughout.

    Returns
    -------
    float
        The area.

    Raises
    ------
    ValueError
        If there are fewer than two points or x turns.

    Examples
    --------
    >>> from scratchml.metrics import auc
    >>> auc([0, 1, 2], [0, 1, 1])
    1.5
    """
    check_consistent_length(x=x, y=y)
    x, y = column_or_1d(x, name="x"), column_or_1d(y, name="y")
    if len(x) < 2:
        raise ValueError(
            f"At least 2 points are needed to compute area under curve, but x.shape = {len(x)}"
        )
    width = np.diff(x)
    falling = bool((width < 0).any())
    if falling and (width > 0).any():
        raise ValueError(f"x is neither increasing nor decreasing : {x}.")
    area = (width * (y[1:] + y[:-1]) / 2.0).sum()
    return float(-area if falling else area)


class ThresholdCounts(NamedTuple):
    """Weight called positive at each distinct score, from the highest down."""

    fp: np.ndarray  # (m,) float64
    tp: np.ndarray  # (m,) float64
    thresholds: np.ndarray  # (m,) of the scores' dtype


def threshold_counts(
    positive: np.ndarray, score: np.ndarray, weight: np.ndarray | None
) -> ThresholdCounts:
    """Return false and true positives with the threshold at each distinct score.

    Parameters
    ----------
    positive : ndarray of bool, shape (n,)
        The positive samples.
    score : ndarray of shape (n,)
        Finite scores.
    weight : ndarray of shape (n,), optional
        Weights; samples that weigh nothing make no threshold.
    """
    if weight is None:
        order = np.argsort(score)[::-1]  # any order among ties: counts of whole groups are exact
    else:
        kept = weight != 0
        positive, score, weight = positive[kept], score[kept], weight[kept]
        order = len(score) - 1 - np.argsort(score[::-1], kind="stable")[::-1]
    score, positive = score[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    if weight is None:
        tp = np.cumsum(positive, dtype=np.float64)[last]
        fp = 1 + last.astype(np.float64) - tp
    else:
        weight = weight[order]
        tp = np.cumsum(positive * weight, dtype=np.float64)[last]
        fp = np.cumsum(~positive * weight, dtype=np.float64)[last]  # rises whatever the rounding
    return ThresholdCounts(fp, tp, score[last])


def roc_from_counts(
    fp: np.ndarray, tp: np.ndarray, thresholds: np.ndarray, drop_intermediate: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn counts into rates that start at (0, 0); see `roc_curve`.

    Parameters
    ----------
    fp, tp, thresholds : ndarray of shape (m,)
        What `threshold_counts` returned.
    drop_intermediate : bool
        Leave out points between others on a straight line.
    """
    if drop_intermediate and len(fp) > 2:
        corner = (np.diff(fp, 2) != 0) | (np.diff(tp, 2) != 0)
        keep = np.concatenate([[True], corner, [True]])
        fp, tp, thresholds = fp[keep], tp[keep], thresholds[keep]
    rates = []
    for counts, sign, word in ((fp, "negative", "false"), (tp, "positive", "true")):
        counts = np.concatenate([[0.0], counts])
        if counts[-1] > 0:
            rates.append(counts / counts[-1])
            continue
        warn(
            f"No {sign} samples in y_true, {word} positive value should be meaningless",
            UndefinedMetricWarning,
            stacklevel=3,
        )
        rates.append(np.full(counts.shape, np.nan))
    return rates[0], rates[1], np.concatenate([[np.inf], thresholds.astype(np.float64)])


def _positives(
    y_true: Any, y_score: Any, pos_label: Any, sample_weight: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Check a binary problem and return which samples are positive, the scores, the weights."""
    y_true = as_labels(y_true, "y_true")
    kind = type_of_target(y_true, name="y_true")
    if kind != "binary" and not (kind == "multiclass" and pos_label is not None):
        raise ValueError(f"{kind} format is not supported")
    y = column_or_1d(y_true, name="y_true")
    if pos_label is None:
        pos_label = _default_pos_label(y)
    check_consistent_length(y_true=y, y_score=y_score, sample_weight=sample_weight)
    score = column_or_1d(y_score, name="y_score")
    check_finite(score, name="y_score")
    return y == pos_label, score, check_sample_weight(sample_weight, len(y))


def _default_pos_label(y: np.ndarray) -> int:
    """1, where no other reading of the labels is possible."""
    labels = encode_labels(y, name="y_true")[0]
    if labels.dtype.kind in "OUS" or not (
        set(labels.tolist()) <= {0, 1} or set(labels.tolist()) <= {-1, 1}
    ):
        listed = ", ".join(repr(label) for label in labels.tolist())
        raise ValueError(
            f"y_true takes value in {{{listed}}} and pos_label is not specified: either make "
            "y_true take value in {0, 1} or {-1, 1} or pass pos_label explicitly."
        )
    return 1
