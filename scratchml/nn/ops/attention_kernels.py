"""The loops of `scratchml.nn.ops.attention_tiles`.

Each takes pairs of a batch entry and a head of the keys, one after another. All arrays come flat,
with where they begin and the distances between entries, heads and rows in `numbers`; `work` is
scratch that a pair divides as its first lines say. A block of S is kept transposed, S'[key, query],
with as many queries side by side as a strip is wide: so that a maximum over keys is one of vectors.
"""

import numpy as np

from scratchml._core.elementary import exp
from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.jit_columns import column_exp, column_max, column_pull
from scratchml._core.jit_moves import clear, copy, transpose
from scratchml.nn.ops.product_strips import add_rows, lay_strips, tile

KEYS = 128  # in a block of S; a multiple of the rows of a tile


@jit("void(const T[::1], const T[::1], const T[::1], const T[::1], T[::1], T[::1], const int64[::1], T[::1], T)")  # fmt: skip # noqa: E501
def attend(q, k, v, bias, y, lse, numbers, work, scale):
    """Compute Y and the logarithms of the sums of exp(S), for the pairs first to stop."""
    first, stop, heads, group, L, S, E, Ev, causal, width, lane = numbers[:11]
    of_q, of_k, of_v = numbers[11:14], numbers[14:17], numbers[17:20]
    of_y, of_bias = numbers[20:23], numbers[23:27]
    wide = (Ev + lane - 1) // lane * lane
    keys, values = 0, (S + 7) // 8 * 8 * E
    queries = values + S * wide
    block = queries + E * width
    out = block + KEYS * width
    rows = (width + 7) // 8 * 8  # those of the tiles that are added to out
    top = out + rows * wide
    for pair in range(first, stop):
        b, h = pair // heads, pair % heads
        _copy_rows(work, keys, k, b * of_k[0] + h * of_k[1], of_k[2], S, E)
        lay_strips(work, values, v, b * of_v[0] + h * of_v[1], of_v[2], True, Ev, S, width, lane)
        for one in range(h * group, h * group + group):
            at, to = b * of_q[0] + one * of_q[1], b * of_y[0] + one * of_y[1]
            for i in range(0, L, width):
                n = min(width, L - i)
                _lay_columns(work, queries, q, at + i * of_q[2], of_q[2], n, E, width, lane)
                _scale(work[queries : queries + E * width], scale)
                clear(work, out, rows * wide + 2 * width)
                for j in range(width):
                    work[top + j] = -np.inf
                for s in range(0, _end(i, n, S, causal), KEYS):
                    count = min(KEYS, _end(i, n, S, causal) - s)
                    _multiply(work, block, keys + s * E, queries, count, E, width, lane)
                    _hide(work, block, bias, b, one, of_bias, i, s, n, count, causal, width)
                    _renew(work, top, block, count, out, wide, width)
                    for r in range(0, width, 8):
                        _add(work, out + r * wide, wide, block + r, width, 1, values, s, Ev, S, count, width, lane)  # fmt: skip # noqa: E501
                _finish(work, top, out, wide, width, lse, (b * heads * group + one) * L + i, n)
                for r in range(n):
                    copy(y, to + (i + r) * of_y[2], work, out + r * wide, Ev)


