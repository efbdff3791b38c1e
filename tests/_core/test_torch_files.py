"""PyTorch's files: what torch.save wrote, files put together to do harm, and damaged ones."""

import io
import struct
import subprocess
import sys
from collections import Counter, OrderedDict
from pathlib import Path

import numpy as np
import pytest

import scratchml.nn as nn
import scratchml.tensor as torch
from scratchml._core.persistence.torch_file import read_torch

from .make_torch_files import expected
from .torch_files import (
    HOOKS,
    NO,
    YES,
    archive,
    call,
    legacy,
    name,
    number,
    numbers,
    storage,
    tensor,
    text,
    tuple_of,
)

FOLDER = Path(__file__).parent / "reference"
FORMATS = ["checkpoint.pt", "legacy.pt"]


def loads(data):
    return read_torch(io.BytesIO(data))


def same(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return type(a) is type(b) and [*a] == [*b] and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


# What PyTorch wrote


@pytest.mark.parametrize("file", FORMATS)
def test_a_checkpoint_of_pytorch(file):
    found = loads((FOLDER / file).read_bytes())
    assert same(found, expected())
    assert not vars(found["numbers"])
    for array in found["layouts"].values():
        assert array.flags.writeable
        assert array.dtype.isnative


@pytest.mark.parametrize("file", FORMATS)
def test_tensors_that_share_memory_share_it_here(file):
    layouts = loads((FOLDER / file).read_bytes())["layouts"]
    layouts["base"][...] = -1.0
    for view in ("transposed", "window", "row"):
        assert (layouts[view] == -1.0).all()
    assert layouts["expanded"].strides[0] == 0


def test_a_file_is_read_from_its_position_and_in_pieces():
    class Slow(io.RawIOBase):
        def __init__(self, data):
            self.data, self.at = data, 0

        def readable(self):
            return True

        def readinto(self, buffer):
            part = self.data[self.at : self.at + min(len(buffer), 7)]
            buffer[: len(part)] = part
            self.at += len(part)
            return len(part)

    data = (FOLDER / "checkpoint.pt").read_bytes()
    file = io.BytesIO(b"before" + data)
    file.seek(6)
    assert same(read_torch(file), expected())
    assert same(read_torch(Slow(data)), expected())


@pytest.mark.peer
def test_live(tmp_path):
    peer = pytest.importorskip("torch")
    model = peer.nn.Sequential(
        peer.nn.Conv2d(2, 3, 3), peer.nn.BatchNorm2d(3), peer.nn.LayerNorm(4)
    )
    optimizer = peer.optim.Adam(model.parameters(), lr=0.01)
    model(peer.randn(2, 2, 6, 6)).sum().backward()
    optimizer.step()
    value = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 1}
    for modern in (True, False):
        peer.save(value, tmp_path / "file.pt", _use_new_zipfile_serialization=modern)
        found = loads((tmp_path / "file.pt").read_bytes())
        for key, parameter in model.state_dict().items():
            np.testing.assert_array_equal(found["model"][key], parameter.numpy())
        state = optimizer.state_dict()
        assert found["optimizer"]["param_groups"] == state["param_groups"]
        for index, entry in state["state"].items():
            for key, kept in entry.items():
                np.testing.assert_array_equal(found["optimizer"]["state"][index][key], kept.numpy())


@pytest.mark.peer
def test_checksums_that_were_left_out():
    peer = pytest.importorskip("torch")
    file = io.BytesIO()
    before = peer.serialization.get_crc32_options()
    try:
        peer.serialization.set_crc32_options(False)
        peer.save({"a": peer.arange(3)}, file)
    finally:
        peer.serialization.set_crc32_options(before)
    np.testing.assert_array_equal(loads(file.getvalue())["a"], [0, 1, 2])


