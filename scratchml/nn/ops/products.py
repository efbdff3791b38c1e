"""Products of matrices, C = A B, at the speed of the machine.

BLAS is what NumPy calls for this, and is made for all machines; where vector registers are wide it
may leave half of them unused. Here C is computed in `ProductTile`s, whose sums stay in registers:

    for each block of DEPTH rows k of B, copied in strips (`scratchml.nn.ops.product_strips`):
        for each block of ROWS rows of A, copied:
            for each strip of B, for each tile of rows of the block:
                C[tile, strip] += A[tile, k] B[k, strip]      (at first: the bias +)

A tile that is larger than what is left of C works on a copy of that part, and what stands beyond
in the copies reaches no number of C. The sums over k have the order of k, some at a time (`tile`),
whatever the number of threads (Goto & van de Geijn 2008, "Anatomy of high-performance matrix
multiplication", figure 4, with the last loop in registers).

A (M, K), B (K, N), C (M, N); A and B may be transposed, or any views.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from scratchml._core.blas import matmul
from scratchml._core.jit import compiler, jit
from scratchml._core.jit_moves import clear, copy, copy_row, transpose
from scratchml._core.jit_vectors import lanes
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops.product_strips import lay_strips, strip_width, tile, whole
from scratchml.nn.ops.workspace import workspace

_DEPTH = 256  # rows of B in a block: a strip of it is 48 KB of single precision
_ROWS = 256  # rows of A in a block
_SMALLEST = 4e5  # multiplications, below which copying costs more than it saves
_FEWEST = 24  # rows of A: fewer do not pay for the copy of B
_WORTH_THREADS = 2e7  # multiplications, a chunk's least
_CHUNKS = 8


def product(a: np.ndarray, b: np.ndarray, bias: "np.ndarray | None" = None) -> np.ndarray:
    """Return A B, or A B + bias.

    Parameters
    ----------
    a : ndarray of shape (M, K)
        Of any dtype; any view. Tiles are for float32 and float64.
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
    if (
        m * n * k < _SMALLEST
        or m < _FEWEST
        or a.dtype.char not in "fd"
        or compiler(needed=False) is None
    ):
        c = matmul(a, b)
        if bias is not None:
            c += bias
        return c
    c = np.empty((m, n), a.dtype)
    _multiply(a, b, c, a[:0, 0] if bias is None else np.ascontiguousarray(bias))
    return c


def _multiply(a: np.ndarray, b: np.ndarray, c: np.ndarray, bias: np.ndarray) -> None:
    """Compute C = A B + bias in tiles."""
    (m, depth), n = a.shape, b.shape[1]
    width, lane = strip_width(a.itemsize), lanes(a.itemsize)
    (a, *of_a), (b, *of_b) = _flat(a), _flat(b)
    c = c.reshape(-1)

    def part(i: int, i_stop: int, j: int, j_stop: int) -> None:
        numbers = np.array([i, i_stop, j, j_stop, depth, n, width, lane, *of_a, *of_b])
        strips = whole(j_stop - j, lane)
        work = workspace(min(depth, _DEPTH) * (strips + _ROWS) + strips + 8 * width, a.dtype)
        _tiles(a, b, bias, c, numbers, work)

    chunks = min(_CHUNKS, int(m * n * depth / _WORTH_THREADS))
    if chunks < 2:
        part(0, m, 0, n)
    elif n >= m:
        parallel_chunks(lambda j, j_stop: part(0, m, j, j_stop), _bounds(n, chunks, width))
    else:
        parallel_chunks(lambda i, i_stop: part(i, i_stop, 0, n), _bounds(m, chunks, _ROWS))


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


def _bounds(size: int, chunks: int, unit: int) -> list[tuple[int, int]]:
    """Return at most so many chunks, each but the last a multiple of `unit`."""
    units = -(-size // unit)
    return [
        (i * unit, min(j * unit, size)) for i, j in chunk_bounds(units, max(1, -(-units // chunks)))
    ]


@jit("void(const T[::1], const T[::1], const T[::1], T[::1], const int64[::1], T[::1])")
def _tiles(a, b, bias, c, numbers, work):
    """Compute rows start to stop of A times columns left to right of B."""
    start, stop, left, right, depth, pitch, width, lane = numbers[:8]
    pitch_a, a_by_rows, pitch_b, b_by_rows = numbers[8:]
    n = right - left
    biases = (n + lane - 1) // lane * lane * min(depth, _DEPTH)
    blocks = biases + (n + lane - 1) // lane * lane
    rest = blocks + _ROWS * min(depth, _DEPTH)
    clear(work, biases, n)
    if len(bias):
        copy(work, biases, bias, left, n)
    for k in range(0, depth, _DEPTH):
        count = min(_DEPTH, depth - k)
        corner = k * pitch_b + left if b_by_rows else left * pitch_b + k
        lay_strips(work, 0, b, corner, pitch_b, b_by_rows, n, count, width, lane)
        for i in range(start, stop, _ROWS):
            high = min(_ROWS, stop - i)
            _lay_rows(work, blocks, a, i, k, pitch_a, a_by_rows, high, count, lane)
            for j in range(0, n, width):
                wide = min(width, n - j)
                for r in range(0, high, 8):
                    at, tall = (i + r) * pitch + left + j, min(8, high - r)
                    row, strip = blocks + r * count, j * count
                    if tall < 8 or wide % lane:
                        for q in range(tall):
                            if k:
                                copy_row(work, rest + q * width, c, at + q * pitch, wide)
                            else:
                                copy_row(work, rest + q * width, work, biases + j, wide)
                        tile(work, rest, width, work, rest, width, work, row, 1, count, work, strip, wide, count, width, lane)  # fmt: skip # noqa: E501
                        for q in range(tall):
                            copy_row(c, at + q * pitch, work, rest + q * width, wide)
                    elif k:
                        tile(c, at, pitch, c, at, pitch, work, row, 1, count, work, strip, wide, count, width, lane)  # fmt: skip # noqa: E501
                    else:
                        tile(c, at, pitch, work, biases + j, 0, work, row, 1, count, work, strip, wide, count, width, lane)  # fmt: skip # noqa: E501


@jit
def _lay_rows(work, to, a, i, k, pitch, by_rows, high, count, lane):
    """Copy rows i to i + high of A, columns k to k + count, row after row."""
    if by_rows:
        for r in range(high):
            copy(work, to + r * count, a, (i + r) * pitch + k, count)
        return
    q = 0
    while q + lane <= count:
        for r in range(0, high - lane + 1, lane):
            transpose(work, to + r * count + q, count, a, (k + q) * pitch + i + r, pitch)
        q += lane
    for r in range(high):
        for p in range(q if r < high // lane * lane else 0, count):
            work[to + r * count + p] = a[(k + p) * pitch + i + r]
