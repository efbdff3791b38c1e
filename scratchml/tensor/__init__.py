"""Tensors: NumPy arrays that know their derivatives, under PyTorch's names."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.tensor.tensor import Tensor as Tensor

__getattr__, __dir__, __all__ = attach(__name__, {"Tensor": "tensor"})
