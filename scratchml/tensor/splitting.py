"""Views of parts of tensors along an axis."""

from typing import TYPE_CHECKING, Any

from scratchml.tensor.operands import axis_of

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def split(tensor: "Tensor", split_size_or_sections: Any, dim: int = 0) -> tuple["Tensor", ...]:
    """Return views of parts along an axis.

    Parameters
    ----------
    tensor : Tensor
        The values.
    split_size_or_sections : int or list of int
        The length of each part but perhaps the last; or all lengths.
    dim : int
        The axis.

    Returns
    -------
    tuple of Tensor
        The parts.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.split(torch.arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    axis = axis_of(dim, tensor.ndim)
    n = tensor.shape[axis]
    sizes = split_size_or_sections
    if isinstance(sizes, int):
        if sizes <= 0:
            raise ValueError(f"split: the length of parts must be positive, got {sizes}")
        sizes = [min(sizes, n - start) for start in range(0, max(n, 1), sizes)]
    elif sum(sizes) != n:
        raise ValueError(f"split: lengths {list(sizes)} must sum to {n}, the length of axis {dim}")
    parts, start = [], 0
    for size in sizes:
        parts.append(narrow(tensor, axis, start, size))
        start += size
    return tuple(parts)


def chunk(input: "Tensor", chunks: int, dim: int = 0) -> tuple["Tensor", ...]:
    """Return views of a number of parts along an axis, of one length but perhaps the last.

    Parameters
    ----------
    input : Tensor
        The values.
    chunks : int
        How many; fewer if the axis is too short.
    dim : int
        The axis.

    Returns
    -------
    tuple of Tensor
        The parts.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.chunk(torch.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    if chunks <= 0:
        raise ValueError(f"chunks must be positive, got {chunks}")
    n = input.shape[axis_of(dim, input.ndim)]
    return split(input, max(1, -(-n // chunks)), dim)


def unbind(input: "Tensor", dim: int = 0) -> tuple["Tensor", ...]:
    """Return views of all slices along an axis, without the axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.

    Returns
    -------
    tuple of Tensor
        The slices.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.unbind(torch.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    axis = axis_of(dim, input.ndim)
    before = (slice(None),) * axis
    return tuple([input[(*before, i)] for i in range(input.shape[axis])])


def narrow(input: "Tensor", dim: int, start: int, length: int) -> "Tensor":
    """Return a view of a part along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    start, length : int
        Where the part begins, and how long it is.

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.narrow(torch.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
    axis = axis_of(dim, input.ndim)
    n = input.shape[axis]
    first = start + n if start < 0 else start
    if length < 0 or not 0 <= first <= n - length:
        raise IndexError(f"narrow: start {start} and length {length} go beyond {n}, axis {dim}")
    part: Tensor = input[(*(slice(None),) * axis, slice(first, first + length))]
    return part


def select(input: "Tensor", dim: int, index: int) -> "Tensor":
    """Return a view of one slice along an axis, without the axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : int
        Which slice.

    Returns
    -------
    Tensor
        A view.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.select(torch.tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])
    """
    part: Tensor = input[(*(slice(None),) * axis_of(dim, input.ndim), index)]
    return part
