"""Pieces of files: never more than there is, whatever the file does."""

import io

import numpy as np
import pytest

from scratchml._core.persistence import streams
from scratchml._core.persistence.streams import Source, write_parts


class Shrinking(io.BytesIO):
    """Has fewer bytes than it said."""

    def readinto(self, buffer):
        return 0

    def read(self, size=-1):
        return b""


class Plain:
    """A file with the least that is needed."""

    def __init__(self, data):
        self._file = io.BytesIO(data)
        self.seekable, self.tell, self.seek = lambda: True, self._file.tell, self._file.seek

    def read(self, size):
        return self._file.read(min(size, 3))


def test_bytes_from_a_place():
    file = io.BytesIO(b"0123456789")
    file.seek(2)
    for source in (Source(file), Source(Plain(b"23456789"))):
        assert source.size == 8
        assert source.read(1, 7) == b"3456789"
        assert source.read(8, 0) == b""
        data = np.zeros(4, np.uint8)
        source.fill(data, 4)
        assert data.tobytes() == b"6789"


def test_a_position_beyond_the_end():
    file = io.BytesIO(b"abc")
    file.seek(10)
    assert Source(file).size == 0


@pytest.mark.parametrize(("offset", "size"), [(0, 4), (1, 3), (3, 1), (9, 0), (0, 1 << 60)])
def test_more_than_there_is(offset, size):
    with pytest.raises(ValueError, match=f"it has 3 bytes, not {offset + size}"):
        Source(io.BytesIO(b"abc")).read(offset, size)
    if size < 10:
        with pytest.raises(ValueError, match="ends early"):
            Source(io.BytesIO(b"abc")).fill(np.zeros(size, np.uint8), offset)


def test_a_file_that_shrinks():
    with pytest.raises(ValueError, match="it ends early"):
        Source(Shrinking(b"abc")).read(0, 2)


def test_files_that_take_little_at_a_time(monkeypatch):
    class Narrow(io.BytesIO):
        def write(self, data):
            return super().write(data[:2])

    class Silent(io.BytesIO):
        def write(self, data):
            super().write(data)

    monkeypatch.setattr(streams, "CHUNK", 5)
    for file in (Narrow(), Silent(), io.BytesIO()):
        write_parts(file, [b"", b"0123456", np.arange(3, dtype=np.uint8)])
        assert file.getvalue() == b"0123456\0\1\2"
