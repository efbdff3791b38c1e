"""Convolution in two dimensions where channels hardly mix: few of them in each group.

With groups = C each filter sees one plane, and there is no product of matrices to be fast with: K K
multiplications for each number of x, which take less time than to fetch it. So planes are read and
written once, in the order of memory, and stay in registers in between: a strip of columns as wide
as a vector, row by row (`scratchml._core.jit_strips`), while the next plane is being fetched.

forward     y[i, j] = b + sum over (a, c) of w[a, c] x[i + d a - p, j + d c - p]
dX          the same sum over dY with the filter turned by 180 degrees and padding d (K - 1) - p
dW          dw[a, c] = sum over i, j of dy[i, j] x[i + d a - p, j + d c - p]

With dilation d, rows that are d apart belong together: each strip is passed d times, with every
d-th row. Filters are 3 x 3, 5 x 5 or 7 x 7, the stride is 1. The definition, and the way without
Numba, is `scratchml.nn.ops.conv`. What is added up, and in what order, does not depend on the
number of threads.

Channels that mix a little, up to four pairs of planes in a group, are still faster here than in
tiles that are made for many.
"""

from functools import lru_cache

import numpy as np

from scratchml._core.jit import compiler
from scratchml._core.jit_masked import FIELDS
from scratchml._core.jit_vectors import lanes
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import depthwise_kernels as kernels
from scratchml.nn.ops.windows import n_windows

_SUMS = {3: kernels.sums_3, 5: kernels.sums_5, 7: kernels.sums_7}
_DOTS = {3: kernels.dots_3, 5: kernels.dots_5, 7: kernels.dots_7}
_PAIRS = 4  # planes that meet in a group, from which register tiles are faster
_PARALLEL = 8e6  # multiplications, about 200 us, from which threads pay
_NEAR = 1 << 18  # bytes of a plane that stay in a level-2 cache until it is that plane's turn
_ROWS_AHEAD = 8  # otherwise fetched so many rows ahead


def serves(x: np.ndarray, w: np.ndarray, stride: tuple, groups: int) -> bool:
    """Return whether these functions are the fastest for images x (or y) and filters w."""
    return (
        len(w) * w.shape[1] <= _PAIRS * groups
        and stride == (1, 1)
        and w.shape[2] == w.shape[3]
        and w.shape[2] in _SUMS
        and x.size > 0
        and compiler(needed=False) is not None
        and lanes(4) >= 8  # masked vectors are slow where there is no instruction for them
    )


def forward(x, w, b, stride, padding, dilation, groups):
    """Return the convolution of x (N, C, H, W) with w (O, C / groups, K, K), plus b (O,)."""
    out = n_windows(x.shape[2:], w.shape[2:], stride, padding, dilation)
    y = np.empty((len(x), len(w), *out), x.dtype)
    passes = _passes(x.shape[2:], out, w.shape[2:], padding[:2], dilation, x.itemsize)
    _add_up(y, x, w, b, groups, passes, False)
    return y


def input_gradient(dy, w, x_shape, stride, padding, dilation, groups, b=None):
    """Return dL/dx, of shape (N, C, H, W), for dy (N, O, OH, OW); plus b (C,) if it is given."""
    dx = np.empty(x_shape, dy.dtype)
    turned = tuple(
        d * (k - 1) - p for d, k, p in zip(dilation, w.shape[2:], padding[:2], strict=True)
    )
    passes = _passes(dy.shape[2:], dx.shape[2:], w.shape[2:], turned, dilation, dy.itemsize)
    _add_up(dx, dy, w, b, groups, passes, True)
    return dx


