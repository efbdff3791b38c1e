"""Transposed convolution over one, two or three axes, and the gradients of its three inputs.

A convolution with filters w is a linear map A of images (`scratchml.nn.ops.conv`). This layer is
the transposed map, y = A' x + b:

    y[n, c, s i + d k - p] += w[o, c, k] x[n, o, i]     for all o, i, k;  y starts as b[c]   (1)

for x (N, O, *P), w (O, C, *K), b (C,), y (N, C, *S): each number of x paints the filter onto y,
with the stride s between the places of neighbours. Names are those of the convolution, so w's first
axis is the *input's* channels here. Several S give the same P = floor((S + 2 p - d (K - 1) - 1)
/ s) + 1, and output_padding picks one: S = (P - 1) s - 2 p + d (K - 1) + 1 + output_padding.

With y = A' x + b and L a function of y, dL = <dy, A' dx> = <A dy, dx>, so the convolution that went
back through A now goes forward, and the other way round; (1) is symmetric in x and dy as regards w:

    y  = A' x + b       (the input gradient of the convolution)
    dx = A dy           (the convolution)
    dw = dw of the convolution that took dy to x
    db = sum of dy      over n and places

Nothing is inverted: A' A is not the identity ("deconvolution" is a misnomer).

Source: Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep learning", chapter 4.
"""

import numpy as np
from numpy import ascontiguousarray

from scratchml.nn.ops.channel_sums import channel_sums
from scratchml.nn.ops.conv import engine
from scratchml.nn.ops.conv_geometry import conv_geometry


def conv_transpose1d_forward(
    x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Return (1) for x (N, O, L) or (O, L): see `conv_transpose2d_forward`."""
    numbers = stride, padding, dilation, groups, output_padding
    return _forward("conv_transpose1d", x, w, b, numbers)


def conv_transpose2d_forward(
    x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Return (1) for images.

    Parameters
    ----------
    x : ndarray of shape (N, O, H, W) or (O, H, W)
        The images, float32 or float64.
    w : ndarray of shape (O, C / groups, KH, KW)
        The filters, of x's dtype.
    b : ndarray of shape (C,), optional
        Added to each output channel.
    stride, dilation : int or tuple of int
        Steps on y between neighbours of x, and between the places of a filter.
    padding : int or tuple of int
        What is cut off at both ends of each axis of y.
    output_padding : int or tuple of int
        What is added to the length of each axis of y at its end; below stride or dilation.
    groups : int
        Into how many parts channels are cut, which meet pairwise.

    Returns
    -------
    y : ndarray of shape (N, C, OH, OW) or (C, OH, OW)
        The result.
    cache : tuple
        For `conv_transpose2d_backward`.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn.ops.conv_transpose import conv_transpose2d_forward
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> conv_transpose2d_forward(x, np.ones((1, 1, 2, 2)), stride=2)[0]
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.],
             [3., 3., 4., 4.],
             [3., 3., 4., 4.]]]])
    """
    numbers = stride, padding, dilation, groups, output_padding
    return _forward("conv_transpose2d", x, w, b, numbers)


def conv_transpose3d_forward(
    x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Return (1) for x (N, O, D, H, W) or (O, D, H, W): see `conv_transpose2d_forward`."""
    numbers = stride, padding, dilation, groups, output_padding
    return _forward("conv_transpose3d", x, w, b, numbers)


def _forward(name, x, w, b, numbers):
    bias_shape = None if b is None else b.shape
    g = conv_geometry(name, x.shape, w.shape, bias_shape, *numbers, transposed=True)
    if w.shape != g.w:
        w = w.reshape(g.w)
    if x.shape != g.input:
        x = x.reshape(g.input)
    if g.input != g.y:
        x = _extended(x, g.y)
    x, w = ascontiguousarray(x), ascontiguousarray(w)
    y = engine(x, w, g).input_gradient(x, w, g.x, g.stride, g.padding, g.dilation, g.groups, b)
    return y if y.shape == g.result else y.reshape(g.result), (x, w, b is None, g)


def conv_transpose2d_backward(dy, cache, needs=(True, True, True)):
    """Return dx, dw and db of a transposed convolution over any number of axes.

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
    if dy.shape != g.x:
        dy = dy.reshape(g.x)
    dy = ascontiguousarray(dy)
    fast = engine(x, w, g)
    dx = dw = db = None
    if needs[0]:
        dx = fast.forward(dy, w, None, g.stride, g.padding, g.dilation, g.groups)
        dx = dx if g.input == g.y else dx[tuple(map(slice, g.input))]
        dx = dx if g.input == g.given[0] else dx.reshape(g.given[0])
    if needs[1]:
        dw = fast.weight_gradient(dy, x, g.w, g.stride, g.padding, g.dilation, g.groups)
        dw = dw if g.w == g.given[1] else dw.reshape(g.given[1])
    if needs[2] and not unbiased:
        db = channel_sums(dy)
    return dx, dw, db


conv_transpose1d_backward = conv_transpose3d_backward = conv_transpose2d_backward


def _extended(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return x with zeros behind its ends: windows that reach into output_padding only."""
    longer = np.zeros(shape, x.dtype)
    longer[tuple(map(slice, x.shape))] = x
    return longer
