"""Maximum pooling over one, two or three axes: the largest value of each window, and where it is.

The window of output o holds the inputs i = o s - p + k d (stride s, padding p, dilation d, places
k = 0 ... K - 1 on each axis): see `scratchml.nn.ops.pooling_windows`.

    forward     y[o] = max x[i],   winner[o] = the i it was found at
    backward    dx[i] = sum of dy[o] over the windows o that i won

The padding never wins. Of equal values the first in reading order wins; a NaN wins against every
number, and the last of several. (A window of nothing but padding, which a dilation makes possible,
is -inf, and nobody has won it.)

Shapes: x (..., *sizes), y and winners (..., *outputs); P is the product of the leading axes.
Winners are flat positions in the pooled axes, so that the gradient and the undoing of the pooling
need nothing else.
"""

import math
from typing import Any

import numpy as np

from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import pooling_kernels, window_kernels
from scratchml.nn.ops.elementwise import compiled
from scratchml.nn.ops.pooling_windows import AdaptiveWindows, Sizes, Windows, images, plan

_LARGE = 2**18  # numbers; below, one thread is done before a second one has woken
_QUADS = Windows((2, 2), (2, 2), (0, 0), (1, 1))


def max_pool_forward(x: np.ndarray, windows: Windows | AdaptiveWindows) -> tuple[np.ndarray, Any]:
    """Return the largest value of each window, and what `max_pool_backward` needs.

    Parameters
    ----------
    x : ndarray of shape (..., *sizes)
        Values; as many pooled axes as `windows` has.
    windows : Windows or AdaptiveWindows
        Where the windows are; at least one fits on each axis.

    Returns
    -------
    y : ndarray of shape (..., *outputs)
        The maxima.
    cache : tuple
        The winners among it: see `max_pool_winners`.
    """
    fast = compiled() and x.dtype.char in "fd"
    if fast and windows == _QUADS:
        y, winners = _largest_of_quads(x)
    elif fast and isinstance(windows, Windows):
        y, winners = _largest(x, windows)
    else:
        y, winners = _largest_place_by_place(x, windows)
    return y, (winners, x.shape, windows.axes)


def max_pool_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx: every winner is given the gradients of the windows that it won."""
    winners, shape, axes = cache
    if winners.dtype == np.uint8:
        return _give_to_quads(dy, winners, shape)
    dx = np.zeros(shape, dy.dtype)
    if compiled() and dy.dtype.char in "fd":
        planes = math.prod(shape[:-axes])
        given = np.ascontiguousarray(dy).reshape(planes, math.prod(dy.shape[-axes:]))
        won, out = winners.reshape(given.shape), dx.reshape(planes, math.prod(shape[-axes:]))
        by_planes(window_kernels.give_to_winners, given, won, out)
    else:
        real = winners.reshape(-1) >= 0
        at = _in_the_whole(winners, len(shape) - axes, math.prod(shape[-axes:]))
        np.add.at(dx.reshape(-1), at[real], dy.reshape(-1)[real])
    return dx


def max_pool_winners(cache: Any) -> np.ndarray:
    """Return the winners' flat positions in the pooled axes, int64, in the shape of y."""
    winners, shape, _ = cache
    if winners.dtype == np.uint8:  # places in 2 x 2 windows
        i, j = np.ogrid[: winners.shape[-2], : winners.shape[-1]]
        row, column = winners // 2, winners % 2
        return np.asarray((2 * i + row) * shape[-1] + (2 * j + column))
    return np.asarray(winners, np.int64)


def _largest_place_by_place(
    x: np.ndarray, windows: Windows | AdaptiveWindows
) -> tuple[np.ndarray, np.ndarray]:
    """Compare, for each place in the window, all windows at once: the definition."""
    sizes = x.shape[x.ndim - windows.axes :]
    y = np.full(x.shape[: -len(sizes)] + windows.outputs(sizes), -np.inf, x.dtype)
    winners = np.full(y.shape, -1, np.int32)
    position = np.arange(math.prod(sizes), dtype=np.int32).reshape(sizes)
    for there, here in windows.slices(sizes):
        value, best, winner = x[here], y[there], winners[there]
        better = (value > best) | (value != value) | (winner < 0)
        y[there] = np.where(better, value, best)
        winners[there] = np.where(better, position[here], winner)
    return y, winners


