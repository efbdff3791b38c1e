"""Losses of order and of distance, as layers: how far apart things are to be."""

from scratchml.nn import functional as F
from scratchml.nn.functional.reduction import reduction_of
from scratchml.nn.modules.loss import Loss
from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor


class SoftMarginLoss(Loss):
    """The logarithm of 1 + exp(-t x), for targets t of 1 and -1.

    Parameters
    ----------
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.soft_margin_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.SoftMarginLoss()(torch.tensor([0.0]), torch.tensor([1.0])).item(), 4)
    0.6931
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class HingeEmbeddingLoss(Loss):
    """The input, a distance, where the target is 1; what it lacks of a margin where it is -1.

    Parameters
    ----------
    margin : float
        How large distances are to be where the target is -1.
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.hinge_embedding_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> loss = nn.HingeEmbeddingLoss(reduction="none")
    >>> loss(torch.tensor([0.5, 0.25]), torch.tensor([1.0, -1.0])).tolist()
    [0.5, 0.75]
    """

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class PairLoss(Module):
    """What losses of two inputs share."""

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self.margin = margin
        self.reduction = reduction_of(self._get_name(), reduction, size_average, reduce)

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """Compute the loss.

        Parameters
        ----------
        input1, input2 : Tensor
            What is compared.
        target : Tensor
            1 and -1.
        """
        raise NotImplementedError


class MarginRankingLoss(PairLoss):
    """What the first input lacks of being larger (1), or smaller (-1), than the second.

    Parameters
    ----------
    margin : float
        By how much it is to be larger or smaller.
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.margin_ranking_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> one = torch.tensor([1.0])
    >>> nn.MarginRankingLoss(margin=0.5)(one, torch.tensor([3.0]), one).item()
    2.5
    """

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.margin_ranking_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction
        )


class CosineEmbeddingLoss(PairLoss):
    """1 - cos where vectors belong together (1), what cos exceeds a margin by where not (-1).

    Parameters
    ----------
    margin : float
        How large the cosine may be where the target is -1.
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single pairs.

    See Also
    --------
    scratchml.nn.functional.cosine_embedding_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> a, b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> round(nn.CosineEmbeddingLoss()(a, b, torch.tensor([1.0])).item(), 4)
    1.0
    """

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.cosine_embedding_loss(
            input1, input2, target, margin=self.margin, reduction=self.reduction
        )


class TripletMarginLoss(Module):
    """What the distance to a negative lacks of that to a positive and a margin.

    Parameters
    ----------
    margin : float
        How much farther the negative is to be.
    p : float
        The p of the p-norm.
    eps : float
        Added to differences, so that the norm has a gradient.
    swap : bool
        Whether the distance from positive to negative counts if it is smaller.
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single triplets.

    See Also
    --------
    scratchml.nn.functional.triplet_margin_loss : The function.

    Notes
    -----
    Source: V. Balntas, E. Riba, D. Ponsa, K. Mikolajczyk, "Learning local feature descriptors with
    triplets and shallow convolutional neural networks", BMVC 2016.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> a, b = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]])
    >>> round(nn.TripletMarginLoss()(a, b, a).item(), 4)
    6.0
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap
        self.reduction = reduction_of("TripletMarginLoss", reduction, size_average, reduce)

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """Compute the loss.

        Parameters
        ----------
        anchor, positive, negative : Tensor of shape (N, D)
            What is compared, what belongs to it, and what does not.
        """
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            margin=self.margin,
            p=self.p,
            eps=self.eps,
            swap=self.swap,
            reduction=self.reduction,
        )
