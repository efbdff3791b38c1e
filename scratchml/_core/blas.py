"""Small matrix products on one thread: ``with one_blas_thread(when=small): A @ B``.

OpenBLAS, the library in NumPy's wheels, shares even products of some microseconds among its threads
and then waits for each of them. On a machine with other work, a fit that makes a few hundred such
products waits for a processor as often: least squares of 2000 x 20 took 93 ms with two threads and
0.7 ms with one. So solvers ask for one thread where the whole of their work is small, by a rule
on the problem's size alone.

Where NumPy has another BLAS, nothing happens. The setting is the process's, not the thread's: while
one thread is inside, products of other threads run on one thread too, to the same results.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

_SMALL = 300_000_000  # multiplications, about 10 ms: a second thread gains less than it may cost
_ONE_ANYWAY = 2e5  # multiplications, up to which BLAS does not think of threads
_WORTH_THREADS = 1e8

_lock = threading.Lock()
_inside = 0
_before = 1


class one_blas_thread:  # noqa: N801 (entered as a context)
    """Keep BLAS to one thread inside the block.

    Parameters
    ----------
    when : bool
        False: leave BLAS as it is.
    """

    def __init__(self, when: bool = True) -> None:
        self._functions = _openblas() if when else None

    def __enter__(self) -> None:
        global _inside, _before
        if self._functions is not None:
            get, put = self._functions
            with _lock:
                if _inside == 0:
                    _before = get()
                    put(1)
                _inside += 1

    def __exit__(self, *exc: object) -> None:
        global _inside
        if self._functions is not None:
            with _lock:
                _inside -= 1
                if _inside == 0:
                    self._functions[1](_before)


def is_small(X: np.ndarray) -> bool:
    """Return whether X'X or XX', the smaller of the two, is a small product.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Any matrix.
    """
    return X.size * min(X.shape) < _SMALL


def matmul(a: np.ndarray, b: np.ndarray) -> Any:
    """Return A B, or many products; in one thread if a second would wait longer than it computes.

    BLAS's threads wait by turning round, for milliseconds, on processors that kernels could use.

    Parameters
    ----------
    a, b : ndarray of shape (..., M, K) and (..., K, N)
        The leading axes broadcast.
    """
    multiply: Any = np.dot if a.ndim == b.ndim == 2 else np.matmul  # dot is called in half the time
    if _ONE_ANYWAY < a.shape[-2] * a.shape[-1] * b.shape[-1] < _WORTH_THREADS:
        with one_blas_thread():
            return multiply(a, b)
    return multiply(a, b)


@cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Return OpenBLAS's functions that get and set its number of threads, or None."""
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            library = ctypes.CDLL(str(path))  # loaded already: this only finds it
            for name in ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_"):
                try:
                    return (
                        getattr(library, name.format("get")),
                        getattr(library, name.format("set")),
                    )
                except AttributeError:
                    continue
    return None
