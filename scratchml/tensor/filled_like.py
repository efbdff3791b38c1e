"""Tensors filled with one value, in the shape and the type of another tensor."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.creation import finish, shape_of, values_of
from scratchml.tensor.dtypes import as_dtype

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def zeros_like(
    input: "Tensor", dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return zeros of a tensor's shape and type.

    Parameters
    ----------
    input : Tensor
        Whose shape and type.
    dtype : dtype, optional
        Another type.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros_like(torch.tensor([1, 2]))
    tensor([0, 0])
    """
    return finish(np.zeros(input.shape, dtype_like(input, dtype)), device, requires_grad)


def ones_like(
    input: "Tensor", dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return ones of a tensor's shape and type.

    Parameters
    ----------
    input : Tensor
        Whose shape and type.
    dtype : dtype, optional
        Another type.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.ones_like(torch.tensor([1, 2]))
    tensor([1, 1])
    """
    return finish(np.ones(input.shape, dtype_like(input, dtype)), device, requires_grad)


def empty_like(
    input: "Tensor", dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return whatever the memory held, in a tensor's shape and type.

    Parameters
    ----------
    input : Tensor
        Whose shape and type.
    dtype : dtype, optional
        Another type.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.empty_like(torch.tensor([1, 2])).shape
    (2,)
    """
    return finish(np.empty(input.shape, dtype_like(input, dtype)), device, requires_grad)


def full_like(
    input: "Tensor",
    fill_value: Any,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return one value everywhere, in a tensor's shape and type.

    Parameters
    ----------
    input : Tensor
        Whose shape and type.
    fill_value : number
        The value.
    dtype : dtype, optional
        Another type.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.full_like(torch.zeros(2), 0.5)
    tensor([0.5000, 0.5000])
    """
    values = np.full(input.shape, fill_value, dtype_like(input, dtype))
    return finish(values, device, requires_grad)


def dtype_like(input: Any, dtype: Any) -> np.dtype:
    """Return the type asked for, or the tensor's."""
    return input.dtype if dtype is None else as_dtype(dtype)


def new_zeros(
    input: "Tensor", *size: Any, dtype: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return zeros of a given size in a tensor's type.

    Parameters
    ----------
    input : Tensor
        Whose type.
    *size : int
        The length of each axis, as numbers or as one tuple.
    dtype : dtype, optional
        Another type.
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.
    """
    return finish(np.zeros(shape_of(size), dtype_like(input, dtype)), None, requires_grad)


def new_ones(
    input: "Tensor", *size: Any, dtype: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return ones of a given size in a tensor's type.

    Parameters
    ----------
    input : Tensor
        Whose type.
    *size : int
        The length of each axis, as numbers or as one tuple.
    dtype : dtype, optional
        Another type.
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.
    """
    return finish(np.ones(shape_of(size), dtype_like(input, dtype)), None, requires_grad)


def new_empty(
    input: "Tensor", *size: Any, dtype: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return whatever the memory held, of a given size in a tensor's type.

    Parameters
    ----------
    input : Tensor
        Whose type.
    *size : int
        The length of each axis, as numbers or as one tuple.
    dtype : dtype, optional
        Another type.
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.
    """
    return finish(np.empty(shape_of(size), dtype_like(input, dtype)), None, requires_grad)


def new_full(
    input: "Tensor", size: Any, fill_value: Any, dtype: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return one value everywhere, of a given size in a tensor's type.

    Parameters
    ----------
    input : Tensor
        Whose type.
    size : tuple of int
        The length of each axis.
    fill_value : number
        The value.
    dtype : dtype, optional
        Another type.
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.
    """
    values = np.full(shape_of([size]), fill_value, dtype_like(input, dtype))
    return finish(values, None, requires_grad)


def new_tensor(
    input: "Tensor", data: Any, dtype: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return a copy of values in a tensor's type.

    Parameters
    ----------
    input : Tensor
        Whose type.
    data : number, sequence, ndarray or Tensor
        The values.
    dtype : dtype, optional
        Another type.
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        A leaf that shares no memory with `data`.
    """
    return finish(values_of(data, dtype_like(input, dtype)).copy(), None, requires_grad)
