"""Cross-entropy of logits with probabilities for targets (see `scratchml.nn.ops.cross_entropy`).

For a row of n logits x, of which the target says that class j has probability t_j, with class
weights w and label smoothing e:

    q_j = w_j ((1 - e) t_j + e / n)
    L = -sum_j q_j log p_j          dx_j = dL (Q p_j - q_j),  Q = sum_j q_j
                                    dt_j = -dL (1 - e) w_j log p_j
"""

import math

import numpy as np

from scratchml.nn.ops.softmax import log_softmax_forward


def soft_cross_entropy_forward(x, target, weight=None, smoothing=0.0, reduction="mean"):
    """Return the loss of logits x for probabilities of the same shape, (N, C, ...) or (C,).

    The mean divides by the number of rows, whatever their weights.
    """
    axis = min(1, x.ndim - 1)
    n = x.shape[axis]
    log_p, _ = log_softmax_forward(x, axis)
    w = None if weight is None else weight.reshape(-1, *[1] * (x.ndim - 1 - axis))
    q = target
    if smoothing > 0:
        q = (1 - smoothing) * target + smoothing / n
    if w is not None:
        q = q * w
    rows = -(q * log_p).sum(axis=axis)
    factor = 1.0
    y = np.asarray(rows)
    if reduction != "none":
        if reduction == "mean":
            factor = 1 / rows.size if rows.size else math.nan
        y = np.array(rows.sum(dtype=np.float64) * factor, x.dtype)
    return y, (log_p, q, w, smoothing, factor, axis)


def soft_cross_entropy_backward(dy, cache, needs=(True, True)):
    """Return dx and dt; None where `needs` is False."""
    log_p, q, w, smoothing, factor, axis = cache
    g = dy * dy.dtype.type(factor)
    if g.ndim == log_p.ndim - 1:  # a gradient for each row
        g = np.expand_dims(g, axis)
    dx = dt = None
    if needs[0]:
        dx = np.exp(log_p)
        dx *= q.sum(axis=axis, keepdims=True)
        dx -= q
        dx *= g
    if needs[1]:
        dt = log_p * (g * log_p.dtype.type(smoothing - 1))
        if w is not None:
            dt *= w
    return dx, dt
