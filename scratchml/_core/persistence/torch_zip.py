"""The zip archives that PyTorch writes: members stored as they are, found by the directory.

    local header, padding, data, data descriptor     for each member
    central header                                   for each member: name, size, CRC-32, offset
    zip64 end, its locator, end

(APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.) The directory alone is believed, after checks: names
differ, data lie in front of the directory, and their sizes add up to no more than the file has, so
that members which overlap cannot fill the memory.
"""

from __future__ import annotations

import struct
from binascii import crc32
from typing import NamedTuple

import numpy as np

from scratchml._core.persistence.streams import CHUNK, Source

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_ELSEWHERE = 0xFFFFFFFF  # "look in the zip64 field"
_DIRECTORY_LIMIT = 1 << 26  # bytes; a member takes about 100
_ENCRYPTED = 1


class Member(NamedTuple):
    """What the directory says about one member."""

    size: int
    crc: int  # 0 where PyTorch was told to leave it out
    offset: int  # of its local header


class ZipReader:
    """The members of a zip archive that fills a file.

    Raises
    ------
    ValueError
        If it is not one, or one that cannot be read member by member as it stands.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        count, size, offset = self._find_directory()
        if offset + size > source.size or size > _DIRECTORY_LIMIT:
            raise ValueError("its directory is out of range")
        self.members: dict[str, Member] = {}
        directory, position, total = source.read(offset, size), 0, 0
        for _ in range(count):
            name, member, position = _parse_header(directory, position)
            if name in self.members:
                raise ValueError(f"its directory names {name!r:.80} twice")
            self.members[name] = member
            total += member.size
        if position != size or total > offset:
            raise ValueError("its directory is damaged, or its members overlap")

    def read(self, name: str, limit: int) -> bytes:
        """Return the data of a member of at most `limit` bytes."""
        size = self.size(name)
        if size > limit:
            raise ValueError(f"its member {name!r:.80} has {size} bytes; {limit} are allowed")
        data = np.empty(size, dtype=np.uint8)
        self.fill(data, name)
        return data.tobytes()

    def size(self, name: str) -> int:
        """Return the number of bytes of a member."""
        if name not in self.members:
            raise ValueError(f"it has no member {name!r:.80}")
        return self.members[name].size

    def fill(self, data: np.ndarray, name: str) -> None:
        """Fill `data`, 1-D of uint8 and of the member's size."""
        member = self.members[name]
        header = _LOCAL.unpack(self._source.read(member.offset, _LOCAL.size))
        if header[0] != b"PK\3\4":
            raise ValueError(f"the header of its member {name!r:.80} is damaged")
        self._source.fill(data, member.offset + _LOCAL.size + header[-2] + header[-1])
        crc = 0
        if member.crc:
            for start in range(0, len(data), CHUNK):
                crc = crc32(data[start : start + CHUNK].data, crc)
        if crc != member.crc:
            raise ValueError(f"its member {name!r:.80} is damaged (its CRC-32 is wrong)")

    def _find_directory(self) -> tuple[int, int, int]:
        """Return the number of members, and the size and the offset of the directory."""
        end = self._source.size - _END.size
        fields = _END.unpack(self._source.read(max(end, 0), _END.size))
        if fields[0] != b"PK\5\6":
            raise ValueError("it is no zip archive, or it was cut short")
        start = end - _LOCATOR.size - _END_ZIP64.size
        if start >= 0:
            zip64 = _END_ZIP64.unpack(self._source.read(start, _END_ZIP64.size))
            if zip64[0] == b"PK\6\6":
                return zip64[7], zip64[8], zip64[9]
        return fields[4], fields[5], fields[6]


def _parse_header(directory: bytes, position: int) -> tuple[str, Member, int]:
    """Return the name and place of the member described at `position`, and where that ends."""
    start = position + _CENTRAL.size
    if start > len(directory):
        raise ValueError("its directory is damaged")
    fields = _CENTRAL.unpack_from(directory, position)
    signature, flags, method, crc = fields[0], fields[3], fields[4], fields[7]
    name_size, extra_size, comment_size = fields[10:13]
    end = start + name_size + extra_size + comment_size
    if signature != b"PK\1\2" or end > len(directory):
        raise ValueError("its directory is damaged")
    name = directory[start : start + name_size].decode("utf-8", "replace")
    if method or flags & _ENCRYPTED:
        raise ValueError(f"its member {name!r:.80} is compressed or encrypted")
    extra = directory[start + name_size : end - comment_size]
    packed, size, offset = _widen([fields[8], fields[9], fields[16]], extra)
    if packed != size:
        raise ValueError(f"its member {name!r:.80} has two sizes")
    return name, Member(size, crc, offset), end


def _widen(sizes: list[int], extra: bytes) -> list[int]:
    """Return packed size, size and offset, those that 32 bits cannot hold from the zip64 field."""
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, position)
        position += 4
        if tag == 1:  # holds the size, the packed size and the offset, those which are elsewhere
            wide = [
                int.from_bytes(extra[i : i + 8], "little")
                for i in range(position, position + length, 8)
            ]
            absent = [i for i in (1, 0, 2) if sizes[i] == _ELSEWHERE]
            for i, value in zip(absent, wide, strict=False):
                sizes[i] = value
        position += length
    return sizes
