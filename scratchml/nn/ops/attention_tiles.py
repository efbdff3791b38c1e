"""Scaled dot-product attention, tile by tile: never more of S and P than a block of them.

`scratchml.nn.ops.attention` is the definition. Here the keys come in blocks, and for each query i
three things are kept, all brought up to date block by block (the *online* softmax):

    m_i   the largest S_ij so far
    l_i   the sum of exp(S_ij - m_i)
    o_i   the sum of exp(S_ij - m_i) V_j

    m' = max(m, max_j S_ij)      l' = exp(m - m') l + sum_j exp(S_ij - m')
                                 o' = exp(m - m') o + sum_j exp(S_ij - m') V_j

and at the end y_i = o_i / l_i. Of all this only Y and the logarithm of the whole sum,
lse_i = m_i + log l_i, are kept; from it the way back computes each block of P again:

    P_ij = exp(S_ij - lse_i)        r_i = dY_i . Y_i          dP = dY V'
    dS = P * (dP - r)               dV += P' dY,   dK += scale dS' Q,   dQ += scale dS K

since r_i = sum_j dP_ij P_ij = dY_i . sum_j P_ij V_j. So memory is linear in L and S, and a causal
mask saves the blocks that lie in the future: half of them.

Shapes: Q (B, H, L, E), K (B, Hk, S, E), V (B, Hk, S, Ev), H a multiple of Hk; bias broadcasts to
(B, H, L, S). Y and the gradients are made as (B, L, H, ...) and given as views (B, H, L, ...), as
what follows in a network wants the heads of a position side by side.

References: M. Milakov, N. Gimelshein, "Online normalizer calculation for softmax", arXiv
1805.02867, algorithm 3; M. Rabe, C. Staats, "Self-attention does not need O(n^2) memory", arXiv
2112.05682; T. Dao et al., "FlashAttention", NeurIPS 2022, algorithms 1 and 4.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from scratchml._core.jit import compiler
from scratchml._core.jit_vectors import lanes
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import attention_kernels as kernels
from scratchml.nn.ops.product_strips import ROWS, strip_width, whole
from scratchml.nn.ops.workspace import workspace

_FEWEST = 8  # queries: a block for one would be empty for the most part
_WORTH_THREADS = 2e6  # multiplications


def serves(q, k, v):
    """Return whether the functions below can stand in for the definition."""
    return (
        q.ndim == k.ndim == v.ndim == 4
        and q.dtype.char in "fd"
        and q.shape[2] >= _FEWEST
        and min(q.size, k.size, v.size) > 0
        and q.shape[0] == k.shape[0] == v.shape[0]
        and k.shape[1:3] == v.shape[1:3]
        and q.shape[1] % k.shape[1] == 0
        and compiler(needed=False) is not None
    )


def tiled_forward(q, k, v, bias=None, is_causal=False, scale=None):
    """Return Y (B, H, L, Ev) and what the backward half needs.

    Parameters
    ----------
    q, k, v : ndarray of shape (B, H, L, E), (B, Hk, S, E) and (B, Hk, S, Ev)
        Queries, keys and values: any views.
    bias : ndarray that broadcasts to (B, H, L, S), optional
        Added to S; -inf hides a key.
    is_causal : bool
        Whether query i sees keys 0 to i only.
    scale : float, optional
        What the products are multiplied by; 1 / sqrt(E) by default.
    """
    (B, H, L, E), Ev = q.shape, v.shape[3]
    scale = 1 / math.sqrt(E) if scale is None else scale
    y = np.empty((B, L, H, Ev), q.dtype).transpose(0, 2, 1, 3)
    lse = np.empty((B, H, L), q.dtype)
    arrays, numbers = _described(q, k, v, bias, y, is_causal)
    S, lane, width = k.shape[2], lanes(q.itemsize), strip_width(q.itemsize)
    size = whole(S, ROWS) * (E + whole(Ev, lane)) + width * (E + kernels.KEYS + 4)
    size += whole(width, ROWS) * whole(Ev, lane)

    def attend(first, stop):
        mine = np.array([first, stop, *numbers])
        kernels.attend(*arrays, lse.reshape(-1), mine, workspace(size, q.dtype), scale)

    _share(attend, B * k.shape[1], q.size * S)
    return y, (q, k, v, bias, y, lse, is_causal, scale)


def tiled_backward(dy, cache, needs=(True, True, True, False)):
    """Return dQ, dK, dV and None for the bias."""
    q, k, v, bias, y, lse, is_causal, scale = cache
    (B, H, L, E), (_, Hk, S, Ev) = q.shape, v.shape
    dq = np.empty((B, L, H, E), q.dtype)
    dk = np.empty((B, S, Hk, E), q.dtype)
    dv = np.empty((B, S, Hk, Ev), q.dtype)
    arrays, numbers = _described(q, k, v, bias, y, is_causal)
    flat_dy, of_dy = _flat(dy)
    lane, width = lanes(q.itemsize), strip_width(q.itemsize)
    both = whole(E, lane) + whole(Ev, lane)
    size = whole(S, ROWS) * (E + Ev + whole(E, lane) + both)
    size += width * (E + Ev + both + 2 * kernels.KEYS + 3) + whole(width, ROWS) * whole(E, lane)

    def attend(first, stop):
        mine = np.array([first, stop, *numbers, *of_dy])
        gradients = dq.reshape(-1), dk.reshape(-1), dv.reshape(-1)
        scratch = workspace(size, q.dtype)
        kernels.attend_back(*arrays, flat_dy, lse.reshape(-1), *gradients, mine, scratch, scale)

    _share(attend, B * Hk, 2 * q.size * S)
    gradients = [d.transpose(0, 2, 1, 3) for d in (dq, dk, dv)]
    return *[d if need else None for d, need in zip(gradients, needs, strict=False)], None


def _described(q, k, v, bias, y, is_causal):
    """Return the arrays flat, and the integers that say what lies where in them."""
    (_, H, L, E), (Hk, S, Ev) = q.shape, v.shape[1:]
    (q, of_q), (k, of_k), (v, of_v), (y, of_y) = _flat(q), _flat(k), _flat(v), _flat(y)
    of_bias = [0] * 4
    mask = q[:0]
    if bias is not None:
        bias = _forwards(bias.reshape((1,) * (4 - bias.ndim) + bias.shape))
        steps = [step // bias.itemsize for step in bias.strides]
        of_bias = [0 if n == 1 else step for n, step in zip(bias.shape, steps, strict=True)]
        mask = _line(bias)
    width, lane = strip_width(q.itemsize), lanes(q.itemsize)
    sizes = [Hk, H // Hk, L, S, E, Ev, is_causal, width, lane]
    return (q, k, v, mask, y), [*sizes, *of_q, *of_k, *of_v, *of_y, *of_bias]


def _flat(x):
    """Return (B, H, L, E) as it stands, and the steps from entry, head and row to the next."""
    x = _forwards(x) if x.strides[3] == x.itemsize else np.ascontiguousarray(x)
    return _line(x), [step // x.itemsize for step in x.strides[:3]]


def _forwards(x):
    """Return x, copied if its numbers lie backwards or are not whole numbers apart."""
    if min(x.strides) < 0 or any(step % x.itemsize for step in x.strides):
        return np.ascontiguousarray(x)
    return x


def _line(x):
    if x.flags.c_contiguous:
        return x.reshape(-1)
    length = (
        1 + sum((n - 1) * step for n, step in zip(x.shape, x.strides, strict=True)) // x.itemsize
    )
    return as_strided(x, (length,), (x.itemsize,))


def _share(task, pairs, multiplications):
    if multiplications < _WORTH_THREADS or pairs == 1:
        task(0, pairs)
    else:
        parallel_chunks(task, chunk_bounds(pairs, -(-pairs // 16)))
