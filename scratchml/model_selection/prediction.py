"""Cross-validated prediction: each sample predicted by the model that has not seen it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from scratchml._core.estimator import clone, is_classifier
from scratchml._core.rules import check_parameters, option
from scratchml._core.targets import encode_labels
from scratchml._core.validation import n_samples
from scratchml.model_selection._indexing import indexable
from scratchml.model_selection.splitters import check_cv
from scratchml.model_selection.validation import fit_rows, in_order, rows_of, rules_of

_METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function")


def cross_val_predict(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    params: dict[str, Any] | None = None,
    method: str = "predict",
) -> np.ndarray:
    """Return for each sample the prediction of the model that has not seen it.

    Parameters
    ----------
    estimator : estimator
        Ours or scikit-learn's; it is cloned, not changed.
    X : array-like of shape (n, p)
        Samples.
    y : array-like of shape (n,) or (n, t), optional
        Targets.
    groups : array-like of shape (n,), optional
        Groups, for a splitter that keeps them together.
    cv : int, splitter or iterable of (train, test), optional
        Folds; five by default. Every sample must be in exactly one test set.
    n_jobs : int, optional
        Threads that work on folds; -1 is `get_num_threads`. The result does not depend on it.
    params : dict, optional
        Passed to ``fit``; values as long as `X` are split like it.
    method : {"predict", "predict_proba", "predict_log_proba", "decision_function"}
        The estimator's method.

    Returns
    -------
    ndarray of shape (n,) or (n, K)
        Predictions in the order of `X`. Columns stand for the sorted classes of all of `y`; one
        that a training set lacks gets probability 0, or the least float as log or decision value.

    Raises
    ------
    ValueError
        If the test sets do not partition the samples, or decision values of a training set that
        lacks classes cannot be told apart.

    Examples
    --------
    >>> from scratchml.datasets import load_diabetes
    >>> from scratchml.linear_model import LinearRegression
    >>> from scratchml.model_selection import cross_val_predict
    >>> X, y = load_diabetes(return_X_y=True)
    >>> cross_val_predict(LinearRegression(), X, y, cv=3).shape
    (442,)
    """
    given = {"estimator": estimator, "n_jobs": n_jobs, "params": params, "method": method}
    rules = rules_of("estimator", "n_jobs", "params") | {"method": option(*_METHODS)}
    check_parameters(rules, given, "cross_val_predict")
    X, y = indexable(X=X, y=y)
    cv = check_cv(cv, y, classifier=is_classifier(estimator))
    splits = list(cv.split(X, y, groups))
    tested = np.concatenate([np.asarray(test) for _, test in splits])
    if len(tested) != n_samples(X) or (np.bincount(tested, minlength=len(tested)) != 1).any():
        raise ValueError("cross_val_predict only works for partitions")
    n_classes = None
    if method != "predict" and y is not None and np.ndim(y) == 1:
        classes, y = encode_labels(np.asarray(y))  # columns in one order, whatever a fold contains
        n_classes = len(classes)

    def fit_and_predict(job: tuple) -> np.ndarray:
        model, (train, test) = job
        fit_rows(model, X, y, train, params or {})
        predicted = getattr(model, method)(rows_of(model, X, test, train))
        if isinstance(predicted, list) and method != "predict":
            raise ValueError(
                f"cross_val_predict takes one target only for method={method!r}; "
                f"{type(model).__name__} returned a list of {len(predicted)} outputs."
            )
        if n_classes is None:
            return predicted
        return _on_all_classes(np.asarray(predicted), model.classes_, n_classes, method)

    jobs = [(clone(estimator), split) for split in splits]
    predictions = np.concatenate(in_order(fit_and_predict, jobs, n_jobs))
    result = np.empty_like(predictions)
    result[tested] = predictions
    return result


def _on_all_classes(
    predicted: np.ndarray, classes: np.ndarray, n_classes: int, method: str
) -> np.ndarray:
    """Columns for all classes, where a training set had `classes` (numbers of columns) only."""
    if len(classes) == n_classes:
        return predicted
    advice = "To fix this, use a cross-validation technique resulting in properly stratified folds"
    warnings.warn(
        f"Number of classes in training fold ({len(classes)}) does not match total number of "
        f"classes ({n_classes}). Results may not be appropriate for your use case. {advice}",
        RuntimeWarning,
        stacklevel=2,
    )
    if method == "decision_function":
        if predicted.ndim == 2 and predicted.shape[1] != len(classes):
            raise ValueError(
                f"Output shape {predicted.shape} of {method} does not match number of classes "
                f"({len(classes)}) in fold. Irregular decision_function outputs are not currently "
                "supported by cross_val_predict"
            )
        if len(classes) <= 2:
            raise ValueError(
                f"Only {len(classes)} class/es in training fold, but {n_classes} in overall "
                "dataset. This is not supported for decision_function with imbalanced folds. "
                f"{advice}"
            )
    missing = 0 if method == "predict_proba" else np.finfo(predicted.dtype).min
    everywhere = np.full((len(predicted), n_classes), missing, dtype=predicted.dtype)
    everywhere[:, np.asarray(classes)] = predicted
    return everywhere
