"""Values to JSON and back, exactly: what a model file may hold, and nothing else.

None, bool, str, list, int of 64 bits and finite float are JSON's own.  Any other value becomes an
object with one key, its tag:

    (1, nan)        {"tuple": [1, {"float": "7ff8000000000000"}]}
    {"a": None}     {"dict": {"a": null}}
    {1: 2.5}        {"items": [[1, 2.5]]}
    an array        {"array": ["coef_", "<f8", [3], "C"]}, its data in the member ``coef_.npy``
    an estimator    {"object": {"class": "linear_model.Ridge", "params": {...}, "state": {...}}}

The tags stand in one table, ``CODECS``, each with the pair of functions that pack and unpack its
kind of value (`codecs`, `numpy_codecs`, `generators`, `objects`).
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict
from typing import Any

import numpy as np

from scratchml._core.csr import CSR
from scratchml._core.persistence import codecs, generators, npy, numpy_codecs, objects
from scratchml._core.persistence.archive import ArchiveReader
from scratchml._core.persistence.codecs import Codec

MAX_DEPTH = 50  # of values within values
_MEMBER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")

_TAGS: dict[type, str] = {
    **{kind: kind.__name__ for kind in (tuple, set, frozenset, str, int, float, complex, bytes)},
    Counter: "Counter",
    OrderedDict: "OrderedDict",
    CSR: "csr",
    np.random.RandomState: "RandomState",
    np.random.Generator: "Generator",
}
CODECS: dict[str, Codec] = {
    **codecs.CODECS,
    **numpy_codecs.CODECS,
    **generators.CODECS,
    **objects.CODECS,
}


class Packer:
    """Turns values into JSON and collects their arrays.

    Attributes
    ----------
    members : dict of str to list
        Member name -> its parts, for `write_archive`.
    """

    def __init__(self) -> None:
        self.members: dict[str, list[Any]] = {}
        self._seen: dict[int, tuple[np.ndarray, list[Any]]] = {}  # holds them, so ids stay theirs
        self._depth = 0

    def pack(self, value: Any, path: str) -> Any:
        """Return `value` as JSON; errors call it `path`."""
        if is_native(value):
            return value
        if self._depth > MAX_DEPTH:
            raise ValueError(f"cannot save {path:.200}: it is nested too deep, or contains itself")
        self._depth += 1
        try:
            if type(value) is list:
                return [self.pack(item, f"{path}[{i}]") for i, item in enumerate(value)]
            tag = tag_of(value)
            return {tag: CODECS[tag].pack(value, path, self)}
        finally:
            self._depth -= 1

    def pack_array(self, array: np.ndarray, path: str) -> list[Any]:
        """Return ``[member, dtype, shape, order]``; an array met again is stored once."""
        if id(array) not in self._seen:
            try:
                description = npy.describe(array)
            except TypeError as error:
                raise TypeError(f"cannot save {path}: it is {error}") from None
            name = self._member_name(path)
            parts = [npy.header(description), npy.raw_bytes(array, description[2])]
            self.members[f"{name}.npy"] = parts
            self._seen[id(array)] = array, [name, *description]
        return self._seen[id(array)][1]

    def _member_name(self, path: str) -> str:
        """Return "steps.1.coef_" for "Pipeline.steps[1].coef_"; a number where that is no name."""
        name = re.sub(r"[\[\]'.]+", ".", re.sub(r"^\w+\b(?=.)", "", path)).strip(".")
        numbered = name.startswith("array-") or f"{name}.npy" in self.members
        if numbered or not _MEMBER_NAME.fullmatch(name):
            return f"array-{len(self.members)}"
        return name


class Unpacker:
    """Turns the JSON of a file back into values, with the arrays of its archive.

    Attributes
    ----------
    arrays : dict of str to (description, array)
        Those met so far; one that is met again is the same object again.
    """

    def __init__(self, archive: ArchiveReader) -> None:
        self._archive = archive
        self.arrays: dict[str, tuple[list[Any], np.ndarray]] = {}

    def unpack(self, tree: Any) -> Any:
        """Return the value, or raise ValueError; the lists of `tree` become lists of the value."""
        if type(tree) is list:
            for i, item in enumerate(tree):
                tree[i] = self.unpack(item)
            return tree
        if type(tree) is not dict:
            return tree
        if len(tree) != 1 or (tag := next(iter(tree))) not in CODECS:
            raise ValueError(f"it holds a value of an unknown kind, {list(tree)!r:.80}")
        return CODECS[tag].unpack(tree[tag], self)

    def unpack_array(self, payload: Any) -> np.ndarray:
        """Return the array described by ``[member, dtype, shape, order]``."""
        if not (type(payload) is list and len(payload) == 4 and type(payload[0]) is str):
            raise ValueError(f"{payload!r:.80} does not describe an array")
        name, *description = payload
        if name not in self.arrays:
            self.arrays[name] = description, self._read(name, description)
        if self.arrays[name][0] != description:
            raise ValueError(f"its array {name!r:.80} is described in two ways")
        return self.arrays[name][1]

    def _read(self, name: str, description: list[Any]) -> np.ndarray:
        if (member := self._archive.members.get(f"{name}.npy")) is None:
            raise ValueError(f"it has no array {name!r:.80}")
        array = npy.allocate(description, member.size)
        data = npy.raw_bytes(array, description[2])
        self._archive.read_into(member.name, npy.header(description), data)
        npy.check_items(array)
        return array


def is_native(value: Any) -> bool:
    """Return whether JSON writes and reads `value` exactly."""
    if type(value) is str:
        return value.isascii() or not re.search("[\ud800-\udfff]", value)
    if type(value) is int:
        return -(1 << 63) <= value < 1 << 63
    return value is None or type(value) is bool or (type(value) is float and math.isfinite(value))


def tag_of(value: Any) -> str:
    """Return the tag for `value`, by its exact type; "object" for what the table does not know."""
    kind = type(value)
    if kind is np.ndarray or kind is np.memmap:
        return "objects" if value.dtype == object else "array"
    if kind is dict:
        return "dict" if all(type(key) is str and is_native(key) for key in value) else "items"
    if kind in _TAGS:
        return _TAGS[kind]
    if isinstance(value, np.generic) and value.dtype.type is kind and kind is not np.void:
        return "scalar"
    if isinstance(value, np.dtype):
        return "dtype"
    return "type" if isinstance(value, type) and value in numpy_codecs.TYPE_NAMES else "object"
