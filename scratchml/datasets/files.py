"""Reading a file whole, decompressed and bounded; the error that every reader raises.

Compression is known by its first bytes, not by the name: downloads are often renamed.  A stream
that swells beyond `SWELL` times its size is refused, so that a small hostile file cannot take
the memory of a large honest one.
"""

from __future__ import annotations

import importlib
import io
import os
import re
import zlib
from pathlib import Path
from typing import Any

SWELL = 256  # text and images shrink 3 to 30 times; gzip's own limit is 1032
SMALL = 1 << 26
CHUNK = 1 << 20

CODECS = {"gzip": rb"\x1f\x8b\x08", "bz2": rb"BZh[1-9]1AY&SY", "lzma": rb"\xfd7zXZ\0"}


def malformed(name: str, place: str, rule: str) -> ValueError:
    """Return the error for a file that breaks its format's rules.

    Parameters
    ----------
    name : str
        The file.
    place : str
        Where: a line number or byte offset.
    rule : str
        What was expected and what was found.
    """
    return ValueError(f"{name}, {place}: {rule}")


def read_bytes(source: Any) -> tuple[bytes, str]:
    """Return a file's content, decompressed, and its name for messages.

    Parameters
    ----------
    source : str, path-like or binary file
        A path, or an object with ``read``; gzip, bzip2 and xz are recognised. A file object is
        read from where it stands and left open.

    Returns
    -------
    content : bytes
        Decompressed content.
    name : str
        The path, or the file object's name.

    Raises
    ------
    TypeError
        If `source` is neither a path nor a binary file.
    ValueError
        If compressed data is damaged, cut short, or swells beyond measure.
    OSError
        If the file cannot be opened.
    """
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "<file object>"))
        content = source.read()
        if not isinstance(content, bytes):
            raise TypeError(f"{name} must be opened in binary mode ('rb'), not as text.")
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        name, content = str(path), path.read_bytes()
    else:
        raise TypeError(f"expected a path or a binary file, got {source!r}.")
    for module, magic in CODECS.items():
        if re.match(magic, content):
            return _decompress(content, module, name), name
    return content, name


def _decompress(packed: bytes, module: str, name: str) -> bytes:
    codec = importlib.import_module(module)
    limit = max(SMALL, SWELL * len(packed))
    chunks: list[bytes] = []
    size = 0
    try:
        with codec.open(io.BytesIO(packed)) as stream:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                chunks.append(chunk)
                if size > limit:
                    break
    except (EOFError, OSError, zlib.error, getattr(codec, "LZMAError", EOFError)) as error:
        place = f"byte {size} of the decompressed data"
        raise malformed(name, place, f"damaged or cut short {module} stream ({error})") from error
    if size > limit:
        raise malformed(
            name,
            f"byte {limit} of the decompressed data",
            f"{len(packed)} compressed bytes swell more than {SWELL} times; decompress the file "
            "first if that is meant",
        )
    return b"".join(chunks)
