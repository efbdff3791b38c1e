"""Tensors filled with one value."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.creation import finish, shape_of, values_of
from scratchml.tensor.dtypes import as_dtype, get_default_dtype

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def zeros(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return a tensor of zeros.

    Parameters
    ----------
    *size : int
        The length of each axis, as numbers or as one tuple.
    dtype : dtype, optional
        float32 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return finish(np.zeros(shape_of(size), _float(dtype)), device, requires_grad)


def ones(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return a tensor of ones.

    Parameters
    ----------
    *size : int
        The length of each axis, as numbers or as one tuple.
    dtype : dtype, optional
        float32 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.ones(3)
    tensor([1., 1., 1.])
    """
    return finish(np.ones(shape_of(size), _float(dtype)), device, requires_grad)


def empty(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return a tensor whose values are whatever the memory held.

    Parameters
    ----------
    *size : int
        The length of each axis, as numbers or as one tuple.
    dtype : dtype, optional
        float32 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.empty(2, 3).shape
    (2, 3)
    """
    return finish(np.empty(shape_of(size), _float(dtype)), device, requires_grad)


def full(
    size: Any, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return a tensor of one value everywhere.

    Parameters
    ----------
    size : tuple of int
        The length of each axis.
    fill_value : number
        The value.
    dtype : dtype, optional
        That of a tensor of `fill_value` unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of that size.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.full((2, 2), 7)
    tensor([[7, 7],
            [7, 7]])
    """
    value = values_of(fill_value, dtype)
    return finish(np.full(shape_of([size]), value, value.dtype), device, requires_grad)


def _float(dtype: Any) -> np.dtype:
    return get_default_dtype() if dtype is None else as_dtype(dtype)
