"""The `reduction` argument of the losses, with PyTorch's two older spellings of it."""

import warnings
from typing import Any

import numpy as np

from scratchml.tensor.core import Tensor

REDUCTIONS = ("none", "mean", "sum")


def reduction_of(
    name: str, reduction: str, size_average: bool | None = None, reduce: bool | None = None
) -> str:
    """Return "none", "mean" or "sum".

    Parameters
    ----------
    name : str
        The loss, for the error.
    reduction : str
        What was asked for.
    size_average, reduce : bool or None
        The older spellings: reduce=False is "none", size_average=False "sum", True "mean".

    Raises
    ------
    ValueError
        If there is no such reduction.
    """
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
        warnings.warn(
            f"{name}: size_average and reduce are out of use: give reduction={reduction!r}",
            stacklevel=3,
        )
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"{name}: reduction must be one of 'none', 'mean', 'sum', got {reduction!r}"
        )
    return reduction


def reduced(losses: Tensor, reduction: str) -> Tensor:
    """Return losses that were computed with tensors as they are, or their sum or mean."""
    if reduction == "none":
        return losses
    result: Tensor = losses.mean() if reduction == "mean" else losses.sum()
    return result


def weight_of(name: str, input: Tensor, weight: Tensor | None, word: str = "weight") -> Any:
    """Return the array of a loss's weights, of the input's type, or None.

    Parameters
    ----------
    name : str
        The loss, for the error.
    input : Tensor
        What is weighted.
    weight : Tensor or None
        Weights that broadcast to the input's shape.
    word : str
        The name of the argument.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a gradient is wanted for the weights.
    """
    if weight is None:
        return None
    if weight.node is not None:
        raise ValueError(f"{name}: there is no gradient for {word}: use {word}.detach()")
    shape = input.array.shape
    try:
        fits = np.broadcast_shapes(shape, weight.array.shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{name}: {word} must broadcast to the input's shape {shape}, got {weight.array.shape}"
        )
    return weight.array.astype(input.array.dtype, copy=False)
