"""Row-vector arithmetic over large matrices, a cache-sized block at a time.

``(X - mean) / scale`` in NumPy makes one pass over memory for each operation and, where X has few
columns, starts its inner loop anew for each short row.  Here X is cut into blocks that stay in the
second-level cache for all operations: some rows of a C-ordered matrix, some columns (or a piece of
one) of a Fortran-ordered one.  A C-ordered matrix of few columns is first seen as a wider one, k
rows side by side: (n, p) -> (n / k, k p), with row vectors repeated k times.

The results are those of the plain expression, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

SIZE = 32768  # values in a block: 256 KiB of float64
WIDTH = 512  # inner loops of this length hide NumPy's cost of starting one (about 20 ns)


def apply_rowwise(
    X: np.ndarray, steps: Sequence[tuple[Callable, np.ndarray]], out: np.ndarray
) -> np.ndarray:
    """Apply ufuncs with row vectors, one after the other, to all rows of a matrix.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Input; only read.
    steps : sequence of (ufunc, ndarray of shape (p,))
        Each step replaces row x by ``ufunc(x, vector)``; no step means a copy.
    out : ndarray of shape (n, p)
        Receives the result; may be `X` itself.

    Returns
    -------
    ndarray of shape (n, p)
        `out`.
    """
    k = rows_side_by_side(X, out)
    whole = len(X) // k * k
    A, B = side_by_side(X[:whole], k), side_by_side(out[:whole], k)
    wide = [(ufunc, np.tile(vector, k)) for ufunc, vector in steps]
    rows, columns = block_slices(A)
    for i in rows:
        for j in columns:
            values = A[i, j]
            for ufunc, vector in wide:
                values = ufunc(values, vector[j], out=B[i, j])
            if not steps:
                B[i, j] = values
    if whole < len(X):
        apply_rowwise(X[whole:], steps, out[whole:])
    return out


def block_slices(X: np.ndarray) -> tuple[list[slice], list[slice]]:
    """Return slices of rows and of columns whose products are blocks of about SIZE values.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        The matrix; its memory order decides the blocks' shape.
    """
    n, p = X.shape
    if X.flags.f_contiguous and not X.flags.c_contiguous:
        height = min(n, SIZE)
        width = max(1, SIZE // max(height, 1))
    else:
        height, width = max(1, SIZE // max(p, 1)), max(p, 1)
    return (
        [slice(i, min(i + height, n)) for i in range(0, n, height)],
        [slice(j, min(j + width, p)) for j in range(0, p, width)],
    )


def rows_side_by_side(*arrays: np.ndarray) -> int:
    """Return how many rows of some matrices of one shape to lay side by side, at least 1.

    Parameters
    ----------
    *arrays : ndarray of shape (n, p)
        The matrices that are worked on together; all must be in C order.
    """
    n, p = arrays[0].shape
    if n == 0 or p == 0 or not all(a.flags.c_contiguous for a in arrays):
        return 1
    return max(1, min(n, WIDTH // p))


def side_by_side(X: np.ndarray, k: int) -> np.ndarray:
    """View a C-ordered (n, p) matrix as (n / k, k p); k divides n.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        The matrix.
    k : int
        Rows to lay side by side.
    """
    return X if k == 1 else X.reshape(len(X) // k, k * X.shape[1])
