"""Recurrent layers over whole sequences: Elman network, LSTM and GRU, with their gradients.

With x the input and h the state before, of one sequence at one step, s(v) = 1 / (1 + exp(-v)):

    RNN     h' = tanh(a),  or max(a, 0)          a = W_ih x + b_ih + W_hh h + b_hh

    LSTM    i = s(a_i)   f = s(a_f)   g = tanh(a_g)   o = s(a_o)       a as above, four times
            c' = f c + i g
            h' = o tanh(c')                      with projection  h' = W_hr (o tanh(c'))

    GRU     r = s(a_r)   z = s(a_z)                                    a as above, twice
            q = W_hn h + b_hn
            n = tanh(W_in x + b_in + r q)
            h' = (1 - z) n + z h

Back-propagation through time goes through the steps from the last to the first. With dh the
gradient that reaches h' from outside (dy) and from the step after, and dc the same for c':

    RNN     da = dh (1 - h'^2),  or dh where h' > 0

    LSTM    do = dh tanh(c')     dc += dh o (1 - tanh(c')^2)    (dh W_hr instead of dh if projected)
            di = dc g            df = dc c         dg = dc i         dc for the step before: dc f
            da_i = di i (1 - i)  da_f, da_o alike  da_g = dg (1 - g^2)

    GRU     da_n = dh (1 - z) (1 - n^2)            dq = da_n r
            da_r = da_n q r (1 - r)                da_z = dh (h - n) z (1 - z)

    dh for the step before = W_hh' da              (GRU: W_hh' (da_r, da_z, dq) + dh z)

What can be done for all rows at once is: one product before the steps, and after those back

    dx = da W_ih    dW_ih = da' x    dW_hh = da' h    db = da' 1    dW_hr = dh' (o tanh(c')).

Shapes: x (N, I) and y (N, H) hold the rows of all sequences and steps, in the order (`Order`) that
`scratchml.nn.ops.recurrent_order` describes; W_ih (G H, I), W_hh (G H, H), b (G H,) with the gates
in the order of the equations, G = 1, 4, 3; h0, c0, hn, cn (B, H) with a row for each sequence;
W_hr (P, H), with which y, h0 and hn have P columns. The steps are `recurrent_loops`, or, compiled,
`recurrent_compiled`.

References: J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990; S. Hochreiter,
J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, with the forget gate of
F. Gers, J. Schmidhuber, F. Cummins 2000; H. Sak, A. Senior, F. Beaufays, "Long short-term memory
based recurrent neural network architectures", 2014, eq. 1-8 (projection); K. Cho et al., "Learning
phrase representations using RNN encoder-decoder", 2014, eq. 5-8, with r after the product as in the
first version of arXiv 1406.1078; P. Werbos, "Backpropagation through time", Proc. IEEE 78, 1990.
"""

import numpy as np

from scratchml.nn.ops import recurrent_compiled, recurrent_loops
from scratchml.nn.ops.linear import linear_backward, linear_forward


def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh, order, relu=False):
    """Return (y, hn) of an Elman network and what the backward half needs.

    Parameters
    ----------
    x : ndarray of shape (N, I)
        Rows, step by step.
    h0 : ndarray of shape (B, H) or None
        States to begin with; None stands for zeros.
    w_ih, w_hh : ndarray of shape (H, I) and (H, H)
        Weights of the input and of the state.
    b_ih, b_hh : ndarray of shape (H,) or None
        Added to each.
    order : Order
        Which rows belong to which step.
    relu : bool
        Whether max(a, 0) takes the place of tanh(a).
    """
    h = order.stack(h0, w_hh.shape[1], x.dtype)
    a = _inputs(x, w_ih, b_ih, b_hh)
    _loops(a).rnn_loop(a, w_hh, h, order, relu)
    return (order.computed(h), order.final(h)), (x, w_ih, w_hh, h, order, relu)


def rnn_backward(dys, cache, needs=(True,) * 6):
    """Return dx, dh0, dW_ih, dW_hh, db_ih, db_hh from the gradients of y and hn."""
    x, w_ih, w_hh, h, order, relu = cache
    dy, dh = _incoming(dys, h, order)
    da = np.empty((order.rows, len(w_hh)), x.dtype)
    _loops(da).rnn_loop_back(dy, dh, h, w_hh, da, order, relu)
    dx, dw_ih, db = linear_backward(da, (x, w_ih), (needs[0], needs[2], needs[4] or needs[5]))
    dw_hh = _of_states(da, h, w_hh, order, needs[3])
    return dx, dh, dw_ih, dw_hh, *_twice(db, *needs[4:6])


