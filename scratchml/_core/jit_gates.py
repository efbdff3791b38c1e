"""The sigmoid and tanh of a row of numbers, and the cell of an LSTM, as vector instructions.

The equations are those of `scratchml._core.elementary`; written out for vectors they take half the
time of the loops that LLVM makes of those. The last vector is masked: a row may have any length.

    sigmoids   y[j] = 1 / (1 + exp(-x[j]))
    tanhs      y[j] = tanh(x[j])                                   j < n
    lstm_cell  i, f, o[j] = sigmoid(v[j], v[n + j], v[3 n + j]),   g[j] = tanh(v[2 n + j])
               c[j] = f[j] c[j] + i[j] g[j],   h[j] = o[j] tanh(c[j])
    lstm_cell_back  the gradients of v and of the c before, from those of h and c

All take flat arrays and the index at which to begin; y may be x.
"""

from typing import Any

import numpy as np

from scratchml._core.jit_columns import vector_exp_parts
from scratchml._core.jit_vectors import Builder, Intrinsic, vector_of


class _Row(Intrinsic):
    """y[iy + j] = f(x[ix + j]) for j < n."""

    def _typed(self) -> Any:
        compute = self.compute

        def row(context, y, iy, x, ix, n):
            from numba.core import types

            vector = vector_of(y)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                y, x = t.pointer(0, 1), t.pointer(2, 3)
                with t.vectors(args[4]) as (at, mask):
                    value = compute(t, t.masked_load(t.shift(x, at), mask))
                    t.masked_store(value, t.shift(y, at), mask)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(y, i8, x, i8, i8), build

        return row

    def compute(self, t: Builder, x: Any) -> Any:
        """Return f of a vector."""
        raise NotImplementedError


class Sigmoids(_Row):
    """y[j] = 1 / (1 + u) for x >= 0, u / (1 + u) for x < 0, u = exp(-|x|)."""

    def __call__(self, y, iy, x, ix, n):
        """Compute it as the definition says."""
        part = x[ix : ix + n]
        u = np.exp(-np.abs(part))
        y[iy : iy + n] = np.where(part < 0, u, 1) / (1 + u)

    def compute(self, t: Builder, x: Any) -> Any:
        """Return the sigmoid of a vector."""
        return _sigmoid(t, x)


class Tanhs(_Row):
    """y[j] = -E / (E + 2) with the sign of -x, E = exp(-2 |x|) - 1; x itself where it is tiny."""

    def __call__(self, y, iy, x, ix, n):
        """Compute it as the definition says."""
        y[iy : iy + n] = np.tanh(x[ix : ix + n])

    def compute(self, t: Builder, x: Any) -> Any:
        """Return tanh of a vector."""
        return _tanh(t, x)


class LstmCell(Intrinsic):
    """The gates, cells and states of a row of an LSTM, from v = W_ih x + b + W_hh h.

    The gates i, f, g, o are written one after the other, n of each; c is changed, and written once
    more to c_out; h is written to y and to h.
    """

    def __call__(self, gates, ig, v, iv, c, ic, c_out, io, y, iy, h, ih, n):
        """Compute it as the definition says."""
        sigmoids(gates, ig, v, iv, 2 * n)
        tanhs(gates, ig + 2 * n, v, iv + 2 * n, n)
        sigmoids(gates, ig + 3 * n, v, iv + 3 * n, n)
        i, f, g, o = gates[ig : ig + 4 * n].reshape(4, n)
        c[ic : ic + n] = c_out[io : io + n] = f * c[ic : ic + n] + i * g
        y[iy : iy + n] = h[ih : ih + n] = o * np.tanh(c[ic : ic + n])

    def _typed(self) -> Any:
        def lstm_cell(context, gates, ig, v, iv, c, ic, c_out, io, y, iy, h, ih, n):
            from numba.core import types

            vector = vector_of(gates)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                gates, v, c, c_out, y, h = (t.pointer(k, k + 1) for k in range(0, 12, 2))
                n = args[12]
                with t.vectors(n) as (at, mask):
                    values = []
                    for k, compute in enumerate((_sigmoid, _sigmoid, _tanh, _sigmoid)):
                        place = builder.add(at, builder.mul(n, t.int(k)))
                        values.append(compute(t, t.masked_load(t.shift(v, place), mask)))
                        t.masked_store(values[k], t.shift(gates, place), mask)
                    i, f, g, o = values
                    cell = builder.fmul(f, t.masked_load(t.shift(c, at), mask))
                    cell = t.multiply_add(i, g, cell)
                    state = builder.fmul(o, _tanh(t, cell))
                    for value, to in ((cell, c), (cell, c_out), (state, y), (state, h)):
                        t.masked_store(value, t.shift(to, at), mask)
                return context.get_dummy_value()

            i8 = types.int64
            pairs = (gates, i8, v, i8, c, i8, c_out, i8, y, i8, h, i8)
            return types.void(*pairs, i8), build

        return lstm_cell


