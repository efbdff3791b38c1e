"""What a PyTorch file made: plain containers of plain values, none without an end.

A pickle may give a container to itself, or to a chain of others that each hold the last one twice.
Such values take little memory, and whoever walks through them never comes back.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

MAX_DEPTH = 50  # of values within values, as in model files
CONTAINERS = (dict, OrderedDict, Counter, list, tuple)
_MAX_SIZE = 1 << 27  # of what is returned, counting shared parts each time they are met
_KEYS = (str, int, float, bool, type(None))


class Builder(NamedTuple):
    """What a global name stands for: it may be called with one tuple of arguments."""

    name: str
    build: Callable[[tuple], Any]
    cost: int = 1  # of an item that it copies, as of `_Machine.spend`


def check_tree(root: Any, kinds: tuple[type, ...]) -> None:
    """Raise ValueError unless `root` is made of plain containers and values of `kinds`.

    Nothing contains itself or is nested deep, and parts that are reached in many ways do not add
    up to more than a file could hold, so that whoever walks through the value comes to an end.
    Each container is looked into once.
    """
    known: dict[int, tuple[int, int]] = {}  # id -> how many values, and how deep
    stack: list[tuple[Any, bool]] = [(root, False)]
    entered = 0
    while stack:
        value, done = stack.pop()
        if type(value) not in CONTAINERS:
            if not isinstance(value, kinds):
                raise ValueError(f"it holds {kind_of(value)} outside of tensors")
        elif done:
            below = [known.get(id(item), (1, 0)) for item in _items(value)]
            size = 1 + sum(size for size, _ in below)
            depth = 1 + max((depth for _, depth in below), default=0)
            if size > _MAX_SIZE or depth > MAX_DEPTH:
                raise ValueError("its values are nested too deep, or repeat each other too often")
            known[id(value)] = size, depth
            entered -= 1
        elif id(value) not in known:
            entered += 1
            if entered > MAX_DEPTH:
                raise ValueError("its values are nested too deep, or contain themselves")
            stack.append((value, True))
            stack.extend((item, False) for item in _items(value))


def check_keys(keys: list) -> list:
    """Return `keys` if dicts and sets of them take linear time: plain, and ints of 64 bits."""
    for key in keys:
        if type(key) not in _KEYS or (type(key) is int and not -(1 << 63) <= key < 1 << 63):
            raise ValueError(f"{kind_of(key)} is a key of a dict or set")
    return keys


def kind_of(value: Any) -> str:
    """Return what errors call a value; its repr might never end."""
    return value.name if isinstance(value, Builder) else f"a {type(value).__name__}"


def _items(value: Any) -> list:
    """Return what a container holds, keys aside."""
    return [*value.values()] if isinstance(value, dict) else [*value]
