"""Convolution over one, two or three axes, and the gradients of its three inputs.

    y[n, o, i] = b[o] + sum over c, k of  w[o, c, k] x[n, c, s i + d k - p]           (1)

for images x (N, C, *S), filters w (O, C, *K), bias b (O,) and y (N, O, *P): one index i, k for each
spatial axis, s the stride, d the dilation, p the padding, x = 0 outside; P = floor((S + 2 p -
d (K - 1) - 1) / s) + 1. (It is a correlation: the filter is not flipped. So is PyTorch's.)

Gather for each i the numbers that the filter meets there, cols = unfold(x) (N, C, *K, *P) (see
`scratchml.nn.ops.windows`). Then (1) is a product of matrices, rows c k and columns i, and its
derivatives are those of any product Y = W X, which are dX = W' dY and dW = dY X':

    y[n]  = w unfold(x[n]) + b              (O, CK) (CK, P)
    dx[n] = fold(w' dy[n])                  (CK, O) (O, P)      unfold is linear, fold its transpose
    dw    = sum_n dy[n] unfold(x[n])'       (O, P) (P, CK)
    db    = sum of dy over n and i

For fixed w, (1) is a linear map A of x and dx = A' dy: <A x, dy> = <x, A' dy>. A' applied to
something else than a gradient is a layer of its own, the transposed convolution
(`scratchml.nn.ops.conv_transpose`). For fixed x, dw[o, c, k] = sum_i dy[n, o, i] x[n, c, s i + d k
- p] correlates the image with dy: the same sum as (1), over another index.

With g groups, channels 0 .. C/g - 1 of x meet only the first O/g filters, and so on; w is then
(O, C/g, *K): the products become g smaller ones.

Source: LeCun et al. (1998), "Gradient-based learning applied to document recognition", section
II; as a product of matrices: Chellapilla, Puri and Simard (2006), "High performance convolutional
neural networks for document processing". Faster for two axes, and checked against this file:
`scratchml.nn.ops.depthwise` where a group has few channels, `scratchml.nn.ops.conv_tiles`.
"""

import math
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchml.nn.ops.conv_plan import Plan, conv_plan
from scratchml.nn.ops.windows import fold, n_windows, unfold

BLOCK = 1 << 20  # numbers in the columns of one block of images: 4 MB in float32


