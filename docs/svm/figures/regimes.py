"""Seconds of three ways to solve one problem: the whole matrix, blocks, blocks and shrinking."""

import time
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREEN, ORANGE
from scratchml.datasets import make_classification
from scratchml.svm import solver
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel
from scratchml.svm.smo import Dual

SIZES = (1000, 2000, 4000)
X, labels = make_classification(
    SIZES[-1], 20, n_informative=10, n_redundant=2, flip_y=0.02, random_state=0
)
X = (X - X.mean(axis=0)) / X.std(axis=0)
WAYS = {  # up to how many samples there is one block, and what `solve` is told
    "the matrix of all pairs": (ORANGE, SIZES[-1], {}),
    "blocks": (GREEN, 512, {"cache_bytes": 0, "shrinking": False}),
    "blocks, shrinking, the matrix once it pays": (BLUE, solver.DIRECT, {}),
}


def seconds(n, C, direct, options):
    """Return the shorter of two runs."""
    sign = np.where(labels[:n] == 1, C, -C)
    dual = Dual(
        np.sign(sign), np.minimum(sign, 0), np.maximum(sign, 0), 0.0, np.zeros(n),
        np.zeros(n, dtype=np.int64),
    )  # fmt: skip
    times = []
    for _ in range(2):
        start = time.perf_counter()
        with patch.object(solver, "DIRECT", direct):
            solver.solve(DenseRows(Kernel("rbf", 1 / 20), X[:n]), dual, 1e-3, **options)
        times.append(time.perf_counter() - start)
    return min(times)


figure, panels = plt.subplots(1, 2, figsize=(9.2, 3.7))
for axes, C in zip(panels, (1.0, 100.0), strict=True):
    for name, (colour, direct, options) in WAYS.items():
        times = [seconds(n, C, direct, options) for n in SIZES]
        axes.plot(SIZES, times, "o-", color=colour, label=name)
    axes.set(title=f"C = {C:g}: seconds", xlabel="samples", xscale="log", yscale="log")
    axes.set_xticks(SIZES, [f"{n:,}" for n in SIZES])
    axes.minorticks_off()
panels[0].legend(loc="upper left", fontsize=8)
