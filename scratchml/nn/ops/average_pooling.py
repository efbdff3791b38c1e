"""Average pooling over one, two or three axes: the mean of every window.

The window of output o holds the inputs i = o s - p + k, see `scratchml.nn.ops.pooling_windows`.

    forward     y[o] = sum of x[i] over the window / n_o
    backward    dx[i] = sum of dy[o] / n_o over the windows o that hold i

n_o is a product over the axes: how many places of the window lie in the input, or, if padding
counts, in its border of p on both sides; or it is given, the same for all. The padding is 0.
Both maps are linear, and the second is the first transposed.

Shapes: x (..., *sizes), y (..., *outputs).
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from scratchml.nn.ops import window_kernels
from scratchml.nn.ops.elementwise import compiled
from scratchml.nn.ops.pooling import by_planes
from scratchml.nn.ops.pooling_windows import AdaptiveWindows, Sizes, Windows, images, plan


def avg_pool_forward(
    x: np.ndarray,
    windows: Windows | AdaptiveWindows,
    count_padding: bool = True,
    divisor: int | None = None,
) -> tuple[np.ndarray, Any]:
    """Return the mean of each window.

    Parameters
    ----------
    x : ndarray of shape (..., *sizes)
        Values; as many pooled axes as `windows` has.
    windows : Windows or AdaptiveWindows
        Where the windows are; dilations are 1, and at least one fits on each axis.
    count_padding : bool
        Whether the padding counts as values.
    divisor : int, optional
        Divide by this instead of the count.

    Returns
    -------
    y : ndarray of shape (..., *outputs)
        The means.
    cache : tuple
        What `avg_pool_backward` needs.
    """
    sizes = x.shape[x.ndim - windows.axes :]
    if isinstance(windows, Windows) and windows.kernel == sizes and not any(windows.padding):
        n = divisor or math.prod(sizes)  # one window, of everything
        y = np.add.reduce(x.reshape(*x.shape[: x.ndim - windows.axes], -1), axis=-1) / n
        return y.reshape(*y.shape, *(1,) * windows.axes).astype(x.dtype), (None, n, x.shape)
    share = shares(windows, sizes, count_padding, divisor).astype(x.dtype)
    if compiled() and x.dtype.char in "fd" and isinstance(windows, Windows):
        y = _sums(x, share, windows)
    else:
        y = np.zeros(x.shape[: x.ndim - windows.axes] + share.shape, x.dtype)
        for there, here in windows.slices(sizes):
            y[there] += x[here]
        y *= share
    return y, (windows, share, x.shape)


def avg_pool_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx: every window shares its gradient among its values."""
    windows, share, shape = cache
    if windows is None:
        dx = np.empty(shape, dy.dtype)
        dx[...] = dy / share
        return dx
    if compiled() and dy.dtype.char in "fd" and isinstance(windows, Windows):
        return _shared_out(dy, share, windows, shape)
    dx = np.zeros(shape, dy.dtype)
    given = dy * share
    for there, here in windows.slices(shape[len(shape) - windows.axes :]):
        if isinstance(windows, Windows):
            dx[here] += given[there]
        else:  # more windows than values: a value stands in several at the same place
            np.add.at(dx, here, given[there])
    return dx


@lru_cache(maxsize=256)
def shares(
    windows: Windows | AdaptiveWindows, sizes: Sizes, count_padding: bool, divisor: int | None
) -> np.ndarray:
    """Return 1 / n_o for each output, of shape (*outputs); float64, and kept: do not change it."""
    outputs = windows.outputs(sizes)
    if divisor is not None:
        return np.full(outputs, 1 / divisor)
    counts = np.ones(())
    if isinstance(windows, AdaptiveWindows):
        each = [ends - starts for starts, ends in windows.bounds(sizes)]
    else:
        each = []
        for n, K, s, p, out in zip(sizes, *windows[:3], outputs, strict=True):
            start = np.arange(out) * s - p
            end = np.minimum(start + K, n + p)
            each.append(end - start if count_padding else np.minimum(end, n) - np.maximum(start, 0))
    for count in each:
        counts = counts[..., None] * count
    return 1 / counts


def _sums(x: np.ndarray, share: np.ndarray, windows: Windows) -> np.ndarray:
    sizes = x.shape[x.ndim - windows.axes :]
    how = plan(windows, sizes)
    y = np.empty(x.shape[: x.ndim - windows.axes] + share.shape, x.dtype)
    parts = share.reshape(how.outputs)

    def task(x: np.ndarray, y: np.ndarray) -> None:
        scratch, total = np.zeros(how.scratch, x.dtype), np.empty(how.lanes, x.dtype)
        window_kernels.sum_of_windows(x, parts, y, how.how, how.starts, scratch, total)

    by_planes(task, images(x, sizes), images(y, share.shape))
    return y


def _shared_out(dy: np.ndarray, share: np.ndarray, windows: Windows, shape: Sizes) -> np.ndarray:
    sizes = shape[len(shape) - windows.axes :]
    how = plan(windows, sizes)
    dx = np.empty(shape, dy.dtype)
    parts = share.reshape(how.outputs)

    def task(dy: np.ndarray, dx: np.ndarray) -> None:
        scratch, given = np.empty(how.scratch, dy.dtype), np.zeros(how.lanes, dy.dtype)
        window_kernels.give_to_windows(dy, parts, dx, how.how, how.starts, scratch, given)

    by_planes(task, images(dy, share.shape), images(dx, sizes))
    return dx
