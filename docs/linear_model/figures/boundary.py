"""Probabilities of logistic regression on two real features: two classes, and three."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, CLASSES, RED
from scratchml.datasets import load_breast_cancer, load_wine
from scratchml.linear_model import LogisticRegression
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import PolynomialFeatures, StandardScaler


def mesh(X, n=240):
    """Return the grid over the points of X (m, 2), and its points (n n, 2)."""
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.04 * (high - low)
    grid = np.meshgrid(*np.linspace(low - pad, high + pad, n).T)
    return grid, np.column_stack([g.ravel() for g in grid])


def scatter(axes, X, y, colours, names):
    for k, (colour, name) in enumerate(zip(colours, names, strict=True)):
        axes.scatter(*X[y == k].T, s=20, color=colour, edgecolor="white", linewidth=0.5, label=name)
    axes.legend(loc="upper right", frameon=True, framealpha=0.85, edgecolor="none", fontsize=8.5)


figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.3))

cancer = load_breast_cancer()
columns = [list(cancer.feature_names).index(name) for name in ("worst texture", "worst radius")]
X, y = cancer.data[:, columns], cancer.target
model = make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(C=10))
grid, points = mesh(X)
p = model.fit(X, y).predict_proba(points)[:, 1].reshape(grid[0].shape)
left.contourf(*grid, p, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.45)
lines = left.contour(*grid, p, levels=[0.1, 0.5, 0.9], colors="#333f48", linewidths=[0.8, 1.6, 0.8])
left.clabel(lines, fontsize=8)
scatter(left, X, y, (RED, BLUE), cancer.target_names)
left.set(title="sigmoid: P(benign)", xlabel="worst texture", ylabel="worst radius")

wine = load_wine()
columns = [list(wine.feature_names).index(name) for name in ("alcohol", "flavanoids")]
X, y = wine.data[:, columns], wine.target
model = make_pipeline(StandardScaler(), LogisticRegression(C=10)).fit(X, y)
grid, points = mesh(X)
P = model.predict_proba(points)
colours = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in CLASSES])
image = (0.35 + 0.65 * P @ colours).reshape(*grid[0].shape, 3)
extent = (grid[0].min(), grid[0].max(), grid[1].min(), grid[1].max())
right.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation="bilinear")
sure = P.max(axis=1).reshape(grid[0].shape)
lines = right.contour(*grid, sure, levels=[0.6, 0.9, 0.99], colors="white", linewidths=0.9)
right.clabel(lines, fontsize=8)
scatter(right, X, y, CLASSES, [f"grower {k + 1}" for k in range(3)])
right.set(title="softmax: the likeliest class", xlabel="alcohol", ylabel="flavanoids")
