"""Other shapes of the same values: views wherever memory allows, without a copy.

The gradient of a view is the gradient brought back to the old shape.
"""

from operator import getitem
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axis_of, fold
from scratchml.tensor.tape import record
from scratchml.tensor.views import viewed

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor

_reshape: Any = np.ndarray.reshape
_transpose: Any = np.ndarray.transpose


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


def permute(input: "Tensor", *dims: Any) -> "Tensor":
    """Return a view with the axes in another order.

    Parameters
    ----------
    input : Tensor
        The values.
    *dims : int
        The old axis for each new one, as numbers or as one tuple.

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(2, 3, 4).permute(2, 0, 1).shape
    (4, 2, 3)
    """
    if len(dims) == 1 and isinstance(dims[0], tuple | list):
        dims = tuple(dims[0])
    x = input.array
    order = tuple([axis_of(d, x.ndim) for d in dims])
    if sorted(order) != list(range(x.ndim)):
        raise ValueError(f"permute: dims {dims} must name each axis of shape {x.shape} once")
    return _permuted(input, order, "permute")


def _permuted(input: Any, order: tuple, name: str) -> Any:
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    y = input.array.transpose(order)
    return viewed(input, y, _transpose, (order,), lambda dy: dy.transpose(back), name)


def transpose(input: "Tensor", dim0: int, dim1: int) -> "Tensor":
    """Return a view with two axes exchanged.

    Parameters
    ----------
    input : Tensor
        The values.
    dim0, dim1 : int
        The axes.

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.transpose(torch.zeros(2, 3), 0, 1).shape
    (3, 2)
    """
    ndim = input.array.ndim
    a, b = axis_of(dim0, ndim, "dim0"), axis_of(dim1, ndim, "dim1")
    order = list(range(ndim))
    if ndim:
        order[a], order[b] = b, a
    result: Tensor = _permuted(input, tuple(order), "transpose")
    return result


def t(input: "Tensor") -> "Tensor":
    """Return the transpose of a matrix, as a view.

    Parameters
    ----------
    input : Tensor, shape (n, m)
        A matrix; a vector or a number stays as it is.

    Returns
    -------
    Tensor, shape (m, n)
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.t(torch.tensor([[1, 2]]))
    tensor([[1],
            [2]])
    """
    if input.array.ndim > 2:
        raise ValueError(f"t() needs a matrix, got shape {input.array.shape}: use transpose()")
    return transpose(input, 0, -1)


def squeeze(input: "Tensor", dim: Any = None) -> "Tensor":
    """Return a view without axes of length one.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes that go if their length is one; all unless given.

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.squeeze(torch.zeros(1, 3, 1)).shape
    (3,)
    """
    old = input.array.shape
    if dim is None:
        axes = set(range(len(old)))
    else:
        axes = {axis_of(d, len(old)) for d in (dim if isinstance(dim, tuple | list) else (dim,))}
    shape = tuple([n for i, n in enumerate(old) if n != 1 or i not in axes])
    y = input.array.reshape(shape)
    return viewed(input, y, _reshape, (shape,), lambda dy: dy.reshape(old), "squeeze")


def unsqueeze(input: "Tensor", dim: int) -> "Tensor":
    """Return a view with one more axis, of length one.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        Where it stands in the new shape.

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.unsqueeze(torch.zeros(3), -1).shape
    (3, 1)
    """
    x = input.array
    index = (slice(None),) * axis_of(dim, x.ndim + 1) + (None,)
    old = x.shape
    return viewed(input, x[index], getitem, (index,), lambda dy: dy.reshape(old), "unsqueeze")


def expand(input: "Tensor", *sizes: Any) -> "Tensor":
    """Return a view that repeats axes of length one, without a copy.

    Parameters
    ----------
    input : Tensor
        The values.
    *sizes : int
        The new lengths, as numbers or as one tuple; -1 leaves one as it is. New axes may come
        before the old ones.

    Returns
    -------
    Tensor
        A view that cannot be written to.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([[1], [2]]).expand(2, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = tuple(sizes[0])
    x = input.array
    old, dtype = x.shape, x.dtype
    lead = len(sizes) - len(old)
    shape = tuple([old[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(sizes)])
    try:
        y = np.broadcast_to(x, shape)
    except ValueError as error:
        raise ValueError(
            f"expand: shape {old} cannot become {sizes}: only axes of length one can be repeated, "
            "and new ones stand before the others"
        ) from error
    return viewed(input, y, np.broadcast_to, (shape,), lambda dy: fold(dy, old, dtype), "expand")


def expand_as(input: "Tensor", other: "Tensor") -> "Tensor":
    """Return a view that repeats axes of length one, up to the shape of another tensor.

    Parameters
    ----------
    input : Tensor
        The values.
    other : Tensor
        Whose shape.

    Returns
    -------
    Tensor
        A view that cannot be written to.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(1).expand_as(torch.zeros(2, 3)).shape
    (2, 3)
    """
    return expand(input, other.array.shape)


def broadcast_to(input: "Tensor", size: Any) -> "Tensor":
    """Return a view that repeats axes of length one, up to a shape.

    Parameters
    ----------
    input : Tensor
        The values.
    size : tuple of int
        The new lengths.

    Returns
    -------
    Tensor
        A view that cannot be written to.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.broadcast_to(torch.zeros(1), (2, 3)).shape
    (2, 3)
    """
    return expand(input, tuple(size))
