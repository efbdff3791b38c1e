"""The scores beside scikit-learn's, on few rows and on many; quality is the value itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Case


@cache
def _classes(n: int) -> tuple:
    random = np.random.default_rng(0)
    y = random.integers(0, 2, n)
    return y, np.where(random.random(n) < 0.8, y, 1 - y)


@cache
def _probabilities(n: int) -> tuple:
    y, guess = _classes(n)
    return y, np.clip(guess + np.random.default_rng(1).normal(0, 0.3, n), 0.01, 0.99)


def _score(library: str, name: str) -> Callable[[], Callable[..., Any]]:
    def build() -> Callable[..., Any]:
        from importlib import import_module

        return getattr(import_module(f"{library}.metrics"), name)

    return build


def _case(name: str, data: Callable[[int], tuple], n: int) -> Case:
    return Case(
        f"{name.replace('_', '-')}-{n}",
        data,
        n,
        lambda *a: _score("scratchml", name)()(*a),
        {"scikit-learn": _score("sklearn", name)},
        lambda value, *a: float(value),
        "value",
        1.0,
    )


CASES = [
    _case(name, data, n)
    for name, data in (
        ("accuracy_score", _classes),
        ("f1_score", _classes),
        ("log_loss", _probabilities),
        ("roc_auc_score", _probabilities),
        ("brier_score_loss", _probabilities),
        ("mean_squared_error", _probabilities),
        ("mean_absolute_error", _probabilities),
        ("r2_score", _probabilities),
    )
    for n in (100, 1_000_000)
]
