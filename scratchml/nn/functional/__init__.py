"""Layers as functions of tensors, under the names of ``torch.nn.functional``."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.functional.activation import relu as relu
    from scratchml.nn.functional.conv import conv2d as conv2d
    from scratchml.nn.functional.normalization import batch_norm as batch_norm
    from scratchml.nn.functional.pooling import (
        max_pool1d as max_pool1d,
    )
    from scratchml.nn.functional.pooling import (
        max_pool2d as max_pool2d,
    )
    from scratchml.nn.functional.pooling import (
        max_pool3d as max_pool3d,
    )

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "batch_norm": "normalization",
        "conv2d": "conv",
        "max_pool1d": "pooling",
        "max_pool2d": "pooling",
        "max_pool3d": "pooling",
        "relu": "activation",
    },
)
