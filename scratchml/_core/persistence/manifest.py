"""The manifest of a model file: JSON (`json_text`) that says what the file holds."""

from __future__ import annotations

import json
from typing import Any

import scratchml
from scratchml._core.persistence import json_text
from scratchml._core.persistence.archive import ArchiveReader

NAME = "manifest.json"
FORMAT_VERSION = 1
LIMIT = json_text.LIMIT


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
    manifest = json_text.parse(archive.read(NAME, LIMIT), "ascii", "manifest")
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
