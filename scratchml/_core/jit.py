"""The one door to Numba: ``@jit`` marks a kernel, and the first call compiles it.

    @jit                                        a helper, specialised by the kernels that call it
    @jit(inline="always")                       a helper of a few lines, copied into its callers
    @jit("T(const T[:, ::1], T[::1], int64)")   an entry kernel, called from Python

The signature of an entry kernel is Numba's notation with two additions. ``T`` stands for float32
or float64: the dtype of the first array declared with it decides at each call, and each of the
two is compiled at its first use. ``const`` marks an array that is only read: writable and
read-only arrays both fit, without a second compilation. Scalars are converted to their declared
type, so passing 1 for 1.0 never compiles anew; an array of another dtype or layout is a TypeError.

Importing this module, or a module full of kernels, does not import Numba. When Numba is missing
(one warning) or ``NUMBA_DISABLE_JIT=1`` (none), kernels run as the plain Python they are, with
NumPy scalars inside, so that 1 / 0 is inf and unsigned integers wrap as in compiled code. For
that, kernels use ``np.sqrt`` and its like, never ``math``, and give module-level constants a NumPy
type. Kernels never hold the GIL and divide as NumPy does (``error_model="numpy"``).

Compiled code is stored between runs: see `scratchml._core.jit_cache`.
"""

import functools
import operator
import os
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchml._core.signature import parse

NAN_SAFE_FASTMATH = frozenset({"reassoc", "contract", "arcp", "nsz", "afn"})
"""The fastmath flags under which isnan and isinf keep their meaning; ``fastmath=True`` breaks them."""

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_kernels: "list[Kernel]" = []
_compiling = threading.RLock()  # order: first this lock, then Numba's compiler lock


class NumbaMissingWarning(RuntimeWarning):
    """Numba cannot be imported: kernels run as plain Python, slower by a factor of 100 or so."""


class _Plain(threading.local):
    running = False


_plain = _Plain()


def jit(
    signature: "str | Callable[..., Any] | None" = None,
    *,
    inline: str = "never",
    fastmath: "frozenset[str]" = frozenset(),
) -> Any:
    """Mark a module-level function as a kernel (see the module's docstring).

    Parameters
    ----------
    signature : str, optional
        Signature of an entry kernel. Without it, the kernel is specialised by its callers.
    inline : {"never", "always"}
        Copy the body into the callers before they are typed.
    fastmath : frozenset of str
        Freedoms given to floating-point arithmetic: `NAN_SAFE_FASTMATH` or a part of it.
    """
    if callable(signature):
        return Kernel(signature, {})
    if not fastmath <= NAN_SAFE_FASTMATH:
        raise ValueError(f"fastmath must be a subset of NAN_SAFE_FASTMATH, got {fastmath!r}")
    options: dict[str, Any] = {"inline": inline} if inline != "never" else {}
    if fastmath:
        options["fastmath"] = set(fastmath)
    if signature is None:
        return lambda function: Kernel(function, options)
    return lambda function: EntryKernel(function, options, signature)


class Kernel:
    """A function that is compiled when it is first called, from Python or from another kernel."""

    def __init__(self, function: "Callable[..., Any]", options: "dict[str, Any]") -> None:
        functools.update_wrapper(self, function)
        self.py_func = function
        self.targetoptions = options  # Numba's inliner looks for this name
        _kernels.append(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._run(*args, **kwargs)

    @functools.cached_property
    def _run(self) -> "Callable[..., Any]":
        return self.dispatcher if compiler() else functools.partial(_run_plain, self._plain_func)

    @functools.cached_property
    def dispatcher(self) -> Any:
        """Numba's dispatcher, specialised by the kernels that call this one."""
        return self._new_dispatcher()

    @functools.cached_property
    def _plain_func(self) -> "Callable[..., Any]":
        return _with_numpy_constants(self.py_func)

    @property
    def _numba_type_(self) -> Any:
        return self.dispatcher._numba_type_

    def _new_dispatcher(self) -> Any:
        from scratchml._core.jit_cache import attach_cache

        numba = compiler()
        options = {"nogil": True, "error_model": "numpy", **self.targetoptions}
        dispatcher = numba.njit(**options)(self.py_func)
        attach_cache(dispatcher, self.py_func, options)
        return dispatcher

    def __reduce__(self) -> str:
        return self.__qualname__  # pickled by name, as functions are

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__module__}.{self.__qualname__}>"


