"""Schedules along half a cosine (Loshchilov & Hutter, "SGDR", 2017, equation 5).

    eta(t) = eta_min + (eta0 - eta_min) (1 + cos(pi t / T)) / 2

CosineAnnealingLR goes down for T epochs, up for T, and so on, stated by what is before it:

    (eta(t) - eta_min) / (eta(t - 1) - eta_min) = (1 + cos(pi t / T)) / (1 + cos(pi (t - 1) / T))

CosineAnnealingWarmRestarts jumps back to eta0 at the end, and takes T_mult times longer each time.
"""

from __future__ import annotations

import math
from typing import ClassVar

from scratchml._core.rules import integer, real
from scratchml.optim.lr_scheduler.base import LRScheduler
from scratchml.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """A learning rate that goes along a cosine, down to `eta_min` in `T_max` epochs.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    T_max : int
        Epochs of half a period.
    eta_min : float
        The smallest rate.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import CosineAnnealingLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = CosineAnnealingLR(optimizer, T_max=4)
    >>> for epoch in range(5):
    ...     print(epoch, round(scheduler.get_last_lr()[0], 4))
    ...     _ = optimizer.step(), scheduler.step()
    0 1.0
    1 0.8536
    2 0.5
    3 0.1464
    4 0.0
    """

    _rules: ClassVar = {"T_max": integer(1), "eta_min": real()}

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: float, base_lr: float) -> float:
        t, T, low = self.last_epoch, self.T_max, self.eta_min
        if self._is_initial:
            return lr
        if self._step_count == 1 and t > 0:  # taken up by another schedule
            return low + (base_lr - low) * (1 + math.cos(t * math.pi / T)) / 2
        if (t - 1 - T) % (2 * T) == 0:  # the rate before is the smallest: no ratio
            return lr + (base_lr - low) * (1 - math.cos(math.pi / T)) / 2
        before, now = 1 + math.cos(math.pi * (t - 1) / T), 1 + math.cos(math.pi * t / T)
        return now / before * (lr - low) + low

    def _first(self, base_lr: float) -> float:
        return self.eta_min + (base_lr - self.eta_min) * (1 + math.cos(0.0)) / 2


class CosineAnnealingWarmRestarts(LRScheduler):
    """A learning rate that goes down along half a cosine, jumps back up, and goes down again.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    T_0 : int
        Epochs of the first run.
    T_mult : int
        How many times longer than the run before each one is.
    eta_min : float
        The smallest rate.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import CosineAnnealingWarmRestarts
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> for epoch in range(4):
    ...     print(epoch, round(scheduler.get_last_lr()[0], 4))
    ...     _ = optimizer.step(), scheduler.step()
    0 1.0
    1 0.5
    2 1.0
    3 0.5
    """

    _rules: ClassVar = {"T_0": integer(1), "T_mult": integer(1), "eta_min": real()}

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_0, self.T_i, self.T_mult, self.eta_min = T_0, T_0, T_mult, eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next epoch, or to a given one.

        Parameters
        ----------
        epoch : float, optional
            Where to go to; parts of an epoch let the rate change batch by batch,
            ``scheduler.step(epoch + i / n_batches)``.
        """
        if epoch is None and self.last_epoch >= 0:
            self.last_epoch += 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            self._go_to(0 if epoch is None else epoch)
        self._step_count += 1
        self._set(self.get_lr())

    def _go_to(self, epoch: float) -> None:
        if epoch < 0:
            raise ValueError(f"epoch must not be negative, got {epoch}")
        self.last_epoch = math.floor(epoch)
        start, length = 0, self.T_0
        if self.T_mult == 1:
            start = int(epoch // length) * length
        else:
            while epoch >= start + length:
                start, length = start + length, length * self.T_mult
        self.T_cur, self.T_i = epoch - start, length

    def _next(self, lr: float, base_lr: float) -> float:
        low = self.eta_min
        return low + (base_lr - low) * (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
