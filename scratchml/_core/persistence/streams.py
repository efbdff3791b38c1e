"""The bytes of a file, taken piece by piece and never more than it has, or written whole."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np

CHUNK = 1 << 18  # bytes read or written at a time


class Source:
    """What `file` holds from its position to its end.

    Parameters
    ----------
    file : binary file
        Open for reading; one that cannot seek is read into memory first.

    Attributes
    ----------
    size : int
        How many bytes there are.
    """

    def __init__(self, file: BinaryIO) -> None:
        if not file.seekable():
            file = io.BytesIO(file.read())
        self._file = file
        self._start = file.tell()
        self.size = max(file.seek(0, io.SEEK_END) - self._start, 0)

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on, or raise ValueError if there are not as many."""
        self._check(offset, size)
        data = np.empty(size, dtype=np.uint8)
        self.fill(data, offset)
        return data.tobytes()

    def fill(self, data: np.ndarray, offset: int) -> None:
        """Fill `data`, 1-D of uint8, with the bytes from `offset` on, or raise ValueError."""
        self._check(offset, len(data))
        self._file.seek(self._start + offset)
        done, view = 0, data.data
        while done < len(data):
            if hasattr(self._file, "readinto"):
                taken = self._file.readinto(view[done:]) or 0
            else:
                chunk = self._file.read(min(len(data) - done, CHUNK))
                taken = len(chunk)
                view[done : done + taken] = chunk
            if not taken:
                raise ValueError("it ends early")
            done += taken

    def _check(self, offset: int, size: int) -> None:
        if size > self.size - offset:
            raise ValueError(f"it ends early: it has {self.size} bytes, not {offset + size}")


def write_parts(file: BinaryIO, parts: Iterable[Any]) -> None:
    """Write C-contiguous buffers of bytes one after the other.

    An unbuffered file may take less than it is given.
    """
    for chunk in chunks(parts):
        while len(chunk):
            written = file.write(chunk)
            chunk = chunk[len(chunk) if written is None else written :]


def chunks(parts: Iterable[Any]) -> Iterator[memoryview]:
    """Yield the bytes of buffers in pieces of at most `CHUNK`."""
    for part in parts:
        view = memoryview(part)
        for start in range(0, len(view), CHUNK):
            yield view[start : start + CHUNK]
