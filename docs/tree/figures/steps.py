"""Regression trees of one feature, deeper and deeper."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, ORANGE
from scratchml.datasets import load_diabetes
from scratchml.tree import DecisionTreeRegressor

data = load_diabetes()
X, y = data.data[:, [2]], data.target  # bmi
at = np.linspace(X.min(), X.max(), 600)[:, None]
figure, panels = plt.subplots(1, 3, figsize=(9.2, 3.2), sharey=True)
for axes, depth in zip(panels, (1, 3, None), strict=True):
    model = DecisionTreeRegressor(max_depth=depth, random_state=0).fit(X, y)
    axes.scatter(X, y, s=9, color="#c5ccd2")
    axes.plot(at, model.predict(at), color=ORANGE if depth is None else BLUE, lw=1.4)
    title = f"depth {model.get_depth()}: {model.get_n_leaves()} leaves"
    axes.set(title=title, xlabel="body-mass index")
panels[0].set_ylabel("disease progression")
