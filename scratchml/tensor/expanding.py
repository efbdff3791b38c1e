"""Views that repeat values without copying them.

The gradient of a value is the sum of the gradients of its repetitions (`operands.fold`).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import fold
from scratchml.tensor.shaping import reshape
from scratchml.tensor.views import viewed

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


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


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple["Tensor", ...]:
    """Return the coordinates of all points of a grid.

    Parameters
    ----------
    *tensors : Tensor, shape (n,)
        The coordinates along each axis, as arguments or as one sequence.
    indexing : {"ij", "xy"}
        Whether the first tensor goes along the first axis or along the second.

    Returns
    -------
    tuple of Tensor
        Views of the shape of the grid.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> rows, columns = torch.meshgrid(torch.arange(2), torch.arange(3))
    >>> columns
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    if indexing not in ("ij", "xy"):
        raise ValueError(f"indexing must be 'ij' or 'xy', got {indexing!r}")
    axes = list(
        tensors[0] if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else tensors
    )
    swapped = indexing == "xy" and len(axes) > 1
    if swapped:
        axes[:2] = axes[1], axes[0]
    shape = tuple([t.numel() for t in axes])
    grids = [
        expand(reshape(t, *(1,) * i, -1, *(1,) * (len(axes) - 1 - i)), shape)
        for i, t in enumerate(axes)
    ]
    if swapped:
        grids[:2] = grids[1], grids[0]
    return tuple(grids)
