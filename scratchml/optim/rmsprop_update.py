r"""The update of RMSprop, plain and centered, with and without momentum.

With the gradient dL/dp of a parameter p, at each step (Tieleman & Hinton 2012, lecture 6.5)

    g  =  s dL/dp + lambda p            s = 1; -1 climbs instead (maximize)
    v  =  alpha v + (1 - alpha) g^2     running mean of g^2, from 0
    q  =  g / (sqrt(v) + eps)
    p  =  p - eta q

Centered (Graves 2013, equations 38-41) divides by the running variance instead,

    u  =  u + (1 - alpha) (g - u)       running mean of g, from 0
    q  =  g / (sqrt(v - u^2) + eps)

and momentum adds up what is subtracted:  b = mu b + q,  p = p - eta b,  from b = 0. v - u^2 is
never negative but for rounding, and taken for 0 then.

Coefficients: c = (s, lambda, alpha, 1 - alpha, eps, eta, mu).
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.optim.pieces import Update

# ------------------------------------------------------------------------------ definitions


def rmsprop_update(p: np.ndarray, g: np.ndarray, v: np.ndarray, c: np.ndarray) -> None:
    """Move p by its gradient over the root of the running mean of its square."""
    s, decay, alpha, rest, eps, lr = c[:6]
    g = s * g + decay * p
    v[...] = alpha * v + rest * g * g
    p -= lr * (g / (np.sqrt(v) + eps))


def momentum_update(
    p: np.ndarray, g: np.ndarray, v: np.ndarray, b: np.ndarray, c: np.ndarray
) -> None:
    """Do as `rmsprop_update`, with momentum."""
    s, decay, alpha, rest, eps, lr, mu = c
    g = s * g + decay * p
    v[...] = alpha * v + rest * g * g
    b[...] = mu * b + g / (np.sqrt(v) + eps)
    p -= lr * b


def centered_update(
    p: np.ndarray, g: np.ndarray, v: np.ndarray, u: np.ndarray, c: np.ndarray
) -> None:
    """Move p by its gradient over the root of its running variance."""
    s, decay, alpha, rest, eps, lr = c[:6]
    g = s * g + decay * p
    v[...] = alpha * v + rest * g * g
    u += rest * (g - u)
    p -= lr * (g / (np.sqrt(np.maximum(v - u * u, 0)) + eps))


def centered_momentum_update(
    p: np.ndarray, g: np.ndarray, v: np.ndarray, u: np.ndarray, b: np.ndarray, c: np.ndarray
) -> None:
    """Do as `centered_update`, with momentum."""
    s, decay, alpha, rest, eps, lr, mu = c
    g = s * g + decay * p
    v[...] = alpha * v + rest * g * g
    u += rest * (g - u)
    b[...] = mu * b + g / (np.sqrt(np.maximum(v - u * u, 0)) + eps)
    p -= lr * b


# ------------------------------------------------------------------------------ the same, compiled


@jit("void(T[::1], const T[::1], T[::1], const T[::1])")
def rmsprop_kernel(p, g, v, c):
    """Compute `rmsprop_update`."""
    s, decay, alpha, rest, eps, lr = c[0], c[1], c[2], c[3], c[4], c[5]
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        v[i] = alpha * v[i] + rest * gradient * gradient
        p[i] -= lr * (gradient / (np.sqrt(v[i]) + eps))


@jit("void(T[::1], const T[::1], T[::1], T[::1], const T[::1])")
def momentum_kernel(p, g, v, b, c):
    """Compute `momentum_update`."""
    s, decay, alpha, rest, eps, lr, mu = c[0], c[1], c[2], c[3], c[4], c[5], c[6]
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        v[i] = alpha * v[i] + rest * gradient * gradient
        b[i] = mu * b[i] + gradient / (np.sqrt(v[i]) + eps)
        p[i] -= lr * b[i]


@jit("void(T[::1], const T[::1], T[::1], T[::1], const T[::1])")
def centered_kernel(p, g, v, u, c):
    """Compute `centered_update`."""
    s, decay, alpha, rest, eps, lr = c[0], c[1], c[2], c[3], c[4], c[5]
    zero = s - s  # of type T
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        v[i] = alpha * v[i] + rest * gradient * gradient
        u[i] += rest * (gradient - u[i])
        variance = v[i] - u[i] * u[i]
        variance = zero if variance < zero else variance
        p[i] -= lr * (gradient / (np.sqrt(variance) + eps))


@jit("void(T[::1], const T[::1], T[::1], T[::1], T[::1], const T[::1])")
def centered_momentum_kernel(p, g, v, u, b, c):
    """Compute `centered_momentum_update`; two loops, for one would not be vectorised."""
    s, decay, alpha, rest, eps, lr, mu = c[0], c[1], c[2], c[3], c[4], c[5], c[6]
    zero = s - s  # of type T
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        v[i] = alpha * v[i] + rest * gradient * gradient
        u[i] += rest * (gradient - u[i])
    for i in range(p.size):
        variance = v[i] - u[i] * u[i]
        variance = zero if variance < zero else variance
        b[i] = mu * b[i] + (s * g[i] + decay * p[i]) / (np.sqrt(variance) + eps)
        p[i] -= lr * b[i]


# By (centered, momentum).
RMSPROP_UPDATES = {
    (False, False): Update(rmsprop_update, rmsprop_kernel),
    (False, True): Update(momentum_update, momentum_kernel),
    (True, False): Update(centered_update, centered_kernel),
    (True, True): Update(centered_momentum_update, centered_momentum_kernel),
}
