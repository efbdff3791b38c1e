"""The support vector machines of the tour that classify, and their pictures."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour.entries import Entry
from scratchml._tour.linear_model import draw_confusion
from scratchml._tour.pictures import BLUE, CLASSES, GREY, ORANGE, RED, grid_over, scatter_classes

if TYPE_CHECKING:
    from scratchml._tour.run import Result

INK = "#333f48"
CS, GAMMAS = np.logspace(-2, 3, 11), np.logspace(-4, 0, 9)


class Novelty:
    """A detector of what is unlike the last class, scored as a classifier.

    Parameters
    ----------
    detector : estimator
        Its `predict` returns 1 for what resembles its training rows, else -1.
    """

    def __init__(self, detector: Any) -> None:
        self.detector = detector

    def fit(self, X: np.ndarray, y: np.ndarray) -> Novelty:
        """Fit to the rows of the last class, which are the usual ones."""
        self.detector.fit(X[y == y.max()])
        return self

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        """Return the share of rows told rightly."""
        return float(np.mean((self.detector.predict(X) == 1) == (y == y.max())))


# --------------------------------------------------------------------------------- parts


def two_features(
    result: Result, first: str, second: str, model: Any = None
) -> tuple[Any, list[int]]:
    """Return the entry's model, or `model`, fitted to two features, and their columns."""
    names = list(result.data.feature_names)
    pair = [names.index(first), names.index(second)]
    model = deepcopy(model or result.model)
    return model.fit(result.X_train[:, pair], result.y_train), pair


def draw_margin(axes: Any, result: Result, model: Any, pair: list[int]) -> None:
    """The decision values of a model of two features, its margin and its support vectors."""
    X, y = result.X_train[:, pair], result.y_train
    grid, mesh = grid_over(X)
    f = model.decision_function(mesh).reshape(grid[0].shape)
    axes.contourf(*grid, f, levels=np.linspace(-3, 3, 13), cmap="RdBu", alpha=0.45, extend="both")
    axes.contour(
        *grid, f, levels=[-1, 0, 1], colors=INK, linewidths=(0.9, 1.8, 0.9),
        linestyles=("dashed", "solid", "dashed"),
    )  # fmt: skip
    for k, colour in enumerate((RED, BLUE)):
        axes.scatter(
            *X[y == k].T, s=12, color=colour, edgecolor="white", linewidth=0.3,
            label=result.data.target_names[k],
        )  # fmt: skip
    sides = np.where(y == y.max(), 1, -1)
    held = X[sides * model.decision_function(X) <= 1.001]  # on the margin, or within it
    axes.scatter(*held.T, s=34, facecolor="none", edgecolor=INK, lw=0.7, label="support vectors")
    names = result.data.feature_names
    axes.set(xlabel=names[pair[0]], ylabel=names[pair[1]])
    axes.legend(loc="upper right", frameon=True, framealpha=0.85, edgecolor="none")


def draw_scores(figure: Any, axes: Any, result: Result) -> None:
    """Accuracy of held-out rows over both parameters."""
    model = deepcopy(result.model)
    scores = np.empty((len(CS), len(GAMMAS)))
    for (i, k), _ in np.ndenumerate(scores):
        model[-1].set_params(C=CS[i], gamma=GAMMAS[k])
        model.fit(result.X_train, result.y_train)
        scores[i, k] = model.score(result.X_test, result.y_test)
    shades = axes.pcolormesh(GAMMAS, CS, scores, cmap="YlGnBu", shading="nearest")
    figure.colorbar(shades, ax=axes, shrink=0.9, pad=0.02).outline.set_visible(False)
    chosen = result.model[-1]
    axes.plot(chosen.gamma, chosen.C, "o", mfc="white", mec=RED, mew=1.8, ms=8)
    axes.set(xscale="log", yscale="log", xlabel="gamma", ylabel="C")


# --------------------------------------------------------------------------------- pictures


def draw_cancer(result: Result, figure: Any) -> None:
    """Margin and support vectors of two features; accuracy over C and gamma."""
    left, right = figure.subplots(1, 2)
    model, pair = two_features(result, "worst texture", "worst area")
    draw_margin(left, result, model, pair)
    score = model.score(result.X_test[:, pair], result.y_test)
    left.set_title(f"two features: {score:.3f} of held-out rows")
    draw_scores(figure, right, result)
    right.set_title("all 30 features: held-out accuracy")


def draw_digits(result: Result, figure: Any) -> None:
    """The confusion matrix; the training images that hold two digits apart."""
    left, right = figure.subfigures(1, 2, width_ratios=(5, 4))
    draw_confusion(left.subplots(), result)
    model, (one, other) = result.model, (3, 8)
    ends = np.cumsum(model.n_support_)
    title = f"{len(model.support_):,} support vectors; the strongest between {one} and {other}"
    right.suptitle(title, x=0.02, ha="left", fontsize=9.5, weight="bold")
    for k, row, cells in zip((one, other), (other - 1, one), right.subplots(2, 5), strict=True):
        mine = np.arange(ends[k] - model.n_support_[k], ends[k])
        pull = np.abs(model.dual_coef_[row, mine])
        for cell, i in zip(cells, np.argsort(-pull)[:5], strict=True):
            image = model.support_vectors_[mine[i]].reshape(8, 8)
            cell.imshow(image, cmap="gray_r", interpolation="nearest")
            cell.set_title(f"{k}, alpha {pull[i]:.2f}", fontsize=8, fontweight="normal")
            cell.set(xticks=[], yticks=[])
            cell.spines[:].set_visible(True)


