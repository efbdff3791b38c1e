"""Maximum pooling over one, two or three axes: the largest value of every window, and where it is.

On each pooled axis (length n, window of K values, stride s, padding p, dilation d) the window of
output o holds the inputs

    i = o s - p + k d,    k = 0 ... K - 1,    0 <= i < n,

and there are floor((n + 2 p - d (K - 1) - 1) / s) + 1 outputs; with `ceil_mode` the quotient is
rounded up, and a last window that would begin in the padding behind the input is left out.
A window of several axes is the product of those of each.

    forward     y[o] = max x[i],   winner[o] = the i it was found at
    backward    dx[i] = sum of dy[o] over the windows that i won

The padding never wins. Of equal values the first in reading order wins; a NaN wins against every
number, and the last of several. (Windows of nothing but padding, which a dilation makes possible,
are -inf, and nobody has won them.)

Shapes: x (..., *sizes), y and winners (..., *outputs); P is the product of the leading axes.
Winners are flat positions in the pooled axes, so that undoing the pooling and the gradient need
nothing else.
"""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

Sizes = tuple[int, ...]


class Windows(NamedTuple):
    """Where the windows are: an integer for each pooled axis."""

    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes
    ceil_mode: bool = False

    def outputs(self, sizes: Sizes) -> Sizes:
        """Return the number of windows on each axis; less than 1 where none fits."""
        counts = []
        for n, k, s, p, d in zip(sizes, *self[:4], strict=True):
            room = n + 2 * p - d * (k - 1) - 1
            count = (-(-room // s) if self.ceil_mode else room // s) + 1
            if self.ceil_mode and (count - 1) * s >= n + p:
                count -= 1
            counts.append(count)
        return tuple(counts)

    def slices(self, sizes: Sizes, outputs: Sizes) -> Iterator[tuple[tuple, tuple]]:
        """Yield, for each place in the window, the outputs that have it and the inputs there."""
        axes = zip(sizes, outputs, *self[:4], strict=True)
        places = [[_reach(n, out, k * d - p, s) for k in range(K)] for n, out, K, s, p, d in axes]
        for place in product(*places):
            there, here = zip(*place, strict=True)
            yield (..., *there), (..., *here)


def _reach(n: int, outputs: int, offset: int, stride: int) -> tuple[slice, slice]:
    """Return the o in [0, outputs) with 0 <= o stride + offset < n, and those positions."""
    first = max(0, -(offset // stride))
    last = min(outputs - 1, (n - 1 - offset) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + offset
    return slice(first, last + 1), slice(start, last * stride + offset + 1, stride)


def max_pool_forward(x: np.ndarray, windows: Windows) -> tuple[np.ndarray, Any]:
    """Return the largest value of each window, and what `max_pool_backward` needs.

    Parameters
    ----------
    x : ndarray of shape (..., *sizes)
        Values; as many pooled axes as `windows` has.
    windows : Windows
        Where the windows are; at least one fits on each axis.

    Returns
    -------
    y : ndarray of shape (..., *outputs)
        The maxima.
    cache : tuple
        The winners among it: see `max_pool_winners`.
    """
    axes = len(windows.kernel)
    sizes = x.shape[-axes:]
    outputs = windows.outputs(sizes)
    y = np.full(x.shape[:-axes] + outputs, -np.inf, x.dtype)
    winners = np.full(y.shape, -1, np.int32)
    position = np.arange(math.prod(sizes), dtype=np.int32).reshape(sizes)
    for there, here in windows.slices(sizes, outputs):
        value, best, winner = x[here], y[there], winners[there]
        better = (value > best) | (value != value) | (winner < 0)
        np.copyto(best, value, where=better)
        np.copyto(winner, position[here], where=better)
    return y, (winners, x.shape, axes)


def max_pool_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx: every winner is given the gradients of the windows that it won."""
    winners, shape, axes = cache
    dx = np.zeros(shape, dy.dtype)
    won = winners.reshape(-1) >= 0
    at = _flat(winners, len(shape) - axes, math.prod(shape[-axes:]))
    np.add.at(dx.reshape(-1), at[won], dy.reshape(-1)[won])
    return dx


def max_pool_winners(cache: Any) -> np.ndarray:
    """Return the winners' flat positions in the pooled axes, int64, in the shape of y."""
    winners: np.ndarray = cache[0].astype(np.int64)
    return winners


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
    y = np.zeros(x.shape[: x.ndim - len(sizes)] + sizes, x.dtype)
    at = _flat(indices, x.ndim - len(sizes), math.prod(sizes))
    y.reshape(-1)[at] = x.reshape(-1)
    return y, (at, x.shape)


def max_unpool_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx: the gradients of the places that x was put in."""
    at, shape = cache
    dx: np.ndarray = dy.reshape(-1)[at].reshape(shape)
    return dx


def _flat(positions: np.ndarray, leading: int, size: int) -> np.ndarray:
    """Return positions in planes of `size` as positions in the whole, (P * outputs,)."""
    planes = math.prod(positions.shape[:leading])
    starts = np.arange(planes)[:, None] * size
    whole: np.ndarray = (positions.reshape(planes, -1 if planes else 0) + starts).reshape(-1)
    return whole
