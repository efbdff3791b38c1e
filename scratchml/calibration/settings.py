"""What `CalibratedClassifierCV` may be given: rules for its parameters, checks of its data."""

from __future__ import annotations

import inspect
import warnings
from numbers import Integral
from typing import Any

import numpy as np

from scratchml._core.rules import Rule, boolean, integer, none, option
from scratchml._core.targets import check_classification_targets
from scratchml._core.validation import (
    check_array,
    check_consistent_length,
    column_or_1d,
    n_samples,
)
from scratchml.frozen.frozen_estimator import is_frozen
from scratchml.model_selection._indexing import indexable

RULES = {
    "estimator": Rule(
        "an object implementing 'fit' and 'decision_function' or 'predict_proba'",
        lambda v: (
            hasattr(v, "fit") and (hasattr(v, "decision_function") or hasattr(v, "predict_proba"))
        ),
    )
    | none(),
    "method": option("sigmoid", "isotonic", "temperature"),
    "cv": integer(2)
    | Rule(
        "a splitter or an iterable of (train, test)",
        lambda v: not isinstance(v, str) and (hasattr(v, "split") or hasattr(v, "__iter__")),
    )
    | none(),
    "n_jobs": integer() | none(),
    "ensemble": boolean() | option("auto"),
}


def check_rows(owner: Any, X: Any, y: Any) -> tuple[Any, np.ndarray]:
    """Return rows, of any kind that can be split, and labels; raise where they do not go together.

    Parameters
    ----------
    owner : estimator
        Who asks.
    X : array-like
        Rows.
    y : array-like
        Labels.
    """
    if y is None:
        raise ValueError(
            f"This {type(owner).__name__} estimator requires y to be passed, but the target y is "
            "None."
        )
    check_classification_targets(y)
    y = column_or_1d(y, warn_column=True)
    if X is not None and not np.isscalar(X):
        X = indexable(X=X)[0]
    matrix = isinstance(X, np.ndarray) and X.ndim == 2
    if matrix or X is None or np.isscalar(X) or n_samples(X) != len(y):
        check_array(X, dtype=None, finite=False, estimator=owner)  # says first what is wrong with X
        check_consistent_length(X=X, y=y)
    return X, y


def check_folds(cv: Any, codes: np.ndarray) -> None:
    """Raise ValueError if some fold must lack a class.

    Parameters
    ----------
    cv : object
        The parameter.
    codes : ndarray of int64, shape (n,)
        Class numbers.
    """
    if type(cv).__name__ == "LeaveOneOut":
        raise ValueError(
            "LeaveOneOut cross-validation does not allow all classes to be present in test "
            "splits; use folds that hold samples of every class."
        )
    n_folds = cv if isinstance(cv, Integral) else getattr(cv, "n_splits", None)
    if isinstance(n_folds, Integral) and np.bincount(codes).min() < n_folds:
        raise ValueError(
            f"Requesting {n_folds}-fold cross-validation but provided less than {n_folds} "
            "examples for at least one class."
        )


def weight_for(estimator: Any, weight: np.ndarray | None) -> dict[str, Any]:
    """Return the weights as a parameter of ``fit``, if it has one; else warn.

    Parameters
    ----------
    estimator : estimator
        The classifier.
    weight : ndarray of shape (n,) or None
        Weights.
    """
    if weight is None or is_frozen(estimator):
        return {}
    if "sample_weight" in inspect.signature(estimator.fit).parameters:
        return {"sample_weight": weight}
    warnings.warn(
        f"{type(estimator).__name__}.fit takes no sample_weight: the weights are used for the "
        "calibration alone, and probabilities are likely to be off.",
        UserWarning,
        stacklevel=4,
    )
    return {}
