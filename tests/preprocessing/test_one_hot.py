"""OneHotEncoder: the definition restated, all options, kinds of input, scikit-learn live."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.exceptions import NotFittedError
from scratchml.preprocessing import OneHotEncoder

X = [["b", 3], ["a", 1], ["b", 2], ["b", 1]]


def test_definition():
    encoder = OneHotEncoder().fit(X)
    expected = [
        [float(v == c) for v, cs in zip(r, ["ab", [1, 2, 3]], strict=True) for c in cs] for r in X
    ]
    assert encoder.transform(X).tolist() == expected
    assert [c.tolist() for c in encoder.categories_] == [["a", "b"], [1, 2, 3]]
    assert encoder.get_feature_names_out().tolist() == ["x0_a", "x0_b", "x1_1", "x1_2", "x1_3"]
    assert encoder.inverse_transform(expected).tolist() == X
    assert encoder.drop_idx_ is None
    assert not hasattr(encoder, "infrequent_categories_")


@pytest.mark.parametrize(
    ("drop", "names", "drop_idx"),
    [
        ("first", ["x0_b", "x1_2", "x1_3"], [0, 0]),
        ("if_binary", ["x0_b", "x1_1", "x1_2", "x1_3"], [0, None]),
        (["b", 2], ["x0_a", "x1_1", "x1_3"], [1, 1]),
    ],
)
def test_drop(drop, names, drop_idx):
    encoder = OneHotEncoder(drop=drop).fit(X)
    assert encoder.get_feature_names_out().tolist() == names
    assert encoder.drop_idx_.tolist() == drop_idx
    full, kept = OneHotEncoder().fit(X), encoder.transform(X)
    columns = [full.get_feature_names_out().tolist().index(n) for n in names]
    np.testing.assert_array_equal(kept, full.transform(X)[:, columns])
    assert encoder.inverse_transform(kept).tolist() == X


def test_infrequent_by_hand():
    column = np.array([["a"] * 5 + ["b"] * 20 + ["c"] * 10 + ["d"] * 3]).T
    for options in ({"max_categories": 3}, {"min_frequency": 6}, {"min_frequency": 0.16}):
        encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", **options).fit(column)
        assert [c.tolist() for c in encoder.infrequent_categories_] == [["a", "d"]]
        names = encoder.get_feature_names_out().tolist()
        assert names == ["x0_b", "x0_c", "x0_infrequent_sklearn"]
        out = encoder.transform([["a"], ["b"], ["c"], ["d"], ["new"]])
        assert out.argmax(axis=1).tolist() == [2, 0, 1, 2, 2]
        assert out.sum(axis=1).tolist() == [1] * 5
        back = encoder.inverse_transform(out[:3]).ravel().tolist()
        assert back == ["infrequent_sklearn", "b", "c"]
    with pytest.raises(ValueError, match="Unable to drop category 'd' from feature 0"):
        OneHotEncoder(max_categories=3, drop=["d"]).fit(column)


def test_unknown_values():
    new = [["c", 1], ["a", 9]]
    with pytest.raises(
        ValueError, match=r"unknown categories \['c'\] in column 0 during transform"
    ):
        OneHotEncoder().fit(X).transform(new)
    out = OneHotEncoder(handle_unknown="ignore").fit(X).transform(new)
    assert out.tolist() == [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0]]
    with pytest.warns(UserWarning, match=r"in columns \[0, 1\] .* infrequent category"):
        np.testing.assert_array_equal(
            OneHotEncoder(handle_unknown="warn").fit(X).transform(new), out
        )
    encoder = OneHotEncoder(handle_unknown="ignore", drop="first").fit(X)
    with pytest.warns(UserWarning, match="all zeros"):
        assert encoder.transform(new).tolist() == [[0, 0, 0], [0, 0, 0]]
    encoder = OneHotEncoder(handle_unknown="ignore").fit(X)
    assert encoder.inverse_transform(out).tolist() == [[None, 1], ["a", None]]
    with pytest.raises(ValueError, match=r"Samples \[0\] can not be inverted"):
        OneHotEncoder().fit(X).inverse_transform(out)


def test_missing_values_are_categories():
    column = np.array([["a"], [None], [np.nan], ["a"], [float("nan")]], dtype=object)
    encoder = OneHotEncoder().fit(column)
    assert encoder.get_feature_names_out().tolist() == ["x0_a", "x0_None", "x0_nan"]
    assert encoder.transform(column).argmax(axis=1).tolist() == [0, 1, 2, 0, 2]
    numbers = OneHotEncoder().fit([[1.0], [np.nan], [2.0]])
    np.testing.assert_array_equal(numbers.categories_[0], [1, 2, np.nan])
    assert numbers.transform([[np.nan]]).tolist() == [[0, 0, 1]]


def test_given_categories():
    encoder = OneHotEncoder(categories=[["b", "a"], [1, 2, 3, 4]]).fit(X)
    assert encoder.transform([["b", 4]]).tolist() == [[1, 0, 0, 0, 0, 1]]
    for bad, message in [
        ([["b"], [1, 2, 3]], "unknown categories .'a'. in column 0 during fit"),
        ([["a", "b", "a"], [1, 2, 3]], "duplicate"),
        ([["a", "b"]], "Shape mismatch"),
        ([["a", "b"], []], "non-empty"),
        ([["a", "b"], [1, np.nan, 2, 3]], "Nan should be the last"),
        ([[b"a", b"b"], [1, 2, 3]], "'bytes' which is incompatible"),
    ]:
        with pytest.raises(ValueError, match=message):
            OneHotEncoder(categories=bad).fit(X)
    with pytest.raises(ValueError, match="Unsorted categories are not supported"):
        OneHotEncoder(categories=[[2, 1]]).fit([[1], [2]])


def test_refused_input():
    with pytest.raises(NotFittedError):
        OneHotEncoder().transform(X)
    for options, message in [
        (
            {"sparse_output": True},
            "'sparse_output' .* must be False: scratchml returns dense arrays",
        ),
        ({"drop": ["b"]}, r"length equal to the number of features \(2\), got 1"),
        ({"drop": ["z", 1]}, "Category: z, Feature: 0"),
        ({"drop": "last"}, "'drop' parameter"),
        ({"min_frequency": 1.5}, "'min_frequency' parameter"),
        ({"max_categories": 0}, "'max_categories' parameter"),
        ({"handle_unknown": "use"}, "'handle_unknown' parameter"),
    ]:
        with pytest.raises(ValueError, match=message):
            OneHotEncoder(**options).fit(X)
    with pytest.raises(TypeError, match=r"uniformly strings or numbers. Got \['int', 'str'\]"):
        OneHotEncoder().fit(np.array([["a"], [1]], dtype=object))
    encoder = OneHotEncoder().fit(X)
    with pytest.raises(ValueError, match="X has 1 features, but OneHotEncoder is expecting 2"):
        encoder.transform([["a"]])
    with pytest.raises(ValueError, match="Shape of the passed X data is not correct. Expected 5"):
        encoder.inverse_transform(np.eye(4))
    with pytest.raises(ValueError, match="Expected 2D array"):
        encoder.fit([1, 2])
    assert encoder.transform([["a", 1]]).tolist() == [[1, 0, 1, 0, 0]]  # as before the failed fit


def test_names():
    encoder = OneHotEncoder(feature_name_combiner=lambda f, c: f"{f}={c!r}").fit(X)
    assert encoder.get_feature_names_out(["u", "v"]).tolist()[:3] == ["u='a'", "u='b'", "v=1"]
    with pytest.raises(TypeError, match="should return a Python string"):
        encoder.set_params(feature_name_combiner=lambda f, c: 0).get_feature_names_out()


@pytest.mark.parametrize("dtype", [np.float32, np.int8, bool, np.float64])
def test_dtype(dtype):
    assert OneHotEncoder(dtype=dtype).fit_transform(X).dtype == dtype


@pytest.mark.extra
def test_frames():
    pd = pytest.importorskip("pandas")
    pl = pytest.importorskip("polars")
    data = {"s": ["b", "a", None], "i": [1, 2, 1]}
    plain = OneHotEncoder().fit_transform(np.array([["b", 1], ["a", 2], [None, 1]], dtype=object))
    categorical = pd.DataFrame({"s": pd.Series(data["s"], dtype="category"), "i": data["i"]})
    nullable = pd.DataFrame(
        {"s": pd.array(data["s"], dtype="string"), "i": pd.array(data["i"], dtype="Int64")}
    )
    for frame in (pd.DataFrame(data), categorical, nullable, pl.DataFrame(data)):
        encoder = OneHotEncoder().fit(frame)
        np.testing.assert_array_equal(encoder.transform(frame), plain)
        names = encoder.get_feature_names_out()
        assert [name[:3] for name in names[[0, 1, 3, 4]]] == ["s_a", "s_b", "i_1", "i_2"]
        assert names[2] in ("s_None", "s_nan")
        assert encoder.categories_[1].dtype.kind in "if"
    polars = pl.DataFrame(data).with_columns(pl.col("s").cast(pl.Categorical))
    np.testing.assert_array_equal(OneHotEncoder().fit_transform(polars), plain)
    out = (
        OneHotEncoder()
        .set_output(transform="pandas")
        .fit_transform(pd.DataFrame(data, index=[5, 6, 7]))
    )
    assert (list(out.columns)[-1], list(out.index)) == ("i_2", [5, 6, 7])
    with pytest.raises(ValueError, match="Expected a 2-dimensional container"):
        OneHotEncoder().fit(pd.Series([1, 2]))


values = (
    st.sampled_from(["a", "b", "c", "dd", None]),
    st.integers(-2, 3),
    st.sampled_from([0.5, 1.5, np.nan]),
)
rows = st.lists(st.tuples(*values), min_size=1, max_size=12)


@pytest.mark.peer
@given(
    train=rows,
    test=rows,
    drop=st.sampled_from([None, "first", "if_binary"]),
    unknown=st.sampled_from(["error", "ignore", "infrequent_if_exist", "warn"]),
    least=st.sampled_from([None, None, 2, 0.3]),
    most=st.sampled_from([None, None, 1, 2, 3]),
)
def test_like_scikit_learn(train, test, drop, unknown, least, most):
    peer = pytest.importorskip("sklearn.preprocessing")
    options = {
        "drop": drop,
        "handle_unknown": unknown,
        "min_frequency": least,
        "max_categories": most,
    }
    ours = OneHotEncoder(**options)
    theirs = peer.OneHotEncoder(sparse_output=False, **options)
    train, test = np.array(train, dtype=object), np.array(test, dtype=object)
    np.testing.assert_array_equal(ours.fit_transform(train), theirs.fit_transform(train))
    np.testing.assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())
    np.testing.assert_array_equal(ours.drop_idx_, theirs.drop_idx_)
    results = []
    for encoder in (ours, theirs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = encoder.transform(test).tolist()
            except ValueError as error:
                result = str(error)[:24]
            results.append((result, [str(w.message) for w in caught]))
    assert results[0] == results[1]
