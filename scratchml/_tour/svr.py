"""The support vector machines of the tour that predict numbers, and their pictures."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml._tour.entries import Entry
from scratchml._tour.linear_model import draw_predictions
from scratchml._tour.pictures import BLUE, GREY, ORANGE
from scratchml._tour.svm import scaled

if TYPE_CHECKING:
    from scratchml._tour.run import Result


def draw_tube(result: Result, figure: Any) -> None:
    """The tube of one feature; held-out R^2 and support vectors by its width."""
    left, right = figure.subplots(1, 2)
    j = list(result.data.feature_names).index("bmi")
    x, y = result.X_train[:, [j]], result.y_train
    at = np.linspace(x.min(), x.max(), 300)[:, None]
    model = deepcopy(result.model)
    model[-1].set_params(epsilon=60.0)
    curve = model.fit(x, y).predict(at)
    held = model[-1].support_
    left.fill_between(at[:, 0], curve - 60, curve + 60, color=BLUE, alpha=0.15, lw=0)
    left.plot(at, curve, color=BLUE, lw=2)
    left.scatter(x, y, s=9, color="#c5ccd2", label="inside the tube")
    left.scatter(x[held], y[held], s=11, color=ORANGE, label="support vectors")
    left.set(title="one feature: a tube of ± 60", xlabel="bmi", ylabel="disease progression")
    left.legend(loc="upper left", frameon=True, framealpha=0.85, edgecolor="none")
    _draw_along(right, result, "epsilon", np.linspace(0, 120, 31))
    right.set(title="all features: held-out R²", xlabel="half width of the tube, epsilon")


def _draw_along(axes: Any, result: Result, parameter: str, values: np.ndarray) -> Any:
    """Held-out R^2 by a parameter; returns the axes of the share of support vectors."""
    model, scores, shares = deepcopy(result.model), [], []
    for value in values:
        model[-1].set_params(**{parameter: value})
        model.fit(result.X_train, result.y_train)
        scores.append(model.score(result.X_test, result.y_test))
        shares.append(100 * len(model[-1].support_) / len(result.y_train))
    axes.plot(values, scores, color=BLUE)
    axes.axvline(getattr(result.model[-1], parameter), color=GREY, lw=1, ls="--")
    count = axes.twinx()
    count.plot(values, shares, color=ORANGE)
    count.set_ylabel("support vectors, % of rows", color=ORANGE)
    count.set_ylim(0, 103)
    count.tick_params(colors=ORANGE)
    return count


def draw_nu(result: Result, figure: Any) -> None:
    """Tubes of one feature that leave a share nu of the rows outside; R^2 by nu."""
    left, right = figure.subplots(1, 2)
    j = list(result.data.feature_names).index("s5")
    x, y = result.X_train[:, [j]], result.y_train
    at = np.linspace(x.min(), x.max(), 300)[:, None]
    left.scatter(x, y, s=9, color="#c5ccd2")
    for nu, shade in ((0.1, 0.10), (0.5, 0.15), (0.9, 0.25)):
        model = deepcopy(result.model)
        model[-1].set_params(nu=nu)
        model.fit(x, y)
        inside = ~np.isin(np.arange(len(y)), model[-1].support_)
        width = np.abs(y - model.predict(x))[inside].max()
        curve = model.predict(at)
        left.fill_between(at[:, 0], curve - width, curve + width, color=BLUE, alpha=shade, lw=0)
        left.text(at[-1, 0], curve[-1] + width, f"nu {nu}", ha="right", va="bottom", color=BLUE)
    left.plot(at, curve, color=BLUE, lw=2)
    left.set(title="one feature: tubes", xlabel="s5", ylabel="disease progression")
    nus = np.linspace(0.05, 0.95, 19)
    count = _draw_along(right, result, "nu", nus)
    count.plot(nus, 100 * nus, color=ORANGE, lw=0.8, ls=":")
    right.set(title="all features: held-out R²", xlabel="nu")


ENTRIES = (
    Entry(
        "svr-diabetes", "SVR", "diabetes",
        lambda lib: scaled(lib, lib.svm.SVR(C=100.0, gamma=0.01, epsilon=20.0, tol=1e-6)),
        draw_tube,
    ),
    Entry(
        "nu-svr-diabetes", "NuSVR", "diabetes",
        lambda lib: scaled(lib, lib.svm.NuSVR(C=100.0, gamma=0.01, nu=0.5, tol=1e-6)), draw_nu,
    ),
    Entry(
        "linear-svr-diabetes", "LinearSVR", "diabetes",
        lambda lib: lib.svm.LinearSVR(
            C=1000.0, epsilon=20.0, tol=1e-8, max_iter=100_000, random_state=0
        ),
        draw_predictions,
    ),
)  # fmt: skip
