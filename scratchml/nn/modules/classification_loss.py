"""Losses of classification and of probabilities."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.loss import Loss
from scratchml.tensor.core import Tensor


class CrossEntropyLoss(Loss):
    """The negative logarithm of the softmax of logits, at the right classes.

    The input holds logits, of shape (N, C) or (N, C, ...); the target holds labels, of shape (N,
    ...), or probabilities, of the shape of the input.

    Parameters
    ----------
    weight : Tensor of shape (C,), optional
        A weight for each class.
    size_average : bool, optional
        Out of use: see `reduction`.
    ignore_index : int
        Places with this label count for nothing.
    reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.
    label_smoothing : float
        In [0, 1]: the part of the target that is spread evenly over the classes.

    See Also
    --------
    scratchml.nn.functional.cross_entropy : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> loss = nn.CrossEntropyLoss()(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([0]))
    >>> round(loss.item(), 4)
    0.1698
    """

    weight: Any

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(Loss):
    """The negative of log-probabilities, at the right classes.

    The input holds log-probabilities, of shape (N, C) or (N, C, ...), the target labels, of shape
    (N, ...).

    Parameters
    ----------
    weight : Tensor of shape (C,), optional
        A weight for each class.
    size_average : bool, optional
        Out of use: see `reduction`.
    ignore_index : int
        Places with this label count for nothing.
    reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.nll_loss : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.NLLLoss()(torch.tensor([[-0.5, -1.0]]), torch.tensor([1])).item()
    1.0
    """

    weight: Any

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.nll_loss(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class BCELoss(Loss):
    """Cross-entropy of probabilities of yes and no.

    Parameters
    ----------
    weight : Tensor, optional
        A weight for each place; broadcast.
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.

    See Also
    --------
    scratchml.nn.functional.binary_cross_entropy : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.BCELoss()(torch.tensor([0.5]), torch.tensor([1.0])).item(), 4)
    0.6931
    """

    weight: Any

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """Cross-entropy of yes and no, from logits.

    Parameters
    ----------
    weight : Tensor, optional
        A weight for each place; broadcast.
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "sum", "none"}
        What is made of the losses of the single places.
    pos_weight : Tensor, optional
        A weight for positive targets; broadcast.

    See Also
    --------
    scratchml.nn.functional.binary_cross_entropy_with_logits : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.BCEWithLogitsLoss()(torch.tensor([0.0]), torch.tensor([1.0])).item(), 4)
    0.6931
    """

    weight: Any
    pos_weight: Any

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(
            input, target, weight=self.weight, pos_weight=self.pos_weight, reduction=self.reduction
        )


class KLDivLoss(Loss):
    """The Kullback-Leibler divergence: target (log(target) - input), for log-probabilities.

    Parameters
    ----------
    size_average, reduce : bool, optional
        Out of use: see `reduction`.
    reduction : {"mean", "batchmean", "sum", "none"}
        What is made of the single places; "batchmean" divides by the number of samples only, as
        the definition does.
    log_target : bool
        Whether the target, too, is given as logarithms.

    See Also
    --------
    scratchml.nn.functional.kl_div : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.KLDivLoss(reduction="sum")(torch.tensor([0.0]), torch.tensor([1.0])).item()
    0.0
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        batchmean = reduction == "batchmean" and size_average is None and reduce is None
        super().__init__(size_average, reduce, "mean" if batchmean else reduction)
        if batchmean:
            self.reduction = reduction
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)
