"""Permutation importance: how much a model's score suffers when one column is shuffled.

    importance(j, r) = score(model, X, y) - score(model, X with column j in the random order r, y)

Shuffling breaks the tie between the column and everything else, the target included, and leaves its
distribution as it is. What the score loses is what the model, as fitted, owes to the column. Two
columns that say the same share that debt, and each alone may look unimportant. On training data the
figure shows what the model uses; on held-out data, what of it helps.

For least squares with coefficients b, scored on its training data by the negative mean squared
error, the expected importance is 2 b_j^2 var(x_j): the value that a row gets is any of the
column's, independent of the row's own, and the residuals do not correlate with the column.

Every column sees the same orders r = 1 .. n_repeats, each a shuffle of the one before, so
differences between columns are not differences of luck. For the same integer ``random_state`` they
are scikit-learn's.

References
----------
.. [1] Breiman, "Random forests", Machine Learning 45, 2001, section 10.
.. [2] Fisher, Rudin, Dominici, "All models are wrong, but many are useful", JMLR 20, 2019,
   section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import numpy as np

from scratchml._core.rules import (
    Rule,
    array_like,
    check_parameters,
    integer,
    none,
    random_state,
    real,
)
from scratchml._core.validation import check_array, n_samples
from scratchml.datasets.bunch import Bunch
from scratchml.datasets.draws import distinct_below, frozen_generator
from scratchml.metrics.scorer import check_scoring
from scratchml.model_selection._indexing import indexable, take
from scratchml.model_selection.validation import in_order

_RULES = {
    "estimator": Rule("an object implementing 'fit'", lambda v: hasattr(v, "fit")),
    "n_repeats": integer(1),
    "n_jobs": integer() | none(),
    "random_state": random_state(),
    "sample_weight": array_like() | none(),
    "max_samples": integer(1) | real(0, 1, closed="right"),
}


def permutation_importance(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    scoring: Any = None,
    n_repeats: int = 5,
    n_jobs: int | None = None,
    random_state: Any = None,
    sample_weight: Any = None,
    max_samples: float = 1.0,
) -> Any:
    """Return, for each column, what the score loses when the column is shuffled [1]_.

    Parameters
    ----------
    estimator : estimator
        Fitted; ours or any other that the scorer can ask.
    X : array-like or frame of shape (n, p)
        Samples: those of the fit, or better held-out ones. NaN passes if the estimator takes it.
        Columns of a pandas or polars frame keep their types; `X` itself is not changed.
    y : array-like of shape (n,) or (n, t), or None
        Targets; None where the scorer needs none.
    scoring : str, callable, list, tuple, dict or None
        A name of `get_scorer_names`, ``scorer(estimator, X, y) -> float``, several of them, or a
        callable that returns a dict; by default the estimator's own ``score``.
    n_repeats : int, default=5
        How often each column is shuffled.
    n_jobs : int, optional
        Threads that work on columns; -1 is `get_num_threads`. The result does not depend on it.
    random_state : int, RandomState, Generator or None
        Of the shuffles; an int gives the same importances each time.
    sample_weight : array-like of shape (n,), optional
        Weights, passed to the scorer.
    max_samples : int or float, default=1.0
        Samples, or share of them, that the shuffled scores are computed on: the same for all
        columns, drawn without replacement. The score to compare with is that of all samples.

    Returns
    -------
    Bunch, or dict of str to Bunch
        ``importances`` of shape (p, n_repeats), ``importances_mean`` and ``importances_std``
        (divisor n_repeats) of shape (p,); for several scorers one Bunch for each.

    Raises
    ------
    ValueError
        If a parameter is wrong, or lengths differ.
    TypeError
        If `X` is sparse, or there is neither `scoring` nor ``score``.

    Notes
    -----
    Beside `X` there is one copy of it (of the samples drawn, with `max_samples`) for each thread;
    of a frame, only of one column.

    References
    ----------
    .. [1] L. Breiman, "Random forests", Machine Learning 45 (2001).

    Examples
    --------
    >>> from scratchml.datasets import load_diabetes
    >>> from scratchml.inspection import permutation_importance
    >>> from scratchml.linear_model import Ridge
    >>> data = load_diabetes()
    >>> model = Ridge(alpha=0.01).fit(data.data, data.target)
    >>> result = permutation_importance(model, data.data, data.target, random_state=0)
    >>> for j in result.importances_mean.argsort()[:-4:-1]:
    ...     mean, std = result.importances_mean[j], result.importances_std[j]
    ...     print(f"{data.feature_names[j]:4s} {mean:.3f} +- {std:.3f}")
    s5   0.253 +- 0.021
    bmi  0.210 +- 0.005
    s1   0.117 +- 0.016
    """
    given = locals()
    check_parameters(_RULES, {name: given[name] for name in _RULES}, "permutation_importance")
    if not _is_frame(X):
        X = check_array(X, dtype=None, allow_nan=True)
    X, y, sample_weight = indexable(X=X, y=y, sample_weight=sample_weight)
    n = n_samples(X)
    drawn = _number_drawn(max_samples, n)
    rng = np.random.RandomState(frozen_generator(random_state).randint(2**31))
    scorer = check_scoring(estimator, scoring=scoring)

    def score(X: Any, y: Any, weight: Any) -> Any:
        weights = {} if weight is None else {"sample_weight": weight}
        return scorer(estimator, X, y, **weights)

    whole = score(X, y, sample_weight)
    if drawn < n:
        rows = distinct_below(n, drawn, rng)
        X, y, sample_weight = (
            None if data is None else take(data, rows) for data in (X, y, sample_weight)
        )
    lend, start = _lender(X), rng.get_state()

    def scores_without(column: int) -> list[Any]:
        shuffles = np.random.RandomState()
        shuffles.set_state(start)
        with lend(column) as shuffled:
            return [
                score(shuffled(order), y, sample_weight)
                for order in _orders(drawn, n_repeats, shuffles)
            ]

    scores = in_order(scores_without, range(X.shape[1]), n_jobs)
    if not isinstance(whole, dict):
        return _importances(whole, scores)
    return {
        name: _importances(whole[name], [[s[name] for s in column] for column in scores])
        for name in whole
    }


def _orders(n: int, n_repeats: int, rng: np.random.RandomState) -> Iterator[np.ndarray]:
    """Yield permutations of n, each to be applied to what the one before it left."""
    order = np.arange(n)
    for _ in range(n_repeats):
        rng.shuffle(order)
        yield order


def _importances(whole: float, scores: list[list[float]]) -> Bunch:
    """Return the loss of score, (p, n_repeats), with its mean and standard deviation."""
    losses = whole - np.array(scores)
    return Bunch(
        importances_mean=losses.mean(axis=1),
        importances_std=losses.std(axis=1),
        importances=losses,
    )


def _number_drawn(max_samples: float, n: int) -> int:
    if not isinstance(max_samples, Integral):
        return max(1, int(max_samples * n))
    if max_samples > n:
        raise ValueError(
            f"max_samples must be <= n_samples, which is {n}. Got max_samples={max_samples}."
        )
    return int(max_samples)


def _is_frame(X: Any) -> bool:
    return hasattr(X, "iloc") or type(X).__module__.partition(".")[0] == "polars"


def _lender(X: Any) -> Callable[[int], Any]:
    """Return ``lend``: in ``with lend(j) as shuffled``, shuffled(order) is X, column j reordered.

    Each call reorders what the one before it left. An array is copied once for each thread that
    borrows at the same time; its column is put back at the end of the block. A frame shares its
    other columns with X.
    """
    spare: list[np.ndarray] = []

    @contextmanager
    def lend(j: int) -> Iterator[Callable[[np.ndarray], Any]]:
        if _is_frame(X):
            yield _shuffled_frame(X, j)
            return
        try:
            copy = spare.pop()
        except IndexError:  # all are lent
            copy = X.copy(order="K")

        def shuffled(order: np.ndarray) -> np.ndarray:
            copy[:, j] = copy[order, j]
            return copy

        yield shuffled
        copy[:, j] = X[:, j]
        spare.append(copy)

    return lend


def _shuffled_frame(X: Any, j: int) -> Callable[[np.ndarray], Any]:
    """Return the function of an order that `_lender` promises, for a pandas or polars frame."""
    pandas = hasattr(X, "iloc")
    frame = X.copy(deep=False) if pandas else X
    column = X.iloc[:, j].array if pandas else X.to_series(j)

    def shuffled(order: np.ndarray) -> Any:
        nonlocal frame, column
        column = column[order]
        if pandas:
            frame.isetitem(j, column)  # puts a new column in its place; never writes into X's
        else:
            frame = frame.with_columns(column)
        return frame

    return shuffled
