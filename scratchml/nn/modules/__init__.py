"""Layers as objects: each holds its parameters and calls `scratchml.nn.functional`."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.modules.activation import ReLU as ReLU
    from scratchml.nn.modules.container import Sequential as Sequential
    from scratchml.nn.modules.conv import Conv2d as Conv2d
    from scratchml.nn.modules.flatten import Flatten as Flatten, Unflatten as Unflatten
    from scratchml.nn.modules.linear import (
        Bilinear as Bilinear,
        Identity as Identity,
        Linear as Linear,
    )
    from scratchml.nn.modules.loss import CrossEntropyLoss as CrossEntropyLoss
    from scratchml.nn.modules.module import Module as Module
    from scratchml.nn.modules.pooling import MaxPool2d as MaxPool2d

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Bilinear": "linear",
        "Conv2d": "conv",
        "CrossEntropyLoss": "loss",
        "Flatten": "flatten",
        "Identity": "linear",
        "Linear": "linear",
        "MaxPool2d": "pooling",
        "Module": "module",
        "ReLU": "activation",
        "Sequential": "container",
        "Unflatten": "flatten",
    },
)
