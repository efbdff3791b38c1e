"""JSON from a stranger, read with suspicion.

Python's parser recurses, reads numbers of any length, takes NaN, and keeps the last of two equal
names; each of these is ruled out here before or while it reads.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

LIMIT = 1 << 25  # bytes; text becomes up to 40 times larger in memory
_MAX_DEPTH = 200  # of JSON: 50 values within values, an object taking 3 levels, and some
_MAX_DIGITS = 40  # 64 bits take 20 in an int with its sign, 25 in a float
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)


def parse(text: bytes, encoding: str, what: str) -> Any:
    """Return the value that `text` stands for.

    Parameters
    ----------
    text : bytes
        At most `LIMIT` of them, which the caller sees to.
    encoding : {"ascii", "utf-8"}
        Of `text`.
    what : str
        What errors call it.

    Raises
    ------
    ValueError
        If it is not JSON, or JSON that Python reads in a surprising way.
    """
    _check_depth(text)
    try:
        return json.loads(
            text.decode(encoding),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"its {what} is not JSON: {error}") from None


def _check_depth(text: bytes) -> None:
    """Raise ValueError if JSON is nested deep, before a parser's recursion meets it."""
    marks = np.frombuffer(_STRING.sub(b"", text), dtype=np.uint8)
    opening, closing = np.isin(marks, list(b"[{")), np.isin(marks, list(b"]}"))
    steps = opening.astype(np.int8) - closing.astype(np.int8)
    if np.cumsum(steps[steps != 0], dtype=np.int32).max(initial=0) > _MAX_DEPTH:
        raise ValueError("its values are nested too deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("an object in it has one name twice")
    return entries


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"it has the number {text:.40}...")
    return int(text)


def _finite(text: str) -> float:
    if len(text) > _MAX_DIGITS or not math.isfinite(value := float(text)):
        raise ValueError(f"it has the number {text:.40}")
    return value
