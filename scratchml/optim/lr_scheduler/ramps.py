"""Schedules that lead the learning rate from one value to another, and then leave it.

With T = total_iters, and h(t) what the schedule gives in units of the first rate eta0,

    ConstantLR      h(t) = factor for t < T, then 1
    LinearLR        h(t) = start_factor + (end_factor - start_factor) t / T for t <= T: a warm-up
    PolynomialLR    h(t) = (1 - t / T)^power for t <= T

eta(t) = eta(t - 1) h(t) / h(t - 1), so that several act on one rate together.
"""

from __future__ import annotations

from typing import ClassVar

from scratchml._core.rules import integer, real
from scratchml.optim.lr_scheduler.base import LRScheduler
from scratchml.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """The learning rate times `factor` for the first epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    factor : float
        The factor, above 0 and at most 1.
    total_iters : int
        How many epochs it holds.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import ConstantLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> for epoch in range(3):
    ...     print(epoch, scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    0 [0.5]
    1 [0.5]
    2 [1.0]
    """

    _rules: ClassVar = {"factor": real(0.0, 1.0, closed="right"), "total_iters": integer(0)}

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base_lr: float) -> float:
        if self.last_epoch == 0:
            return lr * self.factor
        return lr * (1.0 / self.factor) if self.last_epoch == self.total_iters else lr

    def _first(self, base_lr: float) -> float:
        return base_lr * (self.factor + (self.total_iters <= 0) * (1 - self.factor))


class LinearLR(LRScheduler):
    """A learning rate that grows, or falls, by the same amount at each of the first epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    start_factor : float
        What part of the rate to begin with, above 0 and at most 1.
    end_factor : float
        What part of it to end with.
    total_iters : int
        After how many epochs.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import LinearLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> for epoch in range(5):
    ...     print(epoch, scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    0 [0.25]
    1 [0.5]
    2 [0.75]
    3 [1.0]
    4 [1.0]
    """

    _rules: ClassVar = {
        "start_factor": real(0.0, 1.0, closed="right"),
        "end_factor": real(0.0, 1.0, closed="both"),
        "total_iters": integer(1),
    }

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base_lr: float) -> float:
        t = self.last_epoch
        if t == 0:
            return lr * self.start_factor
        if self._is_initial or t > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor  # T (h(t) - h(t - 1)), over T h(t - 1):
        return lr * (1.0 + rise / (self.total_iters * self.start_factor + (t - 1) * rise))

    def _first(self, base_lr: float) -> float:
        return base_lr * self.start_factor


class PolynomialLR(LRScheduler):
    """A learning rate that falls to 0 as a power of the epochs that are left.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    total_iters : int
        After how many epochs it is 0.
    power : float
        The power.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import PolynomialLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = PolynomialLR(optimizer, total_iters=4, power=2)
    >>> _ = optimizer.step(), scheduler.step(), scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    _rules: ClassVar = {"total_iters": integer(1), "power": real(0.0)}

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base_lr: float) -> float:
        t, total = self.last_epoch, self.total_iters
        if self._is_initial or t > total:
            return lr
        return lr * ((1.0 - t / total) / (1.0 - (t - 1) / total)) ** self.power

    def _first(self, base_lr: float) -> float:
        return base_lr
