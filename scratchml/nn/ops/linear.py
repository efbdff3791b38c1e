"""Linear layers: y = x W' + b, and y_o = x1' W_o x2 + b_o of pairs.

With x (N, I), W (O, I), b (O,) and dy (N, O), from y_no = sum_i W_oi x_ni + b_o:

    dx = dy W          (N, I)
    dW = dy' x         (O, I)
    db = dy' 1         (O,)

Leading axes of x are taken together: (..., I) is (N, I) here. The sum over rows in db is a product
with a vector of ones, which BLAS does in less than half the time of ``dy.sum(0)``.
The bilinear form, with x1 (N, I), x2 (N, J), W (O, I, J):

    y_no = sum_ij x1_ni W_oij x2_nj + b_o
    dx1_ni = sum_oj dy_no W_oij x2_nj,    dx2 alike,    dW_oij = sum_n dy_no x1_ni x2_nj
"""

from functools import lru_cache

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml.nn.ops import linear_tiles
from scratchml.nn.ops.products import product

_ONE_ANYWAY = 1e4  # numbers, up to which BLAS does not think of threads


def linear_forward(x, w, b=None):
    """Return x W' + b and what the backward half needs.

    Parameters
    ----------
    x : ndarray of shape (..., I)
        Rows.
    w : ndarray of shape (O, I)
        Weights, a row for each output.
    b : ndarray of shape (O,) or None
        Added to each row.
    """
    if x.ndim == 2:
        if linear_tiles.serves(x, w):
            return linear_tiles.forward(x, w, b), (x, w)
        return product(x, w.T, b), (x, w)
    y = product(x.reshape(-1, w.shape[1]), w.T, b).reshape(x.shape[:-1] + w.shape[:1])
    return y, (x, w)


def linear_backward(dy, cache, needs=(True, True, True)):
    """Return dx, dW, db; None where `needs` is False."""
    x, w = cache
    shape = x.shape
    if dy.ndim == 2 and dy.flags.c_contiguous and linear_tiles.serves(x, w):
        return linear_tiles.backward(dy, x, w, needs)
    if dy.ndim != 2:
        x, dy = x.reshape(-1, w.shape[1]), dy.reshape(-1, w.shape[0])
    dx = product(dy, w) if needs[0] else None
    dw = product(dy.T, x) if needs[1] else None
    db = _column_sums(dy) if needs[2] else None
    if dx is not None and len(shape) != 2:
        dx = dx.reshape(shape)
    return dx, dw, db


def bilinear_forward(x1, x2, w, b=None):
    """Return x1' W_o x2 + b_o for each pair of rows: x1 (..., I), x2 (..., J), W (O, I, J)."""
    a = x1.reshape(-1, w.shape[1])  # (N, I)
    c = x2.reshape(-1, w.shape[2])  # (N, J)
    wc = np.matmul(w, c.T)  # (O, I, N): W_o x2
    y = (wc * a.T).sum(axis=1).T  # (N, O)
    y = np.add(y, 0 if b is None else b, order="C").reshape(*x1.shape[:-1], len(w))
    return y, (x1, x2, w)


def bilinear_backward(dy, cache, needs=(True, True, True, True)):
    """Return dx1, dx2, dW, db; None where `needs` is False."""
    x1, x2, w = cache
    a, c = x1.reshape(-1, w.shape[1]), x2.reshape(-1, w.shape[2])
    d = dy.reshape(-1, len(w))  # (N, O)
    da = dc = dw = None
    if needs[0]:
        da = (np.matmul(w, c.T) * d.T[:, None]).sum(axis=0).T.reshape(x1.shape)
    if needs[1]:
        dc = (np.matmul(w.transpose(0, 2, 1), a.T) * d.T[:, None]).sum(axis=0).T.reshape(x2.shape)
    if needs[2]:
        dw = np.matmul(a.T * d.T[:, None], c)  # (O, I, N) (N, J)
    return da, dc, dw, (_column_sums(d) if needs[3] else None)


def _column_sums(dy):
    """Return dy' 1; in one thread, since two read memory no faster and wait for each other."""
    if dy.size < _ONE_ANYWAY:
        return _ones(len(dy), dy.dtype).dot(dy)
    with one_blas_thread():
        return _ones(len(dy), dy.dtype).dot(dy)


@lru_cache(maxsize=16)
def _ones(n, dtype):
    ones = np.ones(n, dtype)
    ones.flags.writeable = False
    return ones
