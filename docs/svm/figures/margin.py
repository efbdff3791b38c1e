"""Margin and support vectors on two features of the breast cancer data, straight and curved."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, RED, grid_over
from scratchml.datasets import load_breast_cancer
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import StandardScaler
from scratchml.svm import SVC

data = load_breast_cancer()
names = ("worst texture", "worst concave points")
X, y = data.data[:, [list(data.feature_names).index(name) for name in names]], data.target
grid, mesh = grid_over(X)
figure, panels = plt.subplots(1, 2, figsize=(9.2, 4.2), sharey=True)
for axes, machine, title in (
    (panels[0], SVC(kernel="linear", C=1.0), "linear kernel"),
    (panels[1], SVC(kernel="rbf", C=1.0, gamma=1.0), "rbf kernel, gamma = 1"),
):
    model = make_pipeline(StandardScaler(), machine).fit(X, y)
    f = model.decision_function(mesh).reshape(grid[0].shape)
    axes.contourf(*grid, f, levels=np.linspace(-3, 3, 13), cmap="RdBu", alpha=0.45, extend="both")
    axes.contour(
        *grid, f, levels=[-1, 0, 1], colors="#333f48", linewidths=(1, 2, 1),
        linestyles=("dashed", "solid", "dashed"),
    )  # fmt: skip
    for k, colour in enumerate((RED, BLUE)):
        axes.scatter(
            *X[y == k].T, s=13, color=colour, edgecolor="white", linewidth=0.3,
            label=data.target_names[k],
        )  # fmt: skip
    held, alpha = machine.support_, np.abs(machine.dual_coef_[0])
    at_bound = alpha >= machine.C
    for chosen, width, label in ((~at_bound, 1.6, "on the margin"), (at_bound, 0.6, "at C")):
        axes.scatter(
            *X[held[chosen]].T, s=42, facecolor="none", edgecolor="#333f48", linewidth=width,
            label=f"{np.count_nonzero(chosen)} support vectors {label}",
        )  # fmt: skip
    axes.set(title=f"{title}: {model.score(X, y):.1%} of the rows right", xlabel=names[0])
    axes.legend(loc="upper left", fontsize=8, frameon=True, framealpha=0.85, edgecolor="none")
panels[0].set_ylabel(names[1])
