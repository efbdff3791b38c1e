"""The products of a linear layer, tile by tile: for layers that fit into the cache.

    Y = X W' + b        a `DotTile`: both are read along their rows
    dX = dY W           a `GatherTile`: rows of W, weighted by dY and added up
    dW = dY' X          a `GatherTile`: rows of X, weighted by dY and added up
    db = sum of dY

BLAS computes the same (`scratchml.nn.ops.linear`) and is made for larger matrices: it takes twice
as long for a layer of 400 by 120 and 4 rows, since what it prepares is used only once.

X (N, I), W (O, I), b (O,), Y (N, O).
"""

import functools
from typing import NamedTuple

import numpy as np

from scratchml._core.jit import compiler, jit
from scratchml._core.jit_moves import clear, copy
from scratchml._core.jit_tiles import (
    dot_4,
    dot_8,
    gather_4,
    gather_8,
    tile_vectors,
)
from scratchml._core.jit_vectors import lanes
from scratchml.nn.ops.workspace import workspace

_ROWS = (8, 4)  # the heights of tiles that the kernels have; each costs time to compile
_LARGEST = 2e7  # multiplications, from which the threads of BLAS pay
_SHORTEST = 256  # numbers in a row, below which the tiles' edges cost more than they save
_LONGEST = 1024  # rows, beyond which they would have to be read in blocks


def serves(x: np.ndarray, w: np.ndarray) -> bool:
    """Return whether the functions below can stand in for BLAS: x (N, I), w (O, I)."""
    (n, inner), out = x.shape, len(w)
    return (
        inner >= _SHORTEST
        and x.dtype.char in "fd"
        and 0 < n <= _LONGEST
        and 0 < out <= _LONGEST
        and n * inner * out <= _LARGEST
        and x.flags.c_contiguous
        and w.flags.carray  # writable, as the copy is that may stand in for it: one type for both
        and compiler(needed=False) is not None
    )


def forward(x: np.ndarray, w: np.ndarray, b: "np.ndarray | None") -> np.ndarray:
    """Return X W' + b."""
    plan = _plan(len(x), x.shape[1], len(w), x.itemsize)
    y = np.empty((len(x), len(w)), x.dtype)
    bias = w[0, :0] if b is None else np.ascontiguousarray(b)
    _forward(x, w, bias, y, plan.numbers, plan.offsets, plan.steps, workspace(plan.work, x.dtype))
    return y


def backward(dy: np.ndarray, x: np.ndarray, w: np.ndarray, needs: tuple) -> tuple:
    """Return dX, dW and db; None for dX and dW where `needs` is False."""
    plan = _plan(len(x), x.shape[1], len(w), x.itemsize)
    dx = np.empty(x.shape if needs[0] else (0, 0), x.dtype)
    dw = np.empty(w.shape if needs[1] else (0, 0), x.dtype)
    db = np.empty(len(w), x.dtype)
    work = workspace(plan.work, x.dtype)
    _backward(dy, x, w, dx, dw, db, plan.numbers, plan.rows, work)
    return dx if needs[0] else None, dw if needs[1] else None, db


class _Plan(NamedTuple):
    numbers: np.ndarray
    offsets: np.ndarray  # where the rows of W begin, filled up to whole tiles
    steps: np.ndarray  # the vectors of a row
    rows: np.ndarray  # where the rows of X and W begin
    work: int


