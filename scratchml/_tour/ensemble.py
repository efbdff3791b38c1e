"""The forests of the tour, and their pictures."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour.entries import Entry
from scratchml._tour.linear_model import draw_mistakes
from scratchml._tour.pictures import (
    BLUE,
    CLASSES,
    GREY,
    ORANGE,
    RED,
    grid_over,
    mix_classes,
    scatter_classes,
)

if TYPE_CHECKING:
    from scratchml._tour.run import Result

SIZES = (30, 40, 55, 75, 100)  # fewer leave rows that are in every bag


def draw_one_and_many(result: Result, figure: Any) -> None:
    """Two hard features: the regions of one tree, and of the forest."""
    names = list(result.data.feature_names)
    pair = [names.index("sepal length (cm)"), names.index("sepal width (cm)")]
    X, y = result.X_test[:, pair], result.y_test
    grid, mesh = grid_over(result.data.data[:, pair])
    for axes, trees in zip(figure.subplots(1, 2, sharey=True), (1, 100), strict=True):
        model = deepcopy(result.model).set_params(n_estimators=trees)
        model.fit(result.X_train[:, pair], result.y_train)
        mix_classes(axes, grid, model.predict_proba(mesh), "nearest")
        scatter_classes(axes, X, y, model.predict(X), CLASSES, result.data.target_names)
        title = "a single tree" if trees == 1 else f"{trees} trees"
        axes.set(title=f"sepals alone, {title}: {model.score(X, y):.3f}", xlabel=names[pair[0]])
    figure.axes[0].set_ylabel(names[pair[1]])


def draw_pixels(result: Result, figure: Any) -> None:
    """Where the forest looks, and how its error falls as trees are added."""
    left, right = figure.subplots(1, 2)
    shares = result.model.feature_importances_.reshape(8, 8)
    shades = left.imshow(100 * shares, cmap="Blues")
    figure.colorbar(shades, ax=left, shrink=0.9, pad=0.02).outline.set_visible(False)
    left.set(title="importance of each pixel, %", xticks=[], yticks=[])
    left.spines[:].set_visible(False)
    votes = np.array([tree.predict_proba(result.X_test) for tree in result.model.estimators_])
    trees = np.arange(1, len(votes) + 1)
    means = np.cumsum(votes, axis=0) / trees[:, None, None]
    errors = 100 * np.mean(means.argmax(axis=2) != result.y_test, axis=1)
    alone = 100 * np.mean(votes.argmax(axis=2) != result.y_test, axis=1)
    right.plot(trees, alone, ".", color="#c5ccd2", ms=4, label="each tree alone")
    right.plot(trees, errors, color=BLUE, label="the first trees together")
    right.annotate(
        f"{errors[-1]:.1f} %", (trees[-1], errors[-1]), xytext=(0, 6), ha="right",
        textcoords="offset points", color=BLUE,
    )  # fmt: skip
    right.set(title="error on held-out images, %", xlabel="trees", ylim=(0, None))
    right.legend(loc="center right")


def draw_cancer(result: Result, figure: Any) -> None:
    """A forest of two features; two measures of importance."""
    left, right = figure.subplots(1, 2)
    names = list(result.data.feature_names)
    pair = [names.index("worst texture"), names.index("worst area")]
    model = deepcopy(result.model).fit(result.X_train[:, pair], result.y_train)
    X, y = result.X_test[:, pair], result.y_test
    grid, mesh = grid_over(result.data.data[:, pair])
    p = model.predict_proba(mesh)[:, 1].reshape(grid[0].shape)
    left.contourf(*grid, p, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.5)
    left.contour(*grid, p, levels=[0.5], colors="#333f48", linewidths=1.2)
    scatter_classes(left, X, y, model.predict(X), (RED, BLUE), result.data.target_names)
    left.set(title="two features", xlabel=names[pair[0]], ylabel=names[pair[1]])
    draw_importances(right, result, 12, "accuracy lost when shuffled")


def draw_importances(axes: Any, result: Result, top: int, loss: str) -> None:
    """Bars of the impurity removed by each feature, and of the score lost when it is shuffled."""
    shares = result.model.feature_importances_
    shuffled = result.library.inspection.permutation_importance(
        result.model, result.X_test, result.y_test, n_repeats=10, random_state=0
    )
    order = np.argsort(shares)[-top:]
    rows = np.arange(len(order))
    axes.barh(rows + 0.2, shares[order], height=0.38, color=BLUE, label="impurity removed")
    axes.barh(
        rows - 0.2, shuffled.importances_mean[order], height=0.38, color=ORANGE, label=loss,
        xerr=shuffled.importances_std[order], error_kw={"elinewidth": 0.8, "ecolor": "#5b6770"},
    )  # fmt: skip
    axes.set_yticks(rows, np.array(result.data.feature_names)[order])
    axes.axvline(0, color=GREY, lw=0.8)
    axes.set_title("importance of the features")
    axes.legend(loc="lower right")


def draw_out_of_bag(result: Result, figure: Any) -> None:
    """Predictions with the spread of the trees; errors by the number of trees."""
    left, right = figure.subplots(1, 2)
    each = np.array([tree.predict(result.X_test) for tree in result.model.estimators_])
    predicted, spread = each.mean(axis=0), each.std(axis=0)
    low, high = result.data.target.min(), result.data.target.max()
    left.plot([low, high], [low, high], color=GREY, lw=1, zorder=0)
    left.vlines(result.y_test, predicted - spread, predicted + spread, color=BLUE, alpha=0.2)
    left.scatter(result.y_test, predicted, color=BLUE, s=22, edgecolor="white", linewidth=0.5)
    left.set(title="held-out patients, ± spread of the trees", xlabel="disease progression")
    left.set_ylabel("predicted")
    draw_errors(right, each, result.y_test)
    model = result.entry.build(result.library)
    model.set_params(warm_start=True, oob_score=root_mean_squared)
    errors = [
        model.set_params(n_estimators=n).fit(result.X_train, result.y_train).oob_score_
        for n in SIZES
    ]
    right.plot(SIZES, errors, color=ORANGE, marker="o", ms=4, label="out of bag")
    right.set(xscale="log", title="root mean squared error, held-out rows", xlabel="trees")
    right.legend()


def draw_errors(axes: Any, each: np.ndarray, y: np.ndarray) -> None:
    """Errors of each member's predictions (members, n), and of the first ones' means."""
    counts = np.arange(1, len(each) + 1)
    alone = [root_mean_squared(y, p) for p in each]
    together = [root_mean_squared(y, p) for p in np.cumsum(each, axis=0) / counts[:, None]]
    axes.plot(counts, alone, ".", color="#c5ccd2", label="each alone")
    axes.plot(counts, together, color=BLUE, label="the first together")


def root_mean_squared(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Return the root mean squared error."""
    return float(np.sqrt(np.mean((np.ravel(y_true) - np.ravel(y_pred)) ** 2)))


