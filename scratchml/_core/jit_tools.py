"""What ``python -m scratchml warmup`` and ``info`` ask of the compiler."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

from scratchml._core import jit
from scratchml._core.threads import get_num_threads


def entry_kernels() -> "list[jit.EntryKernel]":
    """Import every module of the package and return its entry kernels."""
    root = __name__.partition(".")[0]
    for module in pkgutil.walk_packages(sys.modules[root].__path__, f"{root}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return [
        kernel
        for kernel in jit.kernels
        if isinstance(kernel, jit.EntryKernel) and kernel.__module__.startswith(f"{root}.")
    ]


def compile_all(progress: "Callable[[int, int, str], object] | None" = None) -> int:
    """Compile every entry kernel for float32 and for float64, and return how many that are.

    Parameters
    ----------
    progress : callable, optional
        Called as ``progress(done, total, name)`` before each one.
    """
    jobs = [(kernel, dtype) for kernel in entry_kernels() for dtype in kernel.dtypes()]
    for done, (kernel, dtype) in enumerate(jobs):
        if progress:
            progress(
                done, len(jobs), f"{kernel.__module__}.{kernel.__name__} {dtype or ''}".strip()
            )
        kernel.compile(dtype)
    return len(jobs)


def info() -> "dict[str, Any]":
    """Describe the compiler: Numba's version or None, the cache folder or None, the threads."""
    from scratchml._core.jit_cache import cache_folder

    numba = jit.compiler()
    return {
        "compiled": numba is not None,
        "numba": numba.__version__ if numba else None,
        "cache_folder": cache_folder() if numba else None,
        "threads": get_num_threads(),
    }
