"""PyTorch's archives, new and old: forms that differ, directories that lie."""

import io
import struct
import zipfile

import pytest

from scratchml._core.persistence import torch_pickle, torch_zip

from .test_torch_files import loads
from .torch_files import (
    START,
    VALUES,
    archive,
    call,
    legacy,
    number,
    storage,
    tensor,
    text,
    tuple_of,
    zipped,
)

NOTHING = START + b"N."


def test_checksums_are_checked():
    data = archive(tensor())
    at = data.index(VALUES)
    damaged = bytearray(data)
    damaged[at + 1] ^= 1
    with pytest.raises(ValueError, match="'archive/data/0' is damaged"):
        loads(bytes(damaged))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "does not begin"),
        (b"PK", "does not begin"),
        (b"\x80\2}.", "does not begin"),
        (b"\x80\2c__main__\nNet\n.", "does not begin"),
        (zipped(), "does not begin"),
        (archive(b"N")[:-1], "cut short"),
        (archive(b"N")[:60], "cut short"),
        (zipped(a=b""), "no data.pkl"),
        (zipped(**{"data.pkl": NOTHING}), "no data.pkl"),
        (zipped(**{"a/b/data.pkl": NOTHING}), "no data.pkl"),
        (archive(b"N", **{"other/data.pkl": b""}), "no data.pkl"),
        (zipped(**{"a/b.pkl": b"", "a/a.pkl": b""}).replace(b"b.pkl", b"a.pkl"), "a.pkl' twice"),
        (archive(b"N", byteorder=b"middle"), "neither little nor big"),
        (archive(b"N", byteorder=b"little" * 5), "30 bytes; 10 are allowed"),
        (zipped(zipfile.ZIP_DEFLATED, **{"a/data.pkl": NOTHING}), "compressed"),
    ],
)
def test_archives_of_another_form(data, match):
    with pytest.raises(ValueError, match=match):
        loads(data)


def patched(data, signature, offset, form, value):
    """The archive with a field of its last header of that kind changed."""
    data = bytearray(data)
    struct.pack_into(form, data, data.rindex(signature) + offset, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("signature", "offset", "form", "value", "match"),
    [
        (b"PK\5\6", 10, "<H", 9, "its directory is damaged"),
        (b"PK\5\6", 10, "<H", 1, "its directory is damaged"),
        (b"PK\5\6", 12, "<I", 1 << 31, "out of range"),
        (b"PK\5\6", 16, "<I", 1 << 31, "out of range"),
        (b"PK\5\6", 16, "<I", 0, "its directory is damaged"),
        (b"PK\1\2", 8, "<H", 1, "encrypted"),
        (b"PK\1\2", 20, "<I", 1, "two sizes"),
        (b"PK\1\2", 28, "<H", 1 << 15, "its directory is damaged"),
        (b"PK\1\2", 42, "<I", 1 << 31, "ends early"),
        (b"PK\1\2", 42, "<I", 1, "header of its member"),
        (b"PK\1\2", 16, "<I", 1, "CRC-32 is wrong"),
        (b"PK\3\4", 26, "<H", 1 << 15, "ends early"),
    ],
)
def test_directories_that_lie(signature, offset, form, value, match):
    data = patched(archive(tensor()), signature, offset, form, value)
    with pytest.raises(ValueError, match=match):
        loads(data)


def test_a_directory_that_is_too_long(monkeypatch):
    monkeypatch.setattr(torch_zip, "_DIRECTORY_LIMIT", 100)
    with pytest.raises(ValueError, match="its directory is out of range"):
        loads(archive(tensor()))


def test_members_that_overlap_are_refused():
    """A thousand names of one member of a megabyte are not a gigabyte."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        members.writestr("a/data.pkl", NOTHING)
        members.writestr("a/data/0", bytes(1 << 20))
        (info,) = [i for i in members.infolist() if i.filename == "a/data/0"]
        for i in range(1, 1000):
            copy = zipfile.ZipInfo(f"a/data/{i}")
            copy.CRC, copy.file_size, copy.compress_size = info.CRC, 1 << 20, 1 << 20
            copy.header_offset = info.header_offset
            members.filelist.append(copy)
        members._didModify = True
    with pytest.raises(ValueError, match="its members overlap"):
        loads(file.getvalue())


def test_sizes_in_the_zip64_field():
    """The directory as it is for members of 4 GB and more, each number in the wider field."""
    data = archive(b"N")
    start = at = data.index(b"PK\1\2")
    with zipfile.ZipFile(io.BytesIO(data)) as members:
        infos = members.infolist()
    headers = b""
    for info in infos:
        name = info.filename.encode()
        sizes = struct.pack("<2H3Q", 1, 24, info.file_size, info.file_size, info.header_offset)
        extra = struct.pack("<2HI", 7, 4, 0) + sizes
        headers += data[at : at + 20] + b"\xff" * 8 + struct.pack("<2H", len(name), len(extra))
        headers += data[at + 32 : at + 42] + b"\xff" * 4 + name + extra
        at += 46 + len(name)
    counts = (len(infos), len(infos), len(headers), start)
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, *counts)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + len(headers), 1)
    wide = data[:start] + headers + end + locator + data[-22:-6] + b"\xff" * 4 + b"\0\0"
    assert loads(wide) is None
    with pytest.raises(ValueError, match="has two sizes"):
        loads(wide.replace(b"\1\0\x18\0", b"\1\0\x08\0"))


# The older format


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (legacy(tensor())[:-1], "ends early"),
        (legacy(tensor())[:-24], "ends early"),
        (legacy(tensor(), keys=()), "list of storages"),
        (legacy(tensor(), keys=("0", "0")), "list of storages"),
        (legacy(tensor(), keys=("1",)), "list of storages"),
        (legacy(tensor(), storages=[bytes(20)]), "does not have 6 values"),
        (legacy(tensor(storage(count=1 << 47))), "take more bytes than it has"),
        (legacy(tuple_of(*[tensor(storage(str(i), 99)) for i in range(9)])), "more bytes"),
        (legacy(storage()), "a Storage outside"),
        (legacy(call("os.system", text("x"))), "it names 'os.system'"),
        (legacy(tensor()).replace(number(1001), number(1002)), "protocol 1002"),
        (legacy(tensor()).replace(b"}.", b"cos\nsystem\n."), "outside of the value"),
        (legacy(tensor()).replace(b"}.", b"NQ."), "outside of the value"),
        (legacy(b"N")[:40], "ends early"),
    ],
)  # fmt: skip
def test_legacy_lies(data, match):
    with pytest.raises(ValueError, match=match):
        loads(data)


def test_legacy_keys_that_are_no_text():
    data = legacy(tensor()).replace(b"](" + text("0") + b"e", b"](K\1" + text("0") + b"e")
    with pytest.raises(ValueError, match="list of storages"):
        loads(data)


def test_a_pickle_that_is_too_long(monkeypatch):
    monkeypatch.setattr(torch_pickle, "LIMIT", 100)
    with pytest.raises(ValueError, match="bytes; 100 are allowed"):
        loads(archive(tensor()))
    with pytest.raises(ValueError, match="ends early, or is too long"):
        loads(legacy(tensor()))