class LstmCellBack(Intrinsic):
    """The gradients dv of a row, and dc of the cell before, from dh + dy of the state and dc.

    See `scratchml.nn.ops.recurrent` for the equations. dv is written twice, to d and to da.
    """

    def __call__(self, da, ia, d, i_d, gates, ig, c, ic, before, ib, dy, iy, dh, ih, dc, i_c, n):
        """Compute it as the definition says."""
        i, f, g, o = gates[ig : ig + 4 * n].reshape(4, n)
        t, dm = np.tanh(c[ic : ic + n]), dh[ih : ih + n] + dy[iy : iy + n]
        cell = dc[i_c : i_c + n] + dm * o * (1 - t * t)
        di, df = cell * g * i * (1 - i), cell * before[ib : ib + n] * f * (1 - f)
        dg, do = cell * i * (1 - g * g), dm * t * o * (1 - o)
        d[i_d : i_d + 4 * n] = da[ia : ia + 4 * n] = np.concatenate((di, df, dg, do))
        dc[i_c : i_c + n] = cell * f

    def _typed(self) -> Any:
        def cell_back(
            context, da, ia, d, i_d, gates, ig, c, ic, before, ib, dy, iy, dh, ih, dc, i_c, n
        ):
            from numba.core import types

            vector = vector_of(da)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                da, d, gates, *others = (t.pointer(k, k + 1) for k in range(0, 16, 2))
                n, one = args[16], t.constant(1.0)
                multiply, subtract = builder.fmul, builder.fsub
                with t.vectors(n) as (at, mask):
                    places = [builder.add(at, builder.mul(n, t.int(k))) for k in range(4)]
                    i, f, g, o = (t.masked_load(t.shift(gates, place), mask) for place in places)
                    c, before, dy, dh, dc = (t.masked_load(t.shift(p, at), mask) for p in others)
                    th, dm = _tanh(t, c), builder.fadd(dh, dy)
                    through = multiply(multiply(dm, o), subtract(one, multiply(th, th)))
                    cell = builder.fadd(dc, through)
                    gradients = (
                        multiply(multiply(multiply(cell, g), i), subtract(one, i)),
                        multiply(multiply(multiply(cell, before), f), subtract(one, f)),
                        multiply(multiply(cell, i), subtract(one, multiply(g, g))),
                        multiply(multiply(multiply(dm, th), o), subtract(one, o)),
                    )
                    for gradient, place in zip(gradients, places, strict=True):
                        t.masked_store(gradient, t.shift(d, place), mask)
                        t.masked_store(gradient, t.shift(da, place), mask)
                    t.masked_store(multiply(cell, f), t.shift(others[4], at), mask)
                return context.get_dummy_value()

            i8 = types.int64
            arrays = (da, d, gates, c, before, dy, dh, dc)
            return types.void(*(kind for array in arrays for kind in (array, i8)), i8), build

        return cell_back


def _sigmoid(t: Builder, x: Any) -> Any:
    b, one = t.builder, t.constant(1.0)
    q, power = vector_exp_parts(t, b.fneg(t.absolute(x)))
    u = t.multiply_add(q, power, power)
    above = b.select(b.fcmp_ordered("<", x, t.zero()), u, one)
    return b.fdiv(above, b.fadd(one, u))


def _tanh(t: Builder, x: Any) -> Any:
    b, one = t.builder, t.constant(1.0)
    a = t.absolute(x)
    q, power = vector_exp_parts(t, b.fmul(t.constant(-2.0), a))
    e = t.multiply_add(q, power, b.fsub(power, one))
    y = b.fdiv(e, b.fadd(e, t.constant(2.0)))
    y = b.select(b.fcmp_ordered("<", x, t.zero()), y, b.fneg(y))
    tiny = t.constant(1e-8 if t.itemsize == 8 else 1e-4)
    return b.select(b.fcmp_ordered("<", a, tiny), x, y)


sigmoids, tanhs = Sigmoids(), Tanhs()
lstm_cell, lstm_cell_back = LstmCell(), LstmCellBack()
