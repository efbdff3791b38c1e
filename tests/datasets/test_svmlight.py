"""svmlight files: scikit-learn's reading of them, exact round trips, damaged files."""

import bz2
import gzip
import io
import lzma
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.datasets import dump_svmlight_file, load_svmlight_file, load_svmlight_files

TEXT = b"""# a comment
1 1:0.5 3:-2e3
-1 qid:4 2:7  # another

+1.5\t4:inf 10:nan
0
"""


def load(text, **options):
    return load_svmlight_file(io.BytesIO(text), **options)


def test_reads_the_format():
    X, y = load(TEXT)
    expected = np.zeros((4, 10))
    expected[0, [0, 2]] = 0.5, -2000
    expected[1, 1] = 7
    expected[2, [3, 9]] = np.inf, np.nan
    np.testing.assert_array_equal(X, expected)
    assert y.tolist() == [1, -1, 1.5, 0]
    assert X.dtype == y.dtype == np.float64


@pytest.mark.parametrize(
    ("zero_based", "text", "width"),
    [
        ("auto", b"1 1:1 3:1\n", 3),
        ("auto", b"1 0:1 3:1\n", 4),
        (True, b"1 1:1 3:1\n", 4),
        (False, b"1 1:1 3:1\n", 3),
        ("auto", b"1\n", 1),
        ("auto", b"", 1),
    ],
)
def test_zero_based(zero_based, text, width):
    X, y = load(text, zero_based=zero_based)
    assert X.shape == (len(y), width)
    assert X[:, -1].tolist() == [float(b":" in text)] * len(y)


def test_options():
    X, y, query = load(b"1 qid:3 1:1\n2 qid:5 2:1\n", query_id=True, dtype=np.float32, n_features=4)
    assert X.dtype == np.float32
    assert X.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]
    assert (y.tolist(), query.tolist(), query.dtype) == ([1, 2], [3, 5], np.int64)
    X, y = load(b"2,0 1:1\n 1:2\n3 2:5\n", multilabel=True)
    assert y == [(0.0, 2.0), (), (3.0,)]
    assert X.tolist() == [[1, 0], [2, 0], [0, 5]]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_paths_and_files(pack, tmp_path):
    path = tmp_path / "data.svm"  # known by content, not by name
    path.write_bytes(pack(TEXT))
    for source in (path, str(path), io.BytesIO(pack(TEXT))):
        X, _ = load_svmlight_file(source)
        np.testing.assert_array_equal(X, load(TEXT)[0])


def test_several_files_share_their_columns():
    files = [io.BytesIO(b"1 1:1 5:2\n"), io.BytesIO(b"0 2:3\n")]
    X1, _, X2, _ = load_svmlight_files(files)
    assert (X1.shape, X2.shape) == ((1, 5), (1, 5))
    files = [io.BytesIO(b"1 0:1 5:2\n"), io.BytesIO(b"0 2:3\n")]
    X1, _, X2, _ = load_svmlight_files(files)  # one file has a 0: all start at 0
    assert X2[0, 2] == 3


@pytest.mark.peer
@pytest.mark.parametrize("zero_based", ["auto", True, False])
@pytest.mark.parametrize("multilabel", [False, True])
def test_equals_scikit_learn(zero_based, multilabel):
    peer = pytest.importorskip("sklearn.datasets").load_svmlight_file
    options = {"zero_based": zero_based, "multilabel": multilabel, "query_id": True}
    text = b"1 qid:1 2:3 4:0.1\n2 qid:2\n3 qid:2 1:1e-300 9:5 # c\n"
    ours, theirs = load(text, **options), peer(io.BytesIO(text), **options)
    np.testing.assert_array_equal(ours[0], theirs[0].toarray())
    assert list(ours[1]) == list(theirs[1])
    np.testing.assert_array_equal(ours[2], theirs[2])


