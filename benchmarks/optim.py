"""Optimizers and loaders beside PyTorch's: steps of a model, and epochs of batches.

A run is some steps with one gradient, from a copy of the same parameters, which is part of the
time on both sides. The quality is the largest error of the parameters after them, beside the
equations in float64; that of a loader is what it left out. PyTorch's optimizers come in two
forms, one that calls its own kernels list by list (``foreach``, its default) and one kernel a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks.harness import Case

CIFAR_NET = [(6, 3, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,)]
CIFAR_NET += [(10, 84), (10,)]
SHAPES = {62_006: CIFAR_NET}  # other sizes are matrices of a million numbers

OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 1e-3, "momentum": 0.9},
    "Adam": {"lr": 1e-3},
    "AdamW": {"lr": 1e-3, "weight_decay": 0.1, "amsgrad": True},
    "RMSprop": {"lr": 1e-3, "centered": True, "momentum": 0.9},
}

# --------------------------------------------------------------------------------- steps


def model(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Parameters and gradients, all in one row each."""
    random = np.random.default_rng(0)
    return tuple(random.standard_normal(n).astype(np.float32) for _ in "pg")  # type: ignore


def parts(flat: np.ndarray) -> list[np.ndarray]:
    shapes = SHAPES.get(flat.size)
    if shapes is None:
        return [piece.copy() for piece in np.array_split(flat, max(1, flat.size // 1_000_000))]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(shape).copy() for piece, shape in zip(pieces, shapes, strict=True)]


def ours(name: str, steps: int, p: np.ndarray, g: np.ndarray) -> np.ndarray:
    from scratchml import optim
    from scratchml.nn import Parameter
    from scratchml.tensor import from_numpy

    params = [Parameter(from_numpy(piece)) for piece in parts(p)]
    for parameter, piece in zip(params, parts(g), strict=True):
        parameter.grad = from_numpy(piece)
    optimizer = getattr(optim, name)(params, **OPTIONS[name])
    for _ in range(steps):
        optimizer.step()
    return np.concatenate([parameter.detach().numpy().ravel() for parameter in params])


def theirs(name: str, steps: int, form: str) -> Callable[..., np.ndarray]:
    import torch

    def run(p: np.ndarray, g: np.ndarray) -> np.ndarray:
        params = [torch.nn.Parameter(torch.from_numpy(piece)) for piece in parts(p)]
        for parameter, piece in zip(params, parts(g), strict=True):
            parameter.grad = torch.from_numpy(piece)
        optimizer = getattr(torch.optim, name)(params, **OPTIONS[name], **{form: True})
        for _ in range(steps):
            optimizer.step()
        return np.concatenate([parameter.detach().numpy().ravel() for parameter in params])

    return run


@cache
def _exact(name: str, steps: int, n: int) -> np.ndarray:
    p, g = model(n)
    return ours(name, steps, p.astype(np.float64), g.astype(np.float64))


def _steps(name: str, label: str, n: int, steps: int, target: float, fused: bool = True) -> Case:
    def error(found: np.ndarray, p: np.ndarray, g: np.ndarray) -> float:
        return float(np.abs(found - _exact(name, steps, n)).max())

    forms = ["foreach", "fused"] if fused else ["foreach"]
    peers = {f"torch {form}": partial(theirs, name, steps, form) for form in forms}
    case = f"optim-{name.lower()}-{label}"
    return Case(case, model, n, partial(ours, name, steps), peers, error, "error", target)


# --------------------------------------------------------------------------------- loaders


def images(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of 3 x 32 x 32 and their numbers."""
    random = np.random.default_rng(0)
    return random.standard_normal((n, 3, 32, 32)).astype(np.float32), np.arange(n)


def _epochs(loader: Any, array: Callable[[Any], np.ndarray]) -> np.ndarray:
    seen: list[np.ndarray] = []
    for _ in range(3):
        seen = [array(y) for _, y in loader]
    return np.concatenate(seen)


def our_epochs(size: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    from scratchml.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(x, y), batch_size=size, shuffle=True)
    return _epochs(loader, lambda t: t.array)


def their_epochs(size: int) -> Callable[..., np.ndarray]:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    def run(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        data = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
        return _epochs(DataLoader(data, batch_size=size, shuffle=True), lambda t: t.numpy())

    return run


def left_out(seen: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """Return how many samples an epoch did not give once."""
    return float(len(y) - len(set(seen.tolist())) + abs(len(y) - len(seen)))


def _loader(size: int, target: float) -> Case:
    return Case(
        f"loader-{size}",
        images,
        8_000,
        partial(our_epochs, size),
        {"torch": partial(their_epochs, size)},
        left_out,
        "left out",
        target,
    )


CASES: Sequence[Case] = [
    _steps("SGD", "cifar-net", 62_006, 1_000, 2.0),
    _steps("Adam", "cifar-net", 62_006, 1_000, 2.0),
    _steps("SGD", "4m", 4_000_000, 20, 1.0),
    _steps("Adam", "4m", 4_000_000, 20, 2.0),
    _steps("AdamW", "4m", 4_000_000, 20, 2.0),
    _steps("RMSprop", "4m", 4_000_000, 20, 2.0, fused=False),
    _loader(4, 3.0),
    _loader(256, 1.0),
]
