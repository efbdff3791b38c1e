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

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_BLOCK = 1 << 18  # entries of X in a block of rows: two megabytes
_LONG_BLOCK = 1 << 20  # the same for BLAS, which is slow to start where others use its cores
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
    weight = np.ones(len(X)) if weight is None else weight.astype(np.float64, copy=False)
    first, total = X[0].astype(np.float64), np.zeros(X.shape[1])
    for rows, block in _blocks(X):
        add_differences(block, first, weight[rows], total)
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
    X, mean, root = design
    n, p = X.shape
    Q = np.zeros((p, p), dtype=Y.dtype)
    shift = 0 if mean is None else mean
    for rows, block in _blocks(X, _LONG_BLOCK):
        if mean is not None or root is not None:
            block = np.subtract(block, shift, dtype=X.dtype, casting="same_kind")
        if root is not None:
            block *= root[rows, None]
        Q += block.T @ block
    zero = np.zeros(p, dtype=Y.dtype)
    XY = np.stack([gradient(design, np.ascontiguousarray(y), zero)[0] for y in Y.T], axis=1)
    if mean is not None:
        constant = _constant(Q.diagonal(), mean, n)
        Q[constant], Q[:, constant], XY[constant] = 0, 0, 0
    return Q, XY


def gradient(design: Design, y: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """Return X~'r and r'r for the residual r = y - X~ b, in one pass over X."""
    X, mean, root = design
    shift = np.zeros(len(b)) if mean is None else mean
    factor = np.ones(len(y), dtype=X.dtype) if root is None else root
    c, rr = np.zeros(len(b)), 0.0
    for rows, block in _blocks(X):
        rr += add_gradient(block, shift, factor[rows], y[rows], b, c)
    return c.astype(y.dtype, copy=False), rr


def _blocks(X: np.ndarray, size: int = _BLOCK) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield blocks of rows of X, C-ordered, and which rows they are."""
    for start, stop in chunk_bounds(len(X), max(256, size // X.shape[1])):
        yield slice(start, stop), np.ascontiguousarray(X[start:stop])


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


@jit(
    "void(const T[:, ::1], const float64[::1], const float64[::1], float64[::1])",
    fastmath=NAN_SAFE_FASTMATH,
)
def add_differences(X, first, weight, total):
    """Add the weighted sum of the rows of X, less `first`, to `total`."""
    for i in range(X.shape[0]):
        x = X[i]
        for j in range(x.shape[0]):
            total[j] += weight[i] * (x[j] - first[j])


@jit(
    "float64(const T[:, ::1], const float64[::1], const T[::1], const T[::1], const T[::1],"
    " float64[::1])",
    fastmath=NAN_SAFE_FASTMATH,
)
def add_gradient(X, mean, root, y, b, c):
    """Add X~'r to c for the rows given, r = y - X~ b; return r'r."""
    rr = 0.0
    for i in range(X.shape[0]):
        x = X[i]
        fit = 0.0
        for j in range(x.shape[0]):
            fit += (x[j] - mean[j]) * b[j]
        r = y[i] - root[i] * fit
        rr += r * r
        for j in range(x.shape[0]):
            c[j] += r * root[i] * (x[j] - mean[j])
    return rr
