"""Smooth activations: functions of one number, applied to every element.

With s(x) = 1 / (1 + exp(-x)), Phi and phi the normal distribution and its density:

    sigmoid     y = s(x)                                dy/dx = y (1 - y)
    tanh        y = tanh(x)                             1 - y^2
    silu        y = x s(x)                              s (1 + x (1 - s))
    gelu        y = x Phi(x)                            Phi + x phi
      "tanh"    y = x s(u), u = a x + b x^3             s + x s (1 - s) (a + 3 b x^2)
    mish        y = x t, t = tanh(log(1 + exp(x)))      t + x (1 - t^2) s
    softplus    y = log(1 + exp(beta x)) / beta         s(beta x);  y = x above the threshold
    logsigmoid  y = log s(x)                            s(-x)
    elu         y = x for x > 0, alpha (exp(x) - 1)     1, alpha exp(x)
    softsign    y = x / (1 + |x|)                       1 / (1 + |x|)^2
    tanhshrink  y = x - tanh(x)                         tanh(x)^2
    glu         y = x1 s(x2), the halves of x           s, x1 s (1 - s)

gelu: Hendrycks & Gimpel 2016, with a = 2 sqrt(2 / pi), b = 0.044715 a (its (1 + tanh(v)) / 2 is
s(2 v)). silu: Elfwing, Uchibe & Doya 2018. mish: Misra 2019. elu: Clevert, Unterthiner &
Hochreiter 2016; selu: Klambauer et al. 2017; celu: Barron 2017. glu: Dauphin et al. 2017.
"""

import math

import numpy as np

from scratchml._core.erf import erf_array, normal_array
from scratchml.nn.ops import smooth_kernels as kernels
from scratchml.nn.ops.elementwise import binary, compiled, unary

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
_A = 2 * math.sqrt(2 / math.pi)
_B = 0.044715 * _A
_DENSITY = 1 / math.sqrt(2 * math.pi)


def sigmoid_forward(x):
    """Return s(x)."""
    y = unary(kernels.sigmoid, x) if compiled() else _sigmoid(x)
    return y, y


def sigmoid_backward(dy, y):
    """Return dy y (1 - y)."""
    return binary(kernels.sigmoid_gradient, dy, y, 1) if compiled() else dy * ((1 - y) * y)


def tanh_forward(x):
    """Return tanh(x)."""
    y = unary(kernels.tanh, x) if compiled() else np.tanh(x)
    return y, y


def tanh_backward(dy, y):
    """Return dy (1 - y^2)."""
    return binary(kernels.tanh_gradient, dy, y, 1) if compiled() else dy * ((1 - y) * (1 + y))


def silu_forward(x):
    """Return x s(x)."""
    return (unary(kernels.silu, x) if compiled() else x * _sigmoid(x)), x


def silu_backward(dy, x):
    """Return dy s (1 + x (1 - s))."""
    if compiled():
        return binary(kernels.silu_gradient, dy, x, 1)
    s = _sigmoid(x)
    return dy * (s * (1 + x * (1 - s)))


def gelu_forward(x):
    """Return x Phi(x)."""
    return (unary(kernels.gelu, x) if compiled() else x * normal_array(x)[0]), x


def gelu_backward(dy, x):
    """Return dy (Phi(x) + x phi(x))."""
    if compiled():
        return binary(kernels.gelu_gradient, dy, x, _DENSITY)
    below, bell = normal_array(x)
    return dy * (below + x * (bell * x.dtype.type(_DENSITY)))


def gelu_tanh_forward(x):
    """Return x s(a x + b x^3)."""
    if compiled():
        return unary(kernels.gelu_tanh, x, _A, _B), x
    return x * _sigmoid(x * (_A + _B * (x * x))), x


def gelu_tanh_backward(dy, x):
    """Return dy (s + x s (1 - s) (a + 3 b x^2))."""
    if compiled():
        return binary(kernels.gelu_tanh_gradient, dy, x, _A, _B, 1)
    q = _B * (x * x)
    s = _sigmoid(x * (_A + q))
    return dy * (s + (x * (_A + 3 * q)) * (s * (1 - s)))


