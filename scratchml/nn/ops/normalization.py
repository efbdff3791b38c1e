"""Batch normalisation: every channel is shifted and scaled to mean 0 and variance 1.

For the n values x_1 ... x_n of a channel (its part of every sample, at every position)

    mean = sum x_i / n,    var = sum (x_i - mean)^2 / n,    r = 1 / sqrt(var + eps),
    xhat_i = (x_i - mean) r,    y_i = w xhat_i + b;

in evaluation mean and var are given (running averages), and constants for the gradient.

With dw = sum dy_i xhat_i and db = sum dy_i the gradient of the inputs is

    training      dx_i = w r (dy_i - db / n - xhat_i dw / n)
    evaluation    dx_i = w r dy_i

Mean and variance are found in float64. y is computed as (x_i - mean) (w r) + b with the mean in two
parts (what the dtype holds of it, and the rest), so that a mean of 1e6 standard deviations costs
no digits.

Shapes: x (N, C, ...), L the product of what follows C; w, b, mean, var (C,).

Reference: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
reducing internal covariate shift", ICML 2015, algorithm 1.
"""

from typing import Any

import numpy as np


def batch_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    moments: tuple[np.ndarray, np.ndarray] | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Any]:
    """Return the normalised channels.

    Parameters
    ----------
    x : ndarray of shape (N, C, ...)
        Values.
    weight, bias : ndarray of shape (C,), optional
        Ones and zeros by default.
    moments : tuple of two ndarray of shape (C,), optional
        Mean and variance to use instead of those of x (evaluation).
    eps : float
        Added to the variance.

    Returns
    -------
    y : ndarray
        Of the shape of x.
    cache : tuple
        Its last two are mean and variance (C,), in float64 if they are those of x.
    """
    N, C = x.shape[:2]
    planes = x.reshape(N, C, -1)  # (N, C, L)
    mean, var = batch_moments(planes) if moments is None else moments
    r = 1.0 / np.sqrt(np.asarray(var, np.float64) + eps)
    centre = np.asarray(mean, x.dtype)
    scale = r if weight is None else weight * r
    shift = (centre - np.asarray(mean, np.float64)) * scale
    if bias is not None:
        shift = shift + bias
    y = (planes - centre[:, None]) * _column(scale, x) + _column(shift, x)
    return y.reshape(x.shape), (x, weight, bias, centre, r, moments is None, mean, var)


def batch_norm_backward(
    dy: np.ndarray, cache: Any, needs: tuple[bool, bool, bool] = (True, True, True)
) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """Return dx, dw, db."""
    x, weight, bias, centre, r, training, mean, _ = cache
    N, C = x.shape[:2]
    planes, dy = x.reshape(N, C, -1), dy.reshape(N, C, -1)
    n = N * planes.shape[2]
    d = planes - centre[:, None]
    db = dy.sum(axis=(0, 2), dtype=np.float64)
    products = (dy * d).sum(axis=(0, 2), dtype=np.float64)
    dw = (products - (mean - centre) * db) * r
    dx = None
    if needs[0]:
        scale = r if weight is None else weight * r
        dx = dy * _column(scale, x)
        if training and n:
            slope = -scale * r * dw / n
            dx += d * _column(slope, x)
            dx += _column(-scale * db / n - slope * (mean - centre), x)
        dx = dx.reshape(x.shape)
    return (
        dx,
        None if weight is None else dw.astype(x.dtype),
        None if bias is None else db.astype(x.dtype),
    )


def batch_moments(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the variance (over n) of each channel of (N, C, L), in float64."""
    n = planes.shape[0] * planes.shape[2]
    mean = planes.mean(axis=(0, 2), dtype=np.float64)
    d = planes - mean[:, None]
    rest = d.sum(axis=(0, 2)) / n  # what rounding left in the mean (Chan, Golub, LeVeque 1983)
    return mean + rest, np.maximum((d * d).sum(axis=(0, 2)) / n - rest * rest, 0.0)


def _column(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return values (C,) as (C, 1) in the dtype of x."""
    return values.astype(x.dtype)[:, None]
