"""Impurities of two classes; the gain of every split of one column."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREEN, GREY, ORANGE, RED
from scratchml.datasets import load_breast_cancer
from scratchml.tree import DecisionTreeClassifier

figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.8), width_ratios=(4, 5))
p = np.linspace(1e-9, 1 - 1e-9, 201)
gini, entropy = 2 * p * (1 - p), -p * np.log2(p) - (1 - p) * np.log2(1 - p)
left.plot(p, entropy, color=BLUE, label="entropy")
left.plot(p, gini, color=ORANGE, label="gini")
left.plot(p, np.minimum(p, 1 - p), color=GREY, ls="--", label="error of the majority")
left.set(title="impurity of two classes", xlabel="share of the first class")
left.legend(loc="lower center")

data = load_breast_cancer()
x, y = data.data[:, list(data.feature_names).index("worst radius")], data.target
order = np.argsort(x, kind="stable")
x, y = x[order], y[order]
n, total = len(y), y.sum()
k = np.arange(1, n)  # samples on the left
ones = np.cumsum(y)[:-1]


def weighted_gini(count, ones):
    return 2 * ones * (count - ones) / count


gain = weighted_gini(n, total) - weighted_gini(k, ones) - weighted_gini(n - k, total - ones)
distinct = x[1:] > x[:-1]
threshold = ((x[1:] + x[:-1]) / 2)[distinct]
right.plot(threshold, gain[distinct] / n, color=GREEN)
best = DecisionTreeClassifier(max_depth=1).fit(x[:, None], y).tree_.threshold[0]
right.axvline(best, color=GREY, lw=1, ls="--")
right.annotate(
    f"worst radius <= {best:.3g}", (best, 0.31), xytext=(-8, 0), textcoords="offset points",
    ha="right", color="#5b6770",
)  # fmt: skip
random = np.random.default_rng(0)
for label, colour in ((0, RED), (1, BLUE)):
    height = random.uniform(-0.045, -0.015, np.count_nonzero(y == label))
    right.plot(x[y == label], height, ".", color=colour, ms=3, label=data.target_names[label])
right.set(title="gain of each split, and the samples", xlabel="worst radius", ylim=(-0.055, None))
right.legend(loc="upper right", markerscale=3)
