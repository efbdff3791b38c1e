"""Transforms of small squares of numbers by a constant matrix, many squares at a time.

    out[a, b] = sum_ij L[a, i] L[b, j] x[i, j]                   that is L X L'

for a matrix L known when the loop is compiled: each entry becomes an addition, a subtraction or a
multiplication by a constant, and those that are 0 nothing. Vectors run over the squares, which
stand side by side: x[i, j] of square q at ``x[offset[i, j] + q]``, out[a, b] at ``out[(a b) pitch +
q]``.
"""

from typing import Any

import numpy as np

from scratchml._core.jit_vectors import Builder, Intrinsic, lanes, vector_of


class SquareTransform(Intrinsic):
    """L X L' for as many squares as a vector holds, with L of shape (A, I)."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = np.array(matrix, np.float64)

    def __call__(self, out, o, pitch, x, ix, offsets):
        """Compute it as the definition says."""
        a, i = self.matrix.shape
        lane = lanes(out.itemsize)
        square = x[ix + offsets[: i * i, None] + np.arange(lane)].reshape(i, i, lane)
        left = np.tensordot(self.matrix.astype(out.dtype), square, 1)  # (A, I, lane)
        both = np.einsum("bj,ajq->abq", self.matrix.astype(out.dtype), left)
        for k, row in enumerate(both.reshape(a * a, lane)):
            out[o + k * pitch : o + k * pitch + lane] = row

    def _typed(self) -> Any:
        matrix = self.matrix
        rows, size = matrix.shape

        def square_transform(context, out, o, pitch, x, ix, offsets):
            from numba.core import types

            vector = vector_of(out)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                out, x, offsets = t.pointer(0, 1), t.pointer(3, 4), t.pointer(5)
                half = []  # columns j of L X
                for j in range(size):
                    places = [builder.load(t.shift(offsets, i * size + j)) for i in range(size)]
                    half.append(_combine(t, matrix, [t.load(t.shift(x, p)) for p in places]))
                for a in range(rows):
                    row = _combine(t, matrix, [column[a] for column in half])
                    for b in range(rows):
                        place = builder.mul(args[2], t.int(a * rows + b))
                        t.store(row[b], t.shift(out, place))
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(out, i8, i8, x, i8, offsets), build

        return square_transform


def _combine(t: Any, matrix: np.ndarray, vectors: list[Any]) -> list[Any]:
    """Return the sums of vectors that the rows of the matrix describe."""
    sums = []
    for row in matrix:
        total = None
        for factor, vector in zip(row, vectors, strict=True):
            if factor == 0:
                continue
            if total is None:
                total = vector if factor == 1 else t.scale(vector, factor)
            elif factor == 1:
                total = t.builder.fadd(total, vector)
            elif factor == -1:
                total = t.builder.fsub(total, vector)
            else:
                total = t.multiply_add(t.constant(factor), vector, total)
        sums.append(t.zero() if total is None else total)
    return sums


class _Split(Intrinsic):
    """out[p * pitch + q] = x[ways * q + p] for p < ways and as many q as a vector holds."""

    def __init__(self, ways: int) -> None:
        self.ways = ways

    def __call__(self, out, o, pitch, x, ix):
        lane, ways = lanes(out.itemsize), self.ways
        for p in range(ways):
            out[o + p * pitch : o + p * pitch + lane] = x[ix + p : ix + p + ways * lane : ways]

    def _typed(self) -> Any:
        ways = self.ways

        def split(context, out, o, pitch, x, ix):
            from numba.core import types

            vector = vector_of(out)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                out, x = t.pointer(0, 1), t.pointer(3, 4)
                n = vector.count
                joined = t.concatenate([t.load(t.shift(x, k * n)) for k in range(ways)])
                for p in range(ways):
                    part = t.shuffle(joined, joined, list(range(p, ways * n, ways)))
                    t.store(part, t.shift(out, builder.mul(args[2], t.int(p))))
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(out, i8, i8, x, i8), build

        return split


class _JoinByFour(Intrinsic):
    """out[4 q + p] = x[p * pitch + q] + shift for p < 4 and as many q as a vector holds."""

    def __call__(self, out, o, x, ix, pitch, shift):
        lane = lanes(out.itemsize)
        for p in range(4):
            out[o + p : o + p + 4 * lane : 4] = x[ix + p * pitch : ix + p * pitch + lane] + shift

    def _typed(self) -> Any:
        def join_by_four(context, out, o, x, ix, pitch, shift):
            from numba.core import types

            vector = vector_of(out)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                out, x = t.pointer(0, 1), t.pointer(2, 3)
                n, shift = vector.count, t.broadcast(args[5])
                four = [t.load(t.shift(x, builder.mul(args[4], t.int(p)))) for p in range(4)]
                joined = t.concatenate([builder.fadd(part, shift) for part in four])
                for k in range(4):
                    order = [
                        p * n + q for q in range(k * n // 4, (k + 1) * n // 4) for p in range(4)
                    ]
                    t.store(t.shuffle(joined, joined, order), t.shift(out, k * n))
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(out, i8, x, i8, i8, out.dtype), build

        return join_by_four


split_by_two, split_by_four, join_by_four = _Split(2), _Split(4), _JoinByFour()
