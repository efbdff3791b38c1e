r"""The update of Adagrad (Duchi, Hazan & Singer 2011, with a diagonal matrix).

With the gradient dL/dp of a parameter p, at step t = 1, 2, ...

    g  =  s dL/dp + lambda p                s = 1; -1 climbs instead (maximize)
    v  =  v + g^2                           sum of all squares, from initial_accumulator_value
    p  =  p - eta_t g / (sqrt(v) + eps)     eta_t = eta / (1 + (t - 1) lr_decay)

Coefficients: c = (s, lambda, eta_t, eps).
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.optim.pieces import Update


def adagrad_update(p: np.ndarray, g: np.ndarray, v: np.ndarray, c: np.ndarray) -> None:
    """Move p by its gradient over the root of the sum of its squares."""
    s, decay, lr, eps = c
    g = s * g + decay * p
    v += g * g
    p -= lr * (g / (np.sqrt(v) + eps))


@jit("void(T[::1], const T[::1], T[::1], const T[::1])")
def adagrad_kernel(p, g, v, c):
    """Compute `adagrad_update`."""
    s, decay, lr, eps = c[0], c[1], c[2], c[3]
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        v[i] += gradient * gradient
        p[i] -= lr * (gradient / (np.sqrt(v[i]) + eps))


ADAGRAD_UPDATE = Update(adagrad_update, adagrad_kernel)
