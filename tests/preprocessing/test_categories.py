"""Categories, LabelEncoder and OneHotEncoder's parts: definitions restated, odd values, limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.exceptions import DataConversionWarning, NotFittedError
from scratchml.preprocessing import LabelEncoder
from scratchml.preprocessing.categories import as_column, distinct, factorize, infrequent, positions

BIG = 2**63 - 1
COLUMNS = [
    np.array([3, 1, 3, 2]),
    np.array([-100, 100, 27], dtype=np.int8),
    np.array([BIG, -BIG, 0, BIG]),
    np.array([2**64 - 1, 0, 2**64 - 1], dtype=np.uint64),
    np.array([2**64 - 1, 2**64 - 3], dtype=np.uint64),
    np.array([10**6, 0, 5]),
    np.array([True, False, True]),
    np.array([0.5, np.nan, -1.0, np.nan, 0.5]),
    np.array([np.nan, np.nan]),
    np.array([1.5], dtype=np.float32),
    np.array(["b", "a", "", "bb"]),
    np.array([b"b", b"a"]),
    np.array(["b", None, np.nan, "a", float("nan"), None], dtype=object),
    np.array([2, 1.0, None, 1], dtype=object),
    as_column([(1, 2), (0, 5), (1, 2)], object),
    np.array([], dtype=float),
    np.array([], dtype=object),
]


def slow_positions(values, categories):
    def same(a, b):
        return a is b if None in (a, b) else bool(a == b or (a != a and b != b))

    listed = categories.tolist()
    return [next((k for k, c in enumerate(listed) if same(v, c)), -1) for v in values.tolist()]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_distinct_and_positions(column):
    categories = distinct(column)
    assert categories.dtype == column.dtype
    codes = positions(column, categories)
    assert codes.tolist() == slow_positions(column, categories)
    assert sorted(set(codes.tolist())) == list(range(len(categories)))
    if column.dtype.kind != "O":
        np.testing.assert_array_equal(categories, np.unique(column))
    again, again_codes = factorize(column)
    assert slow_positions(again, categories) == list(range(len(categories)))
    np.testing.assert_array_equal(again_codes, codes)


def test_order_of_missing_values():
    values = np.array([float("nan"), "b", None, "a", np.nan], dtype=object)
    assert [str(c) for c in distinct(values)] == ["a", "b", "None", "nan"]


@given(
    st.lists(st.integers(-5, 5), max_size=20),
    st.lists(st.integers(-8, 8), min_size=1, max_size=6, unique=True),
    st.sampled_from([np.int8, np.int64, np.float32, np.float64, object]),
    st.sampled_from([np.int16, np.float64, object]),
)
def test_positions_of_unknown_values(values, known, dtype, known_dtype):
    values, known = np.array(values, dtype=dtype), np.array(sorted(known), dtype=known_dtype)
    assert positions(values, known).tolist() == slow_positions(values, known)


def test_positions_across_kinds():
    assert positions(np.array(["1", "a"]), np.array([1, 2])).tolist() == [-1, -1]
    assert positions(np.array([1, 2], dtype=object), np.array([2, 3])).tolist() == [-1, 0]
    assert positions(np.array([-(2**62), 5]), np.array([5, 6], dtype=np.uint8)).tolist() == [-1, 0]
    assert positions(np.array([2**64 - 1], dtype=np.uint64), np.array([-1, 3])).tolist() == [-1]
    assert positions(np.array([np.nan, 1.0]), np.array([0, 1])).tolist() == [-1, 1]


@pytest.mark.extra
def test_pandas_na_is_a_nan():
    pd = pytest.importorskip("pandas")
    column = np.array(["a", pd.NA, np.nan], dtype=object)
    categories = distinct(column)
    assert len(categories) == 2
    assert positions(column, categories).tolist() == [0, 1, 1]


def slow_infrequent(counts, least, most):
    """Drop below `least`; then merge the rarest, first come first, until at most `most` remain."""
    rare = {k for k, c in enumerate(counts) if least is not None and c < least}
    order = sorted(range(len(counts)), key=lambda k: (counts[k], k))
    while (
        most is not None and len(counts) - len(rare) + bool(rare) > most and len(rare) < len(counts)
    ):
        rare.add(next(k for k in order if k not in rare))
    return sorted(rare)


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=8),
    st.none() | st.integers(1, 7) | st.floats(0.5, 6),
    st.none() | st.integers(1, 9),
)
def test_infrequent(counts, least, most):
    found = infrequent(np.array(counts), least, most)
    assert found.tolist() == slow_infrequent(counts, least, most)


def test_ties_go_by_position():
    counts = np.tile([3, 2], 50)  # more than the 16 values that every sort leaves in order
    assert infrequent(counts, None, 81).tolist() == list(range(1, 41, 2))


def test_labels_by_hand():
    encoder = LabelEncoder()
    assert encoder.fit_transform(["b", "a", "b", "c"]).tolist() == [1, 0, 1, 2]
    assert encoder.classes_.tolist() == ["a", "b", "c"]
    assert encoder.inverse_transform([2, 2, 0]).tolist() == ["c", "c", "a"]
    assert encoder.transform([]).tolist() == []
    assert encoder.inverse_transform([]).tolist() == []
    assert LabelEncoder().fit(["a", np.nan, "b"]).transform([np.nan, "b"]).tolist() == [2, 1]


@pytest.mark.parametrize("column", [c for c in COLUMNS if len(c)], ids=str)
def test_labels_go_there_and_back(column):
    encoder = LabelEncoder().fit(column)
    codes = encoder.transform(column)
    assert slow_positions(encoder.inverse_transform(codes), encoder.classes_) == codes.tolist()


def test_refused_labels():
    with pytest.raises(NotFittedError):
        LabelEncoder().transform(["a"])
    encoder = LabelEncoder().fit([1, 5])
    with pytest.raises(ValueError, match=r"previously unseen labels: \[7, 2\]"):
        encoder.transform([1, 7, 2, 7])
    for bad in ([2], [-1], [0.5], ["a"]):
        with pytest.raises(ValueError, match="previously unseen labels"):
            encoder.inverse_transform(bad)
    with pytest.raises(TypeError, match="uniformly strings or numbers"):
        LabelEncoder().fit(np.array(["a", 1], dtype=object))
    with pytest.raises(ValueError, match="1d array"):
        LabelEncoder().fit([[1, 2], [3, 4]])
    with pytest.warns(DataConversionWarning):
        assert LabelEncoder().fit_transform(np.array([[3], [1]])).tolist() == [1, 0]


@pytest.mark.peer
@given(
    st.lists(st.integers(-9, 9), min_size=1)
    | st.lists(st.text(max_size=3), min_size=1)
    | st.lists(st.floats(allow_infinity=False), min_size=1)
    | st.lists(st.booleans(), min_size=1)
)
def test_labels_like_scikit_learn(labels):
    peer = pytest.importorskip("sklearn.preprocessing")
    ours, theirs = LabelEncoder(), peer.LabelEncoder()
    assert ours.fit_transform(labels).tolist() == theirs.fit_transform(labels).tolist()
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    assert ours.classes_.dtype == theirs.classes_.dtype
