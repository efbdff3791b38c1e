"""Paths of coefficients, their names at the curves' ends."""

import numpy as np

from scratchml._tour.pictures import BLUE, GREEN, GREY, ORANGE, RED

COLOURS = (
    BLUE,
    ORANGE,
    RED,
    GREEN,
    "#7b4f9d",
    "#159a9c",
    "#b5651d",
    "#4a5a67",
    "#d1478c",
    "#7f8c2f",
)


def draw(axes, alphas, coefs, names, *, apart):
    """Draw the columns of coefs (alphas, p) over log alpha, labels `apart` from each other."""
    for j, name in enumerate(names):
        axes.plot(alphas, coefs[:, j], color=COLOURS[j % 10], lw=1.6, label=name)
    order = np.argsort(coefs[0])
    heights = coefs[0, order].copy()
    for _ in range(200):  # push neighbours apart until none overlap
        gaps = np.diff(heights)
        close = gaps < apart
        if not close.any():
            break
        move = np.where(close, (apart - gaps) / 2, 0.0)
        heights[:-1] -= move
        heights[1:] += move
    for j, height in zip(order, heights, strict=True):
        axes.annotate(
            names[j], (alphas[0], height), xytext=(-5, 0), textcoords="offset points", ha="right",
            va="center", fontsize=8.5, color=COLOURS[j % 10], annotation_clip=False,
        )  # fmt: skip
    axes.axhline(0, color=GREY, lw=0.8, zorder=0)
    axes.set(xscale="log", xlim=(alphas[0], alphas[-1]), xlabel="alpha")
    axes.tick_params(axis="y", labelleft=False, left=False)
    axes.spines["left"].set_visible(False)
