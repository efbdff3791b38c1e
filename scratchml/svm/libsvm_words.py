"""The words of a LIBSVM model file as numbers; ValueError says what was expected."""

from __future__ import annotations

import math
from typing import Any

LARGEST = 2**31 - 1  # LIBSVM's labels, degrees and indices are C's int


def finite(words: list[bytes], what: str, n: int) -> list[float]:
    """Return `n` words as finite floats."""
    try:
        found = [float(word) for word in words]
    except ValueError:
        found = []
    if len(found) != n or not all(map(math.isfinite, found)):
        shown = b" ".join(words)[:60].decode("utf-8", "replace")
        raise ValueError(f"expected {what}, finite numbers, got {shown!r}")
    return found


def floats(words: list[bytes]) -> list[float]:
    """Return the words as finite floats."""
    return finite(words, "numbers", len(words))


def one_float(words: list[bytes]) -> float:
    """Return the one word as a finite float."""
    return finite(words, "one number", 1)[0]


def not_negative(words: list[bytes]) -> float:
    """Return the one word as a finite float from 0 on."""
    value = one_float(words)
    if value < 0:
        raise ValueError(f"expected a number from 0 on, got {value!r}")
    return value


def ints(words: list[bytes]) -> list[int]:
    """Return the words as integers of 32 bits."""
    try:
        found = [int(word) for word in words if len(word) < 12]
    except ValueError:
        found = []
    if len(found) != len(words) or any(abs(value) > LARGEST for value in found):
        shown = b" ".join(words)[:60].decode("utf-8", "replace")
        raise ValueError(f"expected integers of 32 bits, got {shown!r}")
    return found


def counts(words: list[bytes]) -> list[int]:
    """Return the words as integers from 0 on."""
    found = ints(words)
    if any(value < 0 for value in found):
        raise ValueError(f"expected numbers from 0 on, got {min(found)}")
    return found


def one_count(words: list[bytes]) -> int:
    """Return the one word as an integer from 0 on."""
    found = counts(words)
    if len(found) != 1:
        raise ValueError(f"expected one number, got {len(found)}")
    return found[0]


def one_of(names: dict[str, str]) -> Any:
    """Return a reader of one of several words."""

    def read(words: list[bytes]) -> str:
        word = b" ".join(words)[:40].decode("ascii", "replace")
        if word not in names:
            raise ValueError(f"expected one of {', '.join(names)}, got {word!r}")
        return word

    return read
