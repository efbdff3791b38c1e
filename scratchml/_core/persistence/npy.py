"""Arrays as members of a model file: NumPy's .npy form 1.0, written and compared, never parsed.

An array is described by ``[dtype, shape, order]``, e.g. ``["<f8", [10, 3], "C"]``; a structured
dtype is a list of ``[name, dtype]`` or ``[name, dtype, shape]``.  The description alone says what
the header of the member must be, to the byte, and how many bytes follow.  So the memory for an
array is taken only after the file has shown that it has as much to give.

The dtypes are those that mean the same on every machine: bool, integers, float and complex of 16 to
128 bits in either byte order, fixed-width bytes and str, datetime64 and timedelta64.  Never object
(that would be pickle), nor long double.
"""

from __future__ import annotations

import math
import re
from typing import Any, Literal

import numpy as np

_DTYPE = re.compile(
    r"\|(b1|i1|u1|S[1-9]\d{0,8})"
    r"|[<>]([iu][248]|f[248]|c8|c16|U[1-9]\d{0,7}|[mM]8(\[([1-9]\d{0,8})?[A-Za-z]{1,2}\])?)"
)
_EMPTY_ITEM_LIMIT = 1 << 16  # NumPy allocates one item even for an array without any
_MAX_CODE_POINT = 0x10FFFF


def describe(array: np.ndarray) -> list[Any]:
    """Return ``[dtype, shape, order]`` of an array that can be stored.

    Parameters
    ----------
    array : ndarray
        Any layout; what is neither in C nor in Fortran order will be stored in C order.

    Raises
    ------
    TypeError
        If its dtype is not one of those above.
    """
    description = [dtype_to_json(array.dtype), list(array.shape), order_of(array)]
    if array.size == 0 and array.dtype.itemsize > _EMPTY_ITEM_LIMIT:
        raise TypeError(f"an empty array of dtype {array.dtype}")
    return description


def order_of(array: np.ndarray) -> Literal["C", "F"]:
    """Return "F" for an array in Fortran order alone, else "C"."""
    return "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"


def raw_bytes(array: np.ndarray, order: str) -> np.ndarray:
    """Return the bytes of `array` in C or Fortran `order`, 1-D of uint8; a view if it has it."""
    flat = np.ascontiguousarray(array.T if order == "F" else array).reshape(-1)
    return flat.view(np.uint8)


def header(description: list[Any]) -> bytes:
    """Return the .npy header of an array so described, padded as NumPy does, to 64 bytes.

    Parameters
    ----------
    description : list
        Of `describe` or `check_description`.

    Raises
    ------
    ValueError
        If it would be longer than form 1.0 allows.
    """
    dtype, shape, order = description
    descr = repr(dtype) if isinstance(dtype, str) else repr([_npy_field(*f) for f in dtype])
    text = f"{{'descr': {descr}, 'fortran_order': {order == 'F'}, 'shape': {tuple(shape)!r}, }}"
    size = len(text) + 11  # magic, version, length, and the newline
    padded = text + " " * (-size % 64) + "\n"
    if len(padded) > 0xFFFF:
        raise ValueError("a structured dtype with too many fields")
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode("ascii")


def allocate(description: Any, nbytes_held: int) -> np.ndarray:
    """Return an uninitialised array for a description read from a file.

    Parameters
    ----------
    description : object
        What the file says.
    nbytes_held : int
        The size of the member that is to fill it, header included.

    Raises
    ------
    ValueError
        If it is not a description, or asks for another size than the member has.
    """
    if not (isinstance(description, list) and len(description) == 3):
        raise ValueError(f"{description!r:.80} does not describe an array")
    tree, shape, order = description
    dtype = dtype_from_json(tree)
    count = count_items(shape)
    if order not in ("C", "F"):
        raise ValueError(f"{order!r:.80} is no memory order; 'C' and 'F' are")
    if count == 0 and dtype.itemsize > _EMPTY_ITEM_LIMIT:
        raise ValueError(f"an empty array has items of {dtype.itemsize} bytes")
    nbytes = len(header(description)) + count * dtype.itemsize
    if nbytes != nbytes_held:
        raise ValueError(
            f"an array of dtype {tree!r:.80} and shape {shape!r:.80} takes {nbytes} bytes, its "
            f"member has {nbytes_held}"
        )
    return np.empty(shape, dtype, order=order)


def count_items(shape: Any) -> int:
    """Return the number of items of an array of a `shape` read from a file, or raise ValueError."""
    if not (isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape)):
        raise ValueError(f"{shape!r:.80} is no shape of an array")
    if len(shape) > 32 or math.prod(max(n, 1) for n in shape) >= 1 << 48:
        raise ValueError(f"the shape {shape!r:.80} is larger than arrays can be")
    return math.prod(shape)


def check_items(array: np.ndarray) -> None:
    """Raise ValueError if bytes of `array` are no value of its dtype.

    Booleans other than 0 and 1 mislead NumPy's counting (and what is allocated by it); code points
    beyond Unicode raise wherever they are first looked at.
    """
    for name in array.dtype.names or ():
        check_items(np.ascontiguousarray(array[name]))
    if array.size == 0:
        return
    if array.dtype.kind == "b" and array.view(np.uint8).max() > 1:
        raise ValueError("a boolean array holds other values than 0 and 1")
    if array.dtype.kind == "U":
        flat = array.reshape(-1, order="A").view(array.dtype.byteorder + "u4")
        if flat.max() > _MAX_CODE_POINT:
            raise ValueError("an array of str holds numbers that are no characters")


def dtype_from_json(tree: Any) -> np.dtype:
    """Return the dtype that a file describes, or raise ValueError."""
    if isinstance(tree, str):
        try:
            dtype = np.dtype(tree) if _DTYPE.fullmatch(tree) else None
        except (TypeError, ValueError):  # "[x]" is no unit of time
            dtype = None
        if dtype is None or dtype.str != tree:
            raise ValueError(f"{tree!r:.80} is no dtype of a stored array")
        return dtype
    if not (isinstance(tree, list) and tree and all(map(_is_field, tree))):
        raise ValueError(f"{tree!r:.80} is no dtype of a stored array")
    if len({field[0] for field in tree}) != len(tree):
        raise ValueError("a structured dtype has two fields of one name")
    fields = [(name, dtype_from_json(base), *map(tuple, shape)) for name, base, *shape in tree]
    if sum(base.itemsize * math.prod(*shape or [()]) for _, base, *shape in fields) > 1 << 30:
        raise ValueError("a structured dtype has items of more than a gigabyte")
    return np.dtype(fields)


def _is_field(tree: Any) -> bool:
    if not (isinstance(tree, list) and len(tree) in (2, 3)):
        return False
    name, base, *shape = tree
    plain = isinstance(name, str) and name.isascii() and name.isidentifier()
    return plain and isinstance(base, str) and all(0 < count_items(s) <= 1 << 30 for s in shape)


def dtype_to_json(dtype: np.dtype) -> Any:
    tree: Any = dtype.str
    if dtype.names is not None:
        tree = []
        for name in dtype.names:
            base, shape = dtype[name].base, dtype[name].shape
            tree.append([name, base.str, list(shape)] if shape else [name, base.str])
    try:
        if dtype_from_json(tree) == dtype:  # what has gaps, titles or nested fields differs
            return tree
    except ValueError:
        pass
    raise TypeError(f"an array of dtype {dtype}")


def _npy_field(name: str, base: str, shape: list[int] | None = None) -> tuple[Any, ...]:
    return (name, base) if shape is None else (name, base, tuple(shape))
