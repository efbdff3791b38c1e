"""Cross-entropy of logits: log-softmax and the negative log-likelihood in one.

For a row x of n logits with the weights q_j that the target gives to the classes,

    L = sum_j q_j (log(s) - (x_j - m)),      dx_j = dL (Q p_j - q_j),      Q = sum_j q_j

where m = max(x), s = sum_k exp(x_k - m) and p = softmax(x) (`scratchml.nn.ops.softmax`). With
class weights w and label smoothing e (Szegedy et al. 2016, "Rethinking the Inception architecture
for computer vision", section 7),

    a label t:            q_j = (1 - e) w_t [j = t] + e w_j / n,      the row's weight W = w_t
    probabilities t_j:    q_j = w_j ((1 - e) t_j + e / n),            W = 1

Reductions: "sum" adds up L, "mean" divides that by the sum of W, "none" leaves the rows alone.
Rows whose label is `ignore_index` have L = W = 0. Kept for the backward half are m and s of each
row, not p: the logits of a language model fill more memory than all its layers.
"""

import math

import numpy as np

from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import softmax_kernels as kernels
from scratchml.nn.ops.elementwise import compiled

_LARGE = 2**18  # numbers; below, one thread is done before a second one has woken
_EMPTY = {dtype: np.empty(0, dtype) for dtype in (np.dtype("f4"), np.dtype("f8"))}


def cross_entropy_forward(
    x, target, weight=None, ignore_index=-100, smoothing=0.0, reduction="mean"
):
    """Return the loss of logits x (N, C), (N, C, ...) or (C,) for labels (N,), (N, ...) or ().

    Parameters
    ----------
    x : ndarray of shape (N, C), (N, C, d1, ...) or (C,)
        Logits.
    target : ndarray of int64 of shape (N,), (N, d1, ...) or ()
        Labels in [0, C), or `ignore_index`.
    weight : ndarray of shape (C,) or None
        A weight for each class.

    Raises
    ------
    IndexError
        If a label is out of range.
    """
    if x.ndim > 2:
        x = np.moveaxis(x, 1, -1)
    n = x.shape[-1]
    flat, labels = x.ravel(), target.ravel()
    w = _EMPTY[x.dtype] if weight is None else weight
    rows = np.empty((labels.size, 3), x.dtype)  # m, s, loss
    total, weights = _run(flat, labels, n, (w, ignore_index, smoothing), rows)
    factor = 1.0
    if reduction == "none":
        y = rows[:, 2].reshape(target.shape).copy()
    else:
        if reduction == "mean":
            factor = 1 / weights if weights else math.nan
        y = np.array(total * factor, x.dtype)
    return y, (x.shape, flat, labels, w, smoothing, rows, factor)


def cross_entropy_backward(dy, cache):
    """Return dx = g (Q p - q), with g = dy, divided by the sum of W for "mean"."""
    shape, x, target, w, smoothing, rows, factor = cache
    dx = np.empty(x.size, x.dtype)
    g = dy.ravel()
    n = shape[-1]
    if not compiled():
        _gradient(g, factor, x.reshape(-1, n), target, w, smoothing, rows, dx.reshape(-1, n))
    elif 0 < x.size < _LARGE:
        kernels.cross_entropy_gradient(g, factor, x, target, w, smoothing, rows, dx)
    else:
        g = np.broadcast_to(g, target.shape)

        def task(i, j):
            a, b = i * n, j * n
            kernels.cross_entropy_gradient(
                g[i:j].copy(), factor, x[a:b], target[i:j], w, smoothing, rows[i:j], dx[a:b]
            )

        parallel_chunks(task, chunk_bounds(target.size, max(1, _LARGE // (8 * n))))
    dx = dx.reshape(shape)
    return dx if len(shape) < 3 else np.moveaxis(dx, -1, 1)


def _run(x, target, n, options, rows):
    """Fill rows with m, s (0: ignored) and the loss; return the sums of L and of W."""
    if not compiled():
        found = [(0, *_rows(x.reshape(-1, n), target, options, rows))]
    elif 0 < x.size < _LARGE:
        scratch = np.empty(max(n, kernels.BLOCK), x.dtype)
        found = [(0, *kernels.cross_entropy(x, target, *options, rows, scratch))]
    else:

        def task(i, j):
            scratch = np.empty(max(n, kernels.BLOCK), x.dtype)
            part = x[i * n : j * n], target[i:j]
            return i, *kernels.cross_entropy(*part, *options, rows[i:j], scratch)

        found = parallel_chunks(task, chunk_bounds(target.size, max(1, _LARGE // (8 * n))))
    total = weights = 0.0
    for start, bad, loss, weight in found:
        if bad >= 0:
            raise IndexError(out_of_range("cross_entropy", target, start + int(bad), n, options[1]))
        total += loss
        weights += weight
    return total, weights


def _rows(x, target, options, rows):
    """Do what `kernels.cross_entropy` does, in NumPy."""
    n = x.shape[1]
    weight, ignore_index, smoothing = options
    kept = target != ignore_index
    outside = kept & ((target < 0) | (target >= n))
    if outside.any():
        return float(outside.argmax()), 0.0, 0.0
    w = weight if weight.size else np.ones(n, x.dtype)
    t = np.where(kept, target, 0)
    z = x - x.max(axis=1, keepdims=True)
    rows[:, 0] = x.max(axis=1)
    rows[:, 1] = np.exp(z).sum(axis=1)
    log_p = z - np.log(rows[:, 1:2])
    loss = -(1 - smoothing) * w[t] * log_p[np.arange(len(t)), t]
    if smoothing > 0:
        loss -= smoothing / n * (w * log_p).sum(axis=1)
    rows[:, 2] = loss
    rows[~kept, 1:] = 0
    return -1.0, float(rows[:, 2].sum()), float(w[t][kept].sum())


def _gradient(g, factor, x, target, weight, smoothing, rows, dx):
    """Do what `kernels.cross_entropy_gradient` does, in NumPy."""
    n = x.shape[1]
    kept = rows[:, 1] != 0
    w = weight if weight.size else np.ones(n, x.dtype)
    t = np.where(kept, target, 0)
    q = np.zeros_like(x)
    q[np.arange(len(t)), t] = (1 - smoothing) * w[t]
    q += smoothing / n * w
    s = np.where(kept, rows[:, 1], 1)
    p = np.exp(x - rows[:, :1]) / s[:, None]
    dx[:] = (g * factor)[:, None] * (q.sum(axis=1, keepdims=True) * p - q)
    dx[~kept] = 0


def out_of_range(name, target, at, n, ignore_index):
    """Say which label, that in place `at` of the flat array, is none of n classes."""
    return (
        f"{name}: target {target[at]} at position {at} is out of range: labels are in [0, {n}) for "
        f"{n} classes, or equal ignore_index = {ignore_index}"
    )
