"""Positions in a sequence: sinusoids that are added, and rotations of queries and keys."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.functional.positional import check_waves, places, power_above, span, turned
from scratchml.nn.modules.module import Module
from scratchml.nn.ops.positions import sinusoids
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import need_kind
from scratchml.tensor.tape import constant


class SinusoidalPositionalEncoding(Module):
    """Add to each vector of a sequence the sines and cosines of its position.

    Attention treats a sequence as a set; what is added here tells its members apart. Dropout of
    the sum follows, if asked for. Nothing is learned, and the state dict stays empty.

    Parameters
    ----------
    d_model : int
        Length of the vectors.
    dropout : float
        The probability of being dropped.
    max_len : int
        How many positions are computed at first; further ones are when they are needed.
    batch_first : bool
        Whether the axis of the batch comes before that of the sequence.
    base : float
        The lowest frequency is almost 1 / base.

    Notes
    -----
    Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5, where the
    vectors have been multiplied by the root of `d_model` before.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> places = nn.SinusoidalPositionalEncoding(4, batch_first=True)
    >>> places(torch.zeros(1, 2, 4)).round(decimals=2).tolist() == [
    ...     torch.tensor([[0.0, 1.0, 0.0, 1.0], [0.84, 0.54, 0.01, 1.0]]).tolist()
    ... ]
    True
    """

    def __init__(
        self,
        d_model: int,
        dropout: float = 0.0,
        max_len: int = 1024,
        batch_first: bool = False,
        base: float = 10000.0,
    ) -> None:
        super().__init__()
        check_waves("SinusoidalPositionalEncoding", d_model, base)
        if not 0 <= dropout <= 1:
            raise ValueError(
                "dropout of SinusoidalPositionalEncoding must be in the range [0, 1], got "
                f"{dropout}"
            )
        self.d_model = d_model
        self.dropout = dropout
        self.max_len = max_len
        self.batch_first = batch_first
        self.base = base

    def forward(self, input: Tensor, input_pos: Tensor | None = None, *, offset: int = 0) -> Tensor:
        """Compute the layer's output.

        Parameters
        ----------
        input : Tensor of shape (S, N, d_model), (N, S, d_model) with batch_first, or (S, d_model)
            Vectors of S places.
        input_pos : Tensor of ints of shape (S,), or that of `input` up to its last axis, optional
            The position of each place; by default offset, offset + 1, ...
        offset : int
            Where the sequence begins, if `input_pos` is not given: with a cache of keys and
            values, how many are in it.
        """
        name, D = "SinusoidalPositionalEncoding", self.d_model
        x = input.array
        need_kind(x, "f", name)
        if x.ndim not in (2, 3) or x.shape[-1] != D:
            batch = f"(N, S, {D})" if self.batch_first else f"(S, N, {D})"
            raise ValueError(f"input must have shape {batch} or (S, {D}), got {x.shape}")
        axis = 1 if self.batch_first and x.ndim == 3 else 0
        length = x.shape[axis]
        if input_pos is None:
            rows = span(name, offset, length, self.max_len)
            positions: Any = slice(offset, offset + length)
        else:
            positions = places(name, input_pos, offset, x.shape[:-1], length)
            rows = max(self.max_len, power_above(int(positions.max(initial=0))))
        table = sinusoids(rows, D, float(self.base), x.dtype)[positions]
        if axis == 0 and table.ndim < x.ndim:
            table = table[:, None]  # the same for the whole batch
        y: Tensor = input + constant(table)
        return F.dropout(y, self.dropout, self.training) if self.dropout else y

    def extra_repr(self) -> str:
        return f"{self.d_model}, dropout={self.dropout}, batch_first={self.batch_first}"


class RotaryPositionalEmbedding(Module):
    """Turn each pair of features of queries and keys by an angle that grows with the position.

    The inner product of a query and a key that were turned depends on how far apart they are, not
    on where they are. Nothing is learned, and the state dict stays empty.

    Parameters
    ----------
    dim : int
        Length of the vectors of one head; even.
    max_seq_len : int
        How many positions are computed at first; further ones are when they are needed.
    base : float
        The lowest frequency is almost 1 / base.

    See Also
    --------
    scratchml.nn.functional.rotary_positional_embedding : The function.

    Notes
    -----
    Source: J. Su et al., "RoFormer: enhanced transformer with rotary position embedding", arXiv
    2104.09864, eq. 34. The arguments are those of torchtune's RotaryPositionalEmbeddings.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> rotary = nn.RotaryPositionalEmbedding(8)
    >>> q, k = torch.ones(1, 10, 2, 8), torch.ones(1, 10, 2, 8)
    >>> q, k = rotary(q), rotary(k)
    >>> near = [(q[0, i, 0] * k[0, i + 2, 0]).sum().item() for i in range(3)]
    >>> max(near) - min(near) < 1e-5
    True
    """

    def __init__(self, dim: int, max_seq_len: int = 4096, base: float = 10000.0) -> None:
        super().__init__()
        check_waves("RotaryPositionalEmbedding", dim, base)
        if dim % 2:
            raise ValueError(f"dim of RotaryPositionalEmbedding must be even, got {dim}")
        self.dim = dim
        self.max_seq_len = max_seq_len
        self.base = base

    def forward(self, x: Tensor, *, input_pos: Tensor | None = None, offset: int = 0) -> Tensor:
        """Compute the layer's output.

        Parameters
        ----------
        x : Tensor of shape (..., S, H, dim)
            Queries or keys of S places and H heads.
        input_pos : Tensor of ints of shape (S,) or (..., S), optional
            The position of each place; by default offset, offset + 1, ...
        offset : int
            Where the sequence begins, if `input_pos` is not given: with a cache of keys and
            values, how many are in it.
        """
        shape = x.shape
        if not shape or shape[-1] != self.dim:
            raise ValueError(f"x must have shape (..., S, H, {self.dim}), got {shape}")
        name = "RotaryPositionalEmbedding"
        return turned(name, x, input_pos, self.base, offset, self.max_seq_len)

    def extra_repr(self) -> str:
        return f"{self.dim}, max_seq_len={self.max_seq_len}, base={self.base}"
