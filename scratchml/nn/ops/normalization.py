"""Batch, group and instance normalisation: groups of values get mean 0 and variance 1.

For the n values x_1 ... x_n of a group and its mean and variance,

    mean = sum x_i / n,    var = sum (x_i - mean)^2 / n,    r = 1 / sqrt(var + eps),
    xhat_i = (x_i - mean) r,    y_i = w_c xhat_i + b_c,

where c is the channel of x_i. A group is, in an input (N, C, ...),

    batch       a channel in all samples
    group       C / G channels that follow each other, in one sample
    instance    a channel in one sample.

In evaluation a batch normalisation is given mean and var (running averages). The gradients are

    db_c = sum dy_i,    dw_c = sum dy_i xhat_i        over the values of channel c, and
    dx_i = r (g_i - sum g_k / n - xhat_i sum g_k xhat_k / n),    g_i = w_c dy_i,

the sums over i's group; where mean and var were given, they are constants and dx_i = r g_i.

Mean and variance are found in float64; centre is what the dtype holds of the mean, and rest what it
does not. y is (x_i - centre) w r + (b - rest w r), so a mean of 1e6 deviations costs no digits.

Shapes: x is worked on as (A, B, S, L): group b is x[:, b], plane s of it belongs to channel
(b S + s) mod C; `table` (4, B) has centre, var, r and rest of each group.

References: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
reducing internal covariate shift", ICML 2015, algorithm 1; Y. Wu, K. He, "Group normalization",
ECCV 2018, section 3.
"""

import math
from typing import Any

import numpy as np

from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import normalization_columns as columns
from scratchml.nn.ops import normalization_kernels as kernels
from scratchml.nn.ops.elementwise import compiled

Gradients = tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]

_LARGE = 2**19  # numbers; below, one thread is done before a second one has woken
_FEW = 48  # positions of a channel from which loops along them are the faster ones


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
        Ones and zeros by default; of the dtype of x.
    moments : tuple of two ndarray of shape (C,), optional
        Mean and variance to use instead of those of x (evaluation).
    eps : float
        Added to the variance.

    Returns
    -------
    y : ndarray
        Of the shape of x.
    cache : tuple
        ``cache[0]`` is the table.
    """
    N, C = x.shape[:2]
    return _forward(x, (N, C, 1, math.prod(x.shape[2:])), weight, bias, moments, eps)


def group_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    groups: int = 1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Any]:
    """Return the normalised groups; an instance normalisation has as many groups as channels.

    Parameters
    ----------
    x : ndarray of shape (N, C, ...)
        Values.
    weight, bias : ndarray of shape (C,), optional
        Ones and zeros by default; of the dtype of x.
    groups : int
        A divisor of C.
    eps : float
        Added to the variance.
    """
    N, C = x.shape[:2]
    shape = 1, N * groups, C // groups, math.prod(x.shape[2:])
    return _forward(x, shape, weight, bias, None, eps)


def batch_norm_backward(
    dy: np.ndarray, cache: Any, needs: tuple[bool, bool, bool] = (True, True, True)
) -> Gradients:
    """Return dx, dw and db."""
    table, x, weight, given, (wants_dw, wants_db) = cache
    C = len(weight)
    dy4 = np.ascontiguousarray(dy).reshape(x.shape)
    dx, db, dw = _backward(dy4, x, weight, table, given)
    if db.size != C:  # a channel is in several groups
        dw, db = dw.reshape(-1, C).sum(axis=0), db.reshape(-1, C).sum(axis=0)
    return (
        dx.reshape(dy.shape),
        dw.astype(x.dtype).reshape(C) if wants_dw else None,
        db.astype(x.dtype).reshape(C) if wants_db else None,
    )


group_norm_backward = batch_norm_backward


def _forward(
    x: np.ndarray,
    shape: tuple[int, int, int, int],
    weight: np.ndarray | None,
    bias: np.ndarray | None,
    moments: tuple[np.ndarray, np.ndarray] | None,
    eps: float,
) -> tuple[np.ndarray, Any]:
    C = x.shape[1]
    x4 = np.ascontiguousarray(x).reshape(shape)
    w = np.ones(C, x.dtype) if weight is None else weight
    b = np.zeros(C, x.dtype) if bias is None else bias
    table = np.empty((4, shape[1]))
    if moments is not None:
        mean, table[1] = moments
        table[0] = mean.astype(x.dtype)
        table[2], table[3] = 1.0 / np.sqrt(table[1] + eps), mean - table[0]
    if compiled() and x.dtype.char in "fd" and x.size:
        y = np.empty(x.shape, x.dtype)
        _run_forward(x4, w, b, eps, y.reshape(shape), table, moments is not None)
    else:
        y = _definition(x4, w, b, eps, table, moments is not None).reshape(x.shape)
    return y, (table, x4, w, moments is not None, (weight is not None, bias is not None))


def _definition(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, eps: float, table: np.ndarray, given: bool
) -> np.ndarray:
    """Return y (A, B, S, L), and fill the table."""
    n = x.shape[0] * x.shape[2] * x.shape[3]
    if not given:
        mean = np.add.reduce(x, axis=(0, 2, 3), dtype=np.float64) / max(n, 1)
        table[0] = mean.astype(x.dtype)
        d = x - _across(table[0], x)
        rest = np.add.reduce(d, axis=(0, 2, 3), dtype=np.float64) / max(n, 1)
        squares = np.add.reduce(d * d, axis=(0, 2, 3), dtype=np.float64) / max(n, 1)
        table[1] = np.maximum(squares - rest * rest, 0.0)  # Chan, Golub, LeVeque 1983, eq. 1.7
        table[3] = rest
        table[2] = 1.0 / np.sqrt(table[1] + eps)
    scale = table[2, :, None] * _by_plane(w, x)  # (B, S)
    shift = _by_plane(b, x) - table[3, :, None] * scale
    y: np.ndarray = (x - _across(table[0], x)) * scale[..., None].astype(x.dtype)
    y += shift[..., None].astype(x.dtype)
    return y


def _backward(
    dy: np.ndarray, x: np.ndarray, w: np.ndarray, table: np.ndarray, given: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dx (A, B, S, L), and what each plane gives to db and dw (B, S)."""
    if compiled() and x.dtype.char in "fd" and x.size:
        return _run_backward(dy, x, w, table, given)
    n = x.shape[0] * x.shape[2] * x.shape[3]
    d = x - _across(table[0], x)
    r, rest = table[2], table[3]
    db = np.add.reduce(dy, axis=(0, 3), dtype=np.float64)  # (B, S)
    dw = np.add.reduce(dy * d, axis=(0, 3), dtype=np.float64)
    dw = (dw - rest[:, None] * db) * r[:, None]
    scale = r[:, None] * _by_plane(w, x)
    dx = dy * scale[..., None].astype(x.dtype)
    if not given and n:
        slope = -r * (scale * dw).sum(axis=1) / n
        dx += d * _across(slope, x)
        dx += _across(-(scale * db).sum(axis=1) / n - slope * rest, x)
    return dx, db, dw


