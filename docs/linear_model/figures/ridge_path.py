"""Ridge regression on diabetes: coefficients and leave-one-out error as the penalty grows."""

import matplotlib.pyplot as plt
import numpy as np
import paths

from scratchml._tour.pictures import BLUE, GREY, ORANGE
from scratchml.datasets import load_diabetes
from scratchml.linear_model import Ridge, RidgeCV
from scratchml.linear_model.leave_one_out import leave_one_out_errors
from scratchml.model_selection import LeaveOneOut
from scratchml.preprocessing import PolynomialFeatures, StandardScaler

diabetes = load_diabetes()
X, y = StandardScaler().fit_transform(diabetes.data), diabetes.target
figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.2))
alphas = np.logspace(-2, 4, 121)
coefs = np.array([Ridge(alpha).fit(X, y).coef_ for alpha in alphas])
paths.draw(left, alphas, coefs, diabetes.feature_names, apart=3.6)
left.set_title("coefficients")

X, y = PolynomialFeatures(2, include_bias=False).fit_transform(X)[:150], y[:150]
errors = leave_one_out_errors(X, y[:, None], None, alphas)[:, 0]  # (n, number of alphas)
right.plot(alphas, np.sqrt(np.mean(errors**2, axis=0)), color=BLUE,
           label="one decomposition for all penalties")  # fmt: skip
some = alphas[::20]
slow = [
    [y[test] - Ridge(alpha).fit(X[train], y[train]).predict(X[test])
     for train, test in LeaveOneOut().split(X)]
    for alpha in some
]  # fmt: skip
right.plot(some, np.sqrt(np.mean(np.square(slow)[:, :, 0], axis=1)), "o", color=ORANGE, mec="white",
           ms=7, label=f"{len(y)} fits for each penalty")  # fmt: skip
best = RidgeCV(alphas=alphas).fit(X, y).alpha_
right.axvline(best, color=GREY, lw=1, ls="--", zorder=0)
low, high = right.get_ylim()
right.annotate(f"RidgeCV: {best:.1f}", (best, high), xytext=(-5, -4), ha="right",
               textcoords="offset points", color="#5b6770")  # fmt: skip
right.set(xscale="log", xlabel="alpha", title="150 patients, all products: leave-one-out error",
          ylim=(low, high + 0.35 * (high - low)))  # fmt: skip
right.legend(loc="upper right")
