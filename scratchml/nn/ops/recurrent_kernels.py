"""Compiled steps of recurrent networks: what `scratchml.nn.ops.recurrent_loops` says, faster.

A thread takes some sequences of the batch through all steps, GROUP of them at a time:

    v = a + W_hh h        a product (`scratchml.nn.ops.product_strips`), for GROUP rows
    gates, cells, states  row by row, in loops over H numbers

The states of its sequences, and the rows v, stay in the inner caches, and each strip of W_hh is
read once for them. No thread waits for another, and a row comes to the same numbers whichever
other rows are computed with it. Backwards likewise: the gradients of a group, then dh = W_hh' da.

The cell of an LSTM is written out in vector instructions (`scratchml._core.jit_gates`). Loops over
more than five arrays are not vectorised: so those of the others have few, and what is computed in
two of them takes less time than it would in one.
"""

from scratchml._core.jit import jit
from scratchml._core.jit_gates import lstm_cell, lstm_cell_back, sigmoids, tanhs
from scratchml._core.jit_moves import clear, copy
from scratchml.nn.ops.product_strips import add_rows, lay_strips

GROUP = 64  # rows, a multiple of the rows of a tile

# Of the integers that each kernel takes: the sequences from low to high, the rows of the stacks
# where the given states and the computed ones begin, the columns of a strip and of a vector.


@jit("void(const T[:, ::1], T[::1], int64, int64, int64)")
def lay_weights(w, strips, forwards, width, lane):
    """Write W' (forwards) or W in strips."""
    rows, columns = w.shape
    if forwards:
        lay_strips(strips, 0, w.reshape(-1), 0, columns, False, rows, columns, width, lane)
    else:
        lay_strips(strips, 0, w.reshape(-1), 0, columns, True, columns, rows, width, lane)


@jit("void(T[:, ::1], const T[::1], T[:, ::1], T[:, ::1], const int64[:, ::1], const int64[::1], T[::1])")  # fmt: skip # noqa: E501
def lstm_steps(a, strips, h, c, steps, numbers, work):
    """Compute the gates in a, the cells and the states."""
    low, high, given, made, width, lane = numbers
    G, H = a.shape[1], h.shape[1]
    part = (G + lane - 1) // lane * lane
    states = (high - low + 7) // 8 * 8 * H
    v, now, cells = work[2 * states :], work, work[states:]
    _begin(now, h, given + low, given + high)
    _begin(cells, c, given + low, given + high)
    for s in range(len(steps)):
        start, stop = steps[s, 0], min(high, steps[s, 1])
        for b in range(low, stop, GROUP):
            tall = min(GROUP, stop - b)
            for r in range(tall):
                copy(v, r * part, a[start + b + r], 0, G)
            add_rows(v, 0, part, now, (b - low) * H, 1, H, strips, 0, tall, G, H, width, lane)
            for r in range(tall):
                row, at = start + b + r, (b - low + r) * H
                lstm_cell(a[row], 0, v, r * part, cells, at, c[made + row], 0, h[made + row], 0, now, at, H)  # fmt: skip # noqa: E501


@jit("void(const T[:, ::1], T[:, ::1], T[:, ::1], const T[:, ::1], const T[:, ::1], const T[::1], T[:, ::1], const int64[::1], const int64[:, ::1], const int64[::1], T[::1])")  # fmt: skip # noqa: E501
def lstm_steps_back(dy, dh, dc, a, c, strips, da, previous, steps, numbers, work):
    """Compute da, and the gradients of the given states and cells in dh and dc."""
    low, high, _given, made, width, lane = numbers
    G, H = a.shape[1], dh.shape[1]
    part = (H + lane - 1) // lane * lane
    tile = (min(GROUP, high - low) + 7) // 8 * 8
    d = work[tile * part :]
    for s in range(len(steps) - 1, -1, -1):
        start, stop = steps[s, 0], min(high, steps[s, 1])
        for b in range(low, stop, GROUP):
            tall = min(GROUP, stop - b)
            for r in range(tall):
                row = start + b + r
                lstm_cell_back(da[row], 0, d, r * G, a[row], 0, c[made + row], 0, c[previous[row]], 0, dy[row], 0, dh[b + r], 0, dc[b + r], 0, H)  # fmt: skip # noqa: E501
            clear(work, 0, tall * part)
            add_rows(work, 0, part, d, 0, 1, G, strips, 0, tall, H, G, width, lane)
            for r in range(tall):
                copy(dh[b + r], 0, work, r * part, H)


