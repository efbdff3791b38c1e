"""The loss of labellings without times."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.functional.reduction import reduction_of
from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor


class CTCLoss(Module):
    """Minus the logarithm of a labelling's probability, whenever its labels come.

    Parameters
    ----------
    blank : int
        The class that stands for no label.
    reduction : {"mean", "sum", "none"}
        "mean" divides each loss by the number of its labels, then takes the mean of the batch.
    zero_infinity : bool
        Whether an infinite loss, of a labelling too long for its input, and its gradient are zero.

    See Also
    --------
    scratchml.nn.functional.ctc_loss : The function, its shapes and errors.

    Notes
    -----
    Source: A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist temporal
    classification: labelling unsegmented sequence data with recurrent neural networks", ICML 2006.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> _ = torch.manual_seed(0)
    >>> log_probs = torch.randn(50, 16, 20).log_softmax(2)  # times, batch, classes
    >>> targets = torch.randint(1, 20, (16, 30))  # 0 is the blank
    >>> input_lengths = torch.full((16,), 50)
    >>> target_lengths = torch.randint(10, 31, (16,))
    >>> nn.CTCLoss()(log_probs, targets, input_lengths, target_lengths).shape
    ()
    """

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__()
        self.reduction = reduction_of("CTCLoss", reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        """Compute the loss.

        Parameters
        ----------
        log_probs : Tensor of shape (T, N, C) or (T, C)
            Logarithms of probabilities, from `log_softmax`.
        targets : Tensor of shape (N, S) or (sum(target_lengths),)
            Labels.
        input_lengths, target_lengths : Tensor of shape (N,) or tuple of int
            How many times and labels each sequence has.
        """
        return F.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )
