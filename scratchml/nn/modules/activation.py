"""Rectifiers."""

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.tensor import Tensor


class ReLU(Layer):
    """Return max(x, 0).

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.ReLU()(torch.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.relu(input)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""
