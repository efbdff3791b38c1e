"""MultiheadAttention at one new position of a few sequences, for decoding with a cache."""

from typing import Any

import numpy as np

from scratchml.nn.functional.attention import added
from scratchml.nn.modules.key_value_cache import KeyValueCache
from scratchml.nn.ops import decoder_step
from scratchml.tensor.tape import mode


def serves_one(
    layer: Any, x: np.ndarray, to_self: bool, padding: Any, masked: bool, cache: KeyValueCache
) -> bool:
    """Return whether `attend_one` can be used, with the same arguments.

    Parameters
    ----------
    layer : MultiheadAttention
        The layer.
    x : ndarray of shape (N, E)
        The new positions, which the layer is known to fit.
    to_self : bool
        Whether keys and values come from them.
    padding : Tensor of shape (N, S), or None
        The mask of keys: S positions with the new one, or those of a cache that is fixed.
    masked : bool
        Whether there is another mask.
    cache : KeyValueCache
        Earlier positions, to which the new one is appended; or, fixed, what there is to attend to.
    """
    S = cache.length if cache.fixed else cache.length + 1
    return (
        not (mode.recording or masked or layer.add_zero_attn or layer.dropout * layer.training)
        and layer.in_proj_weight is not None
        and layer.bias_k is None
        and (padding is None or padding.array.shape == (len(x), S))
        and (padding is None or padding.array.dtype.kind in "bf")
        and (_holds(cache, len(x), layer.num_heads, layer.head_dim) if cache.fixed else to_self)
        and decoder_step.serves(len(x), x.dtype)
    )


def _holds(cache: KeyValueCache, *sizes: int) -> bool:
    """Return whether there are keys of so many samples and heads, of that length."""
    if cache.buffers is None:
        return False
    N, H, _, D = cache.buffers[0].shape
    return sizes == (N, H, D)


def attend_one(layer: Any, x: np.ndarray, padding: Any, cache: KeyValueCache) -> np.ndarray:
    """Return what the heads find, side by side, (N, E): still to be projected."""
    N, E = x.shape
    w, b = layer.in_proj_weight.array, layer.in_proj_bias
    b = None if b is None else b.array
    buffers: Any = cache.buffers
    if cache.fixed:
        w, b = w[:E], None if b is None else b[:E]
    else:
        new = x.reshape(N, layer.num_heads, 1, E // layer.num_heads)  # the shape, and the dtype
        buffers = cache.make_room(new, new)
        cache.length += 1
    bias = None if padding is None else added(padding, x.dtype, seen=False).array
    return decoder_step.attend(x, w, b, buffers, cache.length, bias)
