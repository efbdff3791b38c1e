"""Convolution over one, two or three axes, and the gradients of its three inputs.

    y[n, o, i] = b[o] + sum over c, k of  w[o, c, k] x[n, c, s i + d k - p]           (1)

for images x (N, C, *S), filters w (O, C, *K), bias b (O,) and y (N, O, *P): one index i, k for each
spatial axis, s the stride, d the dilation, p the padding, x = 0 outside; P = floor((S + 2 p -
d (K - 1) - 1) / s) + 1. (It is a correlation: the filter is not flipped. So is PyTorch's.)

Gather for each i the numbers that the filter meets there, X = unfold(x) (N, C, *K, *P), as in
`scratchml.nn.ops.windows`. Then (1) is a product of matrices with rows c k and columns i, and its
derivatives are those of any product Y = W X, which are dX = W' dY and dW = dY X':

    y[n]  = w unfold(x[n]) + b              (O, P)  = (O, CK) (CK, P)
    dx[n] = fold(w' dy[n])                  (CK, P) = (CK, O) (O, P), fold is unfold transposed
    dw    = sum of dy[n] unfold(x[n])'      (O, CK) = (O, P) (P, CK), over n
    db    = sum of dy                       over n and i

For fixed w, (1) is a linear map A of x, and dx = A' dy: <A x, dy> = <x, A' dy>. A' of something
that is no gradient is a layer of its own, the transposed convolution
(`scratchml.nn.ops.conv_transpose`). For fixed x, dw[o, c, k] = sum over n, i of dy[n, o, i]
x[n, c, s i + d k - p] is a correlation of the images with dy: the same sum over another index.

With g groups the first C/g channels of x meet the first O/g filters only, and so on: w is
(O, C/g, *K), and each product becomes g smaller ones.

Source: LeCun et al. (1998), "Gradient-based learning applied to document recognition", section
II; as a product of matrices: Chellapilla, Puri and Simard (2006), "High performance convolutional
neural networks for document processing". Faster with one or two axes, and checked against this
file: `scratchml.nn.ops.depthwise` for few channels in a group, `scratchml.nn.ops.conv_tiles`.
"""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy import ascontiguousarray

from scratchml.nn.ops import conv_tiles, depthwise
from scratchml.nn.ops.channel_sums import channel_sums
from scratchml.nn.ops.conv_geometry import Geometry, conv_geometry
from scratchml.nn.ops.windows import fold, n_windows, unfold

_BLOCK = 1 << 20  # numbers in the columns of a block of images: 4 MB in float32


