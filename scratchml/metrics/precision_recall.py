"""Precision, recall and F: of what was found, how much is right; of what is there, how much found.

For one label, with tp, fp, fn counted by weight (see `classification`):

    precision   P = tp / (tp + fp)
    recall      R = tp / (tp + fn)
    F_beta        = (1 + beta^2) tp / ((1 + beta^2) tp + beta^2 fn + fp)

F_beta is the harmonic mean of P and R in which R counts beta^2 times; written in counts it needs no
case for P = R = 0. Several labels are averaged

    binary      not at all: only the label `pos_label` is looked at
    micro       tp, fp, fn are added over the labels first
    macro       the plain mean of the labels' scores
    weighted    their mean weighted by tp + fn, the label's true weight
    samples     the mean of scores computed along each row of indicators

and a score 0/0 takes the value `zero_division`; where that is NaN the average leaves it out.

References
----------
.. [1] van Rijsbergen, *Information Retrieval*, 2nd ed., Butterworths, 1979, chapter 7, eq. for E.
"""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any

import numpy as np

from scratchml._core.exceptions import UndefinedMetricWarning, warn
from scratchml._core.rules import Rule, check_parameters, none, option, real
from scratchml.metrics._targets import Targets, check_targets
from scratchml.metrics.classification import label_counts

_RULES = {
    "beta": real(0.0, closed="both"),
    "pos_label": Rule(
        "a real number, a str, a bool or None",
        lambda v: v is None or isinstance(v, Real | str | np.bool_),
    ),
    "average": option("micro", "macro", "samples", "weighted", "binary") | none(),
    "warn_for": Rule("a list, tuple or set", lambda v: isinstance(v, list | tuple | set)),
    "zero_division": Rule(
        "a number among {0.0, 1.0}, nan or 'warn'",
        lambda v: (
            v == "warn" if isinstance(v, str) else isinstance(v, Real) and (v in (0, 1) or v != v)
        ),
    ),
}
_ALL = ("precision", "recall", "f-score")


def precision_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """Return tp / (tp + fp), the share of what was predicted positive that is so.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels, or 0/1 indicators.
    labels : array-like, optional
        Labels to score and their order, when `average` is not "binary".
    pos_label : int, float, bool or str
        The positive label of a binary problem.
    average : {"binary", "micro", "macro", "weighted", "samples"} or None
        How the labels are averaged; None returns one score for each.
    sample_weight : array-like of shape (n,), optional
        Weights.
    zero_division : {"warn", 0, 1, nan}
        Value of 0/0; "warn" is 0 with a warning.

    Returns
    -------
    float, or ndarray of shape (K,) if ``average=None``
        The precision, between 0 and 1.

    Raises
    ------
    ValueError
        If the targets are not labels of one kind, or `average` or `pos_label` does not suit them.

    Examples
    --------
    >>> from scratchml.metrics import precision_score
    >>> precision_score([0, 1, 1, 0], [1, 1, 1, 0], zero_division=0)
    0.6666666666666666
    """
    return _scores(
        "precision_score", y_true, y_pred, 1.0, labels, pos_label, average, ("precision",),
        sample_weight, zero_division,
    )[0]  # fmt: skip


def recall_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """Return tp / (tp + fn), the share of what is positive that was found.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels, or 0/1 indicators.
    labels : array-like, optional
        Labels to score and their order, when `average` is not "binary".
    pos_label : int, float, bool or str
        The positive label of a binary problem.
    average : {"binary", "micro", "macro", "weighted", "samples"} or None
        How the labels are averaged; None returns one score for each.
    sample_weight : array-like of shape (n,), optional
        Weights.
    zero_division : {"warn", 0, 1, nan}
        Value of 0/0; "warn" is 0 with a warning.

    Returns
    -------
    float, or ndarray of shape (K,) if ``average=None``
        The recall, between 0 and 1.

    Examples
    --------
    >>> from scratchml.metrics import recall_score
    >>> recall_score([0, 1, 1, 0], [1, 1, 0, 0])
    0.5
    """
    return _scores(
        "recall_score", y_true, y_pred, 1.0, labels, pos_label, average, ("recall",),
        sample_weight, zero_division,
    )[1]  # fmt: skip


