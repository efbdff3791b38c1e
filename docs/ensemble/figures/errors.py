"""The error on digits against the number of trees: held-out images, and out of bag."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREEN, GREY, ORANGE
from scratchml.datasets import load_digits
from scratchml.ensemble import BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier
from scratchml.model_selection import train_test_split
from scratchml.tree import DecisionTreeClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
TREES = 200
MODELS = {
    "bagged trees": (GREY, BaggingClassifier(DecisionTreeClassifier(), TREES, random_state=0)),
    "random forest": (BLUE, RandomForestClassifier(TREES, random_state=0)),
    "extra trees": (GREEN, ExtraTreesClassifier(TREES, random_state=0)),
}
figure, axes = plt.subplots(figsize=(9.2, 3.8))
counts = np.arange(1, TREES + 1)
for name, (colour, model) in MODELS.items():
    trees = model.fit(X_train, y_train).estimators_
    votes = np.array([tree.predict_proba(X_test) for tree in trees])
    means = np.cumsum(votes, axis=0)
    errors = 100 * np.mean(means.argmax(axis=2) != y_test, axis=1)
    axes.plot(counts, errors, color=colour, label=f"{name}: {errors[-1]:.1f} %")

sizes = (30, 40, 55, 75, 100, 140, 200)  # with fewer, some images are in every bag
forest = RandomForestClassifier(oob_score=True, warm_start=True, random_state=0)
errors = [
    100 * (1 - forest.set_params(n_estimators=n).fit(X_train, y_train).oob_score_) for n in sizes
]
axes.plot(sizes, errors, "o-", color=ORANGE, ms=4, lw=1, label="random forest, out of bag")
axes.set(title="mistaken digits, %", xlabel="trees", ylim=(0, 26), xscale="log")
axes.set_xticks([1, 2, 5, 10, 20, 50, 100, 200], [1, 2, 5, 10, 20, 50, 100, 200])
axes.minorticks_off()
axes.legend()
