"""Disk cache of compiled kernels (being written)."""

from typing import Any


def attach_cache(dispatcher: Any, function: Any, options: "dict[str, Any]") -> None:
    """Give the dispatcher a disk cache."""
