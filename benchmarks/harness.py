"""How a benchmark is measured: both sides in one process, alternating, at equal quality.

The machine's speed drifts, so a time alone says little.  Ours and the peer's runs alternate, the
ratio is taken pair by pair and its median reported, and beside it stands the quality of both
solutions, without which a ratio means nothing.  What needs a process of its own (the first fit with
and without cached kernels, the peak memory of a fit) is measured in a child.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PAUSE = 0.1  # seconds
Fit = Callable[..., Any]  # data -> model


@dataclass(frozen=True)
class Case:
    """One problem, solved by us and by the peers.

    Parameters
    ----------
    name : str
        As given on the command line, such as ``"ridge-tall"``.
    data : callable
        ``data(n)`` makes the arguments of the fits at `n` rows.
    n : int
        Rows of the main measurement.
    ours : callable
        Fits our model to ``*data(n)`` and returns it.
    peers : mapping of str to callable
        Builds a fit for each peer when called, so that a peer which is not installed is skipped.
    quality : callable
        ``quality(model, *data)``: a number, smaller is better, computed the same way for all.
    target : float
        The ratio of the peer's time to ours that we want to reach, with the first peer.
    growth : sequence of int
        Row counts from which the exponent of the cost is fitted, ours and the first peer's.
    also : mapping of str to callable
        More qualities, by name.
    """

    name: str
    data: Callable[[int], tuple]
    n: int
    ours: Fit
    peers: Mapping[str, Callable[[], Fit]]
    quality: Callable[..., float]
    quality_name: str
    target: float
    growth: Sequence[int] = field(default=())
    also: Mapping[str, Callable[..., float]] = field(default_factory=dict)


def measure(case: Case, *, peers: bool, repeats: int) -> dict[str, Any]:
    """Return every figure of one case as plain values.

    Parameters
    ----------
    case : Case
        The problem.
    peers : bool
        Measure the peers too.
    repeats : int
        Pairs of runs.
    """
    data = case.data(case.n)
    model = case.ours(*data)  # warms the kernels
    row: dict[str, Any] = {
        "case": case.name,
        "n": case.n,
        "quality_name": case.quality_name,
        **_qualities(case, model, data),
        "target": case.target,
        "peers": {},
    }
    times = []
    if peers:
        for name, build in case.peers.items():
            try:
                theirs = build()
            except ImportError:
                continue
            ours_times, peer_times, peer_model = _alternate(case.ours, theirs, data, repeats)
            times += ours_times
            ratios = [p / o for o, p in zip(ours_times, peer_times, strict=True)]
            row["peers"][name] = {
                "ms": 1e3 * statistics.median(peer_times),
                "ratio": statistics.median(ratios),
                "ratio_low": min(ratios),
                "ratio_high": max(ratios),
                **_qualities(case, peer_model, data),
            }
    if not times:
        times = [_seconds(case.ours, data)[0] for _ in range(repeats)]
    row["ms"] = 1e3 * statistics.median(times)
    del data, model
    row.update(_in_children(case.name))
    if case.growth:
        row["growth"] = {"n": list(case.growth), "s": _growth(case.ours, case)}
        row["exponent"] = _exponent(case.growth, row["growth"]["s"])
        for name, peer in list(row["peers"].items())[:1]:
            peer["growth_s"] = _growth(case.peers[name](), case)
            peer["exponent"] = _exponent(case.growth, peer["growth_s"])
    return row


def _qualities(case: Case, model: Any, data: tuple) -> dict[str, Any]:
    also = {name: float(quality(model, *data)) for name, quality in case.also.items()}
    return {
        "quality": float(case.quality(model, *data)),
        **({"also": also} if also else {}),
    }


def environment() -> dict[str, Any]:
    """Return what a reader needs to repeat the figures: versions, processor and threads."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for package in (
        "scratchml-numba",
        "numpy",
        "numba",
        "scipy",
        "scikit-learn",
        "scikit-learn-intelex",
        "torch",
    ):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    import scratchml

    versions["scratchml-numba"] = scratchml.__version__
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {_cpu_name()}",
        "cpus": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "threads": scratchml.get_num_threads(),
        "blas_threads": os.environ.get("OPENBLAS_NUM_THREADS", "default"),
        "versions": versions,
    }


def _alternate(
    ours: Fit, theirs: Fit, data: tuple, repeats: int
) -> tuple[list[float], list[float], Any]:
    """Time the two in turn, after one run of the peer that does not count."""
    theirs(*data)
    ours_times, peer_times, peer_model = [], [], None
    for _ in range(repeats):
        ours_times.append(_seconds(ours, data)[0])
        seconds, peer_model = _seconds(theirs, data)
        peer_times.append(seconds)
    return ours_times, peer_times, peer_model


def _seconds(fit: Fit, data: tuple) -> tuple[float, Any]:
    """Time one fit, after a pause in which BLAS's threads, which spin when idle, go to sleep."""
    time.sleep(PAUSE)
    start = time.perf_counter()
    model = fit(*data)
    return time.perf_counter() - start, model


def _growth(fit: Fit, case: Case) -> list[float]:
    """Return the seconds of a fit at each size of the case, the best of three."""
    times = []
    for n in case.growth:
        data = case.data(n)
        times.append(min(_seconds(fit, data)[0] for _ in range(3)))
    return times


def _exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the slope of log(time) over log(n), by least squares."""
    x, y = [math.log(n) for n in sizes], [math.log(s) for s in seconds]
    return statistics.linear_regression(x, y).slope


def _in_children(name: str) -> dict[str, float]:
    """Measure the first fit without and with cached kernels, and the memory, each in a child."""
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "SCRATCHML_CACHE_DIR": cache}
        cold = _child(name, env)
        cached = _child(name, env)
    return {
        "cold_s": cold["first_fit_s"],
        "cached_s": cached["first_fit_s"],
        "memory_ratio": cached["memory_ratio"],
        "cell_bytes": cached["cell_bytes"],
    }


def _child(name: str, env: Mapping[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks", "--child", name]
    out = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def first_fit(case: Case) -> dict[str, float]:
    """Measure the first fit of this process; the child's side of `measure`.

    Parameters
    ----------
    case : Case
        The problem.

    Returns
    -------
    dict
        ``first_fit_s``: seconds of a fit on the first 200 rows, kernels loaded or compiled, numpy
        already imported. ``memory_ratio``: peak memory during a whole fit over that before it, in
        units of the data's size; 1.0 means no copy. ``cell_bytes``: the same increase less the
        size of what is returned, in bytes a cell of the data's first array.
    """
    data = case.data(case.n)
    few = tuple(a[:200] for a in data)
    seconds, _ = _seconds(case.ours, few)
    before = _restart_peak()
    _, model = _seconds(case.ours, data)
    more = _peak_bytes() - before
    return {
        "first_fit_s": seconds,
        "memory_ratio": 1 + more / sum(_bytes(a) for a in data),
        "cell_bytes": (more - len(pickle.dumps(model))) / data[0].size,
    }


def _bytes(a: Any) -> int:
    """Return the size of an array, or of a sparse matrix in compressed rows."""
    if hasattr(a, "indptr"):
        return a.data.nbytes + a.indices.nbytes + a.indptr.nbytes
    return a.nbytes


def _restart_peak() -> int:
    """Forget the peak so far, where the system can, and return the memory in use now."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:  # not Linux: the peak of making the data counts too
        pass
    return _peak_bytes()


def _peak_bytes() -> int:
    """Peak resident memory of this process since `_restart_peak`."""
    try:
        with open("/proc/self/status") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _cpu_name() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()
