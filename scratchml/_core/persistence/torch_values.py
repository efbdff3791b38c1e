"""What PyTorch's files may name: storages, tensors over them, and plain containers.

A tensor is a window on a storage, which is an array without a shape:

    T[i, j, ...] = storage[offset + i * stride[0] + j * stride[1] + ...]

Tensors that share a storage (tied weights, slices) share it here too. Nothing else that a file can
name is known, so nothing else of what it names can be made.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.persistence.raw import BFLOAT16
from scratchml._core.persistence.torch_tree import Builder, check_keys, kind_of

STORAGES = {
    "torch.DoubleStorage": "f8",
    "torch.FloatStorage": "f4",
    "torch.HalfStorage": "f2",
    "torch.BFloat16Storage": BFLOAT16,
    "torch.LongStorage": "i8",
    "torch.IntStorage": "i4",
    "torch.ShortStorage": "i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "b1",
}
_DTYPES = {
    f"torch.{name}": np.dtype(name)
    for name in (
        "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
    )
}  # fmt: skip
_MAX_AXES = 32
_MAX_ITEMS = 1 << 48


class Kind(NamedTuple):
    """What tensors become."""

    type: type
    tensor: Callable[[np.ndarray, bool], Any]  # values, requires_grad
    parameter: Callable[[Any, bool], Any]  # a tensor, requires_grad


class Storage(NamedTuple):
    """The memory of tensors."""

    name: str  # of its class
    values: np.ndarray  # 1-D


def table(kind: Kind) -> dict[str, Any]:
    """Return what each global name stands for."""
    builders: dict[str, Callable[[tuple], Any]] = {
        "collections.Counter": _counter,
        "__builtin__.set": _set,
        "builtins.set": _set,
        "torch.Size": _size,
        "torch._utils._rebuild_tensor": lambda args: _tensor(kind, args, 4, 4),
        "torch._utils._rebuild_tensor_v2": lambda args: _tensor(kind, args, 6, 7),
        "torch._utils._rebuild_parameter": lambda args: _parameter(kind, args),
    }
    storages = {name: Builder(name, _no_call) for name in STORAGES}
    calls = {name: Builder(name, build) for name, build in builders.items()}
    calls["collections.OrderedDict"] = Builder("collections.OrderedDict", _ordered_dict, cost=3)
    return {**_DTYPES, **storages, **calls}


def find_in(names: dict[str, Any]) -> Callable[[str], Any]:
    """Return the function that looks a global name up, and refuses others by their name."""

    def find(name: str) -> Any:
        if name not in names:
            raise ValueError(
                f"it names {name!r}: only tensors and plain values are read, never classes or "
                "functions; if it holds a whole model, save model.state_dict() where its code is"
            )
        return names[name]

    return find


def window(storage: Storage, offset: Any, size: Any, stride: Any) -> np.ndarray:
    """Return the array that shows part of a storage, or raise ValueError if it would show more."""
    _check_size(size)
    _check_size(stride)
    if type(offset) is not int or offset < 0 or len(size) != len(stride):
        raise ValueError(f"a tensor of size {size} has the stride {stride}, or no offset")
    if math.prod(max(n, 1) for n in size) >= _MAX_ITEMS:
        raise ValueError(f"a tensor of size {size} is larger than arrays can be")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    held = len(storage.values)
    if 0 not in size and last >= held:
        raise ValueError(
            f"a tensor of size {size} and stride {stride} at {offset} reaches value {last} of a "
            f"storage of {held}"
        )
    values = storage.values[offset:] if 0 not in size else storage.values[:0]
    itemsize = values.itemsize
    strides = [step * itemsize if n > 1 else itemsize for n, step in zip(size, stride, strict=True)]
    return np.ndarray(size, values.dtype, values, 0, strides)


def _check_size(size: Any) -> None:
    if type(size) is not tuple or len(size) > _MAX_AXES:
        raise ValueError("the size or stride of a tensor is no tuple, or has too many numbers")
    for n in size:
        if type(n) is not int or not 0 <= n < _MAX_ITEMS:
            raise ValueError(f"the size or stride of a tensor has {kind_of(n)} out of range")


def _tensor(kind: Kind, args: tuple, least: int, most: int) -> Any:
    if not least <= len(args) <= most or type(args[0]) is not Storage:
        raise ValueError(f"a tensor is made of {len(args)} parts, or without a storage")
    storage, offset, size, stride, *rest = args
    gradient, hooks, *metadata = rest or (False, None)
    _check_plain(hooks, *metadata)
    return _wrapped(kind, window(storage, offset, size, stride), gradient)


def _check_plain(*extras: Any) -> None:
    """Raise ValueError for hooks, which are code, and for views whose sign is to be changed."""
    if any(x is not None and (type(x) not in (dict, OrderedDict) or x) for x in extras):
        raise ValueError("a tensor has hooks, or is a view that is to be negated or conjugated")


def _wrapped(kind: Kind, array: np.ndarray, gradient: Any) -> Any:
    if type(gradient) is not bool or (gradient and array.dtype.kind != "f"):
        raise ValueError(f"a tensor of {array.dtype} cannot require a gradient")
    return kind.tensor(array, gradient)


def _parameter(kind: Kind, args: tuple) -> Any:
    if len(args) != 3 or not isinstance(args[0], kind.type):
        raise ValueError("a parameter is made of something else than a tensor")
    tensor, gradient, hooks = args
    _check_plain(hooks)
    if type(gradient) is not bool or (gradient and np.dtype(tensor.dtype).kind != "f"):
        raise ValueError("a parameter that is not of floats cannot require a gradient")
    return kind.parameter(tensor, gradient)


def _ordered_dict(args: tuple) -> OrderedDict:
    """Make one, empty or from the list of pairs that Python 2 wrote."""
    if not args:
        return OrderedDict()
    pairs = args[0] if len(args) == 1 else None
    if type(pairs) is not list or not all(type(p) in (list, tuple) and len(p) == 2 for p in pairs):
        raise ValueError("an OrderedDict is made of something else than pairs")
    check_keys([key for key, _ in pairs])
    return OrderedDict(pairs)


def _counter(args: tuple) -> Counter:
    if len(args) != 1 or type(args[0]) is not dict:
        raise ValueError("a Counter is made of something else than a dict")
    if not all(type(count) is int for count in args[0].values()):
        raise ValueError("a Counter counts with something else than int")
    return Counter(args[0])


def _set(args: tuple) -> set:
    if len(args) != 1 or type(args[0]) is not list:
        raise ValueError("a set is made of something else than a list")
    return set(check_keys(args[0]))


def _size(args: tuple) -> tuple:
    """Make a torch.Size, which is a tuple of int."""
    if len(args) != 1:
        raise ValueError("a torch.Size is made of something else than one tuple")
    _check_size(args[0])
    return args[0]


def _no_call(args: tuple) -> Any:
    raise ValueError("it makes a storage of its own, outside of the file's records")
