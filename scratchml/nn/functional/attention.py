"""Scaled dot-product attention as a function of tensors, and which way of computing it is taken."""

from typing import Any

import numpy as np

from scratchml.nn.ops.attention import attention_backward, attention_forward
from scratchml.nn.ops.attention_tiles import serves as tiles_serve
from scratchml.nn.ops.attention_tiles import tiled_backward, tiled_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.generator import Generator, default_generator
from scratchml.tensor.operands import need_kind
from scratchml.tensor.tape import apply, constant, mode, no_tensor


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Return softmax(query key' scale + attn_mask) value: for each query a mean of the values.

    Parameters
    ----------
    query : Tensor of shape (..., L, E)
        What is looked for, L queries; the axes before are samples and heads.
    key : Tensor of shape (..., S, E)
        What it is compared with; the axes before broadcast with the query's.
    value : Tensor of shape (..., S, Ev)
        What the mean is taken of, one value for each key.
    attn_mask : Tensor that broadcasts to (..., L, S), optional
        Of bool: which keys a query sees (True). Or of floats: added to the logits.
    dropout_p : float
        The probability with which a weight is set to zero, the others being divided by
        1 - dropout_p; whether or not a model is in training.
    is_causal : bool
        Whether query i sees the keys 0 to i only, of those that `attn_mask` lets it see.
    scale : float, optional
        What the products of queries and keys are multiplied by; 1 / sqrt(E) by default.
    enable_gqa : bool
        Whether `key` and `value` may have fewer heads, axis -3, than `query`: a divisor of its
        number, each head of theirs being used for a group of the query's.
    generator : Generator, optional
        Where the random numbers of the dropout come from.

    Returns
    -------
    Tensor of shape (..., L, Ev)
        Zeros for a query that sees no key.

    Raises
    ------
    ValueError
        If the shapes do not fit, or `dropout_p` is not in [0, 1].
    TypeError
        If the dtypes differ, or are not those of floats; for the mask also bool.

    See Also
    --------
    scratchml.nn.MultiheadAttention : The layer.

    Notes
    -----
    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, eq. 1. Without dropout,
    and without a gradient of the mask, memory does not grow with L x S.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> key, value = torch.eye(2), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> F.scaled_dot_product_attention(100 * key, key, value)  # each query is close to one key
    tensor([[1., 2.],
            [3., 4.]])
    >>> F.scaled_dot_product_attention(0 * key, key, value, is_causal=True)
    tensor([[1., 2.],
            [2., 3.]])
    """
    try:
        q, k, v = query.array, key.array, value.array
        mask = None if attn_mask is None else attn_mask.array
    except AttributeError:
        tensors = (query, key, value, *(() if attn_mask is None else (attn_mask,)))
        raise no_tensor("scaled_dot_product_attention", tensors) from None
    leading = _check(q, k, v, enable_gqa)
    if not 0 <= dropout_p <= 1:
        raise ValueError(
            f"scaled_dot_product_attention: dropout_p must be in [0, 1], got {dropout_p}"
        )
    if mask is not None:
        _check_mask(mask, (*leading, q.shape[-2], k.shape[-2]), q.dtype)
        attn_mask = added(attn_mask, q.dtype)
    few = max(0, 4 - q.ndim) if q.ndim == k.ndim == v.ndim else 0  # axes: tiles are for four
    first = (None,) * few
    if few:
        query, key, value = query[first], key[first], value[first]
    output: Tensor = attend(
        query, key, value, attn_mask, is_causal, scale, dropout_p, generator=generator
    )
    return output[(0,) * few] if few else output


def attend(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    is_causal: bool = False,
    scale: float | None = None,
    dropout_p: float = 0.0,
    weights: bool = False,
    generator: Generator | None = None,
) -> Any:
    """Return Y, or Y and the weights, of tensors that fit: here the way of computing is chosen.

    The symbols and arguments are those of `scratchml.nn.ops.attention`. Tiles do without the
    weights; so the definition is for whoever wants those, or drops some of them, or wants the
    gradient of what is added to the logits, which is as large.
    """
    plain = not (weights or dropout_p or (bias is not None and bias.node and mode.recording))
    if plain and tiles_serve(query.array, key.array, value.array):
        tensors = query, key, value, bias
        return apply(tiled_forward, tiled_backward, tensors, is_causal, scale, saves="both")
    seed = int((generator or default_generator).double_words(1)[0]) if dropout_p else 0
    options = (is_causal, scale, dropout_p, seed, weights)
    saves = "both" if weights else "inputs"  # the weights that are returned may be P itself
    tensors = query, key, value, bias
    return apply(attention_forward, attention_backward, tensors, *options, saves=saves)


def added(mask: Any, dtype: Any, seen: bool = True) -> Any:
    """Return a mask as what is added to logits: 0 where it is `seen`, a bool, and -inf elsewhere.

    A mask of floats is that already.
    """
    array = mask.array
    if array.dtype.kind == "b":
        return constant(np.where(array == seen, dtype.type(0), dtype.type(-np.inf)))
    return mask if array.dtype == dtype else mask.to(dtype)


def _check(q: Any, k: Any, v: Any, grouped: bool) -> tuple[int, ...]:
    """Return the leading axes of the output; raise an error if shapes or dtypes do not fit."""
    if q.dtype.kind != "f":
        need_kind(q, "f", "scaled_dot_product_attention")
    if not q.dtype == k.dtype == v.dtype:
        raise TypeError(
            "scaled_dot_product_attention: query, key and value must have one dtype, got "
            f"{q.dtype}, {k.dtype} and {v.dtype}"
        )
    lead = None
    if (
        min(q.ndim, k.ndim, v.ndim) > 1
        and q.shape[-1] == k.shape[-1]
        and k.shape[-2] == v.shape[-2]
    ):
        if q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
            return q.shape[:-2]
        lead = _leading(q.shape[:-2], k.shape[:-2], v.shape[:-2], grouped)
    if lead is None:
        heads = ", heads of query being a multiple of those of key and value" if grouped else ""
        raise ValueError(
            "scaled_dot_product_attention: a query of shape (..., L, E) goes with a key of shape "
            "(..., S, E) and a value of shape (..., S, Ev), whose leading axes broadcast"
            f"{heads}; got query {q.shape}, key {k.shape} and value {v.shape}"
        )
    return lead


def _leading(q: Any, k: Any, v: Any, grouped: bool) -> tuple[int, ...] | None:
    """Return the axes to which the leading axes broadcast, or None."""
    if grouped:
        if not q or not k or not v or q[-1] % max(k[-1], 1) or q[-1] % max(v[-1], 1):
            return None
        k, v = (*k[:-1], q[-1]), (*v[:-1], q[-1])
    try:
        return np.broadcast_shapes(q, k, v)
    except ValueError:
        return None


def _check_mask(mask: Any, shape: tuple[int, ...], dtype: Any) -> None:
    if mask.dtype.kind != "b" and mask.dtype not in (dtype, np.float32):
        raise TypeError(
            "scaled_dot_product_attention: attn_mask must be of bool or of the query's dtype "
            f"{dtype}, got {mask.dtype}"
        )
    try:
        fits = np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            "scaled_dot_product_attention: attn_mask must broadcast to the shape of the logits "
            f"(..., L, S), {shape}, got {mask.shape}"
        )
