"""Layers as objects: each holds its parameters and calls `scratchml.nn.functional`."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.modules.adaptive_pooling import AdaptiveAvgPool1d as AdaptiveAvgPool1d
    from scratchml.nn.modules.adaptive_pooling import AdaptiveAvgPool2d as AdaptiveAvgPool2d
    from scratchml.nn.modules.adaptive_pooling import AdaptiveAvgPool3d as AdaptiveAvgPool3d
    from scratchml.nn.modules.adaptive_pooling import AdaptiveMaxPool1d as AdaptiveMaxPool1d
    from scratchml.nn.modules.adaptive_pooling import AdaptiveMaxPool2d as AdaptiveMaxPool2d
    from scratchml.nn.modules.adaptive_pooling import AdaptiveMaxPool3d as AdaptiveMaxPool3d
    from scratchml.nn.modules.attention import MultiheadAttention as MultiheadAttention
    from scratchml.nn.modules.average_pooling import AvgPool1d as AvgPool1d
    from scratchml.nn.modules.average_pooling import AvgPool2d as AvgPool2d
    from scratchml.nn.modules.average_pooling import AvgPool3d as AvgPool3d
    from scratchml.nn.modules.batchnorm import BatchNorm1d as BatchNorm1d
    from scratchml.nn.modules.batchnorm import BatchNorm2d as BatchNorm2d
    from scratchml.nn.modules.batchnorm import BatchNorm3d as BatchNorm3d
    from scratchml.nn.modules.classification_loss import BCELoss as BCELoss
    from scratchml.nn.modules.classification_loss import BCEWithLogitsLoss as BCEWithLogitsLoss
    from scratchml.nn.modules.classification_loss import CrossEntropyLoss as CrossEntropyLoss
    from scratchml.nn.modules.classification_loss import KLDivLoss as KLDivLoss
    from scratchml.nn.modules.classification_loss import NLLLoss as NLLLoss
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
    from scratchml.nn.modules.ctc_loss import CTCLoss as CTCLoss
    from scratchml.nn.modules.density_loss import GaussianNLLLoss as GaussianNLLLoss
    from scratchml.nn.modules.density_loss import PoissonNLLLoss as PoissonNLLLoss
    from scratchml.nn.modules.distance import CosineSimilarity as CosineSimilarity
    from scratchml.nn.modules.distance import PairwiseDistance as PairwiseDistance
    from scratchml.nn.modules.dropout import AlphaDropout as AlphaDropout
    from scratchml.nn.modules.dropout import Dropout as Dropout
    from scratchml.nn.modules.dropout import Dropout1d as Dropout1d
    from scratchml.nn.modules.dropout import Dropout2d as Dropout2d
    from scratchml.nn.modules.dropout import Dropout3d as Dropout3d
    from scratchml.nn.modules.dropout import FeatureAlphaDropout as FeatureAlphaDropout
    from scratchml.nn.modules.embedding import Embedding as Embedding
    from scratchml.nn.modules.flatten import Flatten as Flatten
    from scratchml.nn.modules.flatten import Unflatten as Unflatten
    from scratchml.nn.modules.fold import Fold as Fold
    from scratchml.nn.modules.fold import Unfold as Unfold
    from scratchml.nn.modules.instancenorm import InstanceNorm1d as InstanceNorm1d
    from scratchml.nn.modules.instancenorm import InstanceNorm2d as InstanceNorm2d
    from scratchml.nn.modules.instancenorm import InstanceNorm3d as InstanceNorm3d
    from scratchml.nn.modules.key_value_cache import KeyValueCache as KeyValueCache
    from scratchml.nn.modules.linear import Bilinear as Bilinear
    from scratchml.nn.modules.linear import Identity as Identity
    from scratchml.nn.modules.linear import Linear as Linear
    from scratchml.nn.modules.loss import HuberLoss as HuberLoss
    from scratchml.nn.modules.loss import L1Loss as L1Loss
    from scratchml.nn.modules.loss import MSELoss as MSELoss
    from scratchml.nn.modules.loss import SmoothL1Loss as SmoothL1Loss
    from scratchml.nn.modules.margin_loss import CosineEmbeddingLoss as CosineEmbeddingLoss
    from scratchml.nn.modules.margin_loss import HingeEmbeddingLoss as HingeEmbeddingLoss
    from scratchml.nn.modules.margin_loss import MarginRankingLoss as MarginRankingLoss
    from scratchml.nn.modules.margin_loss import SoftMarginLoss as SoftMarginLoss
    from scratchml.nn.modules.margin_loss import TripletMarginLoss as TripletMarginLoss
    from scratchml.nn.modules.max_pooling import MaxPool1d as MaxPool1d
    from scratchml.nn.modules.max_pooling import MaxPool2d as MaxPool2d
    from scratchml.nn.modules.max_pooling import MaxPool3d as MaxPool3d
    from scratchml.nn.modules.max_unpooling import MaxUnpool1d as MaxUnpool1d
    from scratchml.nn.modules.max_unpooling import MaxUnpool2d as MaxUnpool2d
    from scratchml.nn.modules.max_unpooling import MaxUnpool3d as MaxUnpool3d
    from scratchml.nn.modules.module import Module as Module
    from scratchml.nn.modules.normalization import GroupNorm as GroupNorm
    from scratchml.nn.modules.normalization import LayerNorm as LayerNorm
    from scratchml.nn.modules.normalization import LocalResponseNorm as LocalResponseNorm
    from scratchml.nn.modules.normalization import RMSNorm as RMSNorm
    from scratchml.nn.modules.padding import ConstantPad1d as ConstantPad1d
    from scratchml.nn.modules.padding import ConstantPad2d as ConstantPad2d
    from scratchml.nn.modules.padding import ConstantPad3d as ConstantPad3d
    from scratchml.nn.modules.padding import ZeroPad1d as ZeroPad1d
    from scratchml.nn.modules.padding import ZeroPad2d as ZeroPad2d
    from scratchml.nn.modules.padding import ZeroPad3d as ZeroPad3d
    from scratchml.nn.modules.padding_copies import CircularPad1d as CircularPad1d
    from scratchml.nn.modules.padding_copies import CircularPad2d as CircularPad2d
    from scratchml.nn.modules.padding_copies import CircularPad3d as CircularPad3d
    from scratchml.nn.modules.padding_copies import ReflectionPad1d as ReflectionPad1d
    from scratchml.nn.modules.padding_copies import ReflectionPad2d as ReflectionPad2d
    from scratchml.nn.modules.padding_copies import ReflectionPad3d as ReflectionPad3d
    from scratchml.nn.modules.padding_copies import ReplicationPad1d as ReplicationPad1d
    from scratchml.nn.modules.padding_copies import ReplicationPad2d as ReplicationPad2d
    from scratchml.nn.modules.padding_copies import ReplicationPad3d as ReplicationPad3d
    from scratchml.nn.modules.positional import (
        RotaryPositionalEmbedding as RotaryPositionalEmbedding,
    )
    from scratchml.nn.modules.positional import (
        SinusoidalPositionalEncoding as SinusoidalPositionalEncoding,
    )
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
    from scratchml.nn.modules.recurrent import GRU as GRU
    from scratchml.nn.modules.recurrent import LSTM as LSTM
    from scratchml.nn.modules.recurrent import RNN as RNN
    from scratchml.nn.modules.recurrent_base import RNNBase as RNNBase
    from scratchml.nn.modules.recurrent_cells import GRUCell as GRUCell
    from scratchml.nn.modules.recurrent_cells import LSTMCell as LSTMCell
    from scratchml.nn.modules.recurrent_cells import RNNCell as RNNCell
    from scratchml.nn.modules.recurrent_cells import RNNCellBase as RNNCellBase
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
    from scratchml.nn.modules.transformer import Transformer as Transformer
    from scratchml.nn.modules.transformer_decoder import TransformerDecoder as TransformerDecoder
    from scratchml.nn.modules.transformer_decoder_layer import (
        TransformerDecoderLayer as TransformerDecoderLayer,
    )
    from scratchml.nn.modules.transformer_encoder import TransformerEncoder as TransformerEncoder
    from scratchml.nn.modules.transformer_encoder_layer import (
        TransformerEncoderLayer as TransformerEncoderLayer,
    )
    from scratchml.nn.modules.upsampling import Upsample as Upsample

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "AdaptiveAvgPool1d": "adaptive_pooling",
        "AdaptiveAvgPool2d": "adaptive_pooling",
        "AdaptiveAvgPool3d": "adaptive_pooling",
        "AdaptiveMaxPool1d": "adaptive_pooling",
        "AdaptiveMaxPool2d": "adaptive_pooling",
        "AdaptiveMaxPool3d": "adaptive_pooling",
        "AlphaDropout": "dropout",
        "AvgPool1d": "average_pooling",
        "AvgPool2d": "average_pooling",
        "AvgPool3d": "average_pooling",
        "BCELoss": "classification_loss",
        "BCEWithLogitsLoss": "classification_loss",
        "BatchNorm1d": "batchnorm",
        "BatchNorm2d": "batchnorm",
        "BatchNorm3d": "batchnorm",
        "Bilinear": "linear",
        "CELU": "rectifiers",
        "CTCLoss": "ctc_loss",
        "CircularPad1d": "padding_copies",
        "CircularPad2d": "padding_copies",
        "CircularPad3d": "padding_copies",
        "ConstantPad1d": "padding",
        "ConstantPad2d": "padding",
        "ConstantPad3d": "padding",
        "Conv1d": "conv",
        "Conv2d": "conv",
        "Conv3d": "conv",
        "ConvTranspose1d": "conv_transpose",
        "ConvTranspose2d": "conv_transpose",
        "ConvTranspose3d": "conv_transpose",
        "CosineEmbeddingLoss": "margin_loss",
        "CosineSimilarity": "distance",
        "CrossEntropyLoss": "classification_loss",
        "Dropout": "dropout",
        "Dropout1d": "dropout",
        "Dropout2d": "dropout",
        "Dropout3d": "dropout",
        "ELU": "rectifiers",
        "Embedding": "embedding",
        "FeatureAlphaDropout": "dropout",
        "Flatten": "flatten",
        "Fold": "fold",
        "GELU": "sigmoids",
        "GLU": "sigmoids",
        "GRU": "recurrent",
        "GRUCell": "recurrent_cells",
        "GaussianNLLLoss": "density_loss",
        "GroupNorm": "normalization",
        "Hardshrink": "rectifiers",
        "Hardsigmoid": "sigmoids",
        "Hardswish": "sigmoids",
        "Hardtanh": "rectifiers",
        "HingeEmbeddingLoss": "margin_loss",
        "HuberLoss": "loss",
        "Identity": "linear",
        "InstanceNorm1d": "instancenorm",
        "InstanceNorm2d": "instancenorm",
        "InstanceNorm3d": "instancenorm",
        "KLDivLoss": "classification_loss",
        "KeyValueCache": "key_value_cache",
        "L1Loss": "loss",
        "LSTM": "recurrent",
        "LSTMCell": "recurrent_cells",
        "LayerNorm": "normalization",
        "LeakyReLU": "rectifiers",
        "Linear": "linear",
        "LocalResponseNorm": "normalization",
        "LogSigmoid": "sigmoids",
        "LogSoftmax": "softmax",
        "MSELoss": "loss",
        "MarginRankingLoss": "margin_loss",
        "MaxPool1d": "max_pooling",
        "MaxPool2d": "max_pooling",
        "MaxPool3d": "max_pooling",
        "MaxUnpool1d": "max_unpooling",
        "MaxUnpool2d": "max_unpooling",
        "MaxUnpool3d": "max_unpooling",
        "Mish": "sigmoids",
        "Module": "module",
        "ModuleDict": "container",
        "ModuleList": "container",
        "MultiheadAttention": "attention",
        "NLLLoss": "classification_loss",
        "PReLU": "rectifiers",
        "PairwiseDistance": "distance",
        "ParameterList": "container",
        "PoissonNLLLoss": "density_loss",
        "RMSNorm": "normalization",
        "RNN": "recurrent",
        "RNNBase": "recurrent_base",
        "RNNCell": "recurrent_cells",
        "RNNCellBase": "recurrent_cells",
        "RReLU": "rectifiers",
        "ReLU": "rectifiers",
        "ReLU6": "rectifiers",
        "ReflectionPad1d": "padding_copies",
        "ReflectionPad2d": "padding_copies",
        "ReflectionPad3d": "padding_copies",
        "ReplicationPad1d": "padding_copies",
        "ReplicationPad2d": "padding_copies",
        "ReplicationPad3d": "padding_copies",
        "RotaryPositionalEmbedding": "positional",
        "SELU": "rectifiers",
        "Sequential": "container",
        "SiLU": "sigmoids",
        "Sigmoid": "sigmoids",
        "SinusoidalPositionalEncoding": "positional",
        "SmoothL1Loss": "loss",
        "SoftMarginLoss": "margin_loss",
        "Softmax": "softmax",
        "Softmax2d": "softmax",
        "Softmin": "softmax",
        "Softplus": "sigmoids",
        "Softshrink": "rectifiers",
        "Softsign": "sigmoids",
        "Tanh": "sigmoids",
        "Tanhshrink": "sigmoids",
        "Threshold": "rectifiers",
        "Transformer": "transformer",
        "TransformerDecoder": "transformer_decoder",
        "TransformerDecoderLayer": "transformer_decoder_layer",
        "TransformerEncoder": "transformer_encoder",
        "TransformerEncoderLayer": "transformer_encoder_layer",
        "TripletMarginLoss": "margin_loss",
        "Unflatten": "flatten",
        "Unfold": "fold",
        "Upsample": "upsampling",
        "ZeroPad1d": "padding",
        "ZeroPad2d": "padding",
        "ZeroPad3d": "padding",
    },
)
