"""CSV files: what a column holds, headers and dialects, missing cells, damaged and real files."""

import contextlib
import csv
import gzip
import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.datasets import csv_columns, load_csv
from scratchml.datasets.files import SMALL

TEXT = "size,colour,kind\n1.5,red,A\n2,green,B\n?,red,A\n"


def load(content, /, **options):
    content = content if isinstance(content, bytes) else content.encode()
    return load_csv(io.BytesIO(content), **options)


def assert_same(a, b):
    np.testing.assert_array_equal(np.asarray(a, dtype=float), np.asarray(b, dtype=float))


def test_codes():
    b = load(TEXT, target="kind")
    assert_same(b.data, [[1.5, 1], [2, 0], [np.nan, 1]])
    assert b.data.dtype == np.float64
    assert (b.target.tolist(), b.target.dtype) == ([0, 1, 0], np.int64)
    assert b.feature_names == ["size", "colour"]
    assert b.target_names.tolist() == ["A", "B"]
    assert {k: v.tolist() for k, v in b.categories.items()} == {"colour": ["green", "red"]}


def test_objects():
    b = load(TEXT + "3,,B\n", target="kind", text="object")
    assert b.data.dtype == object
    assert b.data[:3, 1].tolist() == ["red", "green", "red"]
    assert np.isnan(b.data[3, 1])
    assert b.target.tolist() == ["A", "B", "A", "B"]
    assert load("a,b\n1,2\n", text="object").data.dtype == np.float64


@pytest.mark.parametrize(
    ("target", "y", "names"),
    [
        (None, None, ["a", "b", "c"]),
        ("b", [2, 5], ["a", "c"]),
        (1, [2, 5], ["a", "c"]),
        (-1, [3.5, 6], ["a", "b"]),
        ([-1, "a"], [[3.5, 1], [6, 4]], ["b"]),
        (["b"], [[2], [5]], ["a", "c"]),
    ],
)
def test_targets(target, y, names):
    b = load("a,b,c\n1,2,3.5\n4,5,6\n", target=target)
    assert b.feature_names == names
    assert b.data.shape == (2, len(names))
    if y is None:
        assert b.target is None
    else:
        assert b.target.tolist() == y
        X, y2 = load("a,b,c\n1,2,3.5\n4,5,6\n", target=target, return_X_y=True)
        assert_same(X, b.data)
        assert y2.dtype == b.target.dtype


def test_numeric_targets_are_int_if_whole():
    assert load("y\n1.0\n2\n", target=0).target.dtype == np.int64
    assert load("y\n1.0\n2.5\n", target=0).target.dtype == np.float64
    assert_same(load("y\n1\n?\n", target=0).target, [1, np.nan])
    assert load("y\n1e300\n", target=0).target.dtype == np.float64


@pytest.mark.parametrize(
    ("text", "header", "names"),
    [
        ("a,b\n1,2\n", "infer", ["a", "b"]),
        ("1,b\n1,2\n", "infer", ["x0", "x1"]),
        ("a,a\n1,2\n", "infer", ["x0", "x1"]),
        (",b\n0,2\n", "infer", ["x0", "b"]),
        ("1,2\n3,4\n", True, ["1", "2"]),
        ("a,b\n1,2\n", False, ["x0", "x1"]),
        ("\ufeffa,b\n1,2\n", "infer", ["a", "b"]),
        ('"a","b, c"\n1,2\n', "infer", ["a", "b, c"]),
    ],
)
def test_headers(text, header, names):
    b = load(text, header=header)
    assert b.feature_names == names
    assert len(b.data) == text.count("\n") - (names[-1] in text)


@pytest.mark.parametrize("joint", [",", ";", "\t", "|", ", ", "  "])
def test_delimiters_are_inferred(joint):
    text = "".join(joint.join(row) + "\n" for row in (["1", "2.5", "-3e-2"], ["4", "5", "6"]))
    assert_same(load(text).data, [[1, 2.5, -0.03], [4, 5, 6]])


def test_dialects():
    assert_same(load("a b\n 1   2 \n\n3\t4\n", delimiter=" ").data, [[1, 2], [3, 4]])
    assert_same(load("1:2\n3:4\n", delimiter=":").data, [[1, 2], [3, 4]])
    assert_same(load("1,2\r\n3,4").data, [[1, 2], [3, 4]])
    assert_same(load("1,2\r3,4\r").data, [[1, 2], [3, 4]])
    assert_same(load("\n\na,b\n\n1,2\n   \n3,4\n\n").data, [[1, 2], [3, 4]])
    quoted = load('t,n\n"say ""hi"", you",1\n"two\nlines",2\n')
    assert quoted.categories["t"].tolist() == ['say "hi", you', "two\nlines"]
    assert load("a\n\xe9\n".encode("latin-1"), encoding="latin-1").categories["a"][0] == "\xe9"


