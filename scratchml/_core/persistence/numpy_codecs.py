"""Pairs of functions, as in `codecs`, for NumPy's values: arrays, scalars, dtypes; sparse rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scratchml._core.csr import CSR
from scratchml._core.persistence import npy
from scratchml._core.persistence.codecs import Codec, expect, from_hex

if TYPE_CHECKING:
    from scratchml._core.persistence.values import Packer, Unpacker

TYPES: dict[str, type] = {
    **{kind.__name__: kind for kind in (bool, int, float, complex, str, bytes, object)},
    **{f"numpy.{np.dtype(code).name}": np.dtype(code).type for code in "?bhilqBHILQefdFD"},
}
TYPE_NAMES = {kind: name for name, kind in TYPES.items()}


def pack_scalar(value: np.generic, path: str, packer: Packer) -> list:
    """Return the dtype and the bits of a NumPy scalar."""
    if isinstance(value, np.str_):  # the bits of these two forget NULs at the end
        return ["U", packer.pack(str.__str__(value), path)]
    if isinstance(value, np.bytes_):
        return ["S", packer.pack(bytes(value), path)]
    try:
        return [npy.dtype_to_json(value.dtype), value.tobytes().hex()]
    except TypeError:
        raise TypeError(f"cannot save {path}: it is a NumPy scalar of {value.dtype}") from None


def unpack_scalar(payload: Any, unpacker: Unpacker) -> np.generic:
    """Return a NumPy scalar."""
    if type(payload) is not list or len(payload) != 2 or type(payload[0]) is not str:
        raise ValueError(f"{payload!r:.80} is not a NumPy scalar")
    dtype, data = payload
    if dtype == "U":
        return np.str_(expect(str, unpacker.unpack(data), "a str"))
    if dtype == "S":
        return np.bytes_(expect(bytes, unpacker.unpack(data), "bytes"))
    kind = npy.dtype_from_json(dtype)
    array = np.frombuffer(from_hex(data, kind.itemsize), dtype=kind)
    npy.check_items(array)
    return array[0]


def pack_array(value: np.ndarray, path: str, packer: Packer) -> list:
    """Return the description of an array, whose data go to a member of their own."""
    return packer.pack_array(value, path)


def unpack_array(payload: Any, unpacker: Unpacker) -> np.ndarray:
    """Return an array."""
    return unpacker.unpack_array(payload)


def pack_csr(value: CSR, path: str, packer: Packer) -> list:
    """Return shape and arrays of sparse rows."""
    names = ("data", "indices", "indptr")
    arrays = [packer.pack_array(getattr(value, name), f"{path}.{name}") for name in names]
    return [list(value.shape), *arrays]


def unpack_csr(payload: Any, unpacker: Unpacker) -> CSR:
    """Return sparse rows."""
    if type(payload) is not list or len(payload) != 4:
        raise ValueError(f"{payload!r:.80} does not describe sparse rows")
    shape, (data, indices, indptr) = payload[0], map(unpacker.unpack_array, payload[1:])
    if npy.count_items(shape) < 0 or len(shape) != 2:
        raise ValueError(f"{shape!r:.80} is no shape of sparse rows")
    value = CSR(data, indices, indptr, (shape[0], shape[1]))
    if problem := value.problem():
        raise ValueError(f"its sparse rows are broken: {problem}")
    return value


def pack_objects(value: np.ndarray, path: str, packer: Packer) -> list:
    """Return shape, order and packed items of an array of Python objects."""
    order: Literal["C", "F"] = npy.order_of(value)
    items = [packer.pack(item, f"{path}[{i}]") for i, item in enumerate(value.ravel(order))]
    return [list(value.shape), order, items]


def unpack_objects(payload: Any, unpacker: Unpacker) -> np.ndarray:
    """Return an array of Python objects."""
    if type(payload) is not list or len(payload) != 3 or payload[1] not in ("C", "F"):
        raise ValueError(f"{payload!r:.80} does not describe an array of objects")
    shape, order, items = payload
    if npy.count_items(shape) != len(expect(list, items, "a list of objects")):
        raise ValueError(f"an array of shape {shape!r:.80} does not hold {len(items)} objects")
    flat = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        flat[i] = unpacker.unpack(item)
    return flat.reshape(shape, order=order)


def pack_dtype(value: np.dtype, path: str, packer: Packer) -> Any:
    """Return the description of a dtype."""
    try:
        return npy.dtype_to_json(value)
    except TypeError:
        raise TypeError(f"cannot save {path}: it is the dtype {value}") from None


def unpack_dtype(payload: Any, unpacker: Unpacker) -> np.dtype:
    """Return a dtype."""
    return npy.dtype_from_json(payload)


def pack_type(value: type, path: str, packer: Packer) -> str:
    """Return the name of a type that stands for a dtype."""
    return TYPE_NAMES[value]


def unpack_type(payload: Any, unpacker: Unpacker) -> type:
    """Return one of the types that stand for dtypes."""
    if type(payload) is not str or payload not in TYPES:
        raise ValueError(f"{payload!r:.80} is no type of numbers")
    return TYPES[payload]


CODECS = {
    "scalar": Codec(pack_scalar, unpack_scalar),
    "array": Codec(pack_array, unpack_array),
    "csr": Codec(pack_csr, unpack_csr),
    "objects": Codec(pack_objects, unpack_objects),
    "dtype": Codec(pack_dtype, unpack_dtype),
    "type": Codec(pack_type, unpack_type),
}
