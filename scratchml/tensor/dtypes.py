"""Types of values under PyTorch's names (they are NumPy's dtypes), and which type a result has.

Three kinds, bool < integer < float. The type of x * y is decided among the operands of the highest
rank: tensors with axes stand above tensors of one value (0-d), these above Python numbers. One of
a lower rank has a say only if its kind is higher:

    float32 (3,) * float64 ()       float32       int64 (3,) * 2.5        float32, the default
    int64   (3,) * float32 ()       float32       uint8 (3,) * 2          uint8
    int64   (3,) * float32 (3,)     float32       where NumPy would say float64
"""

import builtins
from typing import Any

import numpy as np

from scratchml.tensor.tape import Taped

bool = np.dtype(np.bool_)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = int = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
float32 = float = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)

SUPPORTED = (bool, uint8, int8, int16, int32, int64, float32, float64)
KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}

_PYTHON: dict[Any, np.dtype] = {builtins.bool: bool, builtins.int: int64}


class _Default:
    dtype = float32


def get_default_dtype() -> np.dtype:
    """Return the type of tensors made from Python floats.

    Returns
    -------
    dtype
        float32 unless changed.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.get_default_dtype()
    dtype('float32')
    """
    return _Default.dtype


def set_default_dtype(d: Any) -> None:
    """Set the type of tensors made from Python floats.

    Parameters
    ----------
    d : dtype
        float32 or float64.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.set_default_dtype(torch.float64)
    >>> torch.tensor(0.5).dtype
    dtype('float64')
    >>> torch.set_default_dtype(torch.float32)
    """
    dtype = as_dtype(d)
    if dtype.kind != "f":
        raise TypeError(f"the default dtype must be float32 or float64, got {dtype}")
    _Default.dtype = dtype


def as_dtype(dtype: Any) -> np.dtype:
    """Return a supported NumPy dtype; Python's ``float`` is the default, ``int`` int64.

    Raises
    ------
    TypeError
        If there is no such type, or tensors cannot hold it.
    """
    if type(dtype) is np.dtype and dtype in SUPPORTED:
        return dtype
    if dtype is builtins.float:
        return _Default.dtype
    if dtype in _PYTHON:
        return _PYTHON[dtype]
    found = np.dtype(dtype)
    if found not in SUPPORTED:
        names = ", ".join(map(str, SUPPORTED))
        raise TypeError(f"dtype must be one of {names}; got {dtype}")
    return found


def promote_types(type1: Any, type2: Any) -> np.dtype:
    """Return the type that holds what two types hold, a float type if one of them is.

    Parameters
    ----------
    type1, type2 : dtype
        Types of values.

    Returns
    -------
    dtype
        The type of a sum of tensors of these types.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.promote_types(torch.int64, torch.float32)
    dtype('float32')
    """
    a, b = as_dtype(type1), as_dtype(type2)
    if KINDS[a.kind] == KINDS[b.kind]:
        return np.promote_types(a, b)
    return a if KINDS[a.kind] > KINDS[b.kind] else b


def result_type(tensor1: Any, tensor2: Any) -> np.dtype:
    """Return the type of a sum of two tensors or numbers: the rule stands above.

    Parameters
    ----------
    tensor1, tensor2 : Tensor or number
        The operands.

    Returns
    -------
    dtype
        The type of their sum.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.result_type(torch.tensor([1, 2]), 0.5)
    dtype('float32')
    """
    (a, rank_a), (b, rank_b) = _ranked(tensor1), _ranked(tensor2)
    if rank_a == rank_b:
        return promote_types(a, b)
    high, low = (a, b) if rank_a > rank_b else (b, a)
    return promote_types(high, low) if KINDS[low.kind] > KINDS[high.kind] else high


def _ranked(x: Any) -> tuple[np.dtype, Any]:
    if isinstance(x, Taped):
        return x.array.dtype, 2 if x.array.ndim else 1
    if isinstance(x, np.generic):
        x = x.item()
    if type(x) is builtins.float:
        return _Default.dtype, 0
    return _PYTHON[type(x)], 0


def finfo(type: Any = None) -> Any:
    """Return the limits of a float type: ``eps``, ``max``, ``min``, ``tiny``, ``bits``.

    Parameters
    ----------
    type : dtype, optional
        The default type unless given.

    Returns
    -------
    numpy.finfo
        The limits.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.finfo(torch.float32).bits
    32
    """
    return np.finfo(_Default.dtype if type is None else as_dtype(type))


def iinfo(type: Any) -> Any:
    """Return the limits of an integer type: ``max``, ``min``, ``bits``.

    Parameters
    ----------
    type : dtype
        An integer type.

    Returns
    -------
    numpy.iinfo
        The limits.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.iinfo(torch.uint8).max
    255
    """
    return np.iinfo(as_dtype(type))
