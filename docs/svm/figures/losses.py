"""Losses of a margin; weights of a linear machine as C grows."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE, RED
from scratchml.datasets import load_breast_cancer
from scratchml.preprocessing import StandardScaler
from scratchml.svm import LinearSVC

figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.7), width_ratios=(2, 3))
m = np.linspace(-2, 3, 201)
left.plot(m, np.maximum(1 - m, 0), color=BLUE, label="hinge")
left.plot(m, np.maximum(1 - m, 0) ** 2, color=ORANGE, label="squared hinge")
left.plot(m, np.log1p(np.exp(-m)) / np.log(2), color=RED, lw=1, ls="--", label="logistic / log 2")
left.plot(m, m < 0, color=GREY, lw=1, ls=":", label="mistake")
left.set(title="loss of a margin y f(x)", xlabel="y f(x)", ylim=(-0.1, 4))
left.legend()
data = load_breast_cancer()
X, y = StandardScaler().fit_transform(data.data), data.target
Cs = np.logspace(-5, 1, 25)
weights = np.array([
    LinearSVC(C=C, tol=1e-5, max_iter=100_000, random_state=0).fit(X, y).coef_[0] for C in Cs
])  # fmt: skip
strongest = np.argsort(-np.abs(weights[-1]))[:5]
for j in range(X.shape[1]):
    colour = ("#c5ccd2", BLUE)[int(j in strongest)]
    right.plot(Cs, weights[:, j], color=colour, lw=1.4, zorder=1 + (j in strongest))
    if j in strongest:
        right.annotate(
            data.feature_names[j], (Cs[-1], weights[-1, j]), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=8, color=BLUE,
        )  # fmt: skip
right.axhline(0, color=GREY, lw=0.8)
right.set(xscale="log", title="weights, breast cancer", xlabel="C", xlim=(Cs[0], Cs[-1] * 30))
