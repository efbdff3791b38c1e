"""Helper kernels are lowered only; the entry kernel that they end up in is what gets optimised.

Numba optimises a function, with the copies of all that it calls, and generates its machine code
before its caller is compiled, which then does the same to the whole again: the innermost of six
levels is optimised six times. For a helper, which only other kernels call, that work is thrown
away. So its code stays as it was lowered until it is linked into an entry kernel: a third of
the time for a builder of trees.

This overrides parts of Numba that are not public; where they are not as expected, a helper is
compiled in Numba's own way.
"""

import functools
import weakref
from typing import Any


def lower_only(dispatcher: Any) -> None:
    """Let the dispatcher of a helper compile without optimising and without machine code."""
    try:
        codegen = dispatcher.targetctx.codegen()
        library = _library_class(codegen._library_class)
        compiler = dispatcher._compiler
        compile_as_numba_does = compiler.compile
    except AttributeError:
        return
    if library is None:
        return

    @functools.wraps(compile_as_numba_does)
    def compile(args: Any, return_type: Any) -> Any:
        before = codegen._library_class, codegen.set_env  # the caller holds the compiler lock
        # No machine code, so no address for the environment either, which serves printing.
        codegen._library_class, codegen.set_env = library, _do_nothing
        try:
            return compile_as_numba_does(args, return_type)
        finally:
            codegen._library_class, codegen.set_env = before

    compiler.compile = compile


def _do_nothing(*args: Any) -> None:
    pass


@functools.cache
def _library_class(base: Any) -> Any:
    """Return the class of a library that is never run, or None."""
    if getattr(base, "lowered_only", False):
        return base
    steps = ("_optimize_final_module", "_finalize_final_module", "get_pointer_to_function")
    checks = ("_finalize_dynamic_globals", "_verify_declare_only_symbols")
    if not all(hasattr(base, name) for name in steps + checks):
        return None

    class LoweredLibrary(base):
        lowered_only = True

        def _optimize_final_module(self) -> None:
            pass

        def _finalize_final_module(self) -> None:
            self._finalize_dynamic_globals()
            self._verify_declare_only_symbols()
            self._final_module._CPUCodeLibrary__library = weakref.proxy(self)
            self._finalized = True

        def get_pointer_to_function(self, name: str) -> int:
            self._ensure_finalized()
            return 0

    return LoweredLibrary
