"""LLVM's instructions for strips of an image: passes, masked vectors, and fetching ahead."""

from typing import Any

from scratchml._core.jit_vectors import Builder, lanes

FIELDS = (
    *(
        "y",
        "y_step",
        "rows",
        "x",
        "x_step",
        "first",
        "stop",
        "column",
        "dilation",
        "width",
        "lanes",
    ),
    *("y_ahead", "y_ahead_step", "x_ahead", "x_ahead_step"),
)
"""What a pass says.

y, x                where the strip's first row begins, counted from the beginning of a plane of y
                    and of x; that of x may be outside
y_step, x_step      from one row of the strip to the next
rows                rows of y; the strip meets rows + KH - 1 rows of x,
first, stop         of which those in this range are inside of the plane
column              the plane's column at which the strip of x begins; may be negative
dilation            columns from one place of the filter to the next
width, lanes        columns of x's plane; columns of the strip of y
y_ahead, ...        what is to be fetched while the first row is computed, and the step for each row
"""


class StripBuilder(Builder):
    """What the strips have in common: the pass, its masks, and rows outside of a plane."""

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any) -> None:
        from llvmlite import ir

        wide = signature.args[0].dtype.bitwidth == 64
        count = lanes(8 if wide else 4)
        vector = ir.VectorType(ir.DoubleType() if wide else ir.FloatType(), count)
        super().__init__(context, builder, signature, args, vector)
        self._ir, self._b, self._args = ir, builder, args
        self._bytes = 8 if wide else 4

    def open(self, passes: int, zeros: int) -> None:
        """Read the pass, whose index is the argument after `passes`.

        `zeros` stand for the rows that there are not: as many as a row of x has, and a vector more,
        which a sum overwrites and a dot reads.
        """
        b = self._b
        at = self.shift(self.pointer(passes), b.mul(self._args[passes + 1], self.int(len(FIELDS))))
        self.field = {name: b.load(self.shift(at, k)) for k, name in enumerate(FIELDS)}
        self._zeros = self.pointer(zeros)
        self.out_mask = self.below(self.field["lanes"])

    def row(self, x: Any, row: Any, width: int) -> list[Any]:
        """Return the vectors of a row of x under each place of the filter."""
        b, f = self._b, self.field
        inside = b.and_(b.icmp_signed(">=", row, f["first"]), b.icmp_signed("<", row, f["stop"]))
        x = b.select(
            inside, self.shift(x, b.mul(row, f["x_step"])), self.shift(self._zeros, f["column"])
        )
        found = []
        for c in range(width):
            skip = b.mul(f["dilation"], self.int(c))
            column = b.add(f["column"], skip)
            left = b.not_(self.below(b.neg(column)))
            mask = b.and_(left, self.below(b.sub(f["width"], column)))
            found.append(self.masked_load(self.shift(x, skip), mask))
        return found

    def prefetch(self, ahead: Any, row: Any, written: int) -> None:
        """Fetch what is needed next: columns are no order that processors foresee."""
        ir, b = self._ir, self._b
        kinds = [ir.IntType(8).as_pointer(), *[ir.IntType(32)] * 3]
        fetch = self._declared("llvm.prefetch.p0", ir.VoidType(), kinds)
        for pointer, name, write in ((ahead[0], "y", written), (ahead[1], "x", 0)):
            at = self.shift(pointer, b.mul(row, self.field[f"{name}_ahead_step"]))
            how = [ir.Constant(ir.IntType(32), number) for number in (write, 3, 1)]
            b.call(fetch, [b.bitcast(at, kinds[0]), *how])

    def output(self, y: Any, row: Any) -> Any:
        """Return where a row of y is; the zeros' end if there is no such row."""
        b, f = self._b, self.field
        inside = b.icmp_unsigned("<", row, f["rows"])
        spare = self.shift(self._zeros, f["width"])
        return b.select(inside, self.shift(y, b.mul(row, f["y_step"])), spare)

    def times(self, value: Any, k: int) -> Any:
        return self._b.mul(value, self.int(k))

    def masked_load(self, pointer: Any, mask: Any) -> Any:
        return self._masked("load", self.vector, [self._cast(pointer), mask, self.zero()])

    def masked_store(self, value: Any, pointer: Any, mask: Any) -> None:
        self._masked("store", self._ir.VoidType(), [value, self._cast(pointer), mask])

    def _cast(self, pointer: Any) -> Any:
        return self._b.bitcast(pointer, self.vector.as_pointer())

    def _masked(self, what: str, result: Any, args: list[Any]) -> Any:
        align = self._ir.Constant(self._ir.IntType(32), self._bytes)
        args.insert(2 if what == "store" else 1, align)
        letter = "f32" if self._bytes == 4 else "f64"
        name = f"llvm.masked.{what}.v{self.vector.count}{letter}.p0"
        return self._b.call(self._declared(name, result, [a.type for a in args]), args)

    def _declared(self, name: str, result: Any, kinds: list[Any]) -> Any:
        from numba.core import cgutils

        kind = self._ir.FunctionType(result, kinds)
        return cgutils.get_or_insert_function(self._b.module, kind, name)
