"""Tensors: NumPy arrays that know their derivatives, under PyTorch's names."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.tensor.activations import erf as erf
    from scratchml.tensor.activations import log_softmax as log_softmax
    from scratchml.tensor.activations import relu as relu
    from scratchml.tensor.activations import sigmoid as sigmoid
    from scratchml.tensor.activations import softmax as softmax
    from scratchml.tensor.activations import tanh as tanh
    from scratchml.tensor.arithmetic import add as add
    from scratchml.tensor.arithmetic import atan2 as atan2
    from scratchml.tensor.arithmetic import mul as mul
    from scratchml.tensor.arithmetic import pow as pow
    from scratchml.tensor.arithmetic import rsub as rsub
    from scratchml.tensor.arithmetic import sub as sub
    from scratchml.tensor.axes import movedim as movedim
    from scratchml.tensor.axes import permute as permute
    from scratchml.tensor.axes import squeeze as squeeze
    from scratchml.tensor.axes import t as t
    from scratchml.tensor.axes import transpose as transpose
    from scratchml.tensor.axes import unsqueeze as unsqueeze
    from scratchml.tensor.checking import gradcheck as gradcheck
    from scratchml.tensor.combined import addcdiv as addcdiv
    from scratchml.tensor.combined import addcmul as addcmul
    from scratchml.tensor.combined import clamp as clamp
    from scratchml.tensor.combined import clip as clip
    from scratchml.tensor.combined import lerp as lerp
    from scratchml.tensor.comparison import bitwise_and as bitwise_and
    from scratchml.tensor.comparison import bitwise_not as bitwise_not
    from scratchml.tensor.comparison import bitwise_or as bitwise_or
    from scratchml.tensor.comparison import bitwise_xor as bitwise_xor
    from scratchml.tensor.comparison import eq as eq
    from scratchml.tensor.comparison import ge as ge
    from scratchml.tensor.comparison import gt as gt
    from scratchml.tensor.comparison import isfinite as isfinite
    from scratchml.tensor.comparison import isinf as isinf
    from scratchml.tensor.comparison import isnan as isnan
    from scratchml.tensor.comparison import le as le
    from scratchml.tensor.comparison import logical_and as logical_and
    from scratchml.tensor.comparison import logical_not as logical_not
    from scratchml.tensor.comparison import logical_or as logical_or
    from scratchml.tensor.comparison import logical_xor as logical_xor
    from scratchml.tensor.comparison import lt as lt
    from scratchml.tensor.comparison import ne as ne
    from scratchml.tensor.constants import e as e
    from scratchml.tensor.constants import inf as inf
    from scratchml.tensor.constants import nan as nan
    from scratchml.tensor.constants import pi as pi
    from scratchml.tensor.copies import clone as clone
    from scratchml.tensor.core import Tensor as Tensor
    from scratchml.tensor.creation import as_tensor as as_tensor
    from scratchml.tensor.creation import from_numpy as from_numpy
    from scratchml.tensor.creation import tensor as tensor
    from scratchml.tensor.devices import device as device
    from scratchml.tensor.division import div as div
    from scratchml.tensor.division import floor_divide as floor_divide
    from scratchml.tensor.division import fmod as fmod
    from scratchml.tensor.division import remainder as remainder
    from scratchml.tensor.dtypes import bool as bool
    from scratchml.tensor.dtypes import double as double
    from scratchml.tensor.dtypes import finfo as finfo
    from scratchml.tensor.dtypes import float as float
    from scratchml.tensor.dtypes import float32 as float32
    from scratchml.tensor.dtypes import float64 as float64
    from scratchml.tensor.dtypes import get_default_dtype as get_default_dtype
    from scratchml.tensor.dtypes import iinfo as iinfo
    from scratchml.tensor.dtypes import int as int
    from scratchml.tensor.dtypes import int8 as int8
    from scratchml.tensor.dtypes import int16 as int16
    from scratchml.tensor.dtypes import int32 as int32
    from scratchml.tensor.dtypes import int64 as int64
    from scratchml.tensor.dtypes import long as long
    from scratchml.tensor.dtypes import promote_types as promote_types
    from scratchml.tensor.dtypes import result_type as result_type
    from scratchml.tensor.dtypes import set_default_dtype as set_default_dtype
    from scratchml.tensor.dtypes import short as short
    from scratchml.tensor.dtypes import uint8 as uint8
    from scratchml.tensor.einstein import einsum as einsum
    from scratchml.tensor.elementwise import abs as abs
    from scratchml.tensor.elementwise import acos as acos
    from scratchml.tensor.elementwise import acosh as acosh
    from scratchml.tensor.elementwise import asin as asin
    from scratchml.tensor.elementwise import asinh as asinh
    from scratchml.tensor.elementwise import atan as atan
    from scratchml.tensor.elementwise import atanh as atanh
    from scratchml.tensor.elementwise import ceil as ceil
    from scratchml.tensor.elementwise import cos as cos
    from scratchml.tensor.elementwise import cosh as cosh
    from scratchml.tensor.elementwise import exp as exp
    from scratchml.tensor.elementwise import exp2 as exp2
    from scratchml.tensor.elementwise import expm1 as expm1
    from scratchml.tensor.elementwise import floor as floor
    from scratchml.tensor.elementwise import frac as frac
    from scratchml.tensor.elementwise import log as log
    from scratchml.tensor.elementwise import log1p as log1p
    from scratchml.tensor.elementwise import log2 as log2
    from scratchml.tensor.elementwise import log10 as log10
    from scratchml.tensor.elementwise import neg as neg
    from scratchml.tensor.elementwise import reciprocal as reciprocal
    from scratchml.tensor.elementwise import round as round
    from scratchml.tensor.elementwise import rsqrt as rsqrt
    from scratchml.tensor.elementwise import sign as sign
    from scratchml.tensor.elementwise import sin as sin
    from scratchml.tensor.elementwise import sinh as sinh
    from scratchml.tensor.elementwise import sqrt as sqrt
    from scratchml.tensor.elementwise import square as square
    from scratchml.tensor.elementwise import tan as tan
    from scratchml.tensor.elementwise import trunc as trunc
    from scratchml.tensor.expanding import broadcast_to as broadcast_to
    from scratchml.tensor.expanding import meshgrid as meshgrid
    from scratchml.tensor.extremes import amax as amax
    from scratchml.tensor.extremes import amin as amin
    from scratchml.tensor.extremes import max as max
    from scratchml.tensor.extremes import maximum as maximum
    from scratchml.tensor.extremes import min as min
    from scratchml.tensor.extremes import minimum as minimum
    from scratchml.tensor.files import load as load
    from scratchml.tensor.files import save as save
    from scratchml.tensor.filled import empty as empty
    from scratchml.tensor.filled import full as full
    from scratchml.tensor.filled import ones as ones
    from scratchml.tensor.filled import zeros as zeros
    from scratchml.tensor.filled_like import empty_like as empty_like
    from scratchml.tensor.filled_like import full_like as full_like
    from scratchml.tensor.filled_like import ones_like as ones_like
    from scratchml.tensor.filled_like import zeros_like as zeros_like
    from scratchml.tensor.gathering import gather as gather
    from scratchml.tensor.gathering import scatter as scatter
    from scratchml.tensor.gathering import scatter_add as scatter_add
    from scratchml.tensor.gathering import take_along_dim as take_along_dim
    from scratchml.tensor.generator import Generator as Generator
    from scratchml.tensor.generator import default_generator as default_generator
    from scratchml.tensor.joining import cat as cat
    from scratchml.tensor.joining import concat as concat
    from scratchml.tensor.joining import concatenate as concatenate
    from scratchml.tensor.joining import hstack as hstack
    from scratchml.tensor.joining import stack as stack
    from scratchml.tensor.joining import vstack as vstack
    from scratchml.tensor.logic import all as all
    from scratchml.tensor.logic import allclose as allclose
    from scratchml.tensor.logic import any as any
    from scratchml.tensor.logic import equal as equal
    from scratchml.tensor.logic import isclose as isclose
    from scratchml.tensor.logic import where as where
    from scratchml.tensor.masks import masked_fill as masked_fill
    from scratchml.tensor.masks import masked_select as masked_select
    from scratchml.tensor.matrices import matmul as matmul
    from scratchml.tensor.modes import enable_grad as enable_grad
    from scratchml.tensor.modes import inference_mode as inference_mode
    from scratchml.tensor.modes import is_grad_enabled as is_grad_enabled
    from scratchml.tensor.modes import no_grad as no_grad
    from scratchml.tensor.modes import set_grad_enabled as set_grad_enabled
    from scratchml.tensor.norms import logsumexp as logsumexp
    from scratchml.tensor.norms import norm as norm
    from scratchml.tensor.products import addmm as addmm
    from scratchml.tensor.products import bmm as bmm
    from scratchml.tensor.products import dot as dot
    from scratchml.tensor.products import inner as inner
    from scratchml.tensor.products import mm as mm
    from scratchml.tensor.products import mv as mv
    from scratchml.tensor.products import outer as outer
    from scratchml.tensor.random import rand as rand
    from scratchml.tensor.random import rand_like as rand_like
    from scratchml.tensor.random import randn as randn
    from scratchml.tensor.random import randn_like as randn_like
    from scratchml.tensor.ranges import arange as arange
    from scratchml.tensor.ranges import eye as eye
    from scratchml.tensor.ranges import linspace as linspace
    from scratchml.tensor.ranges import logspace as logspace
    from scratchml.tensor.reductions import mean as mean
    from scratchml.tensor.reductions import std as std
    from scratchml.tensor.reductions import sum as sum
    from scratchml.tensor.reductions import var as var
    from scratchml.tensor.repeating import flip as flip
    from scratchml.tensor.repeating import repeat_interleave as repeat_interleave
    from scratchml.tensor.repeating import roll as roll
    from scratchml.tensor.repeating import tile as tile
    from scratchml.tensor.sampling import bernoulli as bernoulli
    from scratchml.tensor.sampling import multinomial as multinomial
    from scratchml.tensor.sampling import normal as normal
    from scratchml.tensor.sampling import randint as randint
    from scratchml.tensor.sampling import randint_like as randint_like
    from scratchml.tensor.sampling import randperm as randperm
    from scratchml.tensor.scans import cumprod as cumprod
    from scratchml.tensor.scans import cumsum as cumsum
    from scratchml.tensor.scans import prod as prod
    from scratchml.tensor.searching import argmax as argmax
    from scratchml.tensor.searching import argmin as argmin
    from scratchml.tensor.searching import bincount as bincount
    from scratchml.tensor.searching import count_nonzero as count_nonzero
    from scratchml.tensor.searching import nonzero as nonzero
    from scratchml.tensor.searching import unique as unique
    from scratchml.tensor.seeding import get_rng_state as get_rng_state
    from scratchml.tensor.seeding import initial_seed as initial_seed
    from scratchml.tensor.seeding import manual_seed as manual_seed
    from scratchml.tensor.seeding import seed as seed
    from scratchml.tensor.seeding import set_rng_state as set_rng_state
    from scratchml.tensor.shaping import flatten as flatten
    from scratchml.tensor.shaping import reshape as reshape
    from scratchml.tensor.shaping import unflatten as unflatten
    from scratchml.tensor.sizes import is_floating_point as is_floating_point
    from scratchml.tensor.sizes import is_tensor as is_tensor
    from scratchml.tensor.sizes import numel as numel
    from scratchml.tensor.slices import index_add as index_add
    from scratchml.tensor.slices import index_copy as index_copy
    from scratchml.tensor.slices import index_fill as index_fill
    from scratchml.tensor.slices import index_select as index_select
    from scratchml.tensor.sorting import argsort as argsort
    from scratchml.tensor.sorting import median as median
    from scratchml.tensor.sorting import sort as sort
    from scratchml.tensor.sorting import topk as topk
    from scratchml.tensor.splitting import chunk as chunk
    from scratchml.tensor.splitting import narrow as narrow
    from scratchml.tensor.splitting import select as select
    from scratchml.tensor.splitting import split as split
    from scratchml.tensor.splitting import unbind as unbind
    from scratchml.tensor.triangles import diag as diag
    from scratchml.tensor.triangles import diagonal as diagonal
    from scratchml.tensor.triangles import trace as trace
    from scratchml.tensor.triangles import tril as tril
    from scratchml.tensor.triangles import triu as triu

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "Generator": "generator",
        "Tensor": "core",
        "abs": "elementwise",
        "acos": "elementwise",
        "acosh": "elementwise",
        "add": "arithmetic",
        "addcdiv": "combined",
        "addcmul": "combined",
        "addmm": "products",
        "all": "logic",
        "allclose": "logic",
        "amax": "extremes",
        "amin": "extremes",
        "any": "logic",
        "arange": "ranges",
        "argmax": "searching",
        "argmin": "searching",
        "argsort": "sorting",
        "as_tensor": "creation",
        "asin": "elementwise",
        "asinh": "elementwise",
        "atan": "elementwise",
        "atan2": "arithmetic",
        "atanh": "elementwise",
        "bernoulli": "sampling",
        "bincount": "searching",
        "bitwise_and": "comparison",
        "bitwise_not": "comparison",
        "bitwise_or": "comparison",
        "bitwise_xor": "comparison",
        "bmm": "products",
        "bool": "dtypes",
        "broadcast_to": "expanding",
        "cat": "joining",
        "ceil": "elementwise",
        "chunk": "splitting",
        "clamp": "combined",
        "clip": "combined",
        "clone": "copies",
        "concat": "joining",
        "concatenate": "joining",
        "cos": "elementwise",
        "cosh": "elementwise",
        "count_nonzero": "searching",
        "cumprod": "scans",
        "cumsum": "scans",
        "default_generator": "generator",
        "device": "devices",
        "diag": "triangles",
        "diagonal": "triangles",
        "div": "division",
        "dot": "products",
        "double": "dtypes",
        "e": "constants",
        "einsum": "einstein",
        "empty": "filled",
        "empty_like": "filled_like",
        "enable_grad": "modes",
        "eq": "comparison",
        "equal": "logic",
        "erf": "activations",
        "exp": "elementwise",
        "exp2": "elementwise",
        "expm1": "elementwise",
        "eye": "ranges",
        "finfo": "dtypes",
        "flatten": "shaping",
        "flip": "repeating",
        "float": "dtypes",
        "float32": "dtypes",
        "float64": "dtypes",
        "floor": "elementwise",
        "floor_divide": "division",
        "fmod": "division",
        "frac": "elementwise",
        "from_numpy": "creation",
        "full": "filled",
        "full_like": "filled_like",
        "gather": "gathering",
        "ge": "comparison",
        "get_default_dtype": "dtypes",
        "get_rng_state": "seeding",
        "gradcheck": "checking",
        "gt": "comparison",
        "hstack": "joining",
        "iinfo": "dtypes",
        "index_add": "slices",
        "index_copy": "slices",
        "index_fill": "slices",
        "index_select": "slices",
        "inference_mode": "modes",
        "inf": "constants",
        "initial_seed": "seeding",
        "inner": "products",
        "int": "dtypes",
        "int16": "dtypes",
        "int32": "dtypes",
        "int64": "dtypes",
        "int8": "dtypes",
        "is_floating_point": "sizes",
        "is_grad_enabled": "modes",
        "is_tensor": "sizes",
        "isclose": "logic",
        "isfinite": "comparison",
        "isinf": "comparison",
        "isnan": "comparison",
        "le": "comparison",
        "lerp": "combined",
        "linspace": "ranges",
        "load": "files",
        "log": "elementwise",
        "log10": "elementwise",
        "log1p": "elementwise",
        "log2": "elementwise",
        "log_softmax": "activations",
        "logical_and": "comparison",
        "logical_not": "comparison",
        "logical_or": "comparison",
        "logical_xor": "comparison",
        "logspace": "ranges",
        "logsumexp": "norms",
        "long": "dtypes",
        "lt": "comparison",
        "manual_seed": "seeding",
        "masked_fill": "masks",
        "masked_select": "masks",
        "matmul": "matrices",
        "max": "extremes",
        "maximum": "extremes",
        "mean": "reductions",
        "median": "sorting",
        "meshgrid": "expanding",
        "min": "extremes",
        "minimum": "extremes",
        "mm": "products",
        "movedim": "axes",
        "mul": "arithmetic",
        "multinomial": "sampling",
        "mv": "products",
        "nan": "constants",
        "narrow": "splitting",
        "ne": "comparison",
        "neg": "elementwise",
        "no_grad": "modes",
        "nonzero": "searching",
        "norm": "norms",
        "normal": "sampling",
        "numel": "sizes",
        "ones": "filled",
        "ones_like": "filled_like",
        "outer": "products",
        "permute": "axes",
        "pi": "constants",
        "pow": "arithmetic",
        "prod": "scans",
        "promote_types": "dtypes",
        "rand": "random",
        "rand_like": "random",
        "randint": "sampling",
        "randint_like": "sampling",
        "randn": "random",
        "randn_like": "random",
        "randperm": "sampling",
        "reciprocal": "elementwise",
        "relu": "activations",
        "remainder": "division",
        "repeat_interleave": "repeating",
        "reshape": "shaping",
        "result_type": "dtypes",
        "roll": "repeating",
        "round": "elementwise",
        "rsqrt": "elementwise",
        "rsub": "arithmetic",
        "save": "files",
        "scatter": "gathering",
        "scatter_add": "gathering",
        "seed": "seeding",
        "select": "splitting",
        "set_default_dtype": "dtypes",
        "set_grad_enabled": "modes",
        "set_rng_state": "seeding",
        "short": "dtypes",
        "sigmoid": "activations",
        "sign": "elementwise",
        "sin": "elementwise",
        "sinh": "elementwise",
        "softmax": "activations",
        "sort": "sorting",
        "split": "splitting",
        "sqrt": "elementwise",
        "square": "elementwise",
        "squeeze": "axes",
        "stack": "joining",
        "std": "reductions",
        "sub": "arithmetic",
        "sum": "reductions",
        "t": "axes",
        "take_along_dim": "gathering",
        "tan": "elementwise",
        "tanh": "activations",
        "tensor": "creation",
        "tile": "repeating",
        "topk": "sorting",
        "trace": "triangles",
        "transpose": "axes",
        "tril": "triangles",
        "triu": "triangles",
        "trunc": "elementwise",
        "uint8": "dtypes",
        "unbind": "splitting",
        "unflatten": "shaping",
        "unique": "searching",
        "unsqueeze": "axes",
        "var": "reductions",
        "vstack": "joining",
        "where": "logic",
        "zeros": "filled",
        "zeros_like": "filled_like",
    },
    ("accelerator", "autograd", "backends", "cuda", "utils"),
    # Programs say torch.nn and torch.optim without importing them; of other cards there are as few.
    elsewhere={
        "mps": "scratchml.tensor.cuda",
        "nn": "scratchml.nn",
        "optim": "scratchml.optim",
        "xpu": "scratchml.tensor.cuda",
    },
)
