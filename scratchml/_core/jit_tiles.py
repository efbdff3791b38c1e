"""Register tiles: the innermost loop of products and convolutions, as vector instructions.

A product runs at the speed of the machine only if its partial sums stay in registers: a tile of
``rows`` times ``vectors`` of them, so that each number that is loaded serves several
multiplications. LLVM does not find that by itself in plain loops (25 % of the peak where this
reaches 95), so the loops below are written out as vector instructions when they are compiled.
Their definitions, which are also what runs without the compiler, are the methods ``plain``:

    gather   out[r, j]  = first[r] + sum_k w[k, r] x[offset[k] + j]    r < rows, j < width
    dot      out[r, c] += sum_v a[r, v] . x[offset[c] + step[v]]       r < rows, c < columns
    collect  out[v]    += sum_k g[k] x[offset[k] + step[v]]            v < rows
    scatter  x[offset[k] + step[v]] += g[k] w[v]                       v < rows, one k after another
    product  out[r, j]  = first[r, j] + sum_k a[r, k] b[k, j]          r < rows, j < width

where v counts vectors, of as many numbers as a register holds.

The sums over k of gather and product tiles have the order of k, whatever the width of the vectors.
A dot tile adds up each lane of the vectors by itself, and then the lanes: pairs far apart first.

All take flat arrays and the index at which to begin, because a view for each call would cost more
than the tile. Nothing is checked: the caller's workspaces have room for a whole tile.
"""

from typing import Any

import numpy as np

from scratchml._core.jit_vectors import Builder, Intrinsic, lanes, registers, vector_of


