"""Schedules that take their factors from a function of the epoch.

LambdaLR          eta(t) = f(t) eta0
MultiplicativeLR  eta(t) = f(t) eta(t - 1)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, ClassVar

from scratchml.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from scratchml.optim.optimizer import Optimizer


class LambdaLR(LRScheduler):
    """The first learning rate times a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    lr_lambda : callable, or list of callable
        Takes the epoch, gives the factor; one for each group, or one for all.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import LambdaLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> for epoch in range(3):
    ...     print(scheduler.get_last_lr())
    ...     _ = optimizer.step(), scheduler.step()
    [1.0]
    [0.5]
    [0.3333333333333333]
    """

    _not_saved: ClassVar = ("optimizer", "lr_lambdas")

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.lr_lambdas = per_group("lr_lambda", lr_lambda, optimizer)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"lr_lambda must be callable, got {type(function).__name__}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for epoch ``last_epoch``.

        Returns
        -------
        list of float
            The rates.
        """
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base_lr * factor(self.last_epoch) for base_lr, factor in pairs]

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule stands, and what its functions know that are objects.

        Returns
        -------
        dict
            In ``"lr_lambdas"`` the ``__dict__`` of a callable object, and None for a function.
        """
        states = [None if isinstance(f, FunctionType) else dict(vars(f)) for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": states}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from where another schedule of this class stood.

        Parameters
        ----------
        state_dict : dict
            What `state_dict` returned.
        """
        super().load_state_dict(state_dict)
        for function, state in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if state is not None:
                vars(function).update(state)


class MultiplicativeLR(LambdaLR):
    """The learning rate before times a function of the epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates to set.
    lr_lambda : callable, or list of callable
        Takes the epoch, gives the factor; one for each group, or one for all.
    last_epoch : int
        The last epoch of an earlier run that is taken up again; -1 for none.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn import Parameter
    >>> from scratchml.optim import SGD
    >>> from scratchml.optim.lr_scheduler import MultiplicativeLR
    >>> optimizer = SGD([Parameter(np.ones(2))], lr=1.0)
    >>> scheduler = MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> _ = optimizer.step(), scheduler.step(), scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for epoch ``last_epoch``.

        Returns
        -------
        list of float
            The rates.
        """
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if self._is_initial:
            return rates
        return [lr * f(self.last_epoch) for lr, f in zip(rates, self.lr_lambdas, strict=True)]