@pytest.mark.peer
def test_real_file_equals_scikit_learn(shared_data):
    peer = pytest.importorskip("sklearn.datasets").load_svmlight_file
    path = shared_data / "tabular" / "ltr_lambdarank_train.svmlight.gz"
    X, y = load_svmlight_file(path)
    X_peer, y_peer = peer(str(path))
    np.testing.assert_array_equal(X, X_peer.toarray())
    np.testing.assert_array_equal(y, y_peer)


def test_sparse():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    X, _ = load(TEXT, sparse=True)
    assert isinstance(X, scipy_sparse.csr_array)
    np.testing.assert_array_equal(X.toarray(), load(TEXT)[0])
    wide, _ = load(b"1 9000000000000:1\n", sparse=True)
    assert wide.shape == (1, 9000000000000)


def test_sparse_without_scipy_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match="needs SciPy"):
        load(TEXT, sparse=True)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (b"1 1:1\nx 1:2\n", {}, "line 2: could not convert .*x"),
        (b"1 1:1\n\n# c\n1 1:2 5\n", {}, "line 4: expected index:value, got '5'"),
        (b"1 1:2:3\n", {}, "line 1: expected index:value, got '1:2:3'"),
        (b"1 a:2\n", {}, "got 'a:2'"),
        (b"1 1:b\n", {}, "got '1:b'"),
        (b"1 :\n", {}, "got ':'"),
        (b"1 1:1_0\n", {}, "line 1: expected numbers without underscores"),
        (b"1 1:1\n1 3:1 2:1\n", {}, "line 2: indices must rise .* got 2 after 3"),
        (b"1\n1 3:1 3:1\n", {}, "line 2: indices must rise .* got 3 after 3"),
        (b"1\n\n1 -1:1\n1 1:1\n", {}, "line 3: indices must rise from 0 or 1, got -1"),
        (b"1 0:1\n", {"zero_based": False}, "holds index 0, but zero_based=False"),
        (b"1 99999999999999999999:1\n", {}, "line 1: .*too (large|big)"),
        (b"1 1:1\n", {"query_id": True}, "line 1: expected qid:n"),
        (b"1 qid:x 1:1\n", {}, "line 1: invalid literal"),
        (b"1,2 1:1\n", {}, "line 1: could not convert"),
        (b"1, 1:1\n", {"multilabel": True}, "line 1: could not convert"),
        (b"1 5:1\n", {"n_features": 3}, "n_features was set to 3, but <file object> needs 5"),
        (b"\xff\xfe\x00", {}, "line 1"),
        (b"1 4000000000:1\n", {}, "dense array of shape .1, 4000000000. takes 32000000000 bytes"),
        (b"1 9223372036854775807:1\n", {}, "dense array"),
        (b"", {"n_features": 0}, "'n_features' .* Got 0"),
        (b"", {"zero_based": "yes"}, "'zero_based' .* Got 'yes'"),
        (b"", {"dtype": int}, "'dtype' .* Got <class 'int'>"),
    ],
)
def test_errors_name_file_place_and_rule(text, options, message):
    with pytest.raises(ValueError, match=message):
        load(text, **options)


def test_errors_name_the_path(tmp_path):
    path = tmp_path / "a.svm"
    path.write_bytes(b"1 1:1\n2 2\n")
    with pytest.raises(ValueError, match="a.svm, line 2"):
        load_svmlight_file(path)
    with pytest.raises(FileNotFoundError):
        load_svmlight_file(tmp_path / "none.svm")
    with pytest.raises(TypeError, match="binary mode"):
        load_svmlight_file(io.StringIO("1 1:1"))
    with pytest.raises(TypeError, match="expected a path or a binary file, got 3"):
        load_svmlight_file(3)


FLOATS = st.floats(allow_infinity=False, width=64)


@given(
    st.integers(0, 6).flatmap(
        lambda d: st.lists(st.lists(FLOATS, min_size=d + 1, max_size=d + 1), min_size=1, max_size=6)
    ),
    st.booleans(),
)
def test_round_trip_is_exact(rows, zero_based):
    X = np.array(rows)
    y = np.nan_to_num(X[:, 0])
    out = io.BytesIO()
    dump_svmlight_file(
        X, y, out, zero_based=zero_based, comment="two\nlines", query_id=range(len(X))
    )
    X2, y2, q = load(out.getvalue(), n_features=X.shape[1], zero_based=zero_based, query_id=True)
    np.testing.assert_array_equal(X2, X)
    np.testing.assert_array_equal(y2, y)
    assert q.tolist() == list(range(len(X)))


