"""Losses of probabilities: negative log-likelihoods and the Kullback-Leibler divergence.

    nll             -w_c x_c for the class c of each row; x are log-probabilities, w class weights
    bce             -w (t log x + (1 - t) log(1 - x)), logarithms no less than -100
                    dx = w (x - t) / (x (1 - x)),    dt = w (log(1 - x) - log x)
    bce of logits   w (p t log(1 + exp(-x)) + (1 - t) log(1 + exp(x))),   p weighs positives
                    dx = w ((1 - t) s(x) - p t s(-x)),    s(x) = 1 / (1 + exp(-x))
                    dt = w (p log(1 + exp(-x)) - log(1 + exp(x)))
    kl              t (log t - x), 0 for t = 0; x are log-probabilities
                    dx = -t,    dt = log t + 1 - x
    kl, log t given exp(t) (t - x),    dx = -exp(t),    dt = exp(t) (t - x + 1)

The two terms of bce never cancel, so that small losses keep their digits. Each loss is then summed
or averaged: `scratchml.nn.ops.reduction`.
"""

import numpy as np

from scratchml.nn.ops import likelihood_kernels as kernels
from scratchml.nn.ops.elementwise import compiled, many
from scratchml.nn.ops.reduction import reduced

_TINY = 1e-12  # x (1 - x) is taken to be no less


def nll_loss_forward(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """Return -w_c x_c for log-probabilities x (N, C, ...) or (C,) and labels (N, ...) or ().

    The mean divides by the sum of the labels' weights. Labels are in range or `ignore_index`.
    """
    axis = min(1, x.ndim - 1)
    kept = target != ignore_index
    labels = np.expand_dims(np.where(kept, target, 0), axis)
    w = kept.astype(x.dtype) if weight is None else np.where(kept, weight[labels.squeeze(axis)], 0)
    chosen = np.take_along_axis(x, labels, axis).squeeze(axis)
    losses = np.where(kept, -w * chosen, 0).astype(x.dtype, copy=False)  # ignored rows may be inf
    y, factor = reduced(losses, reduction, w.sum(dtype=np.float64))
    return y, (x.shape, labels, w, kept, factor, axis)


def nll_loss_backward(dy, cache):
    """Return dx: -dy w_c in the places of the labels, 0 elsewhere."""
    shape, labels, w, kept, factor, axis = cache
    dx = np.zeros(shape, dy.dtype)
    share = np.where(kept, -w * (dy * dy.dtype.type(factor)), 0)
    np.put_along_axis(dx, labels, np.expand_dims(share, axis), axis)
    return dx


def binary_cross_entropy_forward(x, t, weight=None, reduction="mean"):
    """Return the loss of probabilities x in [0, 1] for targets t of one shape."""
    with np.errstate(divide="ignore"):
        log_x, log_rest = np.maximum(np.log(x), -100), np.maximum(np.log1p(-x), -100)
    losses = (t - 1) * log_rest - t * log_x
    if weight is not None:
        losses = losses * weight
    y, factor = reduced(losses, reduction)
    return y, (x, t, weight, log_rest - log_x, factor)


def binary_cross_entropy_backward(dy, cache, needs=(True, True)):
    """Return dx and dt; None where `needs` is False."""
    x, t, weight, slope, factor = cache
    g = dy * dy.dtype.type(factor)
    if weight is not None:
        g = g * weight
    dx = g * ((x - t) / np.maximum(x * (1 - x), _TINY)) if needs[0] else None
    return dx, (g * slope if needs[1] else None)


def logits_loss_forward(x, t, weight=None, pos_weight=None, reduction="mean"):
    """Return binary cross-entropy of logits x for targets t of one shape; weights broadcast."""
    positive = t if pos_weight is None else np.multiply(pos_weight, t)
    if compiled():
        losses = many(kernels.logits_loss, x, positive, t, numbers=(1,))
    else:
        u = np.log1p(np.exp(-np.abs(x)))
        losses = positive * (u + np.maximum(-x, 0)) + (1 - t) * (u + np.maximum(x, 0))
    if weight is not None:
        losses = losses * weight
    y, factor = reduced(losses, reduction)
    return y, (x, t, positive, weight, pos_weight, factor)


def logits_loss_backward(dy, cache, needs=(True, True)):
    """Return dx and dt; None where `needs` is False."""
    x, t, positive, weight, pos_weight, factor = cache
    g = dy * dy.dtype.type(factor)
    if weight is not None:
        g = g * weight
    dx = dt = None
    if needs[0]:
        if compiled():
            dx = many(kernels.logits_gradient, x, positive, t, numbers=(1,))
        else:
            u = np.exp(-np.abs(x))
            dx = ((1 - t) * np.where(x < 0, u, 1) - positive * np.where(x < 0, 1, u)) / (1 + u)
        dx *= g
    if needs[1]:
        u = np.log1p(np.exp(-np.abs(x)))
        p = 1 if pos_weight is None else pos_weight
        dt = g * (p * (u + np.maximum(-x, 0)) - (u + np.maximum(x, 0)))
    return dx, dt


def kl_div_forward(x, t, log_target=False, reduction="mean", count=None):
    """Return the divergence of log-probabilities x from t, of one shape.

    The mean divides by `count`: the number of elements unless given.
    """
    if log_target:
        p, log_t = np.exp(t), t
    else:
        p = t
        log_t = np.log(np.where(t > 0, t, 1))
    y, factor = reduced(p * (log_t - x), reduction, count)
    return y, (x, p, log_t, log_target, factor)


def kl_div_backward(dy, cache, needs=(True, True)):
    """Return dx and dt; None where `needs` is False."""
    x, p, log_t, log_target, factor = cache
    g = dy * dy.dtype.type(factor)
    dt = None
    if needs[1]:
        dt = g * (log_t - x + 1)
        dt = dt * p if log_target else np.where(p > 0, dt, 0)
    return (-p * g if needs[0] else None), dt
