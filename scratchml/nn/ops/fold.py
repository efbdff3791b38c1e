"""Images to columns and back: unfold (im2col), fold (col2im), each the other's backward half.

    unfold   y[n, (c, k), i] = x[n, c, s i + d k - p]                    x (N, C, H, W)
    fold     y[n, c, j] = sum of x[n, (c, k), i] over s i + d k - p = j    x (N, C KH KW, L)

where (c, k) counts channels and the places k of a window, the last fastest, and i the L windows,
row by row; x is 0 outside of its places. The two are transposes of one another, <unfold(x), y> =
<x, fold(y)>, so the derivative of each is the other: dx = fold(dy), and dx = unfold(dy). They are
no inverses: fold(unfold(x)) is x times the number of windows over each place.

A convolution is unfold, a product with the filters as rows, and a reshape: `scratchml.nn.ops.conv`.
"""

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from scratchml.nn.ops import windows
from scratchml.nn.ops.conv_geometry import numbers_of


class _Windows(NamedTuple):
    """Windows over images of one size."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    places: tuple[int, ...]  # windows along each axis
    stride: tuple[int, ...]
    padding: tuple[int, ...]  # before both axes, after both
    dilation: tuple[int, ...]


def unfold_forward(x, kernel_size, dilation=1, padding=0, stride=1):
    """Return the windows of images as columns.

    Parameters
    ----------
    x : ndarray of shape (N, C, H, W) or (C, H, W)
        The images.
    kernel_size, dilation, padding, stride : int or (int, int)
        As of a convolution.

    Returns
    -------
    y : ndarray of shape (N, C * KH * KW, L) or (C * KH * KW, L)
        One column for each window.
    cache : tuple
        For `unfold_backward`.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn.ops.fold import unfold_forward
    >>> unfold_forward(np.arange(9.0).reshape(1, 3, 3), 2)[0]
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.],
           [3., 4., 6., 7.],
           [4., 5., 7., 8.]])
    """
    if x.ndim not in (3, 4):
        raise ValueError(
            f"unfold: input must have 4 axes (batch, channels, height, width), or 3 without batch, "
            f"got shape {x.shape}"
        )
    how = _windows("unfold", x.shape[-2:], kernel_size, dilation, padding, stride)
    return _unfold(x, how), how


def unfold_backward(dy, cache):
    """Return dx = fold(dy)."""
    return _fold(dy, cache)


def fold_forward(x, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Return images to which each column of x adds its window.

    Parameters
    ----------
    x : ndarray of shape (N, C * KH * KW, L) or (C * KH * KW, L)
        One column for each window.
    output_size : int or (int, int)
        Height and width of the images.
    kernel_size, dilation, padding, stride : int or (int, int)
        As of a convolution.

    Returns
    -------
    y : ndarray of shape (N, C, H, W) or (C, H, W)
        The images.
    cache : tuple
        For `fold_backward`.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn.ops.fold import fold_forward
    >>> fold_forward(np.ones((4, 4)), 3, 2)[0]  # how many windows lie over each place
    array([[[1., 2., 1.],
            [2., 4., 2.],
            [1., 2., 1.]]])
    """
    size = numbers_of("fold", "output_size", output_size, 2, 1)
    how = _windows("fold", size, kernel_size, dilation, padding, stride)
    if x.ndim not in (2, 3):
        raise ValueError(
            f"fold: input must have 3 axes (batch, channels * kernel, windows), or 2 without "
            f"batch, got shape {x.shape}"
        )
    if x.shape[-2] % prod(how.kernel):
        raise ValueError(
            f"fold: the columns must have a multiple of {prod(how.kernel)} numbers for "
            f"kernel_size={how.kernel}, got input of shape {x.shape}"
        )
    if x.shape[-1] != prod(how.places):
        raise ValueError(
            f"fold: an output of {size} has {how.places[0]} * {how.places[1]} windows of "
            f"kernel_size={how.kernel}, got {x.shape[-1]} columns in input of shape {x.shape}"
        )
    return _fold(x, how), how


def fold_backward(dy, cache):
    """Return dx = unfold(dy)."""
    return _unfold(dy, cache)


def _unfold(x: np.ndarray, how: _Windows) -> np.ndarray:
    images = x.reshape(prod(x.shape[:-3]), x.shape[-3], *how.size)
    cols = windows.unfold(images, how.kernel, how.stride, how.padding, how.dilation)
    return cols.reshape(*x.shape[:-3], x.shape[-3] * prod(how.kernel), prod(how.places))


def _fold(cols: np.ndarray, how: _Windows) -> np.ndarray:
    channels = cols.shape[-2] // prod(how.kernel)
    batch = prod(cols.shape[:-2])
    split = cols.reshape(batch, channels, *how.kernel, *how.places)
    images = windows.fold(
        split, (batch, channels, *how.size), how.stride, how.padding, how.dilation
    )
    return images.reshape(*cols.shape[:-2], channels, *how.size)


def _windows(name, size, kernel_size, dilation, padding, stride) -> _Windows:
    try:
        return _known(name, size, kernel_size, dilation, padding, stride)
    except TypeError:
        pass  # a list cannot be looked up
    values = (kernel_size, dilation, padding, stride)
    return _known(name, size, *[tuple(v) if isinstance(v, list) else v for v in values])


@lru_cache(1024)
def _known(name: str, size: tuple, kernel_size: Any, dilation: Any, padding: Any, stride: Any):
    kernel = numbers_of(name, "kernel_size", kernel_size, 2, 1)
    dilation = numbers_of(name, "dilation", dilation, 2, 1)
    padding = numbers_of(name, "padding", padding, 2, 0) * 2
    stride = numbers_of(name, "stride", stride, 2, 1)
    places = windows.n_windows(size, kernel, stride, padding, dilation)
    if min(places) < 1:
        raise ValueError(
            f"{name}: kernel_size={kernel} with dilation={dilation} must fit into images of {size} "
            f"with padding={padding[:2]}"
        )
    return _Windows(tuple(size), kernel, places, stride, padding, dilation)
