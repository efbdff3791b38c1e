"""Positions in a sequence as waves: added to the values, or turning them.

Pair i = 0, ..., D/2 - 1 of the features has a frequency of its own, from 1 down to nearly 1 / base:

    w_i = base^(-2i / D)

Sinusoidal: position p is the vector that is added to the features,

    e_(p, 2i) = sin(w_i p),   e_(p, 2i+1) = cos(w_i p).

Rotary: the pair (x_2i, x_2i+1) at position p is turned by the angle w_i p,

    y_2i   = x_2i cos(w_i p) - x_2i+1 sin(w_i p)
    y_2i+1 = x_2i sin(w_i p) + x_2i+1 cos(w_i p),

which is a product of complex numbers, (y_2i + j y_2i+1) = (x_2i + j x_2i+1) exp(j w_i p), and so
it is computed. The inner product of a query at p and a key at q, both turned, depends on p - q
only. Turning back is the transpose: dx = dy exp(-j w_i p) in the same notation.

Shapes: x (..., D) with D even; the table of turns (..., D/2), complex, broadcast against x's pairs.
Angles are found in float64: at position 10 000 those of float32 are off by a thousandth.

References: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5; J. Su et al.,
"RoFormer: enhanced transformer with rotary position embedding", arXiv 2104.09864, eq. 34.
"""

from functools import lru_cache

import numpy as np


def rotary_forward(x, turns):
    """Return x (..., D) with each pair of features multiplied by its turn (..., D/2)."""
    return _turned(x, turns), turns


def rotary_backward(dy, turns):
    """Return dx: the pairs of dy turned back."""
    return _turned(dy, turns.conj())


def _turned(x, turns):
    if x.strides[-1] != x.itemsize:
        x = np.ascontiguousarray(x)
    return np.multiply(x.view(turns.dtype), turns).view(x.dtype)


@lru_cache(maxsize=16)
def sinusoids(length, dim, base, dtype):
    """Return e (length, dim) of the positions 0, 1, ..., length - 1; kept, so not to be changed."""
    angles = _angles(length, dim, base)
    table = np.empty((length, dim), dtype)
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : dim // 2])
    table.flags.writeable = False
    return table


@lru_cache(maxsize=16)
def turns(length, dim, base, dtype):
    """Return exp(j w_i p) (length, dim / 2) of the positions p; kept, so not to be changed."""
    angles = _angles(length, dim, base)
    table = np.empty(angles.shape, np.result_type(dtype, np.complex64))
    table.real = np.cos(angles)
    table.imag = np.sin(angles)
    table.flags.writeable = False
    return table


def _angles(length, dim, base):
    """Return w_i p in float64: (length, ceil(dim / 2))."""
    return np.arange(length)[:, None] * np.power(float(base), -np.arange(0, dim, 2) / dim)
