"""Tubes of support vector regression on the diabetes data, and the loss that makes them."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE
from scratchml.datasets import load_diabetes
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import StandardScaler
from scratchml.svm import SVR

data = load_diabetes()
x, y = data.data[:, [data.feature_names.index("bmi")]], data.target
at = np.linspace(x.min(), x.max(), 300)[:, None]
figure, (loss, *panels) = plt.subplots(1, 3, figsize=(10, 3.5), width_ratios=(3, 4, 4))
e = np.linspace(-4, 4, 201)
loss.plot(e, np.maximum(np.abs(e) - 1, 0), color=BLUE, label="epsilon-insensitive")
loss.plot(e, np.abs(e), color=GREY, lw=1, ls="--", label="absolute")
loss.plot(e, e * e / 4, color=ORANGE, lw=1, ls=":", label="squared / 4")
loss.axvspan(-1, 1, color=BLUE, alpha=0.12, lw=0)
loss.set(title="loss of an error, epsilon = 1", xlabel="error")
loss.legend(fontsize=8)
for axes, epsilon in zip(panels, (20.0, 70.0), strict=True):
    model = make_pipeline(StandardScaler(), SVR(C=100.0, gamma=0.3, epsilon=epsilon)).fit(x, y)
    curve, held = model.predict(at), model[-1].support_
    axes.fill_between(at[:, 0], curve - epsilon, curve + epsilon, color=BLUE, alpha=0.15, lw=0)
    axes.plot(at, curve, color=BLUE)
    axes.scatter(x, y, s=8, color="#c5ccd2")
    axes.scatter(x[held], y[held], s=9, color=ORANGE, label=f"{len(held)} support vectors")
    axes.set(title=f"epsilon = {epsilon:g}", xlabel="body-mass index")
    axes.legend(loc="upper left", fontsize=8, frameon=True, framealpha=0.85, edgecolor="none")
panels[0].set_ylabel("disease progression")