def test_nothing_is_imported_for_it():
    code = (
        "import sys\n"
        "from scratchml._core.persistence.torch_file import read_torch\n"
        "read_torch(open(sys.argv[1], 'rb'))\n"
        "sys.exit(bool({'torch', 'zipfile', 'numba', '_pickle.Unpickler'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(FOLDER / "checkpoint.pt")])
    assert done.returncode == 0


# Files put together by hand

PAIR = numbers(2)


def test_both_forms_of_hand_made_files_are_read():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    for data in (archive(tensor()), legacy(tensor())):
        assert same(loads(data), array)


def test_big_endian_machines():
    value = tuple_of(tensor(), tensor(storage("1", 3, "torch.BFloat16Storage"), 0, (3,), (1,)))
    stored = {"0": struct.pack(">6f", *range(6)), "1": struct.pack(">3H", 0x3F80, 0xC000, 1)}
    floats, brains = loads(archive(value, stored, b"big"))
    assert same(floats, np.arange(6, dtype=np.float32).reshape(2, 3))
    assert brains.view(np.uint32).tolist() == [0x3F800000, 0xC0000000, 0x10000]
    assert floats.dtype.isnative


@pytest.mark.parametrize("wanted", [YES, NO])
def test_parameters_keep_what_they_want(wanted):
    value = call("torch._utils._rebuild_parameter", tensor(), wanted, HOOKS)
    for data in (archive(value), legacy(value)):
        found = torch.load(io.BytesIO(data))
        assert type(found) is nn.Parameter
        assert found.requires_grad is (wanted == YES)
        assert found.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_no_byteorder_means_little():
    assert same(loads(archive(tensor(), byteorder=None)), loads(archive(tensor())))


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (tensor(offset=5, size=(), stride=()), np.array(5.0, np.float32)),
        (tensor(offset=0, size=(3, 2), stride=(1, 3)), np.array([[0, 3], [1, 4], [2, 5]], "f4")),
        (tensor(offset=4, size=(1, 2), stride=(99, 1)), np.array([[4, 5]], "f4")),
        (tensor(offset=6, size=(0,), stride=(1,)), np.zeros(0, "f4")),
        (tensor(offset=99, size=(3, 0), stride=(9, 9)), np.zeros((3, 0), "f4")),
        (tensor(storage(place="cuda:0")), np.arange(6, dtype="f4").reshape(2, 3)),
        (call("torch._utils._rebuild_parameter", tensor(), YES, HOOKS), [[0, 1, 2], [3, 4, 5]]),
        (call("torch._utils._rebuild_tensor", storage(), number(1), PAIR, PAIR), [1, 3]),
        (call("collections.Counter", b"}" + text("a") + number(2) + b"s"), Counter(a=2)),
        (call("collections.OrderedDict", b"](](" + text("a") + b"Nee"), OrderedDict(a=None)),
        (call("builtins.set", b"](" + number(1) + b"e"), {1}),
        (call("torch.Size", numbers(2, 3)), (2, 3)),
        (name("torch.int64"), np.dtype("i8")),
        (b"U\3abc", "abc"),
        (b"G" + struct.pack(">d", 0.1), 0.1),
        (b"J\xff\xff\xff\xff", -1),
        (b"M\1\1", 257),
        (b"\x8a\0", 0),
        (b"Nr\1\2\0\0j\1\2\0\0\x86", (None, None)),
        (b"]Na", [None]),
        (number(1) + number(2) + number(3) + b"\x87", (1, 2, 3)),
    ],
)  # fmt: skip
def test_instructions(value, result):
    found = loads(archive(value))
    if isinstance(found, np.ndarray):
        np.testing.assert_array_equal(found, result)
    else:
        assert type(found) is type(result)
        assert found == result


# Sixty lists, each in the next, and all of them again, the innermost first.
CHAIN = b"]q\0" + b"".join(b"]h" + bytes([i - 1]) + b"aq" + bytes([i]) for i in range(1, 60))
TWICE = b"((" + CHAIN + b"t(" + b"".join(b"h" + bytes([i]) for i in range(59, -1, -1)) + b"tt"


