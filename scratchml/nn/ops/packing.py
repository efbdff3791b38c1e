"""Sequences of different lengths, side by side with padding or packed without: rows that move.

    take    y_n = x_(i_n)                     dx = put(dy)         padded to packed
    put     y_(i_n) = x_n, y = v elsewhere    dx = take(dy)        packed to padded
    pad     y_bt = (x_b)_t, y = v behind it   dx_b = dy_b(1..L_b)  sequences to padded

No index occurs twice, so that each of take and put is the transpose of the other. x (R, ...) has
rows of any shape, i (N,) are numbers of rows.
"""

import numpy as np


def take_rows_forward(x, index):
    """Return x[index], x being (B, T, ...) or (T, B, ...) whose first two axes count as one."""
    shape = x.shape
    return x.reshape(-1, *shape[2:])[index], (index, shape)


def take_rows_backward(dy, cache):
    """Return dy in the places where its rows came from, zeros elsewhere."""
    index, shape = cache
    dx = np.zeros((shape[0] * shape[1], *shape[2:]), dy.dtype)
    dx[index] = dy
    return dx.reshape(shape)


def put_rows_forward(x, index, sizes, value=0.0):
    """Return an array (*sizes, ...) with the rows of x in the places `index`, `value` elsewhere."""
    y = np.full((sizes[0] * sizes[1], *x.shape[1:]), value, x.dtype)
    y[index] = x
    return y.reshape(*sizes, *x.shape[1:]), index


def put_rows_backward(dy, index):
    """Return the rows of dy that came from x."""
    return dy.reshape(-1, *dy.shape[2:])[index]


def pad_forward(*xs, batch_first=False, value=0.0, left=False):
    """Return sequences (L_b, ...) as an array (T, B, ...), or (B, T, ...), T the longest of them.

    Parameters
    ----------
    *xs : ndarray of shape (L_b, ...)
        The sequences.
    batch_first : bool
        Whether the axis of the sequences comes first.
    value : float
        What is put behind, or before, those that are shorter.
    left : bool
        Whether it is put before.
    """
    lengths = [len(x) for x in xs]
    y = np.full((len(xs), max(lengths), *xs[0].shape[1:]), value, xs[0].dtype)
    for b, x in enumerate(xs):
        y[b, _part(y.shape[1], len(x), left)] = x
    if not batch_first:
        y = np.ascontiguousarray(y.swapaxes(0, 1))
    return y, (lengths, batch_first, left)


def pad_backward(dy, cache, needs=None):
    """Return the part of dy that belongs to each sequence."""
    lengths, batch_first, left = cache
    rows = dy if batch_first else dy.swapaxes(0, 1)
    parts = [rows[b, _part(rows.shape[1], length, left)].copy() for b, length in enumerate(lengths)]
    return parts[0] if needs is None else tuple(parts)


def _part(total, length, left):
    return slice(total - length, total) if left else slice(0, length)