def _add_up(y, x, w, b, groups, passes, turned):
    """Fill y with b plus the sum of its group's planes of x under w, turned or not."""
    kernel = _SUMS[w.shape[2]]
    numbers, pairs = _pairs(y.shape[1:], x.shape[1:], w.shape, groups, turned)
    b = np.zeros(y.shape[1], x.dtype) if b is None else b
    flat = y.reshape(-1), x.reshape(-1), w.reshape(-1)
    units = len(y) * groups

    def task(start: int, stop: int) -> None:
        zeros = np.zeros(x.shape[3] + lanes(x.itemsize), x.dtype)
        kernel(*flat, b, numbers, pairs, passes, zeros, -1 if turned else 1, start, stop)

    small = y.size * w.shape[2] * w.shape[3] < _PARALLEL
    parallel_chunks(task, chunk_bounds(units, units if small else -(-units // 16)))


def weight_gradient(x, dy, w_shape, stride, padding, dilation, groups):
    """Return dL/dw, of shape (O, C / groups, K, K), for x (N, C, H, W) and dy (N, O, OH, OW)."""
    kernel, vector = _DOTS[w_shape[2]], lanes(x.itemsize)
    numbers, pairs = _pairs(dy.shape[1:], x.shape[1:], w_shape, groups, False)
    passes = _passes(x.shape[2:], dy.shape[2:], w_shape[2:], padding[:2], dilation, x.itemsize)
    n, flat = len(x), (dy.reshape(-1), x.reshape(-1))
    size = w_shape[0] * w_shape[1] * w_shape[2] * w_shape[3]
    work = dy.size * w_shape[2] * w_shape[3]

    def task(start: int, stop: int) -> np.ndarray:
        total = np.zeros(size * vector, x.dtype)
        zeros = np.zeros(x.shape[3] + vector, x.dtype)
        kernel(total, *flat, numbers, pairs, passes, zeros, start * groups, stop * groups)
        return total

    parts = 1 if work < _PARALLEL else min(n, 16, 1 + work // (64 * size * vector))
    first, *others = parallel_chunks(task, chunk_bounds(n, -(-n // parts)))
    for other in others:
        first += other
    dw: np.ndarray = np.add.reduce(first.reshape(size, vector), 1)
    return dw.reshape(w_shape)


@lru_cache(256)
def _pairs(y: tuple, x: tuple, w: tuple, groups: int, turned: bool) -> tuple:
    """Return the kernels' `numbers` and `pairs` for channels (C, H, W) of y and x."""
    outs, sources, places = y[0] // groups, x[0] // groups, w[2] * w[3]
    y_plane, x_plane = y[1] * y[2], x[1] * x[2]
    pairs = []
    for m in range(outs):
        for c in range(sources):
            place = (c * outs + m if turned else m * sources + c) * places
            first = place + places - 1 if turned else place
            pairs.append([m * y_plane, c * x_plane, first, m, int(c > 0)])
    numbers = [groups, outs * y_plane, sources * x_plane, outs * sources * places, outs]
    return np.array(numbers), np.array(pairs)


@lru_cache(256)
def _passes(
    size: tuple, out: tuple, kernel: tuple, padding: tuple, dilation: tuple, itemsize: int
) -> np.ndarray:
    """Return the passes over planes x of `size` and y of `out`: see `jit_strips.FIELDS`.

    y[i, j] meets x[i + dilation a - padding, j + dilation c - padding] at the filter's (a, c).
    """
    (height, width), vector, down = size, lanes(itemsize), dilation[0]
    near = max(height * width, out[0] * out[1]) * itemsize <= _NEAR
    passes: list[list[int]] = []
    fetched = 0
    for top in range(min(down, out[0])):  # rows top, top + down, ... of y
        rows, above = -(-(out[0] - top) // down), top - padding[0]
        first, stop = max(0, -(above // down)), max(0, -((above - height) // down))
        for left in range(0, out[1], vector):
            column = left - padding[1]
            at = {
                "y": top * out[1] + left,
                "y_step": down * out[1],
                "rows": rows,
                "x": above * width + column,
                "x_step": down * width,
                "first": first,
                "stop": stop,
                "column": column,
                "dilation": dilation[1],
                "width": width,
                "lanes": min(vector, out[1] - left),
            }
            if near:  # the next plane, vector by vector
                at["y_ahead"], at["x_ahead"] = out[0] * out[1] + fetched, height * width + fetched
                at["y_ahead_step"] = at["x_ahead_step"] = vector
                fetched += vector * (rows + kernel[0] - 1)
            else:
                for name in ("y", "x"):
                    at[f"{name}_ahead"] = at[name] + _ROWS_AHEAD * at[f"{name}_step"]
                    at[f"{name}_ahead_step"] = at[f"{name}_step"]
            passes.append([at[name] for name in FIELDS])
    return np.array(passes)
