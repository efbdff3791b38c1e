"""safetensors files: the package's bytes, exact round trips, and headers that lie."""

import io
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scratchml._core.persistence import json_text
from scratchml._core.persistence.safetensors import DTYPES, SafetensorsReader, write_safetensors
from scratchml._core.persistence.streams import Source

from .make_torch_files import BRAINS, HALVES, NUMBERS, expected

STORED = Path(__file__).parent / "reference" / "numbers.safetensors"
STORED_HALVES = STORED.with_name("halves.safetensors")
STORED_METADATA = {"format": "pt"}


def dumps(arrays, metadata=None):
    file = io.BytesIO()
    write_safetensors(file, arrays, metadata)
    return file.getvalue()


def loads(data):
    reader = SafetensorsReader(Source(io.BytesIO(data)))
    return {name: reader.read(name) for name in reader.entries}


def craft(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def test_the_packages_files():
    found = loads(STORED.read_bytes()) | loads(STORED_HALVES.read_bytes())
    wanted = NUMBERS | {"half": HALVES, "brain": BRAINS, "\u00e9": expected()["layouts"]["base"]}
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        assert found[name].dtype == array.dtype
        assert found[name].dtype.isnative
        assert found[name].flags.writeable
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()
    reader = SafetensorsReader(Source(io.BytesIO(STORED.read_bytes())))
    assert reader.metadata == STORED_METADATA


def test_we_write_the_packages_bytes():
    arrays = loads(STORED.read_bytes())
    assert dumps(dict(reversed(arrays.items())), STORED_METADATA) == STORED.read_bytes()


@pytest.mark.peer
def test_the_package_reads_and_writes_the_same_bytes():
    package = pytest.importorskip("safetensors.numpy")
    arrays = {**NUMBERS, "z": np.ones(3, np.float16), "\u00e9": np.ones((2, 2), np.uint16)}
    metadata = {"note": 'a "quoted"\n\u00e9'}
    data = dumps(arrays, metadata)
    assert package.save(arrays, metadata) == data
    for name, array in package.load(data).items():
        np.testing.assert_array_equal(array, arrays[name])


KINDS = [np.dtype(form) for code, form in DTYPES.items() if code != "BF16"]


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.sampled_from(KINDS).flatmap(
            lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
        ),
    ),
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.just("\0\u00e9")),
)
def test_round_trip(arrays, metadata):
    arrays.pop("__metadata__", None)
    metadata.pop("__metadata__", None)
    data = dumps(arrays, metadata)
    assert data == dumps(dict(reversed(arrays.items())), metadata)
    assert SafetensorsReader(Source(io.BytesIO(data))).metadata == metadata
    found = loads(data)
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        if array.dtype == np.float16:
            np.testing.assert_array_equal(found[name], array.astype(np.float32))
            assert found[name].dtype == np.float32
        else:
            assert found[name].dtype == array.dtype
            assert found[name].tobytes() == array.tobytes()
        assert found[name].shape == array.shape


def test_layouts_and_byte_orders_are_made_plain():
    array = np.arange(6.0).reshape(2, 3)
    plain = dumps({"a": array})
    assert dumps({"a": array.copy(order="F")}) == plain
    assert dumps({"a": np.repeat(array, 2, axis=1)[:, ::2]}) == plain
    assert dumps({"a": array.astype(">f8")}) == plain


def test_every_bfloat16_is_read_exactly():
    bits = np.arange(1 << 16, dtype=np.uint16)
    data = craft({"a": entry("BF16", [1 << 16], [0, 1 << 17])}, bits.astype("<u2").tobytes())
    found = loads(data)["a"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.view(np.uint32), bits.astype(np.uint32) << 16)


@pytest.mark.parametrize(
    ("arrays", "metadata", "error", "match"),
    [
        ({1: np.ones(1)}, None, TypeError, "names of arrays must be str, got 1"),
        ({"__metadata__": np.ones(1)}, None, ValueError, "no array can be named"),
        ({"\ud800": np.ones(1)}, None, ValueError, "not text"),
        ({"a": np.ones(1, complex)}, None, TypeError, "no place for 'a', of complex128"),
        ({"a": np.array([None])}, None, TypeError, "no place for 'a', of object"),
        ({"a": np.array(["x"])}, None, TypeError, "no place for 'a', of <U1"),
        ({}, {"a": 1}, TypeError, "metadata must map str to str, got 'a': 1"),
        ({}, {2: "a"}, TypeError, "metadata must map str to str, got 2"),
        ({}, {"a": "\ud800"}, ValueError, "not text"),
    ],
)
def test_what_cannot_be_written(arrays, metadata, error, match):
    file = io.BytesIO()
    with pytest.raises(error, match=match):
        write_safetensors(file, arrays, metadata)
    assert not file.getvalue()