def test_missing_values():
    b = load("a,b,c,d\n1,,?,x\nNA,nan,-,\n 3 , ,None,  y \n")
    assert_same(b.data[:, :2], [[1, np.nan], [np.nan, np.nan], [3, np.nan]])
    assert_same(b.data[:, 2], [np.nan, 0, np.nan])
    assert b.categories["d"].tolist() == ["x", "y"]
    assert_same(b.data[:, 3], [0, np.nan, 1])
    b = load("a,b\n1,-9\n?,2\n3,-9.0\n-9,x\n2,99.0\n", missing_values=["-9", "x", "99"])
    assert_same(b.data, [[0, np.nan], [3, 2], [2, np.nan], [np.nan, np.nan], [1, np.nan]])
    assert b.categories["a"].tolist() == ["1", "2", "3", "?"]


def test_numbers_are_not_guessed():
    b = load("id,n\n1_000,1e3\n2_000,inf\n")
    assert b.categories["id"].tolist() == ["1_000", "2_000"]
    assert_same(b.data[:, 1], [1000, np.inf])


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_paths(pack, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(pack(TEXT.encode()))
    with path.open("rb") as file:
        for source in (path, str(path), file):
            assert load_csv(source, target=-1).target.tolist() == [0, 1, 0]


def test_columns_that_turn_to_text_late(monkeypatch):
    """Small chunks change nothing, also where a column's first text is in a later chunk."""
    rows = [f"{i},{i if i < 90 else 'end'},{'u' if i % 2 else i},{i / 7}" for i in range(100)]
    text = "a,b,c,d\n" + "\n".join(rows) + "\n"
    whole = load(text)
    assert whole.categories["b"][-1] == "end"
    assert len(whole.categories["b"]) == 91
    for cells in (1, 12, 200):
        monkeypatch.setattr(csv_columns, "CELLS", cells)
        chunked = load(text)
        assert_same(chunked.data, whole.data)
        assert {k: v.tolist() for k, v in chunked.categories.items()} == {
            k: v.tolist() for k, v in whole.categories.items()
        }


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "<file object>, line 1: the file has no rows"),
        ("\n\n", {}, "the file has no rows"),
        ("a,b\n", {}, "line 1: the file has no rows below its header"),
        ("a,b\n1,2\n3\n", {}, "line 3: expected 2 fields as in the first row, got 1"),
        ("a,b\n\n1,2\n\n3,4,5\n", {}, "line 5: expected 2 fields .* got 3"),
        ('a,b\n"x\ny",1\n2\n', {}, "line 4: expected 2 fields .* got 1"),
        ("1 2\n3\n", {}, "line 2: expected 2 fields .* got 1"),
        ('a,b\n1,"2\n3,4\n', {}, "line 3: unexpected end of data"),
        ('a,b\n1,"2"x\n', {}, "line 2: .*expected after"),
        ("a,a\n1,2\n", {"header": True}, "line 1: two columns are named 'a'"),
        (b"a,b\n1,\xff\n", {}, "byte 6: not utf-8-sig: invalid start byte; pass another encoding"),
        (b"\xff\n", {}, "byte 0: not utf-8-sig"),
        ("a,b\n1," + "x" * 200_000, {}, "line 2: field larger than field limit"),
        ("," * 200_000, {}, "line 1: expected at most 131072 columns, got 200001"),
        ("a,b\n1,2\n", {"target": "c"}, r"target='c' is no column of <file object>; it has \['a'"),
        ("a,b\n1,2\n", {"target": 2}, "target=2 is no column of <file object>; it has 2"),
        ("a,b\n1,2\n", {"target": ["a", 0]}, "names a column twice"),
        ("a,b\nu,2\n", {"target": ["a", "b"]}, "several targets must be numeric"),
        ("a,b\nu,2\n?,2\n", {"target": "a"}, "data row 2: the target 'a' is text .* missing"),
        ("a,b\n1,2\n", {"return_X_y": True}, "return_X_y=True needs target"),
        (TEXT, {"target": 1.0}, r"'target' .* Got 1.0"),
        (TEXT, {"target": True}, r"'target' .* Got True"),
        (TEXT, {"delimiter": ",,"}, r"'delimiter' .* Got ',,'"),
        (TEXT, {"delimiter": "\n"}, r"'delimiter' "),
        (TEXT, {"text": "str"}, r"'text' .* Got 'str'"),
        (TEXT, {"header": 0}, r"'header' .* Got 0"),
    ],
)
def test_errors_name_file_place_and_rule(text, options, message):
    with pytest.raises(ValueError, match=message):
        load(text, **options)


def test_line_of_a_ragged_row_in_a_later_chunk(monkeypatch):
    monkeypatch.setattr(csv_columns, "CELLS", 6)
    with pytest.raises(ValueError, match="line 9: expected 2 fields"):
        load("a,b\n" + "1,2\n" * 7 + "3\n")


def test_unknown_encoding_is_a_lookup_error():
    with pytest.raises(LookupError, match="klingon"):
        load(TEXT, encoding="klingon")


CELL = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    st.just(""),
)


