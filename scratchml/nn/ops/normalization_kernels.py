"""Compiled loops of batch, group and instance normalisation; `normalization` is their definition.

x is (A, B, S, L): the values of group b are x[:, b], weight and bias c = (b S + s) mod C belong to
plane s of group b. One group after the other is measured and written, so that its values come from
the cache the second time. Groups first ... last - 1 are worked on, so that threads can share them.

A run x[a, b] is measured in blocks that fit into the first-level cache, each in two passes (Chan,
Golub, LeVeque 1983, eq. 1.7): its mean m_k as far as the dtype holds it, then the deviations from
that. With K = m_0 and t_k = (m_k - K) + the mean of the deviations, in float64,

    mean = K + sum n_k t_k / n
    sum (x - mean)^2 = sum M2_k + sum n_k t_k^2 - (sum n_k t_k)^2 / n,

where the last difference can lose no more than a factor of the number of blocks.
"""

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit

BLOCK = np.int64(4096)
_CONTRACT = frozenset({"contract"})  # only sums may be taken in another order


@jit(
    "void(const T[:, :, :, ::1], const T[::1], const T[::1], float64, T[:, :, :, ::1],"
    " float64[:, ::1], int64, int64)"
)
def normalise(x, weight, bias, eps, y, table, first, last):
    """Fill y with the normalised groups, and `table` (4, B): centre, variance, r, rest."""
    for b in range(first, last):
        centre, rest, table[1, b] = moments(x, b)
        table[0, b], table[3, b] = centre, rest
        table[2, b] = 1.0 / np.sqrt(table[1, b] + eps)
        for s in range(x.shape[2]):
            c = (b * x.shape[2] + s) % weight.shape[0]
            scale = table[2, b] * weight[c]
            shift = x.dtype.type(bias[c] - rest * scale)
            for a in range(x.shape[0]):
                _affine(x[a, b, s], y[a, b, s], centre, x.dtype.type(scale), shift)


@jit("void(const T[:, :, ::1], const T[::1], const T[::1], const T[::1], T[:, :, ::1])")
def affine(x, centre, scale, shift, y):
    """Fill y (A, B, L) with (x - centre) scale + shift, one of each for a group."""
    for a in range(x.shape[0]):
        for b in range(x.shape[1]):
            _affine(x[a, b], y[a, b], centre[b], scale[b], shift[b])


@jit
def moments(x, b):
    """Return centre, rest and variance of x[:, b]; the mean is centre + rest."""
    first = sums = squares = m2 = 0.0
    for a in range(x.shape[0]):
        run = x[a, b].reshape(-1)
        for start in range(0, run.shape[0], BLOCK):
            mean, n, s, ss = _block(run[start : start + BLOCK])
            if a == 0 and start == 0:
                first = mean
            t = (mean - first) + s / n
            sums += n * t
            squares += n * t * t
            m2 += ss - s * s / n
    n = x.shape[0] * x.shape[2] * x.shape[3]
    centre = x.dtype.type(first + sums / n)
    rest = (first - np.float64(centre)) + sums / n
    return centre, rest, max(0.0, m2 + squares - sums * (sums / n)) / n


@jit(fastmath=NAN_SAFE_FASTMATH)
def _block(v):
    """Return the mean m of v as far as its dtype holds it, n, sum (v - m), sum (v - m)^2."""
    total = v.dtype.type(0)
    for j in range(v.shape[0]):
        total += v[j]
    m = total / v.dtype.type(v.shape[0])
    s = ss = v.dtype.type(0)
    for j in range(v.shape[0]):
        d = v[j] - m
        s += d
        ss += d * d
    return np.float64(m), np.float64(v.shape[0]), np.float64(s), np.float64(ss)


@jit(fastmath=_CONTRACT)
def _affine(x, y, centre, scale, shift):
    for j in range(x.shape[0]):
        y[j] = (x[j] - centre) * scale + shift


@jit(
    "void(const T[:, :, :, ::1], const T[:, :, :, ::1], const T[::1], const float64[:, ::1],"
    " T[:, :, :, ::1], float64[:, :, ::1], boolean, int64, int64)"
)
def normalise_gradient(dy, x, weight, table, dx, sums, given, first, last):
    """Fill dx, and `sums` (2, B, S) with what each plane gives to db and dw.

    With `given`, mean and variance did not come from x.
    """
    n = x.shape[0] * x.shape[2] * x.shape[3]
    for b in range(first, last):
        centre, r, rest = x.dtype.type(table[0, b]), table[2, b], table[3, b]
        mean = slope = 0.0
        for s in range(x.shape[2]):
            total = product = 0.0
            for a in range(x.shape[0]):
                for start in range(0, x.shape[3], BLOCK):
                    stop = start + BLOCK
                    p, q = _products(dy[a, b, s, start:stop], x[a, b, s, start:stop], centre)
                    total += p
                    product += q
            sums[0, b, s], sums[1, b, s] = total, (product - rest * total) * r
            w = weight[(b * x.shape[2] + s) % weight.shape[0]]
            mean += w * sums[0, b, s] / n
            slope -= r * r * w * sums[1, b, s] / n
        if given:
            mean = slope = 0.0
        constant = x.dtype.type(-r * mean - slope * rest)
        for a in range(x.shape[0]):
            for s in range(x.shape[2]):
                w = x.dtype.type(r * weight[(b * x.shape[2] + s) % weight.shape[0]])
                _combine(
                    dy[a, b, s], x[a, b, s], dx[a, b, s], centre, w, x.dtype.type(slope), constant
                )


@jit(fastmath=NAN_SAFE_FASTMATH)
def _products(dy, x, centre):
    s = p = x.dtype.type(0)
    for j in range(x.shape[0]):
        s += dy[j]
        p += dy[j] * (x[j] - centre)
    return np.float64(s), np.float64(p)


@jit(fastmath=_CONTRACT)
def _combine(dy, x, dx, centre, w, slope, constant):
    for j in range(x.shape[0]):
        dx[j] = w * dy[j] + (slope * (x[j] - centre) + constant)
