"""From the parameters of a bagging ensemble to the patches that its members are fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np

from scratchml._core.exceptions import warn
from scratchml._core.rules import Rule, boolean, integer, none, random_state, real
from scratchml.ensemble.bootstrap import rows_drawn
from scratchml.ensemble.subsets import Patches

BAGGING_RULES: Mapping[str, Rule] = {
    "estimator": none()
    | Rule(
        "an object implementing 'fit' and 'predict'",
        lambda v: hasattr(v, "fit") and hasattr(v, "predict") and not isinstance(v, type),
    ),
    "n_estimators": integer(1),
    "max_samples": integer(1) | real(0, 1, closed="right") | none(),
    "max_features": integer(1) | real(0, 1, closed="right"),
    "bootstrap": boolean(),
    "bootstrap_features": boolean(),
    "oob_score": boolean(),
    "warm_start": boolean(),
    "n_jobs": integer() | none(),
    "random_state": random_state(),
    "verbose": integer(0) | boolean(),
}


def check_options(bagging: Any, n_earlier: int) -> None:
    """Raise ValueError for parameters that contradict each other.

    Parameters
    ----------
    bagging : Bagging
        Its parameters have passed `BAGGING_RULES`.
    n_earlier : int
        Members that a warm start keeps.
    """
    if bagging.n_estimators < n_earlier:
        raise ValueError(
            f"n_estimators={bagging.n_estimators} must be larger or equal to "
            f"len(estimators_)={n_earlier} when warm_start==True"
        )
    if bagging.oob_score and not bagging.bootstrap:
        raise ValueError("Out of bag estimation only available if bootstrap=True")
    if bagging.oob_score and bagging.warm_start:
        raise ValueError("Out of bag estimate only available if warm_start=False")


def patches_of(bagging: Any, shape: tuple[int, ...], weight: np.ndarray | None) -> Patches:
    """Return what is drawn for each member.

    Parameters
    ----------
    bagging : Bagging
        Its parameters have passed `BAGGING_RULES`.
    shape : (int, int)
        Rows and columns of the data.
    weight : ndarray of shape (n,) or None
        Weights of the rows.

    Raises
    ------
    ValueError
        If more rows or columns are asked for than there are.
    """
    n, p = shape
    columns = bagging.max_features
    if not isinstance(columns, Integral):
        columns = max(1, int(columns * p))
    if columns > p:
        raise ValueError(
            f"max_features must be <= n_features, which is {p}. Got max_features={columns}."
        )
    rows = rows_drawn(bagging.max_samples, n, weight)
    if not bagging.bootstrap:
        _check_distinct_rows(bagging, rows, n, weight)
    _warn_of_few_rows(bagging.max_samples, rows, n, weight)
    again = bool(bagging.bootstrap), bool(bagging.bootstrap_features)
    return Patches(n, p, rows, int(columns), *again, weight)


def _check_distinct_rows(bagging: Any, rows: int, n: int, weight: np.ndarray | None) -> None:
    """Raise if there are too few rows to draw without replacement."""
    if weight is not None:
        warn(
            f"When fitting {type(bagging).__name__} with sample_weight it is recommended to use "
            "bootstrap=True, got False.",
            UserWarning,
            stacklevel=5,
        )
    if rows > n:
        raise ValueError(
            f"Effective max_samples={rows} must be <= n_samples={n} to be able to sample without "
            "replacement."
        )
    available = n if weight is None else int((weight > 0).sum())
    if rows > available:
        raise ValueError(
            f"max_samples={rows} rows cannot be drawn without replacement where only {available} "
            "have a positive sample_weight."
        )


def _warn_of_few_rows(max_samples: Any, rows: int, n: int, weight: np.ndarray | None) -> None:
    """Warn if a share comes to suspiciously few rows: it may have been meant as their number."""
    if max_samples is None or isinstance(max_samples, Integral) or rows >= max(10, n ** (1 / 3)):
        return
    total = f"the number of samples is {n}"
    if weight is not None:
        total = f"the total sum of sample weights is {weight.sum()}"
    warn(
        f"Using the fractional value max_samples={max_samples} when {total} results in a low "
        f"number ({rows}) of bootstrap samples. We recommend passing `max_samples` as an integer "
        "instead.",
        UserWarning,
        stacklevel=5,
    )
