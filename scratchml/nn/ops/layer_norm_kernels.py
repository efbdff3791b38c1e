"""Compiled loops of layer and RMS normalisation; `scratchml.nn.ops.layer_norm` defines them.

x is (R, D): every row is measured, and written while it is still in the first-level cache. The mean
is found in two passes (Chan, Golub, LeVeque 1983, eq. 1.7). `table` (R, 3), float64, has centre,
r and shift of each row: xhat = (x - centre) r + shift.

Only sums may be taken in another order. Were that allowed for what is written, (x - centre) r -
rest r would become (x - (centre + rest)) r, and the rest be lost.
"""

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit

_CONTRACT = frozenset({"contract"})

BLOCK = np.int64(2048)  # values that are added up in their own dtype
ROWS = np.int64(32)  # rows of which the gradients of weight and bias are added up so


@jit(
    "void(const T[:, ::1], const T[::1], const T[::1], float64, T[:, ::1], float64[:, ::1],"
    " boolean)"
)
def normalise_rows(x, weight, bias, eps, y, table, centred):
    """Fill y (R, D) with the normalised rows, and `table`; RMS unless `centred`."""
    for i in range(x.shape[0]):
        if centred:
            centre, rest, square = _moments(x[i])
        else:
            centre, rest, square = x.dtype.type(0), 0.0, _mean_square(x[i])
        r = 1.0 / np.sqrt(square + eps)
        table[i, 0], table[i, 1], table[i, 2] = centre, r, -rest * r
        _write(x[i], weight, bias, y[i], centre, x.dtype.type(r), x.dtype.type(-rest * r))


@jit
def _moments(row):
    """Return centre, rest and variance of a row; the mean is centre + rest."""
    n = np.float64(row.shape[0])
    centre = row.dtype.type(_sum(row) / n)
    s = ss = 0.0
    for start in range(0, row.shape[0], BLOCK):
        a, b = _deviations(row[start : start + BLOCK], centre)
        s += a
        ss += b
    rest = s / n
    return centre, rest, max(0.0, ss / n - rest * rest)


@jit
def _mean_square(row):
    s = 0.0
    for start in range(0, row.shape[0], BLOCK):
        s += _deviations(row[start : start + BLOCK], row.dtype.type(0))[1]
    return s / row.shape[0]


@jit
def _sum(row):
    s = 0.0
    for start in range(0, row.shape[0], BLOCK):
        s += _sum_of_block(row[start : start + BLOCK])
    return s


@jit(fastmath=NAN_SAFE_FASTMATH)
def _sum_of_block(v):
    s = v.dtype.type(0)
    for j in range(v.shape[0]):
        s += v[j]
    return np.float64(s)


@jit(fastmath=NAN_SAFE_FASTMATH)
def _deviations(v, centre):
    s = ss = v.dtype.type(0)
    for j in range(v.shape[0]):
        d = v[j] - centre
        s += d
        ss += d * d
    return np.float64(s), np.float64(ss)


@jit(fastmath=_CONTRACT)
def _write(x, weight, bias, y, centre, scale, shift):
    for j in range(x.shape[0]):
        y[j] = ((x[j] - centre) * scale + shift) * weight[j] + bias[j]


@jit(
    "void(const T[:, ::1], const T[:, ::1], const T[::1], const float64[:, ::1], T[:, ::1],"
    " T[:, ::1], float64[:, ::1], boolean)"
)
def rows_gradient(dy, x, weight, table, dx, part, total, centred):
    """Fill dx (R, D), and `total` (2, D) with dw and db; `part` (2, D) is for sums of few rows."""
    D = x.shape[1]
    for j in range(D):
        total[0, j] = total[1, j] = part[0, j] = part[1, j] = 0
    for i in range(x.shape[0]):
        centre, r = x.dtype.type(table[i, 0]), table[i, 1]
        scale, shift = x.dtype.type(r), x.dtype.type(table[i, 2])
        s = p = 0.0
        for a in range(0, D, BLOCK):
            b = min(a + BLOCK, D)
            given, row, w, dw, db = dy[i, a:b], x[i, a:b], weight[a:b], part[0, a:b], part[1, a:b]
            u, v = _gather(given, row, w, dw, db, centre, scale, shift)
            s += u
            p += v
        g = -r * (r * p + table[i, 2] * s) / D  # -r times the mean of w dy xhat
        slope = g * r
        constant = x.dtype.type(g * table[i, 2] - (r * s / D if centred else 0.0))
        _combine(dy[i], x[i], weight, dx[i], centre, scale, x.dtype.type(slope), constant)
        if (i + 1) % ROWS == 0 or i + 1 == x.shape[0]:
            for j in range(D):
                total[0, j] += part[0, j]
                total[1, j] += part[1, j]
                part[0, j] = part[1, j] = 0


@jit(fastmath=NAN_SAFE_FASTMATH)
def _gather(dy, x, weight, dw, db, centre, scale, shift):
    """Add to dw and db, and return the sums of w dy and of w dy (x - centre)."""
    s = p = x.dtype.type(0)
    for j in range(x.shape[0]):
        v, d = dy[j], x[j] - centre
        g = v * weight[j]
        s += g
        p += g * d
        dw[j] += v * (d * scale + shift)
        db[j] += v
    return np.float64(s), np.float64(p)


@jit(fastmath=_CONTRACT)
def _combine(dy, x, weight, dx, centre, scale, slope, constant):
    for j in range(x.shape[0]):
        dx[j] = scale * (dy[j] * weight[j]) + (slope * (x[j] - centre) + constant)
