"""Accuracy and confusion matrices: how often, and how, predicted labels differ from the true ones.

With weights w (all one by default) and [.] = 1 where the statement holds, else 0:

    accuracy            sum_i w_i [y_i = p_i] / sum_i w_i
    confusion matrix    C[j, k] = sum_i w_i [y_i = label j] [p_i = label k]
    balanced accuracy   mean over the labels j that occur in y of  C[j, j] / sum_k C[j, k],
                        the mean recall; adjusted: (it - 1/K) / (1 - 1/K), so that chance gives 0

and for each label j of K, the 2 x 2 matrix [[tn, fp], [fn, tp]] of "is it j?":

    tp = C[j, j],  fp = sum_i C[i, j] - tp,  fn = sum_k C[j, k] - tp,  tn = sum w - tp - fp - fn

which needs the margins of C only, so it is counted in O(n + K), never in O(K^2).

References
----------
.. [1] Brodersen, Ong, Stephan & Buhmann, "The balanced accuracy and its posterior distribution",
   Proc. 20th ICPR, 2010, section 2.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.rules import boolean, check_parameters, none, option
from scratchml._core.validation import column_or_1d
from scratchml.metrics._targets import Targets, check_targets, encode_pair

_NORMALIZE = {"normalize": option("true", "pred", "all") | none()}


def accuracy_score(
    y_true: Any, y_pred: Any, *, normalize: bool = True, sample_weight: Any = None
) -> float:
    """Return the share of samples whose label is predicted exactly.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels; rows of 0/1 indicators count only where all K agree.
    normalize : bool
        False returns the (weighted) number of correct predictions instead of their share.
    sample_weight : array-like of shape (n,), optional
        Weights.

    Returns
    -------
    float
        Between 0 and 1; with ``normalize=False`` between 0 and the total weight.

    Raises
    ------
    ValueError
        If the lengths differ, there is no sample, or the targets are not labels of one kind.

    Examples
    --------
    >>> from scratchml.metrics import accuracy_score
    >>> accuracy_score([0, 1, 2, 3], [0, 2, 1, 3])
    0.5
    """
    if not isinstance(normalize, bool | np.bool_):
        check_parameters({"normalize": boolean()}, {"normalize": normalize}, "accuracy_score")
    targets = check_targets(y_true, y_pred, sample_weight)
    hit = targets.y_true == targets.y_pred
    if targets.multilabel:
        hit = hit.all(axis=1)
    if targets.sample_weight is not None:
        total = np.average(hit, weights=targets.sample_weight)
        return float(total if normalize else np.dot(hit, targets.sample_weight))
    correct = int(np.count_nonzero(hit))
    return correct / len(hit) if normalize else float(correct)


def confusion_matrix(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    sample_weight: Any = None,
    normalize: str | None = None,
) -> np.ndarray:
    """Count how often each true label (row) is predicted as each label (column).

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
        True and predicted labels.
    labels : array-like of shape (K,), optional
        The labels to count and their order; samples with another label, true or predicted, are
        left out. By default all labels that occur, sorted.
    sample_weight : array-like of shape (n,), optional
        Weights.
    normalize : {"true", "pred", "all"}, optional
        Divide by the sum of each row, of each column, or of all; 0/0 counts as 0.

    Returns
    -------
    ndarray of shape (K, K)
        int64 for integer weights or none, otherwise float64.

    Raises
    ------
    ValueError
        If the targets are not two sets of labels of equal length, or no label of `labels` is true.

    Examples
    --------
    >>> from scratchml.metrics import confusion_matrix
    >>> confusion_matrix(["ant", "bee", "ant"], ["ant", "ant", "bee"])
    array([[1, 1],
           [1, 0]])
    """
    check_parameters(_NORMALIZE, {"normalize": normalize}, "confusion_matrix")
    if labels is not None:
        labels = column_or_1d(labels, name="labels")
        if labels.size == 0:
            raise ValueError("'labels' should contain at least one label.")
        if len(y_true) == len(y_pred) == 0:
            return np.zeros((labels.size, labels.size), dtype=int)
    targets = check_targets(y_true, y_pred, sample_weight)
    if targets.multilabel:
        raise ValueError("multilabel-indicator is not supported")
    present, true, pred = encode_pair(targets.y_true, targets.y_pred)
    counts = _count_pairs(true, pred, len(present), targets.sample_weight)
    if labels is not None:
        rows = positions_of(labels, present)
        if not np.bincount(true, minlength=len(present) + 1)[rows].any():
            raise ValueError(f"At least one label specified must be in y_true, got {labels}.")
        counts = np.pad(counts, ((0, 1), (0, 1)))[np.ix_(rows, rows)]
    if normalize is not None:
        counts = _normalized(counts, normalize)
    if counts.shape == (1, 1):
        warnings.warn(
            "A single label was found in 'y_true' and 'y_pred'. For the confusion matrix to have "
            "the correct shape, use the 'labels' parameter to pass all known labels.",
            UserWarning,
            stacklevel=2,
        )
    return counts


def balanced_accuracy_score(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, adjusted: bool = False
) -> float:
    """Return the mean over classes of the share of each class that is predicted correctly.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
        True and predicted labels.
    sample_weight : array-like of shape (n,), optional
        Weights.
    adjusted : bool
        Rescale so that guessing scores 0 and a perfect prediction 1.

    Returns
    -------
    float
        At most 1; at least 0, or ``-1 / (K - 1)`` if adjusted.

    Warns
    -----
    UserWarning
        If a predicted class never occurs in `y_true`; it does not take part.

    Examples
    --------
    >>> from scratchml.metrics import balanced_accuracy_score
    >>> balanced_accuracy_score([0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1])
    0.625
    """
    check_parameters({"adjusted": boolean()}, {"adjusted": adjusted}, "balanced_accuracy_score")
    targets = check_targets(y_true, y_pred, sample_weight)
    if targets.multilabel:
        raise ValueError("multilabel-indicator is not supported")
    tp, _, actual = label_counts(targets)[1:4]
    if (actual == 0).any():
        warnings.warn("y_pred contains classes not in y_true", UserWarning, stacklevel=2)
        tp, actual = tp[actual != 0], actual[actual != 0]
    score = float(np.mean(tp / actual))
    if adjusted:
        chance = 1 / len(actual)
        with np.errstate(invalid="ignore"):  # one class: 0/0, chance is all there is
            score = float((np.float64(score) - chance) / (1 - chance))
    return score


def multilabel_confusion_matrix(
    y_true: Any,
    y_pred: Any,
    *,
    sample_weight: Any = None,
    labels: Any = None,
    samplewise: bool = False,
) -> np.ndarray:
    """Return ``[[tn, fp], [fn, tp]]`` for each label, or for each sample.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,) or (n, K)
        True and predicted labels, or 0/1 indicators.
    sample_weight : array-like of shape (n,), optional
        Weights.
    labels : array-like, optional
        Labels to report, in this order; column numbers for indicators. Default: all, sorted.
    samplewise : bool
        One matrix for each sample (indicators only).

    Returns
    -------
    ndarray of shape (K, 2, 2) or (n, 2, 2)
        The matrices.

    Raises
    ------
    ValueError
        If `samplewise` is asked for labels that are no indicators, or a column number is wrong.

    Examples
    --------
    >>> from scratchml.metrics import multilabel_confusion_matrix
    >>> multilabel_confusion_matrix([0, 1, 1], [0, 1, 0])[1]
    array([[1, 0],
           [1, 1]])
    """
    rules = {"samplewise": boolean()}
    check_parameters(rules, {"samplewise": samplewise}, "multilabel_confusion_matrix")
    targets = check_targets(y_true, y_pred, sample_weight)
    _, tp, predicted, actual, total = label_counts(targets, labels, samplewise)
    fp, fn = predicted - tp, actual - tp
    return np.stack([total - tp - fp - fn, fp, fn, tp], axis=1).reshape(-1, 2, 2)


class LabelCounts(NamedTuple):
    """What precision, recall and their kin are made of, for K labels (or n samples)."""

    labels: np.ndarray  # (K,) all labels that occur, sorted
    tp: np.ndarray  # (K,) weight of the samples that have the label and are predicted to
    predicted: np.ndarray  # (K,) tp + fp
    actual: np.ndarray  # (K,) tp + fn
    total: Any  # weight of all samples; with samplewise, of each sample's K labels


def label_counts(targets: Targets, labels: Any = None, samplewise: bool = False) -> LabelCounts:
    """Count each label's true positives, predictions and occurrences.

    Parameters
    ----------
    targets : Targets
        Checked labels.
    labels : array-like, optional
        Labels to count, in this order; one that does not occur counts 0.
    samplewise : bool
        Count along each row of indicators instead.

    Returns
    -------
    LabelCounts
        The counts: int64, or float64 with weights.
    """
    w = targets.sample_weight
    if targets.multilabel:
        return _indicator_counts(targets, labels, samplewise)
    if samplewise:
        raise ValueError(
            "Samplewise metrics are not available outside of multilabel classification."
        )
    present, true, pred = encode_pair(targets.y_true, targets.y_pred)
    size = len(present) + 1  # the last place stays 0: it answers for labels that do not occur
    hit = true == pred
    tp = _histogram(true, hit if w is None else w * hit, size)
    predicted = _histogram(pred, w, size)
    actual = _histogram(true, w, size)
    keep = slice(-1) if labels is None else positions_of(labels, present)
    total = len(true) if w is None else w.sum()
    return LabelCounts(present, tp[keep], predicted[keep], actual[keep], total)


def positions_of(labels: Any, present: np.ndarray) -> np.ndarray:
    """Return where each label stands in `present`, and ``len(present)`` for one that does not.

    Parameters
    ----------
    labels : array-like of shape (L,)
        Labels looked for.
    present : ndarray of shape (K,)
        Labels that occur.
    """
    place = {label: k for k, label in enumerate(present.tolist())}
    wanted = np.asarray(labels).tolist()
    return np.array([place.get(label, len(present)) for label in wanted], dtype=np.int64)


def _indicator_counts(targets: Targets, labels: Any, samplewise: bool) -> LabelCounts:
    """`label_counts` of 0/1 indicators, down the columns or along the rows."""
    true, pred, w = targets.y_true != 0, targets.y_pred != 0, targets.sample_weight
    n, n_labels = true.shape
    if labels is not None:
        chosen = np.asarray(labels)
        if chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= n_labels:
            sign = "<" if chosen.dtype.kind in "iu" and chosen.min() < 0 else ">"
            worst = chosen.min() if sign == "<" else chosen.max()
            bound = 0 if sign == "<" else n_labels - 1
            raise ValueError(
                "All labels must be in [0, n labels) for multilabel targets. "
                f"Got {worst} {sign} {bound}"
            )
        true, pred = true[:, chosen], pred[:, chosen]
    parts = (true & pred, pred, true)
    if samplewise:
        tp, predicted, actual = (c.sum(axis=1) * (1 if w is None else w) for c in parts)
        total = true.shape[1] if w is None else w * true.shape[1]
    else:
        tp, predicted, actual = (c.sum(axis=0) if w is None else w @ c for c in parts)
        total = n if w is None else w.sum()
    return LabelCounts(np.arange(n_labels), tp, predicted, actual, total)


def _count_pairs(
    true: np.ndarray, pred: np.ndarray, n_labels: int, weight: np.ndarray | None
) -> np.ndarray:
    """Confusion matrix of codes 0 .. n_labels - 1: a histogram of the pairs, numbered row-wise."""
    flat = _histogram(true * n_labels + pred, weight, n_labels * n_labels)
    return flat.reshape(n_labels, n_labels)


def _histogram(codes: np.ndarray, weight: np.ndarray | None, size: int) -> np.ndarray:
    """Sum of the weights of each code 0 .. size - 1: int64 for integers, else float64."""
    if weight is None:
        return np.bincount(codes, minlength=size)
    if weight.dtype.kind not in "biu":
        return np.bincount(codes, weight, size)
    if len(weight) * int(weight.max()) < 2**53:  # float64 sums of integers are exact so far
        return np.bincount(codes, weight, size).astype(np.int64)
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, codes, weight.astype(np.int64))
    return sums


def _normalized(counts: np.ndarray, how: str) -> np.ndarray:
    """Shares of the row, of the column or of all; 0/0 is 0."""
    axis = {"true": 1, "pred": 0, "all": None}[how]
    sums = counts.sum(axis=axis, keepdims=True)
    return counts / np.where(sums == 0, 1, sums)