@pytest.mark.parametrize(
    ("value", "match"),
    [
        # what would run code
        (call("os.system", text("touch owned")), "it names 'os.system': only tensors"),
        (name("os.system"), "it names 'os.system'"),
        (call("builtins.eval", text("1")), "it names 'builtins.eval'"),
        (call("__main__.Net"), "it names '__main__.Net': .* save model.state_dict"),
        (name("torch.FloatStorage"), "it holds torch.FloatStorage outside"),
        (call("torch.FloatStorage", number(1 << 40)), "a storage of its own"),
        (name("torch._utils._rebuild_tensor_v2"), "_rebuild_tensor_v2 outside"),
        (text("eval") + numbers(1) + b"R", "calls a str"),
        (name("collections.OrderedDict") + b"]R", "calls collections.OrderedDict with a list"),
        (b"\x8c\4evil", "instruction b'\\\\x8c'"),
        (b"(cos\nsystem\no", "it names 'os.system'"),
        (b"(X\1\0\0\0aios\nsystem\n", "instruction b'i'"),
        (b"\x93", "instruction"),
        (b"\x81", "instruction"),
        (b"P0\n", "instruction b'P'"),
        (b"\x82\1", "instruction"),
        # stacks
        (b"", "stack that is not one value"),
        (b"NN", "stack that is not one value"),
        (b"N(", "stack that is not one value"),
        (b"\x85", "takes more from the stack"),
        (b"N(\x85", "takes more from the stack"),
        (b"t", "no mark"),
        (b"q\0", "takes more from the stack"),
        (b"h\0", "did not remember, 0"),
        (b"Na", "takes more from the stack"),
        (b"NNa", "changes a NoneType"),
        (b")Na", "changes a tuple"),
        (b"]NNs", "changes a list"),
        (b"}Na", "changes a dict"),
        (b"}(Nu", "a key without a value"),
        (b"\x80\4", "protocol 4"),
        (b"c" + b"a" * 300 + b"\nb\n", "a name without an end"),
        (b"X\xff\xff\xff\xffabc", "ends early"),
        (b"X\1\0\0\0\xff", "not text"),
        (b"U\1\xff", "not text"),
        (b"X\3\0\0\0\xed\xa0\x80", "not text"),
        (b"G\0", "ends early"),
        (b"K", "stack that is not one value|ends early"),
        # containers
        (b"]q\0h\0a", "too deep, or contain"),
        (b"}q\0Nh\0s", "too deep, or contain"),
        (b"]" + b"q\0h\0\x86" * 51, "too deep"),
        (TWICE, "too deep"),
        (b"]" + b"q\0h\0\x86" * 40, "repeat each other too often"),
        (b")" + b"\x85" * 51, "too deep"),
        (b"}" + numbers(1) + b"Ns", "a tuple is a key"),
        (b"}]Ns", "a list is a key"),
        (b"}" + number(1 << 63) + b"Ns", "a int is a key"),
        (call("builtins.set", b"](]e"), "a list is a key"),
        (call("builtins.set", b"]", b"]"), "a set is made of"),
        (call("builtins.set", number(3)), "a set is made of"),
        (call("collections.Counter", b"]"), "a Counter is made of"),
        (call("collections.Counter", b"}" + text("a") + b"Ns"), "a Counter counts"),
        (call("collections.OrderedDict", b"](Ne"), "an OrderedDict is made of"),
        (call("collections.OrderedDict", b"}"), "an OrderedDict is made of"),
        (call("collections.OrderedDict", b"](](]Nee"), "a list is a key"),
        (call("torch.Size"), "a torch.Size is made of"),
        (call("torch.Size", b"]"), "no tuple"),
        (call("torch.Size", tuple_of(b"N")), "NoneType out of range"),
        (HOOKS + b"}" + text("__class__") + b"Nsb", "attributes of an OrderedDict that"),
        (HOOKS + b"Nb", "attributes of an OrderedDict that"),
        (b"}}b", "changes a dict"),
        (tensor() + b"}b", "changes a ndarray"),
        # storages and tensors
        (storage(), "a Storage outside"),
        (b"NQ", "is not a storage"),
        (numbers(1, 2, 3, 4, 5) + b"Q", "a int where a storage belongs"),
        (storage(kind="torch.Size"), "torch.Size where a storage belongs"),
        (storage(kind="torch.float32"), "where a storage belongs"),
        (storage(kind="torch.QInt8Storage"), "it names 'torch.QInt8Storage'"),
        (tensor(storage("../data.pkl")), "no member"),
        (tensor(storage("9")), "no member 'archive/data/9'"),
        (tensor(storage(count=5)), "24 bytes, where 5 values take 20"),
        (tensor(storage(count=1 << 40)), "24 bytes, where"),
        (tensor(storage(count=1 << 48)), "impossible number"),
        (tensor(storage(count=-1)), "impossible number"),
        (tuple_of(tensor(), tensor(storage(kind="torch.IntStorage"))), "described in two ways"),
        (tensor(number(3)), "without a storage"),
        (tensor(offset=-1), "no offset"),
        (tensor(offset=1), "reaches value 6 of a storage of 6"),
        (tensor(size=(2, 3), stride=(4, 1)), "reaches value 6"),
        (tensor(size=(7,), stride=(1,)), "reaches value 6"),
        (tensor(size=(), stride=(), offset=6), "reaches value 6"),
        (tensor(size=(3,), stride=(-1,), offset=5), "out of range"),
        (tensor(size=(-1,), stride=(1,)), "out of range"),
        (tensor(size=(2,), stride=(1, 1)), "has the stride"),
        (tensor(size=(1 << 47, 2), stride=(0, 0)), "larger than arrays"),
        (tensor(size=(1,) * 33, stride=(1,) * 33), "too many numbers"),
        (tensor(gradient=b"N"), "cannot require"),
        (tensor(storage("1", 1, "torch.LongStorage"), 0, (), (), YES), "int64 cannot require"),
        (tensor(hooks=HOOKS + text("a") + b"Ns"), "a tensor has hooks"),
        (tensor(hooks=text("a")), "a tensor has hooks"),
        (call("torch._utils._rebuild_tensor_v2", storage(), number(0)), "made of 2 parts"),
        (tensor(storage("2", 2, "torch.BoolStorage"), 0, (2,), (1,)), "other values than 0 and 1"),
        (call("torch._utils._rebuild_parameter", b"N", YES, HOOKS), "else than a tensor"),
        (call("torch._utils._rebuild_parameter", tensor(), b"N", HOOKS), "cannot require"),
    ],
)  # fmt: skip
def test_lies(value, match):
    data = archive(value, {"1": bytes(8), "2": b"\1\2"})
    with pytest.raises(ValueError, match=match):
        loads(data)
