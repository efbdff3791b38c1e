"""Networks: layers over forward and backward halves (`scratchml.nn.ops`), named as PyTorch's."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.modules import (
        Bilinear as Bilinear,
        Conv2d as Conv2d,
        CrossEntropyLoss as CrossEntropyLoss,
        Flatten as Flatten,
        Identity as Identity,
        Linear as Linear,
        MaxPool2d as MaxPool2d,
        Module as Module,
        ReLU as ReLU,
        Sequential as Sequential,
        Unflatten as Unflatten,
    )
    from scratchml.nn.parameter import Parameter as Parameter

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Bilinear": "modules",
        "Conv2d": "modules",
        "CrossEntropyLoss": "modules",
        "Flatten": "modules",
        "Identity": "modules",
        "Linear": "modules",
        "MaxPool2d": "modules",
        "Module": "modules",
        "Parameter": "parameter",
        "ReLU": "modules",
        "Sequential": "modules",
        "Unflatten": "modules",
    },
    ("functional", "init", "modules", "ops", "utils"),
)
