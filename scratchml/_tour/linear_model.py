"""The linear models of the tour, and their pictures."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour.entries import Entry
from scratchml._tour.pictures import (
    BLUE,
    CLASSES,
    GREEN,
    GREY,
    ORANGE,
    RED,
    grid_over,
    mix_classes,
    scatter_classes,
)

if TYPE_CHECKING:
    from scratchml._tour.run import Result

ALPHAS = np.logspace(-3, 1, 41)


def draw_predictions(result: Result, figure: Any) -> None:
    """Predicted beside true values, and what is left of them."""
    left, right = figure.subplots(1, 2)
    predicted = result.model.predict(result.X_test)
    residuals = result.y_test - predicted
    low, high = result.data.target.min(), result.data.target.max()
    left.plot([low, high], [low, high], color=GREY, lw=1, zorder=0)
    points = {"s": 26, "alpha": 0.75, "edgecolor": "white", "linewidth": 0.5}
    left.vlines(result.y_test, predicted, result.y_test, color=BLUE, alpha=0.18, lw=1)
    left.scatter(result.y_test, predicted, color=BLUE, **points)
    left.set(title="held-out patients", xlabel="disease progression", ylabel="predicted")
    right.axhline(0, color=GREY, lw=1, zorder=0)
    right.scatter(predicted, residuals, color=ORANGE, **points)
    spread = residuals.std()
    right.axhspan(-spread, spread, color=ORANGE, alpha=0.10, lw=0)
    right.text(predicted.max(), spread, f"± {spread:.0f}", ha="right", va="bottom", color=ORANGE)
    right.set(title="residuals", xlabel="predicted", ylabel="true − predicted")


def _path(result: Result, alphas: np.ndarray, **params: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients and the R^2 of the test part for each alpha."""
    models = [
        deepcopy(result.model).set_params(alpha=alpha, **params).fit(result.X_train, result.y_train)
        for alpha in alphas
    ]
    scores = [model.score(result.X_test, result.y_test) for model in models]
    return np.array([model.coef_ for model in models]), np.array(scores)


def draw_path(result: Result, figure: Any) -> None:
    """The coefficients as the penalty grows, and the scores of held-out rows."""
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    alphas = ALPHAS
    coefs, scores = _path(result, alphas)
    last = coefs[0]
    strongest = np.argsort(-np.abs(last))[:6]
    colours = dict(zip(strongest, (BLUE, ORANGE, RED, GREEN, "#7b4f9d", "#159a9c"), strict=True))
    for j, name in enumerate(result.data.feature_names):
        colour = colours.get(j, "#c5ccd2")
        left.plot(alphas, coefs[:, j], color=colour, zorder=2 if j in colours else 1)
        if j in colours:
            left.annotate(
                name, (alphas[0], last[j]), xytext=(-4, 0), textcoords="offset points",
                ha="right", va="center", color=colour, fontsize=8,
            )  # fmt: skip
    left.set(xscale="log", title="coefficients", xlabel="alpha", xlim=(alphas[0] / 2.6, alphas[-1]))
    left.axhline(0, color=GREY, lw=0.8)
    used = np.count_nonzero(coefs, axis=1)
    right.plot(alphas, scores, color=BLUE)
    right.set(xscale="log", title="held-out R²", xlabel="alpha")
    for axes in (left, right):
        axes.axvline(result.model.alpha, color=GREY, lw=1, ls="--")
    right.annotate(
        f"alpha = {result.model.alpha:g}", (result.model.alpha, right.get_ylim()[0]),
        xytext=(4, 4), textcoords="offset points", color=GREY,
    )  # fmt: skip
    if used.min() < used.max():
        count = right.twinx()
        count.step(alphas, used, color=ORANGE, where="mid")
        count.set_ylabel("features in use", color=ORANGE)
        count.set_ylim(0, used.max() + 1)
        count.tick_params(colors=ORANGE)


def draw_cross_validation(result: Result, figure: Any) -> None:
    """The error left out by cross-validation for each alpha, beside that of held-out rows."""
    left, right = figure.subplots(1, 2)
    X, y = result.X_train, result.y_train
    errors = []
    for alpha in ALPHAS:
        model = deepcopy(result.model).set_params(alphas=[alpha]).fit(X, y)
        held_out = np.mean((result.y_test - model.predict(result.X_test)) ** 2)
        errors.append((-model.best_score_, held_out))
    chosen = result.model.alpha_
    for curve, colour, name in zip(
        np.sqrt(errors).T, (BLUE, ORANGE), ("left-one-out", "held-out rows"), strict=True
    ):
        left.plot(ALPHAS, curve, color=colour, label=name)
    left.axvline(chosen, color=GREY, lw=1, ls="--")
    left.annotate(
        f"chosen: {chosen:.3g}", (chosen, left.get_ylim()[1]), xytext=(4, -10),
        textcoords="offset points", color=GREY,
    )  # fmt: skip
    left.set(xscale="log", title="root mean squared error", xlabel="alpha")
    left.legend()
    names = np.array(result.data.feature_names)
    order = np.argsort(np.abs(result.model.coef_))
    plain = deepcopy(result.model).set_params(alphas=[1e-9]).fit(X, y).coef_
    rows = np.arange(len(order))
    right.barh(rows, result.model.coef_[order], color=BLUE, height=0.6, label="ridge")
    right.scatter(plain[order], rows, color=ORANGE, s=22, zorder=3, label="least squares")
    right.set_yticks(rows, names[order])
    right.axvline(0, color=GREY, lw=0.8)
    right.set(title="coefficients")
    right.legend(loc="lower right")


