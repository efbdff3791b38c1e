"""Layers without convolutions beside PyTorch's: forward and backward, through nn.functional.

A run is some calls on the same tensors, outputs and gradients anew each time; PyTorch is called in
the same words. The quality is the largest error of output and gradients, beside our own in float64
(which the tests hold against PyTorch's), relative to the largest value of each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Case

Call = Callable[..., Any]  # (functional, input, *parameters) -> output

WORK = 2**23  # numbers that a run goes through, at least


@cache
def arrays(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return the same numbers at each call: a run is not to be the making of them."""
    random = np.random.default_rng(seed)
    return random.standard_normal(shape, dtype=np.float32)


def ours(x: np.ndarray, call: Call, shapes: tuple, backward: bool, dtype: Any = None) -> list:
    """Return output and gradients, as arrays."""
    import scratchml.nn.functional as F
    from scratchml import tensor as torch

    return _run(torch, F, x, call, shapes, backward, dtype)


def theirs(x: np.ndarray, call: Call, shapes: tuple, backward: bool) -> list:
    """Return the same of PyTorch's."""
    import torch
    import torch.nn.functional as F

    return _run(torch, F, x, call, shapes, backward, None)


def _run(
    torch: Any, F: Any, x: np.ndarray, call: Call, shapes: tuple, backward: bool, dtype: Any
) -> list:
    inputs = [x, *(arrays(shape, i + 1) for i, shape in enumerate(shapes))]
    leaves = [torch.from_numpy(a if dtype is None else a.astype(dtype)) for a in inputs]
    if not backward:
        with torch.no_grad():
            for _ in range(times(x)):
                y = call(F, *leaves)
        return [y.numpy()]
    for leaf in leaves:
        leaf.requires_grad_()
    dy = None
    for _ in range(times(x)):
        y = call(F, *leaves)
        if dy is None:
            dy = torch.from_numpy(np.array(arrays(tuple(y.shape), 9), dtype or x.dtype))
        for leaf in leaves:
            leaf.grad = None
        y.backward(dy)
    return [y.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


def times(x: np.ndarray) -> int:
    return max(5, WORK // x.size)


@cache
def _exact(shape: tuple[int, ...], call: Call, shapes: tuple, backward: bool) -> list:
    return ours(arrays(shape, 0), call, shapes, backward, np.float64)


def layer(
    name: str,
    shape: tuple[int, ...],
    call: Call,
    target: float,
    *shapes: tuple[int, ...],
    backward: bool = True,
) -> Case:
    """Return the case of a layer called with an input and parameters of these shapes."""

    def error(found: list, x: np.ndarray) -> float:
        exact = _exact(shape, call, shapes, backward)
        pairs = zip(found, exact, strict=True)
        return max(float(np.abs(a - e).max() / np.abs(e).max()) for a, e in pairs)

    return Case(
        name,
        lambda n: (arrays(shape, 0)[:n],),
        shape[0],
        lambda x: ours(x, call, shapes, backward),
        {"PyTorch": lambda: lambda x: theirs(x, call, shapes, backward)},
        error,
        "error",
        target,
    )


# --------------------------------------------------------------------------------- layers


def max_pool(F: Any, x: Any) -> Any:
    return F.max_pool2d(x, 2, 2)


def max_pool_3(F: Any, x: Any) -> Any:
    return F.max_pool2d(x, 3, 2, 1)


def avg_pool(F: Any, x: Any) -> Any:
    return F.avg_pool2d(x, 2)


def global_pool(F: Any, x: Any) -> Any:
    return F.adaptive_avg_pool2d(x, 1)


def batch_norm(F: Any, x: Any, w: Any, b: Any) -> Any:
    return F.batch_norm(x, None, None, w, b, True)


def batch_norm_eval(F: Any, x: Any, w: Any, b: Any, m: Any) -> Any:
    return F.batch_norm(x, m, m * m, w, b)


def layer_norm(F: Any, x: Any, w: Any, b: Any) -> Any:
    return F.layer_norm(x, tuple(w.shape), w, b)


def rms_norm(F: Any, x: Any, w: Any) -> Any:
    return F.rms_norm(x, tuple(w.shape), w)


def group_norm(F: Any, x: Any, w: Any, b: Any) -> Any:
    return F.group_norm(x, 8, w, b)


def relu(F: Any, x: Any) -> Any:
    return F.relu(x)


def gelu(F: Any, x: Any) -> Any:
    return F.gelu(x)


def silu(F: Any, x: Any) -> Any:
    return F.silu(x)


def softmax(F: Any, x: Any) -> Any:
    return F.softmax(x, -1)


def log_softmax(F: Any, x: Any) -> Any:
    return F.log_softmax(x, -1)


def cross_entropy(F: Any, x: Any) -> Any:
    labels = np.arange(x.shape[0]) * 7 % x.shape[1]
    return F.cross_entropy(x, _tensor_like(x, labels))


def _tensor_like(x: Any, array: np.ndarray) -> Any:
    """Return `array` as a tensor of the library that x is of."""
    if type(x).__module__.startswith("scratchml"):
        from scratchml.tensor import from_numpy
    else:
        from torch import from_numpy
    return from_numpy(array)


def linear(F: Any, x: Any, w: Any, b: Any) -> Any:
    return F.linear(x, w, b)


CASES = [
    layer("nn-max-pool-4x6x28x28", (4, 6, 28, 28), max_pool, 3.0),
    layer("nn-max-pool-4x16x10x10", (4, 16, 10, 10), max_pool, 2.0),
    layer("nn-max-pool-256x6x28x28", (256, 6, 28, 28), max_pool, 4.0),
    layer("nn-max-pool-3x3-8x64x56x56", (8, 64, 56, 56), max_pool_3, 2.0),
    layer("nn-avg-pool-8x64x56x56", (8, 64, 56, 56), avg_pool, 1.0),
    layer("nn-global-pool-64x128x8x8", (64, 128, 8, 8), global_pool, 1.0),
    layer("nn-batch-norm-32x64x32x32", (32, 64, 32, 32), batch_norm, 1.5, (64,), (64,)),
    layer("nn-batch-norm-256x16x10x10", (256, 16, 10, 10), batch_norm, 1.5, (16,), (16,)),
    layer("nn-batch-norm-4x16x10x10", (4, 16, 10, 10), batch_norm, 1.0, (16,), (16,)),
    layer("nn-batch-norm-128x256", (128, 256), batch_norm, 1.0, (256,), (256,)),
    layer(
        "nn-batch-norm-eval-32x64x32", (32, 64, 32, 32), batch_norm_eval, 1.0,
        (64,), (64,), (64,), backward=False,
    ),
    layer("nn-layer-norm-1024x512", (1024, 512), layer_norm, 1.5, (512,), (512,)),
    layer("nn-layer-norm-32x84", (32, 84), layer_norm, 1.0, (84,), (84,)),
    layer("nn-rms-norm-1024x512", (1024, 512), rms_norm, 1.5, (512,)),
    layer("nn-group-norm-32x64x16x16", (32, 64, 16, 16), group_norm, 1.0, (64,), (64,)),
    layer("nn-relu-4x6x28x28", (4, 6, 28, 28), relu, 1.0),
    layer("nn-relu-32x64x32x32", (32, 64, 32, 32), relu, 1.0),
    layer("nn-gelu-1024x2048", (1024, 2048), gelu, 1.0),
    layer("nn-silu-1024x2048", (1024, 2048), silu, 1.0),
    layer("nn-softmax-4096x512", (4096, 512), softmax, 1.0),
    layer("nn-log-softmax-4096x512", (4096, 512), log_softmax, 1.0),
    layer("nn-cross-entropy-4x10", (4, 10), cross_entropy, 1.0),
    layer("nn-cross-entropy-4096x1000", (4096, 1000), cross_entropy, 1.0),
    layer("nn-linear-4x400x120", (4, 400), linear, 1.0, (120, 400), (120,)),
    layer("nn-linear-256x400x120", (256, 400), linear, 1.0, (120, 400), (120,)),
]  # fmt: skip
