"""Cross-validated accuracy over C and gamma for the digits, and the share of support vectors."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import RED
from scratchml.datasets import load_digits
from scratchml.model_selection import cross_val_score
from scratchml.svm import SVC

X, y = load_digits(return_X_y=True)
X, y = X[:600] / 16, y[:600]
Cs, gammas = np.logspace(-2, 4, 7), np.logspace(-4, 1, 9)
scores, shares = np.empty((7, 9)), np.empty((7, 9))
for (i, k), _ in np.ndenumerate(scores):
    model = SVC(C=Cs[i], gamma=gammas[k])
    scores[i, k] = cross_val_score(model, X, y, cv=3).mean()
    shares[i, k] = 100 * len(model.fit(X, y).support_) / len(y)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.8), sharey=True)
for axes, values, colours, title in (
    (left, scores, "YlGnBu", "accuracy, cross-validated"),
    (right, shares, "Oranges", "support vectors, % of rows"),
):
    shades = axes.pcolormesh(gammas, Cs, values, cmap=colours, shading="nearest")
    figure.colorbar(shades, ax=axes, shrink=0.9, pad=0.02).outline.set_visible(False)
    best = np.unravel_index(scores.argmax(), scores.shape)
    axes.plot(gammas[best[1]], Cs[best[0]], "o", mfc="white", mec=RED, mew=1.8, ms=8)
    axes.plot(1 / (64 * X.var()), 1.0, "x", color=RED, ms=8, mew=1.8)
    axes.set(xscale="log", yscale="log", title=title, xlabel="gamma")
left.set_ylabel("C")
left.annotate(
    f"{scores.max():.3f}", (gammas[best[1]], Cs[best[0]]), xytext=(8, 6),
    textcoords="offset points", color="white", weight="bold",
)  # fmt: skip
