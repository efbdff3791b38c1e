"""What a tensor says of itself: its shape in several forms, and its values as Python's."""

from copy import deepcopy
from typing import Any

import numpy as np

from scratchml.tensor.tape import LEAF, constant


def size(input: Any, dim: int | None = None) -> Any:
    """Return the shape, or the length of one axis.

    Parameters
    ----------
    input : Tensor
        The tensor.
    dim : int, optional
        The axis.

    Returns
    -------
    tuple of int, or int
        As ``shape``.
    """
    return input.shape if dim is None else input.shape[dim]


def numel(input: Any) -> int:
    """Return how many values there are.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    int
        The product of the lengths.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.numel(torch.zeros(2, 3))
    6
    """
    return int(input.array.size)


def dim(input: Any) -> int:
    """Return how many axes there are.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    int
        As ``ndim``.
    """
    return int(input.array.ndim)


def tolist(input: Any) -> Any:
    """Return the values as nested lists of Python numbers.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    list or number
        A number for a tensor without axes.
    """
    return input.array.tolist()


def stride(input: Any, dim: int | None = None) -> Any:
    """Return how many values lie between neighbours along each axis, or along one.

    Parameters
    ----------
    input : Tensor
        The tensor.
    dim : int, optional
        The axis.

    Returns
    -------
    tuple of int, or int
        The steps in memory.
    """
    steps = tuple([s // input.array.itemsize for s in input.array.strides])
    return steps if dim is None else steps[dim]


def element_size(input: Any) -> int:
    """Return the bytes of one value.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    int
        4 for float32.
    """
    return int(input.array.itemsize)


def data_ptr(input: Any) -> int:
    """Return the address of the first value.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    int
        Equal for tensors that begin at the same place.
    """
    return int(input.array.ctypes.data)


def is_contiguous(input: Any) -> bool:
    """Return whether the values lie one after the other, row by row.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    bool
        If not, ``contiguous()`` copies.
    """
    return bool(input.array.flags.c_contiguous)


def is_floating_point(input: Any) -> bool:
    """Return whether the values are floats.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    bool
        True for float32 and float64.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.is_floating_point(torch.zeros(2))
    True
    """
    return bool(input.array.dtype.kind == "f")


def is_complex(input: Any) -> bool:
    """Return whether the values are complex: never.

    Parameters
    ----------
    input : Tensor
        The tensor.

    Returns
    -------
    bool
        False.
    """
    return False


def is_tensor(obj: Any) -> bool:
    """Return whether something is a tensor.

    Parameters
    ----------
    obj : object
        Anything.

    Returns
    -------
    bool
        True for tensors and parameters.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.is_tensor([1.0])
    False
    """
    from scratchml.tensor.tape import Taped

    return isinstance(obj, Taped)


def rebuilt(kind: Any, array: np.ndarray, requires_grad: bool) -> Any:
    """Return the tensor that was pickled."""
    tensor = kind.__new__(kind)
    tensor.array = array
    tensor.grad = tensor.hooks = tensor.origin = None
    tensor.node = LEAF if requires_grad else None
    tensor.version = [0]
    return tensor


def copied(input: Any, memo: dict) -> Any:
    """Return a deep copy of a leaf, with its gradient.

    Raises
    ------
    RuntimeError
        If the tensor was computed: its copy would have no place on the tape.
    """
    if input.node is not None and input.node is not LEAF:
        raise RuntimeError(
            "only leaves can be deep-copied: use clone(), through which gradients pass, or "
            "detach() first"
        )
    out = rebuilt(type(input), input.array.copy(), input.node is LEAF)
    memo[id(input)] = out
    if input.grad is not None:
        out.grad = constant(deepcopy(input.grad.array, memo))
    return out
