"""What `MultiheadAttention` is given: the shapes, and its masks as one number for each logit."""

from typing import Any

import numpy as np

from scratchml.nn.functional.attention import added
from scratchml.nn.functional.padding import pad
from scratchml.tensor.joining import cat
from scratchml.tensor.tape import constant


def as_batch(query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
    """Return each with an axis of one sample before the others; what was one tensor stays one."""
    if not query.array.ndim == key.array.ndim == value.array.ndim:
        return query, key, value
    q = query[None]
    k = q if key is query else key[None]
    return q, k, q if value is query else k if value is key else value[None]


def check_inputs(layer: Any, query: Any, key: Any, value: Any, batch_first: bool) -> None:
    """Raise an error unless the layer can be given these."""
    q, k, v = query.array, key.array, value.array
    fits = (
        q.ndim == k.ndim == v.ndim == 3
        and (q.shape[2], k.shape[2], v.shape[2]) == (layer.embed_dim, layer.kdim, layer.vdim)
        and k.shape[:2] == v.shape[:2]
        and q.shape[1 - batch_first] == k.shape[1 - batch_first]
    )
    if not fits:
        n, s = ("N, L", "N, S") if layer.batch_first else ("L, N", "S, N")
        raise ValueError(
            f"MultiheadAttention takes a query of shape ({n}, {layer.embed_dim}), a key of shape "
            f"({s}, {layer.kdim}) and a value of shape ({s}, {layer.vdim}), or all without N, got "
            f"{q.shape}, {k.shape} and {v.shape}"
        )
    dtype = layer.out_proj.weight.array.dtype
    if not q.dtype == k.dtype == v.dtype == dtype:
        raise TypeError(
            f"MultiheadAttention: inputs must be of the parameters' dtype {dtype}, got "
            f"{q.dtype}, {k.dtype} and {v.dtype}"
        )


def check_kept(q: Any, keys: Any) -> None:
    """Raise an error unless queries (N, H, L, D) go with the keys of a cache that is fixed."""
    (N, H), (samples, heads) = q.array.shape[:2], keys.array.shape[:2]
    if (samples, heads) != (N, H):
        raise ValueError(
            "MultiheadAttention needs a key for every query, and the cache holds those of "
            f"{samples} samples and {heads} heads, got {N} and {H}"
        )


def extended(k: Any, v: Any, bias_k: Any, bias_v: Any, zeros: bool) -> tuple[Any, Any]:
    """Return keys and values (N, H, S, D) with what every sample has behind its own."""
    N, H, _, D = k.array.shape
    keys, values = [k], [v]
    if bias_k is not None:
        keys.append(bias_k.reshape(1, H, 1, D).expand(N, H, 1, D))
        values.append(bias_v.reshape(1, H, 1, D).expand(N, H, 1, D))
    if zeros:
        nothing = constant(np.zeros((N, H, 1, D), k.array.dtype))
        keys.append(nothing)
        values.append(nothing)
    return cat(keys, 2), cat(values, 2)


def logits_bias(
    attn_mask: Any,
    key_padding_mask: Any,
    is_causal: bool,
    past: int,
    extra: int,
    shape: tuple[int, ...],
    dtype: Any,
) -> tuple[Any, bool]:
    """Return what is added to the logits, if anything, and whether `is_causal` is left to do.

    Parameters
    ----------
    attn_mask, key_padding_mask : Tensor or None
        The masks, in which True hides a key.
    is_causal : bool
        Whether a query sees keys up to its own place only, `past` being that of the first.
    past : int
        How many keys are of positions before the queries.
    extra : int
        How many keys, seen by all, are behind those that the masks know.
    shape : tuple (N, H, L, S)
        Samples, heads, queries and keys without the extra ones.
    dtype : dtype
        Of the logits.
    """
    N, H, L, S = shape
    if is_causal:
        attn_mask = None
        if past or extra:
            is_causal = False
            if L > 1 or past + 1 < S:  # a single new query is the last, and sees all keys
                attn_mask = constant(np.triu(np.ones((L, S), bool), past + 1))
    bias = None
    if attn_mask is not None:
        _check_mask("attn_mask", attn_mask, ((L, S), (N * H, L, S)))
        bias = added(attn_mask, dtype, seen=False)
        bias = bias.reshape((N, H, L, S) if bias.array.ndim == 3 else (1, 1, L, S))
    if key_padding_mask is not None:
        _check_mask("key_padding_mask", key_padding_mask, ((N, S),))
        if key_padding_mask.array.dtype.kind == "f" or key_padding_mask.array.any():
            padding = added(key_padding_mask, dtype, seen=False).reshape(N, 1, 1, S)
            bias = padding if bias is None else bias + padding
    if extra and bias is not None:
        bias = pad(bias, (0, extra))
    return bias, is_causal


def _check_mask(name: str, mask: Any, shapes: tuple[tuple[int, ...], ...]) -> None:
    array = mask.array
    if array.dtype.kind not in "bf":
        raise TypeError(
            f"{name} of MultiheadAttention must be of bool or floats, got {array.dtype}"
        )
    if array.shape not in shapes:
        told = " or ".join(map(str, shapes))
        raise ValueError(f"{name} of MultiheadAttention must have shape {told}, got {array.shape}")
