"""The machine and what is installed on it: ``warmup`` and ``info``."""

from __future__ import annotations

import os
import platform
import time
from importlib import metadata
from pathlib import Path

import scratchml
from scratchml._tour import terminal
from scratchml._tour.run import format_time

EXTRAS = {
    "plot": "matplotlib",
    "progress": "tqdm",
    "dask": "dask",
    "peers": "scikit-learn",
}


def warm_up() -> int:
    """Compile every kernel into the cache, and return the exit status."""
    from scratchml._core import jit_tools

    about = jit_tools.info()
    if not about["compiled"]:
        print("Kernels run as plain Python here (see info): nothing to compile.")
        return 0
    start = time.perf_counter()
    with terminal.progress(terminal.NumberedLines) as bar:
        count = jit_tools.compile_all(bar.at)
    seconds = format_time(time.perf_counter() - start)
    where = about["cache_folder"] or "memory only: there is no cache (see info)"
    print(f"{count} kernels ready after {seconds}, in {where}")
    return 0


def print_info() -> int:
    """Print versions, threads, the cache and the CPU, and return the exit status."""
    for name, value in describe().items():
        print(f"{name:<12} {value}")
    return 0


def describe() -> dict[str, str]:
    """Return what ``info`` prints, by name."""
    from scratchml._core import jit_tools

    about = jit_tools.info()
    compiled = "" if about["compiled"] else " (not used: kernels run as plain Python)"
    lines = {
        "scratchml": f"{scratchml.__version__} in {Path(scratchml.__file__).parent}",
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "numpy": f"{_version('numpy')}, {_blas()}",
        "numba": _version("numba") + compiled,
        "platform": platform.platform(),
        "cpu": f"{_cpu()}, {_cpus()}",
        "threads": str(about["threads"]),
        "cache": _cache(about["cache_folder"]),
    }
    for extra, package in EXTRAS.items():
        lines[f"[{extra}]"] = f"{package} {_version(package)}"
    return lines


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "is not installed"


def _blas() -> str:
    import numpy as np

    try:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"{blas['name']} {blas['version']}"
    except (KeyError, TypeError):
        return "BLAS unknown"


def _cpu() -> str:
    """Return the model of the CPU, which `platform` does not know on Linux."""
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cpus() -> str:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    count = os.cpu_count()
    return f"{count} CPUs" if usable in (None, count) else f"{usable} of {count} CPUs usable"


def _cache(folder: Path | None) -> str:
    if folder is None:
        return "none"
    sizes = [path.stat().st_size for path in folder.iterdir()]
    return f"{folder} ({len(sizes)} files, {sum(sizes) / 1e6:.1f} MB)"