@jit("void(T[:, ::1], const T[::1], const T[::1], T[:, ::1], T[:, ::1], const int64[:, ::1], const int64[::1], T[::1])")  # fmt: skip # noqa: E501
def gru_steps(a, strips, b_hn, h, q, steps, numbers, work):
    """Compute the gates in a, the states, and q = W_hn h + b_hn."""
    low, high, given, made, width, lane = numbers
    G, H = a.shape[1], h.shape[1]
    part = (G + lane - 1) // lane * lane
    v, now = work[(high - low + 7) // 8 * 8 * H :], work
    _begin(now, h, given + low, given + high)
    for s in range(len(steps)):
        start, stop = steps[s, 0], min(high, steps[s, 1])
        for b in range(low, stop, GROUP):
            tall = min(GROUP, stop - b)
            for r in range(tall):
                copy(v, r * part, a[start + b + r], 0, 2 * H)
                copy(v, r * part + 2 * H, b_hn, 0, H)
            add_rows(v, 0, part, now, (b - low) * H, 1, H, strips, 0, tall, G, H, width, lane)
            for r in range(tall):
                row, at = start + b + r, (b - low + r) * H
                gates, y = a[row], h[made + row]
                new = gates[2 * H :]
                copy(q[row], 0, v, r * part + 2 * H, H)
                sigmoids(gates, 0, v, r * part, 2 * H)
                _add_product(gates[:H], q[row], new)
                tanhs(new, 0, new, 0, H)
                _mix(gates[H : 2 * H], new, now[at : at + H])
                copy(y, 0, now, at, H)


@jit("void(const T[:, ::1], T[:, ::1], const T[:, ::1], const T[:, ::1], const T[:, ::1], const T[::1], T[:, ::1], const int64[::1], const int64[:, ::1], const int64[::1], T[::1])")  # fmt: skip # noqa: E501
def gru_steps_back(dy, dh, a, q, h, strips, da, previous, steps, numbers, work):
    """Compute da (n, r, z, q), and the gradients of the given states in dh."""
    low, high, _given, _made, width, lane = numbers
    G, H = da.shape[1], dh.shape[1]
    part = (H + lane - 1) // lane * lane
    tile = (min(GROUP, high - low) + 7) // 8 * 8
    d, t = work[tile * part :], work[tile * (part + G) :]
    for s in range(len(steps) - 1, -1, -1):
        start, stop = steps[s, 0], min(high, steps[s, 1])
        for b in range(low, stop, GROUP):
            tall = min(GROUP, stop - b)
            for r in range(tall):
                row, dm = start + b + r, dh[b + r]
                gates, dv = a[row], d[r * G : r * G + G]
                z, new = gates[H : 2 * H], gates[2 * H :]
                _add(dy[row], dm)
                _share(dm, z, t[:H])
                _through_tanh_alone(t[:H], new, dv[:H])
                _through_sigmoid(dv[:H], q[row], gates[:H], dv[H : 2 * H])
                _difference(h[previous[row]], new, t[:H])
                _through_sigmoid(dm, t[:H], z, dv[2 * H : 3 * H])
                _multiply(dv[:H], gates[:H], dv[3 * H :])
                _scale(z, dm)
                copy(work, r * part, dm, 0, H)
                copy(da[row], 0, dv, 0, G)
            add_rows(work, 0, part, d, H, 1, G, strips, 0, tall, H, 3 * H, width, lane)
            for r in range(tall):
                copy(dh[b + r], 0, work, r * part, H)


@jit("void(const T[:, ::1], const T[::1], T[:, ::1], const int64[:, ::1], const int64[::1], T[::1], int64)")  # fmt: skip # noqa: E501
def rnn_steps(a, strips, h, steps, numbers, work, relu):
    """Compute the states of an Elman network."""
    low, high, given, made, width, lane = numbers
    H = h.shape[1]
    part = (H + lane - 1) // lane * lane
    v, now = work[(high - low + 7) // 8 * 8 * H :], work
    _begin(now, h, given + low, given + high)
    for s in range(len(steps)):
        start, stop = steps[s, 0], min(high, steps[s, 1])
        for b in range(low, stop, GROUP):
            tall = min(GROUP, stop - b)
            for r in range(tall):
                copy(v, r * part, a[start + b + r], 0, H)
            add_rows(v, 0, part, now, (b - low) * H, 1, H, strips, 0, tall, H, H, width, lane)
            for r in range(tall):
                y = h[made + start + b + r]
                if relu:
                    _rectify(v[r * part : r * part + H], y)
                else:
                    tanhs(y, 0, v, r * part, H)
                copy(now, (b - low + r) * H, y, 0, H)


@jit("void(const T[:, ::1], T[:, ::1], const T[:, ::1], const T[::1], T[:, ::1], const int64[:, ::1], const int64[::1], T[::1], int64)")  # fmt: skip # noqa: E501
def rnn_steps_back(dy, dh, h, strips, da, steps, numbers, work, relu):
    """Compute da, and the gradients of the given states in dh."""
    low, high, _given, made, width, lane = numbers
    H = dh.shape[1]
    part = (H + lane - 1) // lane * lane
    d = work[(min(GROUP, high - low) + 7) // 8 * 8 * part :]
    for s in range(len(steps) - 1, -1, -1):
        start, stop = steps[s, 0], min(high, steps[s, 1])
        for b in range(low, stop, GROUP):
            tall = min(GROUP, stop - b)
            for r in range(tall):
                row, dm = start + b + r, dh[b + r]
                _add(dy[row], dm)
                if relu:
                    _where_positive(dm, h[made + row], d[r * H : r * H + H])
                else:
                    _through_tanh_alone(dm, h[made + row], d[r * H : r * H + H])
                copy(da[row], 0, d, r * H, H)
            clear(work, 0, tall * part)
            add_rows(work, 0, part, d, 0, 1, H, strips, 0, tall, H, H, width, lane)
            for r in range(tall):
                copy(dh[b + r], 0, work, r * part, H)


@jit
def _begin(to, stack, start, stop):
    for b in range(start, stop):
        copy(to, (b - start) * stack.shape[1], stack[b], 0, stack.shape[1])


@jit
def _rectify(x, y):
    zero = y.dtype.type(0)
    for j in range(len(y)):
        y[j] = zero if x[j] < zero else x[j]


@jit
def _scale(factor, y):
    for j in range(len(y)):
        y[j] *= factor[j]


@jit
def _multiply(a, b, y):
    for j in range(len(y)):
        y[j] = a[j] * b[j]


@jit
def _add(x, y):
    for j in range(len(y)):
        y[j] += x[j]


@jit
def _add_product(a, b, y):
    for j in range(len(y)):
        y[j] += a[j] * b[j]


@jit
def _difference(a, b, y):
    for j in range(len(y)):
        y[j] = a[j] - b[j]


@jit
def _mix(z, new, h):
    """Compute h = (1 - z) n + z h."""
    for j in range(len(h)):
        h[j] = new[j] + z[j] * (h[j] - new[j])


@jit
def _share(dy, z, dx):
    """Compute dx = dy (1 - z)."""
    one = dx.dtype.type(1)
    for j in range(len(dx)):
        dx[j] = dy[j] * (one - z[j])


@jit
def _through_sigmoid(dy, factor, y, dx):
    """Compute dx = dy factor y (1 - y)."""
    one = dx.dtype.type(1)
    for j in range(len(dx)):
        dx[j] = dy[j] * factor[j] * y[j] * (one - y[j])


@jit
def _through_tanh_alone(dy, y, dx):
    """Compute dx = dy (1 - y^2)."""
    one = dx.dtype.type(1)
    for j in range(len(dx)):
        dx[j] = dy[j] * (one - y[j] * y[j])


@jit
def _where_positive(dy, y, dx):
    zero = dx.dtype.type(0)
    for j in range(len(dx)):
        dx[j] = dy[j] if y[j] > zero else zero
