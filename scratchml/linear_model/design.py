"""The centred and weighted matrix of the lasso, never formed: columns, Gram matrix, gradient.

An intercept is fitted by centring: with sample weights w scaled to sum to n, minimising the
penalised loss of

    X~ = diag(sqrt(w)) (X - 1 mean'),      y~ = sqrt(w) (y - mean(y))          (weighted means)

over b alone gives b, and mean(y) - mean'b is the intercept. X~ has no copy of its own: each pass
over X, by rows or by columns as it lies in memory, computes (x_ij - mean_j) sqrt(w_i) anew, which
costs nothing beside reading X. Only the few columns of a working set are made, and strips of rows
for the Gram matrix (`gram_matrix`).

A column whose deviations are no larger than rounding errors of its mean is constant, and 0 in X~.
"""

from collections.abc import Callable
from functools import reduce
from typing import NamedTuple

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks

_CHUNK = 1 << 18  # entries of X for one thread: 100 us or more
_TILE = 1 << 16  # entries of X~ made at a time: half a megabyte, in cache


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
    first = X[0].astype(np.float64)
    return first + correlations(Design(X, first, None), weight) / weight.sum()


def correlations(design: Design, r: np.ndarray) -> np.ndarray:
    """Return X~'r, shape (p,), in float64."""
    X, shift, root = plain(design)
    v = (r if design.root is None else r * root).astype(np.float64, copy=False)
    if not _by_columns(X):
        return _sum_over_rows(X, lambda x, rows, c: add_correlations(x, shift, v[rows], c))
    c = np.empty(X.shape[1])
    parallel_chunks(
        lambda start, stop: correlate(X.T[start:stop], shift[start:stop], v, c[start:stop]),
        chunk_bounds(len(c), max(1, _CHUNK // len(X))),
    )
    return c


def squared_norms(design: Design) -> np.ndarray:
    """Return the squared norms of the columns of X~, shape (p,), in X's dtype."""
    X, shift, root = plain(design)
    if not _by_columns(X):
        norms = _sum_over_rows(X, lambda x, rows, q: add_squares(x, shift, root[rows], q))
    else:
        pieces = chunk_bounds(X.shape[1], max(1, _TILE // len(X)))
        parts = (columns(design, np.arange(start, stop)) for start, stop in pieces)
        norms = np.concatenate([np.einsum("ij,ij->i", A, A) for A in parts])
    norms = norms.astype(X.dtype, copy=False)
    norms[constant_columns(norms, shift, len(X))] = 0
    return norms


def columns(design: Design, W: np.ndarray) -> np.ndarray:
    """Return the columns `W` of X~ as the rows of a C-ordered array (k, n)."""
    X, shift, root = plain(design)
    n, shift = len(X), shift[W]
    A = np.empty((len(W), n), dtype=X.dtype)
    if X.flags.c_contiguous:
        rows = chunk_bounds(n, 8 * max(1, _CHUNK // (8 * max(1, len(W)))))
        parallel_chunks(lambda start, stop: gather(X, W, shift, root, A, start, stop), rows)
    else:
        np.subtract(X.T[W], shift[:, None], out=A, casting="same_kind")
        if design.root is not None:
            A *= root
    A[constant_columns(np.einsum("ij,ij->i", A, A), shift, n)] = 0
    return A


def gradient(design: Design, y: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """Return X~'r and r'r for the residual r = y - X~ b, in one pass over X."""
    X, shift, root = plain(design)
    p = len(b)

    def add(x, rows, total):
        total[p] = add_gradient(x, shift, root[rows], y[rows], b, total[:p])

    total = _sum_over_rows(X, add, p + 1)
    return total[:p].astype(y.dtype), float(total[p])


def plain(design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return X, means and root weights, where there are none 0 and 1."""
    X, mean, root = design
    n, p = X.shape
    return (
        X,
        np.zeros(p) if mean is None else mean,
        np.ones(n, dtype=X.dtype) if root is None else root,
    )


def _by_columns(X: np.ndarray) -> bool:
    return X.flags.f_contiguous and not X.flags.c_contiguous


def _sum_over_rows(
    X: np.ndarray, add: Callable[[np.ndarray, slice, np.ndarray], object], size: int | None = None
) -> np.ndarray:
    """Sum what `add` adds to an array for each block of rows of X, made C-ordered."""
    n, p = X.shape

    def part(start: int, stop: int) -> np.ndarray:
        total = np.zeros(p if size is None else size)
        add(np.ascontiguousarray(X[start:stop]), slice(start, stop), total)
        return total

    return reduce(np.add, parallel_chunks(part, chunk_bounds(n, max(64, _CHUNK // p))))


def constant_columns(norms: np.ndarray, mean: np.ndarray, n: int) -> np.ndarray:
    """Return which columns vary by no more than the rounding errors of their mean."""
    rounding = 4 * np.finfo(norms.dtype).eps * np.abs(mean)
    return norms < n * rounding * rounding  # not where both overflow


@jit("void(const T[:, ::1], const float64[::1], const float64[::1], float64[::1])",
     fastmath=NAN_SAFE_FASTMATH)  # fmt: skip
def correlate(A, mean, v, c):
    """Compute c_j = sum_i (A_ji - mean_j) v_i."""
    for j in range(A.shape[0]):
        x = A[j]
        total = 0.0
        for i in range(x.shape[0]):
            total += (x[i] - mean[j]) * v[i]
        c[j] = total


@jit("void(const T[:, ::1], const float64[::1], const float64[::1], float64[::1])",
     fastmath=NAN_SAFE_FASTMATH)  # fmt: skip
def add_correlations(X, mean, v, c):
    """Add sum_i (X_ij - mean_j) v_i to c_j, four rows at a time: c is read and written less."""
    n = X.shape[0]
    for i in range(0, n - 3, 4):
        x0, x1, x2, x3 = X[i], X[i + 1], X[i + 2], X[i + 3]
        v0, v1, v2, v3 = v[i], v[i + 1], v[i + 2], v[i + 3]
        for j in range(c.shape[0]):
            m = mean[j]
            c[j] += (x0[j] - m) * v0 + (x1[j] - m) * v1 + (x2[j] - m) * v2 + (x3[j] - m) * v3
    for i in range(n - n % 4, n):
        x = X[i]
        for j in range(c.shape[0]):
            c[j] += (x[j] - mean[j]) * v[i]


@jit("void(const T[:, ::1], const float64[::1], const T[::1], float64[::1])",
     fastmath=NAN_SAFE_FASTMATH)  # fmt: skip
def add_squares(X, mean, root, total):
    """Add the squares of the rows of X~ to `total`."""
    for i in range(X.shape[0]):
        x = X[i]
        for j in range(x.shape[0]):
            z = (x[j] - mean[j]) * root[i]
            total[j] += z * z


@jit("void(const T[:, ::1], const int64[::1], const float64[::1], const T[::1], T[:, ::1], int64,"
     " int64)")  # fmt: skip
def gather(X, W, mean, root, A, start, stop):
    """Write columns `W` (of these means) of X~, rows `start` to `stop`, to the rows of A.

    Eight entries (a cache line) at a time.
    """
    for first in range(start, stop, 8):
        last = min(first + 8, stop)
        for k in range(W.shape[0]):
            a, j = A[k], W[k]
            for i in range(first, last):
                a[i] = (X[i, j] - mean[k]) * root[i]


@jit("float64(const T[:, ::1], const float64[::1], const T[::1], const T[::1], const T[::1],"
     " float64[::1])", fastmath=NAN_SAFE_FASTMATH)  # fmt: skip
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
