"""Tensors from Python's values and from NumPy's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.devices import check_device
from scratchml.tensor.dtypes import SUPPORTED, as_dtype, get_default_dtype
from scratchml.tensor.tape import Taped, constant

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def tensor(
    data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return a copy of values as a tensor.

    Parameters
    ----------
    data : number, sequence, ndarray or Tensor
        The values.
    dtype : dtype, optional
        Their type: by default an array's own; float32 for Python floats, int64 for ints, bool.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        A leaf that shares no memory with `data`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    >>> torch.tensor([1, 2]).dtype
    dtype('int64')
    """
    return finish(values_of(data, dtype).copy(), device, requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> "Tensor":
    """Return values as a tensor, copying only where the type must change.

    Parameters
    ----------
    data : number, sequence, ndarray or Tensor
        The values.
    dtype : dtype, optional
        Their type.
    device : str or device, optional
        "cpu".

    Returns
    -------
    Tensor
        `data` itself if it is a tensor of that type.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.as_tensor([1, 2], dtype=torch.float32)
    tensor([1., 2.])
    """
    if isinstance(data, Taped):
        out: Any = data
        return out if dtype is None else out.to(dtype)
    return finish(values_of(data, dtype), device, False)


def from_numpy(ndarray: np.ndarray) -> "Tensor":
    """Return an array as a tensor in the same memory.

    Parameters
    ----------
    ndarray : ndarray
        Of a supported type.

    Returns
    -------
    Tensor
        Changes of one are changes of the other.

    Raises
    ------
    TypeError
        If it is no array, or tensors cannot hold its type.

    Examples
    --------
    >>> import numpy as np
    >>> import scratchml.tensor as torch
    >>> a = np.zeros(2)
    >>> t = torch.from_numpy(a)
    >>> a[0] = 1
    >>> t
    tensor([1., 0.], dtype=float64)
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"ndarray must be a NumPy array, got {type(ndarray).__name__}")
    as_dtype(ndarray.dtype)
    return finish(np.asarray(ndarray), None, False)


def values_of(data: Any, dtype: Any) -> np.ndarray:
    """Return values as an array of their own or the given type."""
    if isinstance(data, Taped):
        array = data.array
    elif isinstance(data, np.ndarray | np.generic):
        array = np.asarray(data)
    else:
        array = np.array(_plain(data))
        if dtype is None and array.dtype == np.float64 and not _typed(data):
            dtype = get_default_dtype()
    if dtype is not None:
        return array.astype(as_dtype(dtype), copy=False)
    if array.dtype not in SUPPORTED:
        names = ", ".join(map(str, SUPPORTED))
        raise TypeError(f"data must be of numbers, of one of the types {names}; got {array.dtype}")
    return array


def _plain(data: Any) -> Any:
    """Replace the tensors in nested sequences by their arrays."""
    if isinstance(data, Taped):
        return data.array
    if isinstance(data, list | tuple) and any(isinstance(x, list | tuple | Taped) for x in data):
        return [_plain(x) for x in data]
    return data


def _typed(data: Any) -> bool:
    """Whether the first number inside has a type of its own, being NumPy's or a tensor's."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return isinstance(data, np.generic | np.ndarray | Taped)


def finish(array: np.ndarray, device: Any, requires_grad: bool) -> Any:
    """Return a new array as a leaf."""
    check_device(device)
    out = constant(array)
    if requires_grad:
        out.requires_grad_()
    return out


def shape_of(size: Sequence[Any]) -> tuple[int, ...]:
    """Return a shape given as numbers or as one sequence of them."""
    if len(size) == 1 and isinstance(size[0], tuple | list):
        size = size[0]
    for n in size:
        if n < 0:
            raise ValueError(f"size must hold no negative lengths, got {tuple(size)}")
    return tuple([int(n) for n in size])
