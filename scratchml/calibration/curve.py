"""The calibration curve: how often came true what was given this probability.

Samples are sorted into bins by the probability p of the positive class. With S_b the samples of
bin b,

    prob_pred_b = mean of p_i over S_b,     prob_true_b = share of positive samples in S_b

and a classifier is calibrated if both agree, up to the chance of |S_b| draws.

References
----------
.. [1] Niculescu-Mizil, Caruana, "Predicting good probabilities with supervised learning", ICML
   2005, section 4.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from scratchml._core.rules import Rule, array_like, check_parameters, integer, option
from scratchml._core.targets import encode_labels
from scratchml._core.validation import check_array, check_consistent_length, column_or_1d

_RULES = {
    "y_true": array_like(),
    "y_prob": array_like(),
    "pos_label": Rule(
        "a real number, a str, a bool or None",
        lambda v: v is None or isinstance(v, Real | str | np.bool_),
    ),
    "n_bins": integer(1),
    "strategy": option("uniform", "quantile"),
}


def calibration_curve(
    y_true: Any,
    y_prob: Any,
    *,
    pos_label: Any = None,
    n_bins: int = 5,
    strategy: str = "uniform",
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of positive samples and the mean probability given to them, by bin.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, of two classes at most.
    y_prob : array-like of shape (n_samples,)
        Probabilities of the positive class.
    pos_label : int, float, bool or str, optional
        The positive class; by default 1, for labels within {0, 1} or {-1, 1}.
    n_bins : int, default=5
        Number of bins.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of one width in [0, 1], or with as many samples in each. A probability on an edge
        belongs to the bin below it.

    Returns
    -------
    prob_true : ndarray of shape (n_filled,)
        Share of positive samples in each bin that holds any.
    prob_pred : ndarray of shape (n_filled,)
        Their mean probability; rises.

    Raises
    ------
    ValueError
        If lengths differ, there are more than two classes, a probability is outside [0, 1], or the
        positive class cannot be told.

    Examples
    --------
    >>> from scratchml.calibration import calibration_curve
    >>> y, p = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> shares, means = calibration_curve(y, p, n_bins=2)
    >>> shares.round(2), means.round(2)
    (array([0.33, 0.67]), array([0.23, 0.8 ]))
    """
    check_parameters(_RULES, locals(), "calibration_curve")
    y = column_or_1d(y_true, name="y_true")
    p = column_or_1d(check_array(y_prob, name="y_prob", dtype=np.float64, ndim=(1, 2)))
    check_consistent_length(y_true=y, y_prob=p)
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"y_prob has values outside [0, 1]: from {p.min()} to {p.max()}.")
    positive = _positive(y, pos_label)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    if strategy == "quantile":
        edges = np.quantile(p, edges)
    bins = np.searchsorted(edges[1:-1], p)
    counts = np.bincount(bins, minlength=n_bins)
    filled = counts > 0
    n = counts[filled]
    shares = np.bincount(bins, weights=positive, minlength=n_bins)[filled] / n
    return shares, np.bincount(bins, weights=p, minlength=n_bins)[filled] / n


def _positive(y: np.ndarray, pos_label: Any) -> np.ndarray:
    """Return which labels are the positive class."""
    labels = encode_labels(y, name="y_true")[0].tolist()
    if len(labels) > 2:
        raise ValueError(f"Only binary classification is supported. Provided labels {labels}.")
    if pos_label is None:
        if not (set(labels) <= {0, 1} or set(labels) <= {-1, 1}):
            listed = ", ".join(repr(label) for label in labels)
            raise ValueError(
                f"y_true takes value in {{{listed}}} and pos_label is not specified: either "
                "make y_true take value in {0, 1} or {-1, 1} or pass pos_label explicitly."
            )
        pos_label = 1
    return y == pos_label
