"""Convolution by 3 x 3 filters with a quarter of the multiplications: minimal filtering.

Four outputs of a filter of three numbers need six multiplications instead of twelve, because they
are coefficients of a product of polynomials, which its values at six points determine (Winograd
1980, "Arithmetic complexity of computations"). In two dimensions, for each square of 4 x 4 outputs
and the square d of 6 x 6 inputs that they depend on (Lavin and Gray 2016, "Fast algorithms for
convolutional neural networks", equation 13),

    Y = A' [ sum over channels of (G g G') * (B' d B) ] A,

where * multiplies number by number. So for each of the 36 places in the square a matrix of filters
is multiplied by a matrix of squares: 36 multiplications in place of 16 x 9 = 144.

The points decide the accuracy. At the customary 0, 1, -1, 2, -2 and infinity float32 loses another
digit to cancellation (128 channels: 1.3e-5 of the largest output); at 0, 3/4, -3/4, 3/2, -3/2 and
infinity it is 1.9e-6, as of sums added up one after the other. (That points matter so: Barabasz et
al. 2020, "Error analysis and improving the accuracy of Winograd convolution for deep neural
networks".) ``scratchml.nn.ops.winograd.enabled = False`` switches to plain sums.

The squares of some images stand side by side in the planes P (see `scratchml.nn.ops.conv_tiles`;
with a stride of 4 both ways the places of a square are 36 shifts of 16 phases), and go through the
three steps block by block, so that what lies between stays in the cache. dX is the same with the
filters turned round, and inputs and outputs exchanged.
"""

import functools
from typing import NamedTuple

import numpy as np

from scratchml._core.jit import compiler, jit
from scratchml._core.jit_moves import clear, copy_row
from scratchml._core.jit_tiles import gather_8, tile_vectors
from scratchml._core.jit_transforms import SquareTransform, join_by_four, split_by_four
from scratchml._core.jit_vectors import lanes
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops.conv_kernels import up
from scratchml.nn.ops.conv_plans import Four
from scratchml.nn.ops.workspace import workspace

enabled = True
"""Whether convolutions that this method is made for use it."""

_FEWEST = 16  # channels on either side, below which the transforms cost more than they save
_SMALLEST = 16  # rows and columns, below which the filters are too many for the squares
_PARALLEL = 2e7  # multiplications of the plain sums, from which threads pay
_PLANES = 1 << 18  # numbers of the planes of some images


def _matrices(points: "tuple[float, ...]") -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    """Return G (n, 3), B' (n, n) and A' (n - 2, n) for n - 1 points and infinity.

    Row i of G takes a filter's value at point i over f_i, the product of the distances to the other
    points; row i of B' holds the coefficients of the product of x - p over the other points; column
    i of A' the powers of point i. The last row or column belongs to infinity.
    """
    p = np.array(points)
    distances = p[:, None] - p
    np.fill_diagonal(distances, 1.0)
    filters = np.vander(p, 3, increasing=True) / distances.prod(1)[:, None]
    inputs = [np.append(np.poly(np.delete(p, i))[::-1], 0.0) for i in range(len(p))]
    outputs = np.vander(p, len(p) - 1, increasing=True).T
    end = np.eye(len(p) - 1)[:, -1:]
    return (
        np.vstack([filters, [[0.0, 0.0, 1.0]]]),
        np.array([*inputs, np.poly(p)[::-1]]),
        np.hstack([outputs, end]),
    )


filter_transform, input_transform, output_transform = map(
    SquareTransform, _matrices((0.0, 0.75, -0.75, 1.5, -1.5))
)


def serves(w: tuple, y: tuple, stride: tuple, dilation: tuple, groups: int) -> bool:
    """Return whether filters w (O, C, KH, KW) should go this way to outputs y (O, OH, OW)."""
    return (
        enabled
        and w[2:] == (3, 3)
        and stride == (1, 1)
        and dilation == (1, 1)
        and groups == 1
        and min(w[:2]) >= _FEWEST
        and min(y[1:]) >= _SMALLEST
        and compiler(needed=False) is not None
    )


