"""OneCycleLR: up to a large learning rate and down to a tiny one (Smith & Topin 2018).

Within a phase from step a to step b, at the share q = (t - a) / (b - a) of it,

    eta(t) = eta_b + (eta_a - eta_b) (1 + cos(pi q)) / 2          or  eta_a + (eta_b - eta_a) q

    phase                     ends at step                learning rate        momentum
    up                        pct_start total - 1         initial -> max       max -> base
    down (three phases only)  2 pct_start total - 2       max -> initial       base -> max
    down to nothing           total - 1                   ... -> min           ... -> max

with initial = max / div_factor and min = initial / final_div_factor.
"""

from __future__ import annotations

import math
from typing import ClassVar

from scratchml._core.rules import boolean, integer, option, real
from scratchml.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from scratchml.optim.lr_scheduler.momentum import check_momentum, set_momentum
from scratchml.optim.optimizer import Optimizer


class OneCycleLR(LRScheduler):
    """A learning rate that goes up to `max_lr` and down again, once; step it after every batch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    max_lr : float, or list of float
        The largest rate; one for each group, or one for all.
    total_steps : int, optional
        How many steps there are in all.
    epochs, steps_per_epoch : int, optional
        Instead of `total_steps`, their product.
    pct_start : float
        What part of them goes up.
    anneal_strategy : {"cos", "linear"}
        Along half a cosine, or a line.
    cycle_momentum : bool
        Change the momentum, or the first of ``betas``, the other way.
    base_momentum, max_momentum : float, or list of float
        Where the momentum is smallest and largest.
    div_factor : float
        `max_lr` over the first rate.
    final_div_factor : float
        The first rate over the last.
    three_phase : bool
        Come back to the first rate before going down to the last.
    last_epoch : int
        The last step of an earlier run that is taken up again; -1 for none.

    Raises
    ------
    ValueError
        If an argument is out of range, or there are more steps than were said.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import OneCycleLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0, momentum=0.9)
    >>> scheduler = OneCycleLR(optimizer, max_lr=1.0, total_steps=7, pct_start=3 / 7)
    >>> for step in range(6):
    ...     print(step, round(scheduler.get_last_lr()[0], 4))
    ...     _ = optimizer.step(), scheduler.step()
    0 0.04
    1 0.52
    2 1.0
    3 0.8536
    4 0.5
    5 0.1465
    """

    _rules: ClassVar = {
        "total_steps": integer(1),
        "pct_start": real(0.0, 1.0, closed="both"),
        "anneal_strategy": option("cos", "linear"),
        "cycle_momentum": boolean(),
        "div_factor": real(0.0, closed="neither"),
        "final_div_factor": real(0.0, closed="neither"),
        "three_phase": boolean(),
    }

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("total_steps must be given, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        self.total_steps, self.pct_start = total_steps, pct_start
        self.anneal_strategy, self.three_phase = anneal_strategy, three_phase
        self.div_factor, self.final_div_factor = div_factor, final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            check_momentum(optimizer)
        highest = per_group("max_lr", max_lr, optimizer)
        low = per_group("base_momentum", base_momentum, optimizer)
        high = per_group("max_momentum", max_momentum, optimizer)
        if last_epoch == -1:
            for i, group in enumerate(optimizer.param_groups):
                group["initial_lr"] = highest[i] / div_factor
                group["max_lr"] = highest[i]
                group["min_lr"] = group["initial_lr"] / final_div_factor
                if cycle_momentum:
                    set_momentum(group, high[i])
                    group["max_momentum"], group["base_momentum"] = high[i], low[i]
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for step ``last_epoch``, and set the momentum.

        Returns
        -------
        list of float
            The rates.
        """
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR was made for {self.total_steps} steps, this is step {t}")
        start, phases = 0.0, self._phases()
        for end, rates, momenta in phases:  # noqa: B007
            if t <= end:
                break
            start = end
        else:  # the step after the last
            start = phases[-2][0]
        share = (t - start) / (end - start) if end != start else 1.0
        groups = self.optimizer.param_groups
        if self.cycle_momentum:
            for group in groups:
                set_momentum(group, self._anneal(group[momenta[0]], group[momenta[1]], share))
        return [self._anneal(group[rates[0]], group[rates[1]], share) for group in groups]

    def _phases(self) -> list[tuple[float, tuple[str, str], tuple[str, str]]]:
        """Return for each phase its last step, and between which rates and momenta it leads."""
        total, up = self.total_steps, float(self.pct_start * self.total_steps) - 1
        rise, fall = ("max_momentum", "base_momentum"), ("base_momentum", "max_momentum")
        first = (up, ("initial_lr", "max_lr"), rise)
        if not self.three_phase:
            return [first, (total - 1, ("max_lr", "min_lr"), fall)]
        down = float(2 * self.pct_start * total) - 2
        rest = ("max_momentum", "max_momentum")
        return [
            first,
            (down, ("max_lr", "initial_lr"), fall),
            (total - 1, ("initial_lr", "min_lr"), rest),
        ]

    def _anneal(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)
