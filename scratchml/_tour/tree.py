"""The decision trees of the tour, and their pictures."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour.entries import Entry
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


def draw_tree(result: Result, figure: Any) -> None:
    """The fitted tree, and one of two features beside the rectangles that it cuts."""
    left, right = figure.subplots(1, 2, width_ratios=(5, 4))
    names = list(result.data.feature_names)
    result.library.tree.plot_tree(
        result.model, ax=left, feature_names=names, class_names=list(result.data.target_names),
        filled=True, rounded=True, impurity=False, precision=2, fontsize=6,
    )  # fmt: skip
    left.set_title("all four features")
    pair = [names.index("petal length (cm)"), names.index("petal width (cm)")]
    model = deepcopy(result.model).fit(result.X_train[:, pair], result.y_train)
    grid, mesh = grid_over(result.data.data[:, pair])
    mix_classes(right, grid, model.predict_proba(mesh), "nearest")
    X, y = result.X_test[:, pair], result.y_test
    scatter_classes(right, X, y, model.predict(X), CLASSES, result.data.target_names)
    right.legend(loc="lower right", frameon=True, framealpha=0.85, edgecolor="none")
    right.set(title="two features", xlabel=names[pair[0]], ylabel=names[pair[1]])


def draw_pruning(result: Result, figure: Any) -> None:
    """The steps of a tree of two features, and what pruning the whole tree does to its scores."""
    left, right = figure.subplots(1, 2)
    names = list(result.data.feature_names)
    pair = [names.index("bmi"), names.index("s5")]
    X, y = result.data.data[:, pair], result.data.target
    model = deepcopy(result.model).fit(result.X_train[:, pair], result.y_train)
    grid, mesh = grid_over(X)
    shades = left.pcolormesh(
        *grid, model.predict(mesh).reshape(grid[0].shape), cmap="YlGnBu",
        vmin=y.min(), vmax=y.max(),
    )  # fmt: skip
    left.scatter(*X.T, c=y, cmap="YlGnBu", s=18, edgecolor="#333f48", linewidth=0.5)
    figure.colorbar(shades, ax=left, shrink=0.9, pad=0.02).outline.set_visible(False)
    left.set(title="two features: mean of each leaf", xlabel="bmi", ylabel="s5")
    _draw_path(right, result)


def _draw_path(axes: Any, result: Result) -> None:
    """R^2 of both parts along the path of pruning, beside the number of leaves."""
    full = deepcopy(result.model).set_params(min_samples_leaf=1)
    alphas = full.cost_complexity_pruning_path(result.X_train, result.y_train).ccp_alphas
    alphas = alphas[np.linspace(0, len(alphas) - 2, 40).astype(int)]
    models = [
        deepcopy(full).set_params(ccp_alpha=max(alpha, 0.0)).fit(result.X_train, result.y_train)
        for alpha in alphas
    ]
    leaves = [model.get_n_leaves() for model in models]
    for X, y, colour, name in (
        (result.X_train, result.y_train, ORANGE, "training rows"),
        (result.X_test, result.y_test, BLUE, "held-out rows"),
    ):
        scores = [model.score(X, y) for model in models]
        axes.plot(leaves, scores, color=colour, marker=".", label=name)
    axes.axhline(0, color=GREY, lw=0.8)
    axes.set(xscale="log", title="pruned to fewer leaves: R²", xlabel="leaves", ylim=(-0.6, 1.03))
    axes.legend(loc="upper left")


def draw_splitters(result: Result, figure: Any) -> None:
    """Two features: regions of the best splits, and of splits drawn at random."""
    lib, names = result.library, list(result.data.feature_names)
    pair = [names.index("worst texture"), names.index("worst area")]
    X, y = result.X_test[:, pair], result.y_test
    grid, mesh = grid_over(result.data.data[:, pair])
    options = {"min_samples_leaf": 5, "random_state": 0}
    for axes, model, title in zip(
        figure.subplots(1, 2, sharey=True),
        (lib.tree.DecisionTreeClassifier(**options), lib.tree.ExtraTreeClassifier(**options)),
        ("two features, best splits", "two features, random splits"),
        strict=True,
    ):
        model.fit(result.X_train[:, pair], result.y_train)
        p = model.predict_proba(mesh)[:, 1].reshape(grid[0].shape)
        axes.pcolormesh(*grid, p, cmap="RdBu", vmin=0, vmax=1, alpha=0.5, linewidth=0)
        scatter_classes(axes, X, y, model.predict(X), (RED, BLUE), result.data.target_names)
        axes.set(title=f"{title}: {model.score(X, y):.3f}", xlabel=names[pair[0]])
    figure.axes[0].set_ylabel(names[pair[1]])


def draw_random_steps(result: Result, figure: Any) -> None:
    """One feature: a tree of random splits, and the mean of many."""
    left, right = figure.subplots(1, 2, sharey=True)
    names = list(result.data.feature_names)
    for axes, name in zip((left, right), ("bmi", "s5"), strict=True):
        j = names.index(name)
        x, y = result.X_train[:, [j]], result.y_train
        at = np.linspace(x.min(), x.max(), 500)[:, None]
        curves = [
            deepcopy(result.model).set_params(random_state=seed).fit(x, y).predict(at)
            for seed in range(100)
        ]
        axes.scatter(x, y, s=9, color="#c5ccd2")
        axes.plot(at, curves[0], color=ORANGE, lw=1.2, label="one random tree")
        axes.plot(at, np.mean(curves, axis=0), color=BLUE, lw=2, label="mean of 100")
        axes.set(title=f"one feature: {name}", xlabel=name)
    left.set_ylabel("disease progression")
    left.legend(loc="upper left")


ENTRIES = (
    Entry(
        "tree-iris", "DecisionTreeClassifier", "iris",
        lambda lib: lib.tree.DecisionTreeClassifier(max_depth=3, random_state=0),
        draw_tree, classify=True,
    ),
    Entry(
        "tree-diabetes", "DecisionTreeRegressor", "diabetes",
        lambda lib: lib.tree.DecisionTreeRegressor(min_samples_leaf=20, random_state=0),
        draw_pruning,
    ),
    Entry(
        "extra-tree-breast-cancer", "ExtraTreeClassifier", "breast_cancer",
        lambda lib: lib.tree.ExtraTreeClassifier(min_samples_leaf=5, random_state=0),
        draw_splitters, classify=True, seeds=10,
    ),
    Entry(
        "extra-tree-diabetes", "ExtraTreeRegressor", "diabetes",
        lambda lib: lib.tree.ExtraTreeRegressor(max_depth=5, random_state=0),
        draw_random_steps, seeds=10,
    ),
)  # fmt: skip
