"""Parameter: a tensor that a module learns."""

from typing import Any

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.creation import as_tensor
from scratchml.tensor.tape import Taped


class Parameter(Tensor):
    """A tensor that a module learns: it requires a gradient, and modules list it.

    Parameters
    ----------
    data : Tensor or array-like, optional
        The values, which are shared where that is possible; none by default.
    requires_grad : bool
        Whether gradients are computed for it.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Parameter(torch.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        given = np.empty(0, np.float32) if data is None else data
        self.array = (given if isinstance(given, Taped) else as_tensor(given)).array
        self.grad = self.hooks = self.node = self.origin = None
        self.version = [0]
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"
