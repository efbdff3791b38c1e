"""Dropout: numbers, or whole channels, that are set to zero at random.

    y = k x / (1 - p),      dx = k dy / (1 - p),      k = 0 with probability p, else 1

(Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, "Dropout: a simple way to prevent
neural networks from overfitting"), so that the mean of y is x. Nothing is kept for the backward
half but a seed: number i of n is dropped if its 32 bits are at least 2^32 (1 - p). They are the
lower half of draw i of the seed's stream for the first ceil(n / 2) numbers, and the upper half of
draw i - ceil(n / 2) for the others (`scratchml._core.random`): the same for any number of threads.

Alpha dropout (Klambauer et al. 2017, "Self-normalizing neural networks", section 2.3) puts
v = -1.758, the limit of selu, for what it drops, and then keeps mean 0 and variance 1:

    y = a (k x + (1 - k) v) + b,      a = ((1 - p) (1 + p v^2))^(-1/2),      b = -a p v
"""

import math

import numpy as np

from scratchml._core.random import _GAMMA, _mix
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.nn.ops import dropout_kernels as kernels
from scratchml.nn.ops.elementwise import compiled
from scratchml.nn.ops.smooth import SELU_ALPHA, SELU_SCALE

_CHUNK = 2**17
_LARGE = 2**18  # numbers; below, one thread is done before a second one has woken
_LIMIT = -SELU_ALPHA * SELU_SCALE


def dropout_forward(x, p, seed):
    """Return k x / (1 - p), with k drawn from the stream of `seed`."""
    return _dropped(x, p, seed), (p, seed)


def dropout_backward(dy, cache):
    """Return k dy / (1 - p), with k drawn anew."""
    p, seed = cache
    return _dropped(dy, p, seed)


def channel_dropout_forward(x, p, seed, axes=2):
    """Return x with one k for each x[i, j]: the first `axes` axes tell the channels apart."""
    factors = _factors(x, p, seed, axes).astype(x.dtype) * x.dtype.type(_scale(p))
    return x * factors, factors


def channel_dropout_backward(dy, factors):
    """Return dy times the factors of its channels."""
    return dy * factors


def alpha_dropout_forward(x, p, seed, axes):
    """Return a (k x + (1 - k) v) + b, with one k for each place in the first `axes` axes."""
    k = _factors(x, p, seed, axes)
    a = ((1 - p) * (1 + p * _LIMIT**2)) ** -0.5 if p < 1 else 0.0
    b = -a * p * _LIMIT
    scale = k * x.dtype.type(a)
    return x * scale + np.where(k, x.dtype.type(b), x.dtype.type(a * _LIMIT + b)), scale


alpha_dropout_backward = channel_dropout_backward


def kept(n, p, seed):
    """Return whether each of n numbers is kept."""
    half = (n + 1) // 2
    with np.errstate(over="ignore"):
        stream = _mix.py_func(_mix.py_func(np.uint64(seed)))
        z = _mix.py_func(stream + np.arange(half, dtype=np.uint64) * _GAMMA)
    words = np.concatenate([z & np.uint64(2**32 - 1), (z >> np.uint64(32))[: n - half]])
    return words < np.uint64(_limit(p))


def _limit(p):
    return round((1 - p) * 2**32)


def _dropped(x, p, seed):
    scale = _scale(p)
    if not compiled():
        return np.where(kept(x.size, p, seed).reshape(x.shape), x * x.dtype.type(scale), 0)
    y = np.empty(x.shape, x.dtype)
    flat_x, flat_y = x.ravel(), y.ravel()
    half = (x.size + 1) // 2
    if x.size < _LARGE:
        kernels.dropout(flat_x, flat_y, 0, half, _limit(p), scale, seed)
    else:
        parallel_chunks(
            lambda i, j: kernels.dropout(flat_x, flat_y, i, j, _limit(p), scale, seed),
            chunk_bounds(half, _CHUNK),
        )
    return y


def _scale(p):
    return 1 / (1 - p) if p < 1 else 0.0


def _factors(x, p, seed, axes):
    """Return k in a shape that broadcasts to that of x."""
    k = kept(math.prod(x.shape[:axes]), p, seed)
    return k.reshape(x.shape[:axes] + (1,) * (x.ndim - axes))
