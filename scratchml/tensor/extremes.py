"""Largest and smallest values.

Along one axis the gradient goes to the value that was taken, the first of equal ones; of the whole
tensor, and with amax and amin, equal values share it. Two operands that are equal have half each.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scratchml.tensor.operands import axes_of, axis_of, operands, pairwise
from scratchml.tensor.reductions import lifted
from scratchml.tensor.tape import Taped, constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


class Extremes(NamedTuple):
    """Values and where they were found along the axis."""

    values: Any
    indices: Any


def max(input: "Tensor", dim: Any = None, keepdim: bool = False, *, axis: Any = None) -> Any:
    """Return the largest value; along an axis with its place; or the larger of two tensors.

    Parameters
    ----------
    input : Tensor
        The values, at least one.
    dim : int or Tensor, optional
        The axis; of the whole tensor unless given; a tensor is compared with `input`.
    keepdim : bool
        Whether the axis stays, with length one.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor, or named tuple (values, indices)
        The largest values, and the indices of the first of them along the axis.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> values, indices = torch.max(torch.tensor([[1.0, 5.0], [7.0, 2.0]]), 1)
    >>> indices
    tensor([1, 0])
    """
    if axis is not None:
        dim = axis
    if isinstance(dim, Taped):
        return maximum(input, dim)
    return amax(input) if dim is None else _along(input, dim, keepdim, np.argmax, np.maximum, "max")


def min(input: "Tensor", dim: Any = None, keepdim: bool = False, *, axis: Any = None) -> Any:
    """Return the smallest value; along an axis with its place; or the smaller of two tensors.

    Parameters
    ----------
    input : Tensor
        The values, at least one.
    dim : int or Tensor, optional
        The axis; of the whole tensor unless given; a tensor is compared with `input`.
    keepdim : bool
        Whether the axis stays, with length one.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor, or named tuple (values, indices)
        The smallest values, and the indices of the first of them along the axis.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.min(torch.tensor([3.0, 1.0]), 0).indices
    tensor(1)
    """
    if axis is not None:
        dim = axis
    if isinstance(dim, Taped):
        return minimum(input, dim)
    return amin(input) if dim is None else _along(input, dim, keepdim, np.argmin, np.minimum, "min")


def _along(input: Any, dim: int, keepdim: bool, find: Any, which: Any, name: str) -> Extremes:
    x = input.array
    axis = axis_of(dim, x.ndim)
    if x.ndim == 0:
        return Extremes(record(x.copy(), (input,), _same), constant(np.zeros((), np.int64)))
    if not x.shape[axis]:
        raise IndexError(f"{name}: axis {dim} of shape {x.shape} holds no value")
    where = find(x, axis=axis, keepdims=keepdim)
    y = which.reduce(x, axis=axis, keepdims=keepdim)

    def extreme_backward(dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(x.shape, x.dtype)
        kept = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
        np.put_along_axis(dx, where.reshape(kept), dy.reshape(kept), axis)
        return dx

    return Extremes(record(y, (input,), extreme_backward, name=name), constant(where))


def _same(dy: np.ndarray) -> np.ndarray:
    return dy


def amax(input: "Tensor", dim: Any = None, keepdim: bool = False) -> "Tensor":
    """Return the largest value over axes; equal ones share the gradient.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.

    Returns
    -------
    Tensor
        The largest values.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.amax(torch.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=0)
    tensor([7., 5.])
    """
    return _shared(input, dim, keepdim, np.maximum, "amax")


def amin(input: "Tensor", dim: Any = None, keepdim: bool = False) -> "Tensor":
    """Return the smallest value over axes; equal ones share the gradient.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.

    Returns
    -------
    Tensor
        The smallest values.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.amin(torch.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=0)
    tensor([1., 2.])
    """
    return _shared(input, dim, keepdim, np.minimum, "amin")


def _shared(input: Any, dim: Any, keepdim: bool, which: Any, name: str) -> Any:
    x = input.array
    axes = axes_of(dim, x.ndim)
    if not x.size and not all(x.shape[axis] for axis in axes):
        raise IndexError(f"{name}: shape {x.shape} holds no value along axes {axes}")
    y = which.reduce(x, axis=axes, keepdims=keepdim)

    def extreme_backward(dy: np.ndarray) -> Any:
        ties = x == lifted(y, axes, keepdim)
        shares = ties.sum(axis=axes, keepdims=True, dtype=x.dtype)
        return ties * (lifted(dy, axes, keepdim) / shares)

    return record(y, (input,), extreme_backward, (input,), name=name)


def maximum(input: Any, other: Any) -> "Tensor":
    """Return the larger of two values, nan if one is.

    Parameters
    ----------
    input, other : Tensor
        The operands, which are broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.maximum(torch.tensor([1, 4]), torch.tensor([3, 2]))
    tensor([3, 4])
    """
    return _chosen(np.maximum, np.greater, input, other, "maximum")


def minimum(input: Any, other: Any) -> "Tensor":
    """Return the smaller of two values, nan if one is.

    Parameters
    ----------
    input, other : Tensor
        The operands, which are broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.minimum(torch.tensor([1, 4]), torch.tensor([3, 2]))
    tensor([1, 2])
    """
    return _chosen(np.minimum, np.less, input, other, "minimum")


def _chosen(value: Any, wins: Any, input: Any, other: Any, name: str) -> Any:
    x, y = operands(input, other)

    def share(dz: np.ndarray, a: Any, b: Any) -> Any:
        return np.where(a == b, dz / 2, np.where(wins(a, b), dz, 0))

    return pairwise(
        value, x, y, input, other, lambda dz: share(dz, x, y), lambda dz: share(dz, y, x),
        (input, other), name,
    )  # fmt: skip
