"""One pool of threads for all kernels, and the setting that says how many may work.

Work is cut into chunks whose bounds depend on the problem's size only; threads take the chunks in
order, whoever is free; results come back in the chunks' order. So a computation that combines
its partial results in that order gives the same bits for any number of threads.

    parts = parallel_chunks(lambda start, stop: kernel(X[start:stop]), chunk_bounds(n, 4096))

Only work that releases the GIL gains from it: kernels, and matrix products under
`scratchml._core.blas.one_blas_thread`, for BLAS has threads of its own. A launch costs about 25 us,
so work below about 200 us is faster in one thread.

Importing this module costs nothing: neither NumPy nor concurrent.futures is loaded.
"""

import os
import threading

TYPE_CHECKING = False  # type checkers take this for typing's; importing typing costs 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor
    from typing import TypeVar

    Result = TypeVar("Result")

_MOST_HELPERS = 64  # threads of the pool; it starts one only when none is idle


class _Local(threading.local):
    width: "int | None" = None  # set by `with set_num_threads(n)`, for this thread alone
    busy = False  # inside a chunk: nested calls run serially


_local = _Local()
_lock = threading.Lock()
_process_width: "int | None" = None
_default: "int | None" = None
_pool: "Executor | None" = None


def get_num_threads() -> int:
    """Return the number of threads that a computation started by this thread may use.

    Unless `set_num_threads` says otherwise, it is the number of CPUs this process may use (its
    affinity mask and its container's quota), lowered by the environment variables
    ``NUMBA_NUM_THREADS`` and ``OMP_NUM_THREADS``.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> import scratchml
    >>> with scratchml.set_num_threads(1):
    ...     scratchml.get_num_threads()
    1
    """
    return _local.width or _process_width or _default_width()


class set_num_threads:  # noqa: N801 (called as a function, entered as a context)
    """Set the number of threads that compiled loops may use.

    A plain call sets it for the whole process. In a ``with`` statement it holds for the calling
    thread only, and until the block ends, so that several Python threads can each
    have their own. Results never depend on it. BLAS (matrix products) has a setting of its own.

    Parameters
    ----------
    n : int or None
        A positive number; -1 for all CPUs, -2 for all but one, and so on; None for the default.

    Raises
    ------
    ValueError
        If `n` is 0.
    TypeError
        If `n` is not an integer.

    Examples
    --------
    >>> import scratchml
    >>> before = scratchml.get_num_threads()
    >>> with scratchml.set_num_threads(3):
    ...     scratchml.get_num_threads()
    3
    >>> scratchml.get_num_threads() == before
    True
    """

    def __init__(self, n: "int | None") -> None:
        global _process_width
        self._width = None if n is None else effective_n_jobs(n, name="n")
        with _lock:
            self._before = _process_width
            _process_width = self._width

    def __enter__(self) -> "set_num_threads":
        global _process_width
        with _lock:
            _process_width = self._before
        self._outer = _local.width
        _local.width = self._width or _default_width()
        return self

    def __exit__(self, *exc: object) -> None:
        _local.width = self._outer


def effective_n_jobs(n_jobs: "int | None", *, name: str = "n_jobs") -> int:
    """Return the number of threads that `n_jobs` asks for, in scikit-learn's sense.

    Parameters
    ----------
    n_jobs : int or None
        None is `get_num_threads()`, -1 all CPUs, -2 all but one (never less than 1), a positive
        number itself.
    name : str
        The argument's name, for the error.
    """
    if n_jobs is None:
        return get_num_threads()
    if not hasattr(n_jobs, "__index__"):
        raise TypeError(f"{name} must be an integer or None, got {n_jobs!r}")
    if n_jobs == 0:
        raise ValueError(f"{name} must not be 0: use 1 for no parallelism, -1 for all CPUs")
    return int(n_jobs) if n_jobs > 0 else max(1, _usable_cpus() + 1 + int(n_jobs))


def chunk_bounds(n: int, size: int) -> "list[tuple[int, int]]":
    """Cut ``range(n)`` into pieces of `size`, the last one maybe shorter.

    Examples
    --------
    >>> chunk_bounds(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    return [(start, min(start + size, n)) for start in range(0, n, size)]


def parallel_chunks(
    task: "Callable[[int, int], Result]",
    bounds: "Sequence[tuple[int, int]]",
    n_jobs: "int | None" = None,
) -> "list[Result]":
    """Return ``[task(start, stop) for start, stop in bounds]``, computed by several threads.

    The calling thread works too. Worth its launch from about 200 us of work. A call from inside a
    task runs serially. After an exception or Ctrl-C no further chunk starts; the call returns when
    the running ones have ended, so keep a chunk well under a second.

    Parameters
    ----------
    task : callable
        Called as ``task(start, stop)``; does its work in kernels, or in BLAS on one thread.
    bounds : sequence of (int, int)
        From `chunk_bounds`: a function of the problem's size, never of the number of threads.
    n_jobs : int or None
        See `effective_n_jobs`.

    Raises
    ------
    BaseException
        What a task raised; of several, that of the earliest chunk.
    """
    width = min(effective_n_jobs(n_jobs), len(bounds))
    if width <= 1 or _local.busy:
        return [task(start, stop) for start, stop in bounds]

    from collections import deque

    todo = deque(enumerate(bounds))
    results: list[Result | None] = [None] * len(bounds)
    errors: list[tuple[int, BaseException]] = []

    def work() -> None:
        _local.busy = True
        try:
            while todo:
                try:
                    i, (start, stop) = todo.popleft()
                except IndexError:  # another thread took the last one
                    return
                try:
                    results[i] = task(start, stop)
                except BaseException as error:
                    todo.clear()
                    errors.append((i, error))
        finally:
            _local.busy = False

    helpers = [_get_pool().submit(work) for _ in range(min(width - 1, _MOST_HELPERS))]
    try:
        work()
    finally:
        todo.clear()
        for helper in helpers:
            if not helper.cancel():
                helper.result()
    if errors:
        raise min(errors, key=lambda pair: pair[0])[1]
    return results  # type: ignore[return-value]


def _get_pool() -> "Executor":
    global _pool
    with _lock:
        if _pool is None:
            from concurrent.futures import ThreadPoolExecutor

            _pool = ThreadPoolExecutor(_MOST_HELPERS, thread_name_prefix="scratchml")
        return _pool


def _before_fork() -> None:
    _lock.acquire()  # so that no thread is halfway through importing concurrent.futures


def _after_fork_in_child() -> None:
    global _pool, _default
    _pool = _default = None  # the pool's threads do not exist here
    _local.busy = False
    _lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_lock.release, after_in_child=_after_fork_in_child
    )


def _default_width() -> int:
    """Look up the default once: the affinity mask and two files cost 10 us."""
    global _default
    if _default is not None:
        return _default
    limits = [_usable_cpus()]
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        first = os.environ.get(name, "").split(",")[0].strip()  # OpenMP allows a list per level
        if first.isdecimal() and int(first) > 0:
            limits.append(int(first))
    _default = min(limits)
    return _default


def _usable_cpus() -> int:
    """CPUs in this process's affinity mask, lowered by a container's quota (cgroup version 2)."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        count = os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max") as file:
            quota, period = file.read().split()
        return max(1, min(count, -(-int(quota) // int(period))))
    except (OSError, ValueError):  # no such file, or quota "max"
        return count
