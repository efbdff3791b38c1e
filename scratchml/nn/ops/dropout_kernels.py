"""The compiled loop of `scratchml.nn.ops.dropout`."""

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.random import splitmix64

_LOW = np.uint64(2**32 - 1)
_32 = np.uint64(32)


@jit("void(const T[::1], T[::1], int64, int64, uint64, T, uint64)")
def dropout(x, y, start, stop, limit, scale, seed):
    """Write scale x or 0, for the numbers of draws start to stop in both halves of x."""
    half = (x.size + 1) // 2
    _one_half(x[start:stop], y[start:stop], start, limit, scale, seed, np.uint64(0))
    a, b = half + start, half + stop  # a slice ends with the array
    _one_half(x[a:b], y[a:b], start, limit, scale, seed, _32)


@jit
def _one_half(x, y, start, limit, scale, seed, shift):
    """Keep what the lower or upper (shift 32) half of each draw says."""
    for i in range(x.size):
        word = (splitmix64(seed, np.uint64(0), np.uint64(start + i)) >> shift) & _LOW
        y[i] = scale * x[i] if word < limit else 0
