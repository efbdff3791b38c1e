"""Flatten and Unflatten: several axes to one, and one to several."""

from collections.abc import Sequence

from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor


class Flatten(Layer):
    """Make one axis of several that follow each other; by default of all but the batch's.

    Parameters
    ----------
    start_dim : int
        The first of them.
    end_dim : int
        The last of them.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.Flatten()(torch.ones(32, 1, 5, 5)).shape)
    (32, 25)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Layer):
    """Make several axes of one.

    Parameters
    ----------
    dim : int
        The axis.
    unflattened_size : sequence of int
        The lengths of the new axes, whose product is the old one's; one of them may be -1.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.Unflatten(1, (2, 5, 5))(torch.ones(32, 50)).shape)
    (32, 2, 5, 5)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(dim, int):
            raise TypeError(f"dim of Unflatten must be an int, got {dim!r}")
        sizes = isinstance(unflattened_size, (tuple, list))
        if not sizes or not all(isinstance(size, int) for size in unflattened_size):
            raise TypeError(
                f"unflattened_size of Unflatten must be a tuple of int, got {unflattened_size!r}"
            )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
