"""Layers as functions of tensors, under the names of ``torch.nn.functional``."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.nn.functional.adaptive_pooling import adaptive_avg_pool1d as adaptive_avg_pool1d
    from scratchml.nn.functional.adaptive_pooling import adaptive_avg_pool2d as adaptive_avg_pool2d
    from scratchml.nn.functional.adaptive_pooling import adaptive_avg_pool3d as adaptive_avg_pool3d
    from scratchml.nn.functional.adaptive_pooling import adaptive_max_pool1d as adaptive_max_pool1d
    from scratchml.nn.functional.adaptive_pooling import adaptive_max_pool2d as adaptive_max_pool2d
    from scratchml.nn.functional.adaptive_pooling import adaptive_max_pool3d as adaptive_max_pool3d
    from scratchml.nn.functional.attention import (
        scaled_dot_product_attention as scaled_dot_product_attention,
    )
    from scratchml.nn.functional.average_pooling import avg_pool1d as avg_pool1d
    from scratchml.nn.functional.average_pooling import avg_pool2d as avg_pool2d
    from scratchml.nn.functional.average_pooling import avg_pool3d as avg_pool3d
    from scratchml.nn.functional.classification import cross_entropy as cross_entropy
    from scratchml.nn.functional.classification import nll_loss as nll_loss
    from scratchml.nn.functional.conv import conv1d as conv1d
    from scratchml.nn.functional.conv import conv2d as conv2d
    from scratchml.nn.functional.conv import conv3d as conv3d
    from scratchml.nn.functional.conv_transpose import conv_transpose1d as conv_transpose1d
    from scratchml.nn.functional.conv_transpose import conv_transpose2d as conv_transpose2d
    from scratchml.nn.functional.conv_transpose import conv_transpose3d as conv_transpose3d
    from scratchml.nn.functional.ctc import ctc_loss as ctc_loss
    from scratchml.nn.functional.dense import bilinear as bilinear
    from scratchml.nn.functional.dense import linear as linear
    from scratchml.nn.functional.densities import gaussian_nll_loss as gaussian_nll_loss
    from scratchml.nn.functional.densities import poisson_nll_loss as poisson_nll_loss
    from scratchml.nn.functional.distance import cosine_similarity as cosine_similarity
    from scratchml.nn.functional.distance import pairwise_distance as pairwise_distance
    from scratchml.nn.functional.dropping import alpha_dropout as alpha_dropout
    from scratchml.nn.functional.dropping import dropout as dropout
    from scratchml.nn.functional.dropping import dropout1d as dropout1d
    from scratchml.nn.functional.dropping import dropout2d as dropout2d
    from scratchml.nn.functional.dropping import dropout3d as dropout3d
    from scratchml.nn.functional.dropping import feature_alpha_dropout as feature_alpha_dropout
    from scratchml.nn.functional.folding import fold as fold
    from scratchml.nn.functional.folding import unfold as unfold
    from scratchml.nn.functional.gates import gelu as gelu
    from scratchml.nn.functional.gates import glu as glu
    from scratchml.nn.functional.gates import mish as mish
    from scratchml.nn.functional.gates import silu as silu
    from scratchml.nn.functional.hard import hardshrink as hardshrink
    from scratchml.nn.functional.hard import hardsigmoid as hardsigmoid
    from scratchml.nn.functional.hard import hardswish as hardswish
    from scratchml.nn.functional.hard import hardtanh as hardtanh
    from scratchml.nn.functional.hard import relu6 as relu6
    from scratchml.nn.functional.hard import softshrink as softshrink
    from scratchml.nn.functional.layer_normalization import layer_norm as layer_norm
    from scratchml.nn.functional.layer_normalization import (
        local_response_norm as local_response_norm,
    )
    from scratchml.nn.functional.layer_normalization import normalize as normalize
    from scratchml.nn.functional.layer_normalization import rms_norm as rms_norm
    from scratchml.nn.functional.likelihoods import binary_cross_entropy as binary_cross_entropy
    from scratchml.nn.functional.likelihoods import (
        binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
    )
    from scratchml.nn.functional.likelihoods import kl_div as kl_div
    from scratchml.nn.functional.lookup import embedding as embedding
    from scratchml.nn.functional.lookup import one_hot as one_hot
    from scratchml.nn.functional.margins import cosine_embedding_loss as cosine_embedding_loss
    from scratchml.nn.functional.margins import hinge_embedding_loss as hinge_embedding_loss
    from scratchml.nn.functional.margins import margin_ranking_loss as margin_ranking_loss
    from scratchml.nn.functional.margins import soft_margin_loss as soft_margin_loss
    from scratchml.nn.functional.margins import triplet_margin_loss as triplet_margin_loss
    from scratchml.nn.functional.normalization import batch_norm as batch_norm
    from scratchml.nn.functional.normalization import group_norm as group_norm
    from scratchml.nn.functional.normalization import instance_norm as instance_norm
    from scratchml.nn.functional.padding import pad as pad
    from scratchml.nn.functional.pooling import max_pool1d as max_pool1d
    from scratchml.nn.functional.pooling import max_pool2d as max_pool2d
    from scratchml.nn.functional.pooling import max_pool3d as max_pool3d
    from scratchml.nn.functional.positional import (
        rotary_positional_embedding as rotary_positional_embedding,
    )
    from scratchml.nn.functional.positional import (
        sinusoidal_positional_encoding as sinusoidal_positional_encoding,
    )
    from scratchml.nn.functional.rectifiers import celu as celu
    from scratchml.nn.functional.rectifiers import elu as elu
    from scratchml.nn.functional.rectifiers import leaky_relu as leaky_relu
    from scratchml.nn.functional.rectifiers import prelu as prelu
    from scratchml.nn.functional.rectifiers import relu as relu
    from scratchml.nn.functional.rectifiers import rrelu as rrelu
    from scratchml.nn.functional.rectifiers import selu as selu
    from scratchml.nn.functional.rectifiers import threshold as threshold
    from scratchml.nn.functional.regression import huber_loss as huber_loss
    from scratchml.nn.functional.regression import l1_loss as l1_loss
    from scratchml.nn.functional.regression import mse_loss as mse_loss
    from scratchml.nn.functional.regression import smooth_l1_loss as smooth_l1_loss
    from scratchml.nn.functional.resizing import interpolate as interpolate
    from scratchml.nn.functional.sigmoids import logsigmoid as logsigmoid
    from scratchml.nn.functional.sigmoids import sigmoid as sigmoid
    from scratchml.nn.functional.sigmoids import softplus as softplus
    from scratchml.nn.functional.sigmoids import softsign as softsign
    from scratchml.nn.functional.sigmoids import tanh as tanh
    from scratchml.nn.functional.sigmoids import tanhshrink as tanhshrink
    from scratchml.nn.functional.softmaxes import log_softmax as log_softmax
    from scratchml.nn.functional.softmaxes import softmax as softmax
    from scratchml.nn.functional.softmaxes import softmin as softmin
    from scratchml.nn.functional.unpooling import max_unpool1d as max_unpool1d
    from scratchml.nn.functional.unpooling import max_unpool2d as max_unpool2d
    from scratchml.nn.functional.unpooling import max_unpool3d as max_unpool3d

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adaptive_avg_pool1d": "adaptive_pooling",
        "adaptive_avg_pool2d": "adaptive_pooling",
        "adaptive_avg_pool3d": "adaptive_pooling",
        "adaptive_max_pool1d": "adaptive_pooling",
        "adaptive_max_pool2d": "adaptive_pooling",
        "adaptive_max_pool3d": "adaptive_pooling",
        "alpha_dropout": "dropping",
        "avg_pool1d": "average_pooling",
        "avg_pool2d": "average_pooling",
        "avg_pool3d": "average_pooling",
        "batch_norm": "normalization",
        "bilinear": "dense",
        "binary_cross_entropy": "likelihoods",
        "binary_cross_entropy_with_logits": "likelihoods",
        "celu": "rectifiers",
        "conv1d": "conv",
        "conv2d": "conv",
        "conv3d": "conv",
        "conv_transpose1d": "conv_transpose",
        "conv_transpose2d": "conv_transpose",
        "conv_transpose3d": "conv_transpose",
        "cosine_embedding_loss": "margins",
        "cosine_similarity": "distance",
        "cross_entropy": "classification",
        "ctc_loss": "ctc",
        "dropout": "dropping",
        "dropout1d": "dropping",
        "dropout2d": "dropping",
        "dropout3d": "dropping",
        "elu": "rectifiers",
        "embedding": "lookup",
        "feature_alpha_dropout": "dropping",
        "fold": "folding",
        "gaussian_nll_loss": "densities",
        "gelu": "gates",
        "glu": "gates",
        "group_norm": "normalization",
        "hardshrink": "hard",
        "hardsigmoid": "hard",
        "hardswish": "hard",
        "hardtanh": "hard",
        "hinge_embedding_loss": "margins",
        "huber_loss": "regression",
        "instance_norm": "normalization",
        "interpolate": "resizing",
        "kl_div": "likelihoods",
        "l1_loss": "regression",
        "layer_norm": "layer_normalization",
        "leaky_relu": "rectifiers",
        "linear": "dense",
        "local_response_norm": "layer_normalization",
        "log_softmax": "softmaxes",
        "logsigmoid": "sigmoids",
        "margin_ranking_loss": "margins",
        "max_pool1d": "pooling",
        "max_pool2d": "pooling",
        "max_pool3d": "pooling",
        "max_unpool1d": "unpooling",
        "max_unpool2d": "unpooling",
        "max_unpool3d": "unpooling",
        "mish": "gates",
        "mse_loss": "regression",
        "nll_loss": "classification",
        "normalize": "layer_normalization",
        "one_hot": "lookup",
        "pad": "padding",
        "pairwise_distance": "distance",
        "poisson_nll_loss": "densities",
        "prelu": "rectifiers",
        "relu": "rectifiers",
        "relu6": "hard",
        "rms_norm": "layer_normalization",
        "rotary_positional_embedding": "positional",
        "rrelu": "rectifiers",
        "scaled_dot_product_attention": "attention",
        "selu": "rectifiers",
        "sigmoid": "sigmoids",
        "silu": "gates",
        "sinusoidal_positional_encoding": "positional",
        "smooth_l1_loss": "regression",
        "soft_margin_loss": "margins",
        "softmax": "softmaxes",
        "softmin": "softmaxes",
        "softplus": "sigmoids",
        "softshrink": "hard",
        "softsign": "sigmoids",
        "tanh": "sigmoids",
        "tanhshrink": "sigmoids",
        "threshold": "rectifiers",
        "triplet_margin_loss": "margins",
        "unfold": "folding",
    },
)
