"""Cross-validation: fit on each training set, score on the test set that was held out.

    for (train, test) in splits:
        model = clone(estimator).fit(X[train], y[train])
        score(model, X[test], y[test])            or    prediction[test] = model.predict(X[test])

The mean of the scores estimates how the model does on new data: no sample is scored by a model that
has seen it. Every fold fits a fresh clone, made in order before any fold starts, so the result does
not depend on `n_jobs`; threads take the folds, which pays where fits release the GIL.

References
----------
.. [1] Stone, "Cross-validatory choice and assessment of statistical predictions", J. Royal
   Statistical Society B 36(2), 1974.
"""

from __future__ import annotations

import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from numbers import Number, Real
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.estimator import Estimator, clone, is_classifier
from scratchml._core.exceptions import FitFailedWarning, warn
from scratchml._core.rules import (
    Rule,
    boolean,
    check_parameters,
    integer,
    mapping,
    none,
    option,
)
from scratchml._core.threads import get_num_threads
from scratchml._core.validation import n_samples
from scratchml.metrics.scorer import Failure, MultiScorer, check_scoring
from scratchml.model_selection._indexing import indexable, take
from scratchml.model_selection.splitters import check_cv

_RULES = {
    "estimator": Rule("an object implementing 'fit'", lambda v: hasattr(v, "fit")),
    "n_jobs": integer() | none(),
    "params": mapping() | none(),
    "return_train_score": boolean(),
    "return_estimator": boolean(),
    "return_indices": boolean(),
    "error_score": option("raise") | Rule("a number", lambda v: isinstance(v, Real)),
}


def cross_val_score(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    params: dict[str, Any] | None = None,
    error_score: Any = np.nan,
) -> np.ndarray:
    """Return the score on each fold.

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
    scoring : str or callable, optional
        A name of `get_scorer_names`, or ``scorer(estimator, X, y) -> float``; by default the
        estimator's own ``score``.
    cv : int, splitter or iterable of (train, test), optional
        Folds; five by default. A number of folds is stratified for classifiers.
    n_jobs : int, optional
        Threads that work on folds; -1 is `get_num_threads`. The result does not depend on it.
    params : dict, optional
        Passed to ``fit``; values as long as `X` are split like it.
    error_score : "raise" or float
        What stands for the score of a fold whose fit or scoring fails, with a warning.

    Returns
    -------
    ndarray of float, shape (k,)
        The scores, in the order of the folds.

    Raises
    ------
    ValueError
        If every fit fails, lengths differ, or a parameter is wrong.

    Examples
    --------
    >>> from scratchml.datasets import load_diabetes
    >>> from scratchml.linear_model import LinearRegression
    >>> from scratchml.model_selection import cross_val_score
    >>> X, y = load_diabetes(return_X_y=True)
    >>> cross_val_score(LinearRegression(), X, y, cv=3, scoring="r2").round(3)
    array([0.469, 0.487, 0.51 ])
    """
    check_parameters(rules_of("estimator"), {"estimator": estimator}, "cross_val_score")
    scorer = check_scoring(estimator, scoring=scoring)
    results = cross_validate(
        estimator,
        X,
        y,
        groups=groups,
        scoring={"score": scorer},
        cv=cv,
        n_jobs=n_jobs,
        params=params,
        error_score=error_score,
    )
    return results["test_score"]


