"""ROC and precision-recall curves of cross-validated predictions."""

import matplotlib.pyplot as plt

from scratchml._tour.pictures import BLUE, GREY, ORANGE
from scratchml.datasets import load_breast_cancer
from scratchml.linear_model import LogisticRegression
from scratchml.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)
from scratchml.model_selection import cross_val_predict
from scratchml.pipeline import make_pipeline
from scratchml.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X = X[:, :2]  # mean radius and mean texture
figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.8))
for columns, colour, name in ((X, ORANGE, "two features"), (None, BLUE, "all 30 features")):
    data = load_breast_cancer().data if columns is None else columns
    model = make_pipeline(StandardScaler(), LogisticRegression())
    score = cross_val_predict(model, data, y, cv=5, method="predict_proba")[:, 1]
    false, true, _ = roc_curve(y, score)
    left.plot(false, true, color=colour, label=f"{name}: area {roc_auc_score(y, score):.3f}")
    precision, recall, _ = precision_recall_curve(y, score)
    area = average_precision_score(y, score)
    right.plot(recall, precision, color=colour, label=f"{name}: average {area:.3f}")
left.plot([0, 1], [0, 1], color=GREY, lw=1, ls="--")
right.axhline(y.mean(), color=GREY, lw=1, ls="--")
left.set(title="ROC curve", xlabel="malignant called benign", ylabel="benign called benign")
right.set(title="precision and recall", xlabel="recall", ylabel="precision", ylim=(0.5, 1.01))
left.legend(loc="lower right")
right.legend(loc="lower left", bbox_to_anchor=(0, 0.3))
