"""Learning rates of six schedules."""

import matplotlib.pyplot as plt
import numpy as np

from scratchml import optim
from scratchml._tour.pictures import BLUE, RED
from scratchml.nn import Parameter
from scratchml.optim import lr_scheduler as s
from scratchml.tensor import from_numpy

STEPS = 60


def warm_up(optimizer):
    parts = [s.LinearLR(optimizer, 0.05, total_iters=8), s.CosineAnnealingLR(optimizer, 52)]
    return s.SequentialLR(optimizer, parts, [8])


def rates(make):
    optimizer = optim.SGD([Parameter(from_numpy(np.zeros(1)))], lr=0.1, momentum=0.9)
    schedule = make(optimizer)
    seen = []
    for _ in range(STEPS):
        seen.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return seen


figure, panels = plt.subplots(2, 3, figsize=(8.8, 4.0), sharex=True, sharey=True)
for axes, (title, make) in zip(
    panels.ravel(),
    (
        ("StepLR(20, 0.3)", lambda o: s.StepLR(o, 20, 0.3)),
        ("warm-up, then cosine", warm_up),
        ("OneCycleLR(0.1)", lambda o: s.OneCycleLR(o, 0.1, total_steps=STEPS)),
        ("ExponentialLR(0.95)", lambda o: s.ExponentialLR(o, 0.95)),
        ("warm restarts, T_0 = 10", lambda o: s.CosineAnnealingWarmRestarts(o, 10, 2)),
        ("CyclicLR, triangular2", lambda o: s.CyclicLR(o, 0.01, 0.1, 10, mode="triangular2")),
    ),
    strict=True,
):
    axes.plot(rates(make), color=RED if "Cyc" in title else BLUE)
    axes.set_title(title)
for axes in panels[1]:
    axes.set_xlabel("epoch, or batch")
for axes in panels[:, 0]:
    axes.set_ylabel("learning rate")
