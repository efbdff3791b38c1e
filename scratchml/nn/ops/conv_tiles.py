"""Convolution in two dimensions at the speed of the machine: sums over taps, tile by tile.

With the planes of an image padded and laid one after the other, a convolution of stride 1 is, for
whole rows of outputs at once, a sum of shifted copies: with q = i pitch + j,

    y[m, q] = sum_k w[m, k] P[offset[k] + q]        k a *tap* (c, kh, kw), P the padded planes,

where the last entries of each row, that reach over the edge, are computed and thrown away. That is
a matrix product whose second factor is never built: a `GatherTile` (`scratchml._core.jit_tiles`)
reads it where it stands. The rest is bookkeeping, done once for each shape in `conv_plans`:

stride      P keeps every s-th row and column together (s x s *phases* of each plane), so that the
            outputs' neighbours are the inputs' neighbours again.
dX          the same sum over the padded dY: dX[s i + a] gets the taps kh with
            (a + p - d kh) divisible by s, from row i + (a + p - d kh) / s of dY; there is one such
            sum for each of the s x s phases (a, b) of dX.
dW          dW[m, k] = sum_q dY[m, q] P[offset[k] + q], with zeros in dY where the edge is: a
            `DotTile`, over several images at a time if they are small.

Filters of 3 by 3 numbers on many channels go to `winograd`. The loops are in `conv_kernels`; the
definition, and the way without Numba, is in `scratchml.nn.ops.conv`. What is added up, and in what
order, does not depend on the number of threads.
"""

import numpy as np

from scratchml._core.jit import compiler
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import winograd
from scratchml.nn.ops.conv_kernels import dot_images, gather_images
from scratchml.nn.ops.conv_plans import Four, Pair, TapSum, forward_plan, input_plan, weight_plan
from scratchml.nn.ops.workspace import workspace

_PARALLEL = 2e7  # multiplications, about 200 us, from which threads pay


def serves(x: np.ndarray, w: np.ndarray) -> bool:
    """Return whether these functions can stand in for the definition: they need Numba, and work."""
    return x.size > 0 and w.size > 0 and compiler(needed=False) is not None


def forward(
    x: np.ndarray,
    w: np.ndarray,
    b: "np.ndarray | None",
    stride: Pair,
    padding: Four,
    dilation: Pair,
    groups: int,
) -> np.ndarray:
    """Return the convolution of x (N, C, H, W) with w (O, C / groups, KH, KW), plus b (O,).

    `padding` is (top, left, bottom, right).
    """
    plan = forward_plan(x.shape[1:], w.shape, stride, padding, dilation, groups, x.itemsize)
    if winograd.serves(w.shape, plan.output, stride, dilation, groups):
        return winograd.forward(x, w, b, padding, plan.output[1:])
    y = np.empty((len(x), *plan.output), x.dtype)
    _add_up(x, w, b, y, plan.sums)
    return y


def input_gradient(
    dy: np.ndarray,
    w: np.ndarray,
    shape: tuple[int, ...],
    stride: Pair,
    padding: Four,
    dilation: Pair,
    groups: int,
    b: "np.ndarray | None" = None,
) -> np.ndarray:
    """Return dL/dx, of shape (N, C, H, W), for dy (N, O, OH, OW); plus b (C,) if it is given."""
    plan = input_plan(
        dy.shape[1:], w.shape, shape[1:], stride, padding, dilation, groups, dy.itemsize
    )
    if winograd.serves(w.shape, shape[1:], stride, dilation, groups) and max(padding) <= 2:
        top, left, bottom, right = padding
        around = (2 - top, 2 - left, 2 - bottom, 2 - right)
        return winograd.forward(dy, w, b, around, (shape[2], shape[3]), turned=True)
    dx = np.empty(shape, dy.dtype)
    if plan.gaps:  # numbers that no tap reaches
        dx[...] = 0 if b is None else b[:, None, None]
    _add_up(dy, w, b, dx, plan.sums)
    return dx


def weight_gradient(
    x: np.ndarray,
    dy: np.ndarray,
    shape: tuple[int, ...],
    stride: Pair,
    padding: Four,
    dilation: Pair,
    groups: int,
) -> np.ndarray:
    """Return dL/dw, of shape (O, C / groups, KH, KW), for x (N, C, H, W) and dy (N, O, OH, OW)."""
    plan = weight_plan(
        x.shape[1:], shape, dy.shape[1:], stride, padding, dilation, groups, x.itemsize
    )
    n, size = len(x), shape[0] * shape[1] * shape[2] * shape[3]
    flat, flat_dy = x.ravel(), dy.ravel()

    def part(start: int, stop: int) -> np.ndarray:
        dw = np.empty(size, x.dtype)
        work = workspace(plan.work, x.dtype)
        dot_images(flat, flat_dy, dw, plan.numbers, plan.offsets, plan.steps, work, start, stop)
        return dw

    if size // shape[0] * dy.size < _PARALLEL:
        return part(0, n).reshape(shape)
    parts = min(n, 8, max(2, (1 << 20) // size))  # each is a gradient, to be added at the end
    first, *others = parallel_chunks(part, chunk_bounds(n, -(-n // parts)))
    for other in others:
        first += other
    return first.reshape(shape)


def _add_up(
    x: np.ndarray,
    w: np.ndarray,
    b: "np.ndarray | None",
    y: np.ndarray,
    sums: tuple[TapSum, ...],
) -> None:
    """Compute sums over taps of all images x into y."""
    images, weights, out = x.ravel(), w.ravel(), y.ravel()
    bias = weights[:0] if b is None else b
    n = len(x)
    for one in sums:

        def task(start: int, stop: int, one: TapSum = one) -> None:
            work = workspace(one.work, y.dtype)
            gather_images(images, weights, bias, out, one.numbers, one.taps, work, start, stop)

        if one.taps.shape[1] * y.size < _PARALLEL * len(sums):
            task(0, n)
        else:
            parallel_chunks(task, chunk_bounds(n, max(1, n // 8)))
