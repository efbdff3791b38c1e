"""Coefficients of the lasso and the elastic net on diabetes as the penalty grows."""

import matplotlib.pyplot as plt
import numpy as np
import paths

from scratchml._tour.pictures import GREY
from scratchml.datasets import load_diabetes
from scratchml.linear_model import ElasticNet, Lasso
from scratchml.preprocessing import StandardScaler

diabetes = load_diabetes()
X, y = StandardScaler().fit_transform(diabetes.data), diabetes.target
figure, panels = plt.subplots(2, 2, figsize=(9.2, 4.8), sharey="row", height_ratios=(5, 1))
for (axes, below), model, title in (
    (panels[:, 0], Lasso(tol=1e-10), "lasso"),
    (panels[:, 1], ElasticNet(l1_ratio=0.5, tol=1e-10), "elastic net, l1_ratio = 0.5"),
):
    largest = np.abs(X.T @ (y - y.mean())).max() / len(y) / getattr(model, "l1_ratio", 1.0)
    alphas = np.logspace(-3, 0, 150) * largest
    model.set_params(warm_start=True)
    coefs = [model.set_params(alpha=alpha).fit(X, y).coef_ for alpha in alphas[::-1]]
    coefs = np.array(coefs[::-1])
    paths.draw(axes, alphas, coefs, diabetes.feature_names, apart=3.2)
    axes.set(title=title, xlabel="")
    axes.tick_params(axis="x", labelbottom=False)
    below.stairs(np.count_nonzero(coefs, axis=1)[:-1], alphas, color=GREY, fill=True, alpha=0.5)
    below.set(xscale="log", xlim=(alphas[0], alphas[-1]), ylim=(0, 10.5), xlabel="alpha")
    below.set_yticks([0, 5, 10])
panels[1, 0].set_ylabel("features in use", fontsize=8)
