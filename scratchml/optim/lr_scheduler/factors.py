"""Schedules that multiply the learning rate by a number, at every epoch or at a few.

StepLR            eta(t) = gamma eta(t - 1)     where t is a multiple of step_size
MultiStepLR       eta(t) = gamma eta(t - 1)     where t is a milestone (twice if named twice)
ExponentialLR     eta(t) = gamma eta(t - 1)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

from scratchml._core.rules import integer, real
from scratchml.optim.lr_scheduler.base import LRScheduler
from scratchml.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """The learning rate times `gamma` every `step_size` epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    step_size : int
        Epochs between two changes.
    gamma : float
        The factor.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import StepLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for epoch in range(5):
    ...     print(epoch, scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    0 [1.0]
    1 [1.0]
    2 [0.5]
    3 [0.5]
    4 [0.25]
    """

    _rules: ClassVar = {"step_size": integer(1), "gamma": real(0.0)}

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base_lr: float) -> float:
        t = self.last_epoch
        return lr * self.gamma if t and t % self.step_size == 0 else lr

    def _first(self, base_lr: float) -> float:
        return base_lr


class MultiStepLR(LRScheduler):
    """The learning rate times `gamma` at given epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    milestones : iterable of int
        The epochs; one that is named twice counts twice.
    gamma : float
        The factor.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import MultiStepLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> for epoch in range(4):
    ...     print(epoch, scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    0 [1.0]
    1 [0.5]
    2 [0.5]
    3 [0.25]
    """

    _rules: ClassVar = {"gamma": real(0.0)}

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base_lr: float) -> float:
        times = self.milestones.get(self.last_epoch, 0)
        return lr * self.gamma**times if times else lr

    def _first(self, base_lr: float) -> float:
        return base_lr * self.gamma ** self.milestones.get(0, 0)


class ExponentialLR(LRScheduler):
    """The learning rate times `gamma` at every epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    gamma : float
        The factor.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import ExponentialLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = ExponentialLR(optimizer, gamma=0.5)
    >>> _ = optimizer.step(), scheduler.step(), scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    _rules: ClassVar = {"gamma": real(0.0)}

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base_lr: float) -> float:
        return lr if self._is_initial else lr * self.gamma

    def _first(self, base_lr: float) -> float:
        return base_lr
