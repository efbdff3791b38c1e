"""Loss: what all losses share, and those of numbers, how far an output is from a target."""

from scratchml.nn import functional as F
from scratchml.nn.functional.reduction import reduction_of
from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor


class Loss(Module):
    """What losses of an input and a target share."""

    def __init__(
        self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.reduction = reduction_of(self._get_name(), reduction, size_average, reduce)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compute the loss.

        Parameters
        ----------
        input : Tensor
            The output of a network.
        target : Tensor
            What it should have been.
        """
        raise NotImplementedError


class MSELoss(Loss):
    """The mean of the squares of the differences.

    Parameters
    ----------
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.mse_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.MSELoss()(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    2.0
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """The mean of the absolute differences.

    Parameters
    ----------
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.l1_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.L1Loss()(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    1.0
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """The absolute difference, with half a square divided by `beta` near zero.

    Parameters
    ----------
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.
    beta : float
        Where the square goes over into the straight line.

    See Also
    --------
    scratchml.nn.functional.smooth_l1_loss : The function.

    Notes
    -----
    Source: R. Girshick, "Fast R-CNN", ICCV 2015, eq. 3.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.SmoothL1Loss()(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    0.75
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """Half the square of the difference, going over into a straight line at `delta`.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.
    delta : float
        Where the square goes over into the straight line.

    See Also
    --------
    scratchml.nn.functional.huber_loss : The function.

    Notes
    -----
    Source: P. J. Huber, "Robust estimation of a location parameter", 1964.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.HuberLoss()(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0])).item()
    0.75
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)
