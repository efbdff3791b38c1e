"""Tensors put together: one after the other, or side by side along a new axis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axis_of, same_types
from scratchml.tensor.shaping import reshape
from scratchml.tensor.tape import constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def cat(tensors: Sequence["Tensor"], dim: int = 0, *, axis: Any = None) -> "Tensor":
    """Return tensors one after the other along an axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape but for that axis.
    dim : int
        The axis.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor
        As long along the axis as all together.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.cat([torch.zeros(1, 2), torch.ones(2, 2)])
    tensor([[0., 0.],
            [1., 1.],
            [1., 1.]])
    """
    if axis is not None:
        dim = axis
    if not tensors:
        raise ValueError("cat: needs at least one tensor, got none")
    arrays = same_types(tensors, "cat")
    shapes = [a.shape for a in arrays]
    # An empty vector joins anything: that is what lists are grown from.
    full = [a for a in arrays if a.shape != (0,)] or arrays[:1]
    axis = axis_of(dim, full[0].ndim)
    try:
        y = np.concatenate(full, axis=axis)
    except ValueError as error:
        raise ValueError(
            f"cat: shapes {', '.join(map(str, shapes))} must be equal but for axis {dim}"
        ) from error
    if all(t.node is None for t in tensors):
        return constant(y)
    lengths = [s[axis] if s != (0,) else 0 for s in shapes]
    kinds = [t.array.dtype for t in tensors]

    def cat_backward(dy: np.ndarray) -> Any:
        shares, start = [], 0
        for length, shape, kind in zip(lengths, shapes, kinds, strict=True):
            index = (*(slice(None),) * axis, slice(start, start + length))
            empty = shape == (0,)
            shares.append(np.zeros(0, kind) if empty else dy[index].astype(kind, copy=False))
            start += length
        return tuple(shares)

    return record(y, tensors, cat_backward)


concat = concatenate = cat


def stack(tensors: Sequence["Tensor"], dim: int = 0, *, axis: Any = None) -> "Tensor":
    """Return tensors of one shape side by side along a new axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape.
    dim : int
        Where the new axis stands.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor
        With one more axis.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])], 1)
    tensor([[1, 3],
            [2, 4]])
    """
    if axis is not None:
        dim = axis
    if not tensors:
        raise ValueError("stack: needs at least one tensor, got none")
    arrays = same_types(tensors, "stack")
    axis = axis_of(dim, arrays[0].ndim + 1)
    try:
        y = np.stack(arrays, axis=axis)
    except ValueError as error:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise ValueError(f"stack: shapes {shapes} must be equal") from error
    kinds = [t.array.dtype for t in tensors]

    def stack_backward(dy: np.ndarray) -> Any:
        parts = np.moveaxis(dy, axis, 0)
        return tuple([p.astype(k, copy=False) for p, k in zip(parts, kinds, strict=True)])

    return record(y, tensors, stack_backward)


def hstack(tensors: Sequence["Tensor"]) -> "Tensor":
    """Return tensors one after the other along the second axis, vectors along their only one.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape but for that axis.

    Returns
    -------
    Tensor
        All together.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.hstack([torch.tensor([1, 2]), torch.tensor([3])])
    tensor([1, 2, 3])
    """
    whole = [reshape(t, 1) if not t.ndim else t for t in tensors]
    return cat(whole, 0 if whole and whole[0].ndim == 1 else 1)


def vstack(tensors: Sequence["Tensor"]) -> "Tensor":
    """Return tensors one below the other, vectors as rows.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape but for the first axis.

    Returns
    -------
    Tensor
        All together.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """
    return cat([reshape(t, 1, -1) if t.ndim < 2 else t for t in tensors], 0)
