"""Embedding: a table with a row for each index."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.init.plain import normal_
from scratchml.nn.modules.layer import Layer
from scratchml.nn.modules.placement import new_parameter
from scratchml.nn.parameter import Parameter
from scratchml.tensor.core import Tensor


class Embedding(Layer):
    """Look up a row of a table for each index.

    Parameters
    ----------
    num_embeddings : int
        Number of rows: the indices are below it.
    embedding_dim : int
        Length of a row.
    padding_idx : int, optional
        A row of zeros that is not learned.
    max_norm : float, optional
        Rows that are looked up and are longer are shortened, in the table itself.
    norm_type : float
        The p of the p-norm for `max_norm`.
    scale_grad_by_freq : bool
        Whether a row's gradient is divided by how often it was looked up.
    sparse : bool
        Only False: there are no sparse gradients.
    _weight : Tensor of shape (num_embeddings, embedding_dim), optional
        The table itself, which is shared; see `from_pretrained`.
    _freeze : bool
        Whether that table stays as it is.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the table; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (num_embeddings, embedding_dim)
        The table, drawn from the standard normal distribution.

    See Also
    --------
    scratchml.nn.functional.embedding : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Embedding(10, 3, padding_idx=0)
    >>> tuple(layer(torch.tensor([[1, 2, 4, 5], [4, 3, 2, 9]])).shape)
    (2, 4, 3)
    >>> layer(torch.tensor([0])).tolist()
    [[0.0, 0.0, 0.0]]
    """

    weight: Any

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if sparse:
            raise ValueError("sparse of Embedding must be False: there are no sparse gradients")
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(
                f"padding_idx of Embedding must be the index of one of {num_embeddings} rows, got "
                f"{padding_idx}"
            )
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        shape = (num_embeddings, embedding_dim)
        if _weight is None:
            self.weight = new_parameter(shape, device, dtype, "Embedding")
            self.reset_parameters()
        elif tuple(_weight.shape) == shape:
            self.weight = Parameter(_weight.detach(), requires_grad=not _freeze)
        else:
            raise ValueError(
                f"the table of Embedding must have shape {shape}, got {tuple(_weight.shape)}"
            )

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.array[self.padding_idx] = 0

    def forward(self, input: Tensor) -> Tensor:
        return F.embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def extra_repr(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        for name, usual in (("padding_idx", None), ("max_norm", None), ("norm_type", 2)):
            if getattr(self, name) != usual:
                text += f", {name}={getattr(self, name)}"
        return f"{text}, scale_grad_by_freq=True" if self.scale_grad_by_freq else text

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> "Embedding":
        """Make a layer of a table that is there.

        Parameters
        ----------
        embeddings : Tensor of shape (num_embeddings, embedding_dim)
            The table, which is shared.
        freeze : bool
            Whether it stays as it is.
        padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
            As for the layer.

        Returns
        -------
        Embedding
            The layer.
        """
        if embeddings.ndim != 2:
            raise ValueError(
                "embeddings must have shape (num_embeddings, embedding_dim), got "
                f"{tuple(embeddings.shape)}"
            )
        rows, columns = embeddings.shape
        return cls(
            rows,
            columns,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight=embeddings,
            _freeze=freeze,
        )
