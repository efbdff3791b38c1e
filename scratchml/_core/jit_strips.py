"""Strips of an image: one filter over as many columns as a vector holds, row after row.

For planes x and y, a filter w (KH, KW) and the columns j of one strip:

    sum   y[i, j]     = b + sum over (a, c) of w[a, c] x[i + a, j + dilation c]         (1)
    add   y[i, j]    += sum over (a, c) of w[a, c] x[i + a, j + dilation c]
    dot   t[a, c, j] += sum over i of y[i, j] x[i + a, j + dilation c]                  (2)

x is 0 outside of its plane. Row i + a of x is read once, as KW shifted vectors, and serves the KH
rows of y that it belongs to: (1) keeps KH sums at once, one of which is complete after each row,
and (2) the last KH rows of y. So a row of x costs KW loads and KH KW multiplications, where one
output after the other would take KH KW loads. Vectors that reach over the edge of an image are
masked: nothing is copied into a larger one first.

Where to read and write is in a *pass*, a row of integers that is made once for each shape of images
(`scratchml.nn.ops.depthwise`; what they say: `FIELDS`). The definitions, and what runs without the
compiler, are the methods ``plain``. Nothing is checked.
"""

from typing import Any

import numpy as np

from scratchml._core.jit_masked import StripBuilder
from scratchml._core.jit_vectors import Intrinsic, lanes


class _Strip(Intrinsic):
    """A strip for filters of one size, known when it is compiled."""

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width

    def __call__(self, *args: Any) -> None:
        self.plain(self.height, self.width, *args)

    @staticmethod
    def plain(*args: Any) -> None:
        raise NotImplementedError


def _window(x, ix, row, place, passes, i):
    """Return the numbers of one row of x under one place of the filter, zero outside."""
    _, _, _, start, step, first, stop, column, dilation, width, n = passes[i, :11]
    found = np.zeros(n, x.dtype)
    if first <= row < stop:
        column += place * dilation
        low, high = min(max(0, -column), n), max(0, min(n, width - column))
        at = ix + start + row * step + place * dilation
        if low < high:
            found[low:high] = x[at + low : at + high]
    return found


class StripSum(_Strip):
    """Equation (1): the sum plus b, or, if it is one `more`, plus what y[i] was."""

    def __init__(self, height: int, width: int, more: bool) -> None:
        super().__init__(height, width)
        self.more = more

    def __call__(self, *args: Any) -> None:
        self.plain(self.height, self.width, self.more, *args)

    @staticmethod
    def plain(height, width, more, y, iy, x, ix, w, iw, sign, b, passes, i, zeros):
        """Compute one strip as the definition says; the filter is w[iw + sign (a KW + c)]."""
        start, step, rows, n = passes[i, 0], passes[i, 1], passes[i, 2], passes[i, 10]
        for row in range(rows):
            at = iy + start + row * step
            total = y[at : at + n].copy() if more else np.full(n, b, x.dtype)
            for a in range(height):
                for c in range(width):
                    scale = w[iw + sign * (a * width + c)]
                    total += scale * _window(x, ix, row + a, c, passes, i)
            y[at : at + n] = total

    def _typed(self) -> Any:
        height, width, more = self.height, self.width, self.more

        def strip_sum(context, y, iy, x, ix, w, iw, sign, b, passes, i, zeros):
            from numba.core import types

            def build(context, builder, signature, args):
                t = StripBuilder(context, builder, signature, args)
                t.open(8, 10)
                y, x, w = t.pointer(0, 1), t.pointer(2, 3), t.pointer(4, 5)
                ahead = t.shift(y, t.field["y_ahead"]), t.shift(x, t.field["x_ahead"])
                y, x = t.shift(y, t.field["y"]), t.shift(x, t.field["x"])
                at = [t.shift(w, t.times(args[6], k)) for k in range(height * width)]
                kept = [t.broadcast(builder.load(k)) for k in at] if len(at) < 16 else None
                b = t.zero() if more else t.broadcast(args[7])
                n = builder.add(t.field["rows"], t.int(height - 1))
                with t.loop(n, [b] * height) as (row, sums):
                    t.prefetch(ahead, row, 1)
                    vs = t.row(x, row, width)
                    weights = kept or [t.broadcast(builder.load(k)) for k in at]
                    for a in range(height):  # apart from the sums, which must not wait for them
                        part = builder.fmul(weights[a * width], vs[0])
                        for c in range(1, width):
                            part = t.multiply_add(weights[a * width + c], vs[c], part)
                        sums[height - 1 - a] = builder.fadd(sums[height - 1 - a], part)
                    to = t.output(y, builder.sub(row, t.int(height - 1)))
                    if more:
                        sums[0] = builder.fadd(sums[0], t.masked_load(to, t.out_mask))
                    t.masked_store(sums[0], to, t.out_mask)
                    sums[:] = [*sums[1:], b]
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(y, i8, x, i8, w, i8, i8, y.dtype, passes, i8, zeros), build

        return strip_sum


class StripDot(_Strip):
    """Equation (2): total[a, c] is a vector, and more is added to it."""

    @staticmethod
    def plain(height, width, total, it, y, iy, x, ix, passes, i, zeros):
        """Compute one strip as the definition says."""
        start, step, rows, n = passes[i, 0], passes[i, 1], passes[i, 2], passes[i, 10]
        size = lanes(x.itemsize)
        for row in range(rows):
            at = iy + start + row * step
            for a in range(height):
                for c in range(width):
                    to = it + (a * width + c) * size
                    v = _window(x, ix, row + a, c, passes, i)
                    total[to : to + n] += y[at : at + n] * v

    def _typed(self) -> Any:
        height, width = self.height, self.width

        def strip_dot(context, total, it, y, iy, x, ix, passes, i, zeros):
            from numba.core import types

            def build(context, builder, signature, args):
                t = StripBuilder(context, builder, signature, args)
                t.open(6, 8)
                total, y, x = t.pointer(0, 1), t.pointer(2, 3), t.pointer(4, 5)
                ahead = t.shift(y, t.field["y_ahead"]), t.shift(x, t.field["x_ahead"])
                y, x = t.shift(y, t.field["y"]), t.shift(x, t.field["x"])
                places = [t.shift(total, k * t.vector.count) for k in range(height * width)]
                starts = [t.load(place) for place in places] + [t.zero()] * (height - 1)
                n = builder.add(t.field["rows"], t.int(height - 1))
                with t.loop(n, starts) as (row, sums):
                    t.prefetch(ahead, row, 0)
                    vs = t.row(x, row, width)
                    last = [t.masked_load(t.output(y, row), t.out_mask), *sums[height * width :]]
                    for a in range(height):
                        for c in range(width):
                            k = a * width + c
                            sums[k] = t.multiply_add(last[a], vs[c], sums[k])
                    sums[height * width :] = last[:-1]
                for place, value in zip(places, t.sums, strict=False):
                    t.store(value, place)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(total, i8, y, i8, x, i8, passes, i8, zeros), build

        return strip_dot


sum_3, sum_5, sum_7 = StripSum(3, 3, False), StripSum(5, 5, False), StripSum(7, 7, False)
add_3, add_5, add_7 = StripSum(3, 3, True), StripSum(5, 5, True), StripSum(7, 7, True)
dot_3, dot_5, dot_7 = StripDot(3, 3), StripDot(5, 5), StripDot(7, 7)