def draw_sizes(result: Result, figure: Any) -> None:
    """Held-out R^2 over the leaf size and the columns tried, and importances."""
    left, right = figure.subplots(1, 2)
    leaves, columns = (1, 2, 3, 5, 8, 12, 20), (1, 2, 3, 5, 7, 10)
    model = deepcopy(result.model).set_params(n_estimators=30)
    scores = [
        [
            model.set_params(max_features=m, min_samples_leaf=leaf)
            .fit(result.X_train, result.y_train)
            .score(result.X_test, result.y_test)
            for leaf in leaves
        ]
        for m in columns
    ]
    shades = left.imshow(scores, cmap="YlGnBu", aspect="auto", origin="lower")
    middle = (np.min(scores) + np.max(scores)) / 2
    for (i, k), score in np.ndenumerate(scores):
        colour = "white" if score > middle else "#333f48"
        left.text(k, i, f"{score:.2f}", ha="center", va="center", fontsize=7.5, color=colour)
    figure.colorbar(shades, ax=left, shrink=0.9, pad=0.02).outline.set_visible(False)
    left.set_xticks(range(len(leaves)), leaves)
    left.set_yticks(range(len(columns)), columns)
    left.set(title="held-out R²", xlabel="min_samples_leaf", ylabel="max_features")
    left.spines[:].set_visible(False)
    left.tick_params(length=0)
    draw_importances(right, result, 10, "R² lost when shuffled")


