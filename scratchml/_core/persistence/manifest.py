"""The manifest of a model file: JSON that is read with suspicion.

Python's parser recurses, reads numbers of any length, takes NaN, and keeps the last of two equal
names; each of these is ruled out here before or while it reads.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

import scratchml
from scratchml._core.persistence.archive import ArchiveReader

NAME = "manifest.json"
FORMAT_VERSION = 1
LIMIT = 1 << 25  # bytes; text becomes up to 40 times larger in memory
_MAX_DEPTH = 200  # of JSON: 50 values within values, an object taking 3 levels, and some
_MAX_DIGITS = 40  # 64 bits take 20 in an int with its sign, 25 in a float
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)


def write(tree: Any, name: str) -> bytes:
    """Return the text of the manifest of a value as JSON; errors call it `name`."""
    manifest = {
        "format": "scratchml",
        "version": FORMAT_VERSION,
        "scratchml": scratchml.__version__,
        "value": tree,
    }
    text = json.dumps(manifest, separators=(",", ":"), allow_nan=False).encode("ascii")
    if len(text) > LIMIT:
        raise ValueError(
            f"cannot save {name}: its plain values take {len(text)} bytes, at most {LIMIT} are "
            "allowed; use arrays for long lists"
        )
    return text


def read(archive: ArchiveReader) -> Any:
    """Return the value in the manifest of `archive`, still as JSON, or raise ValueError."""
    text = archive.read(NAME, LIMIT)
    _check_depth(text)
    try:
        manifest = json.loads(
            text.decode("ascii"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"its manifest is not JSON: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != "scratchml":
        raise ValueError("its manifest is not that of a model file")
    version, writer = manifest.get("version"), manifest.get("scratchml")
    if type(version) is not int or version < 1:
        raise ValueError(f"its format version is {version!r:.80}")
    if version > FORMAT_VERSION:
        raise ValueError(
            f"it was written in format {version} by scratchml {writer!s:.20}; scratchml "
            f"{scratchml.__version__} reads formats up to {FORMAT_VERSION}: upgrade scratchml"
        )
    if manifest.keys() != {"format", "version", "scratchml", "value"} or type(writer) is not str:
        raise ValueError(f"its manifest has the entries {list(manifest)!r:.80}")
    return manifest["value"]


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
        raise ValueError("an object in its manifest has one name twice")
    return entries


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"its manifest has the number {text:.40}...")
    return int(text)


def _finite(text: str) -> float:
    if len(text) > _MAX_DIGITS or not math.isfinite(value := float(text)):
        raise ValueError(f"its manifest has the number {text:.40}")
    return value
