"""Layers as objects: each holds its parameters and calls `scratchml.nn.functional`."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.modules.batchnorm import BatchNorm1d as BatchNorm1d
    from scratchml.nn.modules.batchnorm import BatchNorm2d as BatchNorm2d
    from scratchml.nn.modules.batchnorm import BatchNorm3d as BatchNorm3d
    from scratchml.nn.modules.classification_loss import CrossEntropyLoss as CrossEntropyLoss
    from scratchml.nn.modules.container import ModuleDict as ModuleDict
    from scratchml.nn.modules.container import ModuleList as ModuleList
    from scratchml.nn.modules.container import ParameterList as ParameterList
    from scratchml.nn.modules.container import Sequential as Sequential
    from scratchml.nn.modules.conv import Conv1d as Conv1d
    from scratchml.nn.modules.conv import Conv2d as Conv2d
    from scratchml.nn.modules.conv import Conv3d as Conv3d
    from scratchml.nn.modules.conv_transpose import ConvTranspose1d as ConvTranspose1d
    from scratchml.nn.modules.conv_transpose import ConvTranspose2d as ConvTranspose2d
    from scratchml.nn.modules.conv_transpose import ConvTranspose3d as ConvTranspose3d
    from scratchml.nn.modules.flatten import Flatten as Flatten
    from scratchml.nn.modules.flatten import Unflatten as Unflatten
    from scratchml.nn.modules.linear import Bilinear as Bilinear
    from scratchml.nn.modules.linear import Identity as Identity
    from scratchml.nn.modules.linear import Linear as Linear
    from scratchml.nn.modules.max_pooling import MaxPool1d as MaxPool1d
    from scratchml.nn.modules.max_pooling import MaxPool2d as MaxPool2d
    from scratchml.nn.modules.max_pooling import MaxPool3d as MaxPool3d
    from scratchml.nn.modules.module import Module as Module
    from scratchml.nn.modules.rectifiers import ReLU as ReLU
    from scratchml.nn.modules.softmax import LogSoftmax as LogSoftmax
    from scratchml.nn.modules.softmax import Softmax as Softmax
    from scratchml.nn.modules.softmax import Softmax2d as Softmax2d
    from scratchml.nn.modules.softmax import Softmin as Softmin

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "BatchNorm1d": "batchnorm",
        "BatchNorm2d": "batchnorm",
        "BatchNorm3d": "batchnorm",
        "Bilinear": "linear",
        "Conv1d": "conv",
        "Conv2d": "conv",
        "Conv3d": "conv",
        "ConvTranspose1d": "conv_transpose",
        "ConvTranspose2d": "conv_transpose",
        "ConvTranspose3d": "conv_transpose",
        "CrossEntropyLoss": "classification_loss",
        "Flatten": "flatten",
        "Identity": "linear",
        "Linear": "linear",
        "LogSoftmax": "softmax",
        "MaxPool1d": "max_pooling",
        "MaxPool2d": "max_pooling",
        "MaxPool3d": "max_pooling",
        "Module": "module",
        "ModuleDict": "container",
        "ModuleList": "container",
        "ParameterList": "container",
        "ReLU": "rectifiers",
        "Sequential": "container",
        "Softmax": "softmax",
        "Softmax2d": "softmax",
        "Softmin": "softmax",
        "Unflatten": "flatten",
    },
)
