"""Compiled loops of batch normalisation where a channel has few positions, or one (N, C).

The same as `normalization_kernels`, with loops that run along the channels: x is (N, M), M = C L
columns, L to a channel. Columns are worked on in tiles of whole channels, rows in blocks of 32, so
that a block stays in the first-level cache while it is read twice. Sums over a block are of x's
dtype, sums of blocks float64. `work` (3, M) has x's dtype, `sums` (3, M) is float64.
"""

import numpy as np

from scratchml._core.jit import jit

ROWS = np.int64(32)
COLUMNS = np.int64(256)


@jit(
    "void(const T[:, ::1], const T[::1], const T[::1], float64, T[:, ::1], float64[:, ::1],"
    " boolean, T[:, ::1], float64[:, ::1], int64, int64)"
)
def normalise_columns(x, weight, bias, eps, y, table, given, work, sums, first, last):
    """Fill y with the normalised channels first ... last - 1, `table` as `normalise` does."""
    L = x.shape[1] // weight.shape[0]
    tile = max(1, COLUMNS // L)
    for c0 in range(first, last, tile):
        c1 = min(c0 + tile, last)
        start, stop = c0 * L, c1 * L
        if not given:
            _moments(x, start, stop, work, sums)
            for c in range(c0, c1):
                total, table[1, c] = _together(sums, c * L, L, x.shape[0])
                table[0, c] = x.dtype.type(sums[2, c * L] + total)
                table[3, c] = (sums[2, c * L] - table[0, c]) + total
                table[2, c] = 1.0 / np.sqrt(table[1, c] + eps)
        centre, scale, shift = work[0, start:stop], work[1, start:stop], work[2, start:stop]
        for c in range(c0, c1):
            m = x.dtype.type(table[0, c])
            w = table[2, c] * weight[c]
            for j in range((c - c0) * L, (c - c0 + 1) * L):
                centre[j], scale[j] = m, x.dtype.type(w)
                shift[j] = x.dtype.type(bias[c] - table[3, c] * w)
        for n in range(x.shape[0]):
            _affine(x[n, start:stop], centre, scale, shift, y[n, start:stop])


@jit
def _moments(x, start, stop, work, sums):
    """Put the sum of t, the sum of squares and the first mean of each column into `sums`."""
    m, s, ss = work[0, start:stop], work[1, start:stop], work[2, start:stop]
    total, squares, first = sums[0, start:stop], sums[1, start:stop], sums[2, start:stop]
    for j in range(m.shape[0]):
        total[j] = squares[j] = 0.0
    for n0 in range(0, x.shape[0], ROWS):
        n1 = min(n0 + ROWS, x.shape[0])
        for j in range(m.shape[0]):
            m[j] = s[j] = ss[j] = 0
        for n in range(n0, n1):
            _add(x[n, start:stop], m)
        for j in range(m.shape[0]):
            m[j] /= m.dtype.type(n1 - n0)
        for n in range(n0, n1):
            _add_deviations(x[n, start:stop], m, s, ss)
        rows = np.float64(n1 - n0)
        if n0 == 0:
            for j in range(m.shape[0]):
                first[j] = m[j]
        for j in range(m.shape[0]):
            rest = np.float64(s[j]) / rows
            t = (m[j] - first[j]) + rest
            total[j] += rows * t
            squares[j] += (ss[j] - rest * s[j]) + rows * t * t


@jit
def _add(x, total):
    for j in range(x.shape[0]):
        total[j] += x[j]


@jit
def _add_deviations(x, m, s, ss):
    for j in range(x.shape[0]):
        d = x[j] - m[j]
        s[j] += d
        ss[j] += d * d


@jit
def _together(sums, start, L, N):
    """Return the mean less the first column's first, and the variance, of L columns of N rows."""
    first = sums[2, start]
    total = squares = 0.0
    for j in range(start, start + L):
        t = sums[0, j] / N + (sums[2, j] - first)
        total += t
        squares += sums[1, j] - sums[0, j] * (sums[0, j] / N) + N * t * t
    mean = total / L
    return mean, max(0.0, squares - N * total * mean) / (N * L)


@jit
def _affine(x, centre, scale, shift, y):
    for j in range(x.shape[0]):
        y[j] = (x[j] - centre[j]) * scale[j] + shift[j]


@jit(
    "void(const T[:, ::1], const T[:, ::1], const T[::1], const float64[:, ::1], T[:, ::1],"
    " boolean, T[:, ::1], float64[:, ::1], int64, int64)"
)
def columns_gradient(dy, x, weight, table, dx, given, work, sums, first, last):
    """Fill dx, and sums[:, c L] with db and dw of channel c; see `normalise_gradient`."""
    L = x.shape[1] // weight.shape[0]
    tile = max(1, COLUMNS // L)
    for c0 in range(first, last, tile):
        c1 = min(c0 + tile, last)
        start, stop = c0 * L, c1 * L
        centre = work[0, start:stop]
        for c in range(c0, c1):
            for j in range((c - c0) * L, (c - c0 + 1) * L):
                centre[j] = table[0, c]
        _products(dy, x, start, stop, work, sums)
        scale, slope, constant = work[1, start:stop], work[2, start:stop], work[3, start:stop]
        for c in range(c0, c1):
            rest = table[3, c]
            db, dw = _channel(sums, c * L, L, rest, table[2, c])
            w = table[2, c] * weight[c]
            down = 0.0 if given else -w * table[2, c] * dw / (x.shape[0] * L)
            flat = 0.0 if given else -w * db / (x.shape[0] * L)
            for j in range((c - c0) * L, (c - c0 + 1) * L):
                scale[j], slope[j], constant[j] = w, down, flat - down * rest
        for n in range(x.shape[0]):
            _slope(x[n, start:stop], centre, slope, dx[n, start:stop])
            _add_scaled(dy[n, start:stop], scale, constant, dx[n, start:stop])


@jit
def _products(dy, x, start, stop, work, sums):
    """Put the sums of dy and of dy (x - centre) of each column into `sums`."""
    centre, s, p = work[0, start:stop], work[1, start:stop], work[2, start:stop]
    for j in range(start, stop):
        sums[0, j] = sums[1, j] = 0.0
    for n0 in range(0, x.shape[0], ROWS):
        for j in range(s.shape[0]):
            s[j] = p[j] = 0
        for n in range(n0, min(n0 + ROWS, x.shape[0])):
            _add(dy[n, start:stop], s)
            _add_product(dy[n, start:stop], x[n, start:stop], centre, p)
        for j in range(s.shape[0]):
            sums[0, start + j] += s[j]
            sums[1, start + j] += p[j]


@jit
def _add_product(dy, x, centre, p):
    for j in range(x.shape[0]):
        p[j] += dy[j] * (x[j] - centre[j])


@jit
def _channel(sums, start, L, rest, r):
    """Add up the L columns of a channel; return db and dw, and leave them in the first column."""
    db = product = 0.0
    for j in range(start, start + L):
        db += sums[0, j]
        product += sums[1, j]
    dw = (product - rest * db) * r
    sums[0, start], sums[1, start] = db, dw
    return db, dw


@jit
def _slope(x, centre, slope, dx):
    for j in range(x.shape[0]):
        dx[j] = (x[j] - centre[j]) * slope[j]


@jit
def _add_scaled(dy, scale, constant, dx):
    for j in range(dy.shape[0]):
        dx[j] += dy[j] * scale[j] + constant[j]
