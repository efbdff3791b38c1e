"""The schedules that are compared with PyTorch's, each made from ``optim.lr_scheduler``."""

import math
import warnings

import numpy as np

EPOCHS = 60


def warm_up_then_cosine(s, optimizer):
    warm_up = s.LinearLR(optimizer, start_factor=0.1, total_iters=7)
    return s.SequentialLR(optimizer, [warm_up, s.CosineAnnealingLR(optimizer, 23, 1e-3)], [7])


def sequence_of_many(s, optimizer):
    parts = [
        s.ConstantLR(optimizer, 0.3, 4),
        s.ExponentialLR(optimizer, 0.9),
        s.StepLR(optimizer, 3, 0.5),
        s.MultiStepLR(optimizer, [0, 2, 4]),
        s.PolynomialLR(optimizer, 6, 1.5),
        s.LambdaLR(optimizer, lambda t: 1 / (1 + t)),
        s.CosineAnnealingWarmRestarts(optimizer, 3, 2),
    ]
    return s.SequentialLR(optimizer, parts, [5, 13, 20, 29, 37, 44])


def chain(s, optimizer):
    parts = [s.ConstantLR(optimizer, 0.1, 3), s.ExponentialLR(optimizer, 0.9)]
    return s.ChainedScheduler(parts)


SCHEDULES = {
    "lambda": lambda s, o: s.LambdaLR(o, lambda t: 0.95**t),
    "lambdas": lambda s, o: s.LambdaLR(o, [lambda t: t // 30, lambda t: 1 / (1 + t)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda t: 1 - 1 / (t + 2)),
    "step": lambda s, o: s.StepLR(o, 7, 0.3),
    "multistep": lambda s, o: s.MultiStepLR(o, [3, 8, 8, 41], 0.7),
    "constant": lambda s, o: s.ConstantLR(o),
    "constant-0": lambda s, o: s.ConstantLR(o, 0.25, 0),
    "linear": lambda s, o: s.LinearLR(o, 0.1, 0.9, 17),
    "linear-default": lambda s, o: s.LinearLR(o),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.97),
    "polynomial": lambda s, o: s.PolynomialLR(o, 40, 0.9),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 13, 1e-3),
    "cosine-1": lambda s, o: s.CosineAnnealingLR(o, 1),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 5),
    "restarts-longer": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 1e-4),
    "one-cycle": lambda s, o: s.OneCycleLR(o, 0.2, total_steps=EPOCHS),
    "one-cycle-three": lambda s, o: s.OneCycleLR(
        o, [0.2, 0.4], epochs=6, steps_per_epoch=10, three_phase=True, anneal_strategy="linear"
    ),
    "one-cycle-rate-only": lambda s, o: s.OneCycleLR(
        o, 0.2, total_steps=80, pct_start=0.45, cycle_momentum=False, div_factor=3.0
    ),
    "cyclic": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 7, 4),
    "cyclic-halved": lambda s, o: s.CyclicLR(
        o, [0.01, 0.02], [0.1, 0.3], 5, mode="triangular2", base_momentum=0.7
    ),
    "cyclic-shrinking": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, 6, mode="exp_range", gamma=0.99, cycle_momentum=False
    ),
    "cyclic-function": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, 6, scale_fn=lambda x: math.cos(x) ** 2, scale_mode="iterations"
    ),
    "warm-up-cosine": warm_up_then_cosine,
    "sequence": sequence_of_many,
    "chained": chain,
}


def rates(optim, name, params):
    """Return the rate and the momentum of two groups at each epoch, shape (EPOCHS + 1, 2, 2)."""
    adam = name in ("cyclic-halved", "one-cycle-three")
    groups = [{"params": params[:1]}, {"params": params[1:], "lr": 0.03}]
    optimizer = optim.Adam(groups, lr=0.1) if adam else optim.SGD(groups, lr=0.1, momentum=0.9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own schedules call each other wrongly
        schedule = SCHEDULES[name](optim.lr_scheduler, optimizer)
        seen = []
        for epoch in range(EPOCHS + 1):
            seen.append(
                [
                    (rate, g["betas"][0] if adam else g["momentum"])
                    for rate, g in zip(schedule.get_last_lr(), optimizer.param_groups, strict=True)
                ]
            )
            for group, rate in zip(optimizer.param_groups, schedule.get_last_lr(), strict=True):
                assert group["lr"] == rate
            optimizer.step()
            if epoch < EPOCHS:
                schedule.step()
    return np.array(seen)
