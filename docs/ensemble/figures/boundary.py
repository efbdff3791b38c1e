"""The boundary of one tree, of ten, and of two hundred, whose mean is smoother."""

import matplotlib.pyplot as plt

from scratchml._tour.pictures import CLASSES, grid_over, mix_classes
from scratchml.datasets import load_wine
from scratchml.ensemble import RandomForestClassifier

wine = load_wine()
pair = [list(wine.feature_names).index(name) for name in ("alcohol", "flavanoids")]
X, y = wine.data[:, pair], wine.target
grid, points = grid_over(X, 240)
figure, panels = plt.subplots(1, 3, figsize=(9.2, 3.4), sharey=True)
for axes, trees in zip(panels, (1, 10, 200), strict=True):
    model = RandomForestClassifier(trees, random_state=0).fit(X, y)
    mix_classes(axes, grid, model.predict_proba(points), "nearest")
    for k, colour in enumerate(CLASSES):
        axes.scatter(*X[y == k].T, s=14, color=colour, edgecolor="white", linewidth=0.5)
    axes.set(title=f"{trees} tree{'s' * (trees > 1)}", xlabel="alcohol")
panels[0].set_ylabel("flavanoids")
