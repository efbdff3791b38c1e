"""Newton's method and L-BFGS on one logistic loss: the gradient by iteration and by time."""

import time

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, ORANGE, RED
from scratchml.datasets import load_digits
from scratchml.linear_model.lbfgs import lbfgs
from scratchml.linear_model.logistic_fit import bohning_inverse
from scratchml.linear_model.logistic_hessian import hessian
from scratchml.linear_model.logistic_loss import loss_and_gradient
from scratchml.linear_model.newton import newton
from scratchml.preprocessing import StandardScaler

X, target = load_digits(return_X_y=True)
X, y = StandardScaler().fit_transform(X), (target % 2).astype(np.int64)  # odd or even
n, q = X.shape[0], X.shape[1] + 1
w, ridge = np.full(n, 1 / n), 1e-4
l2 = np.append(np.full(q - 1, ridge), 0.0)


def value_and_gradient(x):
    f, g = loss_and_gradient(X, y, w, x[None])
    return f + 0.5 * l2 @ (x * x), g[0] + l2 * x


def penalised_hessian(x):
    return hessian(X, w, x[None]) + np.diag(l2)


bound = bohning_inverse(X, w, 1, q, ridge)
START = {"x0": np.zeros(q), "tol": 1e-14}
METHODS = {
    "Newton": (BLUE, lambda k: newton(value_and_gradient, penalised_hessian, max_iter=k, **START)),
    "L-BFGS, preconditioned": (
        ORANGE,
        lambda k: lbfgs(value_and_gradient, max_iter=k, precondition=bound, **START),
    ),
    "L-BFGS": (RED, lambda k: lbfgs(value_and_gradient, max_iter=k, **START)),
}


def timed(function, k):
    """Return the result of function(k) and the least seconds of three runs."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        result = function(k)
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.9), sharey=True)
for name, (colour, minimise) in METHODS.items():
    minimise(3)  # compiles
    steps, gradients, seconds = [], [], []
    for k in [*range(13), *range(14, 40, 2), *range(40, 161, 10)]:
        result, least = timed(minimise, k)
        seconds.append(least)
        steps.append(result.n_iter)
        gradients.append(np.abs(result.gradient).max())
        if result.status != "max_iter":
            break
    style = {"color": colour, "marker": "o", "ms": 3.5, "label": name}
    left.plot(steps, gradients, **style)
    right.plot(1e3 * np.maximum.accumulate(seconds), gradients, **style)
left.set(yscale="log", xlabel="iterations", ylabel="largest entry of the gradient",
         title="by iteration", ylim=(1e-17, 1))  # fmt: skip
right.set(xlabel="milliseconds", xscale="log", title="by time")
left.legend(loc="upper right")