@given(
    st.integers(1, 4).flatmap(
        lambda d: st.lists(st.lists(CELL, min_size=d, max_size=d), min_size=1)
    )
)
def test_cells_come_back(rows):
    """Written by the standard writer, each cell is the number, the text or the gap it was."""
    out = io.StringIO()
    names = [f"n{j}" for j in range(len(rows[0]))]
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    b = load(out.getvalue(), header=True, delimiter=",", text="object", missing_values=[""])
    kept = [row for row in rows if len(row) > 1 or row != [""]] if len(names) > 1 else rows
    assert len(b.data) == len(kept)
    for i, row in enumerate(kept):
        for j, cell in enumerate(row):
            got = b.data[i, j]
            if isinstance(got, str):
                assert got == cell.strip()
            elif np.isnan(got):
                assert cell.strip() == "" or np.isnan(float(cell))
            else:
                assert got == float(cell)


@given(st.data())
def test_mutated_files_load_or_raise_value_error(data):
    content = bytearray((TEXT * 3).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    message = "<file object>"
    try:
        assert load(content).data.size <= len(content)
    except ValueError as error:
        message = str(error)
    assert "<file object>" in message


class TestHostileFiles:
    """Memory and time stay in proportion to the file."""

    @staticmethod
    def peak_of(content, **options):
        tracemalloc.start()
        try:
            with contextlib.suppress(ValueError):
                load(content, **options)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def test_one_long_category_does_not_widen_all(self):
        rows = "".join(f"c{i}\n" for i in range(5_000))
        assert self.peak_of("a\n" + rows + "x" * 100_000, text="object") < 20 << 20

    def test_wide_first_line(self):
        assert self.peak_of(",".join(f"c{i}" for i in range(20_000)) + "\n1\n") < 40 << 20

    def test_many_equal_names(self):
        assert self.peak_of("a," * 100_000 + "\n1\n", header=True) < 100 << 20

    def test_open_quote(self):
        assert self.peak_of('a,b\n1,"' + "x\n" * 1_000_000) < 60 << 20

    def test_columns_that_turn_to_text_one_by_one(self, monkeypatch):
        """At most one second pass, however many columns turn late."""
        monkeypatch.setattr(csv_columns, "CELLS", 400)
        passes = []
        chunks = csv_columns.Table._chunks
        monkeypatch.setattr(
            csv_columns.Table, "_chunks", lambda table: passes.append(1) or chunks(table)
        )
        rows = [["1"] * 200 for _ in range(201)]
        for j in range(200):
            rows[j + 1][j] = "t"
        b = load("\n".join(",".join(row) for row in rows))
        assert len(b.categories) == 200
        assert len(passes) == 2

    def test_bomb(self):
        bomb = gzip.compress(b"\n" * (3 * SMALL), 9)
        assert len(bomb) < 300_000
        assert self.peak_of(bomb) < 2.5 * SMALL
        with pytest.raises(ValueError, match="swell more than 256 times; decompress the file"):
            load(bomb)


REAL = [
    ("adult_train.csv.gz", {"target": "class"}, (32561, 14), 4262),
    ("california_housing.csv.gz", {"target": "median_house_value"}, (20640, 9), 207),
    ("covertype_kaggle15k.csv.gz", {"target": -1}, (15120, 55), 0),
    ("diamonds.csv.gz", {"target": "price"}, (53940, 9), 0),
    ("higgs7k_train.tsv.gz", {"target": 0}, (7000, 28), 0),
    ("kin8nm.txt.gz", {"target": -1}, (8192, 8), 0),
    ("magic04.csv.gz", {"target": "class"}, (19020, 10), 0),
    ("naval.txt.gz", {"target": [-2, -1]}, (11934, 16), 0),
    ("letter_recognition.csv.gz", {"target": 0, "header": True}, (20000, 16), 0),
]


@pytest.mark.extra
@pytest.mark.parametrize(("file", "options", "shape", "missing"), REAL)
def test_real_files_equal_pandas(shared_data, file, options, shape, missing):
    pandas = pytest.importorskip("pandas")
    path = shared_data / "tabular" / file
    b = load_csv(path, **options)
    assert b.data.shape == shape
    assert np.isnan(b.data).sum() == missing
    frame = pandas.read_csv(
        path,
        sep="," if ".csv" in file else r"\s+",
        header=None if b.feature_names[-1].startswith("x") else 0,
        na_values=["?"],
    )
    if frame.columns.dtype.kind in "iu":
        frame.columns = [f"x{j}" for j in frame.columns]
    for j, name in enumerate(b.feature_names):
        if name in b.categories:
            codes, categories = pandas.factorize(frame[name], sort=True)
            assert list(categories) == b.categories[name].tolist()
            assert_same(b.data[:, j], np.where(codes < 0, np.nan, codes))
        else:
            # pandas's default parser rounds the last bit wrongly now and then
            np.testing.assert_allclose(b.data[:, j], frame[name], rtol=4e-16)
