"""What stands before and after attention with many heads: projections, and heads apart.

The rows w_q, w_k, w_v of the weight W (3 H D, E) make queries, keys and values, and in each H
vectors of D numbers, one for each head:

    q, k, v = x_q w_q' + b_q,  x_k w_k' + b_k,  x_v w_v' + b_v        (N, L, H D) -> (N, H, L, D)

Where inputs are one, as in self-attention, their products are one: with x_k = x_v, for instance,
the inputs are (x_q, x_k) and parts = (1, 2), the number of projections made of each.

Backward: with dA the gradients of the projections of x put together (N, L, parts H D),

    dx = dA w,      dw = dA' x,      db = dA' 1.

Shapes: x (N, L, E), or (L, N, E) with `batch_first` False; q, k and v are views (N, H, L, D) of
the products. Merging the heads is (N, H, L, D) -> (N, L, H D) or (L, N, H D).

Reference: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.2.
"""

import numpy as np

from scratchml.nn.ops.linear import linear_backward, linear_forward


def project_heads_forward(w, b, *inputs, parts, size, heads, batch_first=True):
    """Return queries, keys and values, or the first of them, and what the backward half needs.

    Parameters
    ----------
    w : ndarray of shape (3 H D, E)
        The rows of queries, keys and values; fewer, if fewer are made.
    b : ndarray of shape (3 H D,), or None
        Added to the products.
    *inputs : ndarray of shape (N, L, E) or (L, N, E)
        The different inputs, in order.
    parts : tuple of int
        How many projections are made of each.
    size, heads : int
        H D, and H.
    batch_first : bool
        Whether the first axis is that of samples.
    """
    projected, start = [], 0
    for x, n in zip(inputs, parts, strict=True):
        stop = start + n * size
        a, _ = linear_forward(x, w[start:stop], None if b is None else b[start:stop])
        projected.extend(_heads(a, n, heads, batch_first))
        start = stop
    return tuple(projected), (w, b is not None, inputs, parts, size, batch_first)


def project_heads_backward(gradients, cache, needs):
    """Return dw, db and the dx; `gradients` are those of queries, keys and values, some None."""
    w, has_bias, inputs, parts, size, batch_first = cache
    whole = len(parts) == 1 and parts[0] * size == len(w)  # one product has all rows
    dw = np.zeros_like(w) if needs[0] and not whole else None
    db = np.zeros(len(w), w.dtype) if needs[1] and has_bias and not whole else None
    dxs: list = []
    first = 0
    for x, n, need in zip(inputs, parts, needs[2:], strict=True):
        rows = slice(first * size, (first + n) * size)
        group = gradients[first : first + n]
        first += n
        if all(dy is None for dy in group):
            dxs.append(None)
            continue
        da = _together(group, batch_first, (*x.shape[:2], n * size))
        dx, dw_rows, db_rows = linear_backward(da, (x, w[rows]), (need, needs[0], needs[1]))
        dxs.append(dx)
        if whole:
            dw, db = dw_rows, db_rows
            continue
        if dw is not None:
            dw[rows] = dw_rows
        if db is not None:
            db[rows] = db_rows
    return dw, db, *dxs


def merge_heads_forward(y, batch_first=True):
    """Return y (N, H, L, D) as (N, L, H D), or as (L, N, H D): a view if its memory is so."""
    N, H, L, D = y.shape
    if batch_first:
        return y.transpose(0, 2, 1, 3).reshape(N, L, H * D), (H, batch_first)
    return y.transpose(2, 0, 1, 3).reshape(L, N, H * D), (H, batch_first)


def merge_heads_backward(dy, cache):
    """Return dy as a view (N, H, L, D)."""
    H, batch_first = cache
    return next(_heads(dy, 1, H, batch_first))


def _heads(a, n, heads, batch_first):
    """Give the n parts of a (N, L, n H D), each as a view (N, H, L, D)."""
    apart = a.reshape(*a.shape[:2], n, heads, a.shape[2] // (n * heads))
    apart = apart.transpose(2, 0, 3, 1, 4) if batch_first else apart.transpose(2, 1, 3, 0, 4)
    return iter(apart)


def _together(parts, batch_first, shape):
    """Return arrays (N, H, L, D), zeros for None, as one of `shape` (N, L, n H D)."""
    given = next(part for part in parts if part is not None)
    da = np.empty(shape, given.dtype)
    for part, place in zip(parts, _heads(da, len(parts), given.shape[1], batch_first), strict=True):
        place[...] = 0 if part is None else part
    return da
