"""Questions that programs ask about graphics cards; the answer is that there are none."""

from typing import Any

from scratchml.tensor.seeding import manual_seed as _manual_seed


def is_available() -> bool:
    """Return whether tensors can be on a graphics card: False."""
    return False


def device_count() -> int:
    """Return the number of graphics cards: 0."""
    return 0


def manual_seed_all(seed: int) -> Any:
    """Seed the generator of the CPU, the only one."""
    return _manual_seed(seed)


manual_seed = manual_seed_all


def synchronize() -> None:
    """Return at once: nothing runs elsewhere."""


def empty_cache() -> None:
    """Return at once: nothing is kept."""
