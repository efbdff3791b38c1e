"""Layer normalisation: every row of D values gets mean 0 and variance 1; and RMS normalisation.

    layer    mean = sum x_j / D,   r = 1 / sqrt(sum (x_j - mean)^2 / D + eps)
    RMS      mean = 0,             r = 1 / sqrt(sum x_j^2 / D + eps)

    xhat_j = (x_j - mean) r,       y_j = w_j xhat_j + b_j        (RMS has no b)

The gradients are, with g_j = w_j dy_j,

    dx_j = r (g_j - sum g_k / D - xhat_j sum g_k xhat_k / D)     (RMS: without the first sum)
    dw_j = sum dy_j xhat_j,   db_j = sum dy_j                    over all rows.

Mean = centre + rest and variance are found in float64, see `scratchml.nn.ops.normalization`;
shift = -rest r.

Shapes: x (..., D) is worked on as (R, D), w and b (D,); D the product of the normalised axes;
`table` (R, 3) has centre, r and shift of each row, xhat = (x - centre) r + shift.

References: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv 1607.06450, eq. 3;
B. Zhang, R. Sennrich, "Root mean square layer normalization", NeurIPS 2019, eq. 4.
"""

import math
from typing import Any

import numpy as np

from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import layer_norm_kernels as kernels
from scratchml.nn.ops.elementwise import compiled
from scratchml.nn.ops.normalization import Gradients

_LARGE = 2**21  # numbers; below, one thread is done before a second one has woken


def layer_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
    centred: bool = True,
    axes: int = 1,
) -> tuple[np.ndarray, Any]:
    """Return the normalised rows.

    Parameters
    ----------
    x : ndarray of shape (..., *sizes)
        Values; a row is the last `axes` axes.
    weight, bias : ndarray of shape sizes, optional
        Ones and zeros by default; of the dtype of x.
    eps : float
        Added to the variance.
    centred : bool
        Whether the mean is subtracted; if not, this is the RMS normalisation.
    axes : int
        How many axes make a row.
    """
    sizes = x.shape[x.ndim - axes :]
    D = math.prod(sizes)
    rows = np.ascontiguousarray(x).reshape(x.size // D if D else 0, D)
    w = np.ones(D, x.dtype) if weight is None else np.ascontiguousarray(weight).reshape(D)
    b = np.zeros(D, x.dtype) if bias is None else np.ascontiguousarray(bias).reshape(D)
    table = np.empty((len(rows), 3))
    y = np.empty(x.shape, x.dtype)
    out = y.reshape(rows.shape)
    if compiled() and x.dtype.char in "fd":
        bounds = _bounds(rows)
        if len(bounds) == 1:
            kernels.normalise_rows(rows, w, b, eps, out, table, centred)
        else:
            parallel_chunks(
                lambda i, j: kernels.normalise_rows(
                    rows[i:j], w, b, eps, out[i:j], table[i:j], centred
                ),
                bounds,
            )
    elif x.size:
        _definition(rows, w, b, eps, out, table, centred)
    return y, (table, rows, w, centred, sizes, (weight is not None, bias is not None))


def layer_norm_backward(
    dy: np.ndarray, cache: Any, needs: tuple[bool, bool, bool] = (True, True, True)
) -> Gradients:
    """Return dx, dw and db."""
    table, x, w, centred, sizes, (wants_dw, wants_db) = cache
    rows = np.ascontiguousarray(dy).reshape(x.shape)
    if compiled() and x.dtype.char in "fd":
        dx, dw, db = _compiled_gradient(rows, x, w, table, centred)
    else:
        dx, dw, db = _gradient(rows, x, w, table, centred)
    return (
        dx.reshape(dy.shape),
        dw.astype(x.dtype).reshape(sizes) if wants_dw else None,
        db.astype(x.dtype).reshape(sizes) if wants_db else None,
    )


def _definition(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    eps: float,
    y: np.ndarray,
    table: np.ndarray,
    centred: bool,
) -> None:
    """Fill y (R, D) and the table."""
    centre = np.zeros((len(x), 1), x.dtype)
    if centred:
        centre += np.add.reduce(x, axis=1, dtype=np.float64, keepdims=True) / x.shape[1]
    d = x - centre
    rest = np.add.reduce(d, axis=1, dtype=np.float64) / x.shape[1] if centred else 0.0
    square = np.add.reduce(d * d, axis=1, dtype=np.float64) / x.shape[1]
    table[:, 0] = centre[:, 0]
    table[:, 1] = 1.0 / np.sqrt(np.maximum(square - rest * rest, 0.0) + eps)
    table[:, 2] = -rest * table[:, 1]
    y[...] = _normalised(x, table) * w + b


def _normalised(x: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return xhat (R, D)."""
    centre, r, shift = (column.astype(x.dtype) for column in np.split(table, 3, axis=1))
    return np.asarray((x - centre) * r + shift)


def _gradient(
    dy: np.ndarray, x: np.ndarray, w: np.ndarray, table: np.ndarray, centred: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dx (R, D), dw and db (D,)."""
    xhat, g = _normalised(x, table), dy * w
    D = max(x.shape[1], 1)
    dx = g - xhat * _mean(g * xhat, D)
    if centred:
        dx -= _mean(g, D)
    dx *= table[:, 1:2].astype(x.dtype)
    dw = np.add.reduce(dy * xhat, axis=0, dtype=np.float64)
    return dx, dw, np.add.reduce(dy, axis=0, dtype=np.float64)


def _mean(values: np.ndarray, D: int) -> np.ndarray:
    s = np.add.reduce(values, axis=1, dtype=np.float64, keepdims=True)
    return np.asarray((s / D).astype(values.dtype))


def _compiled_gradient(
    dy: np.ndarray, x: np.ndarray, w: np.ndarray, table: np.ndarray, centred: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dx = np.empty(x.shape, x.dtype)

    def task(i: int, j: int) -> np.ndarray:
        total, part = np.empty((2, x.shape[1])), np.empty((2, x.shape[1]), x.dtype)
        kernels.rows_gradient(dy[i:j], x[i:j], w, table[i:j], dx[i:j], part, total, centred)
        return total

    bounds = _bounds(x)
    if len(bounds) == 1:
        dw, db = task(0, len(x))
    else:
        dw, db = np.add.reduce(parallel_chunks(task, bounds), axis=0)
    return dx, dw, db


def _bounds(x: np.ndarray) -> list[tuple[int, int]]:
    """Return the pieces that threads share, by the shape alone."""
    if x.size < _LARGE:
        return [(0, len(x))]
    return chunk_bounds(len(x), max(32, _LARGE // 4 // x.shape[1] // 32 * 32))
