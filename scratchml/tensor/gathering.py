"""Values picked by tensors of indices, and put back by them.

    gather         y[i, j] = x[index[i, j], j]           along dim 0
    scatter_add    x[index[i, j], j] += src[i, j]        along dim 0

Each is the derivative of the other. A value that is picked more than once has the sum of the
gradients of its copies.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import axis_of, broadcast_message
from scratchml.tensor.tape import Taped, constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def gather(input: "Tensor", dim: int, index: "Tensor") -> "Tensor":
    """Return the values at indices along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : Tensor of int64
        For each result its index along the axis; the other axes may be shorter than those of
        `input`.

    Returns
    -------
    Tensor
        Of the shape of `index`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> scores = torch.tensor([[0.1, 0.9], [0.8, 0.2]])
    >>> torch.gather(scores, 1, torch.tensor([[1], [0]]))
    tensor([[0.9000],
            [0.8000]])
    """
    x = input.array
    where = _places("gather", x.shape, index, dim)

    def gather_backward(dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(x.shape, x.dtype)
        np.add.at(dx, where, dy)
        return dx

    return record(x[where], (input,), gather_backward)


def _places(name: str, shape: tuple, index: Any, dim: int) -> tuple:
    """Return NumPy's index of the values x[..., index[...], ...] along an axis."""
    i = index.array if isinstance(index, Taped) else index
    axis = axis_of(dim, len(shape))
    if i.dtype.kind not in "iu":
        raise TypeError(f"{name}: index must hold integers, got {i.dtype}")
    if i.ndim != len(shape) or any(
        i.shape[k] > n for k, n in enumerate(shape) if k != axis and i.size
    ):
        raise ValueError(
            f"{name}: index of shape {i.shape} and values of shape {shape} must have as many axes, "
            f"and but for axis {dim} the index may not be longer"
        )
    if i.size and (i.min() < 0 or i.max() >= shape[axis]):
        raise IndexError(f"{name}: index must be in [0, {shape[axis] - 1}], axis {dim}")
    where = list(np.ogrid[tuple([slice(n) for n in i.shape])])
    if where:
        where[axis] = i
    return tuple(where)


def take_along_dim(input: "Tensor", indices: "Tensor", dim: int | None = None) -> "Tensor":
    """Return the values at indices along an axis, other axes being broadcast.

    Parameters
    ----------
    input : Tensor
        The values.
    indices : Tensor of int64
        For each result its index along the axis.
    dim : int, optional
        The axis; of the flattened values unless given.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([[3.0, 1.0, 2.0]])
    >>> torch.take_along_dim(x, torch.argsort(x, 1), 1)
    tensor([[1., 2., 3.]])
    """
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    axis = axis_of(dim, input.ndim)
    x, i = list(input.shape), list(indices.shape)
    try:
        rest = np.broadcast_shapes(tuple(x[:axis] + x[axis + 1 :]), tuple(i[:axis] + i[axis + 1 :]))
    except ValueError as error:
        raise ValueError(broadcast_message("take_along_dim", input.array, indices.array)) from error
    values = input.expand(*rest[:axis], x[axis], *rest[axis:])
    return gather(values, axis, indices.expand(*rest[:axis], i[axis], *rest[axis:]))


def scatter(
    input: "Tensor", dim: int, index: "Tensor", src: Any, reduce: str | None = None
) -> "Tensor":
    """Return the values with others put to indices along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : Tensor of int64
        Where each value of `src` goes along the axis.
    src : Tensor or number
        The new values, of the shape of `index` or larger.
    reduce : {None, "add"}
        Whether they are added to those that are there.

    Returns
    -------
    Tensor
        Of the shape of `input`; where an index is named twice the last value stays, and gradients
        are those of distinct indices.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(2, 3).scatter(1, torch.tensor([[2], [0]]), 1.0)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    if reduce == "add":
        whole = src if isinstance(src, Taped) else constant(np.full(index.shape, src, input.dtype))
        return scatter_add(input, dim, index, whole)  # type: ignore[arg-type]
    if reduce is not None:
        raise ValueError(f"reduce must be None or 'add', got {reduce!r}")
    x = input.array
    where = _places("scatter", x.shape, index, dim)
    source, part = _source(src, index)
    y = x.copy()
    y[where] = part

    def scatter_backward(dy: np.ndarray) -> Any:
        dx = dy.copy()
        dx[where] = 0
        return dx, None if source is None else _padded(dy[where], source.array)

    return record(y, (input, source), scatter_backward)


def _source(src: Any, index: Any) -> tuple[Any, Any]:
    """Return the tensor that values come from, if they do, and the part of it that is used."""
    if not isinstance(src, Taped):
        return None, src
    x, shape = src.array, index.array.shape
    if x.ndim != len(shape) or any(n > m for n, m in zip(shape, x.shape, strict=True)):
        raise ValueError(f"src of shape {x.shape} must not be smaller than index of shape {shape}")
    return src, x[tuple([slice(n) for n in shape])]


def _padded(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return a gradient with zeros for the values of `x` that were not used."""
    if dy.shape == x.shape:
        return dy
    dx = np.zeros(x.shape, x.dtype)
    dx[tuple([slice(n) for n in dy.shape])] = dy
    return dx


def scatter_add(input: "Tensor", dim: int, index: "Tensor", src: "Tensor") -> "Tensor":
    """Return the values with others added at indices along an axis.

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int
        The axis.
    index : Tensor of int64
        Where each value of `src` is added along the axis.
    src : Tensor
        What is added, of the shape of `index` or larger.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.zeros(3).scatter_add(0, torch.tensor([0, 2, 2]), torch.ones(3))
    tensor([1., 0., 2.])
    """
    x = input.array
    where = _places("scatter_add", x.shape, index, dim)
    source, part = _source(src, index)
    y = x.copy()
    np.add.at(y, where, part)
    return record(
        y, (input, source), lambda dy: (dy, _padded(dy[where], source.array)), name="scatter_add"
    )
