"""Vector instructions for kernels: what is written out, and with what words.

An `Intrinsic` is a function that kernels call and that is compiled to the instructions it says; its
``__call__`` is the definition in plain Python, and what runs without the compiler. A `Builder` has
LLVM's instructions under the names that such functions need. Vectors are as long as the registers
of the machine that compiles.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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


def registers() -> int:
    """Return the number of vector registers."""
    return _machine()[1]


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


def vector_of(array_type: Any) -> Any:
    """Return LLVM's vector type of the numbers in a Numba array type."""
    from llvmlite import ir

    number = ir.FloatType() if array_type.dtype.bitwidth == 32 else ir.DoubleType()
    return ir.VectorType(number, lanes(array_type.dtype.bitwidth // 8))


class Builder:
    """LLVM's instructions under the names that a tile needs."""

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any, vector: Any) -> None:
        from llvmlite import ir

        self._ir, self._context, self.builder = ir, context, builder
        self._signature, self._args, self.vector = signature, args, vector
        self.int = ir.IntType(64)
        self._kind = kind = "f32" if vector.element == ir.FloatType() else "f64"
        self._multiply_add = self._function(
            f"llvm.fmuladd.v{vector.count}{kind}", ir.FunctionType(vector, [vector] * 3)
        )
        self._align = self.itemsize = 4 if kind == "f32" else 8
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

    def larger(self, a: Any, b: Any) -> Any:
        """Return a where a > b, else b: b also where it is no number."""
        return self.builder.select(self.builder.fcmp_ordered(">", a, b), a, b)

    def absolute(self, a: Any) -> Any:
        """Return |a|."""
        kind = self._ir.FunctionType(self.vector, [self.vector])
        function = self._function(f"llvm.fabs.v{self.vector.count}{self._kind}", kind)
        return self.builder.call(function, [a])

    def power(self, k: Any, shift: int) -> Any:
        """Return 2^(k - bias), the bits of k shifted to where the exponent is."""
        ir, n = self._ir, self.vector.count
        bits = ir.VectorType(ir.IntType(8 * self.itemsize), n)
        places = ir.Constant(bits, [shift] * n)
        return self.builder.bitcast(
            self.builder.shl(self.builder.bitcast(k, bits), places), self.vector
        )

    def below(self, stop: Any) -> Any:
        """Return which lanes have an index below `stop`."""
        ir, n = self._ir, self.vector.count
        number = ir.IntType(32)
        kind = ir.VectorType(number, n)
        every = self.builder.insert_element(
            ir.Constant(kind, ir.Undefined), self.builder.trunc(stop, number), number(0)
        )
        every = self.shuffle(every, every, [0] * n)
        return self.builder.icmp_signed("<", ir.Constant(kind, list(range(n))), every)

    def masked_copy(self, target: Any, origin: Any, mask: Any) -> None:
        """Copy the lanes of a vector that are in the mask."""
        self.masked_store(self.masked_load(origin, mask), target, mask)

    def masked_load(self, pointer: Any, mask: Any) -> Any:
        """Return the lanes of a vector that are in the mask, and zeros."""
        ir, vector = self._ir, self.vector
        align, where = ir.IntType(32)(self._align), vector.as_pointer()
        load = self._function(
            f"llvm.masked.load.v{vector.count}{self._kind}.p0",
            ir.FunctionType(vector, [where, align.type, mask.type, vector]),
        )
        pointer = self.builder.bitcast(pointer, where)
        return self.builder.call(load, [pointer, align, mask, self.zero()])

    def masked_store(self, value: Any, pointer: Any, mask: Any) -> None:
        """Store the lanes of a vector that are in the mask."""
        ir, vector = self._ir, self.vector
        align, where = ir.IntType(32)(self._align), vector.as_pointer()
        store = self._function(
            f"llvm.masked.store.v{vector.count}{self._kind}.p0",
            ir.FunctionType(ir.VoidType(), [vector, where, align.type, mask.type]),
        )
        pointer = self.builder.bitcast(pointer, where)
        self.builder.call(store, [value, pointer, align, mask])

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

    @contextmanager
    def vectors(self, n: Any) -> Iterator[tuple[Any, Any]]:
        """Open a loop over the vectors that n >= 0 numbers fill, the last of them in part.

        It gives the index at which each begins, and the mask of the lanes that count.
        """
        b, lane = self.builder, self.int(self.vector.count)
        count = b.sdiv(b.add(n, self.int(self.vector.count - 1)), lane)
        with b.if_then(b.icmp_signed(">", count, self.int(0))), self.loop(count, []) as (v, _):
            at = b.mul(v, lane)
            yield at, self.below(b.sub(n, at))


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
