"""Compiled loops of `scratchml.nn.ops.likelihood` over flat arrays."""

from scratchml._core.elementary import log1p_exp, sigmoid
from scratchml._core.jit import jit


@jit("void(const T[::1], const T[::1], const T[::1], T[::1], T)")
def logits_loss(x, positive, t, y, one):
    """Write p log(1 + exp(-x)) + (1 - t) log(1 + exp(x)), p the weighted target."""
    for i in range(x.size):
        v = x[i]
        u = log1p_exp(-abs(v))
        above = u + v if v > 0 else u  # log(1 + exp(x))
        below = u if v > 0 else u - v  # log(1 + exp(-x))
        y[i] = positive[i] * below + (one - t[i]) * above


@jit("void(const T[::1], const T[::1], const T[::1], T[::1], T)")
def logits_gradient(x, positive, t, dx, one):
    """Write (1 - t) s(x) - p s(-x), p the weighted target."""
    for i in range(x.size):
        dx[i] = (one - t[i]) * sigmoid(x[i]) - positive[i] * sigmoid(-x[i])