def test_too_many_names_are_not_written(monkeypatch):
    monkeypatch.setattr(json_text, "LIMIT", 1000)
    with pytest.raises(ValueError, match="the names take .* at most 1000"):
        dumps({f"{i}": np.ones(1) for i in range(100)})


TWO = {"a": entry(), "b": entry(offsets=(8, 16))}


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "ends early"),
        (b"\x02\0\0\0\0\0\0", "ends early"),
        (b"\x02\0\0\0\0\0\0\0{", "header of 2 bytes"),
        ((1 << 63).to_bytes(8, "little") + b"{}", "out of range"),
        (b"\xff" * 8 + b"{}", "out of range"),
        (craft(b"{"), "not JSON"),
        (craft(b"[]"), "not an object"),
        (craft(b"null"), "not an object"),
        (craft(b"\xff\xfe"), "not JSON"),
        (craft(b"[" * 10_000), "too deep"),
        (craft(b'{"a":1,"a":2}'), "one name twice"),
        (craft(b'{"__metadata__":{"a":"b","a":"c"}}'), "one name twice"),
        (craft({"__metadata__": {"a": 1}}), "do not map text to text"),
        (craft({"__metadata__": []}), "do not map text to text"),
        (craft(b'{"\\ud800":{}}'), "not text"),
        (craft({}, b"more"), "its arrays take 0 bytes, it has 4"),
        (craft({"a": entry()}, b"1234567"), "its arrays take 8 bytes, it has 7"),
        (craft({"a": entry()}, b"123456789"), "its arrays take 8 bytes, it has 9"),
        (craft({"a": []}), "is described by"),
        (craft({"a": {**entry(), "more": 1}}), "is described by"),
        (craft({"a": entry("F8_E4M3", [8])}, bytes(8)), "of type 'F8_E4M3'; known: .*BF16"),
        (craft({"a": entry([])}, bytes(8)), "of type"),
        (craft({"a": {**entry(), "shape": 2}}, bytes(8)), "no shape"),
        (craft({"a": entry(shape=[-2])}, bytes(8)), "no shape"),
        (craft({"a": entry(shape=[2.0])}, bytes(8)), "no shape"),
        (craft({"a": entry(shape=[True])}, bytes(4)), "no shape"),
        (craft({"a": entry(shape=[1 << 40, 1 << 40])}), "larger than"),
        (craft({"a": entry(shape=[0, 1 << 40, 1 << 40])}), "larger than"),
        (craft({"a": entry(shape=[1] * 100)}), "larger than"),
        (craft({"a": entry(shape=[3])}, bytes(8)), "takes 12 bytes; its offsets are"),
        (craft({"a": entry(offsets=[0])}, bytes(8)), "its offsets are"),
        (craft({"a": entry(offsets=[0, 8.0])}, bytes(8)), "its offsets are"),
        (craft({"a": entry(offsets=[8, 0])}, bytes(8)), "its offsets are"),
        (craft({"a": entry(offsets=[-8, 0])}, bytes(8)), "its offsets are"),
        (craft({"a": entry(offsets=[1 << 62, (1 << 62) + 8])}), "begin at 4611686018427387904"),
        (craft({**TWO, "b": entry(offsets=(4, 12))}, bytes(12)), "'b' begin at 4, .* end at 8"),
        (craft({**TWO, "b": entry()}, bytes(8)), "'b' begin at 0, .* end at 8"),
        (craft({**TWO, "b": entry(offsets=(9, 17))}, bytes(17)), "'b' begin at 9, .* end at 8"),
        (craft({"a": entry("BOOL", [8])}, b"\0\1\0\1\0\1\0\2"), "other values than 0 and 1"),
    ],
)
def test_lies(data, match):
    with pytest.raises(ValueError, match=match):
        loads(data)


def test_spaces_after_the_header_and_any_order_of_names_are_allowed():
    header = json.dumps({"b": entry(offsets=(8, 16)), "a": entry()}).encode() + b"   "
    found = loads(craft(header, np.arange(4, dtype="<f4").tobytes()))
    np.testing.assert_array_equal(found["a"], [0, 1])
    np.testing.assert_array_equal(found["b"], [2, 3])


def test_one_array_is_read_without_the_others(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(dumps({"small": np.ones(2), "large": np.ones(1_000_000)}))
    tracemalloc.start()
    with path.open("rb") as file:
        SafetensorsReader(Source(file)).read("small")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500_000


@given(st.data())
def test_damaged_files_are_refused_or_read(data):
    original = STORED.read_bytes()
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    del damaged[data.draw(st.integers(1, len(damaged))) :]
    tracemalloc.start()
    try:
        found = loads(bytes(damaged))
    except ValueError:
        pass
    else:
        assert sum(array.nbytes for array in found.values()) <= 2 * len(damaged)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 40 * len(original) + 300_000
