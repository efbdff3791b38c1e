"""What the methods make of the same decision values: a sigmoid, steps, one temperature."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREEN, GREY, ORANGE
from scratchml.calibration import IsotonicCalibrator, SigmoidCalibrator, TemperatureCalibrator
from scratchml.datasets import load_breast_cancer
from scratchml.model_selection import cross_val_predict
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import StandardScaler
from scratchml.svm import SVC

X, y = load_breast_cancer(return_X_y=True)
machine = make_pipeline(StandardScaler(), SVC(C=0.05))
f = cross_val_predict(machine, X[:, :3], y, cv=5, method="decision_function")

figure, axes = plt.subplots(figsize=(7.4, 4.2))
grid = np.linspace(f.min(), f.max(), 600)
edges = np.quantile(f, np.linspace(0, 1, 21))
bins = np.clip(np.searchsorted(edges, f) - 1, 0, 19)
shares = [(f[bins == b].mean(), y[bins == b].mean()) for b in range(20)]
axes.scatter(*np.transpose(shares), color=GREY, s=28, zorder=3, label="share of 28 samples each")
for colour, calibrator in (
    (BLUE, SigmoidCalibrator()),
    (ORANGE, IsotonicCalibrator()),
    (GREEN, TemperatureCalibrator()),
):
    p = calibrator.fit(f, y).predict_proba(grid)[:, 1]
    axes.plot(grid, p, color=colour, label=type(calibrator).__name__)
axes.set(xlabel="decision value, held out", ylabel="P(benign)")
axes.legend(loc="lower right")
