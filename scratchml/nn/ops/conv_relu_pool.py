"""The gradient of max_pool(relu(conv(x)), 2) in one step, from the winners alone.

Of the four numbers in a window of the pooling only the winner hands its gradient on, and only if it
is above 0. So at most a quarter of dL/dconv(x) is not 0. With g_k the gradient of the k-th winner
that is left, o_k its filter,

    dw[o] = sum of g_k P[window k]          over the winners of filter o
    dP[window k] += g_k w[o_k]
    db[o] = sum of g_k

where P is the padded image with its channels last, so that a row of a window is one stretch of
memory: P[i, j, c] = x[c, i - top, j - left]. A `CollectTile` makes the first sum, a `ScatterTile`
the second (`scratchml._core.jit_tiles`). The definition is `plain_backward`, three steps one after
the other; sums are in another order, so both agree to rounding.

For dP the winners are visited in steps of the golden section, because a window that is added right
beside the one before it would have to wait for it.
"""

import functools
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, compiler, jit
from scratchml._core.jit_moves import clear
from scratchml._core.jit_tiles import collect_5, scatter_5
from scratchml._core.jit_vectors import lanes
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops.conv import conv2d_backward
from scratchml.nn.ops.pooling import max_pool_backward
from scratchml.nn.ops.workspace import workspace

_PARALLEL = 2e6  # multiplications if all had gradients: about 200 us, from which threads pay
DEAD = np.uint8(4)  # the place of a winner that has no gradient
_LARGEST = 1024  # numbers in a window: beyond, the three steps are faster


def serves(cache: Any) -> bool:
    """Return whether the gradient of the convolution with this cache can be taken from winners."""
    x, w, _, g = cache
    simple = len(g.stride) == 2 and g.dilation == (1, 1) and g.groups == 1 and x.size > 0
    return simple and w[0].size <= _LARGEST and compiler(needed=False) is not None


def living(y, winners):
    """Return the winners' places (0 1 above 2 3), uint8, but `DEAD` where the maximum y is not > 0.

    Parameters
    ----------
    y : ndarray of shape (N, O, PH, PW)
        Maxima of 2 x 2 windows of a relu.
    winners : ndarray of uint8
        Where they were found: the cache of `scratchml.nn.ops.pooling.max_pool_forward`.
    """
    places = np.empty_like(winners)
    _mark(y.reshape(-1), winners.reshape(-1), places.reshape(-1))
    return places