def forward(x, w, b, stride, padding, dilation, groups):
    """Return y[n] = w unfold(x[n]) + b."""
    kernel = w.shape[2:]
    out = n_windows(x.shape[2:], kernel, stride, padding, dilation)
    y = np.empty((len(x), len(w), *out), x.dtype)  # (N, O, *P)
    parts = y.reshape(len(x), groups, len(w) // groups, math.prod(out))  # a view
    w = w.reshape(groups, parts.shape[2], -1)  # (G, O/G, CK/G)
    for block in _blocks(x, kernel, out):
        cols = unfold(x[block], kernel, stride, padding, dilation)
        cols = cols.reshape(len(cols), groups, w.shape[2], parts.shape[3])
        np.matmul(w, cols, out=parts[block])
    if b is not None:
        y += b.reshape(-1, *[1] * len(out))
    return y


def input_gradient(dy, w, x_shape, stride, padding, dilation, groups, b=None):
    """Return dx[n] = fold(w' dy[n]), plus b (C,) if it is given."""
    kernel, out = w.shape[2:], dy.shape[2:]
    dx = np.empty(x_shape, dy.dtype)
    parts = dy.reshape(len(dy), groups, len(w) // groups, math.prod(out))
    wt = w.reshape(groups, parts.shape[2], -1).swapaxes(1, 2)  # (G, CK/G, O/G)
    for block in _blocks(dx, kernel, out):
        cols = np.matmul(wt, parts[block]).reshape(-1, x_shape[1], *kernel, *out)
        dx[block] = fold(cols, (len(cols), *x_shape[1:]), stride, padding, dilation)
    if b is not None:
        dx += b.reshape(-1, *[1] * len(out))
    return dx


def weight_gradient(x, dy, w_shape, stride, padding, dilation, groups):
    """Return dw = sum of dy[n] unfold(x[n])'."""
    kernel, out = w_shape[2:], dy.shape[2:]
    dw = np.zeros((groups, w_shape[0] // groups, math.prod(w_shape[1:])), x.dtype)
    parts = dy.reshape(len(dy), *dw.shape[:2], math.prod(out))  # (N, G, O/G, P)
    for block in _blocks(x, kernel, out):
        cols = unfold(x[block], kernel, stride, padding, dilation)
        cols = cols.reshape(len(cols), groups, dw.shape[2], parts.shape[3])  # (n, G, CK/G, P)
        dw += np.matmul(parts[block], cols.swapaxes(2, 3)).sum(0)
    return dw.reshape(w_shape)


definition = SimpleNamespace(
    forward=forward, input_gradient=input_gradient, weight_gradient=weight_gradient
)


def engine(images: np.ndarray, w: np.ndarray, geometry: Geometry) -> Any:
    """Return what computes this convolution fastest: something with the three functions above."""
    if geometry.product or len(geometry.w) != 4:
        return definition
    if depthwise.serves(images, w, geometry.stride, geometry.groups):
        return depthwise
    return conv_tiles if conv_tiles.serves(images, w) else definition


def conv1d_forward(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Return (1) for x (N, C, L) or (C, L): see `conv2d_forward`."""
    return _forward("conv1d", x, w, b, stride, padding, dilation, groups)


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
        Zeros at both ends of each axis; "same" keeps the size, with stride 1 only.
    groups : int
        See the module.

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
    return _forward("conv2d", x, w, b, stride, padding, dilation, groups)


def conv3d_forward(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Return (1) for x (N, C, D, H, W) or (C, D, H, W): see `conv2d_forward`."""
    return _forward("conv3d", x, w, b, stride, padding, dilation, groups)


def _forward(name, x, w, b, stride, padding, dilation, groups):
    bias_shape = None if b is None else b.shape
    g = conv_geometry(name, x.shape, w.shape, bias_shape, stride, padding, dilation, groups)
    if x.shape != g.x or w.shape != g.w:
        x, w = x.reshape(g.x), w.reshape(g.w)
    x, w = ascontiguousarray(x), ascontiguousarray(w)
    y = engine(x, w, g).forward(x, w, b, g.stride, g.padding, g.dilation, g.groups)
    return y if y.shape == g.result else y.reshape(g.result), (x, w, b is None, g)


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
    x, w, unbiased, g = cache
    if dy.shape != g.y:
        dy = dy.reshape(g.y)
    dy = ascontiguousarray(dy)
    fast = engine(x, w, g)
    dx = dw = db = None
    if needs[0]:
        dx = fast.input_gradient(dy, w, g.x, g.stride, g.padding, g.dilation, g.groups)
        dx = dx if g.x == g.given[0] else dx.reshape(g.given[0])
    if needs[1]:
        dw = fast.weight_gradient(x, dy, g.w, g.stride, g.padding, g.dilation, g.groups)
        dw = dw if g.w == g.given[1] else dw.reshape(g.given[1])
    if needs[2] and not unbiased:
        db = channel_sums(dy)
    return dx, dw, db


conv1d_backward = conv3d_backward = conv2d_backward


def _blocks(x: np.ndarray, kernel: tuple, out: tuple) -> Iterator[slice]:
    """Cut the batch so that the columns of a block stay near the processor."""
    columns = math.prod((x.shape[1], *kernel, *out))
    size = max(1, _BLOCK // max(columns, 1))
    for start in range(0, len(x), size):
        yield slice(start, start + size)
