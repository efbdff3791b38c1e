"""ReduceLROnPlateau: a smaller learning rate when a measured value no longer improves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from scratchml._core.rules import check_parameters, integer, option, real
from scratchml.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from scratchml.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """The learning rate times `factor` when a value has not improved for a while.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    mode : {"min", "max"}
        Whether small values are good, as of a loss, or large ones, as of an accuracy.
    factor : float
        The factor, below 1.
    patience : int
        How many epochs without an improvement are let pass.
    threshold : float
        By how much a value must beat the best one to count as an improvement.
    threshold_mode : {"rel", "abs"}
        Whether the threshold is a part of the best value, or an amount.
    cooldown : int
        For how many epochs after a change no other is made.
    min_lr : float, or list of float
        The smallest rate; one for each group, or one for all.
    eps : float
        Changes that are no larger are not made.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import ReduceLROnPlateau
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0, 2.0):
    ...     scheduler.step(loss)
    ...     print(scheduler.get_last_lr())
    [1.0]
    [1.0]
    [1.0]
    [0.5]
    [0.5]
    """

    _rules: ClassVar = {
        "mode": option("min", "max"),
        "factor": real(0.0, 1.0),
        "patience": integer(0),
        "threshold": real(0.0),
        "threshold_mode": option("rel", "abs"),
        "cooldown": integer(0),
        "eps": real(0.0),
    }

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        check_optimizer(optimizer)
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        check_parameters(self._rules, vars(self), type(self).__name__)
        self.optimizer = optimizer
        self.min_lrs = per_group("min_lr", min_lr, optimizer)
        self.best = math.inf if mode == "min" else -math.inf
        self.last_epoch = self.cooldown_counter = self.num_bad_epochs = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    @property
    def in_cooldown(self) -> bool:
        """Whether a change is too recent for another one."""
        return self.cooldown_counter > 0

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Take note of an epoch's value, and change the rates if it is time to.

        Parameters
        ----------
        metrics : float or Tensor of one value
            The value; one that is not a number is no improvement.
        """
        value = float(metrics.item() if hasattr(metrics, "item") else metrics)
        self.last_epoch += 1
        if self._improves(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _improves(self, value: float) -> bool:
        sign = 1.0 if self.mode == "max" else -1.0
        if self.threshold_mode == "rel":
            limit = self.best * (1.0 + sign * self.threshold)
        else:
            limit = self.best + sign * self.threshold
        return value > limit if self.mode == "max" else value < limit

    def _reduce(self) -> None:
        for group, low in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            lr = max(group["lr"] * self.factor, low)
            if group["lr"] - lr > self.eps:
                group["lr"] = lr

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where another schedule of this class stood.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` returned, here or in PyTorch.
        """
        super().load_state_dict(state_dict)
        check_parameters(self._rules, vars(self), type(self).__name__)
