"""Calibration curves of a forest and a support vector machine, before and after calibration."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREEN, GREY, ORANGE
from scratchml.calibration import CalibratedClassifierCV, calibration_curve
from scratchml.datasets import make_classification
from scratchml.ensemble import RandomForestClassifier
from scratchml.metrics import log_loss
from scratchml.svm import SVC

X, y = make_classification(
    9000, 12, n_informative=6, flip_y=0.08, class_sep=0.8, random_state=3
)  # fmt: skip
train, test = slice(0, 1500), slice(1500, None)


def raw(model):
    """Return what the classifier itself says: its probability, or a value squeezed to [0, 1]."""
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X[test])[:, 1]
    f = model.decision_function(X[test])
    return (f - f.min()) / (f.max() - f.min())


def show(axes, p, colour, label):
    shares, means = calibration_curve(y[test], p, n_bins=10)
    label = f"{log_loss(y[test], p):.3f} {label}"
    axes.plot(means, shares, "o-", color=colour, markersize=4, label=label)


figure, both = plt.subplots(1, 2, figsize=(9.2, 4.6), sharey=True)
bases = {
    "random forest": RandomForestClassifier(n_estimators=100, min_samples_leaf=5, random_state=0),
    "support vector machine": SVC(C=2.0),
}
for axes, (name, base) in zip(both, bases.items(), strict=True):
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    show(axes, raw(base.fit(X[train], y[train])), ORANGE, "before")
    for method, colour in (("sigmoid", BLUE), ("isotonic", GREEN)):
        model = CalibratedClassifierCV(base, method=method).fit(X[train], y[train])
        show(axes, model.predict_proba(X[test])[:, 1], colour, method)
    axes.set(title=name, xlabel="probability given")
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=np.linspace(0, 1, 6), yticks=np.linspace(0, 1, 6))
    axes.legend(loc="upper left", fontsize=8.5, title="log loss", title_fontsize=8.5)
both[0].set_ylabel("share of positive samples")
