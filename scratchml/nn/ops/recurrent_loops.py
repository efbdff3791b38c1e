"""The steps of recurrent networks one after the other: what cannot be done for all rows at once.

The equations are those of `scratchml.nn.ops.recurrent`; `a` (N, G H) comes with
W_ih x + b_ih + b_hh of every row, but without the b_hn of a GRU. The loops write into the arrays
that they are given:

=======================================================  =================================
rnn_loop(a, w_hh, h, order, relu)                        h
rnn_loop_back(dy, dh, h, w_hh, da, order, relu)          da (N, H), dh
lstm_loop(a, w_hh, h, c, order)                          a: i, f, g, o;  h, c
lstm_loop_back(dy, dh, dc, a, c, w_hh, da, order)        da (N, 4 H): i, f, g, o;  dh, dc
gru_loop(a, w_hh, b_hn, h, q, order)                     a: r, z, n;  h;  q (N, H)
gru_loop_back(dy, dh, a, q, h, w_hh, da, order)          da (N, 4 H): n, r, z, q;  dh
=======================================================  =================================

h and c are stacks (B + N, H), see `scratchml.nn.ops.recurrent_order`, with the given states in
their place; w_hh (G H, H); dy (N, H) is only read; dh and dc (B, H) come with the gradients of the
final states and leave with those of the given ones. All are C-contiguous and of one dtype.

An LSTM that projects its states (see there) has w_hr (P, H): h, dy and dh have P columns then, and
lstm_loop_back also fills dp (N, P), the gradients of the projected states of all rows.
"""

import numpy as np

from scratchml.nn.ops.smooth import sigmoid_forward, tanh_forward


def rnn_loop(a, w_hh, h, order, relu=False):
    """Compute the states of an Elman network."""
    now, y = _start(h, order), order.computed(h)
    for rows, n in _steps(order):
        v = a[rows] + now[:n] @ w_hh.T
        y[rows] = now[:n] = np.maximum(v, 0) if relu else tanh(v)


def rnn_loop_back(dy, dh, h, w_hh, da, order, relu=False):
    """Compute the gradients of W_ih x + b + W_hh h."""
    y = order.computed(h)
    for rows, n in _steps_back(order):
        dh[:n] += dy[rows]
        da[rows] = dh[:n] * (y[rows] > 0) if relu else dh[:n] * (1 - y[rows] * y[rows])
        dh[:n] = da[rows] @ w_hh


def lstm_loop(a, w_hh, h, c, order, w_hr=None):
    """Compute the gates, cells and states of an LSTM."""
    H = c.shape[1]
    now, cell = _start(h, order), _start(c, order)
    y, cells = order.computed(h), order.computed(c)
    for rows, n in _steps(order):
        v = a[rows]
        v += now[:n] @ w_hh.T
        g = tanh(v[:, 2 * H : 3 * H])
        v[...] = sigmoid(v)
        v[:, 2 * H : 3 * H] = g
        i, f, o = v[:, :H], v[:, H : 2 * H], v[:, 3 * H :]
        cells[rows] = cell[:n] = f * cell[:n] + i * g
        m = o * tanh(cell[:n])
        y[rows] = now[:n] = m if w_hr is None else m @ w_hr.T


def lstm_loop_back(dy, dh, dc, a, c, w_hh, da, order, w_hr=None, dp=None):
    """Compute the gradients of W_ih x + b + W_hh h."""
    cells, before = order.computed(c), order.before(c)
    for rows, n in _steps_back(order):
        i, f, g, o = np.split(a[rows], 4, axis=1)
        dm = dh[:n]
        dm += dy[rows]
        if w_hr is not None:
            dp[rows] = dm
            dm = dm @ w_hr
        t = tanh(cells[rows])
        dcell = dc[:n]
        dcell += dm * o * (1 - t * t)
        di = dcell * g * i * (1 - i)
        df = dcell * before[rows] * f * (1 - f)
        dg = dcell * i * (1 - g * g)
        do = dm * t * o * (1 - o)
        np.concatenate((di, df, dg, do), axis=1, out=da[rows])
        dcell *= f
        dh[:n] = da[rows] @ w_hh


def gru_loop(a, w_hh, b_hn, h, q, order):
    """Compute the gates and states of a GRU, and q = W_hn h + b_hn."""
    H = h.shape[1]
    now, y = _start(h, order), order.computed(h)
    for rows, n in _steps(order):
        v, s = a[rows], now[:n] @ w_hh.T
        v[:, : 2 * H] = sigmoid(v[:, : 2 * H] + s[:, : 2 * H])
        q[rows] = s[:, 2 * H :] + b_hn
        v[:, 2 * H :] = tanh(v[:, 2 * H :] + v[:, :H] * q[rows])
        _, z, new = np.split(v, 3, axis=1)
        y[rows] = now[:n] = new + z * (now[:n] - new)


def gru_loop_back(dy, dh, a, q, h, w_hh, da, order):
    """Compute the gradients of W_in x + b_in, of what r and z are made of, and of q."""
    H, before = h.shape[1], order.before(h)
    for rows, n in _steps_back(order):
        r, z, new = np.split(a[rows], 3, axis=1)
        dh[:n] += dy[rows]
        dn = dh[:n] * (1 - z) * (1 - new * new)
        dr = dn * q[rows] * r * (1 - r)
        dz = dh[:n] * (before[rows] - new) * z * (1 - z)
        np.concatenate((dn, dr, dz, dn * r), axis=1, out=da[rows])
        dh[:n] *= z
        dh[:n] += da[rows, H:] @ w_hh


def sigmoid(v):
    """Return 1 / (1 + exp(-v))."""
    return sigmoid_forward(v)[0]


def tanh(v):
    """Return tanh(v)."""
    return tanh_forward(v)[0]


def _start(stack, order):
    """Return a copy of the given states, to be changed step by step."""
    return stack[order.given : order.given + order.batch].copy()


def _steps(order):
    """Return the rows, and how many, of each step in the order of processing."""
    return [
        (slice(start, start + size), size)
        for start, size in zip(order.starts.tolist(), order.sizes.tolist(), strict=True)
    ]


def _steps_back(order):
    return reversed(_steps(order))
