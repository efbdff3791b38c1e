"""The encoder of a Transformer: layers, one after the other, and a normalisation at the end.

    x_0 = src,      x_l = layer_l(x_(l-1)),      y = norm(x_L)

With a mask that hides what follows it is what language models are made of, and then a cache of
keys and values lets it go on position by position.

Reference: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.1.
"""

from collections.abc import Sequence

from scratchml.nn.modules.key_value_cache import KeyValueCache
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.transformer_parts import copies, each_its_own, looks_back_only
from scratchml.tensor.core import Tensor


class TransformerEncoder(Module):
    """Run a sequence through layers, one after the other.

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer
        Is copied for each of the layers.
    num_layers : int
        How many there are.
    norm : Module, optional
        Applied to the output of the last one.
    enable_nested_tensor : bool
        Means nothing here: padding is never left out of the work.
    mask_check : bool
        Means nothing here: masks are always checked.

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
    >>> layer = nn.TransformerEncoderLayer(d_model=16, nhead=2, dim_feedforward=32)
    >>> encoder = nn.TransformerEncoder(layer, num_layers=3)
    >>> tuple(encoder(torch.rand(10, 4, 16)).shape)
    (10, 4, 16)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = copies(encoder_layer, num_layers, "TransformerEncoder")
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
        *,
        cache: Sequence[KeyValueCache] | None = None,
    ) -> Tensor:
        """Compute the output of the last layer.

        Parameters
        ----------
        src : Tensor of shape (S, N, d_model), (N, S, d_model) with batch_first, or (S, d_model)
            The sequences.
        mask : Tensor of shape (S, S) or (N * nhead, S, S), optional
            Of bools, True where a place must not look; or of floats that are added to the scores.
        src_key_padding_mask : Tensor of shape (N, S), optional
            Of the same kinds: places that no other may look at.
        is_causal : bool, optional
            Whether a place looks at itself and at what came before only: then `mask` is not read,
            which is faster. By default that is found out.
        cache : list of KeyValueCache, optional
            One for each layer, as `new_cache` makes them: what came before `src`.
        """
        is_causal = looks_back_only(mask, is_causal)
        x = src
        caches = each_its_own(cache, len(self.layers), "TransformerEncoder")
        for layer, kept in zip(self.layers, caches, strict=True):
            more = {} if kept is None else {"cache": kept}
            x = layer(
                x,
                src_mask=mask,
                is_causal=is_causal,
                src_key_padding_mask=src_key_padding_mask,
                **more,
            )
        return x if self.norm is None else self.norm(x)

    def new_cache(self, capacity: int = 0) -> list[KeyValueCache]:
        """Return an empty cache of keys and values for each layer.

        Parameters
        ----------
        capacity : int
            For how many positions there is room at first.

        Returns
        -------
        list of KeyValueCache
            What `forward` takes as `cache`.
        """
        return [KeyValueCache(capacity) for _ in self.layers]
