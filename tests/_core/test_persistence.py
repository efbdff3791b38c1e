"""Model files: exact round trips, refusals at both ends, and files that lie."""

import copy
import io
import itertools
import json
import os
import pickle
import random
import stat
import struct
import subprocess
import sys
import textwrap
import types
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchml
from scratchml._core.estimator import Estimator, atomic
from scratchml._core.persistence import archive, files, manifest, npy
from scratchml._core.rules import real


class Toy(Estimator):
    _rules = {"alpha": real(0.0)}

    def __init__(self, alpha=1.0, parts=None, random_state=None):
        self.alpha = alpha
        self.parts = parts
        self.random_state = random_state

    @atomic
    def fit(self, X, y=None):
        self.coef_ = np.asarray(X, dtype=float).mean(axis=0)
        self.classes_ = np.array(["a", None, 3], dtype=object)
        return self

    def predict(self, X):
        return X @ self.coef_


class Layer:
    """Takes part by the two methods of the protocol."""

    def __init__(self, size):
        raise RuntimeError("not to be called by load")

    def _get_state(self):
        return {"weight": self.weight}

    @classmethod
    def _from_state(cls, state):
        layer = cls.__new__(cls)
        layer.weight = state["weight"]
        return layer


@pytest.fixture(autouse=True, scope="module")
def toys():
    """Export Toy and Layer as scratchml.toys, in this module only."""
    with pytest.MonkeyPatch.context() as patch:
        module = types.ModuleType("scratchml.toys")
        module.Toy, module.Layer, module.Hidden = Toy, Layer, type("Hidden", (Estimator,), {})
        module.Plain, module.number = type("Plain", (), {"get_params": lambda self, deep: {}}), 3
        module.__all__ = ["Layer", "Plain", "Toy", "number"]
        for cls in (Toy, Layer, module.Hidden):
            patch.setattr(cls, "__module__", "scratchml.toys")
        patch.setitem(sys.modules, "scratchml.toys", module)
        patch.setattr(scratchml, "toys", module, raising=False)
        patch.setattr(scratchml, "__all__", [*scratchml.__all__, "toys"])
        yield module


def dumps(value):
    file = io.BytesIO()
    scratchml.save(value, file)
    return file.getvalue()


def loads(data):
    return scratchml.load(io.BytesIO(data))