def draw_two_penalties(result: Result, figure: Any) -> None:
    """Held-out R^2, and the features in use, over both parameters."""
    left, right = figure.subplots(1, 2)
    alphas, ratios = np.logspace(-3, 0.5, 29), np.linspace(0.05, 1, 20)
    paths = [_path(result, alphas, l1_ratio=ratio) for ratio in ratios]
    scores = np.array([scores for _, scores in paths])
    used = np.array([np.count_nonzero(coefs, axis=1) for coefs, _ in paths])
    model = result.model
    for axes, values, colours, title in (
        (left, np.maximum(scores, 0), "YlGnBu", "held-out R²"),
        (right, used, "Oranges", "features in use"),
    ):
        shades = axes.pcolormesh(alphas, ratios, values, cmap=colours, shading="nearest")
        figure.colorbar(shades, ax=axes, shrink=0.9, pad=0.02).outline.set_visible(False)
        axes.plot(model.alpha, model.l1_ratio, "o", mfc="white", mec=RED, mew=1.8, ms=8)
        axes.set(xscale="log", title=title, xlabel="alpha", ylabel="l1_ratio")
    lines = left.contour(
        alphas, ratios, scores, levels=[0.2, 0.3, 0.35], colors="white", linewidths=1
    )
    left.clabel(lines, fontsize=7.5)


def draw_boundary(result: Result, figure: Any) -> None:
    """A boundary that bends by products of two features; the ROC curve of the whole model."""
    left, right = figure.subplots(1, 2)
    names = list(result.data.feature_names)
    pair = [names.index("worst texture"), names.index("worst area")]
    lib = result.library
    model = lib.pipeline.make_pipeline(
        lib.preprocessing.StandardScaler(),
        lib.preprocessing.PolynomialFeatures(2, include_bias=False),
        lib.linear_model.LogisticRegression(C=10.0, max_iter=1000),
    ).fit(result.X_train[:, pair], result.y_train)
    X, y = result.X_test[:, pair], result.y_test
    grid, mesh = grid_over(result.data.data[:, pair])
    p = model.predict_proba(mesh)[:, 1].reshape(grid[0].shape)
    left.contourf(*grid, p, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.5)
    line = left.contour(
        *grid, p, levels=[0.1, 0.5, 0.9], colors="#333f48", linewidths=(0.7, 1.6, 0.7)
    )
    left.clabel(line, fontsize=7.5)
    scatter_classes(left, X, y, model.predict(X), (RED, BLUE), result.data.target_names)
    left.set(title="two features and their products", xlabel=names[pair[0]], ylabel=names[pair[1]])
    score = result.model.decision_function(result.X_test)
    false, true, _ = lib.metrics.roc_curve(y, score)
    area = lib.metrics.roc_auc_score(y, score)
    right.plot([0, 1], [0, 1], color=GREY, lw=1)
    right.fill_between(false, true, color=BLUE, alpha=0.12, lw=0)
    right.plot(false, true, color=BLUE)
    right.set(title=f"all 30 features: ROC curve, area {area:.4f}", aspect="equal")
    right.set(xlabel="malignant called benign", ylabel="benign called benign")


def draw_regions(result: Result, figure: Any) -> None:
    """Classes in the plane of two principal components, colours mixed by probability."""
    left, right = figure.subplots(1, 2)
    lib = result.library
    scaler = lib.preprocessing.StandardScaler().fit(result.X_train)
    train, test = scaler.transform(result.X_train), scaler.transform(result.X_test)
    axes_of_plane = np.linalg.svd(train, full_matrices=False)[2][:2].T  # (p, 2)
    model = lib.linear_model.LogisticRegression().fit(train @ axes_of_plane, result.y_train)
    points = test @ axes_of_plane
    grid, mesh = grid_over(np.vstack([train, test]) @ axes_of_plane)
    p = model.predict_proba(mesh)  # (m, 3)
    mix_classes(left, grid, p)
    sure = p.max(axis=1).reshape(grid[0].shape)
    left.contour(*grid, sure, levels=[0.6, 0.9], colors="white", linewidths=0.8, alpha=0.8)
    names = [f"grower {k + 1}" for k in range(3)]
    scatter_classes(left, points, result.y_test, model.predict(points), CLASSES, names)
    left.set(title="two principal components", xlabel="first", ylabel="second")
    _draw_weights(right, result)


