"""PyTorch's files read without PyTorch: state dicts and checkpoints, in both of its formats.

    since 1.6     a zip archive (`torch_zip`) of   <name>/data.pkl       the value, pickled
                                                   <name>/data/0, 1...   the storages of its tensors
                                                   <name>/byteorder      "little" or "big"
    before        five pickles in a row: a magic number, the protocol, the machine, the value, the
                  keys of the storages; then each storage behind the number of its values

The pickle is run by an interpreter of its own (`torch_pickle`) that can make tensors, plain values
and containers of them, and nothing else (`torch_values`). float16 and
bfloat16 are read as float32 (`raw`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from scratchml._core.persistence import torch_pickle
from scratchml._core.persistence.raw import from_raw, itemsize, result_dtype
from scratchml._core.persistence.streams import Source
from scratchml._core.persistence.torch_pickle import interpret
from scratchml._core.persistence.torch_tree import Builder, check_tree, kind_of
from scratchml._core.persistence.torch_values import STORAGES, Kind, Storage, find_in, table
from scratchml._core.persistence.torch_zip import ZipReader

ARRAYS = Kind(np.ndarray, lambda array, gradient: array, lambda array, gradient: array)
_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY = b"\x80\x02\x8a\x0a" + _MAGIC.to_bytes(10, "little") + b"."
_ZIP = b"PK\3\4"
_PROTOCOL = 1001
_PLAIN = (type(None), bool, int, float, str, set, np.dtype)


def read_torch(file: BinaryIO, kind: Kind = ARRAYS) -> Any:
    """Return what `torch.save` wrote at the position of `file`.

    Parameters
    ----------
    file : binary file
        Open for reading.
    kind : Kind
        What tensors become: NumPy arrays unless given.

    Raises
    ------
    ValueError
        If the file is damaged, or holds anything else than tensors, plain values and containers.
    """
    source = Source(file)
    head = source.read(0, min(len(_LEGACY), source.size))
    if not written_by_torch(head):
        raise ValueError("it does not begin as the files of torch.save do")
    value = (_read_zip if head.startswith(_ZIP) else _read_legacy)(source, kind)
    check_tree(value, (*_PLAIN, kind.type))
    return value


def written_by_torch(head: bytes) -> bool:
    """Return whether a file that begins with `head` may be one of `torch.save`."""
    return head.startswith((_ZIP, _LEGACY))


def _read_zip(source: Source, kind: Kind) -> Any:
    archive = ZipReader(source)
    names = [n for n in archive.members if n.endswith("/data.pkl") and n.count("/") == 1]
    if len(names) != 1:
        raise ValueError("it is a zip archive, but not one of torch.save: it has no data.pkl")
    folder = names[0].partition("/")[0]
    order = "<"
    if f"{folder}/byteorder" in archive.members:
        order = {b"little": "<", b"big": ">"}.get(archive.read(f"{folder}/byteorder", 10), "")
        if not order:
            raise ValueError("its byteorder is neither little nor big")

    def fetch(form: str, key: str, count: int) -> np.ndarray:
        name, nbytes = f"{folder}/data/{key}", count * itemsize(form)
        if archive.size(name) != nbytes:
            raise ValueError(
                f"its storage {key!r:.80} has {archive.size(name)} bytes, where {count} values "
                f"take {nbytes}"
            )
        data = np.empty(nbytes, dtype=np.uint8)
        archive.fill(data, name)
        return from_raw(data, form, order)

    data = archive.read(names[0], torch_pickle.LIMIT)
    return interpret(data, 0, find_in(table(kind)), _Storages(fetch).load)[0]


def _read_legacy(source: Source, kind: Kind) -> Any:
    """Read pickles, then storages, for which memory was taken when the value named them."""
    data = source.read(0, min(source.size, torch_pickle.LIMIT))
    left = source.size

    def allocate(form: str, key: str, count: int) -> np.ndarray:
        nonlocal left
        left -= count * itemsize(form)
        if left < 0:
            raise ValueError("its storages take more bytes than it has")
        return np.zeros(count, dtype=result_dtype(form))

    storages = _Storages(allocate)
    protocol, position = interpret(data, len(_LEGACY), _nothing, _nothing)
    if protocol != _PROTOCOL:
        raise ValueError(f"it is of protocol {protocol!r:.80}, where {_PROTOCOL} is known")
    _, position = interpret(data, position, _nothing, _nothing)
    value, position = interpret(data, position, find_in(table(kind)), storages.load)
    keys, position = interpret(data, position, _nothing, _nothing)
    listed = type(keys) is list and all(type(key) is str for key in keys)
    if not listed or sorted(keys) != sorted(storages.met):
        raise ValueError("its list of storages is not that of the tensors")
    for key in keys:
        name, values = storages.met[key]
        raw = np.empty(len(values) * itemsize(STORAGES[name]), dtype=np.uint8)
        if int.from_bytes(source.read(position, 8), "little") != len(values):
            raise ValueError(f"its storage {key!r:.80} does not have {len(values)} values")
        source.fill(raw, position + 8)
        values[:] = from_raw(raw, STORAGES[name])
        position += 8 + len(raw)
    return value


class _Storages:
    """The storages that the value named so far; each is fetched once.

    Parameters
    ----------
    fetch : callable
        Gives the values, 1-D, for the form, the key and the number of the values.
    """

    def __init__(self, fetch: Callable[[str, str, int], np.ndarray]) -> None:
        self._fetch = fetch
        self.met: dict[str, Storage] = {}

    def load(self, description: Any) -> Storage:
        """Return the storage that a persistent id describes, or raise ValueError."""
        if type(description) is not tuple or not 5 <= len(description) <= 6:
            raise ValueError("what it holds outside of its pickle is not a storage")
        tag, kind, key, place, count, *view = description
        if tag != "storage" or not isinstance(kind, Builder) or kind.name not in STORAGES:
            raise ValueError(f"it holds {kind_of(kind)} where a storage belongs")
        if type(key) is not str or type(place) is not str or view not in ([], [None]):
            raise ValueError(f"it describes a {kind.name} in an unknown way")
        if type(count) is not int or not 0 <= count < 1 << 48:
            raise ValueError(f"its storage {key!r:.80} has an impossible number of values")
        if key not in self.met:
            values = self._fetch(STORAGES[kind.name], key, count)
            self.met[key] = Storage(kind.name, values)
        storage = self.met[key]
        if storage.name != kind.name or len(storage.values) != count:
            raise ValueError(f"its storage {key!r:.80} is described in two ways")
        return storage


def _nothing(name: Any) -> Any:
    raise ValueError("its pickle names something outside of the value")
