"""Networks: layers over forward and backward halves (`scratchml.nn.ops`), named as PyTorch's."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.evaluation import evaluate as evaluate
    from scratchml.nn.modules import CELU as CELU
    from scratchml.nn.modules import ELU as ELU
    from scratchml.nn.modules import GELU as GELU
    from scratchml.nn.modules import GLU as GLU
    from scratchml.nn.modules import GRU as GRU
    from scratchml.nn.modules import LSTM as LSTM
    from scratchml.nn.modules import RNN as RNN
    from scratchml.nn.modules import SELU as SELU
    from scratchml.nn.modules import AdaptiveAvgPool1d as AdaptiveAvgPool1d
    from scratchml.nn.modules import AdaptiveAvgPool2d as AdaptiveAvgPool2d
    from scratchml.nn.modules import AdaptiveAvgPool3d as AdaptiveAvgPool3d
    from scratchml.nn.modules import AdaptiveMaxPool1d as AdaptiveMaxPool1d
    from scratchml.nn.modules import AdaptiveMaxPool2d as AdaptiveMaxPool2d
    from scratchml.nn.modules import AdaptiveMaxPool3d as AdaptiveMaxPool3d
    from scratchml.nn.modules import AlphaDropout as AlphaDropout
    from scratchml.nn.modules import AvgPool1d as AvgPool1d
    from scratchml.nn.modules import AvgPool2d as AvgPool2d
    from scratchml.nn.modules import AvgPool3d as AvgPool3d
    from scratchml.nn.modules import BatchNorm1d as BatchNorm1d
    from scratchml.nn.modules import BatchNorm2d as BatchNorm2d
    from scratchml.nn.modules import BatchNorm3d as BatchNorm3d
    from scratchml.nn.modules import BCELoss as BCELoss
    from scratchml.nn.modules import BCEWithLogitsLoss as BCEWithLogitsLoss
    from scratchml.nn.modules import Bilinear as Bilinear
    from scratchml.nn.modules import CircularPad1d as CircularPad1d
    from scratchml.nn.modules import CircularPad2d as CircularPad2d
    from scratchml.nn.modules import CircularPad3d as CircularPad3d
    from scratchml.nn.modules import ConstantPad1d as ConstantPad1d
    from scratchml.nn.modules import ConstantPad2d as ConstantPad2d
    from scratchml.nn.modules import ConstantPad3d as ConstantPad3d
    from scratchml.nn.modules import Conv1d as Conv1d
    from scratchml.nn.modules import Conv2d as Conv2d
    from scratchml.nn.modules import Conv3d as Conv3d
    from scratchml.nn.modules import ConvTranspose1d as ConvTranspose1d
    from scratchml.nn.modules import ConvTranspose2d as ConvTranspose2d
    from scratchml.nn.modules import ConvTranspose3d as ConvTranspose3d
    from scratchml.nn.modules import CosineEmbeddingLoss as CosineEmbeddingLoss
    from scratchml.nn.modules import CosineSimilarity as CosineSimilarity
    from scratchml.nn.modules import CrossEntropyLoss as CrossEntropyLoss
    from scratchml.nn.modules import CTCLoss as CTCLoss
    from scratchml.nn.modules import Dropout as Dropout
    from scratchml.nn.modules import Dropout1d as Dropout1d
    from scratchml.nn.modules import Dropout2d as Dropout2d
    from scratchml.nn.modules import Dropout3d as Dropout3d
    from scratchml.nn.modules import Embedding as Embedding
    from scratchml.nn.modules import FeatureAlphaDropout as FeatureAlphaDropout
    from scratchml.nn.modules import Flatten as Flatten
    from scratchml.nn.modules import Fold as Fold
    from scratchml.nn.modules import GaussianNLLLoss as GaussianNLLLoss
    from scratchml.nn.modules import GroupNorm as GroupNorm
    from scratchml.nn.modules import GRUCell as GRUCell
    from scratchml.nn.modules import Hardshrink as Hardshrink
    from scratchml.nn.modules import Hardsigmoid as Hardsigmoid
    from scratchml.nn.modules import Hardswish as Hardswish
    from scratchml.nn.modules import Hardtanh as Hardtanh
    from scratchml.nn.modules import HingeEmbeddingLoss as HingeEmbeddingLoss
    from scratchml.nn.modules import HuberLoss as HuberLoss
    from scratchml.nn.modules import Identity as Identity
    from scratchml.nn.modules import InstanceNorm1d as InstanceNorm1d
    from scratchml.nn.modules import InstanceNorm2d as InstanceNorm2d
    from scratchml.nn.modules import InstanceNorm3d as InstanceNorm3d
    from scratchml.nn.modules import KeyValueCache as KeyValueCache
    from scratchml.nn.modules import KLDivLoss as KLDivLoss
    from scratchml.nn.modules import L1Loss as L1Loss
    from scratchml.nn.modules import LayerNorm as LayerNorm
    from scratchml.nn.modules import LeakyReLU as LeakyReLU
    from scratchml.nn.modules import Linear as Linear
    from scratchml.nn.modules import LocalResponseNorm as LocalResponseNorm
    from scratchml.nn.modules import LogSigmoid as LogSigmoid
    from scratchml.nn.modules import LogSoftmax as LogSoftmax
    from scratchml.nn.modules import LSTMCell as LSTMCell
    from scratchml.nn.modules import MarginRankingLoss as MarginRankingLoss
    from scratchml.nn.modules import MaxPool1d as MaxPool1d
    from scratchml.nn.modules import MaxPool2d as MaxPool2d
    from scratchml.nn.modules import MaxPool3d as MaxPool3d
    from scratchml.nn.modules import MaxUnpool1d as MaxUnpool1d
    from scratchml.nn.modules import MaxUnpool2d as MaxUnpool2d
    from scratchml.nn.modules import MaxUnpool3d as MaxUnpool3d
    from scratchml.nn.modules import Mish as Mish
    from scratchml.nn.modules import Module as Module
    from scratchml.nn.modules import ModuleDict as ModuleDict
    from scratchml.nn.modules import ModuleList as ModuleList
    from scratchml.nn.modules import MSELoss as MSELoss
    from scratchml.nn.modules import MultiheadAttention as MultiheadAttention
    from scratchml.nn.modules import NLLLoss as NLLLoss
    from scratchml.nn.modules import PairwiseDistance as PairwiseDistance
    from scratchml.nn.modules import ParameterList as ParameterList
    from scratchml.nn.modules import PoissonNLLLoss as PoissonNLLLoss
    from scratchml.nn.modules import PReLU as PReLU
    from scratchml.nn.modules import ReflectionPad1d as ReflectionPad1d
    from scratchml.nn.modules import ReflectionPad2d as ReflectionPad2d
    from scratchml.nn.modules import ReflectionPad3d as ReflectionPad3d
    from scratchml.nn.modules import ReLU as ReLU
    from scratchml.nn.modules import ReLU6 as ReLU6
    from scratchml.nn.modules import ReplicationPad1d as ReplicationPad1d
    from scratchml.nn.modules import ReplicationPad2d as ReplicationPad2d
    from scratchml.nn.modules import ReplicationPad3d as ReplicationPad3d
    from scratchml.nn.modules import RMSNorm as RMSNorm
    from scratchml.nn.modules import RNNBase as RNNBase
    from scratchml.nn.modules import RNNCell as RNNCell
    from scratchml.nn.modules import RNNCellBase as RNNCellBase
    from scratchml.nn.modules import RotaryPositionalEmbedding as RotaryPositionalEmbedding
    from scratchml.nn.modules import RReLU as RReLU
    from scratchml.nn.modules import Sequential as Sequential
    from scratchml.nn.modules import Sigmoid as Sigmoid
    from scratchml.nn.modules import SiLU as SiLU
    from scratchml.nn.modules import SinusoidalPositionalEncoding as SinusoidalPositionalEncoding
    from scratchml.nn.modules import SmoothL1Loss as SmoothL1Loss
    from scratchml.nn.modules import SoftMarginLoss as SoftMarginLoss
    from scratchml.nn.modules import Softmax as Softmax
    from scratchml.nn.modules import Softmax2d as Softmax2d
    from scratchml.nn.modules import Softmin as Softmin
    from scratchml.nn.modules import Softplus as Softplus
    from scratchml.nn.modules import Softshrink as Softshrink
    from scratchml.nn.modules import Softsign as Softsign
    from scratchml.nn.modules import Tanh as Tanh
    from scratchml.nn.modules import Tanhshrink as Tanhshrink
    from scratchml.nn.modules import Threshold as Threshold
    from scratchml.nn.modules import Transformer as Transformer
    from scratchml.nn.modules import TransformerDecoder as TransformerDecoder
    from scratchml.nn.modules import TransformerDecoderLayer as TransformerDecoderLayer
    from scratchml.nn.modules import TransformerEncoder as TransformerEncoder
    from scratchml.nn.modules import TransformerEncoderLayer as TransformerEncoderLayer
    from scratchml.nn.modules import TripletMarginLoss as TripletMarginLoss
    from scratchml.nn.modules import Unflatten as Unflatten
    from scratchml.nn.modules import Unfold as Unfold
    from scratchml.nn.modules import Upsample as Upsample
    from scratchml.nn.modules import ZeroPad1d as ZeroPad1d
    from scratchml.nn.modules import ZeroPad2d as ZeroPad2d
    from scratchml.nn.modules import ZeroPad3d as ZeroPad3d
    from scratchml.nn.parameter import Parameter as Parameter
    from scratchml.nn.summaries import summary as summary
    from scratchml.nn.training import fit as fit

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "AdaptiveAvgPool1d": "modules",
        "AdaptiveAvgPool2d": "modules",
        "AdaptiveAvgPool3d": "modules",
        "AdaptiveMaxPool1d": "modules",
        "AdaptiveMaxPool2d": "modules",
        "AdaptiveMaxPool3d": "modules",
        "AlphaDropout": "modules",
        "AvgPool1d": "modules",
        "AvgPool2d": "modules",
        "AvgPool3d": "modules",
        "BCELoss": "modules",
        "BCEWithLogitsLoss": "modules",
        "BatchNorm1d": "modules",
        "BatchNorm2d": "modules",
        "BatchNorm3d": "modules",
        "Bilinear": "modules",
        "CELU": "modules",
        "CTCLoss": "modules",
        "CircularPad1d": "modules",
        "CircularPad2d": "modules",
        "CircularPad3d": "modules",
        "ConstantPad1d": "modules",
        "ConstantPad2d": "modules",
        "ConstantPad3d": "modules",
        "Conv1d": "modules",
        "Conv2d": "modules",
        "Conv3d": "modules",
        "ConvTranspose1d": "modules",
        "ConvTranspose2d": "modules",
        "ConvTranspose3d": "modules",
        "CosineEmbeddingLoss": "modules",
        "CosineSimilarity": "modules",
        "CrossEntropyLoss": "modules",
        "Dropout": "modules",
        "Dropout1d": "modules",
        "Dropout2d": "modules",
        "Dropout3d": "modules",
        "ELU": "modules",
        "Embedding": "modules",
        "FeatureAlphaDropout": "modules",
        "Flatten": "modules",
        "Fold": "modules",
        "GELU": "modules",
        "GLU": "modules",
        "GRU": "modules",
        "GRUCell": "modules",
        "GaussianNLLLoss": "modules",
        "GroupNorm": "modules",
        "Hardshrink": "modules",
        "Hardsigmoid": "modules",
        "Hardswish": "modules",
        "Hardtanh": "modules",
        "HingeEmbeddingLoss": "modules",
        "HuberLoss": "modules",
        "Identity": "modules",
        "InstanceNorm1d": "modules",
        "InstanceNorm2d": "modules",
        "InstanceNorm3d": "modules",
        "KLDivLoss": "modules",
        "KeyValueCache": "modules",
        "L1Loss": "modules",
        "LSTM": "modules",
        "LSTMCell": "modules",
        "LayerNorm": "modules",
        "LeakyReLU": "modules",
        "Linear": "modules",
        "LocalResponseNorm": "modules",
        "LogSigmoid": "modules",
        "LogSoftmax": "modules",
        "MSELoss": "modules",
        "MarginRankingLoss": "modules",
        "MaxPool1d": "modules",
        "MaxPool2d": "modules",
        "MaxPool3d": "modules",
        "MaxUnpool1d": "modules",
        "MaxUnpool2d": "modules",
        "MaxUnpool3d": "modules",
        "Mish": "modules",
        "Module": "modules",
        "ModuleDict": "modules",
        "ModuleList": "modules",
        "MultiheadAttention": "modules",
        "NLLLoss": "modules",
        "PReLU": "modules",
        "PairwiseDistance": "modules",
        "Parameter": "parameter",
        "ParameterList": "modules",
        "PoissonNLLLoss": "modules",
        "RMSNorm": "modules",
        "RNN": "modules",
        "RNNBase": "modules",
        "RNNCell": "modules",
        "RNNCellBase": "modules",
        "RReLU": "modules",
        "ReLU": "modules",
        "ReLU6": "modules",
        "ReflectionPad1d": "modules",
        "ReflectionPad2d": "modules",
        "ReflectionPad3d": "modules",
        "ReplicationPad1d": "modules",
        "ReplicationPad2d": "modules",
        "ReplicationPad3d": "modules",
        "RotaryPositionalEmbedding": "modules",
        "SELU": "modules",
        "Sequential": "modules",
        "SiLU": "modules",
        "Sigmoid": "modules",
        "SinusoidalPositionalEncoding": "modules",
        "SmoothL1Loss": "modules",
        "SoftMarginLoss": "modules",
        "Softmax": "modules",
        "Softmax2d": "modules",
        "Softmin": "modules",
        "Softplus": "modules",
        "Softshrink": "modules",
        "Softsign": "modules",
        "Tanh": "modules",
        "Tanhshrink": "modules",
        "Threshold": "modules",
        "Transformer": "modules",
        "TransformerDecoder": "modules",
        "TransformerDecoderLayer": "modules",
        "TransformerEncoder": "modules",
        "TransformerEncoderLayer": "modules",
        "TripletMarginLoss": "modules",
        "Unflatten": "modules",
        "Unfold": "modules",
        "Upsample": "modules",
        "ZeroPad1d": "modules",
        "ZeroPad2d": "modules",
        "ZeroPad3d": "modules",
        "evaluate": "evaluation",
        "fit": "training",
        "summary": "summaries",
    },
    ("decoding", "functional", "init", "modules", "ops", "safetensors", "utils"),
)
