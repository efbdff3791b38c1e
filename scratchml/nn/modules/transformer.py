"""The Transformer: an encoder of one sequence, and a decoder of another that looks at it.

    memory = encoder(src),      y = decoder(tgt, memory)

Embeddings before it, positions (`SinusoidalPositionalEncoding`), and the linear map to scores of
words behind it are the user's.

Reference: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, figure 1.
"""

from collections.abc import Callable
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.init.scaled import xavier_uniform_
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.normalization import LayerNorm
from scratchml.nn.modules.placement import check_dtype
from scratchml.nn.modules.transformer_decoder import TransformerDecoder
from scratchml.nn.modules.transformer_decoder_layer import TransformerDecoderLayer
from scratchml.nn.modules.transformer_encoder import TransformerEncoder
from scratchml.nn.modules.transformer_encoder_layer import TransformerEncoderLayer
from scratchml.nn.modules.transformer_parts import causal
from scratchml.tensor.core import Tensor
from scratchml.tensor.devices import check_device
from scratchml.tensor.tape import constant


class Transformer(Module):
    """Read one sequence, and transform another with a view on it.

    Parameters
    ----------
    d_model : int
        Number of features.
    nhead : int
        Number of heads; a divisor of `d_model`.
    num_encoder_layers : int
        Layers of the encoder.
    num_decoder_layers : int
        Layers of the decoder.
    dim_feedforward : int
        Number of features between the two linear maps of a layer.
    dropout : float
        Probability of being dropped: weights of attention, features between the linear maps, and
        what is added to the shortcuts.
    activation : {"relu", "gelu"} or callable
        The function between the linear maps.
    custom_encoder, custom_decoder : Module, optional
        Stand in for the encoder or the decoder.
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
    encoder : TransformerEncoder
        Makes the memory of `src`.
    decoder : TransformerDecoder
        Makes the output of `tgt` and the memory.

    Raises
    ------
    ValueError
        If `nhead` does not divide `d_model`, or the activation is not known.

    Notes
    -----
    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> model = nn.Transformer(d_model=16, nhead=2, num_encoder_layers=2, dim_feedforward=32)
    >>> src, tgt = torch.rand(10, 4, 16), torch.rand(7, 4, 16)
    >>> mask = nn.Transformer.generate_square_subsequent_mask(7)
    >>> tuple(model(src, tgt, tgt_mask=mask).shape)
    (7, 4, 16)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        placed: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        form = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps)
        order = (batch_first, norm_first)
        if custom_encoder is None:
            custom_encoder = TransformerEncoder(
                TransformerEncoderLayer(*form, *order, **placed),
                num_encoder_layers,
                LayerNorm(d_model, layer_norm_eps, **placed),
            )
        if custom_decoder is None:
            custom_decoder = TransformerDecoder(
                TransformerDecoderLayer(*form, *order, **placed),
                num_decoder_layers,
                LayerNorm(d_model, layer_norm_eps, **placed),
            )
        self.encoder = custom_encoder
        self.decoder = custom_decoder
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw all matrices anew, by Glorot and Bengio's rule."""
        for parameter in self.parameters():
            if parameter.dim() > 1:
                xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Compute the decoder's output.

        Masks are of bools, True where a place must not look, or of floats that are added to the
        scores.

        Parameters
        ----------
        src : Tensor of shape (S, N, d_model), (N, S, d_model) with batch_first, or (S, d_model)
            What the encoder reads.
        tgt : Tensor of shape (T, N, d_model), (N, T, d_model) with batch_first, or (T, d_model)
            What the decoder transforms.
        src_mask : Tensor of shape (S, S) or (N * nhead, S, S), optional
            Which places of `src` look at which.
        tgt_mask : Tensor of shape (T, T) or (N * nhead, T, T), optional
            Which places of `tgt` look at which.
        memory_mask : Tensor of shape (T, S) or (N * nhead, T, S), optional
            Which places of `tgt` look at which of the encoder's output.
        src_key_padding_mask : Tensor of shape (N, S), optional
            Places of `src` that none may look at.
        tgt_key_padding_mask : Tensor of shape (N, T), optional
            Places of `tgt` that none may look at.
        memory_key_padding_mask : Tensor of shape (N, S), optional
            Places of the encoder's output that none may look at: mostly `src_key_padding_mask`.
        src_is_causal, tgt_is_causal : bool, optional
            Whether place i looks at places 0 to i only: then `src_mask`, `tgt_mask` are not read,
            which is faster. By default that is found out.
        memory_is_causal : bool
            The same of `memory_mask`, without finding out.
        """
        self._check(src.shape, tgt.shape)
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        output: Tensor = self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )
        return output

    def _check(self, src: tuple[int, ...], tgt: tuple[int, ...]) -> None:
        batch = 0 if self.batch_first else 1
        if len(src) not in (2, 3) or len(src) != len(tgt):
            raise ValueError(
                f"src and tgt must both have 3 axes, or 2 without a batch, got {src} and {tgt}"
            )
        if len(src) == 3 and src[batch] != tgt[batch]:
            raise ValueError(
                f"src and tgt must hold as many sequences (axis {batch}), got {src} and {tgt}"
            )
        if src[-1] != self.d_model or tgt[-1] != self.d_model:
            raise ValueError(
                f"src and tgt must have d_model={self.d_model} features, got {src} and {tgt}"
            )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """Return a mask that lets each place look at itself and at what came before.

        Parameters
        ----------
        sz : int
            Length of the sequence.
        device : {"cpu"}, optional
            The only one there is.
        dtype : {float32, float64}, optional
            Of the mask.

        Returns
        -------
        Tensor of shape (sz, sz)
            Zeros, and -inf above the diagonal.

        Raises
        ------
        TypeError
            If `dtype` is not one of floats.

        Examples
        --------
        >>> import scratchml.nn as nn
        >>> nn.Transformer.generate_square_subsequent_mask(3).tolist()
        [[0.0, -inf, -inf], [0.0, 0.0, -inf], [0.0, 0.0, 0.0]]
        """
        check_device(device)
        kind = check_dtype(dtype, "generate_square_subsequent_mask")
        mask: Tensor = constant(causal(sz, kind.char).copy())
        return mask
