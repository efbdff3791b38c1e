"""Negative log-likelihoods of normal and Poisson distributions, as functions of tensors."""

import math

import numpy as np

from scratchml.nn.functional.reduction import reduced, reduction_of
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of (log(var) + (input - target)^2 / var) / 2.

    Parameters
    ----------
    input : Tensor
        Means, of any shape.
    target : Tensor
        What was seen, of the same shape.
    var : Tensor or float
        Variances: of the input's shape, or without its last axis, or with length 1 there.
    full : bool
        Whether log(2 pi) / 2 is added.
    eps : float
        Variances are taken to be no less; the slope does not see this.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    ValueError
        If shapes do not fit, a variance is negative or an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.gaussian_nll_loss(torch.tensor([1.0]), torch.tensor([3.0]), torch.tensor([1.0])).item()
    2.0
    """
    name = "gaussian_nll_loss"
    reduction = reduction_of(name, reduction)
    variance = _variances(name, input, var)
    values = variance.detach()
    variance = variance + (values.clamp(min=eps) - values)
    losses = 0.5 * (variance.log() + (input - target) ** 2 / variance)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(losses, reduction)


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of exp(input) - target input, or of input - target log(input + eps).

    Parameters
    ----------
    input : Tensor
        Logarithms of expected counts, or the counts; of any shape.
    target : Tensor
        Counts that were seen, of the same shape.
    log_input : bool
        Whether the input is logarithms.
    full : bool
        Whether Stirling's approximation of log(target!) is added where the target exceeds 1.
    size_average : bool, optional
        Older spellings of `reduction`.
    eps : float
        Added to the input before its logarithm is taken.
    reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.poisson_nll_loss(torch.tensor([0.0]), torch.tensor([2.0])).item()
    1.0
    """
    reduction = reduction_of("poisson_nll_loss", reduction, size_average, reduce)
    if log_input:
        losses = input.exp() - target * input
    else:
        losses = input - target * (input + eps).log()
    if full:
        large = target.masked_fill(target <= 1, 1.0)
        stirling = large * large.log() - large + 0.5 * (2 * math.pi * large).log()
        losses = losses + stirling.masked_fill(target <= 1, 0.0)
    return reduced(losses, reduction)


def _variances(name: str, input: Tensor, var: Tensor | float) -> Tensor:
    """Return variances in a shape that broadcasts to the input's."""
    shape = input.array.shape
    if not isinstance(var, Tensor):
        filled: Tensor = constant(np.full(shape, var, input.array.dtype))
        var = filled
    if (var.array < 0).any():
        raise ValueError(f"{name}: var must not be negative, got {var.array.min()}")
    own = var.array.shape
    if own == shape or (own and own == (*shape[:-1], 1)):
        return var
    if own != shape[:-1]:
        raise ValueError(
            f"{name}: var must have the input's shape {shape}, or that without the last axis, "
            f"got {own}"
        )
    return var.unsqueeze(-1)
