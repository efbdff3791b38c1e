"""The loops of `scratchml.nn.ops.conv_tiles`: lay out planes, add up taps, collect products.

Each takes its integers as one array, in the order in which `conv_plans` writes them down, and one
flat workspace that it divides; images come as flat arrays. Nothing is checked here.
"""

from scratchml._core.jit import jit
from scratchml._core.jit_moves import clear, copy, copy_row
from scratchml._core.jit_tiles import (
    dot_6,
    dot_8,
    gather_6,
    gather_8,
)
from scratchml._core.jit_transforms import split_by_two


@jit("void(const T[::1], const T[::1], const T[::1], T[::1], const int64[::1], const int64[:, ::1], T[::1], int64, int64)")  # fmt: skip # noqa: E501
def gather_images(x, weights, bias, y, numbers, taps, work, start, stop):
    """Compute y[m, sh i + a, sw j + b] = bias[m] + sum over taps, for images start to stop."""
    groups, height, per_row, rows, width, band, pitch, images, lane = numbers[:9]
    places, planes = numbers[9:17], numbers[17:]
    offsets = taps[0]
    k = len(offsets)
    whole = up(height, rows)
    size = _size(planes)
    biases = up(images * size + width, lane)
    packed = biases + up(groups * whole, lane)
    strip = work[packed + up(groups * whole * k, lane) :]
    for g in range(groups):
        for m in range(whole):
            c = g * height + min(m, height - 1)
            work[biases + g * whole + m] = bias[c] if len(bias) else work.dtype.type(0)
        to = packed + g * whole * k
        _pack(work[to:], weights[g * (len(weights) // groups) :], taps[1], height, per_row, rows)
    for first in range(start, stop, images):
        some = min(images, stop - first)
        for g in range(groups):
            for n in range(some):
                lay_out(work, n * size, x, (first + n) * groups + g, planes, lane)
            for i in range(0, places[0], band):
                i_stop = min(places[0], i + band)
                length = (i_stop - i - 1) * planes[6] + places[1]
                for m in range(0, height, rows):
                    one, block = biases + g * whole + m, packed + (g * whole + m) * k
                    for n in range(some):
                        at = n * size + i * planes[6]
                        for q in range(0, length, width):
                            p = at + q
                            if rows == 8:
                                gather_8(
                                    strip, q, pitch, work, one, work, block, work, p, offsets, k
                                )
                            else:
                                gather_6(
                                    strip, q, pitch, work, one, work, block, work, p, offsets, k
                                )
                        for r in range(min(rows, height - m)):
                            c = ((first + n) * groups + g) * height + m + r
                            _put_rows(y, c, i, i_stop, strip, r * pitch, planes[6], places)


@jit
def _pack(packed, weights, taps, height, per_row, rows):
    """Bring weights into the order in which the tiles read them: block, tap, row."""
    for m in range(up(height, rows)):
        first = min(m, height - 1) * per_row
        at = m // rows * rows * len(taps) + m % rows
        for t in range(len(taps)):
            packed[at] = weights[first + taps[t]]
            at += rows


@jit
def _put_rows(y, c, start, stop, strip, at, pitch, places):
    """Write rows of sums to y[c, sh i + a, sw j + b], i from start to stop."""
    n_columns, step_h, step_w, a, b, height, width = places[1:8]
    for i in range(start, stop):
        to = (c * height + step_h * i + a) * width + b
        if step_w == 1:
            copy_row(y, to, strip, at, n_columns)
        else:
            for j in range(n_columns):
                y[to + step_w * j] = strip[at + j]
        at += pitch


@jit
def lay_out(P, at, x, image, planes, lane):
    """Copy padded planes of the image x[image] (C, H, W) into P from `at` on; return the end.

    P[c, ph, pw, i, j] = x[c, i step_h + ph - top, j step_w + pw - left], and 0 outside.
    """
    channels, step_h, step_w, top, left, rows, pitch, height, width = planes
    if step_h == 1 and step_w == 1 and top == 0 and rows == height and pitch == width:
        copy(P, at, x, image * channels * height * width, channels * height * width)
        return at + channels * height * width
    for c in range(image * channels, (image + 1) * channels):
        for ph in range(step_h):
            for i in range(rows):
                r = i * step_h + ph - top
                to = at + i * pitch
                row = (c * height + r) * width - left if 0 <= r < height else -1 - left
                if step_w == 2 and _split_row(P, to, x, row, i, planes, lane):
                    continue
                for pw in range(step_w):
                    first = min(pitch, max(0, -((pw - left) // step_w)))
                    last = max(first, min(pitch, -((pw - left - width) // step_w)))
                    if last - first < pitch or row + left < 0:
                        clear(P, to, pitch)
                    if row + left >= 0:
                        if step_w == 1:
                            copy_row(P, to + first, x, row + first, last - first)
                        else:
                            for j in range(first, last):
                                P[to + j] = x[row + j * step_w + pw]
                    to += rows * pitch
            at += step_w * rows * pitch
    return at


@jit
def _split_row(P, to, x, row, i, planes, lane):
    """Lay out a row in two phases by vectors, if these reach only into rows that come later."""
    left, rows, pitch, width = planes[4], planes[5], planes[6], planes[8]
    reach = up(pitch, lane)
    if row < 0 or row + 2 * reach > len(x) or i * pitch + reach > rows * pitch:
        return False
    for j in range(0, pitch, lane):
        split_by_two(P, to + j, rows * pitch, x, row + 2 * j)
    for k in range(left):
        P[to + k % 2 * rows * pitch + k // 2] = 0
    for k in range(left + width, 2 * pitch):
        P[to + k % 2 * rows * pitch + k // 2] = 0
    return True


@jit("void(const T[::1], const T[::1], T[::1], const int64[::1], const int64[::1], const int64[::1], T[::1], int64, int64)")  # fmt: skip # noqa: E501
def dot_images(x, dy, dw, numbers, offsets, steps, work, start, stop):
    """Compute dw[m, k] = sum of dy[m, q] P[offset[k] + q] over places q of images start to stop."""
    groups, height, k, rows, columns, images, length, vectors, lane, n_rows, n_columns = numbers[
        :11
    ]
    planes = numbers[11:]
    whole, tile = up(height, rows), up(rows * columns, lane)
    gradients = up(images * _size(planes) + lane, lane)
    pitch = images * length
    sums = gradients + whole * pitch
    n_tiles = len(offsets) // columns
    for g in range(groups):
        clear(work, sums, whole // rows * n_tiles * tile)
        for n in range(start, stop, images):
            n_stop = min(stop, n + images)
            at = 0
            for i in range(n, n_stop):
                at = lay_out(work, at, x, i * groups + g, planes, lane)
                for m in range(whole):
                    to = gradients + m * pitch + (i - n) * length
                    clear(work, to, length)
                    if m < height:
                        source = ((i * groups + g) * height + m) * n_rows * n_columns
                        for row in range(n_rows):
                            at_row = to + row * planes[6]
                            copy_row(work, at_row, dy, source + row * n_columns, n_columns)
            clear(work, at, lane)  # what the last vectors read beyond the planes
            stop_q = (n_stop - n) * (length // lane)
            for q in range(0, stop_q, vectors):
                n_q = min(vectors, stop_q - q)
                for m in range(0, whole, rows):
                    a = gradients + m * pitch + q * lane
                    out = sums + m // rows * n_tiles * tile
                    for c in range(0, len(offsets), columns):
                        if rows == 8:
                            dot_8(work, out, work, a, pitch, work, steps, q, offsets, c, n_q)
                        else:
                            dot_6(work, out, work, a, pitch, work, steps, q, offsets, c, n_q)
                        out += tile
        for m in range(height):
            for c in range(k):
                place = (m // rows * n_tiles + c // columns) * tile + m % rows * columns
                dw[(g * height + m) * k + c] = work[sums + place + c % columns]


@jit
def _size(planes):
    """Return the numbers that the planes of one image take."""
    return planes[0] * planes[1] * planes[2] * planes[5] * planes[6]


@jit
def up(n, step):
    """Return n rounded up to a multiple of step."""
    return (n + step - 1) // step * step