def draw_regions(result: Result, figure: Any) -> None:
    """The regions of three classes and their support vectors, for two values of nu."""
    lib, names = result.library, ("petal length (cm)", "petal width (cm)")
    for axes, nu in zip(figure.subplots(1, 2, sharey=True), (0.05, 0.5), strict=True):
        model = deepcopy(result.model)
        model[-1].set_params(nu=nu)
        model, pair = two_features(result, *names, model=model)
        X, y = result.X_test[:, pair], result.y_test
        grid, mesh = grid_over(result.data.data[:, pair])
        regions = model.predict(mesh).reshape(grid[0].shape)
        axes.contourf(*grid, regions, levels=[-0.5, 0.5, 1.5, 2.5], colors=CLASSES, alpha=0.22)
        held = result.X_train[model[-1].support_][:, pair]
        axes.scatter(*held.T, s=20, color=INK, marker="+", lw=0.9, label="support vectors")
        scatter_classes(axes, X, y, model.predict(X), CLASSES, result.data.target_names)
        score = lib.metrics.accuracy_score(y, model.predict(X))
        title = f"petals alone, nu = {nu}: {score:.3f}, {len(held)} support vectors"
        axes.set(title=title, xlabel=names[0])
        axes.legend(loc="upper left", frameon=True, framealpha=0.85, edgecolor="none")
    figure.axes[0].set_ylabel(names[1])


def draw_novelty(result: Result, figure: Any) -> None:
    """What resembles the benign rows, in two features; the scores of the held-out rows."""
    left, right = figure.subplots(1, 2)
    names = list(result.data.feature_names)
    pair = [names.index("worst texture"), names.index("worst area")]
    model = deepcopy(result.model).fit(result.X_train[:, pair], result.y_train).detector
    X, y = result.X_test, result.y_test
    grid, mesh = grid_over(result.data.data[:, pair])
    f = model.decision_function(mesh).reshape(grid[0].shape)
    left.contourf(*grid, f, levels=9, cmap="Blues", alpha=0.6)
    left.contour(*grid, f, levels=[0], colors=INK, linewidths=1.8)
    said = (model.predict(X[:, pair]) == 1).astype(int)
    scatter_classes(left, X[:, pair], y, said, (RED, BLUE), result.data.target_names)
    left.set(title="two features, learned from benign rows alone", xlabel=names[pair[0]])
    left.set_ylabel(names[pair[1]])
    scores = np.maximum(result.model.detector.decision_function(X), -20)
    edges = np.linspace(scores.min(), scores.max(), 40)
    for k, colour in enumerate((RED, BLUE)):
        counts, _ = np.histogram(scores[y == k], edges)
        name = result.data.target_names[k]
        bars = counts if k else -counts
        right.bar(edges[:-1], bars, np.diff(edges), align="edge", color=colour, label=name)
    right.axhline(0, color=GREY, lw=0.8)
    right.axvline(0, color=GREY, lw=1, ls="--")
    right.set(title="all features: held-out rows by decision value", xlabel="like benign rows")
    right.set_yticks([])
    right.spines["left"].set_visible(False)
    right.legend(loc="upper left")


def draw_weights(result: Result, figure: Any) -> None:
    """A straight margin of two features; the weights of all for three strengths of penalty."""
    left, right = figure.subplots(1, 2)
    model, pair = two_features(result, "worst texture", "worst area")
    draw_margin(left, result, model, pair)
    score = model.score(result.X_test[:, pair], result.y_test)
    left.set_title(f"two features: {score:.3f} of held-out rows")
    order = np.argsort(np.abs(result.model[-1].coef_[0]))[-12:]
    rows = np.arange(len(order))
    for C, colour, shift in ((0.001, GREY, 0.27), (0.01, ORANGE, 0.0), (1.0, BLUE, -0.27)):
        model = deepcopy(result.model)
        model[-1].set_params(C=C)
        weights = model.fit(result.X_train, result.y_train)[-1].coef_[0]
        right.barh(rows + shift, weights[order], height=0.25, color=colour, label=f"C = {C:g}")
    right.set_yticks(rows, np.array(result.data.feature_names)[order])
    right.axvline(0, color=GREY, lw=0.8)
    right.set(title="weights of the strongest features")
    right.legend(loc="lower left")


def scaled(library: Any, machine: Any) -> Any:
    """Standardise, then `machine`."""
    return library.pipeline.make_pipeline(library.preprocessing.StandardScaler(), machine)


# Tolerances are those at which different solvers agree on every row, or on R^2 to six digits.
ENTRIES = (
    Entry(
        "svc-breast-cancer", "SVC", "breast_cancer",
        lambda lib: scaled(lib, lib.svm.SVC(C=10.0, gamma=0.01, tol=1e-6)),
        draw_cancer, classify=True,
    ),
    Entry(
        "svc-digits", "SVC", "digits",
        lambda lib: lib.svm.SVC(C=10.0, gamma=0.001, tol=1e-6), draw_digits, classify=True,
    ),
    Entry(
        "nu-svc-iris", "NuSVC", "iris",
        lambda lib: scaled(lib, lib.svm.NuSVC(nu=0.2, tol=1e-6)), draw_regions, classify=True,
    ),
    Entry(
        "one-class-svm-breast-cancer", "OneClassSVM", "breast_cancer",
        lambda lib: Novelty(scaled(lib, lib.svm.OneClassSVM(gamma=0.03, nu=0.1, tol=1e-6))),
        draw_novelty, classify=True,
    ),
    Entry(
        "linear-svc-breast-cancer", "LinearSVC", "breast_cancer",
        lambda lib: scaled(
            lib, lib.svm.LinearSVC(C=0.01, tol=1e-8, max_iter=100_000, random_state=0)
        ),
        draw_weights, classify=True,
    ),
)  # fmt: skip
