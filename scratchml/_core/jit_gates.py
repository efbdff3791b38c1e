"""The sigmoid and tanh of a row of numbers, as vector instructions.

The equations are those of `scratchml._core.elementary`; written out for vectors they take half the
time of the loops that LLVM makes of those. The last vector is masked: a row may have any length.

    sigmoids   y[j] = 1 / (1 + exp(-x[j]))
    tanhs      y[j] = tanh(x[j])                j < n

Both take flat arrays and the index at which to begin; y may be x.
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
                y, x, n = t.pointer(0, 1), t.pointer(2, 3), args[4]
                lane = t.int(vector.count)
                vectors = builder.sdiv(builder.add(n, t.int(vector.count - 1)), lane)
                with (
                    builder.if_then(builder.icmp_signed(">", vectors, t.int(0))),
                    t.loop(vectors, []) as (v, _),
                ):
                    at = builder.mul(v, lane)
                    mask = t.below(builder.sub(n, at))
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
        b, one = t.builder, t.constant(1.0)
        q, power = vector_exp_parts(t, b.fneg(t.absolute(x)))
        u = t.multiply_add(q, power, power)
        above = b.select(b.fcmp_ordered("<", x, t.zero()), u, one)
        return b.fdiv(above, b.fadd(one, u))


class Tanhs(_Row):
    """y[j] = -E / (E + 2) with the sign of -x, E = exp(-2 |x|) - 1; x itself where it is tiny."""

    def __call__(self, y, iy, x, ix, n):
        """Compute it as the definition says."""
        y[iy : iy + n] = np.tanh(x[ix : ix + n])

    def compute(self, t: Builder, x: Any) -> Any:
        """Return tanh of a vector."""
        b, one = t.builder, t.constant(1.0)
        a = t.absolute(x)
        q, power = vector_exp_parts(t, b.fmul(t.constant(-2.0), a))
        e = t.multiply_add(q, power, b.fsub(power, one))
        y = b.fdiv(e, b.fadd(e, t.constant(2.0)))
        y = b.select(b.fcmp_ordered("<", x, t.zero()), y, b.fneg(y))
        tiny = t.constant(1e-8 if t.itemsize == 8 else 1e-4)
        return b.select(b.fcmp_ordered("<", a, tiny), x, y)


sigmoids, tanhs = Sigmoids(), Tanhs()
