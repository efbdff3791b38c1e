"""One-class machines on two features of the benign tumours, for three values of nu."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, RED, grid_over
from scratchml.datasets import load_breast_cancer
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import StandardScaler
from scratchml.svm import OneClassSVM

data = load_breast_cancer()
names = ("worst texture", "worst concave points")
X = data.data[:, [list(data.feature_names).index(name) for name in names]]
usual, other = X[data.target == 1], X[data.target == 0]
grid, mesh = grid_over(X)
figure, panels = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True)
for axes, nu in zip(panels, (0.02, 0.1, 0.5), strict=True):
    model = make_pipeline(StandardScaler(), OneClassSVM(nu=nu, gamma=0.3)).fit(usual)
    f = model.decision_function(mesh).reshape(grid[0].shape)
    axes.contourf(*grid, f, levels=10, cmap="Blues", alpha=0.6)
    axes.contour(*grid, f, levels=[0], colors="#333f48", linewidths=1.8)
    axes.scatter(*usual.T, s=9, color=BLUE, edgecolor="white", linewidth=0.3, label="benign")
    axes.scatter(
        *other.T, s=7, color=RED, alpha=0.5, marker="x", lw=0.8, label="malignant, not seen"
    )
    outside = np.mean(model.predict(usual) < 0)
    held = len(model[-1].support_) / len(usual)
    axes.set(title=f"nu {nu:g}: {outside:.0%} outside, {held:.0%} held", xlabel=names[0])
panels[0].set_ylabel(names[1])
panels[0].legend(loc="upper left", fontsize=8, frameon=True, framealpha=0.85, edgecolor="none")
