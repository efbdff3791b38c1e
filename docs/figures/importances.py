"""Two measures of importance, on the diabetes data and two columns of random numbers."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE, RED
from scratchml.datasets import load_diabetes
from scratchml.ensemble import RandomForestRegressor
from scratchml.inspection import permutation_importance
from scratchml.model_selection import train_test_split

data = load_diabetes()
random = np.random.default_rng(0)
noise = np.column_stack([random.normal(size=len(data.data)), random.integers(0, 2, len(data.data))])
X = np.hstack([data.data, noise])
names = np.array([*data.feature_names, "random number", "random bit"])
X_train, X_test, y_train, y_test = train_test_split(X, data.target, random_state=0)
model = RandomForestRegressor(200, random_state=0).fit(X_train, y_train)
shuffled = permutation_importance(model, X_test, y_test, n_repeats=20, random_state=0)

figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.9), sharey=True)
order = np.argsort(model.feature_importances_)
rows = np.arange(len(order))
left.barh(rows, model.feature_importances_[order], color=BLUE, height=0.6)
left.set_yticks(rows, names[order])
for label, j in zip(left.get_yticklabels(), order, strict=True):
    label.set_color(RED if j >= 10 else "#333f48")
left.set(title="share of the decrease of impurity", xlabel="training rows")
right.barh(
    rows, shuffled.importances_mean[order], xerr=shuffled.importances_std[order], color=ORANGE,
    height=0.6, error_kw={"elinewidth": 0.9, "ecolor": "#5b6770"},
)  # fmt: skip
right.axvline(0, color=GREY, lw=0.8)
right.set(title="R² lost when the column is shuffled", xlabel="held-out rows")
