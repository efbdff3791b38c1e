"""Networks: layers over forward and backward halves (`scratchml.nn.ops`), named as PyTorch's."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.evaluation import evaluate as evaluate
    from scratchml.nn.modules import CELU as CELU
    from scratchml.nn.modules import ELU as ELU
    from scratchml.nn.modules import GELU as GELU
    from scratchml.nn.modules import GLU as GLU
    from scratchml.nn.modules import SELU as SELU
    from scratchml.nn.modules import BatchNorm1d as BatchNorm1d
    from scratchml.nn.modules import BatchNorm2d as BatchNorm2d
    from scratchml.nn.modules import BatchNorm3d as BatchNorm3d
    from scratchml.nn.modules import Bilinear as Bilinear
    from scratchml.nn.modules import Conv1d as Conv1d
    from scratchml.nn.modules import Conv2d as Conv2d
    from scratchml.nn.modules import Conv3d as Conv3d
    from scratchml.nn.modules import ConvTranspose1d as ConvTranspose1d
    from scratchml.nn.modules import ConvTranspose2d as ConvTranspose2d
    from scratchml.nn.modules import ConvTranspose3d as ConvTranspose3d
    from scratchml.nn.modules import CrossEntropyLoss as CrossEntropyLoss
    from scratchml.nn.modules import Flatten as Flatten
    from scratchml.nn.modules import Hardshrink as Hardshrink
    from scratchml.nn.modules import Hardsigmoid as Hardsigmoid
    from scratchml.nn.modules import Hardswish as Hardswish
    from scratchml.nn.modules import Hardtanh as Hardtanh
    from scratchml.nn.modules import Identity as Identity
    from scratchml.nn.modules import LeakyReLU as LeakyReLU
    from scratchml.nn.modules import Linear as Linear
    from scratchml.nn.modules import LogSigmoid as LogSigmoid
    from scratchml.nn.modules import LogSoftmax as LogSoftmax
    from scratchml.nn.modules import MaxPool1d as MaxPool1d
    from scratchml.nn.modules import MaxPool2d as MaxPool2d
    from scratchml.nn.modules import MaxPool3d as MaxPool3d
    from scratchml.nn.modules import Mish as Mish
    from scratchml.nn.modules import Module as Module
    from scratchml.nn.modules import ModuleDict as ModuleDict
    from scratchml.nn.modules import ModuleList as ModuleList
    from scratchml.nn.modules import ParameterList as ParameterList
    from scratchml.nn.modules import PReLU as PReLU
    from scratchml.nn.modules import ReLU as ReLU
    from scratchml.nn.modules import ReLU6 as ReLU6
    from scratchml.nn.modules import RReLU as RReLU
    from scratchml.nn.modules import Sequential as Sequential
    from scratchml.nn.modules import Sigmoid as Sigmoid
    from scratchml.nn.modules import SiLU as SiLU
    from scratchml.nn.modules import Softmax as Softmax
    from scratchml.nn.modules import Softmax2d as Softmax2d
    from scratchml.nn.modules import Softmin as Softmin
    from scratchml.nn.modules import Softplus as Softplus
    from scratchml.nn.modules import Softshrink as Softshrink
    from scratchml.nn.modules import Softsign as Softsign
    from scratchml.nn.modules import Tanh as Tanh
    from scratchml.nn.modules import Tanhshrink as Tanhshrink
    from scratchml.nn.modules import Threshold as Threshold
    from scratchml.nn.modules import Unflatten as Unflatten
    from scratchml.nn.parameter import Parameter as Parameter
    from scratchml.nn.summaries import summary as summary
    from scratchml.nn.training import fit as fit

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "BatchNorm1d": "modules",
        "BatchNorm2d": "modules",
        "BatchNorm3d": "modules",
        "Bilinear": "modules",
        "CELU": "modules",
        "Conv1d": "modules",
        "Conv2d": "modules",
        "Conv3d": "modules",
        "ConvTranspose1d": "modules",
        "ConvTranspose2d": "modules",
        "ConvTranspose3d": "modules",
        "CrossEntropyLoss": "modules",
        "ELU": "modules",
        "Flatten": "modules",
        "GELU": "modules",
        "GLU": "modules",
        "Hardshrink": "modules",
        "Hardsigmoid": "modules",
        "Hardswish": "modules",
        "Hardtanh": "modules",
        "Identity": "modules",
        "LeakyReLU": "modules",
        "Linear": "modules",
        "LogSigmoid": "modules",
        "LogSoftmax": "modules",
        "MaxPool1d": "modules",
        "MaxPool2d": "modules",
        "MaxPool3d": "modules",
        "Mish": "modules",
        "Module": "modules",
        "ModuleDict": "modules",
        "ModuleList": "modules",
        "PReLU": "modules",
        "Parameter": "parameter",
        "ParameterList": "modules",
        "RReLU": "modules",
        "ReLU": "modules",
        "ReLU6": "modules",
        "SELU": "modules",
        "Sequential": "modules",
        "SiLU": "modules",
        "Sigmoid": "modules",
        "Softmax": "modules",
        "Softmax2d": "modules",
        "Softmin": "modules",
        "Softplus": "modules",
        "Softshrink": "modules",
        "Softsign": "modules",
        "Tanh": "modules",
        "Tanhshrink": "modules",
        "Threshold": "modules",
        "Unflatten": "modules",
        "evaluate": "evaluation",
        "fit": "training",
        "summary": "summaries",
    },
    ("functional", "init", "modules", "ops", "safetensors", "utils"),
)
