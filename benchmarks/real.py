"""Real data: trees and forests over five splits, support vector machines on one, beside the peers.

The files lie beside the checkout in ``../shared/data``; where they are absent there are no cases.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import svm
from benchmarks.harness import Case
from benchmarks.tree import builder, later

SEEDS = range(5)
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


class Real(NamedTuple):
    """A file: how it is read, and what is predicted."""

    name: str
    file: str
    n: int
    target: Any
    kind: str = "Classifier"


FILES = [
    Real("adult", "tabular/adult_train.csv.gz", 32_561, "class"),
    Real(
        "california", "tabular/california_housing.csv.gz", 20_640, "median_house_value",
        "Regressor",
    ),
    Real("covertype", "tabular/covertype_kaggle15k.csv.gz", 15_120, "Cover_Type"),
    Real("letter", "tabular/letter_recognition.csv.gz", 20_000, "Letter"),
    Real("magic", "tabular/magic04.csv.gz", 19_020, "class"),
    Real("mnist", "images/mnist_5k1k.npz", 6_000, "y"),
]  # fmt: skip


@cache
def _read(file: str, target: str) -> tuple:
    """Return the whole file, text as codes, missing cells as NaN."""
    if file.endswith(".npz"):
        with np.load(FOLDER / file) as arrays:
            parts = [np.concatenate([arrays[f"{a}_{b}"] for b in ("train", "test")]) for a in "xy"]
        return parts[0].reshape(len(parts[0]), -1).astype(float), parts[1].astype(np.int64)
    from scratchml.datasets import load_csv

    table = load_csv(FOLDER / file, target=target, header=True)
    kept = [j for j, name in enumerate(table.feature_names) if name != "Id"]
    return table.data[:, kept], table.target


@cache
def _split(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on, three in four, and those to test on."""
    rows = np.random.default_rng(seed).permutation(n)
    return rows[n // 4 :], rows[: n // 4]


def _five(build: Callable[[int], Callable]) -> Callable[[], Callable[..., Any]]:
    """Return what builds a fit on each of the five splits."""

    def built() -> Callable[..., Any]:
        fits = [build(seed)() for seed in SEEDS]

        def run(X: np.ndarray, y: np.ndarray) -> list[Any]:
            parts = [_split(len(y), seed)[0] for seed in SEEDS]
            return [fit(X[rows], y[rows]) for fit, rows in zip(fits, parts, strict=True)]

        return run

    return built


def _mean_error(models: list[Any], X: np.ndarray, y: np.ndarray) -> float:
    """Mean over the splits of 1 - accuracy, or of 1 - R^2."""
    parts = [_split(len(y), seed)[1] for seed in SEEDS]
    scores = [model.score(X[rows], y[rows]) for model, rows in zip(models, parts, strict=True)]
    return 1 - float(np.mean(scores))


def _case(real: Real, model: str, target: float, **parameters: Any) -> Case:
    package = "tree" if model == "DecisionTree" else "ensemble"
    name = f"{model}{real.kind}"
    if package == "tree":
        limit = {"threads": 1}
    else:
        limit, parameters = {}, {"n_jobs": 2, **parameters}
        if real.kind == "Regressor":
            parameters["n_estimators"] = 25  # scikit-learn would need minutes for 100

    def build(library: str, **more: Any) -> Callable[[], Callable[..., Any]]:
        return _five(
            lambda seed: builder(
                f"{library}.{package}", name, random_state=seed, **more, **parameters
            )
        )

    return Case(
        f"real-{real.name}-{'tree' if package == 'tree' else 'forest'}",
        lambda n: tuple(a[:n] for a in _read(real.file, real.target)),
        real.n,
        later(build("scratchml", **limit)),
        {"scikit-learn": build("sklearn")},
        _mean_error,
        "1 - R2" if real.kind == "Regressor" else "error",
        target,
    )


# --------------------------------------------------------------------------------- machines


@cache
def _measured(file: str, target: Any, n: int) -> tuple:
    """Return n rows and 5,000 unseen ones at most, text one-hot encoded, features standardised."""
    if file.endswith(".npz"):  # its own parts, grey levels from 0 to 1
        X, y = _read(file, target)
        return X[:n] / 255, y[:n], X[5000:] / 255, y[5000:]
    from scratchml.datasets import load_csv

    table = load_csv(FOLDER / file, target=target, header=".csv" in file)
    columns = []
    for name, x in zip(table.feature_names, table.data.T, strict=True):
        codes = np.arange(len(table.categories.get(name, ())))
        columns += [x == code for code in codes] if len(codes) else [x]
    X = np.array(columns, dtype=float).T
    rows = np.random.default_rng(0).permutation(len(X))[: n + 5000]
    X, y = X[rows], np.asarray(table.target)[rows]
    X = (X - X[:n].mean(axis=0)) / np.where(X[:n].std(axis=0) > 0, X[:n].std(axis=0), 1)
    return X[:n], y[:n], X[n:], y[n:]


def _machine(real: Real, n: int, target: float, *, note: str = "", **parameters: Any) -> Case:
    return svm.fit(
        f"real-{real.name}-sv{'r' if real.kind == 'Regressor' else 'c'}{note}",
        "SVR" if real.kind == "Regressor" else "SVC",
        lambda n: _measured(real.file, real.target, n),
        n,
        target,
        intel=True,
        **parameters,
    )


_OF = {real.name: real for real in FILES}
_KIN8NM = Real("kin8nm", "tabular/kin8nm.txt.gz", 8_192, -1, "Regressor")
MACHINES = [
    (_OF["magic"], 14_000, 4.0, {}),
    (_OF["letter"], 15_000, 2.0, {"C": 10.0}),
    (_OF["adult"], 16_000, 4.0, {}),
    (_OF["mnist"], 5_000, 2.0, {"note": "-rbf", "C": 10.0}),
    (_OF["mnist"], 5_000, 2.0, {"note": "-poly", "kernel": "poly"}),
    (_KIN8NM, 6_000, 2.0, {"C": 10.0}),
]

CASES = [
    _case(real, model, target)
    for real in FILES
    if (FOLDER / real.file).exists()
    for model, target in (("DecisionTree", 5.0), ("RandomForest", 3.0))
] + [
    _machine(real, n, target, **options)
    for real, n, target, options in MACHINES
    if (FOLDER / real.file).exists()
]
