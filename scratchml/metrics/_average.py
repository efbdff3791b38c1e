"""From a score of one label to a score of several: the averages of multi-label ranking metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def average_over_labels(
    metric: Callable[[np.ndarray, np.ndarray, Any], float],
    y_true: np.ndarray,
    y_score: np.ndarray,
    average: str | None,
    weight: np.ndarray | None = None,
) -> Any:
    """Apply a binary metric to each label and average the results.

    Parameters
    ----------
    metric : callable
        ``metric(y_true, y_score, weight) -> float`` of (n,) arrays.
    y_true : ndarray of shape (n, K)
        0/1 indicators.
    y_score : ndarray of shape (n, K)
        Scores.
    average : {"micro", "macro", "weighted", "samples"} or None
        "micro" takes the n K entries for one problem; "macro" is the plain mean over labels,
        "weighted" the mean weighted by each label's true weight, "samples" the mean over rows;
        None returns the K scores.
    weight : ndarray of shape (n,), optional
        Sample weights.
    """
    if y_score.ndim == 1:
        y_score = y_score[:, None]
    if y_true.shape != y_score.shape:
        raise ValueError(
            f"y_true and y_score must have the same shape, got {y_true.shape} and {y_score.shape}."
        )
    if average == "micro":
        repeated = None if weight is None else np.repeat(weight, y_true.shape[1])
        return metric(y_true.reshape(-1), y_score.reshape(-1), repeated)
    label_weight = None
    if average == "weighted":
        label_weight = y_true.sum(axis=0) if weight is None else weight @ y_true
        if np.isclose(label_weight.sum(), 0):
            return 0
    elif average == "samples":
        y_true, y_score, label_weight, weight = y_true.T, y_score.T, weight, None
    scores = np.array(
        [metric(y_true[:, k], y_score[:, k], weight) for k in range(y_true.shape[1])], dtype=float
    )
    if average is None:
        return scores
    if label_weight is not None:
        scores[label_weight == 0] = 0  # an undefined score of a label that weighs nothing
    return float(np.average(scores, weights=label_weight))
