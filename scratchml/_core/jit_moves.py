"""Moving numbers inside kernels, without the cost of a view: copy, copy_row, clear, transpose.

All take flat arrays and the index at which to begin; nothing is checked.
"""

from typing import Any

from scratchml._core.jit_vectors import Builder, Intrinsic, lanes, vector_of


class _Copy(Intrinsic):
    """to[i : i + n] = source[j : j + n], which do not overlap, as the C library does it."""

    def __call__(self, to, i, source, j, n):
        to[i : i + n] = source[j : j + n]

    def _typed(self) -> Any:
        def copy(context, to, i, source, j, n):
            from numba.core import cgutils, types

            def build(context, builder, signature, args):
                target = _address(context, builder, signature, args, 0)
                origin = _address(context, builder, signature, args, 2)
                size = to.dtype.bitwidth // 8
                cgutils.raw_memcpy(builder, target, origin, args[4], size)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(to, i8, source, i8, i8), build

        return copy


class _CopyRow(Intrinsic):
    """The same for a few dozen numbers, for which a call of the C library would take longer."""

    def __call__(self, to, i, source, j, n):
        to[i : i + n] = source[j : j + n]

    def _typed(self) -> Any:
        def copy_row(context, to, i, source, j, n):
            from numba.core import types

            vector = vector_of(to)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                target, origin = t.pointer(0, 1), t.pointer(2, 3)
                with t.vectors(args[4]) as (at, mask):
                    t.masked_copy(t.shift(target, at), t.shift(origin, at), mask)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(to, i8, source, i8, i8), build

        return copy_row


class _Clear(Intrinsic):
    """to[i : i + n] = 0."""

    def __call__(self, to, i, n):
        to[i : i + n] = 0

    def _typed(self) -> Any:
        def clear(context, to, i, n):
            from numba.core import cgutils, types

            def build(context, builder, signature, args):
                target = _address(context, builder, signature, args, 0)
                size = builder.mul(args[2], args[2].type(to.dtype.bitwidth // 8))
                cgutils.memset(builder, target, size, 0)
                return context.get_dummy_value()

            return types.void(to, types.int64, types.int64), build

        return clear


class _Transpose(Intrinsic):
    """to[i + q pitch + r] = source[j + r step + q] for q, r < lanes: a square of vectors.

    The off-diagonal quarters are exchanged, then those of each quarter, down to single numbers.
    """

    def __call__(self, to, i, pitch, source, j, step):
        n = lanes(to.itemsize)
        for r in range(n):
            to[i + r : i + r + (n - 1) * pitch + 1 : pitch] = source[j + r * step :][:n]

    def _typed(self) -> Any:
        def transpose(context, to, i, pitch, source, j, step):
            from numba.core import types

            vector = vector_of(to)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                target, origin, n = t.pointer(0, 1), t.pointer(3, 4), vector.count
                rows = [t.load(t.shift(origin, builder.mul(args[5], t.int(r)))) for r in range(n)]
                half = n // 2
                while half:
                    upper = [q if q & half == 0 else q - half + n for q in range(n)]
                    lower = [q + half if q & half == 0 else q + n for q in range(n)]
                    for r in range(n):
                        if r & half == 0:
                            a, b = rows[r], rows[r + half]
                            rows[r], rows[r + half] = t.shuffle(a, b, upper), t.shuffle(a, b, lower)
                    half //= 2
                for q in range(n):
                    t.store(rows[q], t.shift(target, builder.mul(args[2], t.int(q))))
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(to, i8, i8, source, i8, i8), build

        return transpose


def _address(context: Any, builder: Any, signature: Any, args: Any, array: int) -> Any:
    """Return the address of an array argument's number at the index argument that follows it."""
    data = context.make_array(signature.args[array])(context, builder, args[array]).data
    return builder.gep(data, [args[array + 1]])


copy, copy_row, clear, transpose = _Copy(), _CopyRow(), _Clear(), _Transpose()