def _draw_weights(axes: Any, result: Result) -> None:
    """The weights of all features for each class."""
    weights = result.model[-1].coef_.T  # (p, K)
    limit = np.abs(weights).max()
    axes.imshow(weights, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto")
    axes.set_yticks(range(len(weights)), result.data.feature_names)
    axes.set_xticks(range(3), [f"grower {k + 1}" for k in range(3)])
    for (i, k), weight in np.ndenumerate(weights):
        colour = "white" if abs(weight) > 0.6 * limit else "#333f48"
        axes.text(k, i, f"{weight:.2f}", ha="center", va="center", fontsize=7, color=colour)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title("all 13 features: weights")


def draw_mistakes(result: Result, figure: Any) -> None:
    """The confusion matrix, and the test images that were mistaken with most conviction."""
    left, right = figure.subfigures(1, 2, width_ratios=(5, 4))
    predicted = draw_confusion(left.subplots(), result)
    p = result.model.predict_proba(result.X_test)
    missing = p.max(axis=1) - p[np.arange(len(p)), result.y_test]
    worst = [i for i in np.argsort(-missing) if predicted[i] != result.y_test[i]]
    right.suptitle("read wrongly, and how surely", x=0.02, ha="left", fontsize=9.5, weight="bold")
    cells = right.subplots(3, 4).ravel()
    for cell in cells[len(worst) :]:
        cell.set_axis_off()
    for cell, i in zip(cells, worst, strict=False):
        cell.imshow(result.X_test[i].reshape(8, 8), cmap="gray_r", interpolation="nearest")
        text = f"{result.y_test[i]} as {predicted[i]}, {p[i].max():.0%}"
        cell.set_title(text, fontsize=8, fontweight="normal", loc="center")
        cell.set(xticks=[], yticks=[])
        cell.spines[:].set_visible(True)


def draw_confusion(axes: Any, result: Result) -> np.ndarray:
    """The confusion matrix of the digits; returns what was predicted."""
    predicted = result.model.predict(result.X_test)
    counts = result.library.metrics.confusion_matrix(result.y_test, predicted)
    wrong = np.where(np.eye(len(counts)) == 1, np.nan, counts)
    axes.imshow(np.where(np.eye(len(counts)) == 1, 0.0, np.nan), cmap="Blues", vmin=-1, vmax=2)
    axes.imshow(
        np.where(wrong > 0, wrong, np.nan), cmap="Oranges", vmin=-1, vmax=np.nanmax(wrong) + 1
    )
    for (i, k), count in np.ndenumerate(counts):
        if count:
            axes.text(k, i, count, ha="center", va="center", fontsize=8)
    axes.set(
        title="confusion matrix",
        xlabel="predicted",
        ylabel="digit",
        xticks=range(10),
        yticks=range(10),
    )
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return predicted


def _logistic(library: Any) -> Any:
    """Scale, then classify; with a tolerance at which different solvers agree on every row."""
    return library.pipeline.make_pipeline(
        library.preprocessing.StandardScaler(),
        library.linear_model.LogisticRegression(tol=1e-6, max_iter=1000),
    )


ENTRIES = (
    Entry(
        "linear-regression", "LinearRegression", "diabetes",
        lambda lib: lib.linear_model.LinearRegression(), draw_predictions,
    ),
    Entry(
        "ridge", "Ridge", "diabetes",
        lambda lib: lib.linear_model.Ridge(alpha=0.1), draw_path,
    ),
    Entry(
        "ridge-cv", "RidgeCV", "diabetes",
        lambda lib: lib.linear_model.RidgeCV(alphas=ALPHAS), draw_cross_validation,
    ),
    Entry(
        "lasso", "Lasso", "diabetes",
        lambda lib: lib.linear_model.Lasso(alpha=0.1, tol=1e-8), draw_path,
    ),
    Entry(
        "elastic-net", "ElasticNet", "diabetes",
        lambda lib: lib.linear_model.ElasticNet(alpha=0.01, l1_ratio=0.7, tol=1e-8),
        draw_two_penalties,
    ),
    Entry(
        "logistic-breast-cancer", "LogisticRegression", "breast_cancer",
        _logistic, draw_boundary, classify=True,
    ),
    Entry(
        "logistic-wine", "LogisticRegression", "wine",
        _logistic, draw_regions, classify=True,
    ),
    Entry(
        "logistic-digits", "LogisticRegression", "digits",
        _logistic, draw_mistakes, classify=True,
    ),
)  # fmt: skip
