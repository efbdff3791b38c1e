"""Vectors scaled to norm 1, and local response normalisation: no statistics are learned.

Unit norm, along one axis, with n = (sum |x_k|^p)^(1/p) (p = inf: the largest |x_k|):

    y = x / max(n, eps)
    dx = dy / n - (sum dy_k x_k / n^2) dn/dx,   dn/dx_j = sign(x_j) (|x_j| / n)^(p-1)    n > eps
    dx = dy / eps                                                                        n <= eps

and for p = inf, dn/dx shares sign(x_j) equally among the x_j of largest modulus.

Local response normalisation, over the channels c - s // 2 ... c + (s - 1) // 2 of the same position
(those outside 0 ... C - 1 count as 0):

    t_c = k + alpha / s sum x_j^2,    y_c = x_c t_c^-beta
    dx_j = dy_j t_j^-beta - 2 alpha beta / s x_j sum of dy_c y_c / t_c over the c that j is near

Shapes: x of any shape; (N, C, ...) for the second.

Reference: A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet classification with deep
convolutional neural networks", NeurIPS 2012, section 3.3 (where alpha is not divided by s).
"""

from typing import Any

import numpy as np


def normalize_forward(
    x: np.ndarray, p: float = 2.0, dim: int = 1, eps: float = 1e-12
) -> tuple[np.ndarray, Any]:
    """Return x divided by its p-norm along `dim`, or by `eps` if that is larger.

    Parameters
    ----------
    x : ndarray
        Values.
    p : float
        Exponent > 0; inf for the largest modulus.
    dim : int
        The axis along which vectors lie.
    eps : float
        Least divisor.
    """
    size = np.abs(x)
    largest = size.max(axis=dim, keepdims=True, initial=0)
    if np.isinf(p):
        norm = largest
    else:  # scaled, so that no power overflows or vanishes
        scale = np.where((largest > 0) & np.isfinite(largest), largest, 1).astype(x.dtype)
        norm = scale * ((size / scale) ** p).sum(axis=dim, keepdims=True) ** (1 / p)
    n = np.maximum(norm, eps).astype(x.dtype)
    return x / n, (x, norm, n, p, dim, eps)


def normalize_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx."""
    x, norm, n, p, dim, eps = cache
    dx: np.ndarray = dy / n
    along = (dx * (x / n)).sum(axis=dim, keepdims=True)
    size = np.abs(x)
    if np.isinf(p):
        at = size == norm
        share = at / np.maximum(at.sum(axis=dim, keepdims=True), 1)
    elif p == 1:
        share = np.ones_like(x)
    else:  # for p < 1 the derivative at 0 is infinite; 0 is taken there
        share = np.where(size > 0, (np.where(size > 0, size, 1) / n) ** (p - 1), 0)
    dx -= np.where(norm >= eps, along * share * np.sign(x), 0).astype(x.dtype)
    return dx


def local_response_norm_forward(
    x: np.ndarray, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> tuple[np.ndarray, Any]:
    """Return x divided by a power of the mean square of the channels around each.

    Parameters
    ----------
    x : ndarray of shape (N, C, ...)
        Values.
    size : int
        How many channels are around one.
    alpha, beta, k : float
        Weight of the mean square, exponent, and what is added.
    """
    t = k + (alpha / size) * _around(x * x, size // 2, (size - 1) // 2)
    power = t**-beta
    y = x * power
    return y, (x, y, t, power, size, 2 * alpha * beta / size)


def local_response_norm_backward(dy: np.ndarray, cache: Any) -> np.ndarray:
    """Return dx."""
    x, y, t, power, size, factor = cache
    return np.asarray(dy * power - factor * x * _around(dy * y / t, (size - 1) // 2, size // 2))


def _around(x: np.ndarray, before: int, after: int) -> np.ndarray:
    """Return, for each channel, the sum over the channels from `before` below to `after` above."""
    C = x.shape[1]
    total = np.zeros_like(x)
    for step in range(max(-before, 1 - C), min(after, C - 1) + 1):
        total[:, max(0, -step) : C - max(0, step)] += x[:, max(0, step) : C - max(0, -step)]
    return total