def tile_vectors(rows: int) -> int:
    """Return how many vectors a tile of `rows` has side by side.

    The partial sums, one row of operands and a broadcast number fill the registers.
    """
    return max(1, (registers() - 1) // (rows + 1))


class _Tile(Intrinsic):
    """A tile of so many rows."""

    def __init__(self, rows: int) -> None:
        self.rows = rows


class GatherTile(_Tile):
    """out[r, j] = first[r] + sum_k w[k, r] x[offset[k] + j]: vectors run along x."""

    def __call__(self, *args: Any) -> None:
        self.plain(self.rows, *args)

    @staticmethod
    def plain(rows, out, o, pitch, first, i, w, iw, x, ix, offsets, k_stop):
        """Compute one tile as the definition says."""
        width = tile_vectors(rows) * lanes(out.itemsize)
        total = np.repeat(first[i : i + rows, None], width, axis=1)
        for k in range(k_stop):
            start = ix + offsets[k]
            scale = w[iw + k * rows : iw + (k + 1) * rows]
            total += scale[:, None] * x[start : start + width]
        for r in range(rows):
            out[o + r * pitch : o + r * pitch + width] = total[r]

    def _typed(self) -> Any:
        rows, n = self.rows, tile_vectors(self.rows)

        def gather_tile(context, out, o, pitch, first, i, w, iw, x, ix, offsets, k_stop):
            from numba.core import types

            vector = vector_of(out)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                out, first, w = t.pointer(0, 1), t.pointer(3, 4), t.pointer(5, 6)
                x, offsets = t.pointer(7, 8), t.pointer(9)
                starts = [t.broadcast(builder.load(t.shift(first, r))) for r in range(rows)]
                with t.loop(args[10], [start for start in starts for _ in range(n)]) as (k, sums):
                    at = t.shift(x, builder.load(t.shift(offsets, k)))
                    xs = [t.load(t.shift(at, j * vector.count)) for j in range(n)]
                    ws = t.shift(w, builder.mul(k, t.int(rows)))
                    for r in range(rows):
                        scale = t.broadcast(builder.load(t.shift(ws, r)))
                        for j in range(n):
                            sums[r * n + j] = t.multiply_add(scale, xs[j], sums[r * n + j])
                for r in range(rows):
                    row = t.shift(out, builder.mul(args[2], t.int(r)))
                    for j in range(n):
                        t.store(t.sums[r * n + j], t.shift(row, j * vector.count))
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(out, i8, i8, first, i8, w, i8, x, i8, offsets, i8), build

        return gather_tile


class DotTile(_Tile):
    """out[r, c] += sum_v a[r, v] . x[offset[c] + step[v]], products of vectors of `lanes` numbers.

    The tile's sums stand one after the other in `out`, and the last vector is filled up.
    """

    def __call__(self, *args: Any) -> None:
        self.plain(self.rows, *args)

    @staticmethod
    def plain(rows, out, o, a, ia, pitch, x, steps, i, offsets, ic, stop):
        """Compute one tile as the definition says."""
        columns, lane = tile_vectors(rows), lanes(out.itemsize)
        at = steps[i : i + stop, None] + np.arange(lane)
        for r in range(rows):
            row = a[ia + r * pitch : ia + r * pitch + stop * lane]
            for c in range(columns):
                out[o + r * columns + c] += np.dot(row, x[offsets[ic + c] + at].reshape(-1))

    def _typed(self) -> Any:
        rows, n = self.rows, tile_vectors(self.rows)

        def dot_tile(context, out, o, a, ia, pitch, x, steps, i, offsets, ic, stop):
            from numba.core import types

            vector = vector_of(out)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                out, a, x = t.pointer(0, 1), t.pointer(2, 3), t.pointer(5)
                steps, offsets = t.pointer(6, 7), t.pointer(8, 9)
                columns = [t.shift(x, builder.load(t.shift(offsets, c))) for c in range(n)]
                each = [t.shift(a, builder.mul(args[4], t.int(r))) for r in range(rows)]
                with t.loop(args[10], [t.zero()] * (rows * n)) as (v, sums):
                    step = builder.load(t.shift(steps, v))
                    xs = [t.load(t.shift(column, step)) for column in columns]
                    at = builder.mul(v, t.int(vector.count))
                    for r in range(rows):
                        scale = t.load(t.shift(each[r], at))
                        for c in range(n):
                            sums[r * n + c] = t.multiply_add(scale, xs[c], sums[r * n + c])
                for start in range(0, rows * n, vector.count):
                    total, at = (
                        t.lane_sums(t.sums[start : start + vector.count]),
                        t.shift(out, start),
                    )
                    t.store(builder.fadd(t.load(at), total), at)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(out, i8, a, i8, i8, x, steps, i8, offsets, i8, i8), build

        return dot_tile


class CollectTile(_Tile):
    """out[v] += sum_k g[k] x[offset[k] + step[v]]: windows of x, weighted and added up."""

    def __call__(self, *args: Any) -> None:
        self.plain(self.rows, *args)

    @staticmethod
    def plain(rows, out, o, g, x, steps, i, offsets, stop):
        """Compute one tile as the definition says."""
        lane = lanes(out.itemsize)
        at = (steps[i : i + rows, None] + np.arange(lane)).reshape(-1)
        for k in range(stop):
            out[o : o + rows * lane] += g[k] * x[offsets[k] + at]

    def _typed(self) -> Any:
        rows = self.rows

        def collect_tile(context, out, o, g, x, steps, i, offsets, stop):
            from numba.core import types

            vector = vector_of(out)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                out, g, x = t.pointer(0, 1), t.pointer(2), t.pointer(3)
                steps, offsets = t.pointer(4, 5), t.pointer(6)
                each = [t.shift(x, builder.load(t.shift(steps, v))) for v in range(rows)]
                places = [t.shift(out, v * vector.count) for v in range(rows)]
                with t.loop(args[7], [t.load(place) for place in places]) as (k, sums):
                    scale = t.broadcast(builder.load(t.shift(g, k)))
                    at = builder.load(t.shift(offsets, k))
                    for v in range(rows):
                        sums[v] = t.multiply_add(scale, t.load(t.shift(each[v], at)), sums[v])
                for total, place in zip(t.sums, places, strict=True):
                    t.store(total, place)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(out, i8, g, x, steps, i8, offsets, i8), build

        return collect_tile


class ScatterTile(_Tile):
    """x[offset[k] + step[v]] += g[k] w[v], one k after another: a window added in many places."""

    def __call__(self, *args: Any) -> None:
        self.plain(self.rows, *args)

    @staticmethod
    def plain(rows, x, g, w, iw, steps, i, offsets, stop):
        """Compute one tile as the definition says."""
        lane = lanes(x.itemsize)
        at = (steps[i : i + rows, None] + np.arange(lane)).reshape(-1)
        for k in range(stop):
            for v in range(rows):
                x[offsets[k] + at[v * lane : (v + 1) * lane]] += (
                    g[k] * w[iw + v * lane : iw + (v + 1) * lane]
                )

    def _typed(self) -> Any:
        rows = self.rows

        def scatter_tile(context, x, g, w, iw, steps, i, offsets, stop):
            from numba.core import types

            vector = vector_of(x)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                x, g, w = t.pointer(0), t.pointer(1), t.pointer(2, 3)
                steps, offsets = t.pointer(4, 5), t.pointer(6)
                each = [t.shift(x, builder.load(t.shift(steps, v))) for v in range(rows)]
                ws = [t.load(t.shift(w, v * vector.count)) for v in range(rows)]
                with t.loop(args[7], []) as (k, _):
                    scale = t.broadcast(builder.load(t.shift(g, k)))
                    at = builder.load(t.shift(offsets, k))
                    for v in range(rows):
                        place = t.shift(each[v], at)
                        t.store(t.multiply_add(scale, ws[v], t.load(place)), place)
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(x, g, w, i8, steps, i8, offsets, i8), build

        return scatter_tile


class ProductTile(_Tile):
    """out[r, j] = first[r, j] + sum_k a[r, k] b[k, j]: a with any distances between its numbers.

    Of each matrix come the flat array, where it begins, and the distances: of out and first from r
    to r + 1, of a from k to k + 1 and from r to r + 1, of b from k to k + 1. The tile is as wide as
    registers allow, or has so many vectors. `first` is added last: sums of some hundred products,
    added up, are more accurate than one sum of thousands.
    """

    def __init__(self, rows: int, vectors: "int | None" = None) -> None:
        super().__init__(rows)
        self.vectors = vectors

    def __call__(self, *args: Any) -> None:
        self.plain(self.rows, self.vectors, *args)

    @staticmethod
    def plain(rows, vectors, out, o, pitch, first, i, step, a, ia, ka, ra, b, ib, kb, stop):
        """Compute one tile as the definition says."""
        width = (vectors or tile_vectors(rows)) * lanes(out.itemsize)
        for r in range(rows):
            total = np.zeros(width, out.dtype)
            for k in range(stop):
                total += a[ia + k * ka + r * ra] * b[ib + k * kb : ib + k * kb + width]
            total += first[i + r * step : i + r * step + width]
            out[o + r * pitch : o + r * pitch + width] = total

    def _typed(self) -> Any:
        rows, n = self.rows, self.vectors or tile_vectors(self.rows)

        def product_tile(context, out, o, pitch, first, i, step, a, ia, ka, ra, b, ib, kb, stop):
            from numba.core import types

            vector = vector_of(out)

            def build(context, builder, signature, args):
                t = Builder(context, builder, signature, args, vector)
                out, first = t.pointer(0, 1), t.pointer(3, 4)
                a, b = t.pointer(6, 7), t.pointer(10, 11)
                vectors = [(r, j * vector.count) for r in range(rows) for j in range(n)]
                each = [t.shift(a, builder.mul(args[9], t.int(r))) for r in range(rows)]
                with t.loop(args[13], [t.zero()] * (rows * n)) as (k, sums):
                    at = t.shift(b, builder.mul(k, args[12]))
                    bs = [t.load(t.shift(at, j * vector.count)) for j in range(n)]
                    across = builder.mul(k, args[8])
                    for r in range(rows):
                        scale = t.broadcast(builder.load(t.shift(each[r], across)))
                        for j in range(n):
                            sums[r * n + j] = t.multiply_add(scale, bs[j], sums[r * n + j])
                begun = [t.shift(first, builder.mul(args[5], t.int(r))) for r in range(rows)]
                ends = [t.shift(out, builder.mul(args[2], t.int(r))) for r in range(rows)]
                for total, (r, j) in zip(t.sums, vectors, strict=True):
                    before = t.load(t.shift(begun[r], j))
                    t.store(builder.fadd(before, total), t.shift(ends[r], j))
                return context.get_dummy_value()

            i8 = types.int64
            return types.void(out, i8, i8, first, i8, i8, a, i8, i8, i8, b, i8, i8, i8), build

        return product_tile


gather_8, gather_6, gather_4 = GatherTile(8), GatherTile(6), GatherTile(4)
dot_8, dot_6, dot_4 = DotTile(8), DotTile(6), DotTile(4)
collect_5, scatter_5 = CollectTile(5), ScatterTile(5)
product_8, product_8_2, product_8_1 = ProductTile(8), ProductTile(8, 2), ProductTile(8, 1)
