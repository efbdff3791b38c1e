"""Layer: a module of one input and one output, whose ``forward`` is described here once."""

from typing import Any

from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor


class Layer(Module):
    """A module that makes one tensor out of one."""

    def forward(self, input: Tensor) -> Any:
        """Compute the layer's output.

        Parameters
        ----------
        input : Tensor
            Of a shape that the layer's description names.
        """
        raise NotImplementedError(f'{type(self).__name__} has no "forward" method')
