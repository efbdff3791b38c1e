"""Views with the axes in another order, with fewer or with more of length one."""

from operator import getitem
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axis_of
from scratchml.tensor.views import viewed

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


_transpose: Any = np.ndarray.transpose
_reshape: Any = np.ndarray.reshape


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


def movedim(input: "Tensor", source: Any, destination: Any) -> "Tensor":
    """Return a view with axes moved to other places, the others in their order.

    Parameters
    ----------
    input : Tensor
        The values.
    source, destination : int or tuple of int
        Where axes are and where they go.

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.movedim(torch.zeros(2, 3, 4), 0, -1).shape
    (3, 4, 2)
    """
    ndim = input.array.ndim
    pairs = (
        [(source, destination)]
        if isinstance(source, int)
        else zip(source, destination, strict=True)
    )
    goes = {axis_of(b, ndim, "destination"): axis_of(a, ndim, "source") for a, b in pairs}
    rest = iter([i for i in range(ndim) if i not in goes.values()])
    return permute(input, [goes[i] if i in goes else next(rest) for i in range(ndim)])