def forward(
    x: np.ndarray,
    w: np.ndarray,
    b: "np.ndarray | None",
    padding: Four,
    size: "tuple[int, int]",
    turned: bool = False,
) -> np.ndarray:
    """Return the convolution of x (N, C, H, W) with filters w (O, C, 3, 3), plus b (O,).

    Parameters
    ----------
    padding : tuple of int
        (top, left, bottom, right).
    size : tuple of int
        (OH, OW).
    turned : bool
        Whether to use w[c, o, 2 - i, 2 - j] instead, which makes dX of dY.
    """
    n, channels, height, width = x.shape
    out = w.shape[1] if turned else len(w)
    plan = _plan(n, channels, out, height, width, padding[:2], size, x.itemsize)
    filters = np.empty(plan.filters, x.dtype)
    _transform_filters(w, filters, plan.squares, int(plan.numbers[-1]), turned)
    y = np.empty((n, out, *size), x.dtype)
    bias = w[0, 0, 0, :0] if b is None else b

    def part(start: int, stop: int) -> None:
        work = workspace(plan.work, x.dtype)
        _convolve(x, filters, bias, y, plan.numbers, plan.places, work, start, stop)

    if channels * y.size * 9 < _PARALLEL:
        part(0, n)
    else:
        parallel_chunks(part, chunk_bounds(n, -(-max(1, n // 8) // plan.images) * plan.images))
    return y


class _Plan(NamedTuple):
    numbers: np.ndarray
    places: np.ndarray  # where the 36 places of a square are in P, in V and in the products
    squares: np.ndarray  # where the 9 numbers of filters are
    images: int
    filters: int
    work: int


@functools.lru_cache(256)
def _plan(n, channels, out, height, width, before, size, itemsize):
    """Return the integers of the kernels."""
    lane, left = lanes(itemsize), before[1]
    block = tile_vectors(8) * lane  # squares that go through the steps together
    down, across = -(-size[0] // 4), -(-size[1] // 4)
    rows, pitch = down + 1, across + 1
    # As many images side by side as fill whole blocks best, and stay in the cache.
    most = max(1, min(n, 8, _PLANES // (channels * 16 * rows * pitch)))
    images = min(range(1, most + 1), key=lambda k: -(-k * rows * pitch // block) / k)
    phase = -(-(images * rows * pitch + block + pitch + 1) // lane) * lane
    high = out + -out % 8
    moved = [
        ((i % 4) * 4 + j % 4) * phase + (i // 4) * pitch + j // 4
        for i in range(6)
        for j in range(6)
    ]
    summed = [k * high * block for k in range(36)]
    numbers = [channels, out, high, *before, images, down, across, pitch, phase, block, lane]
    inner = channels * high + -channels * high % lane
    work = channels * 16 * phase + 36 * block * (channels + high) + 20 * block + 2 * lane
    work += 4 * (pitch + left + 2 * lane)
    return _Plan(
        np.array(numbers),
        np.array([*moved, *summed, *(np.arange(channels) * block)]),
        np.arange(9) * inner,
        images,
        36 * inner + 9 * inner,
        work,
    )


@jit("void(const T[:, :, :, ::1], T[::1], const int64[::1], int64, boolean)")
def _transform_filters(w, filters, squares, lane, turned):
    """Fill filters[place][block of 8, channel, filter of the block] with G g G'."""
    inner = squares[1]
    out, channels = w.shape[0], w.shape[1]
    if turned:
        out, channels = channels, out
    raw = 36 * inner
    clear(filters, raw, 9 * inner)
    for i in range(3):
        for j in range(3):
            at = raw + (3 * i + j) * inner
            for m in range(0, out, 8):
                for c in range(channels):
                    for r in range(min(8, out - m)):
                        g = w[c, m + r, 2 - i, 2 - j] if turned else w[m + r, c, i, j]
                        filters[at + r] = g
                    at += 8
    for q in range(0, inner, lane):
        filter_transform(filters, q, inner, filters, raw + q, squares)


@jit("void(const T[:, :, :, ::1], const T[::1], const T[::1], T[:, :, :, ::1], const int64[::1], const int64[::1], T[::1], int64, int64)")  # fmt: skip # noqa: E501
def _convolve(x, filters, bias, y, numbers, places, work, start, stop):
    """Compute images start to stop of y, some of them side by side."""
    channels, out, high, top, left, images, down, across, pitch, phase, block, lane = numbers
    moved, summed, offsets = places[:36], places[36:72], places[72:]
    inner = len(filters) // 45
    squares = channels * 16 * phase  # [place, channel, square]: B' d B
    products = squares + 36 * channels * block  # [place, filter, square]
    outputs = products + 36 * high * block  # [place, square], of one filter
    zeros = outputs + 16 * block
    line = zeros + up(8, lane)  # a row of an image
    clear(work, zeros, 8)
    for first in range(start, stop, images):
        n = min(images, stop - first)
        for c in range(channels):
            at = c * 16 * phase
            lay_out(work, at, x, first, n, c, top, left, down + 1, pitch, phase, line, lane)
        for q in range(0, n * (down + 1) * pitch, block):
            for c in range(channels):
                to = squares + c * block
                for k in range(0, block, lane):
                    at = c * 16 * phase + q + k
                    input_transform(work, to + k, channels * block, work, at, moved)
            for place in range(36):
                here = squares + place * channels * block
                for m in range(0, high, 8):
                    to = products + (place * high + m) * block
                    w = place * inner + m * channels
                    gather_8(
                        work, to, block, work, zeros, filters, w, work, here, offsets, channels
                    )
            for m in range(out):
                for k in range(0, block, lane):
                    at = products + m * block + k
                    output_transform(work, outputs + k, block, work, at, summed)
                shift = bias[m] if len(bias) else work.dtype.type(0)
                _put(
                    y, first, n, m, work[outputs:], q, block, down, across, pitch, shift,
                    line - outputs, lane,
                )  # fmt: skip


@jit
def lay_out(P, at, x, first, n, c, top, left, rows, pitch, phase, line, lane):
    """Fill P[ph, pw, image, i, j] = x[image, c, 4 i + ph - top, 4 j + pw - left], else 0.

    Vectors reach beyond a row's end, into what is written later.
    """
    channels, height, width = x.shape[1], x.shape[2], x.shape[3]
    flat = x.reshape(-1)
    for ph in range(4):
        to = at + 4 * ph * phase
        for image in range(n):
            for i in range(rows):
                r = 4 * i + ph - top
                row = (((first + image) * channels + c) * height + r) * width - left
                if 0 <= r < height and row >= 0 and row + 4 * up(pitch, lane) <= len(flat):
                    for j in range(0, pitch, lane):
                        split_by_four(P, to + j, phase, flat, row + 4 * j)
                    for k in range(left):
                        P[to + k % 4 * phase + k // 4] = 0
                    for k in range(left + width, 4 * pitch):
                        P[to + k % 4 * phase + k // 4] = 0
                else:
                    clear(P, line, 4 * up(pitch, lane))
                    if 0 <= r < height:
                        copy_row(P, line + left, flat, row + left, min(width, 4 * pitch - left))
                    for j in range(0, pitch, lane):
                        split_by_four(P, to + j, phase, P, line + 4 * j)
                to += pitch


@jit
def _put(y, first, n, m, squares, q, block, down, across, pitch, shift, line, lane):
    """Write the outputs of squares q to q + block to y[:, m], as far as there are such."""
    height, width = y.shape[2], y.shape[3]
    flat = y.reshape(-1)
    for row in range(q // pitch, min(n * (down + 1), (q + block - 1) // pitch + 1)):
        i = row % (down + 1)
        j = max(0, q - row * pitch)
        n_columns = 4 * (min(across, q + block - row * pitch) - j)
        plane = ((first + row // (down + 1)) * y.shape[1] + m) * height
        for a in range(max(0, min(4, height - 4 * i)) if i < down else 0):
            source = 4 * a * block + row * pitch - q + j
            for k in range(0, n_columns, 4 * lane):
                join_by_four(squares, line + k, squares, source + k // 4, block, shift)
            to = (plane + 4 * i + a) * width + 4 * j
            copy_row(flat, to, squares, line, min(n_columns, width - 4 * j))
