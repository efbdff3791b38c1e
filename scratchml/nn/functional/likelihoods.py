"""Losses of probabilities, as functions of tensors: see `scratchml.nn.ops.likelihood`."""

import warnings

from scratchml.nn.functional.reduction import reduction_of, weight_of
from scratchml.nn.functional.regression import paired
from scratchml.nn.ops.likelihood import (
    binary_cross_entropy_backward,
    binary_cross_entropy_forward,
    kl_div_backward,
    kl_div_forward,
    logits_loss_backward,
    logits_loss_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import array_of
from scratchml.tensor.tape import apply


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of -(target log(input) + (1 - target) log(1 - input)).

    Logarithms are taken to be no less than -100, so that the loss stays finite. Where the input was
    a sigmoid, `binary_cross_entropy_with_logits` is more exact.

    Parameters
    ----------
    input : Tensor
        Probabilities in [0, 1], of any shape.
    target : Tensor
        Probabilities, most often 0 or 1, of the same shape.
    weight : Tensor, optional
        Weights of the elements, that broadcast to the input's shape.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.

    Returns
    -------
    Tensor of shape () or the input's
        The loss.

    Raises
    ------
    ValueError
        If shapes differ, or an input is not in [0, 1].
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> loss = F.binary_cross_entropy(torch.tensor([0.5, 1.0]), torch.tensor([1.0, 1.0]))
    >>> round(loss.item(), 4)
    0.3466
    """
    name = "binary_cross_entropy"
    reduction = reduction_of(name, reduction, size_average, reduce)
    input, target = _equal(name, input, target)
    x = input.array
    if x.size and not (x.min() >= 0 and x.max() <= 1):
        bad = x[~((x >= 0) & (x <= 1))][0]
        raise ValueError(f"{name}: input must be probabilities in [0, 1], got {bad}")
    result: Tensor = apply(
        binary_cross_entropy_forward,
        binary_cross_entropy_backward,
        (input, target),
        weight_of(name, input, weight),
        reduction,
    )
    return result


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Return `binary_cross_entropy` of the sigmoid of the input, computed without loss of digits.

    Parameters
    ----------
    input : Tensor
        Logits, of any shape.
    target : Tensor
        Probabilities, most often 0 or 1, of the same shape.
    weight : Tensor, optional
        Weights of the elements, that broadcast to the input's shape.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the elements.
    pos_weight : Tensor, optional
        Weights of the targets' part, that broadcast to the input's shape: above 1 they raise
        recall, below 1 precision.

    Returns
    -------
    Tensor of shape () or the input's
        The loss.

    Raises
    ------
    ValueError
        If shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> loss = F.binary_cross_entropy_with_logits(torch.tensor([0.0]), torch.tensor([1.0]))
    >>> round(loss.item(), 4)
    0.6931
    """
    name = "binary_cross_entropy_with_logits"
    reduction = reduction_of(name, reduction, size_average, reduce)
    input, target = _equal(name, input, target)
    result: Tensor = apply(
        logits_loss_forward,
        logits_loss_backward,
        (input, target),
        weight_of(name, input, weight),
        weight_of(name, input, pos_weight, "pos_weight"),
        reduction,
    )
    return result


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Return the Kullback-Leibler divergence of the input from the target.

    It is the sum of target (log(target) - input), the input being logarithms of probabilities.

    Parameters
    ----------
    input : Tensor
        Log-probabilities, of any shape.
    target : Tensor
        Probabilities, of the same shape.
    size_average, reduce : bool, optional
        Older spellings of `reduction`.
    reduction : {"mean", "batchmean", "sum", "none"}
        "batchmean" divides the sum by the length of the first axis, which gives the divergence of
        distributions; "mean" divides by the number of elements.
    log_target : bool
        Whether the target too is given as log-probabilities.

    Returns
    -------
    Tensor of shape () or the input's
        The loss.

    Raises
    ------
    ValueError
        If shapes do not fit, or an option is out of range.
    TypeError
        If the input is not of floats.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> p = torch.tensor([[0.5, 0.5]])
    >>> F.kl_div(p.log(), p, reduction="batchmean").item()
    0.0
    """
    count = None
    if reduction == "batchmean":
        count, reduction = (len(x) if (x := array_of("kl_div", input)).ndim else 1), "mean"
    else:
        reduction = reduction_of("kl_div", reduction, size_average, reduce)
        if reduction == "mean":
            warnings.warn(
                "kl_div: reduction 'mean' divides by the number of elements; 'batchmean' gives the "
                "divergence",
                stacklevel=2,
            )
    input, target = paired("kl_div", input, target)
    result: Tensor = apply(
        kl_div_forward, kl_div_backward, (input, target), log_target, reduction, count
    )
    return result


def _equal(name: str, input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    x, t = array_of(name, input), array_of(name, target)
    if x.shape != t.shape:
        raise ValueError(
            f"{name}: input and target must have one shape, got {x.shape} and {t.shape}"
        )
    return paired(name, input, target)
