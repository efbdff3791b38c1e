"""Signatures of entry kernels: ``"T(const T[:, ::1], T[::1], int64)"``, read without Numba.

An array is written as in Numba: ``T[::1]`` and ``T[:, ::1]`` are C-contiguous, ``T[::1, :]`` is
Fortran-ordered, ``T[:, :]`` has any strides.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))  # what T stands for

_ARGUMENT = re.compile(r"(const )?\s*(\w+)\s*(?:\[([:1,\s]+)\])?")
_SPLIT = re.compile(r",(?![^\[]*\])")  # a comma outside brackets


class Argument(NamedTuple):
    """One declared argument; a scalar has ``ndim`` 0 and no layout."""

    name: str
    dtype: str
    ndim: int
    layout: str
    const: bool


class Signature(NamedTuple):
    """A parsed signature; `generic` is the position of the array that decides T, if any."""

    returns: str
    arguments: "tuple[Argument, ...]"
    generic: "int | None"

    def for_numba(self, types: Any, dtype: "np.dtype | None") -> Any:
        """Build Numba's signature for this T."""
        arguments = []
        for a in self.arguments:
            kind = getattr(types, _resolve(a.dtype, dtype))
            arguments.append(types.Array(kind, a.ndim, a.layout, a.const) if a.ndim else kind)
        # The text comes from our own decorators, and this is how Numba reads signatures too.
        return eval(_resolve(self.returns, dtype), {}, vars(types))(*arguments)

    def casts(self, dtype: "np.dtype | None") -> "tuple[list[Any], Callable[[Any], Any]]":
        """Return the conversion of each argument (None for arrays) and that of the result."""
        scalars = [
            None if a.ndim else _numpy_type(_resolve(a.dtype, dtype)) for a in self.arguments
        ]
        returns = _resolve(self.returns, dtype)
        if returns == "void":
            return scalars, lambda value: None
        if "(" in returns:  # Tuple, UniTuple
            return scalars, lambda value: tuple(np.asarray(v).item() for v in value)
        kind = _numpy_type(returns)
        return scalars, lambda value: kind(value).item()

    def integers(self) -> "tuple[int, ...]":
        """Return the positions of the integer scalars."""
        return tuple(i for i, a in enumerate(self.arguments) if not a.ndim and _is_integer(a.dtype))

    def mismatch(self, args: "tuple[Any, ...]") -> "str | None":
        """Say which argument breaks the signature and how, or return None."""
        if len(args) != len(self.arguments):
            return f"takes {len(self.arguments)} arguments, got {len(args)}"
        dtype = None if self.generic is None else getattr(args[self.generic], "dtype", None)
        for value, a in zip(args, self.arguments, strict=True):
            problem = _array_problem(value, a, dtype) if a.ndim else _scalar_problem(value, a)
            if problem:
                return f"argument '{a.name}' must be {problem}"
        return None


def parse(text: str, function: "Callable[..., Any]") -> Signature:
    """Read a signature; the arguments' names come from the function.

    Raises
    ------
    ValueError
        If the text cannot be read, or does not fit the function.
    """
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    opening = text.rfind("(")
    declared = text[opening + 1 :].removesuffix(")").strip()
    pieces = [_ARGUMENT.fullmatch(piece.strip()) for piece in _SPLIT.split(declared) if declared]
    if opening < 1 or not text.endswith(")") or None in pieces:
        raise ValueError(f"{function.__name__}: cannot read the signature {text!r}")
    if len(pieces) != len(names):
        raise ValueError(
            f"{function.__name__}: the signature {text!r} declares {len(pieces)} arguments, the "
            f"function takes {len(names)}"
        )
    arguments = tuple(_argument(n, *p.groups()) for n, p in zip(names, pieces, strict=True) if p)
    generic = next((i for i, a in enumerate(arguments) if a.dtype == "T" and a.ndim), None)
    if generic is None and re.search(r"\bT\b", text):
        raise ValueError(f"{function.__name__}: no array of the signature {text!r} decides T")
    return Signature(text[:opening].strip(), arguments, generic)


def _argument(name: str, const: "str | None", dtype: str, axes: "str | None") -> Argument:
    steps = [step.strip() for step in axes.split(",")] if axes else []
    layouts = {len(steps) - 1: "C", 0: "F", -1: "A"} if len(steps) != 1 else {0: "C", -1: "A"}
    unit = steps.index("::1") if "::1" in steps else -1
    rest = [step for i, step in enumerate(steps) if i != unit]
    if (steps and unit not in layouts) or any(step != ":" for step in rest):
        raise ValueError(f"argument '{name}': cannot read the layout [{axes}]")
    return Argument(name, dtype, len(steps), layouts[unit] if steps else "", bool(const))


def _resolve(text: str, dtype: "np.dtype | None") -> str:
    return text if dtype is None else re.sub(r"\bT\b", dtype.name, text)


def _numpy_type(name: str) -> Any:
    return getattr(np, {"boolean": "bool_"}.get(name, name))


def _is_integer(dtype: str) -> bool:
    return dtype.startswith(("int", "uint"))


def _array_problem(value: Any, a: Argument, dtype: "np.dtype | None") -> "str | None":
    if not isinstance(value, np.ndarray):
        return f"an array, got {type(value).__name__}"
    if a.dtype == "T" and dtype not in FLOATS:
        return f"an array of float32 or float64, got {value.dtype}"
    expected = dtype if a.dtype == "T" else np.dtype(_numpy_type(a.dtype))
    if value.dtype != expected:
        return f"an array of {expected}, got {value.dtype}"
    if value.ndim != a.ndim:
        return f"{a.ndim}-dimensional, got shape {value.shape}"
    contiguous = {"A": True, "C": value.flags.c_contiguous, "F": value.flags.f_contiguous}
    if not contiguous[a.layout]:
        return f"contiguous in {a.layout} order, got strides {value.strides}"
    if not a.const and not value.flags.writeable:
        return "writable, got a read-only array"
    return None


def _scalar_problem(value: Any, a: Argument) -> "str | None":
    integer = _is_integer(a.dtype)
    if hasattr(value, "__index__" if integer else "__float__") and np.ndim(value) == 0:
        return None
    return f"{'an integer' if integer else 'a number'}, got {value!r}"
