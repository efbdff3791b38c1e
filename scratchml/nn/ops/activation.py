"""Activations: functions of one number, applied to every element.

relu(x) = max(x, 0)        relu'(x) = 1 where x > 0, else 0
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
