"""Windows of an image as columns, and their adjoint: the index arithmetic of convolution.

For an image x with S places along each axis, kernel places k, stride s, dilation d and padding p,

    unfold   cols[n, c, k, i] = x[n, c, s i + d k - p]             x is 0 outside of 0 .. S - 1
    fold     x[n, c, j] = sum of cols[n, c, k, i] over all (k, i) with s i + d k - p = j

with one k, i and j for each axis. `fold` adds where `unfold` copies from: it is the transposed
map, <unfold(x), cols> = <x, fold(cols)>, which is all that back-propagation through either needs.
For each k the places j are a regular grid, so both are one sliced NumPy operation for each k.

Shapes: x (N, C, *S); cols (N, C, *K, *P), P the number of windows along each axis. Padding is
written (before the first axis, before the second, ..., after the first axis, ...).
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np


def n_windows(
    size: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple
) -> tuple[int, ...]:
    """Return P: along each axis floor((S + padding - d (K - 1) - 1) / s) + 1."""
    n = len(size)
    return tuple(
        (size[a] + padding[a] + padding[a + n] - dilation[a] * (kernel[a] - 1) - 1) // stride[a] + 1
        for a in range(n)
    )


def single(kernel: tuple, stride: tuple, padding: tuple) -> bool:
    """Return whether windows have one place each, and each place of the image has one window."""
    return max(kernel) == 1 and max(stride) == 1 and not any(padding)


def unfold(
    x: np.ndarray, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple
) -> np.ndarray:
    """Copy the windows of `x` (N, C, *S) into columns (N, C, *K, *P).

    Windows of a single place, one for each place, are x itself: a view.
    """
    n_out = n_windows(x.shape[2:], kernel, stride, padding, dilation)
    if single(kernel, stride, padding):
        return x.reshape(*x.shape[:2], *kernel, *n_out)
    if any(padding):
        padded = np.zeros(x.shape[:2] + _padded(x.shape[2:], padding), x.dtype)
        padded[_inside(x.shape[2:], padding)] = x
        x = padded
    cols = np.empty((*x.shape[:2], *kernel, *n_out), x.dtype)
    for k, places in _grids(kernel, n_out, stride, dilation):
        cols[:, :, *k] = x[places]
    return cols


def fold(
    cols: np.ndarray, x_shape: tuple, stride: tuple, padding: tuple, dilation: tuple
) -> np.ndarray:
    """Add the columns (N, C, *K, *P) up at the places of an image of `x_shape` (N, C, *S).

    With windows of a single place, one for each place, nothing is added: a view of the columns.
    """
    n = len(x_shape) - 2
    kernel, n_out = cols.shape[2 : 2 + n], cols.shape[2 + n :]
    if single(kernel, stride, padding):
        return cols.reshape(x_shape)
    padded = np.zeros((*x_shape[:2], *_padded(x_shape[2:], padding)), cols.dtype)
    for k, places in _grids(kernel, n_out, stride, dilation):
        padded[places] += cols[:, :, *k]
    return padded[_inside(x_shape[2:], padding)] if any(padding) else padded


def _grids(
    kernel: tuple, n_out: tuple, stride: tuple, dilation: tuple
) -> Iterator[tuple[Any, Any]]:
    """Yield every kernel place k with the slices of the padded image that meet it."""
    lengths = [s * (p - 1) + 1 for s, p in zip(stride, n_out, strict=True)]
    for k in product(*map(range, kernel)):
        starts = [i * d for i, d in zip(k, dilation, strict=True)]
        cuts = zip(starts, lengths, stride, strict=True)
        yield k, (..., *(slice(start, start + length, s) for start, length, s in cuts))


def _padded(size: tuple, padding: tuple) -> tuple[int, ...]:
    n = len(size)
    return tuple(size[a] + padding[a] + padding[a + n] for a in range(n))


def _inside(size: tuple, padding: tuple) -> tuple:
    """Return the slices of a padded image that hold the image."""
    return (..., *(slice(before, before + s) for before, s in zip(padding, size, strict=False)))