def _across(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return values (B,) of groups so that they broadcast with x (A, B, S, L)."""
    return values.astype(x.dtype)[:, None, None]


def _by_plane(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return values (C,) of channels as (B, S)."""
    B, S = x.shape[1:3]
    return np.resize(values, (B, S)) if B * S else np.empty((B, S))


def _run_forward(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    eps: float,
    y: np.ndarray,
    table: np.ndarray,
    given: bool,
) -> None:
    if _along_channels(x):
        x, y = x.reshape(len(x), -1), y.reshape(len(x), -1)
        work, sums = np.empty((3, x.shape[1]), x.dtype), np.empty((3, x.shape[1]))
        _by_groups(columns.normalise_columns, table, x, w, b, eps, y, table, given, work, sums)
    elif not given:
        _by_groups(kernels.normalise, table, x, w, b, eps, y, table)
    else:
        scale = table[2] * w
        values = [v.astype(x.dtype) for v in (table[0], scale, b - table[3] * scale)]
        _affine(x[:, :, 0], *values, y[:, :, 0])


def _affine(x: np.ndarray, *rest: Any) -> None:
    *values, y = rest
    if x.size < 2 * _LARGE:
        kernels.affine(x, *values, y)
    else:
        chunk = max(1, _LARGE // 4 * len(x) // x.size)
        bounds = chunk_bounds(len(x), chunk)
        parallel_chunks(lambda i, j: kernels.affine(x[i:j], *values, y[i:j]), bounds)


def _run_backward(
    dy: np.ndarray, x: np.ndarray, w: np.ndarray, table: np.ndarray, given: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dx = np.empty(x.shape, x.dtype)
    if _along_channels(x):
        A, C, _, L = x.shape
        work, sums = np.empty((4, C * L), x.dtype), np.empty((2, C * L))
        flat = [a.reshape(A, -1) for a in (dy, x, dx)]
        dy, x, out = flat
        _by_groups(columns.columns_gradient, table, dy, x, w, table, out, given, work, sums)
        return dx, sums[0, ::L], sums[1, ::L]
    sums = np.empty((2, *x.shape[1:3]))
    _by_groups(kernels.normalise_gradient, table, dy, x, w, table, dx, sums, given)
    return dx, sums[0], sums[1]


def _along_channels(x: np.ndarray) -> bool:
    """Whether x is a batch normalisation's (groups are channels) with few positions."""
    return x.shape[3] < _FEW and x.shape[2] == 1 and x.shape[0] > 1


def _by_groups(kernel: Any, table: np.ndarray, x: np.ndarray, *rest: Any) -> None:
    """Run `kernel` on all groups, in threads if it is worth it."""
    groups = table.shape[1]
    if x.size < _LARGE:
        kernel(x, *rest, 0, groups)
    else:
        chunk = max(1, _LARGE // 4 * groups // x.size)
        parallel_chunks(lambda i, j: kernel(x, *rest, i, j), chunk_bounds(groups, chunk))
