"""Columns of a block of numbers, as vector instructions: their maxima, exponentials and sums.

A block x of so many rows, each as wide as a `ProductTile` of eight rows, so that what belongs to
its columns stays in registers:

    column_max   m[j] = max(m[j], max_k x[k, j])
    column_exp   x[k, j] = exp(x[k, j] - m[j]),  total[j] += their sum
    column_pull  y[k, j] = x[k, j] (y[k, j] - d[j])            which is the gradient of a softmax

exp is that of `scratchml._core.elementary`, for arguments that are not above 0 by more than a
rounding; what would be below the smallest normal number is 0. A number that is none (NaN) stays
none, but for column_max, which may pass it over.

All take flat arrays and the index at which to begin, and a block's distance from row to row.
"""

import math
from typing import Any

import numpy as np

from scratchml._core.jit_tiles import tile_vectors
from scratchml._core.jit_vectors import Builder, Intrinsic, lanes, vector_of

_ROWS = 8


def column_count(itemsize: int) -> int:
    """Return the columns of a block, for numbers of so many bytes."""
    return tile_vectors(_ROWS) * lanes(itemsize)


class ColumnMax(Intrinsic):
    """m[j] = max(m[j], max_k x[k, j])."""

    def __call__(self, m, i, x, ix, pitch, rows):
        """Compute it as the definition says."""
        n = column_count(m.itemsize)
        for k in range(rows):
            m[i : i + n] = np.fmax(m[i : i + n], x[ix + k * pitch : ix + k * pitch + n])

    def _typed(self) -> Any:
        def column_max(context, m, i, x, ix, pitch, rows):
            from numba.core import types

            vector = vector_of(m)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                m, x = t.pointer(0, 1), t.pointer(2, 3)
                places = _places(t, m)
                with t.loop(args[5], [t.load(place) for place in places]) as (k, sums):
                    for j, place in enumerate(_places(t, t.shift(x, builder.mul(k, args[4])))):
                        sums[j] = t.larger(sums[j], t.load(place))
                for total, place in zip(t.sums, places, strict=True):
                    t.store(total, place)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(m, i8, x, i8, i8, i8), build

        return column_max


class ColumnExp(Intrinsic):
    """x[k, j] = exp(x[k, j] - m[j]), total[j] += their sum."""

    def __call__(self, total, i, m, im, x, ix, pitch, rows):
        """Compute it as the definition says."""
        n = column_count(x.itemsize)
        for k in range(rows):
            row = x[ix + k * pitch : ix + k * pitch + n]
            row[:] = np.exp(row - m[im : im + n])
            row[row < np.finfo(row.dtype).tiny] = 0
            total[i : i + n] += row

    def _typed(self) -> Any:
        def column_exp(context, total, i, m, im, x, ix, pitch, rows):
            from numba.core import types

            vector = vector_of(x)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                totals, x = _places(t, t.pointer(0, 1)), t.pointer(4, 5)
                ms = [t.load(place) for place in _places(t, t.pointer(2, 3))]
                with t.loop(args[7], [t.load(place) for place in totals]) as (k, sums):
                    for j, place in enumerate(_places(t, t.shift(x, builder.mul(k, args[6])))):
                        y = vector_exp(t, builder.fsub(t.load(place), ms[j]))
                        t.store(y, place)
                        sums[j] = builder.fadd(sums[j], y)
                for one, place in zip(t.sums, totals, strict=True):
                    t.store(one, place)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(total, i8, m, i8, x, i8, i8, i8), build

        return column_exp


class ColumnPull(Intrinsic):
    """y[k, j] = x[k, j] (y[k, j] - d[j])."""

    def __call__(self, y, iy, x, ix, d, i, pitch, rows):
        """Compute it as the definition says."""
        n = column_count(x.itemsize)
        for k in range(0, rows * pitch, pitch):
            row = y[iy + k : iy + k + n]
            row[:] = x[ix + k : ix + k + n] * (row - d[i : i + n])

    def _typed(self) -> Any:
        def column_pull(context, y, iy, x, ix, d, i, pitch, rows):
            from numba.core import types

            vector = vector_of(x)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                y, x = t.pointer(0, 1), t.pointer(2, 3)
                ds = [t.load(place) for place in _places(t, t.pointer(4, 5))]
                with t.loop(args[7], []) as (k, _):
                    at = builder.mul(k, args[6])
                    pairs = zip(_places(t, t.shift(y, at)), _places(t, t.shift(x, at)), strict=True)
                    for j, (to, place) in enumerate(pairs):
                        centred = builder.fsub(t.load(to), ds[j])
                        t.store(builder.fmul(t.load(place), centred), to)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(y, i8, x, i8, d, i8, i8, i8), build

        return column_pull


column_max, column_exp, column_pull = ColumnMax(), ColumnExp(), ColumnPull()


def _places(t: Builder, pointer: Any) -> list[Any]:
    """Return the addresses of the vectors of a row."""
    return [t.shift(pointer, j * t.vector.count) for j in range(tile_vectors(_ROWS))]


def vector_exp(t: Builder, x: Any) -> Any:
    """Return exp(x) for x <= 0; 0 where that is below the smallest normal number."""
    q, power = vector_exp_parts(t, x)
    return t.multiply_add(q, power, power)


def vector_exp_parts(t: Builder, x: Any) -> tuple[Any, Any]:
    """Return exp(r) - 1 and 2^k with exp(x) = 2^k exp(r), for x <= 0: see elementary.py."""
    double = t.itemsize == 8
    low, degree = (-709.0, 13) if double else (-88.0, 7)
    high = float.fromhex("0x1.62e42fefa0000p-1" if double else "0x1.62e400p-1")
    rest = float.fromhex("0x1.cf79abc9e3b3ap-40" if double else "0x1.7f7d1cp-20")
    half, bias, shift = (1.5 * 2.0**52, 1023.0, 52) if double else (1.5 * 2.0**23, 127.0, 23)
    b = t.builder
    x = t.larger(t.constant(low), x)
    k = b.fsub(t.multiply_add(x, t.constant(1 / math.log(2)), t.constant(half)), t.constant(half))
    r = t.multiply_add(k, t.constant(-high), x)
    r = t.multiply_add(k, t.constant(-rest), r)
    q = t.constant(1 / math.factorial(degree))
    for i in range(degree - 1, 0, -1):
        q = t.multiply_add(q, r, t.constant(1 / math.factorial(i)))
    return b.fmul(q, r), t.power(b.fadd(k, t.constant(half + bias)), shift)
