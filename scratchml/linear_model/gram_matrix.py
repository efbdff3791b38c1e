"""The Gram matrix X~'X~ of a centred and weighted matrix (`design`), strip by strip of its rows.

The mean is subtracted from the entries, not from the product: X'X - n mean mean' would lose the
digits that X and its mean share.

Few columns are multiplied here, many by BLAS. BLAS divides even a small product among its threads,
which then wait for each other: where other processes use the cores, that took up to ten times as
long as the product. The chunks of rows here wait for nobody.
"""

from functools import partial, reduce

import numpy as np

from scratchml._core.jit import NAN_SAFE_FASTMATH, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.linear_model.design import Design, constant_columns, plain

_STRIP = 1 << 16  # entries of X~ made at a time: half a megabyte, in cache
_LONG_STRIP = 1 << 19  # the same for BLAS
_FEW = 512  # columns


def gram(design: Design) -> np.ndarray:
    """Return X~'X~, shape (p, p), in X's dtype."""
    X, shift, _ = plain(design)
    n, p = X.shape
    if p > _FEW:  # BLAS, which has threads of its own
        Q = _gram_of_rows(design, 0, n)
    else:  # the partial sums are n p / 8 numbers at most, or one
        size = -(-n // min(16, max(1, n // (8 * p))))
        Q = reduce(np.add, parallel_chunks(partial(_gram_of_rows, design), chunk_bounds(n, size)))
        Q += np.triu(Q, 1).T - np.tril(Q, -1)
    constant = constant_columns(Q.diagonal(), shift, n)
    Q[constant], Q[:, constant] = 0, 0
    return Q


def _gram_of_rows(design: Design, start: int, stop: int) -> np.ndarray:
    """Return the sum over these rows; up to _FEW columns, what is right of the diagonal."""
    X, shift, root = plain(design)
    p = X.shape[1]
    size = _STRIP if p <= _FEW else _LONG_STRIP
    m4, p4 = min(max(64, size // p // 4 * 4), -4 * (-(stop - start) // 4)), -4 * (-p // 4)
    Q, strip = np.zeros((p4, p4), dtype=X.dtype), np.zeros((m4, p4), dtype=X.dtype)
    for first in range(start, stop, m4):
        x, w = X[first : min(first + m4, stop)], root[first : min(first + m4, stop), None]
        Z = strip[: -4 * (-len(x) // 4)]  # filled up with zeros to multiples of four
        Z[len(x) :] = 0
        np.subtract(x, shift, out=Z[: len(x), :p], casting="same_kind")
        if design.root is not None:
            Z[: len(x), :p] *= w
        if p <= _FEW:
            add_products(Z, Q)
        else:
            Q += Z.T @ Z  # one array twice is a symmetric product, at half the price
    return np.ascontiguousarray(Q[:p, :p])


@jit("void(const T[:, ::1], T[:, ::1])", fastmath=NAN_SAFE_FASTMATH)
def add_products(Z, Q):
    """Add Z'Z, of a shape divisible by four, to Q on and right of the diagonal.

    Four rows of Z at once for four of Q: each entry loaded serves four products.
    """
    for j in range(0, Q.shape[0], 4):
        q0, q1, q2, q3 = Q[j, j:], Q[j + 1, j:], Q[j + 2, j:], Q[j + 3, j:]
        for i in range(0, Z.shape[0], 4):
            x, y, z, w = Z[i, j:], Z[i + 1, j:], Z[i + 2, j:], Z[i + 3, j:]
            x0, x1, x2, x3 = x[0], x[1], x[2], x[3]
            y0, y1, y2, y3 = y[0], y[1], y[2], y[3]
            z0, z1, z2, z3 = z[0], z[1], z[2], z[3]
            w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
            for k in range(q0.shape[0]):
                q0[k] += x0 * x[k] + y0 * y[k] + z0 * z[k] + w0 * w[k]
                q1[k] += x1 * x[k] + y1 * y[k] + z1 * z[k] + w1 * w[k]
                q2[k] += x2 * x[k] + y2 * y[k] + z2 * z[k] + w2 * w[k]
                q3[k] += x3 * x[k] + y3 * y[k] + z3 * z[k] + w3 * w[k]
