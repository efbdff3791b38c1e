"""Networks beside PyTorch's: whole training steps, and convolutions with their gradients.

The net is that of PyTorch's CIFAR-10 tutorial, written once for both libraries; a run is some
steps of its training loop from the same weights, and the quality the loss after them. For a
convolution a run is one call; the quality is the largest error beside our own in float64, relative
to the largest value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks.harness import Case

# --------------------------------------------------------------------------------- training steps


def net(nn: Any, F: Any) -> Any:
    """Return the tutorial's network, of whichever library."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, 6, 5)
            self.pool = nn.MaxPool2d(2, 2)
            self.conv2 = nn.Conv2d(6, 16, 5)
            self.fc1 = nn.Linear(16 * 5 * 5, 120)
            self.fc2 = nn.Linear(120, 84)
            self.fc3 = nn.Linear(84, 10)

        def forward(self, x: Any) -> Any:
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            x = x.view(-1, 16 * 5 * 5)
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return self.fc3(x)

    return Net()


def images(n: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, n)
    x = 0.3 * random.standard_normal((n, 3, 32, 32)) + labels[:, None, None, None] / 10
    return x.astype(np.float32), labels


@cache
def weights() -> dict[str, np.ndarray]:
    """Return the first weights, the same for both."""
    import scratchml.nn as nn
    import scratchml.nn.functional as F
    from scratchml import tensor

    tensor.manual_seed(0)
    return {key: value.numpy().copy() for key, value in net(nn, F).state_dict().items()}


def train(torch: Any, nn: Any, F: Any, optim: Any, x: np.ndarray, labels: np.ndarray) -> float:
    """Train some steps and return the last loss."""
    model = net(nn, F)
    model.load_state_dict({key: torch.from_numpy(w.copy()) for key, w in weights().items()})
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(labels)
    for _ in range(max(10, 1024 // len(x))):
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        last: float = loss.item()
    return last


def ours(x: np.ndarray, labels: np.ndarray) -> float:
    import scratchml.nn as nn
    import scratchml.nn.functional as F
    from scratchml import optim, tensor

    return train(tensor, nn, F, optim, x, labels)


def theirs() -> Callable[..., float]:
    import torch
    import torch.nn.functional as F
    from torch import nn, optim

    return partial(train, torch, nn, F, optim)


def step(n: int, target: float) -> Case:
    def loss(last: float, *data: np.ndarray) -> float:
        return last

    return Case(f"nn-cifar-step-{n}", images, n, ours, {"PyTorch": theirs}, loss, "loss", target)


# --------------------------------------------------------------------------------- convolutions


def convolution(
    name: str,
    shape: tuple[int, int, int, int],
    out: int,
    kernel: int,
    targets: tuple[float, float, float],
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
) -> list[Case]:
    """Return three cases: the output, the gradient of the images, that of the filters."""
    n, channels, height, width = shape
    filters = (out, channels // groups, kernel, kernel)

    def data(n: int) -> tuple[np.ndarray, ...]:
        random = np.random.default_rng(0)
        size = [(side + 2 * padding - kernel) // stride + 1 for side in (height, width)]
        shapes = [(n, channels, height, width), filters, (n, out, *size)]
        x, w, dy = (random.standard_normal(s).astype(np.float32) for s in shapes)
        return x, w / np.float32(np.sqrt(w[0].size)), dy

    def mine(which: int, x: np.ndarray, w: np.ndarray, dy: np.ndarray) -> np.ndarray:
        from scratchml.nn.ops.conv import conv2d_backward, conv2d_forward

        if which == 0:
            y: np.ndarray = conv2d_forward(x, w, None, stride, padding, 1, groups)[0]
            return y
        needs = (which == 1, which == 2, False)
        gradient: np.ndarray = conv2d_backward(dy, cache_of(x, w), needs)[which - 1]
        return gradient

    def cache_of(x: np.ndarray, w: np.ndarray) -> Any:
        """Return what the forward half keeps, without computing it."""
        from scratchml.nn.ops.conv_geometry import conv_geometry

        g = conv_geometry("conv2d", x.shape, w.shape, None, stride, padding, 1, groups)
        return x, w, True, g

    def peer(which: int) -> Callable[..., np.ndarray]:
        import torch

        def run(x: np.ndarray, w: np.ndarray, dy: np.ndarray) -> np.ndarray:
            tx, tw, tdy = (torch.from_numpy(a) for a in (x, w, dy))
            if which == 0:
                y = torch.nn.functional.conv2d(tx, tw, None, stride, padding, 1, groups)
                return np.asarray(y)
            mask = [which == 1, which == 2, False]
            sides = [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups
            return np.asarray(
                torch.ops.aten.convolution_backward(tdy, tx, tw, None, *sides, mask)[which - 1]
            )

        return run

    @cache
    def exact(which: int) -> np.ndarray:
        return mine(which, *(a.astype(np.float64) for a in data(n)))

    def error(which: int, found: np.ndarray, *_: np.ndarray) -> float:
        return float(np.abs(found - exact(which)).max() / np.abs(exact(which)).max())

    return [
        Case(
            f"nn-conv-{name}-{what}",
            data,
            n,
            partial(mine, which),
            {"PyTorch": partial(peer, which)},
            partial(error, which),
            "error",
            target,
        )
        for which, (what, target) in enumerate(zip(("forward", "dx", "dw"), targets, strict=True))
    ]


CASES = [
    step(4, 4.0),
    step(32, 2.0),
    step(256, 1.5),
    *convolution("3x3-64-56x56", (8, 64, 56, 56), 64, 3, (1.2, 1.0, 1.4), padding=1),
    *convolution("3x3-128-28x28", (16, 128, 28, 28), 128, 3, (1.0, 0.85, 1.1), padding=1),
    *convolution("5x5-s2-32-64", (8, 32, 56, 56), 64, 5, (0.95, 1.1, 1.2), stride=2, padding=2),
    *convolution("1x1-256", (8, 256, 28, 28), 256, 1, (1.5, 1.5, 1.5)),
    *convolution("depthwise-64", (8, 64, 56, 56), 64, 3, (3.0, 3.0, 3.0), padding=1, groups=64),
]
