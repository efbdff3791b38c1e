"""Values in order, and sums along an axis as it goes.

The gradient of a value goes to where it came from; the gradient of running sums is the running sum
of the gradient from the other end.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scratchml.tensor.dtypes import as_dtype, int64
from scratchml.tensor.operands import axis_of, quiet
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


def cumsum(input: "Tensor", dim: int, dtype: Any = None) -> "Tensor":
    """Return the sums of each value and those before it along an axis.

    Parameters
    ----------
    input : Tensor
        The values; integers and bools are summed as int64.
    dim : int
        The axis.
    dtype : dtype, optional
        The type in which they are summed.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.cumsum(torch.tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """
    x = input.array
    axis = axis_of(dim, x.ndim)
    kind = _kind(x, dtype)
    if not x.ndim:
        return input.to(kind, copy=True)
    own = x.dtype

    def cumsum_backward(dy: np.ndarray) -> np.ndarray:
        return np.flip(np.cumsum(np.flip(dy, axis), axis=axis), axis).astype(own, copy=False)

    return record(np.cumsum(x, axis=axis, dtype=kind), (input,), cumsum_backward)


def _kind(x: np.ndarray, dtype: Any) -> np.dtype:
    if dtype is not None:
        return as_dtype(dtype)
    return x.dtype if x.dtype.kind == "f" else int64


def cumprod(input: "Tensor", dim: int, dtype: Any = None) -> "Tensor":
    """Return the products of each value and those before it along an axis.

    Parameters
    ----------
    input : Tensor
        The values; integers and bools are multiplied as int64.
    dim : int
        The axis.
    dtype : dtype, optional
        The type in which they are multiplied.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.cumprod(torch.tensor([2.0, 3.0, 4.0]), 0)
    tensor([ 2.,  6., 24.])
    """
    x = input.array
    axis = axis_of(dim, x.ndim)
    if not x.ndim:
        return input.to(_kind(x, dtype), copy=True)
    y = np.cumprod(x, axis=axis, dtype=_kind(x, dtype))

    @quiet
    def cumprod_backward(dy: np.ndarray) -> np.ndarray:
        rows, slopes = np.moveaxis(x, axis, -1), np.moveaxis(dy, axis, -1)
        if (x != 0).all():
            whole = np.moveaxis(y, axis, -1) * slopes
            dx = np.cumsum(whole[..., ::-1], axis=-1)[..., ::-1] / rows
        else:  # one value after the other: dx_i = sum_k>=i dy_k prod_j<=k, j != i x_j
            dx = np.zeros(rows.shape, x.dtype)
            for i in range(rows.shape[-1]):
                others = rows.copy()
                others[..., i] = 1
                products = np.cumprod(others, axis=-1)
                dx[..., i] = (products * slopes)[..., i:].sum(axis=-1)
        return np.moveaxis(dx, -1, axis).astype(x.dtype, copy=False)

    return record(y, (input,), cumprod_backward, (input,))


def unique(
    input: "Tensor",
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
) -> Any:
    """Return the different values.

    Parameters
    ----------
    input : Tensor
        The values.
    sorted : bool
        They are sorted in any case.
    return_inverse : bool
        Whether to say for each value which of the different ones it is.
    return_counts : bool
        Whether to say how often each appears.

    Returns
    -------
    Tensor or tuple of Tensor
        The values, and what else was asked for.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.unique(torch.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    values, inverse, counts = np.unique(input.array, return_inverse=True, return_counts=True)
    out = [constant(values)]
    if return_inverse:
        out.append(constant(inverse.reshape(input.shape)))
    if return_counts:
        out.append(constant(counts))
    return out[0] if len(out) == 1 else tuple(out)


def bincount(input: "Tensor", weights: "Tensor | None" = None, minlength: int = 0) -> "Tensor":
    """Return how often each number from 0 upwards appears.

    Parameters
    ----------
    input : Tensor of integers, shape (n,)
        The numbers.
    weights : Tensor, shape (n,), optional
        What each counts.
    minlength : int
        The least length of the result.

    Returns
    -------
    Tensor
        The counts, int64 without weights.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.bincount(torch.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    w = None if weights is None else weights.array
    y = np.bincount(input.array, w, minlength)
    return constant(y if w is None or w.dtype.kind != "f" else y.astype(w.dtype))
