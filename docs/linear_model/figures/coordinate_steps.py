"""Left: coordinate descent on two correlated features. Right: the duality gap by sweep."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE, RED
from scratchml.datasets import load_diabetes
from scratchml.linear_model.coordinate_descent import residual_sweep
from scratchml.linear_model.duality_gap import duality_gap
from scratchml.linear_model.gram_descent import descend_gram, newton_step
from scratchml.preprocessing import PolynomialFeatures, StandardScaler


def standardised(X, y):
    """Return columns of mean 0 and norm 1 as rows, and the centred target of norm 1."""
    X = StandardScaler().fit_transform(X) / np.sqrt(len(X))
    y = y - y.mean()
    return np.ascontiguousarray(X.T), y / np.linalg.norm(y)


def sweeps(A, y, b, l1, most):
    """Yield b after each sweep of plain coordinate descent."""
    b, r, norms = b.copy(), y - A.T @ b, np.einsum("ij,ij->i", A, A)
    for _ in range(most):
        residual_sweep(A, norms, np.arange(len(A)), b, r, l1, 0.0, -np.inf)
        yield b.copy()


def objective(A, y, b, l1):
    return 0.5 * np.sum((y - A.T @ b) ** 2) + l1 * np.abs(b).sum()


def gap_at(A, y, b, l1):
    r = y - A.T @ b
    return duality_gap(b, A @ r, r @ r, np.einsum("ij,ij->i", A, A), l1, 0.0)[0]


def draw_steps(axes, data):
    names = ["s1", "s2"]  # total cholesterol and low-density lipoproteins
    columns = [data.feature_names.index(name) for name in names]
    A, y = standardised(data.data[:, columns], data.target)
    l1 = 0.002
    corners = [np.array([-0.05, -0.6])]
    for b in sweeps(A, y, corners[0], l1, 14):
        corners += [np.array([b[0], corners[-1][1]]), b]
    corners = np.array(corners)
    Q, b = A @ A.T, corners[2].copy()
    newton_step(Q, b, A @ (y - A.T @ b), l1, 0.0)
    (x0, x1), (y0, y1) = (-0.15, 0.8), (-0.7, 0.2)
    grid = np.meshgrid(np.linspace(x0, x1, 300), np.linspace(y0, y1, 300))
    points = np.stack([g.ravel() for g in grid])  # (2, m)
    values = 0.5 * ((y[:, None] - A.T @ points) ** 2).sum(axis=0) + l1 * np.abs(points).sum(axis=0)
    values = values.reshape(grid[0].shape)
    low = objective(A, y, b, l1)
    levels = low + (values.max() - low) * np.linspace(0, 1, 19) ** 3
    axes.contourf(*grid, values, levels=levels, cmap="Blues_r", alpha=0.55)
    axes.contour(*grid, values, levels=levels, colors="white", linewidths=0.6)
    axes.axhline(0, color=GREY, lw=0.7)
    axes.axvline(0, color=GREY, lw=0.7)
    axes.plot(
        *corners.T, color=ORANGE, lw=1.8, marker="o", ms=3.5, label="one coordinate at a time"
    )
    axes.annotate(
        "",
        b,
        corners[2],
        arrowprops={
            "arrowstyle": "->",
            "color": RED,
            "lw": 1.8,
            "connectionstyle": "arc3,rad=0.25",
        },
    )
    axes.plot([], [], color=RED, label="Newton step once signs are known")
    axes.plot(*b, "*", color=RED, ms=13, mec="white")
    axes.set(title="two features of diabetes", xlabel=names[0], ylabel=names[1],
             xlim=(x0, x1), ylim=(y0, y1))  # fmt: skip
    axes.legend(loc="upper right", fontsize=8.5, frameon=True, framealpha=0.85, edgecolor="none")


def draw_gap(axes, data):
    X = PolynomialFeatures(2, include_bias=False).fit_transform(data.data)
    A, y = standardised(X, data.target)
    l1, most = 0.003, 400
    plain = [np.zeros(len(A)), *sweeps(A, y, np.zeros(len(A)), l1, most)]
    axes.plot([gap_at(A, y, b, l1) for b in plain], color=ORANGE, label="duality gap, sweeps alone")

    Q = A @ A.T
    b, c = np.zeros(len(A)), A @ y
    norm, counts, gaps = float(y @ y), [0], [gap_at(A, y, b, l1)]
    while counts[-1] < most:
        r = y - A.T @ b
        counts.append(
            counts[-1] + descend_gram(Q, b, c, float(r @ r), l1, 0.0, goal=np.inf, most=10)
        )
        gaps.append(gap_at(A, y, b, l1))
        if gaps[-1] < 1e-14:
            break
    best = objective(A, y, b, l1)
    above = [objective(A, y, b, l1) - best for b in plain]
    axes.plot(above, color=ORANGE, ls="--", lw=1.2, label="P(b) − min P, sweeps alone")
    axes.plot(counts, gaps, color=BLUE, marker="o", ms=4,
              label="duality gap, with Newton steps")  # fmt: skip
    axes.axhline(1e-4 * norm, color=GREY, lw=0.9, ls=":")
    axes.text(
        most, 1.3e-4 * norm, "tol = 1e-4", ha="right", va="bottom", fontsize=8, color="#5b6770"
    )
    axes.set(title=f"all {len(A)} features and products", yscale="log", xlabel="sweeps",
             ylabel="relative to |y|²", ylim=(1e-16, 1e5))  # fmt: skip
    axes.legend(loc="upper right", fontsize=8.5)


figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.2))
diabetes = load_diabetes()
draw_steps(left, diabetes)
draw_gap(right, diabetes)
