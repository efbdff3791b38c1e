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
    from scratchml.nn.modules.rectifiers import CELU as CELU
    from scratchml.nn.modules.rectifiers import ELU as ELU
    from scratchml.nn.modules.rectifiers import SELU as SELU
    from scratchml.nn.modules.rectifiers import Hardshrink as Hardshrink
    from scratchml.nn.modules.rectifiers import Hardtanh as Hardtanh
    from scratchml.nn.modules.rectifiers import LeakyReLU as LeakyReLU
    from scratchml.nn.modules.rectifiers import PReLU as PReLU
    from scratchml.nn.modules.rectifiers import ReLU as ReLU
    from scratchml.nn.modules.rectifiers import ReLU6 as ReLU6
    from scratchml.nn.modules.rectifiers import RReLU as RReLU
    from scratchml.nn.modules.rectifiers import Softshrink as Softshrink
    from scratchml.nn.modules.rectifiers import Threshold as Threshold
    from scratchml.nn.modules.sigmoids import GELU as GELU
    from scratchml.nn.modules.sigmoids import GLU as GLU
    from scratchml.nn.modules.sigmoids import Hardsigmoid as Hardsigmoid
    from scratchml.nn.modules.sigmoids import Hardswish as Hardswish
    from scratchml.nn.modules.sigmoids import LogSigmoid as LogSigmoid
    from scratchml.nn.modules.sigmoids import Mish as Mish
    from scratchml.nn.modules.sigmoids import Sigmoid as Sigmoid
    from scratchml.nn.modules.sigmoids import SiLU as SiLU
    from scratchml.nn.modules.sigmoids import Softplus as Softplus
    from scratchml.nn.modules.sigmoids import Softsign as Softsign
    from scratchml.nn.modules.sigmoids import Tanh as Tanh
    from scratchml.nn.modules.sigmoids import Tanhshrink as Tanhshrink
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
        "CELU": "rectifiers",
        "Conv1d": "conv",
        "Conv2d": "conv",
        "Conv3d": "conv",
        "ConvTranspose1d": "conv_transpose",
        "ConvTranspose2d": "conv_transpose",
        "ConvTranspose3d": "conv_transpose",
        "CrossEntropyLoss": "classification_loss",
        "ELU": "rectifiers",
        "Flatten": "flatten",
        "GELU": "sigmoids",
        "GLU": "sigmoids",
        "Hardshrink": "rectifiers",
        "Hardsigmoid": "sigmoids",
        "Hardswish": "sigmoids",
        "Hardtanh": "rectifiers",
        "Identity": "linear",
        "LeakyReLU": "rectifiers",
        "Linear": "linear",
        "LogSigmoid": "sigmoids",
        "LogSoftmax": "softmax",
        "MaxPool1d": "max_pooling",
        "MaxPool2d": "max_pooling",
        "MaxPool3d": "max_pooling",
        "Mish": "sigmoids",
        "Module": "module",
        "ModuleDict": "container",
        "ModuleList": "container",
        "PReLU": "rectifiers",
        "ParameterList": "container",
        "RReLU": "rectifiers",
        "ReLU": "rectifiers",
        "ReLU6": "rectifiers",
        "SELU": "rectifiers",
        "Sequential": "container",
        "SiLU": "sigmoids",
        "Sigmoid": "sigmoids",
        "Softmax": "softmax",
        "Softmax2d": "softmax",
        "Softmin": "softmax",
        "Softplus": "sigmoids",
        "Softshrink": "rectifiers",
        "Softsign": "sigmoids",
        "Tanh": "sigmoids",
        "Tanhshrink": "sigmoids",
        "Threshold": "rectifiers",
        "Unflatten": "flatten",
    },
)
