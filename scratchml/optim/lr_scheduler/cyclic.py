"""CyclicLR: up and down between two learning rates (Smith, "Cyclical learning rates", 2017).

With an up of u steps and a down of d, at step t of cycle k = 1, 2, ..., x = the share of it gone,

    h = x (u + d) / u going up,  (1 - x) (u + d) / d going down
    eta(t) = base_lr + (max_lr - base_lr) h s

    triangular  s = 1        triangular2  s = 1 / 2^(k - 1)        exp_range  s = gamma^t
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

from scratchml._core.rules import boolean, integer, none, option, real
from scratchml.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from scratchml.optim.lr_scheduler.momentum import check_momentum, set_momentum
from scratchml.optim.optimizer import Optimizer


class CyclicLR(LRScheduler):
    """A learning rate that goes up and down between two values; step it after every batch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    base_lr : float, or list of float
        The smallest rate; one for each group, or one for all.
    max_lr : float, or list of float
        The largest rate of the first cycle.
    step_size_up : int
        Steps of going up.
    step_size_down : int, optional
        Steps of going down; as many as up unless given.
    mode : {"triangular", "triangular2", "exp_range"}
        How cycles shrink: not, by half at each cycle, by `gamma` at each step.
    gamma : float
        For "exp_range".
    scale_fn : callable, optional
        Instead of `mode`, takes the cycle (from 1) or the step, and gives its height.
    scale_mode : {"cycle", "iterations"}
        What `scale_fn` takes.
    cycle_momentum : bool
        Change the momentum, or the first of ``betas``, the other way.
    base_momentum, max_momentum : float, or list of float
        Where the momentum is smallest and largest.
    last_epoch : int
        The last step of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import CyclicLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0, momentum=0.9)
    >>> scheduler = CyclicLR(optimizer, base_lr=0.5, max_lr=1.0, step_size_up=2)
    >>> for step in range(5):
    ...     print(step, scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    0 [0.5]
    1 [0.75]
    2 [1.0]
    3 [0.75]
    4 [0.5]
    """

    _rules: ClassVar = {
        "step_size_up": integer(1),
        "step_size_down": integer(1) | none(),
        "mode": option("triangular", "triangular2", "exp_range"),
        "gamma": real(0.0),
        "scale_mode": option("cycle", "iterations"),
        "cycle_momentum": boolean(),
    }
    _not_saved: ClassVar = ("optimizer", "scale_fn")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.step_size_up, self.step_size_down = step_size_up, step_size_down
        self.mode, self.gamma, self.cycle_momentum = mode, gamma, cycle_momentum
        self.scale_fn, self.scale_mode = scale_fn, scale_mode
        lowest = per_group("base_lr", base_lr, optimizer)
        self.max_lrs = per_group("max_lr", max_lr, optimizer)
        self.base_momentums = per_group("base_momentum", base_momentum, optimizer)
        self.max_momentums = per_group("max_momentum", max_momentum, optimizer)
        if cycle_momentum:
            check_momentum(optimizer)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, lowest, strict=True):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lowest

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for step ``last_epoch``, and set the momentum.

        Returns
        -------
        list of float
            The rates.
        """
        up = float(self.step_size_up)
        total = up + (up if self.step_size_down is None else float(self.step_size_down))
        cycle = math.floor(1 + self.last_epoch / total)
        x, top = 1.0 + self.last_epoch / total - cycle, up / total
        height = x / top if x <= top else (x - 1) / (top - 1)
        scale = self._scale(cycle)
        if self.cycle_momentum:
            bounds = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, bounds, strict=True):
                set_momentum(group, high - (high - low) * height * scale)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height * scale for low, high in pairs]

    def _scale(self, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular2":
            return 1 / (2.0 ** (cycle - 1))
        return self.gamma**self.last_epoch if self.mode == "exp_range" else 1.0
