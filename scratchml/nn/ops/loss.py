"""Losses of numbers: a function of the difference d = x - t, added up or averaged.

    mse        d^2                                         slope 2 d
    l1         |d|                                         sign(d), 0 at 0
    huber      d^2 / 2                for |d| <= delta     h = d cut to [-delta, delta]
               delta (|d| - delta / 2)  otherwise
    smooth_l1  huber with delta = beta, divided by beta    h / beta

(Huber 1964, "Robust estimation of a location parameter"; Girshick 2015, "Fast R-CNN", equation 3.)
Huber's loss is h (d - h / 2) on both sides. With weights w of the elements, 1 unless given,

    L = sum(w loss(d)) / n,      dx = dL w slope / n,      dt = -dx

where n = 1 for reduction "sum" (and "none", which leaves out the sum). For "mean" it is sum(w), for
huber the number of elements. The mean over nothing is NaN.
"""

import numpy as np

from scratchml.nn.ops.reduction import reduced


def mse_loss_forward(x, t, reduction="mean", weight=None):
    """Return d^2, reduced, for x and t of one shape."""
    d = x - t
    y, factor = _weighted(np.square(d), reduction, weight)
    return y, (d, weight, 2 * factor)


def l1_loss_forward(x, t, reduction="mean", weight=None):
    """Return |d|, reduced, for x and t of one shape."""
    d = x - t
    y, factor = _weighted(np.abs(d), reduction, weight)
    return y, (np.sign(d), weight, factor)


def huber_loss_forward(x, t, reduction="mean", delta=1.0, weight=None):
    """Return Huber's loss, reduced, for x and t of one shape; delta > 0."""
    loss, h = _huber(x - t, delta)
    y, factor = reduced(loss if weight is None else loss * weight, reduction)
    return y, (h, weight, factor)


def smooth_l1_loss_forward(x, t, reduction="mean", beta=1.0):
    """Return Huber's loss divided by its delta, reduced; l1 for beta = 0."""
    if not beta:
        return l1_loss_forward(x, t, reduction)
    loss, h = _huber(x - t, beta)
    y, factor = reduced(loss / beta, reduction)
    return y, (h, None, factor / beta)


def difference_backward(dy, cache, needs=(True, True)):
    """Return dx = dy w slope / n and dt = -dx; None where `needs` is False."""
    slope, weight, factor = cache
    dx = slope * (dy * dy.dtype.type(factor))
    if weight is not None:
        dx = dx * weight
    return (dx if needs[0] else None), (-dx if needs[1] else None)


def _huber(d, delta):
    """Return h (d - h / 2) and h."""
    h = np.clip(d, -delta, delta)
    return h * (d - h / 2), h


def _weighted(losses, reduction, weight):
    if weight is None:
        return reduced(losses, reduction)
    return reduced(
        losses * weight,
        reduction,
        float(np.broadcast_to(weight, losses.shape).sum(dtype=np.float64)),
    )
