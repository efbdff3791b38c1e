"""The instructions of pickle that PyTorch's files use, and nothing that runs what a file names.

A pickle is a program for a small stack machine (PEP 307, and Python's ``Lib/pickletools.py``):

    push a value             None, bool, int, float, str, an empty list, dict or tuple
    MARK ... TUPLE           pop what was pushed since the mark, push it as a tuple
    SETITEMS, APPENDS        put what was pushed since the mark into the dict or list below it
    BINPUT n, BINGET n       remember the top under a number, push it again
    GLOBAL "module name"     push a function or class         <- the ways in which Python's
    REDUCE, BUILD            call it, set attributes          <- pickle runs code
    BINPERSID                push what the file holds elsewhere: a tensor's storage

Here GLOBAL looks a name up in a table (`torch_values`) and imports nothing; REDUCE calls what that
table holds; BUILD sets nothing. Protocol 2, which `torch.save` writes.
"""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

from scratchml._core.persistence.torch_tree import CONTAINERS, Builder, check_keys, kind_of

LIMIT = 1 << 25  # bytes of a pickle, which become up to 60 times larger in memory
_MAX_NAME = 200  # characters of a global name


def interpret(
    data: bytes, start: int, find: Callable[[str], Any], load: Callable[[Any], Any]
) -> tuple[Any, int]:
    """Run the pickle that begins at `start`; return its value and where it ends.

    Parameters
    ----------
    data : bytes
        At most `LIMIT` of them, which the caller sees to.
    find : callable
        Gives what ``"module.name"`` stands for, a Builder or a value, or raises ValueError.
    load : callable
        Gives what a persistent id stands for, or raises ValueError.

    Raises
    ------
    ValueError
        If it is anything else than a well-formed pickle of the values named above.
    """
    machine = _Machine(data, start, find, load)
    while (code := machine.take(1)) != b".":
        if code not in _INSTRUCTIONS:
            raise ValueError(f"its pickle has the instruction {code!r}, which tensors do not need")
        _INSTRUCTIONS[code](machine)
    if len(machine.stack) != 1 or machine.marks:
        raise ValueError("its pickle ends with a stack that is not one value")
    return machine.stack[0], machine.position


class _Machine:
    """The state of the machine, and the steps that its instructions share."""

    def __init__(self, data: bytes, start: int, find: Callable, load: Callable) -> None:
        self.data, self.position = data, start
        self.find, self.load = find, load
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self._budget = 10_000 + len(data) // 2

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise ValueError("its pickle ends early, or is too long")
        part = self.data[self.position : end]
        self.position = end
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def line(self) -> str:
        end = self.data.find(b"\n", self.position, self.position + _MAX_NAME)
        if end < 0:
            raise ValueError("its pickle has a name without an end")
        return (self.take(end + 1 - self.position)[:-1]).decode("ascii", "replace")

    def spend(self, count: int) -> None:
        """Account for `count` times 64 bytes of memory.

        Honest pickles take two bytes or more to say what needs as much; a short one that makes
        objects by the million, or copies a long list again and again, runs out.
        """
        self._budget -= count
        if self._budget < 0:
            raise ValueError("its pickle makes more objects than an honest one")

    def make(self, value: Any, cost: int = 1) -> None:
        """Push a new object."""
        self.spend(cost)
        self.stack.append(value)

    def pop(self, count: int) -> list:
        """Pop `count` values, those on top last, none from below the last mark."""
        start = len(self.stack) - count
        if start < (self.marks[-1] if self.marks else 0):
            raise ValueError("its pickle takes more from the stack than there is")
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def pop_marked(self) -> list:
        if not self.marks:
            raise ValueError("its pickle has no mark where it needs one")
        values = self.pop(len(self.stack) - self.marks[-1])
        self.marks.pop()
        return values

    def top(self, *kinds: type) -> Any:
        (value,) = self.pop(1)
        if type(value) not in kinds:
            raise ValueError(f"its pickle changes {kind_of(value)}")
        self.stack.append(value)
        return value


