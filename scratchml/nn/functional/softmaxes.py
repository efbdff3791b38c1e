"""Softmax and its relatives as functions of tensors."""

import warnings
from typing import Any

from scratchml.nn.ops.softmax import (
    log_softmax_backward,
    log_softmax_forward,
    softmax_backward,
    softmax_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import array_of, axis_of, need_kind
from scratchml.tensor.tape import apply


def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """Return exp(input) divided by its sum along `dim`.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    dim : int
        The axis of the sums; None, with a warning, for the first axis of tensors of 0, 1 or 3
        axes and the second of others.
    _stacklevel : int
        How far up the warning points that a missing `dim` brings.
    dtype : dtype, optional
        What the input is converted to first.

    Returns
    -------
    Tensor
        Of the same shape: numbers in [0, 1] that add up to 1 along `dim`.

    Raises
    ------
    IndexError
        If there is no axis `dim`.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.functional import softmax
    >>> softmax(torch.tensor([[0.0, 0.0]]), dim=1)
    tensor([[0.5000, 0.5000]])
    """
    input, axis = _prepared("softmax", input, dim, _stacklevel, dtype)
    result: Tensor = apply(softmax_forward, softmax_backward, (input,), axis, saves="output")
    return result


def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """Return the logarithm of `softmax`, without the loss of taking it afterwards.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    dim : int
        The axis of the sums: see `softmax`.
    _stacklevel : int
        How far up the warning points that a missing `dim` brings.
    dtype : dtype, optional
        What the input is converted to first.

    Returns
    -------
    Tensor
        Of the same shape: numbers <= 0.

    Raises
    ------
    IndexError
        If there is no axis `dim`.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.functional import log_softmax
    >>> log_softmax(torch.tensor([[0.0, 1000.0]]), dim=1)
    tensor([[-1000.,     0.]])
    """
    input, axis = _prepared("log_softmax", input, dim, _stacklevel, dtype)
    result: Tensor = apply(
        log_softmax_forward, log_softmax_backward, (input,), axis, saves="output"
    )
    return result


def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """Return the softmax of -input.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    dim : int
        The axis of the sums: see `softmax`.
    _stacklevel : int
        How far up the warning points that a missing `dim` brings.
    dtype : dtype, optional
        What the input is converted to first.

    Returns
    -------
    Tensor
        Of the same shape: numbers in [0, 1] that add up to 1 along `dim`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.functional import softmin
    >>> softmin(torch.tensor([3.0, 3.0]), dim=0).tolist()
    [0.5, 0.5]
    """
    return softmax(-input, dim, _stacklevel + 1, dtype)


def _prepared(
    name: str, input: Tensor, dim: int | None, stacklevel: int, dtype: Any
) -> tuple[Tensor, int]:
    if dtype is not None:
        input = input.to(dtype)
    x = array_of(name, input)
    if x.dtype.kind != "f":
        need_kind(x, "f", name)
    if dim is None:
        dim = 0 if x.ndim in (0, 1, 3) else 1
        warnings.warn(
            f"{name}: dim was chosen to be {dim} for an input of {x.ndim} axes; give dim=",
            stacklevel=stacklevel,
        )
    return input, axis_of(dim, x.ndim, f"{name}: dim")
