"""Negative log-likelihoods of counts and of numbers with a variance, as layers."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.functional.reduction import reduction_of
from scratchml.nn.modules.loss import Loss
from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor


class PoissonNLLLoss(Loss):
    """The negative log-likelihood of counts under a Poisson distribution.

    Parameters
    ----------
    log_input : bool
        Whether the input is the logarithm of the rate, not the rate.
    full : bool
        Whether the logarithm of target! is added, by Stirling's formula.
    size_average : bool, optional
        Out of use: see `reduction`.
    eps : float
        Added to the rate before its logarithm is taken.
    reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.poisson_nll_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.PoissonNLLLoss()(torch.tensor([0.0]), torch.tensor([2.0])).item()
    1.0
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        """Compute the loss.

        Parameters
        ----------
        log_input : Tensor
            The logarithm of the rate, or the rate.
        target : Tensor
            The counts.
        """
        return F.poisson_nll_loss(
            log_input,
            target,
            log_input=self.log_input,
            full=self.full,
            eps=self.eps,
            reduction=self.reduction,
        )


class GaussianNLLLoss(Module):
    """The negative log-likelihood of numbers under normal distributions.

    Parameters
    ----------
    full : bool
        Whether the constant log(2 pi) / 2 is added.
    eps : float
        The least variance.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.gaussian_nll_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> one = torch.tensor([1.0])
    >>> nn.GaussianNLLLoss()(torch.tensor([3.0]), one, one).item()
    2.0
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__()
        self.full = full
        self.eps = eps
        self.reduction = reduction_of("GaussianNLLLoss", reduction)

    def forward(self, input: Tensor, target: Tensor, var: Any) -> Tensor:
        """Compute the loss.

        Parameters
        ----------
        input : Tensor
            The means.
        target : Tensor
            The numbers.
        var : Tensor or float
            The variances.
        """
        return F.gaussian_nll_loss(
            input, target, var, full=self.full, eps=self.eps, reduction=self.reduction
        )