def _global(m: _Machine) -> None:
    module, name = m.line(), m.line()
    m.stack.append(m.find(f"{module}.{name}"))


def _reduce(m: _Machine) -> None:
    function, arguments = m.pop(2)
    if not isinstance(function, Builder) or type(arguments) is not tuple:
        raise ValueError(f"its pickle calls {kind_of(function)} with {kind_of(arguments)}")
    copied = sum(len(item) for item in arguments if type(item) in CONTAINERS)
    m.spend(copied * function.cost)
    m.make(function.build(arguments), cost=4)


def _build(m: _Machine) -> None:
    """Forget the one attribute that state dicts have, the versions of PyTorch's modules."""
    (state,) = m.pop(1)
    m.top(OrderedDict)
    if type(state) is not dict or [*state] != ["_metadata"]:
        raise ValueError("its pickle sets attributes of an OrderedDict that state dicts lack")


def _store(m: _Machine, items: list) -> None:
    target = m.top(dict, OrderedDict, Counter)
    if len(items) % 2:
        raise ValueError("its pickle has a key without a value")
    for key, value in zip(check_keys(items[::2]), items[1::2], strict=True):
        target[key] = value


def _extend(m: _Machine, items: list) -> None:
    m.top(list).extend(items)


def _remember(m: _Machine, number: int) -> None:
    (value,) = m.pop(1)
    m.stack.append(value)
    m.memo[number] = value


def _recall(m: _Machine, number: int) -> None:
    if number not in m.memo:
        raise ValueError(f"its pickle recalls what it did not remember, {number}")
    m.stack.append(m.memo[number])


def _protocol(m: _Machine) -> None:
    if (version := m.number(1)) != 2:
        raise ValueError(f"its pickle is of protocol {version}; torch.save writes 2 unless told to")


def _text(m: _Machine, size: int, encoding: str) -> None:
    try:
        m.stack.append(m.take(size).decode(encoding))
    except UnicodeDecodeError:
        raise ValueError("its pickle has a str that is not text") from None


_INSTRUCTIONS: dict[bytes, Callable[[_Machine], None]] = {
    b"\x80": _protocol,
    b"c": _global,
    b"R": _reduce,
    b"b": _build,
    b"Q": lambda m: m.stack.append(m.load(m.pop(1)[0])),
    b"(": lambda m: m.marks.append(len(m.stack)),
    b"N": lambda m: m.stack.append(None),
    b"\x88": lambda m: m.stack.append(True),
    b"\x89": lambda m: m.stack.append(False),
    b"J": lambda m: m.stack.append(int.from_bytes(m.take(4), "little", signed=True)),
    b"K": lambda m: m.stack.append(m.number(1)),
    b"M": lambda m: m.stack.append(m.number(2)),
    b"\x8a": lambda m: m.stack.append(int.from_bytes(m.take(m.number(1)), "little", signed=True)),
    b"G": lambda m: m.stack.append(struct.unpack(">d", m.take(8))[0]),
    b"X": lambda m: _text(m, m.number(4), "utf-8"),
    b"U": lambda m: _text(m, m.number(1), "ascii"),  # a str of Python 2
    b"]": lambda m: m.make([]),
    b"}": lambda m: m.make({}),
    b")": lambda m: m.stack.append(()),
    b"t": lambda m: m.make(tuple(m.pop_marked())),
    b"\x85": lambda m: m.make(tuple(m.pop(1))),
    b"\x86": lambda m: m.make(tuple(m.pop(2))),
    b"\x87": lambda m: m.make(tuple(m.pop(3))),
    b"a": lambda m: _extend(m, m.pop(1)),
    b"e": lambda m: _extend(m, m.pop_marked()),
    b"s": lambda m: _store(m, m.pop(2)),
    b"u": lambda m: _store(m, m.pop_marked()),
    b"q": lambda m: _remember(m, m.number(1)),
    b"r": lambda m: _remember(m, m.number(4)),
    b"h": lambda m: _recall(m, m.number(1)),
    b"j": lambda m: _recall(m, m.number(4)),
}
