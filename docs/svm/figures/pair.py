"""Steps of SMO: D over the two variables of a pair, and along the line on which they move."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml._tour.pictures import BLUE, GREY, ORANGE, RED
from scratchml.datasets import load_breast_cancer
from scratchml.svm.smo import Dual, move_pair, select_pair

data = load_breast_cancer()
columns = [list(data.feature_names).index(name) for name in ("worst texture", "worst area")]
X, y = data.data[:, columns], np.where(data.target == 1, 1.0, -1.0)
X = (X - X.mean(axis=0)) / X.std(axis=0)
K = np.exp(-2.0 * ((X[:, None] - X) ** 2).sum(axis=2))
n, C = len(y), 1.0
dual = Dual(y, np.minimum(y * C, 0), np.maximum(y * C, 0), 0.0, np.zeros(n), np.zeros(n, int))


def steps():
    """Yield the number of each step, b and its slopes before it, and the pair."""
    b, g = np.zeros(n), -y.copy()
    for number in range(1, 1000):
        i, j, violation = select_pair(K, dual, b, g)
        if violation <= 1e-3:
            return
        yield number, b.copy(), g.copy(), i, j
        before = b.copy()
        move_pair(K, dual, b, g, i, j)
        g += K @ (b - before)


def lengths(step):
    """Return the t of the lowest point, and the room that the bounds leave."""
    _, b, g, i, j = step
    curvature = K[i, i] + K[j, j] - 2 * K[i, j]
    return (g[j] - g[i]) / curvature, min(dual.upper[i] - b[i], b[j] - dual.lower[j])


def change(g, i, j, u, v):
    """Return D after adding u to b_i and v to b_j, less D."""
    return g[i] * u + g[j] * v + (K[i, i] * u**2 + 2 * K[i, j] * u * v + K[j, j] * v**2) / 2


def show(axes, step, title):
    number, b, g, i, j = step
    box = [(dual.lower[k], dual.upper[k]) for k in (i, j)]
    U, V = np.meshgrid(*[np.linspace(low - 0.3, high + 0.3, 150) for low, high in box])
    axes.contourf(U, V, change(g, i, j, U - b[i], V - b[j]), levels=18, cmap="YlGnBu_r", alpha=0.5)
    (a, c), (d, e) = box
    axes.plot([a, c, c, a, a], [d, d, e, e, d], color="#333f48", lw=1.4)
    ends = np.array([-3, 3])
    axes.plot(b[i] + ends, b[j] - ends, color=GREY, lw=1, ls="--")
    after = b.copy()
    move_pair(K, dual, after, g, i, j)
    axes.annotate(
        "", (after[i], after[j]), (b[i], b[j]),
        arrowprops={"arrowstyle": "-|>", "color": RED, "lw": 2, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
    axes.plot(b[i], b[j], "o", color=RED, ms=6)
    axes.set(xlim=(a - 0.3, c + 0.3), ylim=(d - 0.3, e + 0.3), xlabel="$b_i$", ylabel="$b_j$")
    axes.set(title=f"step {number}: {title}", aspect="equal")


every = list(steps())
inside = max((s for s in every if lengths(s)[0] < lengths(s)[1]), key=lambda s: lengths(s)[0])
ratio = {s[0]: lengths(s)[0] / lengths(s)[1] for s in every if 0.3 < lengths(s)[1] < 0.8}
clipped = min((s for s in every if s[0] in ratio), key=lambda s: abs(ratio[s[0]] - 2))
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.2, 3.7))
show(left, inside, "to the lowest point")
show(middle, clipped, "to a bound")
for step, colour in ((inside, BLUE), (clipped, ORANGE)):
    number, b, g, i, j = step
    lowest, room = lengths(step)
    t = np.linspace(0, 1.3 * lowest, 200)
    right.plot(t, change(g, i, j, t, -t), color=colour, label=f"step {number}")
    stop = min(lowest, room)
    right.plot(stop, change(g, i, j, stop, -stop), "o", color=colour, ms=7)
right.set(title="the change of D along the line", xlabel="t")
right.legend()
