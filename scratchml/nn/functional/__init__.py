"""Layers as functions of tensors, under the names of ``torch.nn.functional``."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.functional.activation import relu as relu

__getattr__, __dir__, __all__ = attach(__name__, {"relu": "activation"})
