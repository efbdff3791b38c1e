"""Values repeated, reversed and moved along axes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axes_of, axis_of
from scratchml.tensor.shaping import reshape
from scratchml.tensor.tape import Taped, constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def tile(input: "Tensor", *dims: Any) -> "Tensor":
    """Return the values repeated along axes.

    Parameters
    ----------
    input : Tensor
        The values.
    *dims : int
        How often along each of the last axes, as numbers or as one tuple.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tile(torch.tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """
    times = tuple(dims[0]) if len(dims) == 1 and isinstance(dims[0], tuple | list) else dims
    times = (1,) * (input.ndim - len(times)) + times
    x = input.array
    old = (1,) * (len(times) - x.ndim) + x.shape
    pairs = [n for pair in zip(times, old, strict=True) for n in pair]
    axes = tuple(range(0, len(pairs), 2))
    return record(
        np.tile(x, times), (input,), lambda dy: dy.reshape(pairs).sum(axes).reshape(x.shape),
        name="repeat",
    )  # fmt: skip


def repeat(input: "Tensor", *repeats: Any) -> "Tensor":
    """Return the values repeated along axes.

    Parameters
    ----------
    input : Tensor
        The values.
    *repeats : int
        How often along each axis, as numbers or as one tuple; new axes stand before the others.

    Returns
    -------
    Tensor
        A copy.
    """
    times = repeats[0] if len(repeats) == 1 and isinstance(repeats[0], tuple | list) else repeats
    if len(times) < input.ndim:
        raise ValueError(f"repeat: needs a number for each axis of {input.shape}, got {times}")
    return tile(input, *times)


def repeat_interleave(input: "Tensor", repeats: Any, dim: int | None = None) -> "Tensor":
    """Return each value repeated, its copies side by side.

    Parameters
    ----------
    input : Tensor
        The values.
    repeats : int or Tensor of int64
        How often, all or each.
    dim : int, optional
        The axis; the flattened values unless given.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.repeat_interleave(torch.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    flat = reshape(input, -1) if dim is None else input
    axis = axis_of(dim or 0, flat.ndim)
    times = repeats.array if isinstance(repeats, Taped) else repeats
    picks = np.repeat(np.arange(flat.shape[axis]), times)
    out: Tensor = flat[(*(slice(None),) * axis, constant(picks))]
    return out


def flip(input: "Tensor", *dims: Any) -> "Tensor":
    """Return the values in reverse order along axes.

    Parameters
    ----------
    input : Tensor
        The values.
    *dims : int
        The axes, as numbers or as one tuple.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.flip(torch.arange(3), (0,))
    tensor([2, 1, 0])
    """
    named = dims[0] if len(dims) == 1 and isinstance(dims[0], tuple | list) else dims
    axes = axes_of(tuple(named), input.ndim) if named else ()
    y = np.flip(input.array, axes).copy()
    return record(y, (input,), lambda dy: np.flip(dy, axes), name="flip")


def roll(input: "Tensor", shifts: Any, dims: Any = None) -> "Tensor":
    """Return the values moved along axes; those pushed over the end enter at the start.

    Parameters
    ----------
    input : Tensor
        The values.
    shifts : int or tuple of int
        How far.
    dims : int or tuple of int, optional
        Along which axes; the flattened values unless given.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.roll(torch.arange(4), 1)
    tensor([3, 0, 1, 2])
    """
    axes = tuple(dims) if isinstance(dims, list) else dims
    back = tuple([-s for s in shifts]) if isinstance(shifts, tuple | list) else -shifts
    y = np.roll(input.array, shifts, axes)
    return record(y, (input,), lambda dy: np.roll(dy, back, axes), name="roll")
