"""The transformers beside scikit-learn's; quality is the distance from the definition."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Case


@cache
def _numbers(n: int, p: int) -> tuple:
    return (np.random.default_rng(0).standard_normal((n, p)),)


@cache
def _words(n: int) -> tuple:
    random = np.random.default_rng(0)
    return (np.array([f"word{i}" for i in range(20)])[random.integers(0, 20, (n, 8))],)


def _transform(library: str, name: str, **parameters: Any) -> Callable[[], Callable[..., Any]]:
    def build() -> Callable[..., Any]:
        from importlib import import_module

        cls = getattr(import_module(f"{library}.preprocessing"), name)
        return lambda X: cls(**parameters).fit_transform(X)

    return build


def _case(
    name: str, transformer: str, data: Callable, n: int, definition: Callable, **parameters: Any
) -> Case:
    return Case(
        name,
        data,
        n,
        lambda X: _transform("scratchml", transformer, **parameters)()(X),
        {"scikit-learn": _transform("sklearn", transformer, **parameters)},
        lambda result, X: float(np.abs(np.asarray(result[:500]) - definition(X)[:500]).max()),
        "error",
        1.0,
    )


def _one_hot(X: np.ndarray) -> np.ndarray:
    return np.hstack([X[:500, [j]] == np.unique(X[:, j]) for j in range(X.shape[1])]).astype(float)


def _squares(X: np.ndarray) -> np.ndarray:
    X = X[:500]
    i, j = np.triu_indices(X.shape[1])
    return np.hstack([np.ones((len(X), 1)), X, X[:, i] * X[:, j]])


CASES = [
    _case(
        "standard-scaler-100000x100",
        "StandardScaler",
        lambda n: _numbers(n, 100),
        100_000,
        lambda X: (X - X.mean(axis=0)) / X.std(axis=0),
    ),
    _case(
        "min-max-scaler-100000x100",
        "MinMaxScaler",
        lambda n: _numbers(n, 100),
        100_000,
        lambda X: (X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0)),
    ),
    _case(
        "polynomial-20000x20",
        "PolynomialFeatures",
        lambda n: _numbers(n, 20),
        20_000,
        _squares,
    ),
    _case(
        "one-hot-30000x8",
        "OneHotEncoder",
        _words,
        30_000,
        _one_hot,
        sparse_output=False,
    ),
]
