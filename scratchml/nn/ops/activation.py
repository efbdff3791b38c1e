"""Activations made of straight pieces: functions of one number, applied to every element.

    relu        max(x, 0)                                  slope 1 for x > 0, else 0
    leaky_relu  x for x > 0, else a x                      1, a
    prelu       the same, a learned (He et al. 2015)       and da = sum of dy x over x <= 0
    hardtanh    x, but low below low and high above high   1 for low < x < high, else 0
    hardsigmoid hardtanh(x / 6 + 1 / 2) between 0 and 1    1 / 6 for |x| < 3, else 0
    hardswish   x hardsigmoid(x) (Howard et al. 2019)      0 to -3, x / 3 + 1 / 2 to 3, then 1
    threshold   x for x > t, else v                        1, 0
    hardshrink  x for |x| > l, else 0                      1, 0
    softshrink  x - l sign(x) for |x| > l, else 0          1, 0

relu6 is hardtanh between 0 and 6. At a kink the slope is that of one side, as the strict and weak
inequalities say; NaN goes through.
"""

import numpy as np

from scratchml.nn.ops import activation_kernels as kernels
from scratchml.nn.ops.elementwise import binary, compiled, unary


def relu_forward(x):
    """Return max(x, 0)."""
    y = unary(kernels.relu, x) if compiled() and x.dtype.kind == "f" else np.maximum(x, 0)
    return y, y


def relu_backward(dy, y):
    """Return dy where y > 0, else 0."""
    return binary(kernels.relu_gradient, dy, y) if compiled() else np.where(y <= 0, 0, dy)


def leaky_relu_forward(x, slope=0.01):
    """Return x where x > 0, else slope x."""
    y = unary(kernels.leaky_relu, x, slope) if compiled() else np.where(x > 0, x, slope * x)
    return y, (x, slope)


def leaky_relu_backward(dy, cache):
    """Return dy where x > 0, else slope dy."""
    x, slope = cache
    if compiled():
        return binary(kernels.leaky_relu_gradient, dy, x, slope)
    return np.where(x > 0, dy, slope * dy)


def prelu_forward(x, a):
    """Return x where x > 0, else a x; `a` is (1,), or (C,) for x (N, C, ...)."""
    a_of_x = a.reshape(-1, *[1] * (x.ndim - 2)) if a.size > 1 else a.reshape(())
    return np.where(x > 0, x, a_of_x * x), (x, a, a_of_x)


def prelu_backward(dy, cache, needs=(True, True)):
    """Return dx and da; None where `needs` is False."""
    x, a, a_of_x = cache
    dx = da = None
    if needs[0]:
        dx = np.where(x > 0, dy, a_of_x * dy)
    if needs[1]:
        below = np.where(x > 0, 0, dy * x)
        if a.size > 1:
            below = below.sum(axis=tuple(i for i in range(x.ndim) if i != 1))
        da = np.asarray(below.sum() if a.size == 1 else below, a.dtype).reshape(a.shape)
    return dx, da


def rrelu_forward(x, slopes):
    """Return x where x > 0, else slopes x, with a slope for each element (Xu et al. 2015)."""
    factors = np.where(x > 0, 1, slopes).astype(x.dtype, copy=False)
    return x * factors, factors


def rrelu_backward(dy, factors):
    """Return dy where x > 0, else slopes dy."""
    return dy * factors


def hardtanh_forward(x, low=-1.0, high=1.0):
    """Return x, but no less than `low` and no more than `high`."""
    return np.clip(x, low, high), (x, low, high)


def hardtanh_backward(dy, cache):
    """Return dy where low < x < high, else 0."""
    x, low, high = cache
    if compiled():
        return binary(kernels.gate, dy, x, low, high, 1)
    return np.where((x <= low) | (x >= high), 0, dy)


def hardsigmoid_forward(x):
    """Return x / 6 + 1 / 2, but no less than 0 and no more than 1."""
    y = np.add(x, 3, out=np.empty_like(x))
    np.clip(y, 0, 6, out=y)
    y /= 6
    return y, x


def hardsigmoid_backward(dy, x):
    """Return dy / 6 where |x| < 3, else 0."""
    if compiled():
        return binary(kernels.gate, dy, x, -3, 3, 6)
    return np.where((x <= -3) | (x >= 3), 0, dy / 6)


def hardswish_forward(x):
    """Return x hardsigmoid(x)."""
    y, _ = hardsigmoid_forward(x)
    y *= x
    return y, x


def hardswish_backward(dy, x):
    """Return dy (x / 3 + 1 / 2) where |x| < 3, 0 below and dy above."""
    dx = np.divide(x, 3, out=np.empty_like(x))
    dx += 0.5
    dx[x <= -3] = 0
    dx[x >= 3] = 1
    dx *= dy
    return dx


def threshold_forward(x, threshold, value):
    """Return x where x > threshold, else `value`."""
    y = x.copy()
    y[x <= threshold] = value
    return y, (x, threshold)


def threshold_backward(dy, cache):
    """Return dy where x > threshold, else 0."""
    x, threshold = cache
    return np.where(x <= threshold, 0, dy)


def hardshrink_forward(x, lambd=0.5):
    """Return x where |x| > lambd, else 0."""
    y = x.copy()
    y[np.abs(x) <= lambd] = 0
    return y, (x, lambd)


def softshrink_forward(x, lambd=0.5):
    """Return x moved towards 0 by lambd, but not past it."""
    return x - np.clip(x, -lambd, lambd), (x, lambd)


def hardshrink_backward(dy, cache):
    """Return dy where |x| > lambd, else 0; softshrink's is the same."""
    x, lambd = cache
    return np.where(np.abs(x) <= lambd, 0, dy)


softshrink_backward = hardshrink_backward
