"""Softmax and its logarithm along an axis.

With m = max(x) and s = sum_k exp(x_k - m), which lies between 1 and the number of classes n, so
that nothing overflows and the sum never vanishes (Blanchard, Higham & Higham 2021, "Accurately
computing the log-sum-exp and softmax functions", equations 1.3 and 3.8):

    p_j = exp(x_j - m) / s                 dx_j = p_j (dy_j - sum_k dy_k p_k)
    log p_j = (x_j - m) - log(s)           dx_j = dy_j - p_j sum_k dy_k

A row of which all are -inf has no maximum to subtract: it gives NaN.
"""

import numpy as np

from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import softmax_kernels as kernels
from scratchml.nn.ops.elementwise import compiled

_LARGE = 2**18  # numbers; below, one thread is done before a second one has woken


def softmax_forward(x, dim=-1):
    """Return exp(x) / sum(exp(x)), with sums along `dim`."""
    if compiled():
        y = _over_rows(kernels.softmax, (x,), dim)
    else:
        y = x - x.max(axis=dim, keepdims=True, initial=-np.inf)
        np.exp(y, out=y)
        y /= y.sum(axis=dim, keepdims=True)
    return y, (y, dim)


def softmax_backward(dy, cache):
    """Return y (dy - <dy, y>)."""
    y, dim = cache
    if compiled():
        return _over_rows(kernels.softmax_gradient, (dy, y), dim)
    return y * (dy - (dy * y).sum(axis=dim, keepdims=True))


def log_softmax_forward(x, dim=-1):
    """Return x - log(sum(exp(x))), with sums along `dim`."""
    if compiled():
        y = _over_rows(_log_softmax, (x,), dim)
    else:
        y = x - x.max(axis=dim, keepdims=True, initial=-np.inf)
        y -= np.log(np.exp(y).sum(axis=dim, keepdims=True))
    return y, (y, dim)


def log_softmax_backward(dy, cache):
    """Return dy - exp(y) sum(dy)."""
    y, dim = cache
    if compiled():
        return _over_rows(kernels.log_softmax_gradient, (dy, y), dim)
    return dy - np.exp(y) * dy.sum(axis=dim, keepdims=True)


def _log_softmax(x, y, n):
    kernels.log_softmax(x, y, np.empty(max(n, kernels.BLOCK), x.dtype), n)


def _over_rows(kernel, arrays, dim):
    """Run a kernel over flat arrays whose rows are the vectors along `dim`."""
    x = arrays[-1]
    if not x.size:
        return np.empty_like(x)
    last = x.ndim < 2 or dim in (-1, x.ndim - 1)
    if not last:
        arrays = [np.moveaxis(a, dim, -1) for a in arrays]
    n = arrays[-1].shape[-1] if x.ndim else 1
    flat = [a.ravel() for a in arrays]
    y = np.empty(x.size, x.dtype)
    if x.size < _LARGE:
        kernel(*flat, y, n)
    else:
        rows = max(1, _LARGE // (8 * n)) * n
        parallel_chunks(
            lambda i, j: kernel(*[a[i:j] for a in flat], y[i:j], n), chunk_bounds(x.size, rows)
        )
    y = y.reshape(arrays[-1].shape)
    return y if last else np.ascontiguousarray(np.moveaxis(y, -1, dim))
