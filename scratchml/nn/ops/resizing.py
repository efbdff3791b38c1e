"""Images made larger or smaller, axis by axis: nearest values and linear interpolation.

Output o of an axis lies at the position

    nearest          floor(o s)
    nearest-exact    floor((o + 1/2) s)
    linear           t = max(0, (o + 1/2) s - 1/2), or o s with aligned corners,

of the input, of length n; s is the number of inputs to an output, (n - 1) / (m - 1) with aligned
corners, where the first and the last of m outputs are those of the input. Then

    nearest    y_o = x_i                     i the position, at most n - 1
    linear     y_o = (1 - f) x_i + f x_j     i = floor(t), j = min(i + 1, n - 1), f = t - i

Along several axes one follows the other. The map is linear; its gradient is the transposed map:
every output gives dy_o, times the same factors, back to the inputs that it was made from.

Shapes: x (..., *sizes), y (..., *outputs).
"""

from typing import Any, NamedTuple

import numpy as np


class Taps(NamedTuple):
    """What the outputs of one axis are made of."""

    axis: int  # from the end: -1 is the last
    size: int  # length of the input
    first: np.ndarray  # i, (m,)
    second: np.ndarray | None  # j, (m,); None for nearest
    factor: np.ndarray | None  # f, (m,)


def nearest_taps(axis: int, n: int, m: int, step: float, exact: bool) -> Taps:
    """Return the nearest inputs of `m` outputs; positions are float32, as PyTorch's are."""
    position = (np.arange(m) + (0.5 if exact else 0.0)).astype(np.float32) * np.float32(step)
    return Taps(axis, n, np.minimum(np.floor(position).astype(np.int64), n - 1), None, None)


def linear_taps(axis: int, n: int, m: int, step: float, aligned: bool, dtype: Any) -> Taps:
    """Return the two inputs of each of `m` outputs, and how they are mixed."""
    s, o = dtype.type(step), np.arange(m).astype(dtype)
    half = dtype.type(0.5)
    t = o * s if aligned else np.maximum((o + half) * s - half, 0)
    first = np.minimum(np.floor(t).astype(np.int64), n - 1)
    return Taps(axis, n, first, np.minimum(first + 1, n - 1), (t - first).astype(dtype))


def resize_forward(x: np.ndarray, taps: tuple[Taps, ...]) -> tuple[np.ndarray, Any]:
    """Return x with the axes of `taps` resized, one after the other.

    Parameters
    ----------
    x : ndarray
        Values.
    taps : tuple of Taps
        From `nearest_taps` or `linear_taps`.
    """
    y = x
    for axis, _, first, second, factor in taps:
        resized = np.take(y, first, axis=axis)
        if second is not None and factor is not None:
            f = _along(factor, axis)
            with np.errstate(invalid="ignore"):  # 0 inf, where it belongs
                resized = resized * (1 - f) + np.take(y, second, axis=axis) * f
        y = resized
    return y, taps


def resize_backward(dy: np.ndarray, cache: tuple[Taps, ...]) -> np.ndarray:
    """Return dx."""
    for axis, size, first, second, factor in reversed(cache):
        shape = list(dy.shape)
        shape[axis] = size
        dx = np.zeros(shape, dy.dtype)
        into = dx.swapaxes(0, axis)
        if second is None or factor is None:
            np.add.at(into, first, dy.swapaxes(0, axis))
        else:
            f = _along(factor, axis)
            np.add.at(into, first, (dy * (1 - f)).swapaxes(0, axis))
            np.add.at(into, second, (dy * f).swapaxes(0, axis))
        dy = dx
    return dy


def _along(values: np.ndarray, axis: int) -> np.ndarray:
    """Return values (m,) so that they lie along `axis`, counted from the end."""
    return values.reshape(-1, *(1,) * (-axis - 1))
