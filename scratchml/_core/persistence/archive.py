"""Zip archives in one exact form: a file that differs from it in a single byte is refused.

Layout (APPNOTE.TXT 6.3.10, sections 4.3.7 and 4.3.12 to 4.3.16), the same whatever the sizes:

    local header, data              for each member, stored (not compressed), in order
    central header                  for each member, in the same order
    zip64 end, its locator, end     always all three

Any zip tool reads it, `numpy.load` too.  The reader here trusts nothing: it takes from the
directory only the name, size and CRC-32 of each member, lays the archive out again from these as
the writer would have done, and compares the result with the file, byte for byte.  Compressed,
encrypted, overlapping, hidden, misplaced or misnamed members have no such layout, so they need no
checks of their own; the two that do are the sum of the sizes and a name used twice.
"""

from __future__ import annotations

import io
import struct
from binascii import crc32
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from scratchml._core.persistence.streams import CHUNK, chunks, write_parts

_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_ZIP64 = struct.Struct("<2H2Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_CENTRAL_ZIP64 = struct.Struct("<2H3Q")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_TAIL_SIZE = _END_ZIP64.size + _LOCATOR.size + _END.size
_VERSION = 45  # of the format: the first with zip64
_DATE = 1 << 5 | 1  # 1980-01-01, so that equal models make equal files
_HERE, _ELSEWHERE = 0xFFFF, 0xFFFFFFFF  # "look in the zip64 field"


class Member(NamedTuple):
    """What the directory says about one member."""

    name: str
    size: int
    crc: int
    offset: int  # of its local header


def write_archive(file: BinaryIO, members: Sequence[tuple[str, Sequence[Any]]]) -> None:
    """Write `members` at the position of `file`, which need not be seekable.

    Parameters
    ----------
    file : binary file
        Open for writing.
    members : sequence of (name, parts)
        ASCII names, and the data of each as C-contiguous buffers of bytes to be joined.
    """
    listed, offset = [], 0
    for name, parts in members:
        crc = 0
        for chunk in chunks(parts):
            crc = crc32(chunk, crc)
        member = Member(name, sum(len(part) for part in parts), crc, offset)
        header = _local_header(member)
        write_parts(file, [header, *parts])
        listed.append(member)
        offset += len(header) + member.size
    write_parts(file, [_directory(listed, offset)])


class ArchiveReader:
    """The members of the archive that fills `file` from its position to its end.

    Parameters
    ----------
    file : binary file
        Open for reading; one that cannot seek is read into memory first.

    Raises
    ------
    ValueError
        If that is not an archive in the form of `write_archive`.
    """

    def __init__(self, file: BinaryIO) -> None:
        if not file.seekable():
            file = io.BytesIO(file.read())
        self._file = file
        self._start = file.tell()
        self.members = {member.name: member for member in self._read_directory()}

    def read(self, name: str, limit: int) -> bytes:
        """Return the data of a member of at most `limit` bytes."""
        size = self._member(name).size
        if size > limit:
            raise ValueError(f"its member {name!r} has {size} bytes; at most {limit} are allowed")
        data = np.empty(size, dtype=np.uint8)
        self.read_into(name, b"", data)
        return data.tobytes()

    def read_into(self, name: str, prefix: bytes, data: np.ndarray) -> None:
        """Fill `data`, 1-D of uint8, from a member that begins with `prefix` and then just fits."""
        member = self._member(name)
        if member.size != len(prefix) + len(data):
            raise ValueError(
                f"its member {name!r} has {member.size} bytes, where its description asks for "
                f"{len(prefix) + len(data)}"
            )
        self._file.seek(self._start + member.offset)
        if self._take(len(header := _local_header(member))) != header:
            raise ValueError(f"the header of its member {name!r} is damaged")
        if self._take(len(prefix)) != prefix:
            raise ValueError(f"its member {name!r} is not the array that its description says")
        crc = crc32(prefix)
        for start in range(0, len(data), CHUNK):
            chunk = self._take(min(CHUNK, len(data) - start))
            data[start : start + len(chunk)] = np.frombuffer(chunk, dtype=np.uint8)
            crc = crc32(chunk, crc)
        if crc != member.crc:
            raise ValueError(f"its member {name!r} is damaged (its CRC-32 is wrong)")

    def _member(self, name: str) -> Member:
        if name not in self.members:
            raise ValueError(f"it has no member {name!r}")
        return self.members[name]

    def _read_directory(self) -> list[Member]:
        total = self._file.seek(0, io.SEEK_END) - self._start
        if total < _TAIL_SIZE:
            raise ValueError(f"{max(total, 0)} bytes are too few for a model file")
        self._file.seek(self._start + total - _TAIL_SIZE)
        tail = self._take(_TAIL_SIZE)
        *_, count, size, offset = _END_ZIP64.unpack_from(tail)
        if tail[:4] != b"PK\6\6" or offset + size + _TAIL_SIZE != total:
            raise ValueError("it is not a model file of scratchml, or it was cut short")
        self._file.seek(self._start + offset)
        directory = self._take(size)
        members = list(_parse_directory(directory, count))
        end = members[-1].offset + _footprint(members[-1]) if members else 0
        if end != offset or _directory(members, offset) != directory + tail:
            raise ValueError("its directory is damaged")
        if len({member.name for member in members}) != len(members):
            raise ValueError("its directory names a member twice")
        return members

    def _take(self, size: int) -> bytes:
        """Return exactly `size` bytes from the current position, never asking for much at once."""
        parts, left = [], size
        while left:
            part = self._file.read(min(left, CHUNK))
            if not part:
                raise ValueError("it ends early")
            parts.append(part)
            left -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _parse_directory(directory: bytes, count: int) -> Iterator[Member]:
    """Yield what `directory` says of its members, their offsets derived, not yet checked."""
    position = offset = 0
    for _ in range(count):
        if position + _CENTRAL.size > len(directory):
            raise ValueError("its directory is damaged")
        fields = _CENTRAL.unpack_from(directory, position)
        crc, name_size = fields[7], fields[10]
        start = position + _CENTRAL.size
        position = start + name_size + _CENTRAL_ZIP64.size
        if position > len(directory):
            raise ValueError("its directory is damaged")
        name = directory[start : start + name_size].decode("ascii", "replace")
        size = _CENTRAL_ZIP64.unpack_from(directory, start + name_size)[2]
        member = Member(name, size, crc, offset)
        yield member
        offset += _footprint(member)


def _footprint(member: Member) -> int:
    return _LOCAL.size + len(member.name) + _LOCAL_ZIP64.size + member.size


def _local_header(member: Member) -> bytes:
    fixed = _LOCAL.pack(
        b"PK\3\4", _VERSION, 0, 0, 0, _DATE, member.crc, _ELSEWHERE, _ELSEWHERE,
        len(member.name), _LOCAL_ZIP64.size,
    )  # fmt: skip
    zip64 = _LOCAL_ZIP64.pack(1, _LOCAL_ZIP64.size - 4, member.size, member.size)
    return fixed + member.name.encode("ascii", "replace") + zip64


def _central_header(member: Member) -> bytes:
    fixed = _CENTRAL.pack(
        b"PK\1\2", _VERSION, _VERSION, 0, 0, 0, _DATE, member.crc, _ELSEWHERE, _ELSEWHERE,
        len(member.name), _CENTRAL_ZIP64.size, 0, 0, 0, 0, _ELSEWHERE,
    )  # fmt: skip
    sizes = (member.size, member.size, member.offset)
    zip64 = _CENTRAL_ZIP64.pack(1, _CENTRAL_ZIP64.size - 4, *sizes)
    return fixed + member.name.encode("ascii", "replace") + zip64


def _directory(members: Sequence[Member], offset: int) -> bytes:
    """Return the central headers, which begin at `offset`, and the three end records."""
    headers = b"".join(map(_central_header, members))
    count, size = len(members), len(headers)
    return (
        headers
        + _END_ZIP64.pack(
            b"PK\6\6", _END_ZIP64.size - 12, _VERSION, _VERSION, 0, 0, count, count, size, offset
        )
        + _LOCATOR.pack(b"PK\6\7", 0, offset + size, 1)
        + _END.pack(b"PK\5\6", 0, 0, _HERE, _HERE, _ELSEWHERE, _ELSEWHERE, 0)
    )
