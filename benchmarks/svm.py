"""Support vector machines beside LIBSVM, LIBLINEAR (both in scikit-learn) and scikit-learn-intelex.

All stop at the same `tol`. The quality is the objective that the machine minimises, and beside it
the error on rows not seen. Ours and scikit-learn-intelex use every thread, LIBSVM can use one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Case
from benchmarks.svm_quality import dual_objective, primal_objective
from benchmarks.tree import builder, friedman, later, unseen_error

MOST, UNSEEN = 50_000, 5_000  # rows

# --------------------------------------------------------------------------------- problems


@cache
def _drawn(p: int) -> tuple:
    from scratchml.datasets import make_classification

    X, y = make_classification(
        MOST + UNSEEN, p, n_informative=p // 2, n_redundant=p // 10, flip_y=0.02, random_state=0
    )
    return (X - X.mean(axis=0)) / X.std(axis=0), y


@cache
def clusters(n: int, p: int) -> tuple:
    """Two classes, two Gaussian clusters each; any n is the beginning of the same rows."""
    X, y = _drawn(p)
    return X[:n].copy(), y[:n], X[MOST:], y[MOST:]


@cache
def bundled(name: str, scaled: bool = True) -> tuple:
    """A data set of the package; a quarter of its rows is not seen."""
    from scratchml import datasets

    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    if scaled:
        spread = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    rows = np.random.default_rng(0).permutation(len(y))
    first = len(y) - len(y) // 4
    return X[rows[:first]], y[rows[:first]], X[rows[first:]], y[rows[first:]]


@cache
def words(n: int, vocabulary: int = 20_000, length: int = 80) -> tuple:
    """Word counts like those of texts on two subjects, weighted by rarity, in sparse rows."""
    from scipy.sparse import csr_matrix

    random, total = np.random.default_rng(0), n + UNSEEN
    y = random.integers(0, 2, total)
    share = 1 / np.arange(1, vocabulary + 1)  # Zipf's law
    common = random.choice(vocabulary, (total, length), p=share / share.sum())
    own = random.permuted(np.tile(np.arange(vocabulary), (2, 1)), axis=1)  # a subject's ranking
    subject = own[y[:, None], random.choice(vocabulary, (total, length), p=share / share.sum())]
    word = np.where(random.random((total, length)) < 0.15, subject, common)
    row = np.repeat(np.arange(total), length)
    X = csr_matrix((np.ones(word.size), (row, word.ravel())), shape=(total, vocabulary))
    seen = np.bincount(X.indices, minlength=vocabulary)
    X.data *= np.log(total / seen[X.indices]) + 1
    X.data /= np.sqrt(np.repeat(X.power(2).sum(axis=1).A1, np.diff(X.indptr)))
    return X[:n], y[:n], X[n:], y[n:]


# --------------------------------------------------------------------------------- fits


def fit(
    case: str,
    name: str,
    problem: Callable[[int], tuple],
    n: int,
    target: float,
    *,
    intel: bool = False,
    growth: tuple = (),
    **parameters: Any,
) -> Case:
    """Return the case of a fit; `problem(n)` is X, y, and rows not seen with theirs."""
    peers = {"scikit-learn": builder("sklearn.svm", name, **parameters)}
    if intel:
        peers["sklearn-intelex"] = builder("sklearnex.svm", name, **parameters)
    linear = name.startswith("Linear")
    return Case(
        case,
        lambda n: problem(n)[:2],
        n,
        later(builder("scratchml.svm", name, **parameters)),
        peers,
        primal_objective if linear else dual_objective,
        "objective" if linear else "dual",
        target,
        growth,
        {} if name == "OneClassSVM" else {"error": unseen_error(problem, n)},
    )


def _bundled(
    name: str, data: str, target: float, *, scaled: bool = True, note: str = "", **parameters: Any
) -> Case:
    n = {"iris": 113, "wine": 134, "breast_cancer": 427, "digits": 1348, "diabetes": 332}[data]
    kernel = f"-{parameters.get('kernel', 'rbf')}" if not name.startswith("Linear") else ""
    return fit(
        f"{name.lower()}{kernel}-{data.replace('_', '-')}{note}",
        name,
        lambda n: bundled(data, scaled),
        n,
        target,
        **parameters,
    )


def _clusters(name: str, n: int, p: int, target: float, note: str = "", **parameters: Any) -> Case:
    kernel = f"-{parameters.get('kernel', 'rbf')}" if not name.startswith("Linear") else ""
    case = f"{name.lower()}{kernel}-{n}x{p}{note}"
    return fit(case, name, lambda n: clusters(n, p), n, target, **parameters)


def _friedman(name: str, n: int, target: float, **parameters: Any) -> Case:
    kernel = "-rbf" if not name.startswith("Linear") else ""
    case = f"{name.lower()}{kernel}-{n}x10"
    return fit(case, name, lambda n: friedman(n, 10), n, target, **parameters)


# --------------------------------------------------------------------------------- predictions


def _problem(data: str) -> tuple:
    return bundled("digits") if data == "digits" else clusters(20_000, 20)


@cache
def _fitted(library: str, data: str) -> Any:
    X, y, *_ = _problem(data)
    return builder(f"{library}.svm", "SVC")()(X, y)


def _prediction(case: str, data: str, n: int, target: float, *, single: bool = False) -> Case:
    """Return the case of `n` rows predicted, one at a time if `single`."""

    def rows(n: int) -> tuple:
        _fitted("scratchml", data)  # so that a child times the first prediction alone
        return (_problem(data)[2][:n],)

    def build(library: str) -> Callable[[], Callable[..., Any]]:
        def together() -> Callable[..., Any]:
            return _fitted(library, data).predict

        def one_by_one() -> Callable[..., Any]:
            predict = _fitted(library, data).predict
            return lambda X: np.concatenate([predict(X[i : i + 1]) for i in range(len(X))])

        return one_by_one if single else together

    def error(predicted: np.ndarray, X: np.ndarray) -> float:
        return float(np.mean(predicted != _problem(data)[3][: len(X)]))

    peers = {"scikit-learn": build("sklearn")}
    if not single:
        peers["sklearn-intelex"] = build("sklearnex")
    return Case(case, rows, n, later(build("scratchml")), peers, error, "error", target)


CASES = [
    _clusters("SVC", 10_000, 50, 4.0, "-C1", intel=True),
    _clusters("SVC", 10_000, 50, 4.0, "-C100", intel=True, C=100.0),
    _clusters(
        "SVC", 20_000, 20, 4.0, "-C1", intel=True, growth=(4_000, 8_000, 16_000, 32_000)
    ),
    _clusters("SVC", 20_000, 20, 4.0, "-C100", intel=True, C=100.0),
    _clusters("SVC", 5_000, 20, 1.0, kernel="linear", intel=True),
    _clusters("SVC", 5_000, 20, 1.0, kernel="sigmoid", gamma=0.01),
    _clusters("NuSVC", 5_000, 20, 1.0, nu=0.2),
    _clusters("OneClassSVM", 5_000, 20, 1.0, nu=0.1),
    _bundled("SVC", "digits", 2.0, intel=True),
    _bundled("SVC", "digits", 2.0, kernel="poly", intel=True),
    _bundled("SVC", "iris", 1.0, intel=True),
    _bundled("SVC", "wine", 1.0, intel=True),
    _bundled("SVC", "breast_cancer", 1.0, intel=True),
    _bundled("SVC", "breast_cancer", 1.0, kernel="linear", intel=True),
    _bundled("SVC", "breast_cancer", 1.0, scaled=False, note="-raw", kernel="linear"),
    _bundled("SVR", "diabetes", 1.0, C=100.0, epsilon=20.0, intel=True),
    _friedman("SVR", 8_000, 2.0, C=10.0, intel=True),
    _friedman("NuSVR", 4_000, 1.0, C=10.0),
    fit("svc-linear-words-2000", "SVC", words, 2_000, 1.0, kernel="linear"),
    fit("svc-rbf-words-2000", "SVC", words, 2_000, 1.0),
    _prediction("svc-predict-5000x20", "clusters", 5_000, 5.0),
    _prediction("svc-predict-digits", "digits", 449, 5.0),
    _prediction("svc-predict-100-times-1-row", "clusters", 100, 1.0, single=True),
    _clusters("LinearSVC", 20_000, 20, 1.0, random_state=0),
    _bundled("LinearSVC", "digits", 1.0, random_state=0, max_iter=10_000),
    _bundled("LinearSVC", "breast_cancer", 1.0, random_state=0, max_iter=10_000),
    fit("linearsvc-words-20000", "LinearSVC", words, 20_000, 1.0, random_state=0),
    _friedman("LinearSVR", 50_000, 1.0, random_state=0, max_iter=10_000),
]  # fmt: skip
