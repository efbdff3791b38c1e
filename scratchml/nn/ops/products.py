"""Products of matrices, C = A B, at the speed of the machine.

BLAS is what NumPy calls for this, and is made for all machines; where vector registers are wide it
may leave half of them unused. Here C is computed in `ProductTile`s, whose sums stay in registers:

    for each block of DEPTH rows k of B:
        copy the block, strip by strip: strip j holds B[k, j ... j + width] row after row
        copy each block of ROWS rows of A:
            for each strip of B, for each tile of rows of A:
                C[tile, strip] += A[tile, k] B[k, strip]

A strip is as wide as a tile, so that the copy is read from one end to the other. A tile that is
larger than what is left of C works on a copy of that part, and what stands beyond in the copies
reaches no number of C. The sum over k has the order of k,
whatever the tiles and the number of threads (Goto & van de Geijn 2008, "Anatomy of high-performance
matrix multiplication", figure 4, with the last loop in registers).

A (M, K), B (K, N), C (M, N); A and B may be transposed, or any views.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from scratchml._core.blas import one_blas_thread
from scratchml._core.jit import compiler, jit
from scratchml._core.jit_moves import copy, copy_row
from scratchml._core.jit_tiles import product_8, tile_vectors
from scratchml._core.jit_vectors import lanes
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops.workspace import workspace

_DEPTH = 384  # rows of B in a block: a strip of it is 72 KB of single precision
_ROWS = 128  # rows of A in a block
_SMALLEST = 4e5  # multiplications, below which copying costs more than it saves
_FEWEST = 24  # rows of A: fewer do not pay for the copy of B
_WORTH_THREADS = 2e7  # multiplications, a chunk's least
_CHUNKS = 8


def product(a: np.ndarray, b: np.ndarray, bias: "np.ndarray | None" = None) -> np.ndarray:
    """Return A B, or A B + bias.

    Parameters
    ----------
    a : ndarray of shape (M, K)
        Of float32 or float64; any view.
    b : ndarray of shape (K, N)
        Of the same dtype.
    bias : ndarray of shape (N,), optional
        Added to each row.

    Returns
    -------
    ndarray of shape (M, N)
        C-contiguous.
    """
    (m, k), n = a.shape, b.shape[1]
    if m * n * k < _SMALLEST or m < _FEWEST or compiler(needed=False) is None:
        return _by_blas(a, b, bias)
    if bias is None:
        c = np.zeros((m, n), a.dtype)
    else:
        c = np.empty((m, n), a.dtype)
        c[...] = bias
    add_product(a, b, c)
    return c


def add_product(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    """Add A B to C (M, N), which is C-contiguous. The compiler must be there."""
    (m, depth), n = a.shape, b.shape[1]
    width = tile_vectors(8) * lanes(a.itemsize)
    (a, *of_a), (b, *of_b) = _flat(a), _flat(b)
    c = c.reshape(-1)

    def add(i: int, i_stop: int, j: int, j_stop: int) -> None:
        numbers = np.array([i, i_stop, j, j_stop, depth, n, width, *of_a, *of_b])
        strips = -(-(j_stop - j) // width) * width
        work = workspace(min(depth, _DEPTH) * (strips + _ROWS) + 8 * width, a.dtype)
        _add(a, b, c, numbers, work)

    chunks = min(_CHUNKS, int(m * n * depth / _WORTH_THREADS))
    if chunks < 2:
        add(0, m, 0, n)
    elif n >= m:
        parallel_chunks(lambda j, j_stop: add(0, m, j, j_stop), _bounds(n, chunks, width))
    else:
        parallel_chunks(lambda i, i_stop: add(i, i_stop, 0, n), _bounds(m, chunks, _ROWS))


def _flat(x: np.ndarray) -> "tuple[np.ndarray, int, bool]":
    """Return the numbers of a matrix as they stand, the pitch, and whether that is of rows."""
    size = x.itemsize
    for view, rows in ((x, True), (x.T, False)):
        if view.flags.c_contiguous:
            return view.reshape(-1), view.shape[1], rows
        if view.strides[1] == size and view.strides[0] >= size and view.strides[0] % size == 0:
            pitch = view.strides[0] // size
            length = (len(view) - 1) * pitch + view.shape[1]
            return as_strided(view, (length,), (size,)), pitch, rows
    return np.ascontiguousarray(x).reshape(-1), x.shape[1], True


def _by_blas(a: np.ndarray, b: np.ndarray, bias: "np.ndarray | None") -> np.ndarray:
    with one_blas_thread(when=a.size * b.shape[1] < 1e8):
        c: np.ndarray = a.dot(b)
    if bias is not None:
        c += bias
    return c


def _bounds(size: int, chunks: int, unit: int) -> list[tuple[int, int]]:
    """Return at most so many chunks, each but the last a multiple of `unit`."""
    units = -(-size // unit)
    return [
        (i * unit, min(j * unit, size)) for i, j in chunk_bounds(units, max(1, -(-units // chunks)))
    ]


@jit("void(const T[::1], const T[::1], T[::1], const int64[::1], T[::1])")
def _add(a, b, c, numbers, work):
    """Add rows i to i_stop of A, columns j to j_stop of B to that part of C."""
    start, stop, left, right, depth, pitch, width = numbers[:7]
    of_a, of_b = numbers[7:9], numbers[9:11]
    strips = (right - left + width - 1) // width
    panel = strips * width * min(depth, _DEPTH)
    part = panel + _ROWS * min(depth, _DEPTH)
    for k in range(0, depth, _DEPTH):
        count = min(_DEPTH, depth - k)
        for s in range(strips):
            j = left + s * width
            _lay_strip(work, s * width * count, b, j, min(width, right - j), k, count, of_b, width)
        for i in range(start, stop, _ROWS):
            high = min(_ROWS, stop - i)
            _lay_rows(work, panel, a, i, high, k, count, of_a)
            ka, ra = (1, count) if of_a[1] else (_ROWS, 1)
            for s in range(strips):
                j = left + s * width
                wide = min(width, right - j)
                for r in range(0, high, 8):
                    tall = min(8, high - r)
                    to, at, row = c, (i + r) * pitch + j, pitch
                    if tall < 8 or wide < width:
                        to, at, row = work, part, width
                        for q in range(tall):
                            copy_row(work, part + q * width, c, (i + r + q) * pitch + j, wide)
                    product_8(to, at, row, work, panel + r * ra, ka, ra, work, s * width * count, width, count)  # fmt: skip # noqa: E501
                    if tall < 8 or wide < width:
                        for q in range(tall):
                            copy_row(c, (i + r + q) * pitch + j, work, part + q * width, wide)


@jit
def _lay_strip(work, to, b, j, wide, k, count, of_b, width):
    """Write columns j to j + wide of B, rows k to k + count, row after row."""
    if of_b[1]:
        for q in range(count):
            copy_row(work, to + q * width, b, (k + q) * of_b[0] + j, wide)
    else:
        for c in range(wide):
            column, strip = b[(j + c) * of_b[0] + k :], work[to + c :]
            for q in range(count):
                strip[q * width] = column[q]


@jit
def _lay_rows(work, to, a, i, high, k, count, of_a):
    """Write rows i to i + high of A, columns k to k + count, as they stand: by rows or columns."""
    if of_a[1]:
        for r in range(high):
            copy(work, to + r * count, a, (i + r) * of_a[0] + k, count)
    else:
        for q in range(count):
            copy(work, to + q * _ROWS, a, (k + q) * of_a[0] + i, high)
