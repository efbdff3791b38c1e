"""Networks: layers over forward and backward halves (`scratchml.nn.ops`), named as PyTorch's."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.tensor.tensor import Parameter as Parameter

__getattr__, __dir__, __all__ = attach(
    __name__, {"Parameter": "parameter"}, ("functional", "init", "ops", "utils")
)
