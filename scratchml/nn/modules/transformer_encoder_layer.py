"""A layer of an encoder: self-attention, then two linear maps, each beside a shortcut.

    norm_first=False    h = norm1(x + A(x)),        y = norm2(h + B(h))
    norm_first=True     h = x + A(norm1(x)),        y = h + B(norm2(h))

    A(x) = dropout1(attention of x to x)
    B(x) = dropout2(W2 dropout(f(W1 x + b1)) + b2)

Shapes: (S, N, d) for S places, N sequences and d = d_model features; (N, S, d) with batch_first;
(S, d) for one sequence.

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
from scratchml.nn.modules.transformer_step import encoder_step
from scratchml.tensor.core import Tensor


class TransformerEncoderLayer(Module):
    """Let each place of a sequence look at all others, then transform each by itself.

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
    self_attn : MultiheadAttention
        Attention to the sequence itself.
    linear1, linear2 : Linear
        From `d_model` to `dim_feedforward` features, and back.
    norm1, norm2 : LayerNorm
        Normalisations of the two halves.

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
    >>> layer = nn.TransformerEncoderLayer(d_model=512, nhead=8)
    >>> tuple(layer(torch.rand(10, 32, 512)).shape)
    (10, 32, 512)
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
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout=dropout, batch_first=batch_first, **placed
        )
        self.linear1 = Linear(d_model, dim_feedforward, **placed)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **placed)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **placed)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **placed)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = activation_of(activation, "TransformerEncoderLayer")

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
        *,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Compute the layer's output.

        Parameters
        ----------
        src : Tensor of shape (S, N, d_model), (N, S, d_model) with batch_first, or (S, d_model)
            The sequences.
        src_mask : Tensor of shape (S, S) or (N * nhead, S, S), optional
            Of bools, True where a place must not look; or of floats that are added to the scores.
        src_key_padding_mask : Tensor of shape (N, S), optional
            Of the same kinds: places that no other may look at.
        is_causal : bool
            Whether a place looks at itself and at what came before only. `src_mask` is then not
            read: in PyTorch it must be there, and say the same.
        cache : KeyValueCache, optional
            Keys and values of the positions before these, to which those of `src` are appended;
            the masks then cover both.
        """
        if cache is not None and type(self) is TransformerEncoderLayer:
            masked = src_mask is not None and not is_causal
            y = encoder_step(self, src, src_key_padding_mask, masked, cache)
            if y is not None:
                return y
        x = src
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), src_mask, src_key_padding_mask, is_causal, cache)
            return x + self._ff_block(self.norm2(x))
        x = self.norm1(x + self._sa_block(x, src_mask, src_key_padding_mask, is_causal, cache))
        return self.norm2(x + self._ff_block(x))

    def _sa_block(
        self,
        x: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Self-attention: A."""
        return self.dropout1(
            self.self_attn(
                x,
                x,
                x,
                key_padding_mask=key_padding_mask,
                need_weights=False,
                attn_mask=attn_mask,
                is_causal=is_causal,
                cache=cache,
            )[0]
        )

    def _ff_block(self, x: Tensor) -> Tensor:
        """The two linear maps: B."""
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))
