"""Questions that programs ask about accelerators of any kind; the answer is that there are none."""


def is_available() -> bool:
    """Return whether tensors can be anywhere but in the CPU's memory: False."""
    return False


def device_count() -> int:
    """Return the number of accelerators: 0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """Return the accelerator in use: None."""


def synchronize(device: object = None) -> None:
    """Return at once: nothing runs elsewhere."""