@functools.lru_cache(256)
def _plan(n: int, inner: int, out: int, itemsize: int) -> _Plan:
    """Return the integers of the kernels for X (n, inner) and W (out, inner)."""
    lane = lanes(itemsize)
    dot = min(_ROWS, key=lambda r: -(-n // r) * -(-out // tile_vectors(r)) * (r + 1))
    columns = tile_vectors(dot)
    gather = min(_ROWS, key=lambda r: -(-n // r) * -(-inner // (tile_vectors(r) * lane)))
    pitch = inner + -inner % lane
    offsets = np.minimum(np.arange(out + -out % columns), out - 1) * pitch
    tall = n + -n % 8
    widest = 8 * max(tile_vectors(r) for r in _ROWS) * lane
    work = max(
        (tall + (out if pitch > inner else 0)) * pitch + dot * columns + 2 * lane,
        max(tall * out, n * (out + 8)) + widest + 2 * lane,
    )
    numbers = [dot, columns, gather, tile_vectors(gather) * lane, tile_vectors(8) * lane, pitch]
    return _Plan(
        np.array([*numbers, lane]),
        offsets,
        np.arange(pitch // lane) * lane,
        np.arange(max(n, out)) * inner,
        work,
    )


@jit("void(const T[:, ::1], T[:, ::1], const T[::1], T[:, ::1], const int64[::1], const int64[::1], const int64[::1], T[::1])")  # fmt: skip # noqa: E501
def _forward(x, w, bias, y, numbers, offsets, steps, work):
    """Compute Y = X W' + b."""
    rows, columns, pitch, lane = numbers[0], numbers[1], numbers[5], numbers[6]
    n, inner, out = x.shape[0], x.shape[1], w.shape[0]
    tile = (n + rows - 1) // rows * rows * pitch
    source = w.reshape(-1)
    _fill_up(work, x.reshape(-1), n, inner, pitch)
    if pitch > inner:
        source = work[tile + (rows * columns + lane - 1) // lane * lane :]
        _fill_up(source, w.reshape(-1), out, inner, pitch)
    n_steps = len(steps)
    for o in range(0, out, columns):
        for m in range(0, n, rows):
            clear(work, tile, rows * columns)
            a = m * pitch
            if rows == 8:
                dot_8(work, tile, work, a, pitch, source, steps, 0, offsets, o, n_steps)
            else:
                dot_4(work, tile, work, a, pitch, source, steps, 0, offsets, o, n_steps)
            for r in range(min(rows, n - m)):
                for c in range(min(columns, out - o)):
                    total = work[tile + r * columns + c]
                    y[m + r, o + c] = total + bias[o + c] if len(bias) else total


@jit
def _fill_up(to, source, n, inner, pitch):
    """Copy rows to rows of `pitch` numbers, the rest 0."""
    for i in range(n):
        copy(to, i * pitch, source, i * inner, inner)
        clear(to, i * pitch + inner, pitch - inner)


@jit("void(const T[:, ::1], const T[:, ::1], const T[:, ::1], T[:, ::1], T[:, ::1], T[::1], const int64[::1], const int64[::1], T[::1])")  # fmt: skip # noqa: E501
def _backward(dy, x, w, dx, dw, db, numbers, rows, work):
    """Compute dX = dY W and dW = dY' X, unless they are empty, and db."""
    n, out = dy.shape
    tall, width = numbers[2], numbers[3]
    if len(dx):
        for m in range(0, n, tall):
            for o in range(out):
                for r in range(tall):
                    work[o * tall + r] = dy[min(m + r, n - 1), o]
            _add_rows(dx, m, tall, width, work, w.reshape(-1), rows, out)
    for o in range(0, out, 8 if len(dw) else out):
        high = 8 if len(dw) else out
        for i in range(n):
            for r in range(high):
                work[i * high + r] = dy[i, min(o + r, out - 1)]
        for r in range(min(high, out - o)):
            db[o + r] = work[r]
            for i in range(1, n):
                db[o + r] += work[i * high + r]
        if len(dw):
            _add_rows(dw, o, 8, numbers[4], work, x.reshape(-1), rows, n)


@jit
def _add_rows(y, m, tall, width, weights, x, rows, k):
    """Compute y[m + r] = sum of weights[i, r] x[row i] for r < tall, as far as y goes."""
    inner, height = y.shape[1], min(tall, y.shape[0] - m)
    zeros, out = tall * k, y.reshape(-1)
    clear(weights, zeros, tall)
    strip = zeros + tall
    for q in range(0, inner, width):
        at = min(q, inner - width)
        to, first, pitch = weights, strip, width
        if height == tall:
            to, first, pitch = out, m * inner + at, inner
        if tall == 8:
            gather_8(to, first, pitch, weights, zeros, weights, 0, x, at, rows, k)
        else:
            gather_4(to, first, pitch, weights, zeros, weights, 0, x, at, rows, k)
        if height < tall:
            for r in range(height):
                copy(out, (m + r) * inner + at, weights, strip + r * width, width)
