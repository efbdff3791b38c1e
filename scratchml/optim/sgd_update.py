r"""The update of stochastic gradient descent, with and without momentum.

With the gradient dL/dp of a parameter p, at each step

    g  =  s dL/dp + lambda p            s = 1; -1 climbs instead (maximize)
    b  =  mu b + (1 - tau) g            at the first step  b = g
    p  =  p - eta g                     without momentum
    p  =  p - eta b                     with momentum (Polyak 1964)
    p  =  p - eta (g + mu b)            with Nesterov's

eta is the learning rate ``lr``, lambda ``weight_decay``, mu ``momentum``, tau ``dampening``.
The third form is that of Sutskever, Martens, Dahl & Hinton (2013, equations 3 and 4) in
the variable p + mu b, at which the gradient is taken: so it can be computed before p moves.
b holds no learning rate, so that a change of eta acts at once.

Coefficients: c = (s, lambda, eta, mu, nu), where nu = 1 - tau, or 1 at the first step (b = 0 then).
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.optim.pieces import Update

# ------------------------------------------------------------------------------ definitions


def sgd_update(p: np.ndarray, g: np.ndarray, c: np.ndarray) -> None:
    """Move p against its gradient."""
    s, decay, lr = c[:3]
    p -= lr * (s * g + decay * p)


def momentum_update(p: np.ndarray, g: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    """Move p against the running sum b of gradients."""
    s, decay, lr, mu, nu = c
    b[...] = mu * b + nu * (s * g + decay * p)
    p -= lr * b


def nesterov_update(p: np.ndarray, g: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    """Move p to where momentum will have carried it by the next step."""
    s, decay, lr, mu, nu = c
    g = s * g + decay * p
    b[...] = mu * b + nu * g
    p -= lr * (g + mu * b)


# ------------------------------------------------------------------------------ the same, compiled


@jit("void(T[::1], const T[::1], const T[::1])")
def sgd_kernel(p, g, c):
    """Compute `sgd_update`."""
    s, decay, lr = c[0], c[1], c[2]
    for i in range(p.size):
        p[i] -= lr * (s * g[i] + decay * p[i])


@jit("void(T[::1], const T[::1], T[::1], const T[::1])")
def momentum_kernel(p, g, b, c):
    """Compute `momentum_update`."""
    s, decay, lr, mu, nu = c[0], c[1], c[2], c[3], c[4]
    for i in range(p.size):
        b[i] = mu * b[i] + nu * (s * g[i] + decay * p[i])
        p[i] -= lr * b[i]


@jit("void(T[::1], const T[::1], T[::1], const T[::1])")
def nesterov_kernel(p, g, b, c):
    """Compute `nesterov_update`."""
    s, decay, lr, mu, nu = c[0], c[1], c[2], c[3], c[4]
    for i in range(p.size):
        gradient = s * g[i] + decay * p[i]
        b[i] = mu * b[i] + nu * gradient
        p[i] -= lr * (gradient + mu * b[i])


SGD_UPDATE = Update(sgd_update, sgd_kernel)
MOMENTUM_UPDATE = Update(momentum_update, momentum_kernel)
NESTEROV_UPDATE = Update(nesterov_update, nesterov_kernel)