def cross_validate(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    params: dict[str, Any] | None = None,
    return_train_score: bool = False,
    return_estimator: bool = False,
    return_indices: bool = False,
    error_score: Any = np.nan,
) -> dict[str, Any]:
    """Return scores and times of each fold.

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
    scoring : str, callable, list, tuple, dict or None
        One scorer, or several by name; a callable may return a dict.
    cv : int, splitter or iterable of (train, test), optional
        Folds; five by default. A number of folds is stratified for classifiers.
    n_jobs : int, optional
        Threads that work on folds; -1 is `get_num_threads`. The result does not depend on it.
    params : dict, optional
        Passed to ``fit``; values as long as `X` are split like it.
    return_train_score : bool
        Also score on the training sets.
    return_estimator : bool
        Also return the fitted estimators.
    return_indices : bool
        Also return the splits.
    error_score : "raise" or float
        What stands for the score of a fold whose fit or scoring fails, with a warning.

    Returns
    -------
    dict
        "fit_time" and "score_time" (seconds), "test_score" or "test_<name>", and what was asked
        for: "train_score" or "train_<name>", "estimator", "indices" (a dict of "train" and
        "test"); arrays of shape (k,), or tuples or lists of length k.

    Raises
    ------
    ValueError
        If every fit fails, lengths differ, or a parameter is wrong.

    Examples
    --------
    >>> from scratchml.datasets import load_diabetes
    >>> from scratchml.linear_model import LinearRegression
    >>> from scratchml.model_selection import cross_validate
    >>> X, y = load_diabetes(return_X_y=True)
    >>> sorted(cross_validate(LinearRegression(), X, y, cv=3, scoring=["r2"]))
    ['fit_time', 'score_time', 'test_r2']
    """
    given = {
        "estimator": estimator,
        "n_jobs": n_jobs,
        "params": params,
        "return_train_score": return_train_score,
        "return_estimator": return_estimator,
        "return_indices": return_indices,
        "error_score": error_score,
    }
    check_parameters(_RULES, given, "cross_validate")
    X, y = indexable(X=X, y=y)
    cv = check_cv(cv, y, classifier=is_classifier(estimator))
    scorer = check_scoring(estimator, scoring=scoring, raise_exc=error_score == "raise")
    splits = list(cv.split(X, y, groups))
    plan = _Plan(X, y, scorer, params or {}, return_train_score, error_score)
    folds = in_order(
        lambda job: _fit_and_score(job[0], plan, *job[1]),
        [(clone(estimator), split) for split in splits],
        n_jobs,
    )
    _report_failed_fits([fold.failure for fold in folds if fold.failure], len(folds), error_score)

    results: dict[str, Any] = {
        "fit_time": np.array([fold.fit_time for fold in folds]),
        "score_time": np.array([fold.score_time for fold in folds]),
    }
    if return_estimator:
        results["estimator"] = [fold.estimator for fold in folds]
    if return_indices:
        train, test = zip(*splits, strict=True)
        results["indices"] = {"train": train, "test": test}
    results.update(_columns("test", [fold.test_scores for fold in folds], error_score))
    if return_train_score:
        results.update(_columns("train", [fold.train_scores for fold in folds], error_score))
    return results


class _Plan(NamedTuple):
    """What all folds share."""

    X: Any
    y: Any
    scorer: Any
    params: dict[str, Any]
    return_train_score: bool
    error_score: Any


class _Fold(NamedTuple):
    """What one fold came to."""

    estimator: Any
    test_scores: Any  # a float, a dict of floats, or None where the fit failed
    train_scores: Any
    fit_time: float
    score_time: float
    failure: str  # traceback of the fit, or ""


def _fit_and_score(model: Any, plan: _Plan, train: np.ndarray, test: np.ndarray) -> _Fold:
    start = time.perf_counter()
    try:
        fit_rows(model, plan.X, plan.y, train, plan.params)
    except Exception:
        if plan.error_score == "raise":
            raise
        failed = None
        if isinstance(plan.scorer, MultiScorer):
            failed = dict.fromkeys(plan.scorer._scorers, plan.error_score)
        spent = time.perf_counter() - start
        return _Fold(model, failed, failed, spent, 0.0, traceback.format_exc())
    fitted = time.perf_counter()
    test_scores = _score(model, plan, test, train)
    scored = time.perf_counter()
    train_scores = _score(model, plan, train, train) if plan.return_train_score else None
    return _Fold(model, test_scores, train_scores, fitted - start, scored - fitted, "")


def fit_rows(model: Any, X: Any, y: Any, train: np.ndarray, params: dict[str, Any]) -> None:
    """Fit `model` to the rows `train`, of arrays among the `params` too."""
    n = n_samples(X)
    ours = {name: _part(value, train, n) for name, value in params.items()}
    rows = rows_of(model, X, train, train)
    if y is None:
        model.fit(rows, **ours)
    else:
        model.fit(rows, take(y, np.asarray(train)), **ours)


def _part(value: Any, train: np.ndarray, n: int) -> Any:
    """A parameter of ``fit`` for the training rows, if it has one entry for each sample."""
    sized = hasattr(value, "__len__") or hasattr(value, "shape")
    if not sized or np.ndim(value) == 0 or isinstance(value, str | dict) or n_samples(value) != n:
        return value
    return take(indexable(value=value)[0], np.asarray(train))


