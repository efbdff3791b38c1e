"""Other shapes of the same values: views wherever memory allows, without a copy.

The gradient of a view is the gradient brought back to the old shape.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axis_of
from scratchml.tensor.tape import record
from scratchml.tensor.views import viewed

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor

_reshape: Any = np.ndarray.reshape


def reshape(input: "Tensor", *shape: Any) -> "Tensor":
    """Return the values in another shape: a view if memory allows, otherwise a copy.

    Parameters
    ----------
    input : Tensor
        The values, in row-major order.
    *shape : int
        The new length of each axis, as numbers or as one tuple; one may be -1: what is left.

    Returns
    -------
    Tensor
        Of the new shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    x = input.array
    y = _reshaped("reshape", x, shape)
    old = x.shape
    if _shares(y, x):
        return viewed(input, y, _reshape, (y.shape,), lambda dy: dy.reshape(old), "reshape")
    return record(y, (input,), lambda dy: dy.reshape(old), name="reshape")


def view(input: "Tensor", *shape: Any) -> "Tensor":
    """Return the values in another shape, in the same memory.

    Parameters
    ----------
    input : Tensor
        The values, in row-major order.
    *shape : int
        The new length of each axis, as numbers or as one tuple; one may be -1: what is left.

    Returns
    -------
    Tensor
        Of the new shape; changes of one are changes of the other.

    Raises
    ------
    ValueError
        If the number of values differs, or the values do not lie so that this is possible.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.arange(6).view(-1, 2)
    tensor([[0, 1],
            [2, 3],
            [4, 5]])
    """
    x = input.array
    y = _reshaped("view", x, shape)
    if not _shares(y, x):
        raise ValueError(
            f"view: a tensor of shape {x.shape} whose values do not lie row after row cannot be "
            f"seen as {y.shape} without a copy: use reshape()"
        )
    old = x.shape
    return viewed(input, y, _reshape, (y.shape,), lambda dy: dy.reshape(old), "view")


def _reshaped(name: str, x: np.ndarray, shape: tuple) -> np.ndarray:
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    try:
        return x.reshape(shape)
    except ValueError as error:
        raise ValueError(
            f"{name}: shape {x.shape} with {x.size} values cannot become {shape}: the products of "
            "the lengths must be equal (one length may be -1)"
        ) from error


def _shares(y: np.ndarray, x: np.ndarray) -> bool:
    """Whether NumPy made `y` from `x` without a copy."""
    return y.base is x or (y.base is not None and y.base is x.base)


def flatten(input: "Tensor", start_dim: int = 0, end_dim: int = -1) -> "Tensor":
    """Return the values with several axes made one.

    Parameters
    ----------
    input : Tensor
        The values.
    start_dim, end_dim : int
        The first and the last of these axes.

    Returns
    -------
    Tensor
        A view if memory allows.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.flatten(torch.zeros(2, 3, 4), 1).shape
    (2, 12)
    """
    shape = input.array.shape
    first = axis_of(start_dim, len(shape), "start_dim")
    last = axis_of(end_dim, len(shape), "end_dim")
    if first > last:
        raise ValueError(f"start_dim must not be after end_dim, got {start_dim} and {end_dim}")
    n = 1
    for length in shape[first : last + 1]:
        n *= length
    return reshape(input, (*shape[:first], n, *shape[last + 1 :]))


def unflatten(input: "Tensor", dim: int, sizes: Any) -> "Tensor":
    """Return the values with one axis made several.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    sizes : tuple of int
        The lengths of the axes in its place; one may be -1.

    Returns
    -------
    Tensor
        A view if memory allows.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.unflatten(torch.zeros(2, 12), 1, (3, -1)).shape
    (2, 3, 4)
    """
    shape = input.array.shape
    axis = axis_of(dim, len(shape))
    sizes = tuple(sizes)
    known = int(np.prod([n for n in sizes if n != -1]))
    if -1 in sizes and known:
        sizes = tuple([shape[axis] // known if n == -1 else n for n in sizes])
    if int(np.prod(sizes)) != shape[axis]:
        raise ValueError(f"unflatten: sizes {sizes} must multiply to {shape[axis]}, axis {dim}")
    return reshape(input, (*shape[:axis], *sizes, *shape[axis + 1 :]))