def same(a, b):
    """Whether two values agree in type, dtype, memory order and every bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        layout = (a.dtype == b.dtype, a.shape == b.shape, npy.order_of(a) == npy.order_of(b))
        if a.dtype == object:
            return all(layout) and all(map(same, a.ravel(), b.ravel()))
        return all(layout) and a.tobytes() == b.tobytes() and b.flags.writeable
    if isinstance(a, np.generic) and not isinstance(a, np.str_ | np.bytes_):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    if isinstance(a, np.random.RandomState):
        return same(a.get_state(), b.get_state())
    if isinstance(a, np.random.Generator):
        return same(a.bit_generator.state, b.bit_generator.state)
    if isinstance(a, Estimator | Layer):
        return same(vars(a), vars(b))
    return bool(a == b)


def used(generator):
    """A generator in the middle of its stream, a half of a number pending."""
    generator.normal(size=3)
    if isinstance(generator, np.random.Generator):
        generator.integers(0, 9, size=3, dtype=np.int32)
    return generator


PLAIN = [
    None, True, False, 0, -1, (1 << 63) - 1, -(1 << 63), 1 << 63, -(1 << 200), 0.1, -0.0, 5e-324,
    np.inf, -np.inf, np.nan, struct.unpack("d", struct.pack("Q", 0xFFF8000000000001))[0],
    1.7976931348623157e308, 1j, complex(-0.0, np.nan), "", "a", "é\0\n\"\\[{", "\ud800",
    "\ud83d\ude00", "\U0001f600", b"", b"\0\xff", [], [[]], (), ((),), {}, {"a": 1, "": 2},
    {1: 2, 1.5: 3, None: 4},
    OrderedDict(), OrderedDict({"b": 1, "a": (2,)}), OrderedDict({1: "x"}), Counter({"a": 2, 3: 0}),
    {"\ud800": 1}, {(1, "a"): [2]}, {"dict": 1}, [{"array": 1}], set(), {1, "a", None, (2, 3)},
    frozenset({b"a"}), {frozenset({1}): 1}, np.float32(0.1), np.float64(np.nan), np.int8(-3),
    np.uint64((1 << 64) - 1), np.True_, np.str_("a\0"), np.str_(""), np.bytes_(b"a\0"),
    np.complex64(1j), np.float16(2), np.datetime64("2020-01-02", "D"), np.datetime64("NaT"),
    np.timedelta64(3, "ms"), np.dtype("f4"), np.dtype(">i2"), np.dtype("U7"), np.dtype("M8[25s]"),
    np.dtype([("a", "i4"), ("b", "f8", (2, 3))]), np.float64, np.int32, np.bool_, float, int,
    object, str,
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=lambda v: f"{type(v).__name__}-{v!r:.20}")
def test_plain_values_come_back_exactly(value):
    assert same(value, loads(dumps(value)))
    assert same([value, {"a": (value,)}], loads(dumps([value, {"a": (value,)}])))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0, dtype=">f4").reshape(2, 3)),
        np.array(3),
        np.array([np.nan, -np.nan, np.inf, -0.0]),
        np.zeros((0, 5)),
        np.asfortranarray(np.zeros((3, 0), dtype="U3")),
        np.array([True, False]),
        np.array(["a", "é\U0001f600", ""]),
        np.array(["a", "é"]).astype(">U2"),
        np.array([b"a\0b", b""]),
        np.array(["2020-01-01", "NaT"], dtype="M8[ns]"),
        np.array([3, -1], dtype=">m8[7D]"),
        np.zeros(3, dtype=[("left", "<i4"), ("flag", "?"), ("name", "U3"), ("w", "<f4", (2, 2))]),
        np.array(["a", None, 3, 2.5, (1,), [2], np.float32(1)], dtype=object),
        np.asfortranarray(np.array([["a", "b"], ["c", "d"]], dtype=object)),
        np.empty((0, 2), dtype=object),
        np.array(None, dtype=object),
        np.zeros((1,) * 20),
    ],
    ids=lambda a: f"{a.dtype.str}{a.shape}",
)
def test_arrays_come_back_exactly(array):
    assert same(array, loads(dumps(array)))


@given(hnp.arrays(
    hnp.boolean_dtypes() | hnp.integer_dtypes(endianness="?") | hnp.floating_dtypes(endianness="?",
    sizes=(16, 32, 64)) | hnp.complex_number_dtypes(sizes=(64, 128)) | hnp.unicode_string_dtypes()
    | hnp.byte_string_dtypes() | hnp.datetime64_dtypes(endianness="?"),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
), st.randoms(use_true_random=False))  # fmt: skip
def test_arrays_of_any_dtype_and_layout(array, rng):
    axes = rng.sample(range(array.ndim), array.ndim)
    steps = (slice(None, None, rng.choice([1, -1, 2])) for _ in axes)
    view = array.transpose(axes)[(..., *steps)]
    back = loads(dumps(view))
    assert back.dtype == view.dtype
    assert back.shape == view.shape
    assert back.tobytes() == view.tobytes()
    assert npy.order_of(back) == npy.order_of(view)
    assert back.flags.writeable
    assert back.flags.contiguous or npy.order_of(back) == "F"


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.binary()
    | st.text(st.characters(codec=None)) | st.sampled_from([np.float32(1.5), np.int64(-1)])
)  # fmt: skip
KEYS = st.none() | st.integers() | st.text() | st.binary() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
        | st.frozensets(KEYS, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_nesting_comes_back_exactly(value):
    assert same(value, loads(dumps(value)))


@pytest.mark.parametrize(
    "make",
    [
        np.random.RandomState,
        np.random.default_rng,
        lambda s: np.random.Generator(np.random.MT19937(s)),
        lambda s: np.random.Generator(np.random.Philox(s)),
        lambda s: np.random.Generator(np.random.SFC64(s)),
        lambda s: np.random.Generator(np.random.PCG64DXSM(s)),
    ],
)
def test_random_generators_continue_their_stream(make):
    generator = used(make(3))
    back = loads(dumps(generator))
    assert same(generator, back)
    assert (generator.normal(size=700) == back.normal(size=700)).all()


def test_estimators_come_back_with_their_parts():
    inner = Toy(alpha=np.float32(0.5), random_state=np.random.RandomState(1))
    model = Toy(parts=[("first", inner), ("second", None)]).fit([[1.0, 2.0], [3.0, 5.0]])
    back = loads(dumps(model))
    assert set(vars(model)) == set(vars(back))
    assert same(model.coef_, back.coef_)
    assert same(model.classes_, back.classes_)
    assert back.parts[0][1].alpha == np.float32(0.5)
    assert type(back.parts[0][1]) is Toy
    assert back.predict(np.ones((1, 2))) == model.predict(np.ones((1, 2)))
    assert back.fit([[0.0], [1.0]]).coef_ == 0.5


def test_an_unfitted_estimator_comes_back_unfitted():
    assert set(vars(loads(dumps(Toy(alpha=3.0))))) == {"alpha", "parts", "random_state"}


def test_classes_with_their_own_state_are_rebuilt_by_it():
    layer = Layer.__new__(Layer)
    layer.weight = np.arange(3, dtype=np.float32)
    assert same(layer, loads(dumps(layer)))


def test_one_array_twice_stays_one():
    array = np.arange(3.0)
    a, (b, c) = loads(dumps([array, (array, array.copy())]))
    assert a is b
    assert a is not c
    assert len(zipfile.ZipFile(io.BytesIO(dumps([array] * 9))).namelist()) == 2


def test_equal_models_make_equal_files():
    first, second = ({"s": {"b", "a", 3}, "x": np.ones(3)} for _ in range(2))
    assert dumps(first) == dumps(second)


def test_numpy_and_zip_tools_read_the_file(tmp_path):
    path = tmp_path / "toy.scratchml"
    model = Toy(parts=[Toy(), Toy().fit([[4.0]])]).fit([[1.0, 2.0]])
    scratchml.save(model, path)
    with np.load(path) as arrays:
        assert same(arrays["coef_"], model.coef_)
        assert same(arrays["parts.1.coef_"], model.parts[1].coef_)
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        text = json.loads(file.read("manifest.json"))
    assert text["format"] == "scratchml"
    assert text["value"]["object"]["class"] == "toys.Toy"


def test_names_that_are_no_file_names_do_not_reach_the_archive():
    keys = [
        "../../x",
        "/etc/passwd",
        "a b",
        "é",
        "",
        "C:\\x",
        "x" * 300,
        "array-1",
        "manifest.json",
    ]
    value = {key: np.full(2, i) for i, key in enumerate(keys)}
    value["a"], value["a.b"] = {"b": np.ones(1)}, np.ones(2)
    names = zipfile.ZipFile(io.BytesIO(dumps(value))).namelist()
    assert len(set(names)) == len(names) == len(keys) + 3
    assert not any(
        set(name) & set("/\\: ") or not name.isascii() or len(name) > 110 for name in names
    )
    assert same(value, loads(dumps(value)))


attributed = OrderedDict()
attributed.note = 1


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (Toy(alpha=lambda x: x), r"Toy\.alpha: .*<lambda>, which is code"),
        (Toy(parts=[1, (2, print)]), r"Toy\.parts\[1\]\[1\]: it is print, which is code"),
        (attributed, "cannot save OrderedDict: it is an OrderedDict with attributes"),
        ({"a": Toy}, r"dict\['a'\]: it is Toy, which is code"),
        ({"a": {1: io.BytesIO()}}, r"dict\['a'\]\[1\]: it is a _io.BytesIO"),
        (Toy(parts=object()), r"Toy\.parts: it is a builtins\.object"),
        (np.ma.array([1]), "MaskedArray"),
        (np.array([1], dtype=np.longdouble), "array of dtype"),
        (np.longdouble(1), "NumPy scalar"),
        (np.zeros(2, dtype="V3"), "array of dtype"),
        (np.zeros(2, dtype={"names": ["a"], "formats": ["i4"], "offsets": [4]}), "array of dtype"),
        (np.array([1, print], dtype=object), r"ndarray\[1\]"),
        (np.dtype("O"), "dtype object"),
        (range(3), "builtins.range"),
        (bytearray(b"a"), "bytearray"),
        (type("L", (list,), {})(), "tests|L"),
        (np.random.RandomState(np.random.PCG64(1)), "RandomState of PCG64"),
        (types.SimpleNamespace(_get_state=dict, _from_state=dict), "SimpleNamespace"),
    ],
)
def test_what_is_not_plain_is_refused_by_name(value, what, tmp_path):
    with pytest.raises(TypeError, match=what):
        scratchml.save(value, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_only_public_classes_are_saved(toys):
    class Mine(Toy):
        pass

    with pytest.raises(TypeError, match="Mine"):
        dumps(Mine())
    with pytest.raises(TypeError, match="Hidden"):
        dumps(toys.Hidden())


@pytest.mark.parametrize("name", ["fit", "predict", "_rules", "__class__", "__dict__", "a b"])
def test_attributes_that_hide_the_class_are_refused(name):
    model = Toy()
    vars(model)[name] = 1
    with pytest.raises(ValueError, match="cannot have an attribute"):
        dumps(model)


def test_loops_and_deep_nests_are_refused():
    loop = [1]
    loop.append(loop)
    deep = []
    for _ in range(100):
        deep = [deep]
    for value in (loop, deep, {"a": deep}, {1: deep}):
        with pytest.raises(ValueError, match="nested too deep"):
            dumps(value)
    fits = Toy()
    for _ in range(24):
        fits = Toy(parts=[fits])
    assert isinstance(loads(dumps(fits)), Toy)


def test_too_many_plain_values_are_refused(monkeypatch):
    monkeypatch.setattr(manifest, "LIMIT", 1000)
    with pytest.raises(ValueError, match="use arrays"):
        dumps(["x"] * 1000)


# Files and streams


def test_paths_and_open_files(tmp_path):
    path = tmp_path / "model"
    for target in (path, str(path), os.fsencode(path)):
        scratchml.save(3, target)
        assert scratchml.load(target) == 3
        path.unlink()
    for buffering in (0, -1):
        with open(path, "wb", buffering=buffering) as file:
            file.write(b"header")
            scratchml.save([np.arange(400_000)], file)
        with open(path, "rb", buffering=buffering) as file:
            assert file.read(6) == b"header"
            assert scratchml.load(file)[0][-1] == 399_999


def test_pipes():
    class Pipe(io.RawIOBase):
        """Cannot seek; takes and gives 1000 bytes at a time."""

        def __init__(self, data=b""):
            self.data, self.position = bytearray(data), 0

        def readable(self):
            return True

        def readinto(self, buffer):
            part = self.data[self.position : self.position + min(len(buffer), 1000)]
            buffer[: len(part)] = part
            self.position += len(part)
            return len(part)

        def write(self, data):
            self.data += bytes(data[:1000])
            return min(len(data), 1000)

    pipe = Pipe()
    scratchml.save(np.arange(5000), pipe)
    assert bytes(pipe.data) == dumps(np.arange(5000))
    assert same(scratchml.load(Pipe(pipe.data)), np.arange(5000))


def test_text_files_are_refused(tmp_path):
    with pytest.raises(TypeError, match="text mode"):
        scratchml.save(1, io.StringIO())
    with pytest.raises(TypeError, match="text mode"):
        scratchml.load(io.StringIO())
    with pytest.raises(TypeError):
        scratchml.load(3.5)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(FileNotFoundError):
        scratchml.load(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        scratchml.save(1, tmp_path / "none" / "model")
    for do in (scratchml.load, lambda path: scratchml.save(1, path)):
        with pytest.raises(OSError, match="directory|Permission"):
            do(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions, links and pipes")
def test_permissions_links_and_pipes(tmp_path):
    path, link, fifo = tmp_path / "model", tmp_path / "link", tmp_path / "fifo"
    before = os.umask(0o027)
    try:
        scratchml.save(1, path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o600)
    link.symlink_to(path)
    scratchml.save(2, link)
    assert link.is_symlink()
    assert scratchml.load(path) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.mkfifo(fifo)
    with pytest.raises(ValueError, match="not a regular file"):
        scratchml.load(fifo)
    scratchml.save(1, "/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch, error, step):
    path = tmp_path / "model"
    scratchml.save("old", path)

    def fail(*_):
        raise error("no space left")

    if step == "write":
        monkeypatch.setattr(files, "write_archive", fail)
    else:
        monkeypatch.setattr(os, step, fail)
    with pytest.raises(error):
        scratchml.save("new", path)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    assert scratchml.load(path) == "old"


# Damage


def refused(data):
    """Whether `load` refuses `data` with a ValueError; any other exception comes through."""
    try:
        loads(data)
    except ValueError as error:
        return str(error).startswith("cannot load the file: ")
    return False


SMALL = dumps([np.arange(3, dtype=np.int16), {"a": np.array(["x"])}])


def test_every_flipped_bit_is_noticed():
    for position, bit in itertools.product(range(len(SMALL)), range(8)):
        data = bytearray(SMALL)
        data[position] ^= 1 << bit
        assert refused(bytes(data)), (position, bit)


def test_every_truncation_insertion_and_deletion_is_noticed():
    for i in range(len(SMALL)):
        assert refused(SMALL[:i])
        assert refused(SMALL[i + 1 :])
        assert refused(SMALL[:i] + SMALL[i + 1 :])
        assert refused(SMALL[:i] + b"\0" + SMALL[i:])
    assert refused(SMALL + b"\0")
    assert refused(SMALL + SMALL)


def test_spliced_files_are_noticed():
    rng = random.Random(0)
    other = dumps([np.arange(4, dtype=np.int16), {"b": np.array(["y"])}])
    for _ in range(3000):
        data = bytearray(SMALL)
        source = rng.choice([SMALL, other, bytes(200), rng.randbytes(200), b"PK\1\2" * 50])
        at, start, size = rng.randrange(len(data)), rng.randrange(len(source)), rng.randrange(1, 60)
        data[at : at + rng.choice([0, size])] = source[start : start + size]
        assert bytes(data) == SMALL or refused(bytes(data))


@given(st.binary(max_size=300))
def test_noise_is_refused(data):
    assert refused(data)
    assert refused(b"PK\3\4" + data)


def test_other_files_are_refused(tmp_path):
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", compression) as other:
            other.writestr("manifest.json", '{"format":"scratchml","version":1,"value":null}')
        assert refused(file.getvalue())
    for save in (np.savez, np.savez_compressed, np.save):
        file = io.BytesIO()
        save(file, np.arange(3))
        assert refused(file.getvalue())
    assert refused(b"")
    assert refused(pickle.dumps(3))
    (tmp_path / "model").write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"cannot load '.*model': 8 bytes are too few"):
        scratchml.load(tmp_path / "model")


# Lies: archives without a flaw that hold a manifest made up to do harm


def craft(value, members=(), **entries):
    """An archive with this JSON as value, or a str as the text of the whole manifest."""
    head = {"format": "scratchml", "version": 1, "scratchml": "9.9", "value": value, **entries}
    text = value if isinstance(value, str) and value.startswith("!") else json.dumps(head)
    file = io.BytesIO()
    archive.write_archive(file, [("manifest.json", [text.lstrip("!").encode()]), *members])
    return file.getvalue()


def member(dtype, shape, data=b"", name="a", order="C"):
    return (f"{name}.npy", [npy.header([dtype, shape, order]), data])


HEX = "00" * 8
LIES = {
    "unknown tag": {"pickle": "gASVKAAAAA=="},
    "two tags": {"int": "1", "float": HEX},
    "no tag": {},
    "tuple of str": {"tuple": "abc"},
    "dict of list": {"dict": [1]},
    "items that are no pairs": {"items": [[1]]},
    "items that are str": {"items": ["ab"]},
    "key that is a list": {"items": [[[1], 2]]},
    "key twice": {"items": [[1, 2], [1.0, 2]]},
    "key of an OrderedDict twice": {"OrderedDict": [[1, 2], [1, 2]]},
    "OrderedDict of a dict": {"OrderedDict": {"a": 1}},
    "Counter of str": {"Counter": [["a", "b"]]},
    "Counter of a list": {"Counter": ["a"]},
    "set of lists": {"set": [[1]]},
    "item twice": {"set": [1, True]},
    "int with junk": {"int": "1_0"},
    "int that is an int": {"int": 3},
    "int in base 36": {"int": "zz"},
    "float too short": {"float": "00"},
    "float in capitals": {"float": "FF" * 8},
    "bytes with a space": {"bytes": "00 00"},
    "bytes, odd": {"bytes": "000"},
    "str of no text": {"str": "ff"},
    "scalar of objects": {"scalar": ["|O", HEX]},
    "scalar of a struct": {"scalar": [[["a", "<f8"]], HEX]},
    "scalar, bool of 2": {"scalar": ["|b1", "02"]},
    "scalar, long": {"scalar": ["<f8", HEX + "00"]},
    "scalar, str of int": {"scalar": ["U", 3]},
    "dtype of objects": {"dtype": "|O"},
    "dtype, alias": {"dtype": "f8"},
    "dtype, list": {"dtype": ["<f8", "<f8"]},
    "dtype, empty": {"dtype": []},
    "dtype, name twice": {"dtype": [["a", "<f8"], ["a", "<f8"]]},
    "dtype, code as name": {"dtype": [["__import__('os')", "<f8"]]},
    "dtype, huge": {"dtype": [["a", "<f8", [1 << 20, 1 << 20]]]},
    "dtype, many huge": {"dtype": [[f"a{i}", "<f8", [1 << 27]] for i in range(99)]},
    "dtype, unit": {"dtype": "<M8[q]"},
    "dtype, unit of 0": {"dtype": "<M8[0D]"},
    "dtype, unit of 1": {"dtype": "<M8[1D]"},
    "type": {"type": "os.system"},
    "type that is a list": {"type": ["float"]},
    "array without member": {"array": ["b", "<f8", [], "C"]},
    "array, manifest": {"array": ["manifest.json", "|u1", [9], "C"]},
    "array, short": {"array": ["a"]},
    "array, dict": {"array": {"a": 1}},
    "objects, shape": {"objects": [[3], "C", [1, 2]]},
    "objects, negative": {"objects": [[-1], "C", [1]]},
    "objects, order": {"objects": [[1], "A", [1]]},
    "objects, dims": {"objects": [[1] * 65, "C", [1]]},
    "objects, overflow": {"objects": [[0, 1 << 40, 1 << 40], "C", []]},
    "class unknown": {"object": {"class": "toys.No", "params": {}, "state": {}}},
    "class of os": {"object": {"class": "os.system", "params": {}, "state": {}}},
    "class by path": {"object": {"class": "_core.estimator.Estimator", "params": {}, "state": {}}},
    "class not exported": {"object": {"class": "toys.Hidden", "params": {}, "state": {}}},
    "class a function": {"object": {"class": "load", "params": {}, "state": {}}},
    "class a module": {"object": {"class": "datasets", "params": {}, "state": {}}},
    "class not storable": {"object": {"class": "toys.Plain", "params": {}, "state": {}}},
    "class a number": {"object": {"class": "toys.number.real", "params": {}, "state": {}}},
    "class of a class": {"object": {"class": "toys.Toy.fit", "params": {}, "state": {}}},
    "class dunder": {"object": {"class": "toys.__class__", "params": {}, "state": {}}},
    "class empty": {"object": {"class": "", "params": {}, "state": {}}},
    "class a list": {"object": {"class": ["toys", "Toy"], "params": {}, "state": {}}},
    "object a list": {"object": ["toys.Toy"]},
    "object without state": {"object": {"class": "toys.Toy", "params": {}}},
    "parameter unknown": {"object": {"class": "toys.Toy", "params": {"beta": 1}, "state": {}}},
    "parameter no name": {"object": {"class": "toys.Toy", "params": {"a b": 1}, "state": {}}},
    "parameter self": {"object": {"class": "toys.Toy", "params": {"self": 1}, "state": {}}},
    "state a list": {"object": {"class": "toys.Toy", "params": {}, "state": [1]}},
    "state hides fit": {"object": {"class": "toys.Toy", "params": {}, "state": {"fit": 1}}},
    "state, class": {"object": {"class": "toys.Toy", "params": {}, "state": {"__class__": 1}}},
    "state, rules": {"object": {"class": "toys.Toy", "params": {}, "state": {"_rules": 1}}},
    "state, param": {"object": {"class": "toys.Toy", "params": {}, "state": {"alpha": 1}}},
    "layer with params": {"object": {"class": "toys.Layer", "params": {}, "state": {}}},
    "layer without weight": {"object": {"class": "toys.Layer", "state": {}}},
    "generator of a list": {"Generator": [1]},
    "generator unknown": {"Generator": {"dict": {"bit_generator": "os"}}},
    "generator, parts": {"Generator": {"dict": {"bit_generator": "PCG64"}}},
    "no random state": {"RandomState": {"dict": {}}},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_lies_are_refused(lie):
    assert refused(craft(lie))
    assert refused(craft([1, {"tuple": [lie]}]))
    assert refused(craft(lie, [member("<f8", [1], bytes(8))]))


A8 = member("<f8", [2], bytes(16))
ARRAY_LIES = {
    "more items": (["a", "<f8", [3], "C"], A8),
    "fewer items": (["a", "<f8", [1], "C"], A8),
    "other dtype": (["a", "<i8", [2], "C"], A8),
    "other order": (["a", "<f8", [2], "F"], A8),
    "other shape": (["a", "<f8", [2, 1], "C"], A8),
    "negative": (["a", "<f8", [-2], "C"], A8),
    "bool as size": (["a", "<f8", [2, True], "C"], A8),
    "float as size": (["a", "<f8", [2.0], "C"], A8),
    "overflow": (["a", "<f8", [1 << 61, 1 << 61, 2], "C"], A8),
    "huge and empty": (["a", "<f8", [1 << 62, 1 << 62, 0], "C"], A8),
    "shape a str": (["a", "<f8", "2", "C"], A8),
    "objects": (["a", "|O", [2], "C"], A8),
    "void": (["a", "|V8", [2], "C"], A8),
    "no width": (["a", "<U0", [1 << 40], "C"], ("a.npy", [b""])),
    "wide and empty": (["a", "<U20000", [0], "C"], member("<U20000", [0])),
    "wide beyond reason": (["a", "<U100000000", [0], "C"], member("<U100000000", [0])),
    "empty beyond reason": (["a", "<f8", [1 << 50, 0], "C"], member("<f8", [1 << 50, 0])),
    "long double": (["a", "<f16", [1], "C"], A8),
    "order": (["a", "<f8", [2], "A"], A8),
    "name": ([3, "<f8", [2], "C"], A8),
    "bool of 2": (["a", "|b1", [2], "C"], member("|b1", [2], b"\1\2")),
    "bool of 2 in a field": (
        ["a", [["x", "|i1"], ["y", "|b1"]], [1], "C"],
        member([["x", "|i1"], ["y", "|b1"]], [1], b"\1\2"),
    ),
    "no characters": (["a", "<U1", [1], "C"], member("<U1", [1], b"\0\0\x11\0")),
    "no characters, swapped": (["a", ">U1", [1], "C"], member(">U1", [1], b"\0\x11\0\0")),
    "no header": (["a", "<f8", [2], "C"], ("a.npy", [bytes(144)])),
    "empty member": (["a", "<f8", [2], "C"], ("a.npy", [b""])),
}


@pytest.mark.parametrize(("description", "part"), ARRAY_LIES.values(), ids=ARRAY_LIES.keys())
def test_lies_about_arrays_are_refused(description, part):
    assert refused(craft({"array": description}, [part]))


def test_honest_crafted_arrays_are_loaded():
    assert same(loads(craft({"array": ["a", "<f8", [2], "C"]}, [A8])), np.zeros(2))


def test_long_manifests_are_refused(monkeypatch):
    data = craft(["x" * 1000])
    assert not refused(data)
    monkeypatch.setattr(manifest, "LIMIT", 1000)
    assert refused(data)


def test_lies_about_members_are_refused():
    array = {"array": ["a", "<f8", [2], "C"]}
    assert refused(craft(array, [A8, A8]))  # one name twice
    assert refused(craft(array, [A8, ("b.npy", [b""])]))  # one that nothing names
    assert refused(craft(None, [A8]))
    assert refused(craft([array, {"array": ["a", "<f8", [1, 2], "C"]}], [A8]))  # two shapes
    assert refused(craft(array, [("manifest.json", [b"{}"]), A8]))
    file = io.BytesIO()
    archive.write_archive(file, [A8])
    assert refused(file.getvalue())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "null",
        "[]",
        '{"format": "scratchml"}',
        '{"format": "other", "version": 1, "scratchml": "1", "value": 1}',
        '{"format": "scratchml", "version": true, "scratchml": "1", "value": 1}',
        '{"format": "scratchml", "version": 0, "scratchml": "1", "value": 1}',
        '{"format": "scratchml", "version": 1, "scratchml": 1, "value": 1}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": 1, "more": 1}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": 1, "value": 2}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": NaN}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": -Infinity}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": 1e999}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": 1} ]',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": "é"}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": "\n"}',
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": ' + "9" * 50 + "}",
        '{"format": "scratchml", "version": 1, "scratchml": "1", "value": "' + "\\",
    ],
)
def test_odd_manifests_are_refused(text):
    assert refused(craft("!" + text))


def test_a_newer_format_asks_for_an_upgrade():
    with pytest.raises(ValueError, match=r"format 2 by scratchml 9\.9.*upgrade scratchml"):
        loads(craft(None, version=2, anything=3))
    with pytest.raises(ValueError, match=r"Toy cannot be made .*beta"):
        loads(craft(LIES["parameter unknown"]))


def test_an_older_file_gets_defaults_for_new_parameters():
    back = loads(craft({"object": {"class": "toys.Toy", "params": {"alpha": 2}, "state": {}}}))
    assert (back.alpha, back.parts) == (2, None)


@pytest.mark.parametrize("name", ["pos", "has_gauss", "buffer_pos", "uinteger", "has_uint32"])
@pytest.mark.parametrize("number", [-1, 1 << 33, 1 << 62, None, 0.5, "x", True])
def test_states_of_generators_are_checked(name, number):
    for bits in (np.random.MT19937(1), np.random.Philox(1), np.random.PCG64(1)):
        generator = np.random.Generator(bits)
        for value in (generator, np.random.RandomState(1)):
            packer = files.Packer()
            tree = json.dumps(packer.pack(value, "x"))
            start = tree.find(f'"{name}": ')
            if start < 0:
                continue
            end = min(i for i in (tree.find(",", start), tree.find("}", start)) if i > 0)
            for lie in (number, 625) if "pos" in name else (number,):
                text = f'{tree[:start]}"{name}": {json.dumps(lie)}{tree[end:]}'
                assert refused(craft(json.loads(text), list(packer.members.items())))


@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: a.astype(float), lambda a: a[None]])
def test_arrays_in_states_of_generators_are_checked(change):
    def changed(state):
        if isinstance(state, dict):
            return {key: changed(item) for key, item in state.items()}
        return change(state) if isinstance(state, np.ndarray) else state

    for kind in (np.random.MT19937, np.random.Philox, np.random.SFC64):
        assert refused_state("Generator", changed(kind(1).state))
    state = np.random.RandomState(1).get_state(legacy=False)
    assert refused_state("RandomState", changed(state))
    assert not refused_state("RandomState", state)


def refused_state(tag, state):
    packer = files.Packer()
    tree = {tag: packer.pack(state, "state")}
    return refused(craft(tree, list(packer.members.items())))


def nodes(tree, at=()):
    """Yield the path of each node of a JSON tree."""
    yield at
    if isinstance(tree, dict | list):
        for key, item in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from nodes(item, (*at, key))


def replace(tree, at, new):
    if not at:
        return new
    tree = copy.copy(tree)
    tree[at[0]] = replace(tree[at[0]], at[1:], new)
    return tree


def look(value):
    """Touch everything that was loaded."""
    repr(value)
    if isinstance(value, np.random.RandomState | np.random.Generator):
        value.normal(size=1000)
    if isinstance(value, np.ndarray):
        value.tolist()
        for bools in (value, *(value[name] for name in value.dtype.names or ())):
            assert bools.dtype != bool or np.count_nonzero(bools) == len(np.nonzero(bools)[0])
    if isinstance(value, Toy):
        look(list(vars(value).values()))
    if isinstance(value, list | tuple | set | dict):
        for item in value.values() if isinstance(value, dict) else value:
            look(item)


def test_mutated_manifests_are_refused_or_loaded_whole():
    """What a CRC cannot see: parts of a real manifest exchanged for others and for odd values."""
    value = [
        Toy(random_state=used(np.random.RandomState(1)), parts=[Toy(), {1: 2.5}]).fit([[1.0, 2.0]]),
        *PLAIN[-40:],
        used(np.random.default_rng(0)),
        np.random.Generator(np.random.Philox(0)),
        np.array([True]),
        np.zeros(2, dtype=[("a", "?"), ("b", "U2")]),
    ]
    packer = files.Packer()
    tree = packer.pack(value, "list")
    members = list(packer.members.items())
    places = list(nodes(tree))
    odd = [None, True, 0, -1, 625, 1 << 62, 1e300, "", "a", "<f8", "|b1", "toys.Toy", [], {}, [[]]]
    rng = random.Random(1)
    loaded = 0
    for _ in range(1500):
        mutant = tree
        for _ in range(rng.choice([1, 1, 2])):
            at, source = rng.choice(places), tree
            for key in rng.choice(places):
                source = source[key]
            try:
                mutant = replace(mutant, at, rng.choice([source, rng.choice(odd)]))
            except (KeyError, IndexError, TypeError):
                continue
        try:
            value = loads(craft(json.loads(json.dumps(mutant)), members))
        except ValueError as error:
            if not str(error).startswith("cannot load"):
                raise
        else:
            look(value)
            loaded += 1
    assert loaded > 50


# Memory and time


HOSTILE = textwrap.dedent(
    """
    import io, json, resource, sys, time
    import numpy as np
    import scratchml
    from scratchml._core.persistence import archive, files, manifest, npy

    scratchml.load(io.BytesIO(bytes.fromhex(sys.argv[1])))  # all is imported now
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (256 << 20),) * 2)
    sys.setrecursionlimit(1_000_000)  # a hostile file must not reach the C stack either

    def craft(text, members=()):
        text = '{"format":"scratchml","version":1,"scratchml":"1","value":' + text + "}"
        file = io.BytesIO()
        archive.write_archive(file, [("manifest.json", [text.encode()]), *members])
        return file.getvalue()

    def bomb(**changes):
        member = archive.Member("manifest.json", 1 << 45, 0, 0)._replace(**changes)
        header = archive._local_header(member)
        return header + archive._directory([member], len(header))

    prime = (1 << 61) - 1
    files_ = {
        "deep lists": craft("[" * 1_000_000 + "]" * 1_000_000),
        "brackets in strings": craft('["' + "]" * 1_000_000 + '",' + "[" * 500_000),
        "hidden depth": craft('["]",' * 200_000),
        "deep objects": craft('{"tuple":[' * 300_000),
        "quotes": craft('"' + '\\\\"' * 1_000_000 + "\\\\"),
        "open string": craft('["' + "[" * 2_000_000),
        "one large integer": craft("1" * 10_000_000),
        "one large float": craft("1." + "1" * 5_000_000),
        "one large exponent": craft("1e" + "9" * 5_000_000),
        "one large hex": craft('[{"int":"' + "f" * 5_000_000 + '"}, 1e999]'),
        "long bytes": craft('{"bytes":"' + "00" * 10_000_000 + 'g"}'),
        "long payload": craft('{"array":[' + "0," * 5_000_000 + "0]}"),
        "colliding keys": craft(json.dumps(
            {"items": [[{"int": f"{i * prime:x}"}, 0] for i in range(1, 100_000)]})),
        "colliding set": craft(json.dumps(
            {"set": [{"int": f"{i * prime:x}"} for i in range(1, 100_000)]})),
        "many lists": craft("[" + "[]," * 500_000 + "1e999]"),
        "claims terabytes": bomb(),
        "claims all": bomb(size=(1 << 64) - 1),
        "claims members": b"".join([
            archive._END_ZIP64.pack(b"PK\\6\\6", 44, 45, 45, 0, 0, 1 << 62, 1 << 62, 0, 0),
            archive._LOCATOR.pack(b"PK\\6\\7", 0, 0, 1),
            archive._END.pack(b"PK\\5\\6", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)]),
        "large array": craft('{"array":["a","<f8",[1099511627776],"C"]}', [("a.npy", [b""])]),
        "large objects": craft('{"objects":[[1099511627776],"C",[]]}'),
        "large dtype": craft('{"array":["a","<U9999999",[0],"C"]}',
                             [("a.npy", [npy.header(["<U9999999", [0], "C"])])]),
        "many members": (lambda f: (archive.write_archive(
            f, [(f"{i}.npy", [b""]) for i in range(60_000)]), f.getvalue())[1])(io.BytesIO()),
    }
    for name, data in files_.items():
        start = time.process_time()
        try:
            scratchml.load(io.BytesIO(data))
        except ValueError as error:
            seconds = time.process_time() - start
            assert str(error).startswith("cannot load"), name
            assert seconds < 5, (name, seconds)
        else:
            sys.exit(f"loaded {name}")
    print("all refused")
    """
)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the address space")
def test_hostile_files_take_neither_memory_nor_time():
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, dumps(np.arange(2)).hex()],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert (done.returncode, done.stdout) == (0, "all refused\n"), done.stderr[-2000:]


def test_memory_of_load_is_that_of_the_arrays(tmp_path):
    import tracemalloc

    path = tmp_path / "large"
    array = np.ones(4_000_000)
    tracemalloc.start()
    scratchml.save([array, array[::-1].copy()], path)
    saved = tracemalloc.get_traced_memory()[1] - 2 * array.nbytes / 2
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    scratchml.load(path)
    loaded = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert saved < 1.1 * array.nbytes
    assert loaded < 2.1 * array.nbytes


# And its weight


def test_import_of_scratchml_does_not_load_this():
    code = "import scratchml, sys; sys.exit('numpy' in sys.modules or 'zipfile' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
