"""The Gram matrix X~'X~ of a centred and weighted matrix (`design`), strip by strip of its rows.

The mean is subtracted from the entries, not from the product: X'X - n mean mean' would lose the
digits that X and its mean share.

BLAS divides even a small product among its threads, which then wait for each other: where other
processes use the cores, that took up to ten times as long as the product. So the rows are divided
here instead, into chunks that wait for nobody, each on one thread of BLAS.
"""

from functools import partial, reduce

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.linear_model.design import Design, constant_columns, plain

_STRIP = 1 << 16  # entries of X~ made at a time: half a megabyte, in cache


def gram(design: Design) -> np.ndarray:
    """Return X~'X~, shape (p, p), in X's dtype."""
    X, shift, _ = plain(design)
    n, p = X.shape
    size = -(-n // min(16, max(1, n // (8 * p))))  # the partial sums are n p / 8 numbers, or one
    with one_blas_thread(when=size < n):
        Q = reduce(np.add, parallel_chunks(partial(_gram_of_rows, design), chunk_bounds(n, size)))
    constant = constant_columns(Q.diagonal(), shift, n)
    Q[constant], Q[:, constant] = 0, 0
    return Q


def _gram_of_rows(design: Design, start: int, stop: int) -> np.ndarray:
    """Return the sum over these rows."""
    X, shift, root = plain(design)
    p = X.shape[1]
    m = min(max(256, _STRIP // p), stop - start)
    Q, strip = np.zeros((p, p), dtype=X.dtype), np.empty((m, p), dtype=X.dtype)
    for first in range(start, stop, m):
        rows = slice(first, min(first + m, stop))
        Z = strip[: rows.stop - first]
        np.subtract(X[rows], shift, out=Z, casting="same_kind")
        if design.root is not None:
            Z *= root[rows, None]
        Q += Z.T @ Z  # one array twice is a symmetric product, at half the price
    return Q
