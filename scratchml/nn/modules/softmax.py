"""Softmax and its kin: activations that make an axis a distribution."""

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor


class Softmax(Layer):
    """Return exp(x) divided by its sum along an axis.

    Parameters
    ----------
    dim : int
        The axis that sums to 1.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Softmax(dim=0)(torch.tensor([3.0, 3.0])).tolist()
    [0.5, 0.5]
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Layer):
    """Return the logarithm of `Softmax`.

    Parameters
    ----------
    dim : int
        The axis that sums to 1.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.LogSoftmax(dim=0)(torch.tensor([3.0])).tolist()
    [0.0]
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmin(Layer):
    """Return the `Softmax` of -x.

    Parameters
    ----------
    dim : int
        The axis that sums to 1.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Softmin(dim=0)(torch.tensor([3.0, 3.0])).tolist()
    [0.5, 0.5]
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.softmin(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax2d(Layer):
    """Return the `Softmax` over the channels of an image, at every pixel.

    The input has shape (N, C, H, W) or (C, H, W).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Softmax2d()(torch.ones(2, 1, 1)).flatten().tolist()
    [0.5, 0.5]
    """

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (3, 4):
            raise ValueError(
                "Softmax2d: input must have shape (N, C, H, W) or (C, H, W), got "
                f"{tuple(input.shape)}"
            )
        return F.softmax(input, -3)
