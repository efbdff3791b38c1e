"""PyTorch's files made to do harm, and damaged ones: ValueError, little memory, little time."""

import contextlib
import io
import struct
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.persistence import torch_pickle
from scratchml._core.persistence.torch_file import read_torch

from .test_torch_files import FOLDER, FORMATS, loads
from .torch_files import (
    HOOKS,
    archive,
    legacy,
    name,
    number,
    numbers,
    storage,
    tensor,
    text,
    tuple_of,
    zipped,
)

ORDERED = name("collections.OrderedDict") + b")R"
REBUILD = name("torch._utils._rebuild_tensor")
WORDS = [text(f"{i}") for i in range(5_000)]
PAIRS = b"](" + b"".join(word + b"N\x86" for word in WORDS) + b"e"
ARGUMENTS = tuple_of(storage(), number(0), b"K\2\x85", b"K\1\x85")

HOSTILE = {
    "lists": b"](" + b"]" * 200_000 + b"e",
    "deep lists": b"]" * 20_000 + b"a" * 19_999,
    "deep tuples": b")" + b"\x85" * 100_000,
    "dicts": b"](" + b"}" * 200_000 + b"e",
    "ordered dicts": b"](" + ORDERED + b"q\1" + ORDERED * 5_000 + b"e",
    "short ordered dicts": b"](" + ORDERED[:-2] + b"q\1" + b"h\1)R" * 30_000 + b"e",
    "filled ordered dicts": b"](" + ORDERED[:-2] + b"q\1" + b"h\1)RNNs" * 30_000 + b"e",
    "copies": b"(" + PAIRS + b"q\1" + (ORDERED[:-2] + b"h\1\x85R") * 5_000 + b"t",
    "references": b"](" + b"]" * 2000 + b"eq\1](" + b"h\1" * 100_000 + b"e\x86",
    "tensors": b"(" + REBUILD + b"q\1" + ARGUMENTS + b"q\2" + b"h\1h\2R" * 20_000 + b"t",
    "memo": b"N" + b"".join(b"r" + struct.pack("<I", i << 8) for i in range(50_000)),
    "laughs": b"]" + b"q\0h\0h\0\x87" * 49,
    "marks": b"(" * 200_000,
    "large axes": tensor(size=((1 << 40),), stride=(0,)),
    "keys": b"}(" + b"".join(number(i << 40) + b"N" for i in range(1, 60_000)) + b"u",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("form", [archive, legacy])
def test_hostile_files_take_neither_memory_nor_time(value, form):
    data = form(value)
    for traced in (False, True):
        if traced:
            tracemalloc.start()
        start = time.process_time()
        with contextlib.suppress(ValueError):
            loads(data)
        if traced:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < 60 * len(data) + 2_000_000
        else:
            assert time.process_time() - start < 5


def test_memory_is_that_of_the_storages():
    data = archive(tensor(storage("1", 1_000_000)), {"1": bytes(4_000_000)})
    file = io.BytesIO(data)
    tracemalloc.start()
    array = read_torch(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert array.shape == (2, 3)
    assert peak < 1.1 * len(data)


# Damage


def damage(data, draw):
    damaged = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    del damaged[draw(st.integers(1, len(damaged))) :]
    return bytes(damaged)


def look(value):
    """Read everything that was loaded."""
    if isinstance(value, np.ndarray):
        return value.shape, value[(0,) * value.ndim] if value.size else None
    if isinstance(value, dict):
        return [(key, look(item)) for key, item in value.items()]
    return [look(item) for item in value] if isinstance(value, list | tuple) else value


@given(st.data(), st.sampled_from(FORMATS))
def test_damaged_files_are_refused_or_read(data, file):
    damaged = damage((FOLDER / file).read_bytes(), data.draw)
    tracemalloc.start()
    with contextlib.suppress(ValueError):
        look(loads(damaged))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * len(damaged) + 2_000_000


with zipfile.ZipFile(FOLDER / "checkpoint.pt") as members:
    STORED = {name.partition("/")[2]: members.read(name) for name in members.namelist()}


@given(st.data())
def test_damaged_pickles_in_whole_archives(data):
    """What a checksum cannot see."""
    pickled = damage(STORED["data.pkl"], data.draw)
    whole = zipped(**{f"a/{k}": pickled if k == "data.pkl" else v for k, v in STORED.items()})
    with contextlib.suppress(ValueError):
        look(loads(whole))


PARTS = [*torch_pickle._INSTRUCTIONS, b"h\0", b"q\0", b".", b"\0", b"\1", b"\2", b"N", b"(", b"("]
PARTS += [HOOKS, storage(), tensor(), ARGUMENTS, numbers(2, 3), number(7), text("storage")]
PARTS += [REBUILD, name("torch.FloatStorage"), name("torch.Size"), name("collections.Counter")]


@given(st.lists(st.sampled_from(PARTS), max_size=30).map(b"".join))
def test_any_sequence_of_instructions(value):
    for data in (archive(value), legacy(value)):
        with contextlib.suppress(ValueError):
            look(loads(data))