def rows_of(model: Any, X: Any, rows: np.ndarray, train: np.ndarray) -> Any:
    """Rows of X; of a precomputed kernel, their entries with the training samples."""
    rows, train = np.asarray(rows), np.asarray(train)
    if not is_pairwise(model):
        return take(X, rows)
    shape = getattr(X, "shape", None)
    if shape is None:
        raise ValueError(
            "Precomputed kernels or affinity matrices have to be passed as arrays or sparse "
            f"matrices, got {type(X).__name__}."
        )
    if shape[0] != shape[1]:
        raise ValueError(f"X should be a square kernel matrix, got shape {shape}.")
    return X[np.ix_(rows, train)]


def is_pairwise(model: Any) -> bool:
    """Whether the model takes a square matrix, of which a split needs rows and columns."""
    if isinstance(model, Estimator):
        return bool(getattr(model, "_pairwise", False))
    tags = getattr(model, "__sklearn_tags__", None)
    return tags is not None and bool(tags().input_tags.pairwise)


def _score(model: Any, plan: _Plan, rows: np.ndarray, train: np.ndarray) -> Any:
    """Score on `rows`; a failure becomes `error_score` with a warning."""
    X = rows_of(model, plan.X, rows, train)
    y = () if plan.y is None else (take(plan.y, np.asarray(rows)),)
    try:
        scores = plan.scorer(model, X, *y)
    except Exception:
        if plan.error_score == "raise" or isinstance(plan.scorer, MultiScorer):
            raise
        _warn_about_score(plan.error_score, traceback.format_exc())
        return plan.error_score
    if not isinstance(scores, dict):
        return _as_number(scores, plan.scorer)
    for name, score in scores.items():
        if isinstance(score, Failure):
            _warn_about_score(plan.error_score, score)
            scores[name] = plan.error_score
        else:
            scores[name] = _as_number(score, name)
    return scores


def _as_number(score: Any, scorer: Any) -> Any:
    if hasattr(score, "item") and getattr(score, "size", 1) == 1:
        score = score.item()
    if not isinstance(score, Number):
        raise ValueError(
            f"scoring must return a number, got {score} ({type(score)}) instead. (scorer={scorer})"
        )
    return score


def in_order(task: Callable[[Any], Any], jobs: Iterable[Any], n_jobs: int | None) -> list[Any]:
    """``[task(job) for job in jobs]``, on threads where several are asked for."""
    if n_jobs == 0:
        raise ValueError("n_jobs must not be 0; None or 1 is serial, -1 is all threads. Got 0.")
    n_threads = 1 if n_jobs is None else n_jobs
    if n_threads < 0:
        n_threads = max(1, get_num_threads() + 1 + n_threads)
    if n_threads == 1:
        return [task(job) for job in jobs]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(task, jobs))


def _columns(part: str, scores: list[Any], error_score: Any) -> dict[str, np.ndarray]:
    """Scores of the folds as arrays, one for each scorer."""
    named = next((s for s in scores if isinstance(s, dict)), None)
    if named is None:
        return {f"{part}_score": np.array([error_score if s is None else s for s in scores])}
    rows = [dict.fromkeys(named, error_score) if s is None else s for s in scores]
    return {f"{part}_{name}": np.array([row[name] for row in rows]) for name in named}


def _report_failed_fits(failures: list[str], n_fits: int, error_score: Any) -> None:
    """Raise if all fits failed, warn if some did."""
    if not failures:
        return
    details = "\n".join(
        f"{'-' * 80}\n{count} fits failed with the following error:\n{failure}"
        for failure, count in Counter(failures).items()
    )
    if len(failures) == n_fits:
        raise ValueError(
            f"\nAll the {n_fits} fits failed.\nIt is very likely that your model is "
            "misconfigured.\nYou can try to debug the error by setting error_score='raise'.\n\n"
            f"Below are more details about the failures:\n{details}"
        )
    warn(
        f"\n{len(failures)} fits failed out of a total of {n_fits}.\nThe score on these train-test "
        f"partitions for these parameters will be set to {error_score}.\nIf these failures are not "
        "expected, you can try to debug them by setting error_score='raise'.\n\n"
        f"Below are more details about the failures:\n{details}",
        FitFailedWarning,
        stacklevel=3,
    )


def _warn_about_score(error_score: Any, details: str) -> None:
    warnings.warn(
        "Scoring failed. The score on this train-test partition for these parameters will be set "
        f"to {error_score}. Details: \n{details}",
        UserWarning,
        stacklevel=3,
    )


def rules_of(*names: str) -> dict[str, Rule]:
    """Return the rules of the named parameters."""
    return {name: _RULES[name] for name in names}
