"""Where values are, which there are, and how often."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axes_of, axis_of
from scratchml.tensor.tape import constant

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def argmax(
    input: "Tensor", dim: int | None = None, keepdim: bool = False, *, axis: Any = None
) -> "Tensor":
    """Return where the largest value is, the first of equal ones.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int, optional
        The axis; all values in row-major order unless given.
    keepdim : bool
        Whether the axis stays, with length one.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor of int64
        The indices.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.argmax(torch.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1)
    tensor([1, 0])
    """
    if axis is not None:
        dim = axis
    return _where(np.argmax, input, dim, keepdim, "argmax")


def argmin(
    input: "Tensor", dim: int | None = None, keepdim: bool = False, *, axis: Any = None
) -> "Tensor":
    """Return where the smallest value is, the first of equal ones.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int, optional
        The axis; all values in row-major order unless given.
    keepdim : bool
        Whether the axis stays, with length one.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor of int64
        The indices.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.argmin(torch.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1)
    tensor([0, 1])
    """
    if axis is not None:
        dim = axis
    return _where(np.argmin, input, dim, keepdim, "argmin")


def _where(find: Any, input: Any, dim: int | None, keepdim: bool, name: str) -> Any:
    x = input.array
    if dim is None:
        if not x.size:
            raise IndexError(f"{name}: shape {x.shape} holds no value")
        return constant(np.asarray(find(x)).reshape((1,) * x.ndim if keepdim else ()))
    axis = axis_of(dim, x.ndim)
    if x.ndim == 0:
        return constant(np.zeros((), np.int64))
    if not x.shape[axis]:
        raise IndexError(f"{name}: axis {dim} of shape {x.shape} holds no value")
    return constant(find(x, axis=axis, keepdims=keepdim))


def nonzero(input: "Tensor", as_tuple: bool = False) -> Any:
    """Return the indices of the values that are not 0.

    Parameters
    ----------
    input : Tensor
        The values.
    as_tuple : bool
        Whether to return one tensor for each axis.

    Returns
    -------
    Tensor of int64, shape (n, ndim), or tuple of Tensor
        In row-major order.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.nonzero(torch.tensor([0, 5, 7]))
    tensor([[1],
            [2]])
    """
    if as_tuple:
        return tuple(constant(i) for i in np.nonzero(np.atleast_1d(input.array)))
    return constant(np.argwhere(input.array))


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


def count_nonzero(input: "Tensor", dim: Any = None) -> "Tensor":
    """Return how many values are not 0.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes; all unless given.

    Returns
    -------
    Tensor of int64
        The counts.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.count_nonzero(torch.tensor([0, 5, 7]))
    tensor(2)
    """
    return constant(np.count_nonzero(input.array, axis=axes_of(dim, input.ndim)))