@jit("void(const T[::1], const T[::1], const T[::1], const T[::1], const T[::1], const T[::1], const T[::1], T[::1], T[::1], T[::1], const int64[::1], T[::1], T)")  # fmt: skip # noqa: E501
def attend_back(q, k, v, bias, y, dy, lse, dq, dk, dv, numbers, work, scale):
    """Compute dQ, dK and dV, for the pairs first to stop."""
    first, stop, heads, group, L, S, E, Ev, causal, width, lane = numbers[:11]
    of_q, of_k, of_v = numbers[11:14], numbers[14:17], numbers[17:20]
    of_y, of_bias, of_dy = numbers[20:23], numbers[23:27], numbers[27:30]
    wide_e, wide = (E + lane - 1) // lane * lane, (Ev + lane - 1) // lane * lane
    tall = (S + 7) // 8 * 8
    keys, values = 0, tall * E
    strips = values + tall * Ev
    dkeys = strips + S * wide_e
    dvalues = dkeys + tall * wide_e
    queries = dvalues + tall * wide
    rows = queries + E * width
    columns_dy = rows + width * wide_e
    rows_dy = columns_dy + Ev * width
    p = rows_dy + width * wide
    ds = p + KEYS * width
    dqueries = ds + KEYS * width
    tiled = (width + 7) // 8 * 8
    top = dqueries + tiled * wide_e
    for pair in range(first, stop):
        b, h = pair // heads, pair % heads
        at_k, at_v = b * of_k[0] + h * of_k[1], b * of_v[0] + h * of_v[1]
        _copy_rows(work, keys, k, at_k, of_k[2], S, E)
        _copy_rows(work, values, v, at_v, of_v[2], S, Ev)
        lay_strips(work, strips, k, at_k, of_k[2], True, E, S, width, lane)
        clear(work, dkeys, tall * (wide_e + wide))
        for one in range(h * group, h * group + group):
            for i in range(0, L, width):
                n = min(width, L - i)
                at = b * of_q[0] + one * of_q[1] + i * of_q[2]
                at_dy = b * of_dy[0] + one * of_dy[1] + i * of_dy[2]
                at_y = b * of_y[0] + one * of_y[1] + i * of_y[2]
                _lay_columns(work, queries, q, at, of_q[2], n, E, width, lane)
                _scale(work[queries : queries + E * width], scale)
                lay_strips(work, rows, q, at, of_q[2], True, E, n, width, lane)
                _lay_columns(work, columns_dy, dy, at_dy, of_dy[2], n, Ev, width, lane)
                lay_strips(work, rows_dy, dy, at_dy, of_dy[2], True, Ev, n, width, lane)
                clear(work, dqueries, tiled * wide_e + 3 * width)
                for r in range(n):
                    work[top + r] = lse[((b * heads * group) + one) * L + i + r]
                    if work[top + r] == -np.inf:
                        work[top + r] = 0
                    mine, its = at_y + r * of_y[2], at_dy + r * of_dy[2]
                    work[top + width + r] = _dot(y[mine : mine + Ev], dy[its : its + Ev])
                for s in range(0, _end(i, n, S, causal), KEYS):
                    count = min(KEYS, _end(i, n, S, causal) - s)
                    _multiply(work, p, keys + s * E, queries, count, E, width, lane)
                    _hide(work, p, bias, b, one, of_bias, i, s, n, count, causal, width)
                    column_exp(work, top + 2 * width, work, top, work, p, width, count)
                    _multiply(work, ds, values + s * Ev, columns_dy, count, Ev, width, lane)
                    column_pull(work, ds, work, p, work, top + width, width, count)
                    add_rows(work, dvalues + s * wide, wide, work, p, 1, width, work, rows_dy, count, Ev, n, width, lane)  # fmt: skip # noqa: E501
                    add_rows(work, dkeys + s * wide_e, wide_e, work, ds, 1, width, work, rows, count, E, n, width, lane)  # fmt: skip # noqa: E501
                    for r in range(0, width, 8):
                        _add(work, dqueries + r * wide_e, wide_e, ds + r, width, 1, strips, s, E, S, count, width, lane)  # fmt: skip # noqa: E501
                _scale(work[dqueries : dqueries + width * wide_e], scale)
                for r in range(n):
                    copy(dq, ((b * L + i + r) * heads * group + one) * E, work, dqueries + r * wide_e, E)  # fmt: skip # noqa: E501
        _scale(work[dkeys : dkeys + tall * wide_e], scale)
        for r in range(S):
            copy(dk, ((b * S + r) * heads + h) * E, work, dkeys + r * wide_e, E)
            copy(dv, ((b * S + r) * heads + h) * Ev, work, dvalues + r * wide, Ev)


