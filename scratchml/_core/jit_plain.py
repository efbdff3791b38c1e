"""Kernels without the compiler: the same function, run by Python with NumPy scalars inside.

What a kernel's author minds so that compiled and plain runs agree:

- NumPy's functions on scalars (``np.sqrt``), never ``math``'s, which raise where NumPy gives nan.
- Constants of a module get a NumPy type (``np.float64(0.5)``). Literals inside a kernel need not: a
  compiled 0.5 is a float64, and so it is here.
- Python's own integers, such as shapes and loop counters, still raise when they are divided by
  zero; the arguments of an entry kernel do not.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchml._core.jit_signature import Signature


class _State(threading.local):
    running = False  # NumPy's warnings are silenced once, by the outermost kernel of a thread


_state = _State()


def helper(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Return the plain form of a kernel without a signature."""
    return functools.partial(_run, _with_numpy_literals(function))


def entry(
    function: "Callable[..., Any]", signature: Signature, dtype: "np.dtype | None"
) -> "Callable[..., Any]":
    """Return the plain form of an entry kernel: scalars are converted to their declared types."""
    casts, returned = signature.casts(dtype)
    function = _with_numpy_literals(function)

    def run(*args: Any) -> Any:
        if not _state.running:
            problem = signature.mismatch(args)
            if problem:
                raise TypeError(f"{function.__name__}: {problem}")
        values = [cast(a) if cast else a for cast, a in zip(casts, args, strict=True)]
        result = _run(function, *values)
        return result if _state.running else returned(result)

    return run


def _run(function: "Callable[..., Any]", *args: Any) -> Any:
    if _state.running:
        return function(*args)
    _state.running = True
    try:
        with np.errstate(all="ignore"):
            return function(*args)
    finally:
        _state.running = False


def _with_numpy_literals(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Return the function with its float literals as np.float64.

    A Python float raises ZeroDivisionError and leaves a float32 as narrow as it is; a compiled
    float64, like NumPy's, divides to inf and widens.
    """
    code = function.__code__
    literals = tuple(np.float64(c) if type(c) is float else c for c in code.co_consts)
    plain: Any = type(function)
    return plain(code.replace(co_consts=literals), function.__globals__, function.__name__)
