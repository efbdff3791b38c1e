"""Signatures of entry kernels: ``"T(const T[:, ::1], T[::1], int64)"`` parsed without Numba.

An array is written as in Numba: ``T[::1]`` and ``T[:, ::1]`` are C-contiguous, ``T[::1, :]`` is
Fortran-ordered, ``T[:, :]`` has any strides.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

_ARGUMENT = re.compile(r"(const\s+)?(\w+)\s*(\[[^\]]*\])?\s*(?:,|$)")
_NUMPY_NAMES = {"boolean": "bool_", "void": "void"}


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

    def numba_signature(self, types: Any, dtype: "np.dtype | None") -> Any:
        """Build Numba's signature for this T."""
        arguments = []
        for a in self.arguments:
            scalar = getattr(types, _resolve(a.dtype, dtype))
            if a.ndim:
                scalar = types.Array(scalar, a.ndim, a.layout, readonly=a.const)
            arguments.append(scalar)
        # The text comes from our own decorators; Numba reads its signatures in this way too.
        return eval(_resolve(self.returns, dtype), {}, vars(types))(*arguments)

    def numpy_casts(self, dtype: "np.dtype | None") -> "tuple[list[Any], Callable[[Any], Any]]":
        """Return the conversion of each argument (None for arrays) and of the result."""
        casts = [None if a.ndim else _scalar(_resolve(a.dtype, dtype)) for a in self.arguments]
        return casts, _result(_resolve(self.returns, dtype))

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
    """Parse a signature and take the arguments' names from the function."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    opening = text.rindex("(")
    inside = text[opening + 1 : text.rindex(")")].strip()
    pieces = list(_ARGUMENT.finditer(inside))
    if "".join(p.group() for p in pieces) != inside.replace(", ", ", ") and _squeeze(
        "".join(p.group() for p in pieces)
    ) != _squeeze(inside):
        raise ValueError(f"{function.__name__}: cannot read the signature {text!r}")
    if len(pieces) != len(names):
        raise ValueError(
            f"{function.__name__}: the signature {text!r} declares {len(pieces)} arguments, the "
            f"function takes {len(names)}"
        )
    arguments = tuple(_argument(n, p, text) for n, p in zip(names, pieces, strict=True))
    generic = next((i for i, a in enumerate(arguments) if a.dtype == "T" and a.ndim), None)
    if generic is None and re.search(r"\bT\b", text):
        raise ValueError(f"{function.__name__}: no array argument in {text!r} decides T")
    return Signature(text[:opening].strip(), arguments, generic)


def _squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def _argument(name: str, piece: "re.Match[str]", text: str) -> Argument:
    const, dtype, dims = piece.groups()
    steps = [step.strip() for step in dims[1:-1].split(",")] if dims else []
    ndim = len(steps)
    if any(step not in (":", "::1") for step in steps) or steps.count("::1") > 1:
        raise ValueError(f"cannot read {dims!r} in the signature {text!r}")
    layout = "A" if "::1" not in steps else "C" if steps[-1] == "::1" else "F"
    if layout == "F" and steps[0] != "::1":
        raise ValueError(f"cannot read {dims!r} in the signature {text!r}")
    return Argument(name, dtype, ndim, layout if ndim else "", bool(const))


def _resolve(text: str, dtype: "np.dtype | None") -> str:
    return text if dtype is None else re.sub(r"\bT\b", dtype.name, text)


def _scalar(name: str) -> "Callable[[Any], Any]":
    if name == "uint64":
        return lambda value: np.uint64(int(value) & 0xFFFFFFFFFFFFFFFF)
    scalar: Callable[[Any], Any] = getattr(np, _NUMPY_NAMES.get(name, name))
    return scalar


def _result(name: str) -> "Callable[[Any], Any]":
    if name == "void":
        return lambda value: None
    if name.startswith(("Tuple", "UniTuple")):
        return lambda value: tuple(v.item() if isinstance(v, np.generic) else v for v in value)
    scalar = _scalar(name)
    return lambda value: scalar(value).item()


def _array_problem(value: Any, a: Argument, dtype: "np.dtype | None") -> "str | None":
    if not isinstance(value, np.ndarray):
        return f"an array, got {type(value).__name__}"
    if a.dtype == "T" and value.dtype.name not in ("float32", "float64"):
        return f"an array of float32 or float64, got {value.dtype}"
    expected = np.dtype(_NUMPY_NAMES.get(a.dtype, a.dtype)) if a.dtype != "T" else dtype
    if value.dtype != expected:
        return f"an array of {expected}, got {value.dtype}"
    if value.ndim != a.ndim:
        return f"{a.ndim}-dimensional, got shape {value.shape}"
    if a.layout != "A" and not value.flags[f"{a.layout}_CONTIGUOUS"]:
        return f"contiguous in {a.layout} order, got strides {value.strides}"
    if not a.const and not value.flags.writeable:
        return "writable, got a read-only array"
    return None


def _scalar_problem(value: Any, a: Argument) -> "str | None":
    integral = a.dtype.startswith(("int", "uint"))
    fits = hasattr(value, "__index__") if integral else hasattr(value, "__float__")
    kind = "an integer" if integral else "a number"
    return None if fits else f"{kind}, got {value!r}"