@jit
def _end(i, n, S, causal):
    """Return how many keys the queries i to i + n see, in whole tiles."""
    return min(S, (i + n + 7) // 8 * 8) if causal else S


@jit
def _copy_rows(work, to, x, at, pitch, count, size):
    for r in range(count):
        copy(work, to + r * size, x, at + r * pitch, size)


@jit
def _lay_columns(work, to, x, at, pitch, n, size, width, lane):
    """Write X' (size, width) of n rows, the columns from n on zeros."""
    if n < width:
        clear(work, to, size * width)
    for r in range(0, n, lane):
        e = 0
        if n - r >= lane:
            while e + lane <= size:
                transpose(work, to + e * width + r, width, x, at + r * pitch + e, pitch)
                e += lane
        for c in range(r, min(r + lane, n)):
            for f in range(e, size):
                work[to + f * width + c] = x[at + c * pitch + f]


@jit
def _multiply(work, block, rows, columns, count, depth, width, lane):
    """Compute the block A B of `count` rows of A and `width` columns of B."""
    clear(work, block, (count + 7) // 8 * 8 * width)
    add_rows(work, block, width, work, rows, 1, depth, work, columns, count, width, depth, width, lane)  # fmt: skip # noqa: E501


@jit
def _add(work, out, pitch, a, ka, ra, strips, start, n, depth, count, width, lane):
    """Add A B to eight rows of out: `count` rows of the `depth` that lie in strips, from start."""
    for j in range(0, n, width):
        wide = min(width, n - j)
        at = strips + j * depth + start * ((wide + lane - 1) // lane * lane)
        tile(work, out + j, pitch, work, out + j, pitch, work, a, ka, ra, work, at, wide, count, width, lane)  # fmt: skip # noqa: E501


@jit
def _hide(work, block, bias, b, h, of_bias, i, s, n, count, causal, width):
    """Add the bias to a block of S', and hide the future."""
    if len(bias):
        at = b * of_bias[0] + h * of_bias[1] + i * of_bias[2] + s * of_bias[3]
        for c in range(count):
            row = work[block + c * width : block + c * width + n]
            if of_bias[2] == 0:
                _add_number(row, bias[at + c * of_bias[3]])
            else:
                for j in range(n):
                    row[j] += bias[at + j * of_bias[2] + c * of_bias[3]]
    if causal:
        for c in range(max(0, i + 1 - s), count):
            for j in range(min(width, s + c - i)):
                work[block + c * width + j] = -np.inf


@jit
def _renew(work, top, block, count, out, wide, width):
    """Turn a block of S' into exp(S' - m), m the largest so far, and bring sums and out to it."""
    new, factor = top + 2 * width, top + 3 * width
    copy(work, new, work, top, width)
    column_max(work, new, work, block, width, count)
    for j in range(width):
        largest = work[new + j]
        work[factor + j] = work[top + j] - largest if largest > -np.inf else largest
        work[top + j] = largest
        if largest == -np.inf:
            work[new + j] = 0
    _exp(work[factor : factor + width])
    for j in range(width):
        work[top + width + j] *= work[factor + j]
        if work[factor + j] != 1:
            _scale(work[out + j * wide : out + j * wide + wide], work[factor + j])
    column_exp(work, top + width, work, new, work, block, width, count)


@jit
def _finish(work, top, out, wide, width, lse, at, n):
    """Divide by the sums, and write down their logarithms."""
    for j in range(n):
        total = work[top + width + j]
        lse[at + j] = work[top + j] + np.log(total)
        if total != 0:
            _scale(work[out + j * wide : out + j * wide + wide], 1 / total)


@jit
def _exp(x):
    for j in range(len(x)):
        x[j] = exp(x[j])


@jit
def _add_number(x, number):
    for j in range(len(x)):
        x[j] += number


@jit
def _scale(x, factor):
    for j in range(len(x)):
        x[j] *= factor


@jit(fastmath=NAN_SAFE_FASTMATH)
def _dot(x, y):
    total = x.dtype.type(0)
    for j in range(len(x)):
        total += x[j] * y[j]
    return total
