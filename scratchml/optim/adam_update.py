r"""The update of Adam, of AMSGrad, and of AdamW.

With the gradient dL/dp of a parameter p, at step t = 1, 2, ... (Kingma & Ba 2015, algorithm 1)

    g  =  s dL/dp + lambda p                    s = 1; -1 climbs instead (maximize)
    m  =  m + (1 - beta1) (g - m)               running mean of g
    v  =  beta2 v + (1 - beta2) g^2             running mean of g^2
    p  =  p - eta m^ / (sqrt(v^) + eps)         m^ = m / (1 - beta1^t),  v^ = v / (1 - beta2^t)

m and v begin at 0, and m^ and v^ take out what that does to them. AMSGrad (Reddi, Kale & Kumar
2018) keeps the largest v so far, w = max(w, v), and divides by its root: a rare large gradient is
never forgotten. AdamW (Loshchilov & Hutter 2019, algorithm 2) takes lambda p out of g and shrinks p
by itself, p = (1 - eta lambda) p, before the step.

With r = sqrt(1 - beta2^t) the step is  alpha m / (sqrt(v) + r eps),  alpha = eta r / (1 - beta1^t),
the "more efficient order" of the paper's section 2: one division a number instead of three.

Coefficients: c = (s, lambda or 0, 1 - eta lambda or 1, 1 - beta1, beta2, 1 - beta2, alpha, r eps).
"""

from math import sqrt

import numpy as np

from scratchml._core.jit import jit
from scratchml.optim.pieces import Update


def adam_coefficients(
    step: int,
    *,
    lr: float,
    betas: tuple[float, float],
    eps: float,
    weight_decay: float,
    decoupled: bool,
    maximize: bool,
) -> tuple[float, ...]:
    """Return c for step number `step`, counted from 1."""
    beta1, beta2 = betas
    r = sqrt(1 - beta2**step)
    alpha = lr * r / (1 - beta1**step)
    coupled, shrink = (0.0, 1 - lr * weight_decay) if decoupled else (weight_decay, 1.0)
    sign = -1.0 if maximize else 1.0
    return sign, coupled, shrink, 1 - beta1, beta2, 1 - beta2, alpha, r * eps


# ------------------------------------------------------------------------------ definitions


def adam_update(p: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray, c: np.ndarray) -> None:
    """Move p by the running mean of its gradient over the root of that of its square."""
    s, decay, shrink, a, beta2, b, alpha, eps = c
    g = s * g + decay * p
    m += a * (g - m)
    v[...] = beta2 * v + b * g * g
    p[...] = shrink * p - alpha * m / (np.sqrt(v) + eps)


def amsgrad_update(
    p: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray, w: np.ndarray, c: np.ndarray
) -> None:
    """Do as `adam_update`, but divide by the root of the largest v so far."""
    s, decay, shrink, a, beta2, b, alpha, eps = c
    g = s * g + decay * p
    m += a * (g - m)
    v[...] = beta2 * v + b * g * g
    np.maximum(w, v, out=w)
    p[...] = shrink * p - alpha * m / (np.sqrt(w) + eps)


# ------------------------------------------------------------------------------ the same, compiled


@jit("void(T[::1], const T[::1], T[::1], T[::1], const T[::1])")
def adam_kernel(p, g, m, v, c):
    """Compute `adam_update`."""
    s, decay, shrink, a = c[0], c[1], c[2], c[3]
    beta2, b, alpha, eps = c[4], c[5], c[6], c[7]
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        m[i] += a * (gradient - m[i])
        v[i] = beta2 * v[i] + b * gradient * gradient
        p[i] = shrink * p[i] - alpha * m[i] / (np.sqrt(v[i]) + eps)


@jit("void(T[::1], const T[::1], T[::1], T[::1], T[::1], const T[::1])")
def amsgrad_kernel(p, g, m, v, w, c):
    """Compute `amsgrad_update`; two loops, for one over five arrays would not be vectorised."""
    s, decay, shrink, a = c[0], c[1], c[2], c[3]
    beta2, b, alpha, eps = c[4], c[5], c[6], c[7]
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        m[i] += a * (gradient - m[i])
        v[i] = beta2 * v[i] + b * gradient * gradient
    for i in range(p.size):
        w[i] = w[i] if w[i] >= v[i] else v[i]  # a v that is not a number is kept
        p[i] = shrink * p[i] - alpha * m[i] / (np.sqrt(w[i]) + eps)


ADAM_UPDATE = Update(adam_update, adam_kernel)
AMSGRAD_UPDATE = Update(amsgrad_update, amsgrad_kernel)
