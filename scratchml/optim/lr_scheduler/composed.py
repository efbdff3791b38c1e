"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from scratchml.optim.lr_scheduler.base import LRScheduler, check_optimizer
from scratchml.optim.lr_scheduler.plateau import ReduceLROnPlateau
from scratchml.optim.optimizer import Optimizer


class SequentialLR(LRScheduler):
    """One schedule after the other, such as a warm-up and what comes then.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    schedulers : list of LRScheduler
        The schedules, all of this optimizer.
    milestones : list of int
        At which epoch the second begins, at which the third, and so on.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Raises
    ------
    ValueError
        If there is no schedule, one too many or too few milestones, or a schedule is of
        another optimizer.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import ExponentialLR, LinearLR, SequentialLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> warm_up = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> scheduler = SequentialLR(optimizer, [warm_up, ExponentialLR(optimizer, 0.5)], [2])
    >>> for epoch in range(5):
    ...     print(epoch, scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    0 [0.5]
    1 [0.75]
    2 [1.0]
    3 [0.5]
    4 [0.25]
    """

    _not_saved: ClassVar = ("optimizer", "_schedulers")

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        check_schedulers(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"milestones must be one fewer than the {len(schedulers)} schedulers, got "
                f"{milestones}"
            )
        self.optimizer = optimizer
        self._schedulers, self._milestones = schedulers, milestones
        self.last_epoch = last_epoch + 1
        _take_back(schedulers)
        self._begin()

    def step(self) -> None:
        """Go on to the next epoch: call it after ``optimizer.step()``."""
        self.last_epoch += 1
        which = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[which]
        if which and self._milestones[which - 1] == self.last_epoch:
            scheduler._begin()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def _begin(self) -> None:
        # Each schedule has set its first rate when it was made: only one of them is to.
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self._initial_step()

    def _initial_step(self) -> None:
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule stands, and each of its schedules.

        Returns
        -------
        dict
            With their state dicts in ``"_schedulers"``.
        """
        return {**super().state_dict(), "_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where another schedule of this class stood.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` returned.
        """
        super().load_state_dict(state_dict)
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


class ChainedScheduler(SequentialLR):
    """Several schedules at once: each changes what the one before it has set.

    Parameters
    ----------
    schedulers : sequence of LRScheduler
        The schedules, all of one optimizer.
    optimizer : Optimizer, optional
        Theirs.

    Raises
    ------
    ValueError
        If there is no schedule, or they are not of one optimizer.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import ChainedScheduler, ConstantLR, ExponentialLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> warm_up = ConstantLR(optimizer, factor=0.5, total_iters=2)
    >>> scheduler = ChainedScheduler([warm_up, ExponentialLR(optimizer, 0.5)])
    >>> for epoch in range(4):
    ...     print(epoch, scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    0 [0.5]
    1 [0.25]
    2 [0.25]
    3 [0.125]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        owner = getattr(schedulers[0], "optimizer", None) if schedulers else None
        check_schedulers(schedulers, owner if optimizer is None else optimizer)
        self.optimizer = schedulers[0].optimizer
        self._schedulers = list(schedulers)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def step(self) -> None:
        """Go on to the next epoch: call it after ``optimizer.step()``."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _initial_step(self) -> None:
        for scheduler in self._schedulers:
            scheduler._initial_step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


def _take_back(schedulers: Sequence[Any]) -> None:
    """Take back the epoch that each schedule counted when it was made."""
    for scheduler in schedulers:
        inner = getattr(scheduler, "_schedulers", None)
        if inner is not None:
            _take_back(inner)
        else:
            scheduler.last_epoch -= 1


def check_schedulers(schedulers: Sequence[Any], optimizer: Any) -> None:
    """Raise unless there are schedules that can be composed, all of one optimizer."""
    if len(schedulers) < 1:
        raise ValueError("schedulers must hold at least one schedule, got none")
    for i, scheduler in enumerate(schedulers):
        if not isinstance(scheduler, LRScheduler) or isinstance(scheduler, ReduceLROnPlateau):
            raise TypeError(
                f"schedulers[{i}] must be a schedule that needs nothing but the epoch, got "
                f"{type(scheduler).__name__}"
            )
        if scheduler.optimizer is not optimizer:
            raise ValueError(f"schedulers[{i}] must be a schedule of the same optimizer")
