"""Scorers: from a metric of (y_true, y_pred) to a judge of (estimator, X, y).

A scorer asks the estimator for what its metric needs, class labels, probabilities or decision
values, and returns a number of which more is better: errors and losses come with their sign
changed, under names that begin with ``neg_``.

    score(estimator, X, y) = sign * metric(y, response(X)),     sign = +1 or -1

For two classes the response is one column, that of the positive label: ``pos_label`` of the metric
where it has one, else the last of ``classes_``. Decision values change sign for the first.
"""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scratchml._core.estimator import is_classifier
from scratchml._core.rules import Rule, boolean, check_parameters
from scratchml._core.targets import type_of_target
from scratchml.metrics.classification import accuracy_score, balanced_accuracy_score
from scratchml.metrics.precision_recall import f1_score, precision_score, recall_score
from scratchml.metrics.probability import brier_score_loss, log_loss
from scratchml.metrics.ranking import average_precision_score
from scratchml.metrics.regression import (
    explained_variance_score,
    max_error,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    median_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from scratchml.metrics.roc_auc import roc_auc_score

_METHODS = ("predict", "predict_proba", "decision_function")
_DECISION = ("decision_function", "predict_proba")
_RULES = {
    "score_func": Rule("a callable", callable),
    "response_method": Rule(
        f"a list, a tuple or a str among {set(_METHODS)}",
        lambda v: isinstance(v, list | tuple) or (isinstance(v, str) and v in _METHODS),
    ),
    "greater_is_better": boolean(),
}


def make_scorer(
    score_func: Callable[..., Any],
    *,
    response_method: Any = "predict",
    greater_is_better: bool = True,
    **kwargs: Any,
) -> Scorer:
    """Make a scorer of a metric.

    Parameters
    ----------
    score_func : callable
        ``score_func(y_true, response, **kwargs) -> float``.
    response_method : {"predict", "predict_proba", "decision_function"} or sequence of these
        What the metric needs of the estimator; of several, the first it has.
    greater_is_better : bool
        False changes the sign.
    **kwargs : object
        Passed to `score_func`.

    Returns
    -------
    Scorer
        ``scorer(estimator, X, y) -> float``.

    Raises
    ------
    InvalidParameterError
        If a parameter is of the wrong kind.

    Examples
    --------
    >>> from scratchml.metrics import fbeta_score, make_scorer
    >>> make_scorer(fbeta_score, beta=2)
    make_scorer(fbeta_score, response_method='predict', beta=2)
    """
    given = {
        "score_func": score_func,
        "response_method": response_method,
        "greater_is_better": greater_is_better,
    }
    check_parameters(_RULES, given, "make_scorer")
    return Scorer(score_func, 1 if greater_is_better else -1, kwargs, response_method)


def get_scorer(scoring: Any) -> Any:
    """Return the scorer of that name; a callable is returned as it is.

    Parameters
    ----------
    scoring : str or callable
        One of `get_scorer_names`, or a scorer.

    Returns
    -------
    callable
        ``scorer(estimator, X, y) -> float``.

    Raises
    ------
    ValueError
        If there is no scorer of that name.

    Examples
    --------
    >>> from scratchml.metrics import get_scorer
    >>> get_scorer("neg_mean_squared_error")
    make_scorer(mean_squared_error, greater_is_better=False, response_method='predict')
    """
    if not isinstance(scoring, str):
        rules = {"scoring": Rule("a str, a callable or None", lambda v: v is None or callable(v))}
        check_parameters(rules, {"scoring": scoring}, "get_scorer")
        return scoring
    if scoring not in _SCORERS:
        raise ValueError(
            f"{scoring!r} is not a valid scoring value. Use "
            "scratchml.metrics.get_scorer_names() to get valid options."
        )
    metric, sign, response_method, kwargs = _SCORERS[scoring]
    return Scorer(metric, sign, dict(kwargs), response_method)


def get_scorer_names() -> list[str]:
    """Return the names that `get_scorer` knows, sorted.

    Returns
    -------
    list of str
        The names.

    Examples
    --------
    >>> from scratchml.metrics import get_scorer_names
    >>> get_scorer_names()[:3]
    ['accuracy', 'average_precision', 'balanced_accuracy']
    """
    return sorted(_SCORERS)


def check_scoring(
    estimator: Any = None, scoring: Any = None, *, allow_none: bool = False, raise_exc: bool = True
) -> Any:
    """Return the scorer that `scoring` stands for.

    Parameters
    ----------
    estimator : estimator, optional
        Its own ``score`` is used where `scoring` is None.
    scoring : str, callable, list, tuple, set, dict or None
        A name, a scorer, several names, or a dict of names to scorers.
    allow_none : bool
        Return None, rather than raise, where there is neither `scoring` nor ``score``.
    raise_exc : bool
        With several scorers: raise the error of one that fails; otherwise its traceback, a str,
        stands for its score.

    Returns
    -------
    callable or None
        ``scorer(estimator, X, y)`` returning a float, or a dict of floats for several.

    Raises
    ------
    ValueError
        If `scoring` names no scorer, or is a metric rather than a scorer.
    TypeError
        If there is neither `scoring` nor ``score``, or the estimator cannot be fitted.

    Examples
    --------
    >>> from scratchml.metrics import check_scoring
    >>> check_scoring(scoring="accuracy")
    make_scorer(accuracy_score, response_method='predict')
    """
    rules = {
        "estimator": Rule("an object implementing 'fit'", lambda v: v is None or hasattr(v, "fit")),
        "scoring": Rule(
            "a str, a callable, a list, a set, a tuple, a dict or None",
            lambda v: v is None or isinstance(v, str | list | set | tuple | dict) or callable(v),
        ),
        "allow_none": boolean(),
        "raise_exc": boolean(),
    }
    given = {
        "estimator": estimator,
        "scoring": scoring,
        "allow_none": allow_none,
        "raise_exc": raise_exc,
    }
    check_parameters(rules, given, "check_scoring")
    if isinstance(scoring, list | tuple | set | dict):
        return MultiScorer(_named(estimator, scoring), raise_exc)
    if isinstance(scoring, str):
        return get_scorer(scoring)
    if scoring is not None:
        module = getattr(scoring, "__module__", None) or ""
        metrics = module.startswith(("scratchml.metrics.", "sklearn.metrics."))
        if inspect.isfunction(scoring) and metrics and ".tests." not in module:
            raise ValueError(
                f"scoring value {scoring!r} looks like it is a metric function rather than a "
                "scorer. A scorer should require an estimator as its first parameter. Please use "
                "`make_scorer` to convert a metric to a scorer."
            )
        return scoring
    if hasattr(estimator, "score"):
        return OwnScore(estimator)
    if allow_none:
        return None
    raise TypeError(
        "If no scoring is specified, the estimator passed should have a 'score' method. The "
        f"estimator {estimator!r} does not."
    )


class Scorer:
    """A metric, its sign and what it needs of an estimator; made by `make_scorer`."""

    def __init__(
        self,
        score_func: Callable[..., Any],
        sign: int,
        kwargs: dict[str, Any],
        response_method: Any,
    ):
        self._score_func = score_func
        self._sign = sign
        self._kwargs = kwargs
        self._response_method = response_method

    def __call__(
        self, estimator: Any, X: Any, y_true: Any, *, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """Return the score of a fitted `estimator` on `X`, `y_true`.

        Parameters
        ----------
        estimator : estimator
            Fitted.
        X : array-like of shape (n, p)
            Samples.
        y_true : array-like of shape (n,) or (n, K)
            What is the case.
        sample_weight : array-like of shape (n,), optional
            Weights, for metrics that take them.
        **kwargs
            Passed to the metric too.
        """
        if sample_weight is not None:
            kwargs["sample_weight"] = sample_weight
        return self.score(estimator, X, y_true, {}, kwargs)

    def score(
        self, estimator: Any, X: Any, y_true: Any, known: dict, kwargs: Mapping[str, Any]
    ) -> Any:
        """Score with responses looked up in, or added to, `known`.

        Parameters
        ----------
        estimator, X, y_true
            As for a call.
        known : dict
            What the estimator's methods returned before, by method.
        kwargs : mapping
            Passed to the metric.
        """
        overlap = set(self._kwargs) & set(kwargs)
        if overlap:
            warnings.warn(
                "There is an overlap between set kwargs of this scorer instance and passed "
                "metadata. Please pass them either as kwargs to `make_scorer` or metadata, but not "
                f"both. Overlapping parameters are: {overlap}",
                UserWarning,
                stacklevel=3,
            )
        method = _method_name(estimator, self._response_method)
        if method not in known:
            known[method] = getattr(estimator, method)(X)
        values = response(estimator, known[method], method, self._pos_label())
        return self._sign * self._score_func(y_true, values, **{**self._kwargs, **kwargs})

    def _pos_label(self) -> Any:
        if "pos_label" in self._kwargs:
            return self._kwargs["pos_label"]
        parameter = inspect.signature(self._score_func).parameters.get("pos_label")
        return None if parameter is None else parameter.default

    def _accept_sample_weight(self) -> bool:  # scikit-learn asks this of scorers it is given
        return "sample_weight" in inspect.signature(self._score_func).parameters

    def __repr__(self) -> str:
        name = getattr(self._score_func, "__name__", repr(self._score_func))
        sign = "" if self._sign > 0 else ", greater_is_better=False"
        rest = "".join(f", {k}={v}" for k, v in self._kwargs.items())
        return f"make_scorer({name}{sign}, response_method={self._response_method!r}{rest})"


class MultiScorer:
    """Several scorers at once; each response of the estimator is computed once."""

    def __init__(self, scorers: dict[str, Any], raise_exc: bool = True):
        self._scorers = scorers
        self._raise_exc = raise_exc

    def __call__(self, estimator: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return each scorer's score, or the traceback of one that failed.

        Parameters
        ----------
        estimator : estimator
            Fitted.
        *args
            X and y.
        **kwargs
            Passed to every scorer.
        """
        scores: dict[str, Any] = {}
        known: dict = {}
        for name, scorer in self._scorers.items():
            try:
                if isinstance(scorer, Scorer):
                    scores[name] = scorer.score(estimator, args[0], args[1], known, kwargs)
                else:
                    scores[name] = scorer(estimator, *args, **kwargs)
            except Exception:
                if self._raise_exc:
                    raise
                scores[name] = Failure(traceback.format_exc())
        return scores

    def __repr__(self) -> str:
        return f"MultiMetricScorer({', '.join(repr(name) for name in self._scorers)})"


class Failure(str):
    """The traceback of a scorer that failed, where its score would stand."""

    __slots__ = ()


class OwnScore:
    """The scorer that asks the estimator's own ``score``."""

    def __init__(self, estimator: Any):
        self._name = type(estimator).__name__

    def __call__(self, estimator: Any, *args: Any, **kwargs: Any) -> Any:
        """Return ``estimator.score(*args, **kwargs)``.

        Parameters
        ----------
        estimator : estimator
            Fitted.
        *args, **kwargs
            Passed on.
        """
        return estimator.score(*args, **kwargs)

    def __repr__(self) -> str:
        return f"{self._name}.score"


def response(estimator: Any, values: Any, method: str, pos_label: Any) -> Any:
    """Return what a metric compares with the truth: labels, or scores of the positive label.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    values : array-like
        What its method returned.
    method : str
        Name of that method.
    pos_label : object
        The positive label; None is the last of ``classes_``.
    """
    if not is_classifier(estimator):
        return values
    classes = estimator.classes_
    kind = type_of_target(classes, name="classes_")
    if kind == "binary":
        labels = np.asarray(classes).tolist()
        if pos_label is None:
            pos_label = labels[-1]
        elif pos_label not in labels:
            raise ValueError(
                f"pos_label={pos_label} is not a valid label: It should be one of {classes}"
            )
        if method == "predict_proba":
            if values.shape[1] < 2:
                raise ValueError(
                    f"Got predict_proba of shape {values.shape}, but need classifier with two "
                    "classes."
                )
            return values[:, labels.index(pos_label)]
        if method == "decision_function" and pos_label == labels[0]:
            return -values
    elif method == "predict_proba" and kind == "multilabel-indicator" and isinstance(values, list):
        return np.stack([p[:, -1] for p in values], axis=1)
    return values


def _method_name(estimator: Any, response_method: Any) -> str:
    """The first of the methods that the estimator has."""
    methods = [response_method] if isinstance(response_method, str) else response_method
    for method in methods:
        if getattr(estimator, method, None) is not None:
            return method
    raise AttributeError(
        f"{type(estimator).__name__} has none of the following attributes: {', '.join(methods)}."
    )


def _named(estimator: Any, scoring: Any) -> dict[str, Any]:
    """Several scorers by name."""
    if isinstance(scoring, dict):
        if not scoring:
            raise ValueError(f"An empty dict was passed. {scoring!r}")
        if not all(isinstance(name, str) for name in scoring):
            raise ValueError(
                f"Non-string types were found in the keys of the given dict. scoring={scoring!r}"
            )
        return {name: check_scoring(estimator, scorer) for name, scorer in scoring.items()}
    rule = "The list/tuple elements must be unique strings of predefined scorers."
    if not scoring:
        raise ValueError(f"{rule} Empty list was given. {scoring!r}")
    if any(callable(name) for name in scoring):
        raise ValueError(
            f"{rule} One or more of the elements were callables. Use a dict of score name mapped "
            f"to the scorer callable. Got {scoring!r}"
        )
    if not all(isinstance(name, str) for name in scoring):
        raise ValueError(f"{rule} Non-string types were found in the given list. Got {scoring!r}")
    if len(set(scoring)) != len(scoring):
        raise ValueError(f"{rule} Duplicate elements were found in the given list. {scoring!r}")
    return {name: check_scoring(estimator, name) for name in scoring}


# name -> metric, sign, response, further arguments
_SCORERS: dict[str, tuple[Callable[..., Any], int, Any, dict[str, Any]]] = {
    "accuracy": (accuracy_score, 1, "predict", {}),
    "balanced_accuracy": (balanced_accuracy_score, 1, "predict", {}),
    "average_precision": (average_precision_score, 1, _DECISION, {}),
    "neg_brier_score": (brier_score_loss, -1, "predict_proba", {}),
    "neg_log_loss": (log_loss, -1, "predict_proba", {}),
    "roc_auc": (roc_auc_score, 1, _DECISION, {}),
    "explained_variance": (explained_variance_score, 1, "predict", {}),
    "r2": (r2_score, 1, "predict", {}),
    "neg_max_error": (max_error, -1, "predict", {}),
    "neg_mean_absolute_error": (mean_absolute_error, -1, "predict", {}),
    "neg_mean_absolute_percentage_error": (mean_absolute_percentage_error, -1, "predict", {}),
    "neg_mean_squared_error": (mean_squared_error, -1, "predict", {}),
    "neg_median_absolute_error": (median_absolute_error, -1, "predict", {}),
    "neg_root_mean_squared_error": (root_mean_squared_error, -1, "predict", {}),
}
for _how in ("ovr", "ovo"):
    _SCORERS[f"roc_auc_{_how}"] = (roc_auc_score, 1, "predict_proba", {"multi_class": _how})
    _weighted = {"multi_class": _how, "average": "weighted"}
    _SCORERS[f"roc_auc_{_how}_weighted"] = (roc_auc_score, 1, "predict_proba", _weighted)
for _name, _metric in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
    _SCORERS[_name] = (_metric, 1, "predict", {"average": "binary"})
    for _average in ("macro", "micro", "samples", "weighted"):
        _options = {"pos_label": None, "average": _average}
        _SCORERS[f"{_name}_{_average}"] = (_metric, 1, "predict", _options)
