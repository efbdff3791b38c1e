"""What bagging gains, for models that follow their data closely and for models that do not."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY
from scratchml.datasets import load_diabetes
from scratchml.ensemble import BaggingRegressor
from scratchml.linear_model import Ridge
from scratchml.model_selection import KFold, cross_val_score
from scratchml.tree import DecisionTreeRegressor

X, y = load_diabetes(return_X_y=True)
MODELS = {
    "whole tree": DecisionTreeRegressor(random_state=0),
    "leaves of 5": DecisionTreeRegressor(min_samples_leaf=5, random_state=0),
    "leaves of 30": DecisionTreeRegressor(min_samples_leaf=30, random_state=0),
    "ridge": Ridge(alpha=0.05),
}
folds = KFold(5, shuffle=True, random_state=0)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6), width_ratios=(4, 5))
x = X[:, [2]]
at = np.linspace(x.min(), x.max(), 500)[:, None]
bag = BaggingRegressor(MODELS["leaves of 30"], 50, random_state=0).fit(x, y)
curves = np.array([tree.predict(at) for tree in bag.estimators_])
left.scatter(x, y, s=8, color="#c5ccd2")
for curve in curves[:20]:
    left.plot(at, curve, color=GREY, lw=0.5, alpha=0.6)
left.plot(at, curves.mean(axis=0), color=BLUE, lw=2)
left.set(title="20 trees, and the mean of 50", xlabel="body-mass index")
left.set_ylabel("disease progression")
for i, model in enumerate(MODELS.values()):
    alone = cross_val_score(model, X, y, cv=folds).mean()
    bagged = cross_val_score(BaggingRegressor(model, 50, random_state=0), X, y, cv=folds).mean()
    right.plot([alone, bagged], [i, i], color=GREY, lw=1.2, zorder=0)
    right.plot(alone, i, "o", mfc="white", mec=BLUE, ms=8, label="alone" if i == 0 else None)
    right.plot(bagged, i, "o", color=BLUE, ms=8, label="50 of them, bagged" if i == 0 else None)
right.set_yticks(range(len(MODELS)), MODELS)
right.set(title="R² by cross-validation", ylim=(-0.5, len(MODELS) - 0.5))
right.axvline(0, color=GREY, lw=0.8)
right.legend(loc="upper left")
