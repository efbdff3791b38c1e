"""Four generated data sets."""

import matplotlib.pyplot as plt

from scratchml._tour.pictures import CLASSES
from scratchml.datasets import make_blobs, make_circles, make_classification, make_moons

SETS = {
    "make_blobs": make_blobs(300, centers=3, random_state=8),
    "make_moons": make_moons(300, noise=0.1, random_state=0),
    "make_circles": make_circles(300, noise=0.07, factor=0.5, random_state=0),
    "make_classification": make_classification(
        300, n_features=2, n_redundant=0, n_clusters_per_class=1, class_sep=1.2, random_state=3
    ),
}
figure, panels = plt.subplots(1, 4, figsize=(9.2, 2.5))
for axes, (name, (X, y)) in zip(panels, SETS.items(), strict=True):
    for k in sorted(set(y.tolist())):
        axes.scatter(*X[y == k].T, s=11, color=CLASSES[k], edgecolor="white", linewidth=0.3)
    axes.set(xticks=[], yticks=[])
    axes.set_title(name, fontsize=9)
    axes.spines[:].set_visible(False)
