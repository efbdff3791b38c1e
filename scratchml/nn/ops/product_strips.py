"""Matrices in strips: how kernels keep what they multiply others with.

A tile (`scratchml._core.jit_tiles`) reads some vectors of each row of B. Where B is a matrix with
long rows these stand far apart, in other pages and in the same sets of the cache; so B (K, N) is
copied first, strip by strip, each as wide as a tile and its rows one after the other:

    strip s = columns s width to (s + 1) width, at  s width K,  K rows of `width` numbers

The last strip may be narrower; its rows are whole vectors all the same, filled up with whatever
stood there. `tile` then computes eight rows of a product, one strip wide, `add_rows` all of it.
"""

from scratchml._core.jit import jit
from scratchml._core.jit_moves import copy, transpose
from scratchml._core.jit_tiles import product_8, product_8_1, product_8_2, tile_vectors
from scratchml._core.jit_vectors import lanes

ROWS = 8  # of a tile
SUMS = 128  # products that are added up before they are added to others: half the error of 512


def strip_width(itemsize: int) -> int:
    """Return the columns of a strip, for numbers of so many bytes."""
    return tile_vectors(ROWS) * lanes(itemsize)


def whole(n: int, lane: int) -> int:
    """Return the columns that n columns take in strips: whole vectors."""
    return n + -n % lane


@jit
def lay_strips(to, at, b, i, pitch, by_rows, n, depth, width, lane):
    """Copy B (depth, n) into strips: its rows, or its columns, begin at i, i + pitch, ..."""
    for j in range(0, n, width):
        wide = min(width, n - j)
        row = (wide + lane - 1) // lane * lane
        strip = at + j * depth
        if by_rows:
            for k in range(depth):
                copy(to, strip + k * row, b, i + k * pitch + j, wide)
            continue
        for c in range(0, wide, lane):
            k = 0
            if wide - c >= lane:
                while k + lane <= depth:
                    transpose(to, strip + k * row + c, row, b, i + (j + c) * pitch + k, pitch)
                    k += lane
            for q in range(k, depth):
                for r in range(c, min(c + lane, wide)):
                    to[strip + q * row + r] = b[i + (j + r) * pitch + q]


@jit
def tile(out, o, pitch, first, f, step, a, i, ka, ra, strips, at, wide, depth, width, lane):
    """Compute out = first + A B for eight rows of A and one strip of B with `wide` columns.

    Rows of out are `pitch` apart, those of first `step`; the numbers of A stand ka from column to
    column and ra from row to row.
    """
    row = width if wide > width - lane else 2 * lane if wide > lane else lane
    for k in range(0, depth, SUMS):
        count = min(SUMS, depth - k)
        if row == width:
            product_8(out, o, pitch, first, f, step, a, i + k * ka, ka, ra, strips, at + k * row, row, count)  # fmt: skip # noqa: E501
        elif row == 2 * lane:
            product_8_2(out, o, pitch, first, f, step, a, i + k * ka, ka, ra, strips, at + k * row, row, count)  # fmt: skip # noqa: E501
        else:
            product_8_1(out, o, pitch, first, f, step, a, i + k * ka, ka, ra, strips, at + k * row, row, count)  # fmt: skip # noqa: E501
        first, f, step = out, o, pitch


@jit
def add_rows(out, o, pitch, a, i, ka, ra, strips, at, rows, n, depth, width, lane):
    """Add A B to out, for `rows` rows of A, eight at a time, and whole strips of B.

    out has whole(n) columns. A strip serves all rows before the next one is read.
    """
    for j in range(0, n, width):
        strip, wide = at + j * depth, min(width, n - j)
        for r in range(0, rows, 8):
            at_row = o + j + r * pitch
            tile(out, at_row, pitch, out, at_row, pitch, a, i + r * ra, ka, ra, strips, strip, wide, depth, width, lane)  # fmt: skip # noqa: E501