def conv_relu_pool_backward(dy, cache, needs=(True, True, True)):
    """Return (dx, dw, db), or None where one is not needed.

    Parameters
    ----------
    dy : ndarray of shape (N, O, PH, PW)
        The gradient of the pooled maxima.
    cache : tuple
        The cache of the convolution, and of `living`.
    """
    (x, w, unbiased, g), winners = cache
    plan = _plan(g, dy.shape[2] * dy.shape[3], x.itemsize)
    weights = np.empty(plan.packed if needs[0] else 0, x.dtype)
    dx = np.empty(g.x if needs[0] else (1, 1, 1, 1), x.dtype)
    if needs[0]:
        _channels_last(w, weights, plan.segment, plan.window)
    n, pooled = len(x), dy.shape[2] * dy.shape[3]
    dy, winners = dy.reshape(-1), winners.reshape(-1)

    def part(start: int, stop: int) -> np.ndarray:
        sums = np.empty(w.size + len(w), x.dtype)
        work = workspace(plan.work, x.dtype)
        _gradients(
            x, weights, dy, winners, dx, sums, plan.numbers, plan.places,
            np.empty(2 * pooled, np.int64), work, start, stop,
        )  # fmt: skip
        return sums

    if dy.size * w[0].size < _PARALLEL:
        sums, others = part(0, n), []
    else:
        sums, *others = parallel_chunks(part, chunk_bounds(n, -(-n // 8)))
    for other in others:
        sums += other
    db = None if unbiased else sums[w.size :]
    return dx if needs[0] else None, sums[: w.size].reshape(w.shape), db


def plain_backward(dy, cache, needs=(True, True, True)):
    """Return the same in three steps: back through the pooling, the relu, the convolution."""
    conv, winners = cache
    g = conv[3]
    d_conv = max_pool_backward(dy * (winners < DEAD), (winners, g.y, 2))
    return conv2d_backward(d_conv, conv, needs)


class _Plan(NamedTuple):
    numbers: np.ndarray
    places: np.ndarray  # where windows begin; their order; steps right and down; their vectors
    segment: int  # numbers in a row of a window
    window: int
    packed: int
    work: int


@functools.lru_cache(256)
def _plan(g: Any, pooled: int, itemsize: int) -> _Plan:
    """Return the integers of `_gradients` for a Geometry and so many winners of each plane."""
    channels = g.x[1]
    out, _, kernel_h, kernel_w = g.w
    lane = lanes(itemsize)
    rows = (g.y[2] - 1) * g.stride[0] + kernel_h
    pitch = ((g.y[3] - 1) * g.stride[1] + kernel_w) * channels
    segment = -(-kernel_w * channels // lane)  # vectors in a row of a window
    steps = [i * pitch + v * lane for i in range(kernel_h) for v in range(segment)]
    steps += [0] * (-len(steps) % 5)  # a tile has five
    down, right = g.stride[0] * pitch, g.stride[1] * channels  # from one window to the next
    starts = np.arange(g.y[2] // 2)[:, None] * 2 * down + np.arange(g.y[3] // 2) * 2 * right
    stride = next(s for s in range(max(1, int(pooled * 0.382)), pooled + 2) if gcd(s, pooled) == 1)
    order = np.arange(pooled) * stride % pooled
    size = -(-(rows * pitch + lane) // lane) * lane  # and what the last vectors reach beyond
    window = len(steps) * lane
    numbers = [channels, kernel_h, kernel_w, *g.padding[:2], pitch, size, window]
    places = np.concatenate([starts.reshape(-1), order, [right, down], steps])
    work = 2 * size + out * window + 2 * pooled
    return _Plan(
        np.array([*numbers, pooled, segment * lane]),
        places,
        segment * lane,
        window,
        out * window,
        work,
    )


@jit("void(const T[:, :, :, ::1], const T[::1], const T[::1], const uint8[::1], T[:, :, :, ::1], T[::1], const int64[::1], const int64[::1], int64[::1], T[::1], int64, int64)")  # fmt: skip # noqa: E501
def _gradients(x, weights, dy, winners, dx, sums, numbers, places, found, work, start, stop):
    """Compute dw and db into `sums` and, unless there are no weights, dx, for some images."""
    channels, kernel_h, kernel_w, top, left, pitch, size, window, pooled, segment = numbers
    starts, order, steps = places[:pooled], places[pooled : 2 * pooled], places[2 * pooled + 2 :]
    right, down = places[2 * pooled], places[2 * pooled + 1]
    n_filters, lane = (len(dy) // x.shape[0]) // pooled, window // len(steps)
    d_image, totals = work[size:], 2 * size
    g = work[totals + n_filters * window :]
    clear(work, totals, n_filters * window)
    clear(sums, 0, len(sums))
    for n in range(start, stop):
        _put_last(work[:size], x[n], top, left, pitch)
        if len(weights):
            clear(d_image, 0, size)
        for o in range(n_filters):
            i = (n * n_filters + o) * pooled
            sums[len(sums) - n_filters + o] += _select(
                g[:pooled], found, dy[i:], winners[i:], starts, right, down
            )
            for v in range(0, len(steps), 5):
                total = totals + o * window + v * lane
                collect_5(work, total, g, work, steps, v, found, pooled)
            if len(weights):
                far, there = g[pooled:], found[pooled:]
                for k in range(pooled):
                    far[k], there[k] = g[order[k]], found[order[k]]
                for v in range(0, len(steps), 5):
                    w = o * window + v * lane
                    scatter_5(d_image, far, weights, w, steps, v, there, pooled)
        if len(weights):
            _take_last(dx[n], d_image[:size], top, left, pitch)
    i = 0
    for o in range(n_filters):
        for c in range(channels):
            for kh in range(kernel_h):
                at = totals + o * window + kh * segment + c
                for _ in range(kernel_w):
                    sums[i] = work[at]
                    at += channels
                    i += 1


@jit(fastmath=NAN_SAFE_FASTMATH)
def _select(g, found, dy, winners, starts, right, down):
    """Write down the gradient of each winner, and where its window begins; return their sum."""
    n = len(g)
    found, dy, winners, starts = found[:n], dy[:n], winners[:n], starts[:n]
    zero = dy.dtype.type(0)
    for k in range(n):
        g[k] = dy[k] if winners[k] < DEAD else zero
    for k in range(n):
        place = np.int64(winners[k])
        found[k] = starts[k] + (place & 1) * right + (place >> 1) * down
    total = zero
    for k in range(n):
        total += g[k]
    return total


@jit("void(const T[:, :, :, ::1], T[::1], int64, int64)")
def _channels_last(w, packed, segment, window):
    """Bring each filter into the order of a window of P, rows filled up to whole vectors."""
    clear(packed, 0, len(packed))
    flat, i = w.reshape(-1), 0
    for o in range(w.shape[0]):
        for c in range(w.shape[1]):
            for kh in range(w.shape[2]):
                at = o * window + kh * segment + c
                for _ in range(w.shape[3]):
                    packed[at] = flat[i]
                    at += w.shape[1]
                    i += 1


@jit("void(const T[::1], const uint8[::1], uint8[::1])")
def _mark(y, winners, places):
    zero = y.dtype.type(0)
    for i in range(len(y)):
        places[i] = winners[i] if y[i] > zero else DEAD


@jit
def _put_last(P, x, top, left, pitch):
    """Copy x (C, H, W) to P[i + top, j + left, c], as far as P reaches; all else is 0."""
    channels, height, width = x.shape
    clear(P, 0, len(P))
    for i in range(min(height, len(P) // pitch - top)):
        row = P[(i + top) * pitch + left * channels :]
        for c in range(channels):
            source, at = x[c, i], c
            for j in range(min(width, pitch // channels - left)):
                row[at] = source[j]
                at += channels


@jit
def _take_last(x, P, top, left, pitch):
    """Copy P[i + top, j + left, c] into x (C, H, W), and 0 where P does not reach."""
    channels, height, width = x.shape
    columns = min(width, pitch // channels - left)
    for c in range(channels):
        for i in range(height):
            out = x[c, i]
            inside = columns if i + top < len(P) // pitch else 0
            row, at = P[(i + top) * pitch + left * channels :], c
            for j in range(inside):
                out[j] = row[at]
                at += channels
            out[inside:] = 0
