"""Four optimizers in a long valley."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml import optim
from scratchml._tour.pictures import BLUE, RED
from scratchml.nn import Parameter
from scratchml.tensor import from_numpy

CURVATURE = np.array([1.0, 50.0])
START = np.array([-9.0, 1.2])


def path(name, **options):
    p = Parameter(from_numpy(START.copy()))
    optimizer = getattr(optim, name)([p], **options)
    points = [START]
    for _ in range(60):
        p.grad = from_numpy(CURVATURE * p.detach().numpy())
        optimizer.step()
        points.append(p.detach().numpy().copy())
    return np.array(points)


x, y = np.meshgrid(np.linspace(-10, 2.5, 200), np.linspace(-1.7, 1.7, 200))
height = (CURVATURE[0] * x**2 + CURVATURE[1] * y**2) / 2
figure, panels = plt.subplots(2, 2, figsize=(8.8, 4.4), sharex=True, sharey=True)
for axes, title, points, colour in (
    (panels[0, 0], "SGD, lr 0.01", path("SGD", lr=0.01), BLUE),
    (panels[0, 1], "SGD, lr 0.039", path("SGD", lr=0.039), BLUE),
    (panels[1, 0], "SGD, lr 0.02, momentum 0.8", path("SGD", lr=0.02, momentum=0.8), RED),
    (panels[1, 1], "Adam, lr 0.5", path("Adam", lr=0.5, betas=(0.8, 0.99)), RED),
):
    axes.contour(x, y, height, levels=np.geomspace(0.3, 80, 9), colors="#c3cad0", linewidths=0.7)
    axes.plot(*points.T, "o-", color=colour, markersize=2.6, linewidth=1.0)
    axes.plot(0, 0, "+", color="#333f48", markersize=9)
    left = np.sqrt((CURVATURE * points[-1] ** 2).sum() / (CURVATURE * START**2).sum())
    axes.set_title(f"{title}: {left:.1%} left")
