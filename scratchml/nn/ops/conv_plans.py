"""Where the taps of a convolution are: integers that depend on shapes only, kept for each shape.

See `scratchml.nn.ops.conv_tiles` for the sums, and `conv_kernels` for the loops that read the
numbers below in this order.
"""

import functools
from itertools import product
from typing import NamedTuple

import numpy as np

from scratchml._core.jit_tiles import tile_vectors
from scratchml._core.jit_vectors import lanes

Pair = tuple[int, int]
Four = tuple[int, int, int, int]

ROWS = (8, 6)  # the heights of tiles that the kernels have; each costs time to compile
_BAND = 1 << 17  # numbers that a band of rows reads: half of a level-2 cache, in float32
_STRIP = 1024  # numbers that a dot tile adds up before its sums leave the registers


class Planes(NamedTuple):
    """How the planes (C, H, W) of an image, or of a group of its channels, are laid out.

    P[c, ph, pw, i, j] = x[c, i step_h + ph - top, j step_w + pw - left], and 0 outside.
    """

    channels: int
    step_h: int
    step_w: int
    top: int
    left: int
    rows: int
    pitch: int
    height: int
    width: int

    @property
    def size(self) -> int:
        """The numbers in P."""
        return self.channels * self.step_h * self.step_w * self.rows * self.pitch

    def offset(self, c: int, i: int, j: int) -> int:
        """Return the place in P of the number at row i, column j of padded plane c."""
        phase = (c * self.step_h + i % self.step_h) * self.step_w + j % self.step_w
        return (phase * self.rows + i // self.step_h) * self.pitch + j // self.step_w


class TapSum(NamedTuple):
    """y[m, sh i + a, sw j + b] = sum over taps, for i < rows, j < columns."""

    numbers: np.ndarray
    taps: np.ndarray  # (2, K): offsets into the planes, places in the weights
    work: int  # numbers of workspace


class SumPlan(NamedTuple):
    """The sums that make an array, and whether they leave gaps in it."""

    output: tuple[int, int, int]
    sums: tuple[TapSum, ...]
    gaps: bool


class DotPlan(NamedTuple):
    """What `conv_kernels.dot_images` needs."""

    numbers: np.ndarray
    offsets: np.ndarray
    steps: np.ndarray  # where each vector of dY's rows stands in the planes
    work: int


def output_size(n: int, k: int, stride: int, before: int, after: int, dilation: int) -> int:
    """Return how many places a kernel of size k has along an axis of n numbers."""
    return (n + before + after - dilation * (k - 1) - 1) // stride + 1


@functools.lru_cache(512)
def forward_plan(
    x: tuple[int, int, int],
    w: tuple[int, int, int, int],
    stride: Pair,
    padding: Four,
    dilation: Pair,
    groups: int,
    itemsize: int,
) -> SumPlan:
    """Return the one sum of a convolution of images of shape x = (C, H, W)."""
    planes, output = _planes(x, w, stride, padding, dilation, groups)
    offsets = _offsets(planes, w, dilation)
    taps = np.stack([offsets, np.arange(len(offsets))])
    per_row = len(offsets)
    places = (output[1], output[2], 1, 1, 0, 0, output[1], output[2])
    one = _tap_sum(planes, taps, w[0] // groups, groups, per_row, places, itemsize)
    return SumPlan(output, (one,), False)


@functools.lru_cache(512)
def input_plan(
    dy: tuple[int, int, int],
    w: tuple[int, int, int, int],
    x: tuple[int, int, int],
    stride: Pair,
    padding: Four,
    dilation: Pair,
    groups: int,
    itemsize: int,
) -> SumPlan:
    """Return the sums, one for each phase of the stride, from dy (O, OH, OW) to dx (C, H, W)."""
    out, per_group, *kernel = w
    size = kernel[0] * kernel[1]
    reach = [
        [_reach(x[1 + axis], a, kernel[axis], stride[axis], padding[axis], dilation[axis])
         for a in range(stride[axis])]
        for axis in (0, 1)
    ]  # fmt: skip
    found = [
        (rows, columns)
        for rows, columns in product(*reach)
        if rows.places and columns.places and rows.taps and columns.taps
    ]
    top = max([0, *(-rows.first for rows, _ in found)])
    left = max([0, *(-columns.first for _, columns in found)])
    planes = Planes(
        out // groups,
        1,
        1,
        top,
        left,
        max([0, *(rows.last for rows, _ in found)]) + top + 1,
        max([0, *(columns.last for _, columns in found)]) + left + 1,
        *dy[1:],
    )
    sums = []
    for rows, columns in found:
        taps = np.array(
            [
                (planes.offset(o, top + i, left + j), o * per_group * size + kh * kernel[1] + kw)
                for o in range(out // groups)
                for kh, i in rows.taps
                for kw, j in columns.taps
            ]
        ).T
        places = (rows.places, columns.places, *stride, rows.phase, columns.phase, *x[1:])
        sums.append(
            _tap_sum(planes, np.ascontiguousarray(taps), per_group, groups, size, places, itemsize)
        )
    complete = all(p.taps or not p.places for axis in reach for p in axis)
    return SumPlan(x, tuple(sums), not complete)


class _Phase(NamedTuple):
    """The places stride * i + phase of an axis, and the taps (k, shift) that reach them."""

    phase: int
    places: int
    taps: list[Pair]
    first: int  # the smallest and the largest row of dY that is read
    last: int


def _reach(n: int, phase: int, k: int, stride: int, before: int, dilation: int) -> _Phase:
    count = max(0, -(-(n - phase) // stride))
    shifts = [(i, phase + before - dilation * i) for i in range(k)]
    taps = [(i, shift // stride) for i, shift in shifts if shift % stride == 0]
    first = min((shift for _, shift in taps), default=0)
    last = max((shift for _, shift in taps), default=0) + count - 1
    return _Phase(phase, count, taps, first, last)


@functools.lru_cache(512)
def weight_plan(
    x: tuple[int, int, int],
    w: tuple[int, int, int, int],
    dy: tuple[int, int, int],
    stride: Pair,
    padding: Four,
    dilation: Pair,
    groups: int,
    itemsize: int,
) -> DotPlan:
    """Return the products that take images x (C, H, W) and gradients dy (O, OH, OW) to dw."""
    planes, _ = _planes(x, w, stride, padding, dilation, groups)
    offsets = _offsets(planes, w, dilation)
    lane = lanes(itemsize)
    vectors = -(-((dy[1] - 1) * planes.pitch + dy[2]) // lane)  # of one plane of dY
    images = max(1, _STRIP // (vectors * lane))
    per_group, k = w[0] // groups, len(offsets)
    rows = min(ROWS, key=lambda r: _tile_cost(r, per_group, k / tile_vectors(r)))
    columns = tile_vectors(rows)
    steps = np.arange(images)[:, None] * planes.size + np.arange(vectors) * lane
    padded = np.concatenate([offsets, np.zeros(-k % columns, np.int64)])
    whole = per_group + -per_group % rows
    tile = rows * columns + -rows * columns % lane
    work = images * (planes.size + whole * vectors * lane) + 3 * lane
    work += whole // rows * (len(padded) // columns) * tile
    numbers = [groups, per_group, k, rows, columns, images, vectors * lane]
    numbers += [max(1, _STRIP // lane), lane, *dy[1:]]
    return DotPlan(np.array([*numbers, *planes]), padded, steps.reshape(-1), work)


def _planes(
    x: tuple[int, int, int],
    w: tuple[int, int, int, int],
    stride: Pair,
    padding: Four,
    dilation: Pair,
    groups: int,
) -> tuple[Planes, tuple[int, int, int]]:
    """Return how images are laid out for a convolution, and the shape that it gives."""
    height, width = (
        output_size(x[1 + i], w[2 + i], stride[i], padding[i], padding[2 + i], dilation[i])
        for i in (0, 1)
    )
    rows = height + (w[2] - 1) * dilation[0] // stride[0]
    pitch = width + (w[3] - 1) * dilation[1] // stride[1]
    planes = Planes(x[0] // groups, *stride, padding[0], padding[1], rows, pitch, *x[1:])
    return planes, (w[0], height, width)


def _offsets(planes: Planes, w: tuple[int, int, int, int], dilation: Pair) -> np.ndarray:
    places = product(range(w[1]), range(w[2]), range(w[3]))
    return np.array([planes.offset(c, i * dilation[0], j * dilation[1]) for c, i, j in places])


def _tap_sum(
    planes: Planes,
    taps: np.ndarray,
    per_group: int,
    groups: int,
    per_row: int,
    places: tuple[int, ...],
    itemsize: int,
) -> TapSum:
    """Choose the tiles: the fewest instructions, counting what hangs over at the edges."""
    k = taps.shape[1]
    band = max(1, min(places[0], _BAND // (planes.size // planes.rows)))
    length = (band - 1) * planes.pitch + places[1]
    lane = lanes(itemsize)
    rows = min(ROWS, key=lambda r: _tile_cost(r, per_group, length / (tile_vectors(r) * lane)))
    width = tile_vectors(rows) * lane
    strip = -(-length // width) * width
    whole = per_group + -per_group % rows
    images = max(1, _BAND // planes.size)  # that share the weights of a tile while these are near
    work = images * planes.size + width + groups * whole * (k + 1) + rows * strip + 4 * lane
    numbers = [groups, per_group, per_row, rows, width, band, strip, images, lane]
    return TapSum(np.array([*numbers, *places, *planes]), taps, work)


def _tile_cost(rows: int, height: int, tiles: float) -> float:
    """Instructions for each tap: multiplications or loads, whichever are more."""
    vectors = tile_vectors(rows)
    return -(-height // rows) * -(-tiles // 1) * max(rows * vectors, rows + 2 * vectors)
