"""MultiheadAttention: several attentions side by side, each over projections of its own."""

from typing import Any

from scratchml.nn.functional.attention import attend
from scratchml.nn.init.constants import zeros_
from scratchml.nn.init.scaled import xavier_normal_, xavier_uniform_
from scratchml.nn.modules.attention_inputs import (
    as_batch,
    check_inputs,
    check_kept,
    extended,
    logits_bias,
)
from scratchml.nn.modules.attention_step import attend_one, serves_one
from scratchml.nn.modules.key_value_cache import KeyValueCache
from scratchml.nn.modules.linear import Linear
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.placement import new_parameter
from scratchml.nn.ops.attention_heads import (
    merge_heads_backward,
    merge_heads_forward,
    project_heads_backward,
    project_heads_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply, constant


class NonDynamicallyQuantizableLinear(Linear):
    """A `Linear`, under the name that PyTorch shows for the last step of attention."""


class MultiheadAttention(Module):
    """Let every query look, in several ways at once, for the values whose keys answer it.

    Queries, keys and values are projected to `num_heads` times embed_dim / num_heads numbers; in
    each head `scaled_dot_product_attention` takes place, and what comes of all heads is put
    together and projected once more.

    Parameters
    ----------
    embed_dim : int
        E, length of the queries and of the output.
    num_heads : int
        Number of heads, a divisor of E.
    dropout : float
        The probability with which a weight is dropped in training.
    bias : bool
        Whether the projections add a bias.
    add_bias_kv : bool
        Whether a key and a value that are learned are put behind those of every sample.
    add_zero_attn : bool
        Whether a key and a value of zeros are put behind those of every sample.
    kdim, vdim : int, optional
        Lengths of the keys and values; E by default.
    batch_first : bool
        Whether inputs and output have shape (N, L, E); (L, N, E) otherwise.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    in_proj_weight : Parameter of shape (3 E, E), or None
        The rows of queries, keys and values; None if `kdim` or `vdim` is not E, and then there
        are ``q_proj_weight`` (E, E), ``k_proj_weight`` (E, kdim) and ``v_proj_weight`` (E, vdim).
        Drawn by `xavier_uniform_`.
    in_proj_bias : Parameter of shape (3 E,), or None
        At first 0.
    bias_k, bias_v : Parameter of shape (1, 1, E), or None
        The key and value of `add_bias_kv`, drawn by `xavier_normal_`.
    out_proj : Linear
        The last projection; its bias is 0 at first.

    See Also
    --------
    scratchml.nn.functional.scaled_dot_product_attention : What happens in each head.
    scratchml.nn.KeyValueCache : Keys and values of earlier positions.

    Notes
    -----
    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.2.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> attention = nn.MultiheadAttention(8, 2, batch_first=True)
    >>> query, memory = torch.ones(3, 4, 8), torch.ones(3, 5, 8)
    >>> y, weights = attention(query, memory, memory)
    >>> tuple(y.shape), tuple(weights.shape)
    ((3, 4, 8), (3, 4, 5))
    >>> weights[0, 0].detach()  # all keys are the same
    tensor([0.2000, 0.2000, 0.2000, 0.2000, 0.2000])
    """

    in_proj_weight: Any
    q_proj_weight: Any
    k_proj_weight: Any
    v_proj_weight: Any
    in_proj_bias: Any
    bias_k: Any
    bias_v: Any

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
            raise ValueError(
                "embed_dim of MultiheadAttention must be a positive multiple of num_heads="
                f"{num_heads}, got {embed_dim}"
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout of MultiheadAttention must be in [0, 1], got {dropout}")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        E, together = embed_dim, self.kdim == self.vdim == embed_dim
        for name, shape in {
            "in_proj_weight": (3 * E, E) if together else None,
            "q_proj_weight": None if together else (E, E),
            "k_proj_weight": None if together else (E, self.kdim),
            "v_proj_weight": None if together else (E, self.vdim),
            "in_proj_bias": (3 * E,) if bias else None,
            "bias_k": (1, 1, E) if add_bias_kv else None,
            "bias_v": (1, 1, E) if add_bias_kv else None,
        }.items():
            new = shape and new_parameter(shape, device, dtype, "MultiheadAttention")
            self.register_parameter(name, new)
        self.out_proj = NonDynamicallyQuantizableLinear(E, E, bias, device, dtype)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw the parameters anew, but for the last projection's weight."""
        for weight in (
            self.in_proj_weight,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
        ):
            if weight is not None:
                xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                zeros_(bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Compute the layer's output.

        Parameters
        ----------
        query : Tensor of shape (L, N, E), (N, L, E) if batch_first, or (L, E)
            L queries of N samples, or of one.
        key : Tensor of shape (S, N, kdim), (N, S, kdim) if batch_first, or (S, kdim)
            S keys.
        value : Tensor of shape (S, N, vdim), (N, S, vdim) if batch_first, or (S, vdim)
            Their values.
        key_padding_mask : Tensor of shape (N, S) or (S,), optional
            Of bool: which keys no query sees (True). Or of floats: added to the logits.
        need_weights : bool
            Whether the weights are returned; without them it is faster, and takes less memory.
        attn_mask : Tensor of shape (L, S) or (N num_heads, L, S), optional
            Of bool: which keys a query does not see (True). Or of floats: added to the logits.
        average_attn_weights : bool
            Whether the weights are means over the heads.
        is_causal : bool
            Whether query i sees the keys 0 to i only. An `attn_mask` is then not read: in PyTorch
            it must be there, and be the same.
        cache : KeyValueCache, optional
            Holds the keys and values of earlier positions, and is given the new ones: S is then
            the number of all, and with `is_causal` a query sees those before and itself. One
            that is ``fixed`` is filled once, and then stands for `key` and `value`.

        Returns
        -------
        output : Tensor of the shape of `query`
            Zeros, projected, for a query that sees no key.
        weights : Tensor of shape (N, L, S), (N, num_heads, L, S) or these without N, or None
            How much each query takes of each value.
        """
        single = query.array.ndim == 2
        if single:
            query, key, value = as_batch(query, key, value)
            if key_padding_mask is not None:
                key_padding_mask = key_padding_mask[None]
        first = self.batch_first or single
        check_inputs(self, query, key, value, first)
        if cache is not None and not need_weights and query.array.shape[int(first)] == 1:
            x = query.array.reshape(-1, self.embed_dim)
            to_self = key is query and value is query
            masked = cache.fixed if is_causal else attn_mask is not None
            if serves_one(self, x, to_self, key_padding_mask, masked, cache):
                found = attend_one(self, x, key_padding_mask, cache).reshape(query.array.shape)
                y = self.out_proj(constant(found))
                return y[0] if single else y, None
        past = 0 if cache is None or cache.fixed else cache.length
        q, k, v = self._projected(query, key, value, first, cache)
        shape = *q.array.shape[:3], k.array.shape[2]
        if self.bias_k is not None or self.add_zero_attn:
            k, v = extended(k, v, self.bias_k, self.bias_v, self.add_zero_attn)
        extra = k.array.shape[2] - shape[3]
        bias, is_causal = logits_bias(
            attn_mask, key_padding_mask, is_causal, past, extra, shape, q.array.dtype
        )
        dropout = self.dropout if self.training else 0.0
        y = attend(q, k, v, bias, is_causal, None, dropout, need_weights)
        y, weights = y if need_weights else (y, None)
        y = self.out_proj(apply(merge_heads_forward, merge_heads_backward, (y,), first))
        if weights is not None and average_attn_weights:
            weights = weights.mean(1)
        if single:
            return y[0], None if weights is None else weights[0]
        return y, weights

    def _projected(
        self, query: Any, key: Any, value: Any, batch_first: bool, cache: KeyValueCache | None
    ) -> tuple[Any, Any, Any]:
        """Return queries, keys and values (N, H, L, D), with those of the cache."""
        kept = cache is not None and cache.fixed and cache.length
        inputs: tuple[Any, ...]
        parts: tuple[int, ...]
        if self.in_proj_weight is None:
            inputs = (query,) if kept else (query, key, value)
            new = self._projected_apart(*inputs, batch_first=batch_first)
        else:
            if kept:
                inputs, parts = (query,), (1,)
            elif query is key is value:
                inputs, parts = (query,), (3,)
            elif key is value:
                inputs, parts = (query, key), (1, 2)
            else:
                inputs, parts = (query, key, value), (1, 1, 1)
            new = self._project(self.in_proj_weight, self.in_proj_bias, inputs, parts, batch_first)
        if cache is None:
            return new
        if not kept:
            return new[0], *cache.append(*new[1:])
        check_kept(new[0], cache.keys)
        return new[0], cache.keys, cache.values

    def _projected_apart(self, *inputs: Any, batch_first: bool) -> tuple[Any, ...]:
        weights, E = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight), self.embed_dim
        projected = []
        for i, (x, w) in enumerate(zip(inputs, weights, strict=False)):
            b = None if self.in_proj_bias is None else self.in_proj_bias[i * E : (i + 1) * E]
            projected += self._project(w, b, (x,), (1,), batch_first)
        return tuple(projected)

    def _project(self, w: Any, b: Any, inputs: Any, parts: Any, batch_first: bool) -> Any:
        return apply(
            project_heads_forward,
            project_heads_backward,
            (w, b, *inputs),
            parts=parts,
            size=self.embed_dim,
            heads=self.num_heads,
            batch_first=batch_first,
        )
