"""Layers as functions of tensors, under the names of ``torch.nn.functional``."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.functional.activation import relu as relu
    from scratchml.nn.functional.classification import cross_entropy as cross_entropy
    from scratchml.nn.functional.conv import conv1d as conv1d
    from scratchml.nn.functional.conv import conv2d as conv2d
    from scratchml.nn.functional.conv import conv3d as conv3d
    from scratchml.nn.functional.conv_transpose import (
        conv_transpose1d as conv_transpose1d,
    )
    from scratchml.nn.functional.conv_transpose import (
        conv_transpose2d as conv_transpose2d,
    )
    from scratchml.nn.functional.conv_transpose import (
        conv_transpose3d as conv_transpose3d,
    )
    from scratchml.nn.functional.dense import bilinear as bilinear
    from scratchml.nn.functional.dense import linear as linear
    from scratchml.nn.functional.fold import fold as fold
    from scratchml.nn.functional.fold import unfold as unfold
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
    from scratchml.nn.functional.softmaxes import (
        log_softmax as log_softmax,
    )
    from scratchml.nn.functional.softmaxes import (
        softmax as softmax,
    )
    from scratchml.nn.functional.softmaxes import (
        softmin as softmin,
    )

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "batch_norm": "normalization",
        "bilinear": "dense",
        "conv1d": "conv",
        "conv2d": "conv",
        "conv3d": "conv",
        "conv_transpose1d": "conv_transpose",
        "conv_transpose2d": "conv_transpose",
        "conv_transpose3d": "conv_transpose",
        "cross_entropy": "classification",
        "fold": "fold",
        "linear": "dense",
        "log_softmax": "softmaxes",
        "max_pool1d": "pooling",
        "max_pool2d": "pooling",
        "max_pool3d": "pooling",
        "relu": "activation",
        "softmax": "softmaxes",
        "softmin": "softmaxes",
        "unfold": "fold",
    },
)
