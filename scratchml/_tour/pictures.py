"""Pictures of the tour: one style, one file per entry, and an overview of several.

Matplotlib's figures are used directly, without pyplot: no window, no global state.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scratchml._tour.run import Result

BLUE, ORANGE, GREEN, RED, GREY = "#2a6f97", "#e07a1f", "#3a8f5c", "#c0392b", "#8d99a6"
CLASSES = (BLUE, ORANGE, GREEN)
OVERVIEW = (
    "linear-regression",
    "lasso",
    "logistic-breast-cancer",
    "logistic-wine",
    "logistic-digits",
    "svc-breast-cancer",
    "svr-diabetes",
    "tree-iris",
    "forest-digits",
    "lenet-digits",
    "lstm-sunspots",
    "transformer-digits",
)
_STYLE: dict[Any, Any] = {
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.labelcolor": "#333f48",
    "axes.edgecolor": "#9aa5ae",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": "#5b6770",
    "ytick.color": "#5b6770",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
}


def save(result: Result, folder: Path) -> None:
    """Draw `result` to ``<name>.png`` in `folder`."""
    _save([result], folder / f"{result.entry.name}.png", columns=1, dpi=130)


def save_overview(results: Sequence[Result], folder: Path) -> None:
    """Draw the entries of the overview to ``tour.png``, if `results` has them all."""
    by_name = {result.entry.name: result for result in results}
    if by_name.keys() >= set(OVERVIEW):
        chosen = [by_name[name] for name in OVERVIEW]
        _save(chosen, folder / "tour.png", columns=2, dpi=85)


def _save(results: Sequence[Result], path: Path, *, columns: int, dpi: int) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-len(results) // columns)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9.0 * columns, 4.0 * rows), dpi=dpi, layout="constrained")
        canvas = FigureCanvasAgg(figure)  # trees are laid out by the size of their text
        panels = figure.subfigures(rows, columns, squeeze=False, wspace=0.02, hspace=0.03)
        for result, panel in zip(results, panels.flat, strict=False):
            panel.suptitle(_title(result), x=0.01, ha="left", fontsize=12, fontweight="bold")
            result.entry.draw(result, panel)
        _write(canvas, path)


def _title(result: Result) -> str:
    entry = result.entry
    data = entry.data.replace("_", " ")
    return f"{entry.algorithm} on {data}: {entry.metric} {result.score:.3f}".replace("R^2", "R²")


def _write(canvas: Any, path: Path) -> None:
    """Write a PNG of 256 colours: a third of the size, and no difference to be seen."""
    from PIL import Image

    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def draw_training(result: Result, axes: Any) -> None:
    """Draw the way of a network's loss and of its accuracy, by training it once more."""
    model = type(result.model)(result.library, result.model.epochs, result.model.random_state)
    model.fit(result.X_train, result.y_train, result.X_test, result.y_test)
    at = np.arange(1, model.epochs + 1)
    axes.plot(at, model.losses_, color=ORANGE)
    axes.set(title="loss and accuracy", yscale="log", xlabel="epoch")
    axes.set_ylabel("mean loss, training images", color=ORANGE)
    score = axes.twinx()
    score.plot(at, model.scores_, color=BLUE)
    score.set_ylabel("accuracy, held-out images", color=BLUE)


def mix_classes(
    axes: Any, grid: tuple[np.ndarray, ...], p: np.ndarray, interpolation: str = "bilinear"
) -> None:
    """Colour the plane by the probabilities p (m, 3) of three classes at the points of a mesh."""
    colours = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in CLASSES])
    image = (0.35 + 0.65 * (p @ colours)).reshape(*grid[0].shape, 3)
    extent = (grid[0].min(), grid[0].max(), grid[1].min(), grid[1].max())
    axes.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation=interpolation)


def grid_over(points: np.ndarray, n: int = 200) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Return a mesh (n, n) over the range of `points` (m, 2), and its points (n * n, 2)."""
    low, high = points.min(axis=0), points.max(axis=0)
    pad = 0.04 * (high - low)
    grid = np.meshgrid(*np.linspace(low - pad, high + pad, n).T)
    return grid, np.column_stack([g.ravel() for g in grid])


def scatter_classes(
    axes: Any, X: np.ndarray, y: np.ndarray, predicted: np.ndarray, colours: Any, names: Any
) -> None:
    """Draw points in the colour of their class, a ring about the mistaken ones."""
    for k, (colour, name) in enumerate(zip(colours, names, strict=True)):
        axes.scatter(
            *X[y == k].T, color=colour, s=24, edgecolor="white", linewidth=0.6, label=name, zorder=3
        )
    wrong = X[y != predicted]
    axes.scatter(
        *wrong.T,
        facecolor="none",
        edgecolor="black",
        s=80,
        linewidth=1.2,
        label="mistaken",
        zorder=4,
    )
    axes.legend(loc="upper right", frameon=True, framealpha=0.85, edgecolor="none")