@given(st.lists(st.floats(width=32, allow_infinity=False), min_size=1, max_size=8))
def test_round_trip_of_float32_is_exact(values):
    X = np.array([values], dtype=np.float32)
    out = io.BytesIO()
    dump_svmlight_file(X, [1], out)
    again, _ = load(out.getvalue(), n_features=X.shape[1], zero_based=True, dtype=np.float32)
    np.testing.assert_array_equal(again, X)


@pytest.mark.peer
def test_scikit_learn_reads_what_we_write(tmp_path):
    peer = pytest.importorskip("sklearn.datasets").load_svmlight_file
    rng = np.random.RandomState(0)
    X = rng.standard_normal((20, 5)) * (rng.uniform(size=(20, 5)) < 0.5)
    path = tmp_path / "out.svm"
    dump_svmlight_file(X, np.arange(20), path, comment="c", query_id=np.arange(20) // 3)
    X2, y2, q2 = peer(str(path), query_id=True, zero_based=True, n_features=5)
    np.testing.assert_array_equal(X2.toarray(), X)
    assert (y2.tolist(), q2.tolist()) == (list(range(20)), [i // 3 for i in range(20)])


def test_dump_labels_integers_and_sparse():
    def dumped(X, y, **options):
        out = io.BytesIO()
        dump_svmlight_file(X, y, out, **options)
        return out.getvalue()

    assert dumped([[1, 0], [0, -2]], [3, 4]) == b"3 0:1\n4 1:-2\n"
    assert dumped([[1.0]], [[0, 1, 1]], multilabel=True, zero_based=False) == b"1,2 1:1\n"
    assert dumped([[0.0]], [[0, 0]], multilabel=True) == b"\n"
    assert dumped(np.array([[0.1]], dtype=np.float32), [1]) == b"1 0:0.1\n"
    assert dumped([[True, False]], [True]) == b"1 0:1\n"
    scipy_sparse = pytest.importorskip("scipy.sparse")
    X = scipy_sparse.csr_array(([1.0, 2.0, 3.0], [2, 0, 1], [0, 2, 3]), shape=(2, 3))
    assert dumped(X, [1, 0.5]) == b"1 0:2 2:1\n0.5 1:3\n"
    assert X.indices.tolist() == [2, 0, 1]  # the caller's array is untouched


@pytest.mark.parametrize(
    ("X", "y", "options", "message"),
    [
        ([[1.0]], [1, 2], {}, "inconsistent numbers of samples"),
        ([[np.inf]], [1], {}, "X contains inf"),
        ([[1.0]], [np.nan], {}, "y contains NaN"),
        ([[1.0]], ["a"], {}, "y"),
        ([["a"]], [1], {}, "X"),
        ([[1.0]], [1], {"query_id": [0.5]}, "query_id must hold integers"),
        ([[1.0]], [1], {"query_id": [1, 2]}, "inconsistent numbers of samples"),
        ([[1.0]], [1], {"comment": "a\0b"}, "'comment'"),
    ],
)
def test_dump_errors_leave_the_file_alone(X, y, options, message, tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match=message):
        dump_svmlight_file(X, y, path, **options)
    assert path.read_bytes() == b"before"


@given(st.data())
def test_mutated_files_load_or_raise_value_error(data):
    text = bytearray(TEXT)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = data.draw(st.integers(0, 255))
    text = bytes(text[: data.draw(st.integers(0, len(text)))])
    for options in ({}, {"multilabel": True, "query_id": True}, {"zero_based": False}):
        message = ""
        try:
            X, y, *_ = load(text, **options)
        except ValueError as error:
            message = str(error)
        else:
            assert len(X) == len(y)
            assert X.nbytes < 1 << 27
        assert message == "" or "<file object>" in message
