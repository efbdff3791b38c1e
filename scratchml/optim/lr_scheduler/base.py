"""The base of schedules: a learning rate for each group of parameters, changed epoch by epoch.

Most schedules are chainable: with eta(0) = eta0 they state eta(t) in terms of eta(t - 1),

    eta(t) = f(t) eta(t - 1),

and read eta(t - 1) from the group, so that several act on one optimizer together, and a rate that
was set by hand is kept. An epoch t is whatever the caller steps by, often a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from scratchml._core.exceptions import warn
from scratchml._core.rules import Rule, check_parameters
from scratchml.optim.optimizer import Optimizer


class LRScheduler:
    """Base of schedules: a subclass defines ``get_lr()``, the rates for epoch ``self.last_epoch``.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups' ``"lr"`` is what is changed.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Attributes
    ----------
    base_lrs : list of float
        The learning rate of each group at the beginning.
    last_epoch : int
        How often `step` was called.

    Raises
    ------
    TypeError
        If `optimizer` is not an Optimizer.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import LRScheduler
    >>> class Harmonic(LRScheduler):
    ...     def get_lr(self):
    ...         return [lr / (1 + self.last_epoch) for lr in self.base_lrs]
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = Harmonic(optimizer)
    >>> _ = optimizer.step(), scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    _rules: ClassVar[Mapping[str, Rule]] = {}
    _not_saved: ClassVar[tuple[str, ...]] = ("optimizer",)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        check_parameters(self._rules, vars(self), type(self).__name__)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"last_epoch must be -1 where group {i} of the optimizer has no 'initial_lr', "
                    f"as from the state dict of an earlier run, got {last_epoch}"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the rates of the first epoch; of an epoch that is taken up, most leave them."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def step(self) -> None:
        """Go on to the next epoch: call it after ``optimizer.step()``."""
        optimizer = self.optimizer
        ours = type(optimizer).step is Optimizer.step  # else nobody counts its steps
        if self._step_count == 1 and ours and not optimizer._stepped:
            warn(
                "scheduler.step() was called before optimizer.step(), so that the first learning "
                "rate is never used",
                UserWarning,
            )
        self._step_count += 1
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = list(rates)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for epoch ``last_epoch``.

        Returns
        -------
        list of float
            The rates; `get_last_lr` returns those that are set.
        """
        groups = self.optimizer.param_groups
        return [self._next(g["lr"], b) for g, b in zip(groups, self.base_lrs, strict=True)]

    def _next(self, lr: float, base_lr: float) -> float:
        """Return the rate at ``last_epoch``, `lr` being the one before and `base_lr` the first."""
        raise NotImplementedError(f"{type(self).__name__} must define get_lr()")

    def _begin(self) -> None:
        """Begin at epoch 0, from the rates that the optimizer had at the beginning."""
        self.last_epoch = 0
        first = [self._first(base_lr) for base_lr in self.base_lrs]
        self._set(self.get_lr() if None in first else first)  # type: ignore[arg-type]

    def _first(self, base_lr: float) -> float | None:
        """Return the rate at epoch 0 in closed form; None if `get_lr` knows it."""
        return None

    def get_last_lr(self) -> list[float]:
        """Return the learning rates that were set last.

        Returns
        -------
        list of float
            One for each group.
        """
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Return the schedule and where it stands, without the optimizer and without functions.

        Returns
        -------
        dict
            Numbers, lists and strings.
        """
        return {k: v for k, v in vars(self).items() if k not in self._not_saved}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where another schedule of this class stood.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` returned, here or in PyTorch; entries of other names are passed over.
        """
        known = vars(self).keys() - set(self._not_saved)
        vars(self).update({k: v for k, v in state_dict.items() if k in known})


def check_optimizer(optimizer: Any) -> None:
    """Raise TypeError unless it is an Optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an Optimizer, got {type(optimizer).__name__}")


def per_group(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """Return a value for each group: `value` itself if it is a list, which must be as long."""
    n = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * n
    if len(value) != n:
        raise ValueError(
            f"{name} must be one value, or one for each of the {n} groups, got {value}"
        )
    return list(value)