class EntryKernel(Kernel):
    """A kernel with a declared signature, called from Python."""

    def __init__(
        self, function: "Callable[..., Any]", options: "dict[str, Any]", signature: str
    ) -> None:
        super().__init__(function, options)
        self.signature = parse(signature, function)
        self._variants: dict[np.dtype | None, Callable[..., Any]] = {}
        self._which = self.signature.generic  # index of the array that decides T, or None
        self._casts = [
            (i, _PYTHON_CASTS.get(a.dtype, float))
            for i, a in enumerate(self.signature.arguments)
            if a.ndim == 0
        ]

    def __call__(self, *args: Any) -> Any:
        try:
            dtype = None if self._which is None else args[self._which].dtype
            variant = self._variants.get(dtype) or self._compile(dtype)
            values = list(args)
            for i, cast in self._casts:
                values[i] = cast(values[i])
            return variant(*values)
        except (TypeError, AttributeError, IndexError) as error:
            problem = self.signature.mismatch(args)
            if problem is None:
                raise
            raise TypeError(f"{self.__name__}: {problem}") from error

    def _compile(self, dtype: "np.dtype | None") -> "Callable[..., Any]":
        """Build the variant for this T, once, and return it."""
        if dtype is not None and dtype not in _FLOATS:
            raise TypeError("T is float32 or float64")
        with _compiling:
            if dtype not in self._variants:
                numba = compiler()
                if numba is None:
                    variant = functools.partial(
                        _run_declared, self._plain_func, *self.signature.numpy_casts(dtype)
                    )
                else:
                    variant = self._new_dispatcher()
                    variant.compile(self.signature.numba_signature(numba.types, dtype))
                    variant.disable_compile()
                self._variants[dtype] = variant
            return self._variants[dtype]

    def dtypes(self) -> "tuple[np.dtype | None, ...]":
        """Every T this kernel can be compiled for: (None,) when its signature has no T."""
        return (None,) if self._which is None else _FLOATS


def _wrap_uint64(value: Any) -> int:
    return operator.index(value) & 0xFFFFFFFFFFFFFFFF


_PYTHON_CASTS: "dict[str, Callable[[Any], Any]]" = {
    **dict.fromkeys(("int64", "int32", "int16", "int8", "intp"), operator.index),
    **dict.fromkeys(("uint32", "uint16", "uint8"), operator.index),
    "uint64": _wrap_uint64,
    "boolean": bool,
}


def _run_plain(function: "Callable[..., Any]", *args: Any, **kwargs: Any) -> Any:
    """Run uncompiled, silencing NumPy's floating-point warnings once, not in each nested call."""
    if _plain.running:
        return function(*args, **kwargs)
    _plain.running = True
    try:
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)
    finally:
        _plain.running = False


def _run_declared(
    function: "Callable[..., Any]", casts: "list[Any]", returned: Any, *args: Any
) -> Any:
    """Run an entry kernel uncompiled: declared NumPy scalars go in, the declared type comes out."""
    values = [cast(a) if cast else a for cast, a in zip(casts, args, strict=True)]
    result = _run_plain(function, *values)
    return result if _plain.running else returned(result)


def _with_numpy_constants(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Return the function with its float literals as np.float64.

    Compiled, a literal 1.0 is a float64: it divides by zero to inf and widens a float32. A Python
    float would raise instead, and would leave the float32 as it is.
    """
    code = function.__code__
    constants = tuple(np.float64(c) if type(c) is float else c for c in code.co_consts)
    plain = type(function)(
        code.replace(co_consts=constants), function.__globals__, function.__name__
    )
    plain.__defaults__ = function.__defaults__
    return plain


@functools.cache
def compiler() -> Any:
    """Return the numba module, or None when kernels are to run as plain Python."""
    with _compiling:
        if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
            return None
        try:
            import numba
        except Exception as error:  # a broken Numba is no better than a missing one
            return _warn_missing(error)
        return None if numba.config.DISABLE_JIT else numba


def _warn_missing(error: Exception) -> None:
    warnings.warn(
        f"numba cannot be imported ({error}): scratchml's kernels run as plain Python, about a "
        "hundred times slower. 'pip install numba' makes them fast; NUMBA_DISABLE_JIT=1 silences "
        "this warning.",
        NumbaMissingWarning,
        stacklevel=2,
    )
