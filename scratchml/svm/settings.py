"""Parameters of the support vector machines: their rules, and what they come to on given data."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import Any

import numpy as np

from scratchml._core.rules import Rule, boolean, callable_, integer, mapping, none, option, real
from scratchml._core.validation import check_array, check_sample_weight

KERNEL_RULES: Mapping[str, Rule] = {
    "kernel": option("linear", "poly", "rbf", "sigmoid", "precomputed") | callable_(),
    "degree": integer(0),
    "gamma": option("scale", "auto") | real(0, closed="neither"),
    "coef0": real(closed="neither"),
}
SOLVER_RULES: Mapping[str, Rule] = {
    "shrinking": boolean(),
    "tol": real(0, closed="neither"),
    "cache_size": real(0, closed="neither"),
    "verbose": boolean() | integer(0),
    "max_iter": integer(-1),
}
CLASSIFIER_RULES: Mapping[str, Rule] = {
    "class_weight": option("balanced") | mapping() | none(),
    "decision_function_shape": option("ovr", "ovo"),
    "break_ties": boolean(),
}
C_RULE = real(0, closed="right")
NU_RULE = real(0, 1, closed="right")

NOT_FINITE = (
    "The dual coefficients or intercepts are not finite: kernel values overflow, or the problem "
    "has no solution. Bring the features to a common scale, for instance with StandardScaler."
)


def gamma_of(gamma: Any, X: Any) -> float:
    """Return the number that `gamma` stands for on the samples X of a fit.

    Parameters
    ----------
    gamma : {"scale", "auto"} or float
        "scale" is 1 / (n_features * variance of all numbers in X), 1 where these are all equal;
        "auto" is 1 / n_features.
    X : ndarray of shape (n_samples, n_features)
        Samples.
    """
    if gamma == "auto":
        return 1.0 / X.shape[1]
    if gamma != "scale":
        return float(gamma)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        variance = X.var()
        value = 1.0 / (X.shape[1] * variance) if variance != 0 else 1.0
    if not 0 < value < np.inf:
        raise ValueError(NOT_FINITE)
    return float(value)


def positive_weights(sample_weight: Any, n: int) -> np.ndarray:
    """Return the weights of the samples, (n,), with 0 for those below.

    Parameters
    ----------
    sample_weight : None, number or array-like of shape (n,)
        Samples of weight 0 or less take no part.
    n : int
        Number of samples.
    """
    if sample_weight is None:
        return np.ones(n)
    if not isinstance(sample_weight, Number):
        sample_weight = check_array(
            sample_weight, name="sample_weight", dtype=np.float64, ndim=(0, 1, 2), min_samples=0
        )
    if np.size(sample_weight) and not np.any(np.asarray(sample_weight) > 0):
        raise ValueError("Invalid input - all samples have zero or negative weights.")
    weight = check_sample_weight(np.maximum(sample_weight, 0.0)[()], n)
    return np.ones(n) if weight is None else weight


def filled(bound: np.ndarray, total: float) -> np.ndarray:
    """Return values from 0 to `bound` that sum to `total`: the first full, then a rest, then 0."""
    before = np.cumsum(bound) - bound
    return np.clip(total - before, 0.0, bound)
