"""The linear models beside scikit-learn and NumPy's lstsq."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Case

# --------------------------------------------------------------------------------- problems


@cache
def _regression(n: int, p: int, informative: int = 0, noise: float = 1.0) -> tuple:
    random = np.random.default_rng(0)
    X = random.standard_normal((n, p))
    w = random.standard_normal(p)
    if informative:
        w[informative:] = 0
    return X, X @ w + noise * random.standard_normal(n)


@cache
def _labels(n: int, p: int, classes: int) -> tuple:
    random = np.random.default_rng(0)
    X = random.standard_normal((n, p))
    scores = X @ random.standard_normal((p, classes)) + 2 * random.gumbel(size=(n, classes))
    return X, scores.argmax(axis=1)


@cache
def _digits(n: int) -> tuple:
    from scratchml.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X[:n] / 16, y[:n]  # grey levels from 0 to 1


# --------------------------------------------------------------------------------- qualities


def _residual_norm(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    prediction = X @ model if isinstance(model, np.ndarray) else model.predict(X)
    return float(np.linalg.norm(y - prediction))


def _ridge_objective(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    return _residual_norm(model, X, y) ** 2 + model.alpha * float(model.coef_ @ model.coef_)


def _enet_objective(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    ratio = getattr(model, "l1_ratio", 1.0)
    penalty = ratio * np.abs(model.coef_).sum() + (1 - ratio) / 2 * model.coef_ @ model.coef_
    return _residual_norm(model, X, y) ** 2 / (2 * len(y)) + model.alpha * float(penalty)


def _logistic_objective(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    """C * sum of the log-losses + |w|^2 / 2, per row, from the model's own coefficients."""
    scores = X @ model.coef_.T + model.intercept_
    if scores.shape[1] == 1:
        loss = np.logaddexp(0, np.where(y == 1, -scores[:, 0], scores[:, 0])).sum()
    else:
        top = scores.max(axis=1, keepdims=True)
        normaliser = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
        loss = (normaliser - scores[np.arange(len(y)), y]).sum()
    return float((model.C * loss + (model.coef_**2).sum() / 2) / len(y))


# --------------------------------------------------------------------------------- both sides


def _fit(name: str, **parameters: Any) -> Callable[..., Any]:
    def fit(X: np.ndarray, y: np.ndarray) -> Any:
        from scratchml import linear_model

        return getattr(linear_model, name)(**parameters).fit(X, y)

    return fit


def _sklearn(name: str, **parameters: Any) -> dict[str, Callable[[], Callable[..., Any]]]:
    def build() -> Callable[..., Any]:
        from sklearn import linear_model

        cls = getattr(linear_model, name)
        return lambda X, y: cls(**parameters).fit(X, y)

    return {"scikit-learn": build}


def _lstsq() -> Callable[..., Any]:
    return lambda X, y: np.linalg.lstsq(X, y, rcond=None)[0]


def _linear(n: int, p: int, target: float, growth: tuple = ()) -> Case:
    return Case(
        f"linear-{n}x{p}",
        lambda n: _regression(n, p),
        n,
        _fit("LinearRegression"),
        {**_sklearn("LinearRegression"), "numpy lstsq": _lstsq},
        _residual_norm,
        "|y - Xw|",
        target,
        growth,
    )


def _ridge(n: int, p: int) -> Case:
    return Case(
        f"ridge-{n}x{p}",
        lambda n: _regression(n, p),
        n,
        _fit("Ridge"),
        _sklearn("Ridge"),
        _ridge_objective,
        "objective",
        1.0,
    )


def _lasso(name: str, n: int, p: int, alpha: float, tol: float) -> Case:
    options = {"alpha": alpha, "tol": tol, "max_iter": 100_000}
    return Case(
        f"{name.lower()}-{n}x{p}-a{alpha:g}-t{tol:g}",
        lambda n: _regression(n, p, informative=20),
        n,
        _fit(name, **options),
        _sklearn(name, **options),
        _enet_objective,
        "objective",
        1.0,
    )


def _logistic(n: int, p: int, classes: int, target: float, growth: tuple = ()) -> Case:
    """Equal optima: scikit-learn's tol is set so that its objective agrees to about 1e-8."""
    kind = "binary" if classes == 2 else f"softmax{classes}"
    options = {"max_iter": 10_000}
    return Case(
        f"logistic-{kind}-{n}x{p}",
        lambda n: _labels(n, p, classes),
        n,
        _fit("LogisticRegression", **options),
        _sklearn("LogisticRegression", tol=1e-6, **options),
        _logistic_objective,
        "objective",
        target,
        growth,
    )


CASES = [
    _linear(1_000_000, 10, 5.0, (62_500, 125_000, 250_000, 500_000)),
    _linear(100_000, 100, 5.0),
    _linear(20_000, 1_000, 3.0),
    _linear(500, 2_000, 3.0),
    _ridge(100_000, 100),
    _ridge(500, 2_000),
    _lasso("Lasso", 1_000, 5_000, 0.1, 1e-4),
    _lasso("Lasso", 1_000, 5_000, 0.1, 1e-8),
    _lasso("Lasso", 10_000, 500, 0.01, 1e-6),
    _lasso("Lasso", 100_000, 50, 0.01, 1e-6),
    _lasso("ElasticNet", 1_000, 5_000, 0.1, 1e-6),
    _lasso("ElasticNet", 200, 10_000, 0.1, 1e-6),
    _logistic(100_000, 50, 2, 3.0, (12_500, 25_000, 50_000, 100_000)),
    _logistic(10_000, 20, 2, 1.0),
    _logistic(20_000, 16, 26, 1.0),
    _logistic(5_000, 200, 10, 1.0),
    Case(
        "logistic-softmax10-digits",
        _digits,
        1797,
        _fit("LogisticRegression", max_iter=10_000),
        _sklearn("LogisticRegression", max_iter=10_000, tol=1e-6),
        _logistic_objective,
        "objective",
        1.0,
    ),
]
