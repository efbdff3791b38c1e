"""Values in order along an axis; the gradient of a value goes to where it came from."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scratchml.tensor.operands import axis_of
from scratchml.tensor.tape import constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


class Sorted(NamedTuple):
    """Values and the places along the axis that they came from."""

    values: Any
    indices: Any


def sort(input: "Tensor", dim: int = -1, descending: bool = False, stable: bool = False) -> Sorted:
    """Return the values in order along an axis, and where they were.

    Parameters
    ----------
    input : Tensor
        The values; nan counts as the largest.
    dim : int
        The axis.
    descending : bool
        Whether the largest come first.
    stable : bool
        Equal values keep their order in any case.

    Returns
    -------
    named tuple (values, indices)
        Both of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.sort(torch.tensor([3, 1, 2])).indices
    tensor([1, 2, 0])
    """
    axis = axis_of(dim, input.ndim)
    if not input.ndim:
        return Sorted(input.clone(), constant(np.zeros((), np.int64)))
    return _picked(input, _order(input.array, axis, descending), axis, "sort")


def _order(x: np.ndarray, axis: int, descending: bool) -> np.ndarray:
    """Return the stable order of values along an axis."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    turned = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - turned, axis)


def _picked(input: Any, order: np.ndarray, axis: int, name: str) -> Sorted:
    x = input.array

    def pick_backward(dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(x.shape, x.dtype)
        np.put_along_axis(dx, order, dy, axis)
        return dx

    values = record(np.take_along_axis(x, order, axis), (input,), pick_backward, name=name)
    return Sorted(values, constant(np.ascontiguousarray(order)))


def argsort(
    input: "Tensor", dim: int = -1, descending: bool = False, stable: bool = False
) -> "Tensor":
    """Return where the values in order along an axis are.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    descending : bool
        Whether the largest come first.
    stable : bool
        Equal values keep their order in any case.

    Returns
    -------
    Tensor of int64
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.argsort(torch.tensor([3, 1, 2]), descending=True)
    tensor([0, 2, 1])
    """
    out: Tensor = sort(input, dim, descending, stable).indices
    return out


def topk(
    input: "Tensor", k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> Sorted:
    """Return the largest values along an axis, the largest first, and where they are.

    Parameters
    ----------
    input : Tensor
        The values.
    k : int
        How many.
    dim : int
        The axis.
    largest : bool
        Whether the largest, not the smallest, are wanted.
    sorted : bool
        They are sorted in any case.

    Returns
    -------
    named tuple (values, indices)
        Of length k along the axis.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.topk(torch.tensor([3, 9, 5]), 2)
    Sorted(values=tensor([9, 5]), indices=tensor([1, 2]))
    """
    axis = axis_of(dim, input.ndim)
    n = input.shape[axis] if input.ndim else 1
    if not 0 <= k <= n:
        raise ValueError(f"k must be in [0, {n}], the length of axis {dim}; got {k}")
    if not input.ndim:
        return sort(input)
    order = np.take(_order(input.array, axis, largest), np.arange(k), axis)
    return _picked(input, order, axis, "topk")


def median(input: "Tensor", dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the middle value, the lower of two; along an axis with its place.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int, optional
        The axis; all values unless given.
    keepdim : bool
        Whether the axis stays, with length one.

    Returns
    -------
    Tensor, or named tuple (values, indices)
        The medians.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.median(torch.tensor([4.0, 1.0, 3.0, 2.0]))
    tensor(2.)
    """
    if dim is None:
        return median(input.reshape(-1), 0).values
    axis = axis_of(dim, input.ndim)
    x = input.array
    n = x.shape[axis]
    if not n:
        raise IndexError(f"median: axis {dim} of shape {x.shape} holds no value")
    rank = np.full(np.delete(x.shape, axis), (n - 1) // 2)
    if x.dtype.kind == "f":  # sorted to the end, nan is what a median with nan must be
        rank = np.where(np.isnan(x).any(axis=axis), n - np.isnan(x).sum(axis=axis), rank)
    order = np.take_along_axis(_order(x, axis, False), np.expand_dims(rank, axis), axis)
    values, indices = _picked(input, order, axis, "median")
    if keepdim:
        return Sorted(values, indices)
    return Sorted(values.squeeze(axis), indices.squeeze(axis))
