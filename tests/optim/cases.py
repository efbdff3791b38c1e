"""The settings that optimizers are compared with PyTorch's at, and the problem they are given."""

from itertools import product

import numpy as np

STEPS = 100
KEPT = (1, 2, 10, 100)  # the steps whose parameters are stored


def crossed(**options):
    """Yield every combination of the options' values."""
    for values in product(*options.values()):
        yield dict(zip(options, values, strict=True))


def _cases():
    for o in crossed(
        momentum=(0, 0.9), dampening=(0, 0.3), weight_decay=(0, 0.1), nesterov=(False, True),
        maximize=(False, True),
    ):  # fmt: skip
        if not o["nesterov"] or (o["momentum"] and not o["dampening"]):
            yield "SGD", {"lr": 0.01, **o}
    both = {"weight_decay": (0, 0.1), "amsgrad": (False, True), "maximize": (False, True)}
    for o in crossed(betas=((0.9, 0.999), (0.4, 0.6)), eps=(1e-8, 0.1), **both):
        yield "Adam", {"lr": 0.05, **o}
        yield "AdamW", {"lr": 0.05, **o}
    for o in crossed(
        alpha=(0.99, 0.5), momentum=(0, 0.9), centered=(False, True), weight_decay=(0, 0.1),
        maximize=(False, True),
    ):  # fmt: skip
        yield "RMSprop", {"lr": 0.01, "eps": 1e-3, **o}
    for o in crossed(
        lr_decay=(0, 0.1), initial_accumulator_value=(0, 0.5), weight_decay=(0, 0.1),
        maximize=(False, True),
    ):  # fmt: skip
        yield "Adagrad", {"lr": 0.1, **o}


CASES = list(_cases())


def label(case):
    name, options = case
    return "-".join([name, *(f"{k}={v}".replace(" ", "") for k, v in options.items())])


def start(dtype=np.float64):
    """Return two parameters of different shapes."""
    random = np.random.default_rng(0)
    return [random.standard_normal(shape).astype(dtype) for shape in ((3, 2), (5,))]


def gradient(p, step):
    """Return the gradient of a quadratic function with noise that depends on the step alone."""
    random = np.random.default_rng([step, p.size])
    curvature = np.linspace(0.1, 2.0, p.size).reshape(p.shape)
    noise = random.standard_normal(p.shape) * (random.random(p.shape) < 0.7)
    return (np.sin(curvature * p) + 0.3 * noise).astype(p.dtype)
