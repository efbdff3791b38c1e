"""The centred and weighted matrix of the lasso: its columns, its Gram matrix, its gradient.

An intercept is fitted by centring: with sample weights w scaled to sum to n, minimising the
penalised loss of

    X~ = diag(sqrt(w)) (X - 1 mean'),      y~ = sqrt(w) (y - mean(y))          (weighted means)

over b alone gives b, and mean(y) - mean'b is the intercept. Columns are needed whole by residual
updates, which costs one copy of X; Gram updates read X in blocks of rows and copy nothing. Both
subtract the mean first: X'X - n mean mean' would lose the digits that X and its mean share.
A column whose deviations are no larger than rounding errors of its mean is constant, and 0 in X~.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_BLOCK = 1 << 16  # entries of X in a block of rows: half a megabyte stays in a core's cache
_CHUNK = 1 << 18  # entries of X for one thread to transpose: about 300 us


class Design(NamedTuple):
    """X (n, p) with what makes it X~: means (p,) float64 and square roots of the weights (n,)."""

    X: np.ndarray
    mean: np.ndarray | None  # None: no intercept
    root: np.ndarray | None  # None: no weights


def weighted_mean(X: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Return the means of the columns of X (n, p), shape (p,), in float64.

    They are summed as differences to the first row: a constant column has its very value as mean.
    """
    n, p = X.shape
    weight = np.ones(n) if weight is None else weight.astype(np.float64, copy=False)
    first, total, buffer = X[0].astype(np.float64), np.zeros(p), None
    for rows in _blocks(X):
        block = X[rows]
        if buffer is None:
            buffer = np.empty(block.shape)
        total += weight[rows] @ np.subtract(block, first, out=buffer[: len(block)])
    return first + total / weight.sum()


def columns(design: Design, *, overwrite: bool = False) -> np.ndarray:
    """Return the columns of X~ as the rows of a C-ordered array (p, n).

    With `overwrite`, the memory of a Fortran-ordered X is used for it.
    """
    X, mean, root = design
    n, p = X.shape
    if mean is None and root is None and X.flags.f_contiguous:
        return X.T
    shift = np.zeros(p) if mean is None else mean
    factor = np.ones(n, dtype=X.dtype) if root is None else root
    in_place = overwrite and X.flags.f_contiguous and X.flags.writeable
    A = X.T if in_place else np.empty((p, n), dtype=X.dtype)
    if X.flags.c_contiguous and not in_place:
        rows = chunk_bounds(n, 8 * max(1, _CHUNK // (8 * p)))
        parallel_chunks(lambda start, stop: transpose(X, shift, factor, A, start, stop), rows)
    else:
        np.subtract(X.T, shift[:, None], out=A, casting="same_kind")
        if root is not None:
            A *= root
    A[_constant(np.einsum("ij,ij->i", A, A), shift, n)] = 0
    return A


def gram(design: Design, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return X~'X~ (p, p) and X~'Y (p, t) for targets Y (n, t), centred and weighted already."""
    n, p = design.X.shape
    Q, XY = np.zeros((p, p), dtype=Y.dtype), np.zeros((p, Y.shape[1]), dtype=Y.dtype)
    for rows, block in row_blocks(design):
        Q += block.T @ block
        XY += block.T @ Y[rows]
    if design.mean is not None:
        constant = _constant(Q.diagonal(), design.mean, n)
        Q[constant], Q[:, constant], XY[constant] = 0, 0, 0
    return Q, XY


def gradient(design: Design, y: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """Return X~'r and r'r for the residual r = y - X~ b, in one pass over X."""
    c, rr = np.zeros(len(b)), 0.0
    for rows, block in row_blocks(design):
        r = y[rows] - block @ b
        c += r @ block
        rr += float(r @ r)
    return c.astype(y.dtype, copy=False), rr


def row_blocks(design: Design) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield blocks of rows of X~, each overwritten by the next, and which rows they are."""
    X, mean, root = design
    buffer = None
    for rows in _blocks(X):
        block = X[rows]
        if mean is not None or root is not None:
            if buffer is None:
                buffer = np.empty(block.shape, dtype=X.dtype)
            shift = 0 if mean is None else mean
            block = np.subtract(block, shift, out=buffer[: len(block)], casting="same_kind")
            if root is not None:
                block *= root[rows, None]
        yield rows, block


def _blocks(X: np.ndarray) -> Iterator[slice]:
    for start, stop in chunk_bounds(len(X), max(256, _BLOCK // X.shape[1])):
        yield slice(start, stop)


def _constant(norms: np.ndarray, mean: np.ndarray, n: int) -> np.ndarray:
    rounding = 4 * np.finfo(norms.dtype).eps * np.abs(mean)
    return norms < n * rounding * rounding  # not where both overflow


@jit("void(const T[:, ::1], const float64[::1], const T[::1], T[:, ::1], int64, int64)")
def transpose(X, mean, root, A, start, stop):
    """Write rows `start` to `stop` of X~ to the columns of A, eight (a cache line) at a time."""
    for first in range(start, stop, 8):
        last = min(first + 8, stop)
        for j in range(X.shape[1]):
            a = A[j]
            for i in range(first, last):
                a[i] = (X[i, j] - mean[j]) * root[i]
