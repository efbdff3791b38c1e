"""Scaled dot-product attention: every query takes a mean of the values, weighted by their keys.

    S = Q K' / sqrt(E) + M      how well each key answers each query; M_ij = -inf hides j from i
    P = softmax(S)              over the keys: every row of P adds up to 1
    Y = P V

With dropout k (`scratchml.nn.ops.dropout`), Y = (k * P) V. Backwards, from dY:

    dV = (k * P)' dY            dP = k * (dY V')
    dS = P * (dP - r),          r_i = sum_j dP_ij P_ij: the gradient of the softmax
    dQ = dS K / sqrt(E)         dK = dS' Q / sqrt(E)         dM = dS

A query to which all keys are hidden has no mean to take: its P and Y are zeros, and so is its dS.

Shapes: Q (..., L, E), K (..., S, E), V (..., S, Ev), Y (..., L, Ev), with S, P and M (..., L, S);
the leading axes broadcast. Where Q has more heads H than K or V, as (..., H, L, E) beside
(..., Hk, S, E), head h of Q belongs to head h // (H / Hk) of theirs (grouped queries).

This is the definition: it holds P, L x S numbers for every head. `scratchml.nn.ops.attention_tiles`
computes the same without ever having more of it than a tile.

References: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, eq. 1; J. Ainslie et al.,
"GQA: Training generalized multi-query transformer models from multi-head checkpoints", EMNLP 2023.
"""

import math

import numpy as np

from scratchml._core.blas import matmul
from scratchml.nn.ops.dropout import dropout_backward, dropout_forward
from scratchml.nn.ops.softmax import softmax_backward, softmax_forward


def attention_forward(
    q, k, v, bias=None, is_causal=False, scale=None, dropout_p=0.0, seed=0, weights=False
):
    """Return Y, or (Y, k * P) with `weights`, and what the backward half needs.

    Parameters
    ----------
    q : ndarray of shape (..., L, E)
        Queries.
    k : ndarray of shape (..., S, E)
        Keys.
    v : ndarray of shape (..., S, Ev)
        Values.
    bias : ndarray that broadcasts to (..., L, S), optional
        M.
    is_causal : bool
        Whether query i sees keys 0 to i only.
    scale : float, optional
        In the place of 1 / sqrt(E).
    dropout_p, seed : float, int
        The probability with which a weight is dropped, and the stream that says which.
    weights : bool
        Whether k * P is returned as well.
    """
    if scale is None:
        scale = default_scale(q)
    q_scaled, keys, values = q * q.dtype.type(scale), _repeated(k, q), _repeated(v, q)
    s = matmul(q_scaled, keys.swapaxes(-1, -2))  # (..., L, S)
    if bias is not None:
        s = s + bias
    if is_causal:
        np.copyto(s, -np.inf, where=np.triu(np.ones(s.shape[-2:], bool), 1))
    p = softmax_forward(s)[0] if bias is None else _masked_softmax(s)
    kept = dropout_forward(p, dropout_p, seed)[0] if dropout_p else p
    y = matmul(kept, values)
    shapes = q.shape, k.shape, v.shape, None if bias is None else bias.shape
    cache = q_scaled, keys, values, p, scale, (dropout_p, seed), shapes
    return ((y, kept) if weights else y), cache


def attention_backward(dy, cache, needs=(True, True, True, True)):
    """Return dQ, dK, dV and dM; `dy` is the gradient of Y, or a pair with that of k * P."""
    q_scaled, k, v, p, scale, dropout, shapes = cache
    dy, dkept = dy if type(dy) is tuple else (dy, None)
    dq = dk = dv = db = None
    if needs[2] and dy is not None:
        kept = dropout_forward(p, *dropout)[0] if dropout[0] else p
        dv = _folded(matmul(kept.swapaxes(-1, -2), dy), shapes[2])
    if not (needs[0] or needs[1] or needs[3]):
        return dq, dk, dv, db
    if dy is not None:
        dp = matmul(dy, v.swapaxes(-1, -2))
        if dkept is not None:
            dp += dkept
    else:
        dp = dkept
    if dropout[0]:
        dp = dropout_backward(dp, dropout)
    ds = softmax_backward(dp, (p, -1))
    if needs[0]:
        dq = _folded(matmul(ds, k), shapes[0])
        dq *= q_scaled.dtype.type(scale)
    if needs[1]:
        dk = _folded(matmul(ds.swapaxes(-1, -2), q_scaled), shapes[1])
    if needs[3] and shapes[3] is not None:
        db = _folded(ds, shapes[3])
    return dq, dk, dv, db


def default_scale(q):
    """Return 1 / sqrt(E), or 1 where the vectors are empty."""
    return 1.0 / math.sqrt(q.shape[-1]) if q.shape[-1] else 1.0


def _masked_softmax(s):
    """Return the softmax of the rows, and zeros for rows of -inf only; s is changed."""
    if not s.size:
        return s
    hidden = s[..., 0] == -np.inf
    hidden[hidden] = s[hidden].max(axis=-1) == -np.inf
    s[hidden] = 0
    p, _ = softmax_forward(s)
    p[hidden] = 0
    return p


def _repeated(k, q):
    """Return keys, or values, with a head for each of the queries' heads."""
    heads = k.shape[-3] if k.ndim > 2 else 1
    if heads == 1 or q.ndim == 2 or q.shape[-3] in (1, heads):
        return k  # the same number, or broadcasting will do
    return np.repeat(k, q.shape[-3] // heads, axis=-3)


def _folded(dx, shape):
    """Return the gradient of what was broadcast, or repeated for groups of heads, to dx.shape."""
    if dx.shape == shape:
        return dx
    lacking = dx.ndim - len(shape)
    if lacking:
        dx = dx.sum(axis=tuple(range(lacking)))
    for axis, n in enumerate(shape):
        if dx.shape[axis] != n:  # n = 1, or the heads, each of which stands for a group
            groups = (*dx.shape[:axis], n, dx.shape[axis] // n, *dx.shape[axis + 1 :])
            dx = dx.reshape(groups).sum(axis=axis + 1)
    return dx