def f1_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """Return 2 tp / (2 tp + fp + fn), the harmonic mean of precision and recall.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels, or 0/1 indicators.
    labels : array-like, optional
        Labels to score and their order, when `average` is not "binary".
    pos_label : int, float, bool or str
        The positive label of a binary problem.
    average : {"binary", "micro", "macro", "weighted", "samples"} or None
        How the labels are averaged; None returns one score for each.
    sample_weight : array-like of shape (n,), optional
        Weights.
    zero_division : {"warn", 0, 1, nan}
        Value of 0/0; "warn" is 0 with a warning.

    Returns
    -------
    float, or ndarray of shape (K,) if ``average=None``
        The F1 score, between 0 and 1.

    Examples
    --------
    >>> from scratchml.metrics import f1_score
    >>> f1_score([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], average="macro")
    0.26666666666666666
    """
    return _scores(
        "f1_score", y_true, y_pred, 1.0, labels, pos_label, average, ("f-score",),
        sample_weight, zero_division,
    )[2]  # fmt: skip


def fbeta_score(
    y_true: Any,
    y_pred: Any,
    *,
    beta: float,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """Return the harmonic mean of precision and recall in which recall counts beta^2 times.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels, or 0/1 indicators.
    beta : float
        Weight of recall, at least 0; 0 is precision alone, infinity recall alone.
    labels : array-like, optional
        Labels to score and their order, when `average` is not "binary".
    pos_label : int, float, bool or str
        The positive label of a binary problem.
    average : {"binary", "micro", "macro", "weighted", "samples"} or None
        How the labels are averaged; None returns one score for each.
    sample_weight : array-like of shape (n,), optional
        Weights.
    zero_division : {"warn", 0, 1, nan}
        Value of 0/0; "warn" is 0 with a warning.

    Returns
    -------
    float, or ndarray of shape (K,) if ``average=None``
        The score, between 0 and 1.

    Examples
    --------
    >>> from scratchml.metrics import fbeta_score
    >>> fbeta_score([0, 1, 1, 0], [1, 1, 1, 0], beta=0.5)
    0.7142857142857143
    """
    return _scores(
        "fbeta_score", y_true, y_pred, beta, labels, pos_label, average, ("f-score",),
        sample_weight, zero_division,
    )[2]  # fmt: skip


def precision_recall_fscore_support(
    y_true: Any,
    y_pred: Any,
    *,
    beta: float = 1.0,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = None,
    warn_for: Any = _ALL,
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> tuple[Any, Any, Any, Any]:
    """Return precision, recall, F_beta and the number of true samples, of each label or averaged.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels, or 0/1 indicators.
    beta : float
        Weight of recall in F_beta.
    labels : array-like, optional
        Labels to score and their order, when `average` is not "binary".
    pos_label : int, float, bool or str
        The positive label of a binary problem.
    average : {"binary", "micro", "macro", "weighted", "samples"} or None
        How the labels are averaged; None returns one score for each.
    warn_for : list, tuple or set
        The scores among "precision", "recall", "f-score" whose 0/0 is worth a warning.
    sample_weight : array-like of shape (n,), optional
        Weights.
    zero_division : {"warn", 0, 1, nan}
        Value of 0/0; "warn" is 0 with a warning.

    Returns
    -------
    precision, recall, fscore : float, or ndarray of shape (K,) if ``average=None``
        The scores.
    support : None, or ndarray of shape (K,) if ``average=None``
        Weight of the true samples of each label.

    Examples
    --------
    >>> from scratchml.metrics import precision_recall_fscore_support
    >>> precision_recall_fscore_support([0, 1, 1, 0], [0, 1, 0, 0], average="macro")
    (0.8333333333333333, 0.75, 0.7333333333333334, None)
    """
    return _scores(
        "precision_recall_fscore_support", y_true, y_pred, beta, labels, pos_label, average,
        warn_for, sample_weight, zero_division,
    )  # fmt: skip


def _scores(
    owner: str,
    y_true: Any,
    y_pred: Any,
    beta: float,
    labels: Any,
    pos_label: Any,
    average: str | None,
    warn_for: Any,
    sample_weight: Any,
    zero_division: Any,
) -> tuple[Any, Any, Any, Any]:
    """Check the parameters, count once and divide three times."""
    given = {
        "beta": beta, "pos_label": pos_label, "average": average, "warn_for": warn_for,
        "zero_division": zero_division,
    }  # fmt: skip
    check_parameters(_RULES, given, owner)
    targets = check_targets(y_true, y_pred, sample_weight)
    return scores_of_targets(targets, beta, labels, pos_label, average, warn_for, zero_division)


def scores_of_targets(
    targets: Targets,
    beta: float = 1.0,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = None,
    warn_for: Any = _ALL,
    zero_division: Any = "warn",
) -> tuple[Any, Any, Any, Any]:
    """Compute `precision_recall_fscore_support` of checked targets.

    Parameters
    ----------
    targets : Targets
        What `check_targets` returned.
    beta, labels, pos_label, average, warn_for, zero_division
        As for `precision_recall_fscore_support`.
    """
    if average != "binary" and not (pos_label is None or pos_label == 1):
        warnings.warn(
            f"Note that pos_label (set to {pos_label!r}) is ignored when average != 'binary' (got "
            f"{average!r}). You may use labels=[pos_label] to specify a single positive class.",
            UserWarning,
            stacklevel=4,
        )
    if average == "binary" and targets.multilabel:
        raise _no_binary("multilabel-indicator")
    present, tp, predicted, actual, _ = label_counts(
        targets, None if average == "binary" else labels, average == "samples"
    )
    if average == "binary":
        tp, predicted, actual = _only(pos_label, present, tp, predicted, actual)
    elif average == "micro":
        tp, predicted, actual = (np.sum(c).reshape(1) for c in (tp, predicted, actual))
    zero = _ZeroDivision(average, warn_for, zero_division)
    precision = zero.divide(tp, predicted, "precision", "predicted")
    recall = zero.divide(tp, actual, "recall", "true")
    if np.isposinf(beta):
        fscore = recall
    elif beta == 0:
        fscore = precision
    else:
        beta2 = beta**2
        both = beta2 * actual.astype(float) + predicted.astype(float)
        fscore = zero.divide((1 + beta2) * tp.astype(float), both, "f-score", "true nor predicted")
    if average is None:
        return precision, recall, fscore, actual
    weight = actual if average == "weighted" else None
    if average == "samples":
        weight = targets.sample_weight
    p, r, f = (_mean_of_defined(score, weight) for score in (precision, recall, fscore))
    return p, r, f, None


class _ZeroDivision:
    """Division that knows what 0/0 is worth and whether to tell."""

    def __init__(self, average: str | None, warn_for: Any, zero_division: Any):
        self.value = 0.0 if isinstance(zero_division, str) else float(zero_division)
        self.warn_for = warn_for if isinstance(zero_division, str) else ()
        self.sample, self.label = (
            ("label", "sample") if average == "samples" else ("sample", "label")
        )

    def divide(self, part: np.ndarray, whole: np.ndarray, metric: str, modifier: str) -> np.ndarray:
        undefined = whole == 0
        if not undefined.any():
            return part / whole
        result = np.where(undefined, self.value, part / np.where(undefined, 1, whole))
        if metric in self.warn_for:
            where = "due to" if len(result) == 1 else f"in {self.label}s with"
            warn(
                f"{metric.capitalize()} is ill-defined and being set to 0.0 {where} no {modifier} "
                f"{self.sample}s. Use `zero_division` parameter to control this behavior.",
                UndefinedMetricWarning,
                stacklevel=5,
            )
        return result


def _only(pos_label: Any, present: np.ndarray, *counts: np.ndarray) -> list[np.ndarray]:
    """The counts of the positive label, in a binary problem."""
    if len(present) > 2:
        raise _no_binary("multiclass")
    place = [k for k, label in enumerate(present.tolist()) if label == pos_label]
    if place:
        return [c[place] for c in counts]
    if len(present) == 2:
        raise ValueError(
            f"pos_label={pos_label} is not a valid label. It should be one of {present}"
        )
    return [np.zeros_like(c[:1]) for c in counts]


def _no_binary(kind: str) -> ValueError:
    options = [None, "micro", "macro", "weighted"] + ["samples"] * (kind != "multiclass")
    return ValueError(
        f"Target is {kind} but average='binary'. Please choose another average setting, one of "
        f"{options!r}."
    )


def _mean_of_defined(scores: np.ndarray, weight: np.ndarray | None) -> float:
    """Weighted mean of the scores that are not NaN; their plain mean if they weigh nothing."""
    undefined = np.isnan(scores)
    if undefined.any():
        scores = scores[~undefined]
        weight = None if weight is None else weight[~undefined]
    if len(scores) == 0:
        return float("nan")
    if weight is not None and weight.sum() != 0:
        return float(np.average(scores, weights=weight))
    return float(scores.mean())
