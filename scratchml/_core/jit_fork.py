"""Forking while kernels are compiled.

A fork copies only the thread that forks. Were another one compiling, the child would inherit the
compiler's locks in a locked state, with nobody to release them, and wait forever at its first
kernel (`tests/_core/test_process_safety.py` shows it). So a fork first takes these locks, that is,
it waits for the compilation to end.
"""

import os
import sys
import threading
from typing import Any

compiling = threading.RLock()
"""Held while a kernel is built; taken before Numba's compiler lock, never after it."""

_held: "list[Any]" = []


def _locks() -> "list[Any]":
    """List the locks of a compilation in the order in which it takes them."""
    locks: list[Any] = [compiling]
    for module, path in (
        ("numba.core.compiler_lock", "global_compiler_lock"),
        ("llvmlite.binding.ffi", "lib._lock"),
    ):
        found: Any = sys.modules.get(module)
        for name in path.split("."):
            found = getattr(found, name, None)
        if hasattr(found, "__enter__"):  # internals of Numba: they may change
            locks.append(found)
    return locks


def _before_fork() -> None:
    for lock in _locks():
        lock.__enter__()
        _held.append(lock)


def _after_fork() -> None:
    while _held:
        _held.pop().__exit__(None, None, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )
