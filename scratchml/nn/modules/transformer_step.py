"""Layers of a Transformer at one new position of a few sequences, for decoding with a cache.

They compute what the layers' ``forward`` does, by `scratchml.nn.ops.decoder_step`, if there is
nothing else to do: no gradient, dropout, hook, or part of another kind. Otherwise they return None,
and have changed nothing.
"""

from typing import Any

import numpy as np

from scratchml.nn.functional.rectifiers import relu
from scratchml.nn.modules.attention import MultiheadAttention, NonDynamicallyQuantizableLinear
from scratchml.nn.modules.attention_step import attend_one, serves_one
from scratchml.nn.modules.dropout import Dropout
from scratchml.nn.modules.key_value_cache import KeyValueCache
from scratchml.nn.modules.linear import Linear
from scratchml.nn.modules.normalization import LayerNorm
from scratchml.nn.ops.decoder_step import multiply, normalise
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant, mode

_KINDS = {MultiheadAttention, NonDynamicallyQuantizableLinear, Linear, LayerNorm, Dropout}


def encoder_step(
    layer: Any, src: Tensor, padding: Any, masked: bool, cache: KeyValueCache
) -> Tensor | None:
    """Return the output of an encoder's layer, or None if ``forward`` has to compute it.

    `padding` and `masked` are those of `attention_step.serves_one`, as below.
    """
    x, attention = _rows(layer, src), layer.self_attn
    if x is None or not serves_one(attention, x, True, padding, masked, cache):
        return None
    if layer.norm_first:
        h = _attended(attention, _normalised(layer.norm1, x), x, padding, cache)
        y = _fed_forward(layer, _normalised(layer.norm2, h), h)
    else:
        h = _normalised(layer.norm1, _attended(attention, x, x, padding, cache))
        y = _normalised(layer.norm2, _fed_forward(layer, h, h))
    out: Tensor = constant(y.reshape(src.array.shape))
    return out


def decoder_step(
    layer: Any,
    tgt: Tensor,
    paddings: tuple[Any, Any],
    masked: bool,
    caches: tuple[KeyValueCache, KeyValueCache],
) -> Tensor | None:
    """Return the output of a decoder's layer, or None if ``forward`` has to compute it.

    `paddings` and `caches` are of the sequence itself, and of the encoder's output.
    """
    x, to_self, to_memory = _rows(layer, tgt), layer.self_attn, layer.multihead_attn
    (padding, hidden), (own, memory) = paddings, caches
    if (
        x is None
        or own.fixed
        or not memory.fixed
        or not serves_one(to_self, x, True, padding, masked, own)
        or not serves_one(to_memory, x, False, hidden, masked, memory)
    ):
        return None
    if layer.norm_first:
        h = _attended(to_self, _normalised(layer.norm1, x), x, padding, own)
        h = _attended(to_memory, _normalised(layer.norm2, h), h, hidden, memory)
        y = _fed_forward(layer, _normalised(layer.norm3, h), h)
    else:
        h = _normalised(layer.norm1, _attended(to_self, x, x, padding, own))
        h = _normalised(layer.norm2, _attended(to_memory, h, h, hidden, memory))
        y = _normalised(layer.norm3, _fed_forward(layer, h, h))
    out: Tensor = constant(y.reshape(tgt.array.shape))
    return out


def _rows(layer: Any, x: Tensor) -> np.ndarray | None:
    """Return the new positions (N, E), if that is what x has and the layer is as it was made."""
    array, attention = x.array, layer.self_attn
    if mode.recording or not _is_plain(layer) or array.ndim != 3:
        return None
    if array.shape[1 if attention.batch_first else 0] != 1:
        return None
    weight = layer.linear1.weight.array
    if array.shape[2] != attention.embed_dim or array.dtype != weight.dtype:
        return None  # an error, which forward tells
    return np.ascontiguousarray(array.reshape(-1, array.shape[2]))


def _is_plain(module: Any) -> bool:
    """Return whether all parts are of the kinds that are known here, and have no hooks."""
    parts = module.__dict__
    for name in parts["_module_names"]:
        part = parts[name]
        if name == "activation":
            continue
        if type(part) not in _KINDS or part._hooks is not None or part.training:
            return False
        if type(part) is MultiheadAttention and not _is_plain(part):
            return False
    return True


def _attended(
    attention: Any, x: np.ndarray, shortcut: np.ndarray, padding: Any, cache: KeyValueCache
) -> np.ndarray:
    """Return attention's output for x, added to the shortcut."""
    return _linear(attention.out_proj, attend_one(attention, x, padding, cache), shortcut)


def _fed_forward(layer: Any, x: np.ndarray, shortcut: np.ndarray) -> np.ndarray:
    """Return the output of the two linear maps for x, added to the shortcut."""
    if layer.activation is relu:
        h = _linear(layer.linear1, x, rectify=True)
    else:
        h = layer.activation(constant(_linear(layer.linear1, x))).array
    return _linear(layer.linear2, h, shortcut)


def _linear(
    layer: Any, x: np.ndarray, shortcut: np.ndarray | None = None, rectify: bool = False
) -> np.ndarray:
    b = layer.bias
    return multiply(x, layer.weight.array, None if b is None else b.array, shortcut, rectify)


def _normalised(norm: Any, x: np.ndarray) -> np.ndarray:
    w, b = norm.weight, norm.bias
    w, b = None if w is None else w.array, None if b is None else b.array
    return normalise(x, w, b, norm.eps, norm.normalized_shape)
