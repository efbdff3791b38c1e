"""The one door to Numba: ``@jit`` marks a kernel, and the first call compiles it.

    @jit                                        a helper, specialised by the kernels that call it
    @jit(inline="always")                       a helper of a few lines, copied into its callers
    @jit("T(const T[:, ::1], T[::1], int64)")   an entry kernel, called from Python

The signature of an entry kernel is Numba's notation with two additions. ``T`` stands for float32
or float64: the dtype of the first array declared with it decides at each call, and each of the
two is compiled at its first use. ``const`` marks an array that is only read: writable and
read-only arrays both fit, without a second compilation. Scalars are converted to their declared
type, so passing 1 for 1.0 never compiles anew; an array of another dtype or layout is a TypeError.
Only kernels without a signature may call themselves.

Importing this module, or a module full of kernels, does not import Numba. When Numba is missing
(one warning) or ``NUMBA_DISABLE_JIT=1`` (none), kernels run as the plain Python they are: see
`scratchml._core.jit_plain` for what a kernel's author minds so that both ways agree. Kernels never
hold the GIL and divide as NumPy does (``error_model="numpy"``). Compiled code is kept between runs
by `scratchml._core.jit_cache`.
"""

import functools
import os
import time
import warnings
from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np

from scratchml._core import jit_plain
from scratchml._core.jit_fork import compiling
from scratchml._core.jit_signature import FLOATS, parse

NAN_SAFE_FASTMATH = frozenset({"reassoc", "contract", "arcp", "nsz", "afn"})
"""The fastmath flags that leave isnan and isinf their meaning; ``fastmath=True`` does not."""

LOADED_AT = time.time()  # modules of kernels import this one first of all
kernels: "list[Kernel]" = []
_backend: Any = False  # False: not yet looked for; None: plain Python; otherwise the numba module
_problem = ""  # why there is no backend, until it is said


class NumbaMissingWarning(RuntimeWarning):
    """Numba cannot be imported: kernels run as plain Python, about a hundred times slower."""


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
        "always" copies the body into its callers, where it takes on their fastmath flags.
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

    __name__: str
    __qualname__: str

    def __init__(self, function: "Callable[..., Any]", options: "dict[str, Any]") -> None:
        functools.update_wrapper(self, function)
        self.py_func = function
        self.targetoptions = options  # Numba's inliner looks for this name
        self._dispatcher: Any = None
        self._run: Callable[..., Any] | None = None
        kernels.append(self)

    def __call__(self, *args: Any) -> Any:
        run = self._run
        if run is None:
            if compiler():  # kernels called later share it, and so do its own calls of itself
                run = self._dispatcher = self._new_dispatcher()
            else:
                run = jit_plain.helper(self.py_func)
            self._run = run
        return run(*args)

    @property
    def dispatcher(self) -> Any:
        """Numba's dispatcher, specialised by the kernels that call this one."""
        # No lock here: Numba asks for it while it holds its own. Should two threads build one each,
        # the second wins, and the first serves whoever has it already.
        if self._dispatcher is None:
            self._dispatcher = self._new_dispatcher(no_cpython_wrapper=True)
        return self._dispatcher

    @property
    def _numba_type_(self) -> Any:
        return self.dispatcher._numba_type_

    def _new_dispatcher(self, **how: bool) -> Any:
        from scratchml._core.jit_cache import attach_cache  # 15 ms: for those who compile
        from scratchml._core.jit_helpers import lower_only

        # The wrappers that a kernel would have for calls from Python and from C take up to a
        # quarter of the time to compile it; each is made only where there are such calls.
        how["no_cfunc_wrapper"] = True
        # Kernels allocate nothing, so no array needs to be counted (_nrt): the counting is atomic,
        # and took half the time of kernels that pass on slices.
        options = {
            "nogil": True,
            "error_model": "numpy",
            "_nrt": False,
            **how,
            **self.targetoptions,
        }
        dispatcher = compiler().njit(**options)(self.py_func)
        if "no_cpython_wrapper" in how:
            lower_only(dispatcher)
        else:
            attach_cache(dispatcher, options)
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
        self._which = self.signature.generic  # position of the array that decides T, or None
        self._integers = self.signature.integers()

    def __call__(self, *args: Any) -> Any:
        try:
            dtype = None if self._which is None else args[self._which].dtype
            for i in self._integers:
                index(args[i])  # Numba would truncate 2.7 to 2
            return (self._variants.get(dtype) or self.compile(dtype))(*args)
        except (TypeError, AttributeError, IndexError) as error:
            problem = self.signature.mismatch(args)
            if problem:
                raise TypeError(f"{self.__name__}: {problem}") from error
            if isinstance(error, TypeError) and _backend:
                return self._call_unchecked(dtype, args)
            raise

    def _call_unchecked(self, dtype: "np.dtype | None", args: "tuple[Any, ...]") -> Any:
        """Call past Numba's own test of the arguments, which `mismatch` has found in order.

        Numba takes an array of shape (n, 1) for C-ordered only, although it is Fortran-ordered too.
        """
        signature = self.signature.for_numba(_backend.types, dtype)
        variant: Any = self._variants[dtype]
        return variant.get_overload(signature)(*args)

    def compile(self, dtype: "np.dtype | None" = None) -> "Callable[..., Any]":
        """Build the variant for this T (None when the signature has no T), once, and return it."""
        if dtype is not None and dtype not in FLOATS:
            raise TypeError(f"T must be float32 or float64, got {dtype}")
        with compiling:
            if dtype not in self._variants:
                if compiler():
                    variant = self._new_dispatcher()
                    variant.compile(self.signature.for_numba(_backend.types, dtype))
                    variant.disable_compile()
                else:
                    variant = jit_plain.entry(self.py_func, self.signature, dtype)
                self._variants[dtype] = variant
            return self._variants[dtype]

    def dtypes(self) -> "tuple[np.dtype | None, ...]":
        """Every T this kernel can be compiled for: (None,) when its signature has no T."""
        return (None,) if self._which is None else FLOATS


