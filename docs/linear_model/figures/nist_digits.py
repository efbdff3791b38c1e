"""Right digits of the worst coefficient: eleven NIST problems, three ways to solve them."""

import matplotlib.pyplot as plt
import nist
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE, RED
from scratchml.linear_model import LinearRegression


def ours(problem):
    model = LinearRegression(fit_intercept=problem.intercept).fit(problem.X, problem.y)
    return np.append(model.intercept_, model.coef_) if problem.intercept else model.coef_


def lstsq(problem):
    return np.linalg.lstsq(problem.design, problem.y, rcond=None)[0]


def normal_equations(problem):
    A = problem.design
    return np.linalg.solve(A.T @ A, A.T @ problem.y)


METHODS = (
    ("LinearRegression", ours, BLUE, "o"),
    ("numpy.linalg.lstsq", lstsq, ORANGE, "s"),
    ("normal equations, solved as they are", normal_equations, RED, "^"),
)
problems = {name: nist.load(name) for name in nist.NAMES}
kappas = {name: np.linalg.cond(problem.design) for name, problem in problems.items()}
names = sorted(problems, key=kappas.get)
rows = np.arange(len(names))[::-1]

figure, axes = plt.subplots(figsize=(8.6, 4.6))
axes.axvline(15, color=GREY, lw=0.8, zorder=0)
axes.hlines(rows, 0, 15, color=GREY, alpha=0.25, lw=0.8, zorder=0)
for label, solve, colour, marker in METHODS[::-1]:
    digits = [problems[name].digits(solve(problems[name])) for name in names]
    axes.scatter(digits, rows, color=colour, marker=marker, s=52, label=label,
                 edgecolor="white", linewidth=0.8, zorder=3, clip_on=False)  # fmt: skip
bounds = [max(16 - np.log10(kappas[name]), 0) for name in names]
axes.scatter(bounds, rows, marker="|", color=GREY, s=150, label="16 − log₁₀ κ", zorder=1)
powers = [f"$10^{{{np.log10(kappas[name]):.0f}}}$" for name in names]
axes.set_yticks(rows, [f"{name}   κ ≈ {power}" for name, power in zip(names, powers, strict=True)])
axes.set(xlim=(0, 15.3), xlabel="right decimal digits of the worst coefficient (15 are certified)")
axes.tick_params(axis="y", length=0)
handles, labels = axes.get_legend_handles_labels()
order = [2, 1, 0, 3]
axes.legend([handles[i] for i in order], [labels[i] for i in order], ncols=4, loc="lower center",
            bbox_to_anchor=(0.42, 1.0), columnspacing=1.2, handletextpad=0.2)  # fmt: skip
