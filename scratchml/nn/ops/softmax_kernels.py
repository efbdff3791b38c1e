"""Compiled loops of softmax, log-softmax and cross-entropy over the rows of flat arrays.

Rows are often short (ten classes), and a loop of ten cannot be vectorised. So rows are taken some
at a time, about BLOCK numbers: each has its maximum subtracted, then one long loop takes all the
exponentials, then each is summed. What stands between stays in the innermost cache.
"""

import numpy as np

from scratchml._core.elementary import exp
from scratchml._core.jit import NAN_SAFE_FASTMATH, jit

BLOCK = 2048


@jit("void(const T[::1], T[::1], int64)")
def softmax(x, y, n):
    """Write exp(x - m) / s for each row of n: m its maximum, s the sum of exp(x - m)."""
    step = max(1, BLOCK // n) * n
    for a in range(0, x.size, step):
        b = min(a + step, x.size)
        for i in range(a, b, n):
            _shift(x[i : i + n], y[i : i + n])
        _exp(y[a:b])
        for i in range(a, b, n):
            row = y[i : i + n]
            s = _sum(row)
            for j in range(n):
                row[j] /= s


@jit("void(const T[::1], T[::1], T[::1], int64)")
def log_softmax(x, y, scratch, n):
    """Write x - m - log(s) for each row of n; scratch holds max(n, BLOCK) numbers."""
    step = max(1, BLOCK // n) * n
    for a in range(0, x.size, step):
        b = min(a + step, x.size)
        for i in range(a, b, n):
            _shift(x[i : i + n], y[i : i + n])
        _copy(y[a:b], scratch[: b - a])
        _exp(scratch[: b - a])
        for i in range(a, b, n):
            row = y[i : i + n]
            s = np.log(_sum(scratch[i - a : i - a + n]))
            for j in range(n):
                row[j] -= s


@jit("void(const T[::1], const T[::1], T[::1], int64)")
def softmax_gradient(dy, y, dx, n):
    """Write y (dy - <dy, y>) for each row of n."""
    for i in range(0, y.size, n):
        g, p, out = dy[i : i + n], y[i : i + n], dx[i : i + n]
        s = _dot(g, p)
        for j in range(n):
            out[j] = p[j] * (g[j] - s)


@jit("void(const T[::1], const T[::1], T[::1], int64)")
def log_softmax_gradient(dy, y, dx, n):
    """Write dy - exp(y) sum(dy) for each row of n."""
    step = max(1, BLOCK // n) * n
    for a in range(0, y.size, step):
        b = min(a + step, y.size)
        _copy(y[a:b], dx[a:b])
        _exp(dx[a:b])
        for i in range(a, b, n):
            g, out = dy[i : i + n], dx[i : i + n]
            s = _sum(g)
            for j in range(n):
                out[j] = g[j] - s * out[j]


@jit(
    "UniTuple(float64, 3)(const T[::1], const int64[::1], const T[::1], int64, float64, "
    "T[:, ::1], T[::1])"
)
def cross_entropy(x, target, weight, ignore_index, smoothing, rows, scratch):
    """Fill rows with m, s (0: ignored) and the loss of each row of x.

    Returns the first row whose label is out of range (-1: none), the sum of the losses and that of
    the rows' weights. An empty `weight` stands for ones.
    """
    n = x.size // target.size
    step = max(1, BLOCK // n)
    total = weights = 0.0
    for a in range(0, target.size, step):
        b = min(a + step, target.size)
        for i in range(a, b):
            k = (i - a) * n
            rows[i, 0] = _shift(x[i * n : i * n + n], scratch[k : k + n])
        _exp(scratch[: (b - a) * n])
        for i in range(a, b):
            k, t = (i - a) * n, target[i]
            if t == ignore_index:
                rows[i, 1] = rows[i, 2] = 0
                continue
            if t < 0 or t >= n:
                return np.float64(i), total, weights
            s = _sum(scratch[k : k + n])
            log_s, m = np.log(np.float64(s)), rows[i, 0]
            w = 1.0 if weight.size == 0 else np.float64(weight[t])
            loss = w * (log_s - (x[i * n + t] - m))
            if smoothing > 0:
                even = _even(x[i * n : i * n + n], weight, m, log_s) / n
                loss = (1 - smoothing) * loss + smoothing * even
            rows[i, 1] = s
            rows[i, 2] = loss
            total += loss
            weights += w
    return -1.0, total, weights


@jit(
    "void(const T[::1], float64, const T[::1], const int64[::1], const T[::1], float64, "
    "const T[:, ::1], T[::1])"
)
def cross_entropy_gradient(dy, factor, x, target, weight, smoothing, rows, dx):
    """Write g (Q p - q): g = factor dy, p the softmax, q the weights of the row, Q their sum."""
    n = x.size // target.size
    step = max(1, BLOCK // n)
    sum_w = np.float64(_sum(weight)) if weight.size else np.float64(n)
    for a in range(0, target.size, step):
        b = min(a + step, target.size)
        for i in range(a, b):
            _subtract(x[i * n : i * n + n], rows[i, 0], dx[i * n : i * n + n])
        _exp(dx[a * n : b * n])
        for i in range(a, b):
            row, t, s = dx[i * n : i * n + n], target[i], np.float64(rows[i, 1])
            if s == 0:
                _scale(row, 0.0)
                continue
            g = dy[i if dy.size > 1 else 0] * factor
            hit = (1 - smoothing) * (1.0 if weight.size == 0 else np.float64(weight[t]))
            _scale(row, g * (hit + smoothing * sum_w / n) / s)
            row[t] -= g * hit
            if smoothing > 0:
                _subtract_even(row, weight, g * smoothing / n)


@jit
def _shift(x, y):
    """Write x - max(x); return the maximum. A NaN may be passed over: it stays in x - max(x)."""
    half, m = x.size // 2, x[x.size - 1]
    _larger(x[:half], x[half : 2 * half], y)
    while half > 8:  # halves against each other: comparing one by one is no vector code
        m = y[half - 1] if y[half - 1] > m else m  # left over when the length is odd
        half //= 2
        _larger(y[:half], y[half : 2 * half], y)
    for j in range(half):
        m = y[j] if y[j] > m else m
    _subtract(x, m, y)
    return m


@jit
def _larger(a, b, y):
    for j in range(a.size):
        y[j] = b[j] if b[j] > a[j] else a[j]


@jit
def _subtract(x, m, y):
    for j in range(x.size):
        y[j] = x[j] - m


@jit
def _copy(x, y):
    for j in range(x.size):
        y[j] = x[j]


@jit
def _exp(y):
    for j in range(y.size):
        y[j] = exp(y[j])


@jit(fastmath=NAN_SAFE_FASTMATH)
def _sum(x):
    s = x[0]
    for j in range(1, x.size):
        s += x[j]
    return s


@jit(fastmath=NAN_SAFE_FASTMATH)
def _dot(x, y):
    s = x[0] * y[0]
    for j in range(1, x.size):
        s += x[j] * y[j]
    return s


@jit
def _scale(row, factor):
    for j in range(row.size):
        row[j] = 0 if factor == 0 else row[j] * factor


@jit
def _even(x, weight, m, log_s):
    """Return sum_c w_c (log(s) - (x_c - m)), the loss times n if all labels were equally right."""
    total = 0.0
    for c in range(x.size):
        w = 1.0 if weight.size == 0 else np.float64(weight[c])
        total += w * (log_s - (x[c] - m))
    return total


@jit
def _subtract_even(row, weight, g):
    for c in range(row.size):
        row[c] -= g * (1.0 if weight.size == 0 else np.float64(weight[c]))