def mish_forward(x):
    """Return x tanh(log(1 + exp(x)))."""
    return (unary(kernels.mish, x, 1) if compiled() else x * np.tanh(_softplus(x))), x


def mish_backward(dy, x):
    """Return dy (t + x (1 - t^2) s)."""
    if compiled():
        return binary(kernels.mish_gradient, dy, x, 1)
    t = np.tanh(_softplus(x))
    return dy * (t + x * ((1 - t * t) * _sigmoid(x)))


def softplus_forward(x, beta=1.0, threshold=20.0):
    """Return log(1 + exp(beta x)) / beta, or x where beta x > threshold."""
    if compiled():
        y = unary(kernels.softplus, x, beta, threshold)
    else:
        y = np.where(beta * x > threshold, x, _softplus(beta * x) / beta)
    return y, (x, beta, threshold)


def softplus_backward(dy, cache):
    """Return dy s(beta x), or dy where beta x > threshold."""
    x, beta, threshold = cache
    if compiled():
        return binary(kernels.softplus_gradient, dy, x, beta, threshold)
    return np.where(beta * x > threshold, dy, dy * _sigmoid(beta * x))


def logsigmoid_forward(x):
    """Return log s(x) = -log(1 + exp(-x))."""
    return (unary(kernels.logsigmoid, x) if compiled() else -_softplus(-x)), x


def logsigmoid_backward(dy, x):
    """Return dy s(-x)."""
    return binary(kernels.logsigmoid_gradient, dy, x) if compiled() else dy * _sigmoid(-x)


def elu_forward(x, alpha=1.0, scale=1.0, rate=1.0):
    """Return scale x where x > 0, else scale alpha (exp(rate x) - 1).

    elu has a scale and a rate of 1; selu SELU_ALPHA and SELU_SCALE; celu a rate of 1 / alpha.
    """
    if compiled():
        y = unary(kernels.elu, x, scale * alpha, scale, rate)
    else:
        y = np.where(x > 0, scale * x, scale * alpha * np.expm1(rate * np.minimum(x, 0)))
    return y, (x, scale * alpha, scale, rate)


def elu_backward(dy, cache):
    """Return dy scale where x > 0, else dy scale alpha rate exp(rate x)."""
    x, alpha, scale, rate = cache
    if compiled():
        return binary(kernels.elu_gradient, dy, x, alpha, scale, rate)
    return dy * np.where(x > 0, scale, alpha * rate * np.exp(rate * np.minimum(x, 0)))


def softsign_forward(x):
    """Return x / (1 + |x|)."""
    y = np.abs(x, out=np.empty_like(x))
    y += 1
    return np.divide(x, y, out=y), x


def softsign_backward(dy, x):
    """Return dy / (1 + |x|)^2."""
    dx = np.abs(x, out=np.empty_like(x))
    dx += 1
    dx *= dx
    return np.divide(dy, dx, out=dx)


def tanhshrink_forward(x):
    """Return x - tanh(x)."""
    t, _ = tanh_forward(x)
    return x - t, t


def tanhshrink_backward(dy, t):
    """Return dy tanh(x)^2."""
    dx = t * t
    dx *= dy
    return dx


def glu_forward(x, dim=-1):
    """Return x1 s(x2) of the two halves of x along `dim`."""
    x1, x2 = np.split(x, 2, axis=dim)
    s, _ = sigmoid_forward(x2)
    return x1 * s, (x1, s, dim)


def glu_backward(dy, cache):
    """Return dy s and dy x1 s (1 - s), side by side."""
    x1, s, dim = cache
    dx1 = dy * s
    return np.concatenate([dx1, dx1 * (x1 * (1 - s))], axis=dim)


def erf_forward(x):
    """Return erf(x), 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    return (unary(kernels.erf, x) if compiled() else erf_array(x)), x


def erf_backward(dy, x):
    """Return dy 2 / sqrt(pi) exp(-x^2)."""
    dx = np.square(x, out=np.empty_like(x))
    np.negative(dx, out=dx)
    np.exp(dx, out=dx)
    dx *= 2 / math.sqrt(math.pi)
    dx *= dy
    return dx


def _sigmoid(x):
    u = np.exp(-np.abs(x))
    return np.where(x < 0, u, 1) / (1 + u)


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
