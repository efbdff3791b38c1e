"""Losses of numbers, as functions of tensors: see `scratchml.nn.ops.loss`."""

import warnings

import numpy as np

from scratchml.nn.functional.reduction import reduction_of, weight_of
from scratchml.nn.ops.loss import (
    difference_backward,
    huber_loss_forward,
    l1_loss_forward,
    mse_loss_forward,
    smooth_l1_loss_forward,
)
from scratchml.tensor.conversion import cast
from scratchml.tensor.core import Tensor
from scratchml.tensor.dtypes import promote_types
from scratchml.tensor.expanding import broadcast_to
from scratchml.tensor.operands import need_kind
from scratchml.tensor.tape import apply, no_tensor


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the mean of (input - target)^2.

    Parameters
    ----------
    input : Tensor
        Outputs, of any shape.
    target : Tensor
        What they should be, of the same shape; shapes that broadcast are taken, with a warning.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.
    weight : Tensor, optional
        A weight for each element, of the input's shape; "mean" divides by their sum.

    Returns
    -------
    Tensor of shape () or the input's
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.mse_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    2.0
    """
    reduction = reduction_of("mse_loss", reduction, size_average, reduce)
    input, target = paired("mse_loss", input, target)
    w = weight_of("mse_loss", input, weight)
    result: Tensor = apply(mse_loss_forward, difference_backward, (input, target), reduction, w)
    return result


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the mean of |input - target|.

    Parameters
    ----------
    input : Tensor
        Outputs, of any shape.
    target : Tensor
        What they should be, of the same shape; shapes that broadcast are taken, with a warning.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.
    weight : Tensor, optional
        A weight for each element, of the input's shape; "mean" divides by their sum.

    Returns
    -------
    Tensor of shape () or the input's
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.l1_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    1.0
    """
    reduction = reduction_of("l1_loss", reduction, size_average, reduce)
    input, target = paired("l1_loss", input, target)
    w = weight_of("l1_loss", input, weight)
    result: Tensor = apply(l1_loss_forward, difference_backward, (input, target), reduction, w)
    return result


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Return the mean of |d|, with half a square in place of its tip; d = input - target.

    Parameters
    ----------
    input : Tensor
        Outputs, of any shape.
    target : Tensor
        What they should be, of the same shape; shapes that broadcast are taken, with a warning.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.
    beta : float
        The loss is d^2 / (2 beta) below, |d| - beta / 2 above; 0 is `l1_loss`.

    Returns
    -------
    Tensor of shape () or the input's
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.smooth_l1_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    0.75
    """
    reduction = reduction_of("smooth_l1_loss", reduction, size_average, reduce)
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, got {beta}")
    input, target = paired("smooth_l1_loss", input, target)
    result: Tensor = apply(
        smooth_l1_loss_forward, difference_backward, (input, target), reduction, beta
    )
    return result


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Return the mean of d^2 / 2, with straight lines farther out; d = input - target.

    Parameters
    ----------
    input : Tensor
        Outputs, of any shape.
    target : Tensor
        What they should be, of the same shape; shapes that broadcast are taken, with a warning.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.
    delta : float
        Where the lines begin, positive: the loss is delta (|d| - delta / 2) above.
    weight : Tensor, optional
        A weight for each element, of the input's shape; "mean" divides by the number of elements.

    Returns
    -------
    Tensor of shape () or the input's
        The loss.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.huber_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    0.75
    """
    reduction = reduction_of("huber_loss", reduction)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be positive, got {delta}")
    input, target = paired("huber_loss", input, target)
    w = weight_of("huber_loss", input, weight)
    result: Tensor = apply(
        huber_loss_forward, difference_backward, (input, target), reduction, delta, w
    )
    return result


def paired(name: str, input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return input and target in one shape and one type of floats.

    Raises
    ------
    ValueError
        If their shapes do not broadcast.
    TypeError
        If one of them is not of floats.
    """
    try:
        x, t = input.array, target.array
    except AttributeError:
        raise no_tensor(name, (input, target)) from None
    if x.shape != t.shape:
        try:
            shape = np.broadcast_shapes(x.shape, t.shape)
        except ValueError as error:
            raise ValueError(
                f"{name}: input and target must have one shape, got {x.shape} and {t.shape}"
            ) from error
        warnings.warn(
            f"{name}: input and target should have one shape, got {x.shape} and {t.shape}, which "
            f"broadcast to {shape}: is that what you mean?",
            stacklevel=3,
        )
        input, target = broadcast_to(input, shape), broadcast_to(target, shape)
    if x.dtype is not t.dtype:
        both = promote_types(x.dtype, t.dtype)
        input, target = cast(input, both), cast(target, both)
    if input.array.dtype.kind != "f":
        need_kind(x, "f", f"{name}: input")
    return input, target