class ByDtype(Kernel):
    """Two kernels under one name: the type of the first argument says which one a call means."""

    def __init__(self, name: str, float32: Kernel, float64: Kernel) -> None:
        super().__init__(float64.py_func, {})
        self.__name__ = self.__qualname__ = name
        self._float32, self._float64 = float32, float64

    def __call__(self, *args: Any) -> Any:
        return (self._float32 if type(args[0]) is np.float32 else self._float64)(*args)

    @property
    def _numba_type_(self) -> Any:
        from numba.core.registry import cpu_target

        if self._dispatcher is None:
            self._dispatcher = self._overload()
            cpu_target.typing_context.refresh()
            cpu_target.target_context.refresh()
        return cpu_target.typing_context.resolve_value_type(self._dispatcher)

    def _overload(self) -> "Callable[..., Any]":
        """Register the choice with Numba, under the name of a function that is never run."""
        float32, float64, types = self._float32, self._float64, compiler().types

        def stand_in(x): ...

        def choose(x):
            if x == types.float32:
                return lambda x: float32(x)
            return lambda x: float64(x)

        # LLVM would not take a large function for worth inlining twice, and no call is vectorised.
        compiler().extending.overload(stand_in, jit_options={"forceinline": True})(choose)
        return stand_in


def compiler(*, needed: bool = True) -> Any:
    """Return the numba module, or None when kernels are to run as plain Python.

    Parameters
    ----------
    needed : bool
        Warn, once, if it is missing. Who asks in order to do as well without it passes False.
    """
    global _backend, _problem
    if _backend is False:
        with compiling:
            if _backend is False:
                _backend, _problem = _find_backend()
    if needed and _problem:
        problem, _problem = _problem, ""  # first, so that it is said once even as an error
        warnings.warn(problem, NumbaMissingWarning, stacklevel=2)
    return _backend


def _find_backend() -> "tuple[Any, str]":
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return None, ""
    try:
        import numba
    except Exception as error:  # a broken Numba is no better than a missing one
        return None, (
            f"numba cannot be imported ({error}): scratchml's kernels run as plain Python, about a "
            "hundred times slower. Install numba to make them fast, or set NUMBA_DISABLE_JIT=1 to "
            "silence this warning."
        )
    return (None if numba.config.DISABLE_JIT else numba), ""  # type: ignore[attr-defined]
