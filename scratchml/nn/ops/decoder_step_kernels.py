"""Compiled parts of a decoding step: products of a few rows, and attention of single queries.

A product of R rows, R being small, reads W once and does little with it: its time is that of
reading W. So there are no tiles: row o of W is multiplied with all rows of X while it is in the
innermost cache.

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
    """Compute Y = X W' + b, row after row."""
    out, R = w.shape[0], x.shape[0]
    for o in range(out):
        shift = b[o] if len(b) else w.dtype.type(0)
        for r in range(R):
            y[r * out + o] = _dot(x[r], w[o]) + shift


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