def lstm_forward(x, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr=None, *, order):
    """Return (y, hn, cn) of an LSTM and what the backward half needs.

    Parameters
    ----------
    x : ndarray of shape (N, I)
        Rows, step by step.
    h0, c0 : ndarray of shape (B, P or H) and (B, H), or None
        States and cells to begin with; None stands for zeros.
    w_ih, w_hh : ndarray of shape (4 H, I) and (4 H, P or H)
        Weights of the input and of the state, for i, f, g, o.
    b_ih, b_hh : ndarray of shape (4 H,) or None
        Added to each.
    w_hr : ndarray of shape (P, H) or None
        Projects the states.
    order : Order
        Which rows belong to which step.
    """
    h = order.stack(h0, w_hh.shape[1], x.dtype)
    c = order.stack(c0, len(w_hh) // 4, x.dtype)
    a = _inputs(x, w_ih, b_ih, b_hh)
    _loops(a, w_hr).lstm_loop(a, w_hh, h, c, order, w_hr)
    outputs = order.computed(h), order.final(h), order.final(c)
    return outputs, (x, w_ih, w_hh, w_hr, h, c, a, order)


def lstm_backward(dys, cache, needs=(True,) * 8):
    """Return dx, dh0, dc0, dW_ih, dW_hh, db_ih, db_hh, dW_hr from those of y, hn and cn."""
    x, w_ih, w_hh, w_hr, h, c, a, order = cache
    dy, dh = _incoming(dys, h, order)
    dc = np.zeros((order.batch, c.shape[1]), c.dtype) if dys[2] is None else dys[2].copy()
    da = np.empty(a.shape, a.dtype)
    dp = None if w_hr is None else np.empty(dy.shape, dy.dtype)
    _loops(a, w_hr).lstm_loop_back(dy, dh, dc, a, c, w_hh, da, order, w_hr, dp)
    dx, dw_ih, db = linear_backward(da, (x, w_ih), (needs[0], needs[3], needs[5] or needs[6]))
    dw_hh = _of_states(da, h, w_hh, order, needs[4])
    dw_hr = None
    if w_hr is not None and needs[7]:
        m = a[:, 3 * c.shape[1] :] * np.tanh(order.computed(c))
        dw_hr = linear_backward(dp, (m, w_hr), (False, True, False))[1]
    gradients = dx, dh, dc, dw_ih, dw_hh, *_twice(db, *needs[5:7]), dw_hr
    return gradients[: len(needs)]  # the forward half may have been called without w_hr


def gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh, order):
    """Return (y, hn) of a GRU and what the backward half needs.

    Parameters
    ----------
    x : ndarray of shape (N, I)
        Rows, step by step.
    h0 : ndarray of shape (B, H) or None
        States to begin with; None stands for zeros.
    w_ih, w_hh : ndarray of shape (3 H, I) and (3 H, H)
        Weights of the input and of the state, for r, z, n.
    b_ih, b_hh : ndarray of shape (3 H,) or None
        Added to each.
    order : Order
        Which rows belong to which step.
    """
    H = w_hh.shape[1]
    h = order.stack(h0, H, x.dtype)
    q = np.empty((order.rows, H), x.dtype)
    b_rz = np.zeros(3 * H, x.dtype) if b_hh is None else b_hh.copy()
    b_hn = b_rz[2 * H :].copy()
    b_rz[2 * H :] = 0
    a = _inputs(x, w_ih, b_ih, b_rz)
    _loops(a).gru_loop(a, w_hh, b_hn, h, q, order)
    return (order.computed(h), order.final(h)), (x, w_ih, w_hh, h, a, q, order)


def gru_backward(dys, cache, needs=(True,) * 6):
    """Return dx, dh0, dW_ih, dW_hh, db_ih, db_hh from the gradients of y and hn.

    da has the columns n, r, z, q: the first three belong to W_ih, whose rows are turned to that
    order and back, and the last three to W_hh.
    """
    x, w_ih, w_hh, h, a, q, order = cache
    dy, dh = _incoming(dys, h, order)
    H = h.shape[1]
    da = np.empty((order.rows, 4 * H), x.dtype)
    _loops(a).gru_loop_back(dy, dh, a, q, h, w_hh, da, order)
    turned = np.roll(w_ih, H, axis=0)
    dx, dw_ih, _ = linear_backward(da[:, : 3 * H], (x, turned), (needs[0], needs[2], False))
    dw_hh = _of_states(da[:, H:], h, w_hh, order, needs[3])
    db = np.add.reduce(da, axis=0)
    return (
        dx,
        dh,
        None if dw_ih is None else np.roll(dw_ih, -H, axis=0),
        dw_hh,
        np.roll(db[: 3 * H], -H) if needs[4] else None,
        db[H:] if needs[5] else None,
    )


def _loops(a, w_hr=None):
    return recurrent_compiled if recurrent_compiled.serves(a, w_hr) else recurrent_loops


def _inputs(x, w_ih, b_ih, b_hh):
    """Return W_ih x + b_ih + b_hh of every row."""
    b = b_ih + b_hh if b_ih is not None and b_hh is not None else b_ih if b_hh is None else b_hh
    return linear_forward(x, w_ih, b)[0]


def _incoming(dys, h, order):
    """Return dy (N, H), and dhn (B, H) as an array that may be changed."""
    dy = np.zeros((order.rows, h.shape[1]), h.dtype) if dys[0] is None else dys[0]
    dh = np.zeros((order.batch, h.shape[1]), h.dtype) if dys[1] is None else dys[1].copy()
    return np.ascontiguousarray(dy), dh


def _of_states(da, h, w_hh, order, wanted):
    """Return dW_hh = da' h, with the states before each row."""
    if not wanted:
        return None
    return linear_backward(da, (order.before(h), w_hh), (False, True, False))[1]


def _twice(db, first, second):
    """Return the gradient of b_ih + b_hh as that of each, arrays of their own."""
    return (db if first else None), (db.copy() if first and second else db if second else None)
