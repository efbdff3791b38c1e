"""Pairs of functions for plain values: the first packs one into JSON, the second unpacks it.

A packing function gets the value, its name for errors, and the `Packer` for what it contains; an
unpacking one gets JSON of which nothing is known, and the `Unpacker`; it returns a value or raises
ValueError.
"""

from __future__ import annotations

import re
import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from scratchml._core.persistence.values import Packer, Unpacker

_MAX_COLLISIONS = 1000  # of hashes among the keys of one dict: honest keys have none
_HEX = re.compile("-?[0-9a-f]+")


class Codec(NamedTuple):
    """How one kind of value goes to JSON and comes back."""

    pack: Callable[[Any, str, Packer], Any]
    unpack: Callable[[Any, Unpacker], Any]


def expect(kind: type, payload: Any, what: str) -> Any:
    """Return `payload` if it is exactly of `kind`, else raise ValueError."""
    if type(payload) is not kind:
        raise ValueError(f"{payload!r:.80} is not {what}")
    return payload


def pack_tuple(value: tuple, path: str, packer: Packer) -> list:
    """Return the packed items."""
    return [packer.pack(item, f"{path}[{i}]") for i, item in enumerate(value)]


def unpack_tuple(payload: Any, unpacker: Unpacker) -> tuple:
    """Return a tuple."""
    return tuple(unpacker.unpack(expect(list, payload, "a tuple")))


def pack_set(value: set | frozenset, path: str, packer: Packer) -> list:
    """Return the packed items in an order that does not change from run to run."""
    return sorted((packer.pack(item, f"an item of {path}") for item in value), key=repr)


def unpack_set(payload: Any, unpacker: Unpacker) -> set:
    """Return a set."""
    return set(check_keys(unpacker.unpack(expect(list, payload, "a set"))))


def unpack_frozenset(payload: Any, unpacker: Unpacker) -> frozenset:
    """Return a frozenset."""
    return frozenset(unpack_set(payload, unpacker))


def pack_dict(value: dict, path: str, packer: Packer) -> dict:
    """Return a dict whose keys are all str, its values packed."""
    return {key: packer.pack(item, f"{path}[{key!r}]") for key, item in value.items()}


def unpack_dict(payload: Any, unpacker: Unpacker) -> dict:
    """Return a dict with keys of str."""
    return {key: unpacker.unpack(item) for key, item in expect(dict, payload, "a dict").items()}


def pack_items(value: dict, path: str, packer: Packer) -> list:
    """Return the packed pairs of a dict with keys of any kind."""
    return [
        [packer.pack(key, f"a key of {path}"), packer.pack(item, f"{path}[{key!r:.40}]")]
        for key, item in value.items()
    ]


def unpack_items(payload: Any, unpacker: Unpacker) -> dict:
    """Return a dict with keys of any kind."""
    pairs = unpacker.unpack(expect(list, payload, "the items of a dict"))
    if not all(type(pair) is list and len(pair) == 2 for pair in pairs):
        raise ValueError("the items of a dict are not pairs")
    keys = check_keys([key for key, _ in pairs])
    return dict(zip(keys, (item for _, item in pairs), strict=True))


def pack_ordered(value: OrderedDict, path: str, packer: Packer) -> list:
    """Return the packed pairs of an OrderedDict."""
    if vars(value):
        raise TypeError(f"cannot save {path}: it is an OrderedDict with attributes of its own")
    return pack_items(value, path, packer)


def unpack_ordered(payload: Any, unpacker: Unpacker) -> OrderedDict:
    """Return an OrderedDict."""
    return OrderedDict(unpack_items(payload, unpacker))


def unpack_counter(payload: Any, unpacker: Unpacker) -> Counter:
    """Return a Counter."""
    counts = unpack_items(payload, unpacker)
    if not all(type(count) is int for count in counts.values()):
        raise ValueError("a Counter counts with something else than int")
    return Counter(counts)


def check_keys(keys: list) -> list:
    """Return `keys` if they can be hashed, differ, and do not share hashes to make a dict crawl."""
    try:
        hashes = set(map(hash, keys))
    except TypeError:
        raise ValueError("a dict or set has a key that cannot be one") from None
    if len(keys) - len(hashes) > _MAX_COLLISIONS or len(set(keys)) != len(keys):
        raise ValueError("a dict or set has one key twice, or too many keys of one hash")
    return keys


def pack_str(value: str, path: str, packer: Packer) -> str:
    """Return the code of a str with lone surrogates, pairs of which JSON would join."""
    return value.encode("utf-8", "surrogatepass").hex()


def unpack_str(payload: Any, unpacker: Unpacker) -> str:
    """Return a str."""
    return from_hex(payload).decode("utf-8", "surrogatepass")


def pack_int(value: int, path: str, packer: Packer) -> str:
    """Return a large int in hexadecimal, which is read in linear time."""
    return f"{value:x}"


def unpack_int(payload: Any, unpacker: Unpacker) -> int:
    """Return an int."""
    if not _HEX.fullmatch(expect(str, payload, "an integer")):
        raise ValueError(f"{payload!r:.80} is not an integer")
    return int(payload, 16)


def pack_float(value: float, path: str, packer: Packer) -> str:
    """Return the bits of an infinity or a NaN, its sign and payload among them."""
    return struct.pack(">d", value).hex()


def unpack_float(payload: Any, unpacker: Unpacker) -> float:
    """Return a float."""
    return struct.unpack(">d", from_hex(payload, 8))[0]


def pack_complex(value: complex, path: str, packer: Packer) -> str:
    """Return the bits of both parts."""
    return struct.pack(">2d", value.real, value.imag).hex()


def unpack_complex(payload: Any, unpacker: Unpacker) -> complex:
    """Return a complex."""
    return complex(*struct.unpack(">2d", from_hex(payload, 16)))


def pack_bytes(value: bytes, path: str, packer: Packer) -> str:
    """Return hexadecimal digits."""
    return value.hex()


def unpack_bytes(payload: Any, unpacker: Unpacker) -> bytes:
    """Return bytes."""
    return from_hex(payload)


def from_hex(payload: Any, size: int | None = None) -> bytes:
    """Return the bytes written as hexadecimal digits, of which there are `size`."""
    text = expect(str, payload, "hexadecimal")
    expected = len(text) // 2 * 2 if size is None else 2 * size
    if not re.fullmatch("[0-9a-f]*", text) or len(text) != expected:
        raise ValueError(f"{payload!r:.80} is not hexadecimal")
    return bytes.fromhex(text)


CODECS = {
    "tuple": Codec(pack_tuple, unpack_tuple),
    "set": Codec(pack_set, unpack_set),
    "frozenset": Codec(pack_set, unpack_frozenset),
    "dict": Codec(pack_dict, unpack_dict),
    "items": Codec(pack_items, unpack_items),
    "OrderedDict": Codec(pack_ordered, unpack_ordered),
    "Counter": Codec(pack_items, unpack_counter),
    "str": Codec(pack_str, unpack_str),
    "int": Codec(pack_int, unpack_int),
    "float": Codec(pack_float, unpack_float),
    "complex": Codec(pack_complex, unpack_complex),
    "bytes": Codec(pack_bytes, unpack_bytes),
}
