"""Tensors put together and taken apart, repeated, turned round and cut to triangles."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axes_of, axis_of, same_types
from scratchml.tensor.shaping import reshape
from scratchml.tensor.tape import Taped, constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def cat(tensors: Sequence["Tensor"], dim: int = 0) -> "Tensor":
    """Return tensors one after the other along an axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape but for that axis.
    dim : int
        The axis.

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
    if not tensors:
        raise ValueError("cat: needs at least one tensor, got none")
    arrays = same_types(tensors)
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


def stack(tensors: Sequence["Tensor"], dim: int = 0) -> "Tensor":
    """Return tensors of one shape side by side along a new axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape.
    dim : int
        Where the new axis stands.

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
    if not tensors:
        raise ValueError("stack: needs at least one tensor, got none")
    arrays = same_types(tensors)
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


def tril(input: "Tensor", diagonal: int = 0) -> "Tensor":
    """Return the lower triangle of matrices, zeros above.

    Parameters
    ----------
    input : Tensor, shape (..., n, m)
        The matrices.
    diagonal : int
        The last diagonal that stays, counted upwards from the main one.

    Returns
    -------
    Tensor, shape (..., n, m)
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tril(torch.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    y = np.tril(input.array, diagonal)
    return record(y, (input,), lambda dy: np.tril(dy, diagonal), name="tril")


def triu(input: "Tensor", diagonal: int = 0) -> "Tensor":
    """Return the upper triangle of matrices, zeros below.

    Parameters
    ----------
    input : Tensor, shape (..., n, m)
        The matrices.
    diagonal : int
        The first diagonal that stays, counted upwards from the main one.

    Returns
    -------
    Tensor, shape (..., n, m)
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.triu(torch.ones(2, 2))
    tensor([[1., 1.],
            [0., 1.]])
    """
    y = np.triu(input.array, diagonal)
    return record(y, (input,), lambda dy: np.triu(dy, diagonal), name="triu")


def diag(input: "Tensor", diagonal: int = 0) -> "Tensor":
    """Return the matrix with a vector on its diagonal, or the diagonal of a matrix.

    Parameters
    ----------
    input : Tensor, shape (n,) or (n, m)
        A vector or a matrix.
    diagonal : int
        Which diagonal, counted upwards from the main one.

    Returns
    -------
    Tensor
        A matrix or a vector.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.diag(torch.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    x = input.array
    if x.ndim == 2:
        return _diagonal(input, diagonal)
    if x.ndim != 1:
        raise ValueError(f"diag: needs a vector or a matrix, got shape {x.shape}")
    return record(np.diag(x, diagonal), (input,), lambda dy: np.diagonal(dy, diagonal), name="diag")


def diagonal(input: "Tensor", offset: int = 0, dim1: int = 0, dim2: int = 1) -> "Tensor":
    """Return the diagonal over two axes, as a last axis.

    Parameters
    ----------
    input : Tensor
        The values.
    offset : int
        Which diagonal, counted upwards from the main one.
    dim1, dim2 : int
        The axes.

    Returns
    -------
    Tensor
        A copy.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.diagonal(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    x = input.array
    places = np.arange(x.size).reshape(x.shape).diagonal(offset, dim1, dim2)

    def diagonal_backward(dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(x.size, x.dtype)
        dx[places] = dy
        return dx.reshape(x.shape)

    return record(x.diagonal(offset, dim1, dim2).copy(), (input,), diagonal_backward)


_diagonal = diagonal  # where an argument hides the name
