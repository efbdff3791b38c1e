"""Which ranges of a column must be looked into to find its best split."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE
from scratchml.datasets import make_classification

BINS = 40
X, y = make_classification(
    20_000, 20, n_informative=10, n_redundant=2, flip_y=0.02, random_state=0
)  # fmt: skip


def merit(count, ones):
    """Return sum_k L_k^2 / W_L, 0 where nothing is."""
    squares = ones**2 + (count - ones) ** 2
    return np.divide(squares, count, out=np.zeros(np.shape(count)), where=count > 0)


def gains(count, ones):
    n, total = len(y), y.sum()
    return merit(count, ones) + merit(n - count, total - ones) - merit(np.float64(n), total)


def curve(column):
    """Return the labels in the column's order, and the gain of each split."""
    labels = y[np.argsort(column, kind="stable")]
    return labels, gains(np.arange(1.0, len(y)), np.cumsum(labels)[:-1])


best = max(range(X.shape[1]), key=lambda j: curve(X[:, j])[1].max())
labels, gain = curve(X[:, best])
edges = np.linspace(0, len(y), BINS + 1).astype(int)
ones = np.concatenate([[0], np.cumsum(labels)])[edges].astype(float)
at_edges = gains(edges[1:-1].astype(float), ones[1:-1])
d1 = np.diff(ones)  # of either class in each bin
d0 = np.diff(edges) - d1
corners = [gains(edges[:-1] + d1, ones[:-1] + d1), gains(edges[:-1] + d0, ones[:-1])]
bound = np.maximum(*corners)
open_bins = bound > at_edges.max()

figure, axes = plt.subplots(figsize=(9.2, 3.7))
n = len(y)
axes.bar(
    (edges[:-1] + edges[1:]) / 2, bound / n, width=np.diff(edges), color=np.where(open_bins, ORANGE,
    "#dfe5ea"), edgecolor="white", linewidth=0.8, label="bound on the gain inside a range",
)  # fmt: skip
axes.plot(np.arange(1, n), gain / n, color=GREY, lw=0.9, label="gain of each split")
axes.plot(edges[1:-1], at_edges / n, "o", color=BLUE, ms=4, label="known from the counts")
axes.axhline(at_edges.max() / n, color=BLUE, lw=1, ls="--")
axes.annotate(
    f"{np.count_nonzero(open_bins)} of {BINS} ranges are left", (edges[:-1][open_bins][0],
    bound.max() / n), xytext=(-6, -4), textcoords="offset points", ha="right", color=ORANGE,
)  # fmt: skip
axes.set(
    title="20,000 samples, 40 ranges of one column",
    xlabel="samples by rank",
    ylabel="gain",
    xlim=(0, n),
)
axes.legend(loc="upper left", bbox_to_anchor=(0, 0.8))
