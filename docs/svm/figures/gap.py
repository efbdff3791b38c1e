"""The duality gap by iteration, for two ways to choose a pair, and what the violation does."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE
from scratchml.datasets import load_breast_cancer
from scratchml.svm.smo import Dual, duality_gap, move_pair, select_pair, slopes, solution_at

data = load_breast_cancer()
X, y = data.data, np.where(data.target == 1, 1.0, -1.0)
X = (X - X.mean(axis=0)) / X.std(axis=0)
squares = (X * X).sum(axis=1)
K = np.exp(-(squares[:, None] + squares - 2 * X @ X.T) / X.shape[1])
n, C, TOL = len(y), 10.0, 1e-3
dual = Dual(y, np.minimum(y * C, 0), np.maximum(y * C, 0), 0.0, np.zeros(n), np.zeros(n, int))


def steepest(K, dual, b, g):
    """Return the pair of the largest violation (Keerthi et al., 2001)."""
    right, left = slopes(dual, b, g)
    i, j = np.argmin(right), np.argmax(left)
    return i, j, left[j] - right[i]


def path(select):
    """Return the violation and the gap after each step, until `TOL`."""
    b, g, rows = np.zeros(n), -y.copy(), []
    while True:
        i, j, violation = select(K, dual, b, g)
        rows.append((violation, duality_gap(dual, solution_at(dual, b, g, len(rows), TOL))))
        if violation <= TOL:
            return np.array(rows)
        before_i, before_j = b[i], b[j]
        move_pair(K, dual, b, g, i, j)
        g += (b[i] - before_i) * K[i] + (b[j] - before_j) * K[j]


figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.7), sharex=True)
for select, colour, name in (
    (steepest, ORANGE, "largest violation"),
    (select_pair, BLUE, "largest gain"),
):
    rows = path(select)
    left.plot(rows[:, 1], color=colour, lw=1.2, label=f"{name}: {len(rows) - 1} steps")
    right.plot(rows[:, 0], color=colour, lw=0.8)
right.axhline(TOL, color=GREY, lw=1, ls="--")
right.annotate("tol", (0, TOL), xytext=(0, 3), textcoords="offset points", color=GREY)
left.set(yscale="log", title="duality gap", xlabel="step")
right.set(yscale="log", title="largest violation of the KKT conditions", xlabel="step")
left.legend()
