"""What C and gamma do to the regions of three growers of wine."""

import matplotlib.pyplot as plt

from scratchml._tour.pictures import CLASSES, grid_over
from scratchml.datasets import load_wine
from scratchml.model_selection import cross_val_score
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import StandardScaler
from scratchml.svm import SVC

wine = load_wine()
names = ("alcohol", "flavanoids")
X, y = wine.data[:, [list(wine.feature_names).index(name) for name in names]], wine.target
grid, mesh = grid_over(X, 160)
figure, panels = plt.subplots(3, 4, figsize=(9.6, 6.8), sharex=True, sharey=True)
for row, C in zip(panels, (100.0, 1.0, 0.05), strict=True):
    for axes, gamma in zip(row, (0.02, 0.2, 2.0, 20.0), strict=True):
        model = make_pipeline(StandardScaler(), SVC(C=C, gamma=gamma))
        score = cross_val_score(model, X, y, cv=5).mean()
        regions = model.fit(X, y).predict(mesh).reshape(grid[0].shape)
        axes.contourf(*grid, regions, levels=[-0.5, 0.5, 1.5, 2.5], colors=CLASSES, alpha=0.25)
        for k, colour in enumerate(CLASSES):
            axes.scatter(*X[y == k].T, s=9, color=colour, edgecolor="white", linewidth=0.3)
        held = len(model[-1].support_)
        axes.set_title(f"{score:.3f}, {held} held", fontsize=9)
        if C == 0.05:
            axes.set_xlabel(f"gamma = {gamma:g}")
    row[0].set_ylabel(f"C = {C:g}")