def draw_votes(result: Result, figure: Any) -> None:
    """The boundaries of single models and of their mean; how the votes fall."""
    left, right = figure.subplots(1, 2)
    names = list(result.data.feature_names)
    pair = [names.index("worst texture"), names.index("worst area")]
    model = deepcopy(result.model).fit(result.X_train[:, pair], result.y_train)
    X, y = result.X_test[:, pair], result.y_test
    grid, mesh = grid_over(result.data.data[:, pair])
    for member in model.estimators_[:20]:
        p = member.predict_proba(mesh)[:, 1].reshape(grid[0].shape)
        left.contour(*grid, p, levels=[0.5], colors=GREY, linewidths=0.5, alpha=0.6)
    p = model.predict_proba(mesh)[:, 1].reshape(grid[0].shape)
    left.contour(*grid, p, levels=[0.5], colors="#333f48", linewidths=2)
    scatter_classes(left, X, y, model.predict(X), (RED, BLUE), result.data.target_names)
    left.set(title="two features: 20 models, and the mean", xlabel=names[pair[0]])
    left.set_ylabel(names[pair[1]])
    benign = 100 * result.model.predict_proba(result.X_test)[:, 1]
    edges = np.linspace(0, 100, 21)
    for k, colour in enumerate((RED, BLUE)):
        counts = np.histogram(benign[result.y_test == k], edges)[0]
        bars = counts if k else -counts
        name = result.data.target_names[k]
        right.bar(edges[:-1] + 2.5, bars, width=4.4, color=colour, label=name)
    right.axhline(0, color=GREY, lw=0.8)
    right.axvline(50, color=GREY, lw=1, ls="--")
    right.set(title="all features: held-out rows by vote", xlabel="probability of benign, %")
    right.set_yticks([])
    right.spines["left"].set_visible(False)
    right.legend(loc="lower right")


def draw_bag(result: Result, figure: Any) -> None:
    """The curves of the bagged models for one feature; errors by their number."""
    left, right = figure.subplots(1, 2)
    j = list(result.data.feature_names).index("bmi")
    x, y = result.X_train[:, [j]], result.y_train
    at = np.linspace(x.min(), x.max(), 400)[:, None]
    model = deepcopy(result.model).set_params(estimator__min_samples_leaf=20).fit(x, y)
    curves = np.array([member.predict(at) for member in model.estimators_])
    left.scatter(x, y, s=9, color="#c5ccd2")
    for curve in curves[:15]:
        left.plot(at, curve, color=GREY, lw=0.5, alpha=0.5)
    left.plot(at, curves.mean(axis=0), color=BLUE, lw=2)
    left.set(title="one feature: 15 models, and the mean", xlabel="bmi")
    left.set_ylabel("disease progression")
    each = np.array([member.predict(result.X_test) for member in result.model.estimators_])
    draw_errors(right, each, result.y_test)
    right.set(title="root mean squared error, held-out rows", xlabel="models")
    right.legend(loc="upper right")


ENTRIES = (
    Entry(
        "forest-iris", "RandomForestClassifier", "iris",
        lambda lib: lib.ensemble.RandomForestClassifier(random_state=0),
        draw_one_and_many, classify=True, seeds=10,
    ),
    Entry(
        "forest-breast-cancer", "RandomForestClassifier", "breast_cancer",
        lambda lib: lib.ensemble.RandomForestClassifier(random_state=0),
        draw_cancer, classify=True, seeds=10,
    ),
    Entry(
        "forest-digits", "RandomForestClassifier", "digits",
        lambda lib: lib.ensemble.RandomForestClassifier(random_state=0),
        draw_pixels, classify=True, seeds=10,
    ),
    Entry(
        "forest-diabetes", "RandomForestRegressor", "diabetes",
        lambda lib: lib.ensemble.RandomForestRegressor(min_samples_leaf=5, random_state=0),
        draw_out_of_bag, seeds=10,
    ),
    Entry(
        "extra-trees-digits", "ExtraTreesClassifier", "digits",
        lambda lib: lib.ensemble.ExtraTreesClassifier(random_state=0),
        draw_mistakes, classify=True, seeds=10,
    ),
    Entry(
        "extra-trees-diabetes", "ExtraTreesRegressor", "diabetes",
        lambda lib: lib.ensemble.ExtraTreesRegressor(
            min_samples_leaf=3, max_features=0.5, random_state=0
        ),
        draw_sizes, seeds=10,
    ),
    Entry(
        "bagging-breast-cancer", "BaggingClassifier", "breast_cancer",
        lambda lib: lib.ensemble.BaggingClassifier(
            lib.tree.DecisionTreeClassifier(), n_estimators=50, random_state=0
        ),
        draw_votes, classify=True, seeds=10,
    ),
    Entry(
        "bagging-diabetes", "BaggingRegressor", "diabetes",
        lambda lib: lib.ensemble.BaggingRegressor(
            lib.tree.DecisionTreeRegressor(min_samples_leaf=5), n_estimators=50, random_state=0
        ),
        draw_bag, seeds=10,
    ),
)  # fmt: skip
