"""Padding: a border around an array, and the derivative of what it is made of.

Along an axis of length n, with a places before and b after,

    x = [x0 x1 x2 x3]    a = b = 2

    constant     c  c  x0 x1 x2 x3 c  c
    reflect      x2 x1 x0 x1 x2 x3 x2 x1        a, b <= n - 1
    replicate    x0 x0 x0 x1 x2 x3 x3 x3
    circular     x2 x3 x0 x1 x2 x3 x0 x1        a, b <= n

and several axes are padded one after the other, so that the corners are made of borders. Each place
of y is a copy of one of x (or constant): the gradient of a place of x is the sum over its copies.
A negative number of places, which only "constant" takes, cuts off.
"""

from collections.abc import Iterator

import numpy as np

Ends = tuple[tuple[int, int], ...]


def pad_forward(
    x: np.ndarray, ends: Ends, mode: str = "constant", value: float = 0.0
) -> tuple[np.ndarray, tuple]:
    """Return x with a border.

    Parameters
    ----------
    x : ndarray
        Any array.
    ends : tuple of (int, int)
        Places before and after, for each axis of `x`.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the border is made of.
    value : float
        The constant.
    """
    cache = x.shape, ends, mode
    if mode == "constant":
        shape = tuple([n + a + b for n, (a, b) in zip(x.shape, ends, strict=True)])
        y = np.full(shape, value, x.dtype) if value else np.zeros(shape, x.dtype)
        from_x, to_y = _common(x.shape, ends)
        y[to_y] = x[from_x]
        return y, cache
    y = x
    for axis, (a, b) in enumerate(ends):
        if a or b:
            parts = [y[place] for place in _sources(y.ndim, axis, y.shape[axis], a, b, mode)]
            if mode == "replicate":
                parts[0] = parts[0].repeat(a, axis)
                parts[2] = parts[2].repeat(b, axis)
            y = np.concatenate(parts, axis)
    return (y.copy() if y is x else y), cache


def pad_backward(dy: np.ndarray, cache: tuple) -> np.ndarray:
    """Return dL/dx."""
    shape, ends, mode = cache
    if mode == "constant":
        from_x, to_y = _common(shape, ends)
        if all(a >= 0 and b >= 0 for a, b in ends):
            part: np.ndarray = dy[to_y]
            return part
        dx = np.zeros(shape, dy.dtype)
        dx[from_x] = dy[to_y]
        return dx
    for axis in reversed(range(len(shape))):
        a, b = ends[axis]
        if a or b:
            dy = _fold(dy, axis, shape[axis], a, b, mode)
    return dy


def _fold(dy: np.ndarray, axis: int, n: int, a: int, b: int, mode: str) -> np.ndarray:
    """Add the borders of one axis to the places that they are copies of."""
    places = [_along(dy.ndim, axis, *where) for where in ((0, a), (a, a + n), (a + n, a + n + b))]
    before, middle, after = [dy[place] for place in places]
    if mode == "replicate":
        before, after = before.sum(axis, keepdims=True), after.sum(axis, keepdims=True)
    dx = middle.copy()
    first, _, last = _sources(dy.ndim, axis, n, a, b, mode)
    dx[first] += before
    dx[last] += after
    return dx


def _sources(
    ndim: int, axis: int, n: int, a: int, b: int, mode: str
) -> Iterator[tuple[slice, ...]]:
    """Yield which places of an axis the border before, the middle and that after are copies of."""
    if mode == "reflect":
        ends = slice(a, 0, -1), slice(n - 2, n - 2 - b if n - 2 - b >= 0 else None, -1)
    elif mode == "replicate":
        ends = slice(0, 1), slice(n - 1, n)
    else:
        ends = slice(n - a, n), slice(0, b)
    for place in (ends[0], slice(0, n), ends[1]):
        yield (slice(None),) * axis + (place,) + (slice(None),) * (ndim - axis - 1)


def _along(ndim: int, axis: int, start: int, stop: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(start, stop),) + (slice(None),) * (ndim - axis - 1)


def _common(shape: tuple[int, ...], ends: Ends) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the part of x that is in y, and where in y it is."""
    from_x = tuple(
        [slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(shape, ends, strict=True)]
    )
    to_y = tuple(
        [
            slice(max(a, 0), max(a, 0) + n + min(a, 0) + min(b, 0))
            for n, (a, b) in zip(shape, ends, strict=True)
        ]
    )
    return from_x, to_y
