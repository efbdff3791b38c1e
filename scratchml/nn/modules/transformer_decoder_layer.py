"""A layer of a decoder: that of an encoder, with attention to another sequence in between.

    norm_first=False    g = norm1(x + A(x)),    h = norm2(g + M(g)),         y = norm3(h + B(h))
    norm_first=True     g = x + A(norm1(x)),    h = g + M(norm2(g)),         y = h + B(norm3(h))

    A(x) = dropout1(attention of x to x)                     what follows is hidden by a mask
    M(x) = dropout2(attention of x to memory)                memory: the encoder's output
    B(x) = dropout3(W2 dropout(f(W1 x + b1)) + b2)

A cache has two parts for each layer: the keys and values of x, which grow by those of each new
position, and those of memory, which are computed once.

Shapes: x (T, N, d), memory (S, N, d); (N, T, d) and (N, S, d) with batch_first; (T, d) and (S, d)
for one sequence.

References: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3;
R. Xiong et al., "On layer normalization in the Transformer architecture", ICML 2020 (norm_first).
"""

from collections.abc import Callable
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.attention import MultiheadAttention
from scratchml.nn.modules.dropout import Dropout
from scratchml.nn.modules.key_value_cache import KeyValueCache
from scratchml.nn.modules.linear import Linear
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.normalization import LayerNorm
from scratchml.nn.modules.transformer_parts import activation_of
from scratchml.nn.modules.transformer_step import decoder_step
from scratchml.tensor.core import Tensor

TwoCaches = tuple[KeyValueCache, KeyValueCache]
"""Of the layer's own sequence, and of the memory (``fixed=True``)."""


class TransformerDecoderLayer(Module):
    """Let each place of a sequence look at those before it and at another sequence.

    Parameters
    ----------
    d_model : int
        Number of features.
    nhead : int
        Number of heads; a divisor of `d_model`.
    dim_feedforward : int
        Number of features between the two linear maps.
    dropout : float
        Probability of being dropped: weights of attention, features between the linear maps, and
        what is added to the shortcuts.
    activation : {"relu", "gelu"} or callable
        The function between the linear maps.
    layer_norm_eps : float
        The eps of the normalisations.
    batch_first : bool
        Whether the axis of the batch comes before that of the sequence.
    norm_first : bool
        Whether the input of attention and linear maps is normalised, instead of the sums.
    bias : bool
        Whether linear maps and normalisations have shifts.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    self_attn, multihead_attn : MultiheadAttention
        Attention to the sequence itself, and to the memory.
    linear1, linear2 : Linear
        From `d_model` to `dim_feedforward` features, and back.
    norm1, norm2, norm3 : LayerNorm
        Normalisations of the three parts.

    Raises
    ------
    ValueError
        If `nhead` does not divide `d_model`, or the activation is not known.

    Notes
    -----
    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.TransformerDecoderLayer(d_model=512, nhead=8)
    >>> memory = torch.rand(10, 32, 512)
    >>> tuple(layer(torch.rand(20, 32, 512), memory).shape)
    (20, 32, 512)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        placed = {"bias": bias, "device": device, "dtype": dtype}
        attending = {"dropout": dropout, "batch_first": batch_first, **placed}
        self.self_attn = MultiheadAttention(d_model, nhead, **attending)
        self.multihead_attn = MultiheadAttention(d_model, nhead, **attending)
        self.linear1 = Linear(d_model, dim_feedforward, **placed)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **placed)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **placed)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **placed)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, **placed)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = activation_of(activation, "TransformerDecoderLayer")

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
        *,
        cache: TwoCaches | None = None,
    ) -> Tensor:
        """Compute the layer's output.

        Masks are of bools, True where a place must not look, or of floats that are added to the
        scores.

        Parameters
        ----------
        tgt : Tensor of shape (T, N, d_model), (N, T, d_model) with batch_first, or (T, d_model)
            The sequences.
        memory : Tensor of shape (S, N, d_model), (N, S, d_model) with batch_first, or (S, d_model)
            The other sequences: an encoder's output.
        tgt_mask : Tensor of shape (T, T) or (N * nhead, T, T), optional
            Which places of `tgt` look at which.
        memory_mask : Tensor of shape (T, S) or (N * nhead, T, S), optional
            Which of them look at which of `memory`.
        tgt_key_padding_mask : Tensor of shape (N, T), optional
            Places of `tgt` that none may look at.
        memory_key_padding_mask : Tensor of shape (N, S), optional
            Places of `memory` that none may look at.
        tgt_is_causal, memory_is_causal : bool
            Whether place i looks at places 0 to i only. `tgt_mask`, `memory_mask` are then not
            read: in PyTorch they must be there, and say the same.
        cache : tuple of two KeyValueCache, optional
            Keys and values of the positions before these, to which those of `tgt` are appended
            (the masks then cover both); and those of `memory`, in one with ``fixed=True``.
        """
        if cache is not None and not isinstance(cache, tuple | list):
            raise TypeError(
                "cache of TransformerDecoderLayer must be two KeyValueCache, of tgt and of memory, "
                f"got {type(cache).__name__}: new_cache() of a TransformerDecoder makes them"
            )
        if cache is not None and type(self) is TransformerDecoderLayer:
            masked = (tgt_mask is not None and not tgt_is_causal) or memory_mask is not None
            paddings = tgt_key_padding_mask, memory_key_padding_mask
            y = decoder_step(self, tgt, paddings, masked or memory_is_causal, cache)
            if y is not None:
                return y
        x = tgt
        own, other = (None, None) if cache is None else cache
        to_self = tgt_mask, tgt_key_padding_mask, tgt_is_causal, own
        to_memory = memory, memory_mask, memory_key_padding_mask, memory_is_causal, other
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), *to_self)
            x = x + self._mha_block(self.norm2(x), *to_memory)
            return x + self._ff_block(self.norm3(x))
        x = self.norm1(x + self._sa_block(x, *to_self))
        x = self.norm2(x + self._mha_block(x, *to_memory))
        return self.norm3(x + self._ff_block(x))

    def _sa_block(
        self,
        x: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Attention to the sequence itself: A."""
        attended = self.self_attn(
            x, x, x, key_padding_mask, False, attn_mask, is_causal=is_causal, cache=cache
        )
        return self.dropout1(attended[0])

    def _mha_block(
        self,
        x: Tensor,
        mem: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Attention to the memory: M."""
        attended = self.multihead_attn(
            x, mem, mem, key_padding_mask, False, attn_mask, is_causal=is_causal, cache=cache
        )
        return self.dropout2(attended[0])

    def _ff_block(self, x: Tensor) -> Tensor:
        """The two linear maps: B."""
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))
