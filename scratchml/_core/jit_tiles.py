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

where v counts vectors, of as many numbers as a register holds.

The sum over k of a gather tile has the order of k, whatever the width of the vectors. A dot tile
adds up each lane of the vectors by itself, and then the lanes: pairs far apart first. `copy`,
`copy_row` and `clear` move and zero numbers by what the C library does best, without the cost of a
view.

Both take flat arrays and the index at which to begin, because a view for each call would cost more
than the tile. Nothing is checked: the caller's workspaces have room for a whole tile.
"""

import functools
from typing import Any

import numpy as np

from scratchml._core.jit import compiler


@functools.cache
def _machine() -> tuple[int, int]:
    """Return the bytes of a vector register and the number of them."""
    if compiler(needed=False) is None:
        return 16, 16
    import platform

    import llvmlite.binding

    features = llvmlite.binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 64, 32
    if features.get("avx"):
        return 32, 16
    return 16, 32 if platform.machine() in ("arm64", "aarch64") else 16


def lanes(itemsize: int) -> int:
    """Return how many numbers of `itemsize` bytes a vector holds."""
    return _machine()[0] // itemsize


def tile_vectors(rows: int) -> int:
    """Return how many vectors a tile of `rows` has side by side.

    The partial sums, one row of operands and a broadcast number fill the registers.
    """
    return max(1, (_machine()[1] - 1) // (rows + 1))


class Intrinsic:
    """A function that becomes instructions inside a kernel, and is plain Python without Numba."""

    _intrinsic: Any = None

    @property
    def _numba_type_(self) -> Any:
        from numba.core.registry import cpu_target

        if self._intrinsic is None:
            self._intrinsic = compiler().extending.intrinsic(self._typed())
            cpu_target.typing_context.refresh()
            cpu_target.target_context.refresh()
        return cpu_target.typing_context.resolve_value_type(self._intrinsic)

    def _typed(self) -> Any:
        raise NotImplementedError


class _Copy(Intrinsic):
    """to[i : i + n] = source[j : j + n], which do not overlap."""

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
                lane = t.int(vector.count)
                vectors = builder.sdiv(builder.add(args[4], t.int(vector.count - 1)), lane)
                some = builder.icmp_signed(">", vectors, t.int(0))
                with builder.if_then(some), t.loop(vectors, []) as (v, _):
                    at = builder.mul(v, lane)
                    mask = t.below(builder.sub(args[4], at))
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


def vector_of(array_type: Any) -> Any:
    """Return LLVM's vector type of the numbers in a Numba array type."""
    from llvmlite import ir

    number = ir.FloatType() if array_type.dtype.bitwidth == 32 else ir.DoubleType()
    return ir.VectorType(number, lanes(array_type.dtype.bitwidth // 8))


def _address(context: Any, builder: Any, signature: Any, args: Any, array: int) -> Any:
    """Return the address of an array argument's number at the index argument that follows it."""
    data = context.make_array(signature.args[array])(context, builder, args[array]).data
    return builder.gep(data, [args[array + 1]])


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


class Builder:
    """LLVM's instructions under the names that a tile needs."""

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any, vector: Any) -> None:
        from llvmlite import ir

        self._ir, self._context, self.builder = ir, context, builder
        self._signature, self._args, self.vector = signature, args, vector
        self.int = ir.IntType(64)
        kind = "f32" if vector.element == ir.FloatType() else "f64"
        self._multiply_add = self._function(
            f"llvm.fmuladd.v{vector.count}{kind}", ir.FunctionType(vector, [vector] * 3)
        )
        self._align = 4 if kind == "f32" else 8
        self.sums: list[Any] = []

    def pointer(self, array: int, index: "int | None" = None) -> Any:
        """Return the address of an array argument's number at an index argument."""
        kind = self._signature.args[array]
        data = self._context.make_array(kind)(self._context, self.builder, self._args[array]).data
        return data if index is None else self.builder.gep(data, [self._args[index]])

    def shift(self, pointer: Any, by: Any) -> Any:
        return self.builder.gep(pointer, [self.int(by) if isinstance(by, int) else by])

    def load(self, pointer: Any) -> Any:
        pointer = self.builder.bitcast(pointer, self.vector.as_pointer())
        return self.builder.load(pointer, align=self._align)

    def store(self, value: Any, pointer: Any) -> None:
        pointer = self.builder.bitcast(pointer, self.vector.as_pointer())
        self.builder.store(value, pointer, align=self._align)

    def broadcast(self, number: Any) -> Any:
        ir, n = self._ir, self.vector.count
        first = self.builder.insert_element(
            ir.Constant(self.vector, ir.Undefined), number, ir.IntType(32)(0)
        )
        return self.shuffle(first, first, [0] * n)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        return self.builder.call(self._multiply_add, [a, b, c])

    def shuffle(self, a: Any, b: Any, lanes: list[int]) -> Any:
        ir = self._ir
        mask = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)
        return self.builder.shuffle_vector(a, b, mask)

    def concatenate(self, vectors: list[Any]) -> Any:
        """Return a vector of all numbers of some vectors, a power of two of them."""
        while len(vectors) > 1:
            count = 2 * vectors[0].type.count
            vectors = [
                self.shuffle(a, b, list(range(count)))
                for a, b in zip(vectors[::2], vectors[1::2], strict=True)
            ]
        return vectors[0]

    def zero(self) -> Any:
        return self.constant(0.0)

    def constant(self, number: float) -> Any:
        return self._ir.Constant(self.vector, [float(number)] * self.vector.count)

    def scale(self, vector: Any, factor: float) -> Any:
        return self.builder.fmul(self.constant(factor), vector)

    def below(self, stop: Any) -> Any:
        """Return which lanes have an index below `stop`."""
        ir, n = self._ir, self.vector.count
        kind = ir.VectorType(self.int, n)
        every = self.builder.insert_element(
            ir.Constant(kind, ir.Undefined), stop, ir.IntType(32)(0)
        )
        every = self.shuffle(every, every, [0] * n)
        return self.builder.icmp_signed("<", ir.Constant(kind, list(range(n))), every)

    def masked_copy(self, target: Any, origin: Any, mask: Any) -> None:
        """Copy the lanes of a vector that are in the mask."""
        ir, vector = self._ir, self.vector
        kind = "f32" if vector.element == ir.FloatType() else "f64"
        align = ir.IntType(32)(self._align)
        pointer = vector.as_pointer()
        load = self._function(
            f"llvm.masked.load.v{vector.count}{kind}.p0",
            ir.FunctionType(vector, [pointer, align.type, mask.type, vector]),
        )
        store = self._function(
            f"llvm.masked.store.v{vector.count}{kind}.p0",
            ir.FunctionType(ir.VoidType(), [vector, pointer, align.type, mask.type]),
        )
        origin, target = (
            self.builder.bitcast(origin, pointer),
            self.builder.bitcast(target, pointer),
        )
        value = self.builder.call(load, [origin, align, mask, self.zero()])
        self.builder.call(store, [value, target, align, mask])

    def _function(self, name: str, kind: Any) -> Any:
        from numba.core import cgutils

        return cgutils.get_or_insert_function(self.builder.module, kind, name)

    def lane_sums(self, vectors: list[Any]) -> Any:
        """Return the vector whose i-th lane is the sum of the lanes of ``vectors[i]``.

        Two vectors become one with half as many partial sums of each, until one is left.
        """
        n = self.vector.count
        vectors = vectors + [self.zero()] * (n - len(vectors))
        part = n
        while len(vectors) > 1:
            low = [i for i in range(2 * n) if i % part < part // 2]
            high = [i for i in range(2 * n) if i % part >= part // 2]
            vectors = [
                self.builder.fadd(self.shuffle(a, b, low), self.shuffle(a, b, high))
                for a, b in zip(vectors[::2], vectors[1::2], strict=True)
            ]
            part //= 2
        return vectors[0]

    def loop(self, stop: Any, starts: list[Any]) -> "_Loop":
        """Open ``for i in range(stop)``, stop >= 1, with sums that stay in registers."""
        return _Loop(self, stop, starts)


class _Loop:
    """A counted loop; afterwards the totals are in the builder's ``sums``."""

    def __init__(self, tile: Builder, stop: Any, starts: list[Any]) -> None:
        self._tile, self._stop, self._starts = tile, stop, starts

    def __enter__(self) -> tuple[Any, list[Any]]:
        tile, b = self._tile, self._tile.builder
        before, self._body = b.block, b.append_basic_block("tile")
        b.branch(self._body)
        b.position_at_end(self._body)
        self._i = b.phi(tile.int)
        self._i.add_incoming(tile.int(0), before)
        self._phis = [b.phi(tile.vector) for _ in self._starts]
        for phi, start in zip(self._phis, self._starts, strict=True):
            phi.add_incoming(start, before)
        self._sums = list(self._phis)
        return self._i, self._sums

    def __exit__(self, *exc: object) -> None:
        tile, b = self._tile, self._tile.builder
        following = b.add(self._i, tile.int(1))
        self._i.add_incoming(following, self._body)
        for phi, total in zip(self._phis, self._sums, strict=True):
            phi.add_incoming(total, self._body)
        end = b.append_basic_block("tile_end")
        b.cbranch(b.icmp_signed("<", following, self._stop), self._body, end)
        b.position_at_end(end)
        tile.sums = self._sums


copy, copy_row, clear = _Copy(), _CopyRow(), _Clear()
gather_8, gather_6, gather_4 = GatherTile(8), GatherTile(6), GatherTile(4)
dot_8, dot_6, dot_4 = DotTile(8), DotTile(6), DotTile(4)
collect_5, scatter_5 = CollectTile(5), ScatterTile(5)
