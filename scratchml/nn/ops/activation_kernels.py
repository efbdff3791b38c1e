"""Compiled loops of `scratchml.nn.ops.activation`: one pass over flat arrays, nothing in between.

The comparisons are written so that NaN takes the way that leaves it NaN.
"""

from scratchml._core.jit import jit


@jit("void(const T[::1], T[::1])")
def relu(x, y):
    """Write max(x, 0)."""
    for i in range(x.size):
        v = x[i]
        y[i] = 0 if v <= 0 else v


@jit("void(const T[::1], const T[::1], T[::1])")
def relu_gradient(dy, y, dx):
    """Write dy where y > 0."""
    for i in range(y.size):
        dx[i] = 0 if y[i] <= 0 else dy[i]


@jit("void(const T[::1], T[::1], T)")
def leaky_relu(x, y, slope):
    """Write x where x > 0, else slope x."""
    for i in range(x.size):
        v = x[i]
        y[i] = v if v > 0 else slope * v


@jit("void(const T[::1], const T[::1], T[::1], T)")
def leaky_relu_gradient(dy, x, dx, slope):
    """Write dy where x > 0, else slope dy."""
    for i in range(x.size):
        dx[i] = dy[i] if x[i] > 0 else slope * dy[i]


@jit("void(const T[::1], const T[::1], T[::1], T, T, T)")
def gate(dy, x, dx, low, high, divisor):
    """Write dy / divisor where low < x < high, else 0."""
    for i in range(x.size):
        dx[i] = 0 if x[i] <= low or x[i] >= high else dy[i] / divisor
