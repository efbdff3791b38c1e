"""Tensors of evenly spaced numbers, and the identity."""

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.creation import finish
from scratchml.tensor.dtypes import as_dtype, get_default_dtype
from scratchml.tensor.tape import Taped

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return start, start + step, ... as long as they are before end.

    Parameters
    ----------
    start : number
        The first value; the end, after a start of 0, where it is the only argument.
    end : number
        What is not reached.
    step : number
        The distance of neighbours, not 0.
    dtype : dtype, optional
        int64 if all numbers are integers, otherwise float32.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of shape (ceil((end - start) / step),).

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.arange(5)
    tensor([0, 1, 2, 3, 4])
    >>> torch.arange(1, 2, 0.25)
    tensor([1.0000, 1.2500, 1.5000, 1.7500])
    """
    numbers = [x.item() if isinstance(x, Taped) else x for x in (start, end, step)]  # type: ignore[attr-defined]
    if numbers[1] is None:
        numbers[:2] = 0, numbers[0]
    first, last, by = numbers
    if by == 0 or (last - first) * by < 0:
        raise ValueError(f"step must lead from start to end, got {first}, {last}, {by}")
    if dtype is None:
        whole = all(isinstance(x, int | np.integer) for x in numbers)
        dtype = np.dtype(np.int64) if whole else get_default_dtype()
    n = ceil((last - first) / by)
    values = first + by * np.arange(n)
    return finish(values.astype(as_dtype(dtype)), device, requires_grad)


def linspace(
    start: float,
    end: float,
    steps: int,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return evenly spaced numbers, both ends included.

    Parameters
    ----------
    start, end : number
        The first and the last.
    steps : int
        How many.
    dtype : dtype, optional
        float32 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of shape (steps,).

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    return finish(np.linspace(start, end, steps).astype(kind), device, requires_grad)


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> "Tensor":
    """Return powers with evenly spaced exponents, both ends included.

    Parameters
    ----------
    start, end : number
        The first and the last exponent.
    steps : int
        How many.
    base : float
        What is raised.
    dtype : dtype, optional
        float32 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of shape (steps,).

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    values = np.logspace(start, end, steps, base=base)
    return finish(values.astype(kind), device, requires_grad)


def eye(
    n: int, m: int | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> "Tensor":
    """Return the identity matrix.

    Parameters
    ----------
    n, m : int
        Rows and columns, as many as rows unless given.
    dtype : dtype, optional
        float32 unless given.
    device : str or device, optional
        "cpu".
    requires_grad : bool
        Whether gradients are computed for it.

    Returns
    -------
    Tensor
        Of shape (n, m).

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    kind = get_default_dtype() if dtype is None else as_dtype(dtype)
    return finish(np.eye(n, m, dtype=kind), device, requires_grad)
