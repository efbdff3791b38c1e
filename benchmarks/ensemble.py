"""Forests on two threads beside scikit-learn and scikit-learn-intelex; quality as for trees."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Case
from benchmarks.tree import builder, classes, friedman, images, later, unseen_error

THREADS = 2

# --------------------------------------------------------------------------------- fits


def _fit(
    name: str,
    case: str,
    problem: Callable[[int], tuple],
    n: int,
    target: float,
    *,
    intel: bool = False,
    **parameters: Any,
) -> Case:
    parameters = {"n_jobs": THREADS, "random_state": 0, **parameters}
    peers = {"scikit-learn": builder("sklearn.ensemble", name, **parameters)}
    if intel:
        peers["sklearn-intelex"] = builder("sklearnex.ensemble", name, **parameters)
    return Case(
        case,
        lambda n: problem(n)[:2],
        n,
        later(builder("scratchml.ensemble", name, **parameters)),
        peers,
        unseen_error(problem, n),
        "rmse" if name.endswith("Regressor") else "error",
        target,
    )


def _classes20(n: int) -> tuple:
    return classes(n, 20)


def _friedman10(n: int) -> tuple:
    return friedman(n, 10)


# --------------------------------------------------------------------------------- predictions


FIRST = 20_000  # the rows that the predicting forest has seen


@cache
def _fitted(library: str, n_jobs: int) -> Any:
    """Return a forest of 100 trees."""
    X, y, *_ = _classes20(120_000)
    forest = builder(library, "RandomForestClassifier", n_jobs=n_jobs, random_state=0)()
    return forest(X[:FIRST], y[:FIRST])


def _rows(n: int) -> tuple:
    """Return `n` unseen rows; fits our forest, so that a child times the first prediction alone."""
    for n_jobs in (1, THREADS):
        _fitted("scratchml.ensemble", n_jobs)
    return (_classes20(120_000)[0][FIRST : FIRST + n],)


def _together(library: str) -> Callable[[], Callable[..., Any]]:
    return lambda: _fitted(library, THREADS).predict_proba


def _one_by_one(library: str) -> Callable[[], Callable[..., Any]]:
    def build() -> Callable[..., Any]:
        predict = _fitted(library, 1).predict_proba
        return lambda X: np.vstack([predict(X[i : i + 1]) for i in range(len(X))])

    return build


def _wrong_share(probabilities: np.ndarray, X: np.ndarray) -> float:
    y = _classes20(120_000)[1][FIRST : FIRST + len(X)]
    return float(np.mean(probabilities.argmax(axis=1) != y))


def _prediction(case: str, n: int, target: float, build: Callable) -> Case:
    peers = {"scikit-learn": build("sklearn.ensemble")}
    if build is _together:
        peers["sklearn-intelex"] = build("sklearnex.ensemble")
    ours = later(build("scratchml.ensemble"))
    return Case(case, _rows, n, ours, peers, _wrong_share, "error", target)


CASES = [
    _fit("RandomForestClassifier", "forest-20000x20", _classes20, 20_000, 5.0, intel=True),
    _fit("RandomForestClassifier", "forest-100000x20", _classes20, 100_000, 5.0, intel=True),
    _fit(
        "RandomForestRegressor", "forest-regressor-50000x10", _friedman10, 50_000, 5.0, intel=True,
        n_estimators=25,
    ),
    _fit("RandomForestClassifier", "forest-images-5000x784", images, 5_000, 1.2, intel=True),
    _fit("ExtraTreesClassifier", "extra-trees-20000x20", _classes20, 20_000, 2.0, intel=True),
    _fit(
        "ExtraTreesRegressor", "extra-trees-regressor-50000x10", _friedman10, 50_000, 2.0,
        intel=True, n_estimators=25,
    ),
    _fit(
        "BaggingClassifier", "bagging-20000x20", _classes20, 20_000, 2.0, n_estimators=20,
    ),
    _prediction("forest-predict-10000x20", 10_000, 3.0, _together),
    _prediction("forest-predict-100000x20", 100_000, 3.0, _together),
    _prediction("forest-predict-100-times-1-row", 100, 140.0, _one_by_one),
]  # fmt: skip
