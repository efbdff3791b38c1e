"""Decision trees on one thread beside scikit-learn; quality is the error on rows not seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Case

UNSEEN = 10_000  # rows

# --------------------------------------------------------------------------------- problems


@cache
def classes(n: int, p: int) -> tuple:
    """Two classes, two Gaussian clusters each; half of the columns say something."""
    from scratchml.datasets import make_classification

    X, y = make_classification(
        n + UNSEEN, p, n_informative=p // 2, n_redundant=p // 10, flip_y=0.02, random_state=0
    )
    return X[:n], y[:n], X[n:], y[n:]


@cache
def friedman(n: int, p: int) -> tuple:
    """Friedman's first function (Multivariate adaptive regression splines, 1991) with noise."""
    random = np.random.default_rng(0)
    X = random.random((n + UNSEEN, p))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2
    y += 10 * X[:, 3] + 5 * X[:, 4] + random.standard_normal(len(X))
    return X[:n], y[:n], X[n:], y[n:]


@cache
def images(n: int) -> tuple:
    """Integers like MNIST's: the bundled digits as 20 x 20 of 28 x 28 pixels, speckled."""
    from scratchml.datasets import load_digits

    digits, labels = load_digits(return_X_y=True)
    random = np.random.default_rng(0)
    parts = []
    for rows, first, last in ((n, 0, 1500), (1000, 1500, len(labels))):  # nobody's twin is unseen
        chosen = random.integers(first, last, rows)
        parts += [_enlarge(digits[chosen].reshape(-1, 8, 8), random), labels[chosen]]
    return tuple(parts)


def _enlarge(small: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Interpolate images (n, 8, 8) of 0 .. 16 to rows (n, 784) of 0 .. 255."""
    at = np.clip((np.arange(20) + 0.5) * 8 / 20 - 0.5, 0, 7)  # pixel centres
    weights = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(8)))  # (20, 8)
    large = np.einsum("ai,nij,bj->nab", weights, small, weights, optimize=True) * (255 / 16)
    large += np.where(large > 20, random.normal(0, 25, large.shape), 0)
    framed = np.zeros((len(large), 28, 28))
    for image, digit, (i, j) in zip(
        framed, large, random.integers(2, 7, (len(large), 2)), strict=True
    ):
        image[i : i + 20, j : j + 20] = digit
    return np.clip(framed, 0, 255).round().reshape(len(framed), 784)


# --------------------------------------------------------------------------------- both sides


def builder(
    library: str, name: str, *, threads: int | None = None, **parameters: Any
) -> Callable[[], Callable[..., Any]]:
    """Return what imports the class `name` when called, and returns a fit of ``(X, y)``."""

    def build() -> Callable[..., Any]:
        from importlib import import_module

        cls = getattr(import_module(library), name)
        return lambda X, y: cls(**parameters).fit(X, y)

    def build_limited() -> Callable[..., Any]:
        import scratchml

        unlimited = build()

        def run(X: np.ndarray, y: np.ndarray) -> Any:
            with scratchml.set_num_threads(threads):
                return unlimited(X, y)

        return run

    return build if threads is None else build_limited


def later(build: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """Return a fit that is built at its first call."""
    built = cache(build)
    return lambda *data: built()(*data)


def unseen_error(problem: Callable[[int], tuple], n: int) -> Callable[..., float]:
    """Return the quality of a model: its error rate, or root mean squared error, on unseen rows."""

    def quality(model: Any, *_: np.ndarray) -> float:
        _, _, X, y = problem(n)
        difference = model.predict(X) - y
        if y.dtype.kind == "i":
            return float(np.mean(difference != 0))
        return float(np.sqrt(np.mean(difference**2)))

    return quality


def _case(
    kind: str,
    problem: Callable[[int, int], tuple],
    shape: tuple[int, int],
    target: float,
    *,
    growth: tuple = (),
    note: str = "",
    **parameters: Any,
) -> Case:
    (n, p), name = shape, f"DecisionTree{kind}"
    parameters["random_state"] = 0
    return Case(
        f"tree-{kind.lower()}-{n}x{p}{note}",
        lambda n: problem(n, p)[:2],
        n,
        later(builder("scratchml.tree", name, threads=1, **parameters)),
        {"scikit-learn": builder("sklearn.tree", name, **parameters)},
        unseen_error(lambda n: problem(n, p), n),
        "error" if kind == "Classifier" else "rmse",
        target,
        growth,
    )


CASES = [
    _case("Classifier", classes, (20_000, 20), 7.0),
    _case("Classifier", classes, (100_000, 20), 7.0, growth=(12_500, 25_000, 50_000, 100_000)),
    _case("Classifier", classes, (20_000, 100), 7.0),
    _case("Regressor", friedman, (50_000, 10), 5.0),
    _case("Classifier", classes, (20_000, 20), 2.0, note="-depth5", max_depth=5),
    _case("Classifier", classes, (20_000, 20), 2.0, note="-leaves64", max_leaf_nodes=64),
    _case("Regressor", friedman, (50_000, 10), 2.0, note="-leaf20", min_samples_leaf=20),
    _case("Regressor", friedman, (2_000, 10), 1.0, note="-absolute", criterion="absolute_error"),
]
