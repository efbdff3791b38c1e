"""Cost-complexity pruning of a tree for breast cancer: leaves, and accuracy by cross-validation."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE
from scratchml.datasets import load_breast_cancer
from scratchml.model_selection import StratifiedKFold
from scratchml.tree import DecisionTreeClassifier

X, y = load_breast_cancer(return_X_y=True)
model = DecisionTreeClassifier(random_state=0)
path = model.cost_complexity_pruning_path(X, y)
alphas = np.geomspace(1e-3, 0.2, 40)
leaves = [model.set_params(ccp_alpha=a).fit(X, y).get_n_leaves() for a in alphas]
folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
scores = np.array([
    [[model.set_params(ccp_alpha=a).fit(X[i], y[i]).score(X[k], y[k]) for k in (i, j)]
     for i, j in folds]
    for a in alphas
])  # fmt: skip

figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6))
left.step(path.ccp_alphas, path.impurities, where="post", color=BLUE)
left.plot(path.ccp_alphas, path.impurities, ".", color=BLUE)
left.set(title="the path: impurity of the leaves", xlabel="price of a leaf, alpha")
left.set_xlim(0, 0.08)
left.set_ylim(0, 0.2)
for k, (colour, name) in enumerate(((ORANGE, "training rows"), (BLUE, "held-out rows"))):
    right.plot(alphas, scores[:, :, k].mean(axis=1), color=colour, label=name)
right.set(xscale="log", title="accuracy, and leaves", xlabel="price of a leaf, alpha")
right.legend(loc="lower left")
count = right.twinx()
count.step(alphas, leaves, color=GREY, lw=1, where="mid")
count.set_ylabel("leaves", color=GREY)
count.tick_params(colors=GREY)
count.set_ylim(0, None)