def _largest(x: np.ndarray, windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    sizes = x.shape[-len(windows.kernel) :]
    how = plan(windows, sizes)
    y = np.empty(x.shape[: -len(sizes)] + windows.outputs(sizes), x.dtype)
    winners = np.empty(y.shape, np.int32)

    def task(x: np.ndarray, y: np.ndarray, won: np.ndarray) -> None:
        window_kernels.max_of_windows(
            x,
            y,
            won,
            how.how,
            how.starts,
            np.full(how.scratch, -np.inf, x.dtype),
            np.empty(how.lanes, x.dtype),
            np.empty(how.lanes, np.int32),
        )

    outputs = y.shape[-len(sizes) :]
    by_planes(task, images(x, sizes), images(y, outputs), images(winners, outputs))
    return y, winners


def _largest_of_quads(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    *leading, H, W = x.shape
    y = np.empty((*leading, H // 2, W // 2), x.dtype)
    places = np.empty(y.shape, np.uint8)
    by_planes(pooling_kernels.max_of_quads, _four_axes(x), _four_axes(y), _four_axes(places))
    return y, places


def _give_to_quads(dy: np.ndarray, places: np.ndarray, shape: Sizes) -> np.ndarray:
    dx = np.empty(shape, dy.dtype)
    arrays = _four_axes(dy), _four_axes(places), _four_axes(dx)
    by_planes(pooling_kernels.give_to_quads, *arrays)
    return dx


def _four_axes(a: np.ndarray) -> np.ndarray:
    """Return a (..., H, W) as a contiguous array of four axes."""
    if a.ndim != 4:
        a = a.reshape(1, math.prod(a.shape[:-2]), *a.shape[-2:])
    return a if a.flags.c_contiguous else np.ascontiguousarray(a)


def by_planes(kernel: Any, *arrays: np.ndarray) -> None:
    """Run `kernel` on pieces of arrays along their first axis, in threads if that pays."""
    if arrays[0].size < _LARGE > arrays[-1].size:
        kernel(*arrays)
    else:
        n, largest = len(arrays[0]), max(arrays[0].size, arrays[-1].size)
        chunk = max(1, _LARGE // 4 * n // largest)
        parallel_chunks(lambda i, j: kernel(*[a[i:j] for a in arrays]), chunk_bounds(n, chunk))


def max_unpool_forward(x: np.ndarray, indices: np.ndarray, sizes: Sizes) -> tuple[np.ndarray, Any]:
    """Return y of shape (..., *sizes), zero but for x at `indices`; of equal indices the last.

    Parameters
    ----------
    x : ndarray of shape (..., *outputs)
        Values, usually those of a maximum pooling.
    indices : ndarray of int64
        Flat positions in the axes `sizes`, in the shape of x: see `max_pool_winners`.
    sizes : tuple of int
        Lengths of the last axes of y.
    """
    leading = x.ndim - len(sizes)
    y = np.zeros(x.shape[:leading] + sizes, x.dtype)
    at = _in_the_whole(indices, leading, math.prod(sizes))
    y.reshape(-1)[at] = x.reshape(-1)
    return y, (at, x.shape)


def max_unpool_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx: the gradients of the places that x was put in."""
    at, shape = cache
    return np.asarray(dy.reshape(-1)[at]).reshape(shape)


def _in_the_whole(positions: np.ndarray, leading: int, size: int) -> np.ndarray:
    """Return positions in planes of `size` as positions in all of them, flat."""
    planes = math.prod(positions.shape[:leading])
    starts = np.arange(planes)[:, None] * size
    return np.asarray(positions.reshape(planes, -1 if planes else 0) + starts).reshape(-1)
