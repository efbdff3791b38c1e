"""Compiled parts of a decoding step: products of a few rows, and attention of single queries.

A product of R rows, R being small, reads W once and does little with it: its time is that of
reading W. So there are no tiles. Rows of W are multiplied with all rows of X while they are in the
innermost cache; and as they are fetched from four places in turn, more is on its way at any time: a
quarter of the time, where W comes from the third-level cache.

X (R, I), W (O, I), b (O,) or empty, Y (R, O); keys and values (R, H, capacity, E), of which the
first S positions count; bias (R, S) or empty.
"""

import numpy as np

from scratchml._core.elementary import exp
from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.jit_moves import copy


@jit("void(const T[:, ::1], const T[:, ::1], const T[::1], const T[:, ::1], T[:, ::1], boolean)")
def multiply(x, w, b, added, y, rectify):
    """Compute Y = X W' + b + added, or max(0, X W' + b) + added; b and added may be empty."""
    _product(x, w, b, y.reshape(-1))
    for r in range(y.shape[0]):
        if rectify:
            _rectify(y[r])
        if len(added):
            _add(added[r], y[r])


@jit("void(const T[:, ::1], const T[:, ::1], const T[::1], T[:, :, :, ::1], T[:, :, :, ::1], const T[:, ::1], T[:, ::1], T[::1], int64, boolean)")  # fmt: skip # noqa: E501
def attend(x, w, b, keys, values, bias, y, work, S, appends):
    """Fill y (R, D) with what the heads' queries, X W' + b, take of the values.

    If it `appends`, W (3 D, D) gives keys and values of position S - 1 as well, which are kept.
    """
    H, E = keys.shape[1], keys.shape[3]
    D, width = H * E, w.shape[0]
    scale = x.dtype.type(1.0 / np.sqrt(np.float64(max(E, 1))))
    _product(x, w, b, work)
    s = work[len(x) * width :][:S]
    for r in range(x.shape[0]):
        row = work[r * width : (r + 1) * width]
        for h in range(H):
            start, stop = h * E, (h + 1) * E
            if appends:
                copy(keys[r, h, S - 1], 0, row, D + start, E)
                copy(values[r, h, S - 1], 0, row, 2 * D + start, E)
            for j in range(S):
                s[j] = _dot(row[start:stop], keys[r, h, j]) * scale
            if len(bias):
                _add(bias[r], s)
            _softmax(s)
            _mean(s, values[r, h], y[r, start:stop])


@jit
def _product(x, w, b, y):
    """Compute Y = X W' + b, row after row of Y; W is read in four places at once."""
    R, out = x.shape[0], w.shape[0]
    part = out // 4
    for o in range(part):
        u, v, t = part + o, 2 * part + o, 3 * part + o
        for r in range(R):
            at = r * out
            sums = _four_dots(x[r], w[o], w[u], w[v], w[t])
            y[at + o], y[at + u], y[at + v], y[at + t] = sums
    for o in range(4 * part, out):
        for r in range(R):
            y[r * out + o] = _dot(x[r], w[o])
    if len(b):
        for r in range(R):
            _add(b, y[r * out : (r + 1) * out])


@jit(fastmath=NAN_SAFE_FASTMATH)
def _four_dots(x, a, b, c, d):
    s = t = u = v = x.dtype.type(0)
    for i in range(len(x)):
        s += x[i] * a[i]
        t += x[i] * b[i]
        u += x[i] * c[i]
        v += x[i] * d[i]
    return s, t, u, v


@jit(fastmath=NAN_SAFE_FASTMATH)
def _dot(a, b):
    total = a.dtype.type(0)
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@jit
def _rectify(y):
    for i in range(len(y)):
        y[i] = y.dtype.type(0) if y[i] < 0 else y[i]


@jit
def _add(x, y):
    for i in range(len(y)):
        y[i] += x[i]


@jit
def _softmax(s):
    """Replace logits by weights that add up to 1, or by zeros where all are -inf."""
    top = _largest(s)
    if top == -np.inf:
        top = s.dtype.type(0)
    total = _exponentials(s, top)
    factor = s.dtype.type(1) / total if total > 0 else total
    for j in range(len(s)):
        s[j] *= factor


@jit
def _largest(s):
    top = s.dtype.type(-np.inf)
    for j in range(len(s)):
        top = s[j] if s[j] > top else top
    return top


@jit(fastmath=NAN_SAFE_FASTMATH)
def _exponentials(s, top):
    """Replace s by exp(s - top); return the sum."""
    total = s.dtype.type(0)
    for j in range(len(s)):
        s[j] = exp(s[j] - top)
        total += s[j]
    return total


@jit
def _mean(p, v, y):
    """Compute y = p' v, four rows at a time."""
    for e in range(len(y)):
        y[e] = 0
    whole = len(p) // 4 * 4
    for j in range(0, whole, 4):
        _add_four(v[j], v[j + 1], v[j + 2], v[j + 3], y, p[j : j + 4])
    for j in range(whole, len(p)):
        _add_scaled(v[j], y, p[j])


@jit(fastmath=NAN_SAFE_FASTMATH)
def _add_four(a, b, c, d, y, p):
    pa, pb, pc, pd = p[0], p[1], p[2], p[3]
    for e in range(len(y)):
        y[e] += pa * a[e] + pb * b[e] + pc * c[e] + pd * d[e]


@jit(fastmath=NAN_SAFE_FASTMATH)
def _add_scaled(a, y, p):
    for e in range(len(y)):
        y[e] += p * a[e]
