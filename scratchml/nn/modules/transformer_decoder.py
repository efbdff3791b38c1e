"""The decoder of a Transformer: layers, one after the other, and a normalisation at the end.

    x_0 = tgt,      x_l = layer_l(x_(l-1), memory),      y = norm(x_L)

Reference: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.1.
"""

from collections.abc import Sequence

from scratchml.nn.modules.key_value_cache import KeyValueCache
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.transformer_decoder_layer import TwoCaches
from scratchml.nn.modules.transformer_parts import copies, each_its_own, looks_back_only
from scratchml.tensor.core import Tensor


class TransformerDecoder(Module):
    """Run a sequence through decoder layers, one after the other, beside another sequence.

    Parameters
    ----------
    decoder_layer : TransformerDecoderLayer
        Is copied for each of the layers.
    num_layers : int
        How many there are.
    norm : Module, optional
        Applied to the output of the last one.

    Attributes
    ----------
    layers : ModuleList
        The layers.

    Raises
    ------
    ValueError
        If `num_layers` is negative.

    Notes
    -----
    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.1.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.TransformerDecoderLayer(d_model=16, nhead=2, dim_feedforward=32)
    >>> decoder = nn.TransformerDecoder(layer, num_layers=3)
    >>> memory = torch.rand(10, 4, 16)
    >>> tuple(decoder(torch.rand(5, 4, 16), memory).shape)
    (5, 4, 16)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = copies(decoder_layer, num_layers, "TransformerDecoder")
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
        *,
        cache: Sequence[TwoCaches] | None = None,
    ) -> Tensor:
        """Compute the output of the last layer.

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
        tgt_is_causal : bool, optional
            Whether place i looks at places 0 to i only: then `tgt_mask` is not read, which is
            faster. By default that is found out.
        memory_is_causal : bool
            The same of `memory_mask`, without finding out.
        cache : list of tuple of two KeyValueCache, optional
            A pair for each layer, as `new_cache` makes them: what came before `tgt`.
        """
        tgt_is_causal = looks_back_only(tgt_mask, tgt_is_causal)
        x = tgt
        caches = each_its_own(cache, len(self.layers), "TransformerDecoder")
        for layer, kept in zip(self.layers, caches, strict=True):
            more = {} if kept is None else {"cache": kept}
            x = layer(
                x,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=tgt_is_causal,
                memory_is_causal=memory_is_causal,
                **more,
            )
        return x if self.norm is None else self.norm(x)

    def new_cache(self, capacity: int = 0) -> list[TwoCaches]:
        """Return an empty cache of keys and values for each layer.

        Parameters
        ----------
        capacity : int
            For how many positions there is room at first.

        Returns
        -------
        list of tuple of two KeyValueCache
            What `forward` takes as `cache`: of the layer's own sequence, and of the memory.
        """
        return [(KeyValueCache(capacity), KeyValueCache(fixed=True)) for _ in self.layers]
