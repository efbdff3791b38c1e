"""Schedules that change the momentum too: where the rate is high, the momentum is low."""

from typing import Any

from scratchml.optim.optimizer import Optimizer


def has_momentum(optimizer: Optimizer) -> bool:
    """Return whether its groups have a momentum, or betas whose first stands for it."""
    return "momentum" in optimizer.defaults or "betas" in optimizer.defaults


def check_momentum(optimizer: Optimizer) -> None:
    """Raise ValueError unless there is a momentum to change."""
    if not has_momentum(optimizer):
        raise ValueError(
            f"cycle_momentum must be False for {type(optimizer).__name__}, which has no momentum"
        )


def set_momentum(group: dict[str, Any], value: float) -> None:
    """Set the momentum of a group, or the first of its betas."""
    if "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value
