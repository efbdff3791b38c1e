"""Whole slices picked along an axis by a vector of indices, and put back by it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axis_of
from scratchml.tensor.tape import record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def index_select(input: "Tensor", dim: int, index: "Tensor") -> "Tensor":
    """Return slices at indices along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : Tensor of int64, shape (n,)
        Which slices.

    Returns
    -------
    Tensor
        With length n along the axis.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.index_select(torch.eye(3), 0, torch.tensor([2, 0]))
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    return input[_slices("index_select", input, dim, index)]


def _slices(name: str, input: Any, dim: int, index: Any) -> tuple:
    axis = axis_of(dim, input.array.ndim)
    i = index.array
    if i.ndim > 1 or i.dtype.kind not in "iu":
        raise ValueError(f"{name}: index must be one axis of integers, got {i.dtype} {i.shape}")
    n = input.array.shape[axis] if input.array.ndim else 1
    if i.size and (i.min() < 0 or i.max() >= n):
        raise IndexError(f"{name}: index must be in [0, {n - 1}], axis {dim}")
    return (*(slice(None),) * axis, i.reshape(-1))


def index_add(
    input: "Tensor", dim: int, index: "Tensor", source: "Tensor", alpha: float = 1
) -> "Tensor":
    """Return the values with slices added at indices along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : Tensor of int64, shape (n,)
        Where each slice is added.
    source : Tensor
        The slices.
    alpha : number
        What they are multiplied with.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(3).index_add(0, torch.tensor([1, 1]), torch.tensor([1.0, 2.0]))
    tensor([0., 3., 0.])
    """
    where = _slices("index_add", input, dim, index)
    y = input.array.copy()
    np.add.at(y, where, source.array * alpha if alpha != 1 else source.array)
    return record(y, (input, source), lambda dy: (dy, dy[where] * alpha), name="index_add")


def index_copy(input: "Tensor", dim: int, index: "Tensor", source: "Tensor") -> "Tensor":
    """Return the values with slices replaced at indices along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : Tensor of int64, shape (n,)
        Which slices are replaced.
    source : Tensor
        The new slices.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(3).index_copy(0, torch.tensor([1]), torch.tensor([2.0]))
    tensor([0., 2., 0.])
    """
    out = input.clone()
    out[_slices("index_copy", input, dim, index)] = source
    return out


def index_fill(input: "Tensor", dim: int, index: "Tensor", value: float) -> "Tensor":
    """Return the values with one number at indices along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : Tensor of int64, shape (n,)
        Which slices are filled.
    value : number
        What with.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(3).index_fill(0, torch.tensor([0, 2]), 5)
    tensor([5., 0., 5.])
    """
    out = input.clone()
    out[_slices("index_fill", input, dim, index)] = value
    return out