def conv1d_forward(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Return (1) for one spatial axis: see `conv2d_forward`."""
    plan = conv_plan(
        "conv1d",
        x.shape,
        w.shape,
        None if b is None else b.shape,
        stride,
        padding,
        dilation,
        groups,
    )
    return _forward(x, w, b, plan)


def conv2d_forward(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Return (1) for images.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W) or (C, H, W)
        The images, float32 or float64.
    w : ndarray of shape (O, C / groups, KH, KW)
        The filters, of x's dtype.
    b : ndarray of shape (O,), optional
        Added to each output channel.
    stride, dilation : int or tuple of int
        Steps between windows, and between the places of a window.
    padding : int, tuple of int, "same" or "valid"
        Zeros at both ends of each axis; "same" keeps the size (stride 1 only).
    groups : int
        See above.

    Returns
    -------
    y : ndarray of shape (N, O, OH, OW) or (O, OH, OW)
        The result.
    cache : tuple
        For `conv2d_backward`.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn.ops.conv import conv2d_backward, conv2d_forward
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> w = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])  # differences along the diagonal
    >>> y, cache = conv2d_forward(x, w, stride=2)
    >>> y
    array([[[[-5., -5.],
             [-5., -5.]]]])
    >>> dx, dw, db = conv2d_backward(np.ones_like(y), cache)
    >>> dw
    array([[[[20., 24.],
             [36., 40.]]]])
    """
    plan = conv_plan(
        "conv2d",
        x.shape,
        w.shape,
        None if b is None else b.shape,
        stride,
        padding,
        dilation,
        groups,
    )
    return _forward(x, w, b, plan)


def conv3d_forward(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Return (1) for three spatial axes: see `conv2d_forward`."""
    plan = conv_plan(
        "conv3d",
        x.shape,
        w.shape,
        None if b is None else b.shape,
        stride,
        padding,
        dilation,
        groups,
    )
    return _forward(x, w, b, plan)


def _forward(x: np.ndarray, w: np.ndarray, b: Any, plan: Plan) -> tuple[np.ndarray, tuple]:
    if plan.x != x.shape or plan.w != w.shape:
        x, w = x.reshape(plan.x), w.reshape(plan.w)
    y = engine(x, w, plan).forward(x, w, b, plan.stride, plan.padding, plan.dilation, plan.groups)
    if plan.result != y.shape:
        y = y.reshape(plan.result)
    return y, (x, w, b is not None, plan)


def conv2d_backward(dy, cache, needs=(True, True, True)):
    """Return dx, dw and db of a convolution over any number of axes, from the gradient of its y.

    Parameters
    ----------
    dy : ndarray of y's shape
        The gradient that comes in.
    cache : tuple
        From the forward half.
    needs : tuple of bool
        Which of the three are wanted; None stands for the others.
    """
    x, w, has_bias, plan = cache
    if plan.y != dy.shape:
        dy = dy.reshape(plan.y)
    fast = engine(x, w, plan)
    how = plan.stride, plan.padding, plan.dilation, plan.groups
    dx = dw = db = None
    if needs[0]:
        dx = fast.input_gradient(dy, w, plan.x, *how)
        if plan.given[0] != dx.shape:
            dx = dx.reshape(plan.given[0])
    if needs[1]:
        dw = fast.weight_gradient(x, dy, plan.w, *how)
        if plan.given[1] != dw.shape:
            dw = dw.reshape(plan.given[1])
    if needs[2] and has_bias:
        db = bias_gradient(dy)
    return dx, dw, db


conv1d_backward = conv3d_backward = conv2d_backward


def engine(x: np.ndarray, w: np.ndarray, plan: Plan) -> Any:
    """Return the module whose three functions compute this convolution fastest."""
    return _THIS


def forward(x, w, b, stride, padding, dilation, groups):
    """Return y[n] = w unfold(x[n]) + b."""
    kernel = w.shape[2:]
    out = n_windows(x.shape[2:], kernel, stride, padding, dilation)
    y = np.empty((len(x), len(w), *out), x.dtype)  # (N, O, *P)
    w = w.reshape(groups, len(w) // groups, -1)  # (G, O/G, C/G K)
    for block in _blocks(x, kernel, out):
        cols = unfold(x[block], kernel, stride, padding, dilation)
        product = np.matmul(w, cols.reshape(len(cols), groups, w.shape[2], -1))  # (n, G, O/G, P)
        y[block] = product.reshape(y[block].shape)
    if b is not None:
        y += b.reshape(-1, *[1] * len(out))
    return y


def input_gradient(dy, w, x_shape, stride, padding, dilation, groups):
    """Return dx[n] = fold(w' dy[n])."""
    kernel, out = w.shape[2:], dy.shape[2:]
    dx = np.empty(x_shape, dy.dtype)
    wt = w.reshape(groups, len(w) // groups, -1).swapaxes(1, 2)  # (G, C/G K, O/G)
    for block in _blocks(dx, kernel, out):
        part = dy[block]
        cols = np.matmul(wt, part.reshape(len(part), groups, wt.shape[2], -1))
        cols = cols.reshape(len(part), x_shape[1], *kernel, *out)
        dx[block] = fold(cols, (len(part), *x_shape[1:]), stride, padding, dilation)
    return dx


def weight_gradient(x, dy, w_shape, stride, padding, dilation, groups):
    """Return dw = sum_n dy[n] unfold(x[n])'."""
    kernel, out = w_shape[2:], dy.shape[2:]
    dw = np.zeros((groups, w_shape[0] // groups, math.prod(w_shape[1:])), x.dtype)
    for block in _blocks(x, kernel, out):
        cols = unfold(x[block], kernel, stride, padding, dilation)
        cols = cols.reshape(len(cols), groups, dw.shape[2], -1)  # (n, G, C/G K, P)
        part = dy[block].reshape(len(cols), groups, dw.shape[1], -1)  # (n, G, O/G, P)
        dw += np.matmul(part, cols.swapaxes(2, 3)).sum(0)
    return dw.reshape(w_shape)


def bias_gradient(dy: np.ndarray) -> np.ndarray:
    """Return the sum of dy (N, O, *P) over n and i."""
    n, o = dy.shape[:2]
    result: np.ndarray = dy.reshape(n, o, -1).sum(2).sum(0)
    return result


def _blocks(x: np.ndarray, kernel: tuple, out: tuple) -> Iterator[slice]:
    """Cut the batch so that the columns of a block stay near the processor."""
    columns = math.prod(x.shape[1:2] + kernel + out)
    size = max(1, BLOCK // max(columns, 1))
    for start in range(0, len(x), size):
        yield slice(start, start + size)


_THIS = sys.modules[__name__]
