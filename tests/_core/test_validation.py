"""Input checks: what passes unchanged, what is converted, and what is refused in which words."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scratchml._core.exceptions import DataConversionWarning
from scratchml._core.validation import (
    check_array,
    check_consistent_length,
    check_finite,
    check_random_state,
    check_sample_weight,
    check_X_y,
    column_or_1d,
    feature_names,
    n_samples,
)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_good_array_passes_untouched(dtype, order):
    X = np.ones((3, 2), dtype=dtype, order=order)
    assert check_array(X) is X


def test_a_good_array_costs_no_memory():
    X = np.ones((100_000, 10))
    tracemalloc.start()
    check_array(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize(
    "X",
    [
        [[1, 2], [3, 4]],
        np.array([[1, 2], [3, 4]], dtype=np.int8),
        ((True, False), (0, 1)),
        np.array([[1, 2.5]], dtype=object),
        np.ones((2, 2), np.float16),
        np.ones((2, 2), ">f8"),
    ],
)
def test_other_numbers_become_float64(X):
    result = check_array(X)
    assert result.dtype == np.float64
    assert result.dtype.isnative
    np.testing.assert_array_equal(result, np.asarray(X, dtype=float))


def test_order_dtype_and_copy():
    X = np.ones((3, 2))
    assert check_array(X, order="F").flags.f_contiguous
    assert check_array(X, dtype=np.float32).dtype == np.float32
    assert check_array(X, dtype=None) is X
    assert not np.may_share_memory(check_array(X, copy=True), X)
    assert check_array(X.astype(int), copy=True).dtype == np.float64


def test_misaligned_numbers_are_copied():
    X = np.frombuffer(b" " + np.arange(6.0).tobytes(), offset=1).reshape(3, 2)
    assert not X.flags.aligned
    assert check_array(X).flags.aligned
    np.testing.assert_array_equal(check_array(X), X)


@pytest.mark.extra
def test_frames():
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    np.testing.assert_array_equal(check_array(frame), [[1, 0.5], [2, 1.5]])
    nullable = pandas.DataFrame({"a": [1, None], "b": [3, 4]}, dtype="Int64")
    assert np.isnan(check_array(nullable, allow_nan=True)[1, 0])
    with pytest.raises(ValueError, match="X contains NaN"):
        check_array(nullable)
    mixed = pandas.DataFrame({"a": nullable["a"], "b": [0.5, 1.5]})
    np.testing.assert_array_equal(check_array(mixed, allow_nan=True), [[1, 0.5], [np.nan, 1.5]])
    with pytest.raises(ValueError, match=r"to float: 'x'; column 'b' of X is text: .*OneHotEnc"):
        check_array(pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    np.testing.assert_array_equal(check_array(polars.DataFrame({"a": [1, 2]})), [[1], [2]])
    assert feature_names(frame).tolist() == ["a", "b"]
    assert feature_names(polars.DataFrame({"a": [1]})).tolist() == ["a"]
    assert feature_names(pandas.DataFrame([[1, 2]])) is None
    assert feature_names(np.ones((2, 2))) is None
    with pytest.raises(TypeError, match="only supported if all input features have string names"):
        feature_names(pandas.DataFrame([[1, 2]], columns=["a", 1]))


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.ones((2, 2)) * 1j, ValueError, "Complex data not supported\nweights has dtype complex"),
        (np.array([[1j, 2]], dtype=object), ValueError, "Complex data not supported"),
        ([["a", "b"]], ValueError, "strings in weights"),
        (np.array([["a", 1]], dtype=object), ValueError, "float: 'a'; column 0 of weights is text"),
        (np.array([[1], ["a"]], dtype=object), ValueError, "float: 'a'; weights must hold numbers"),
        (np.ones((2, 2), dtype="M8[s]"), TypeError, "weights holds dates"),
        (np.ma.masked_array([[1.0]], mask=[[True]]), TypeError, "weights is a masked array"),
        (1.0, ValueError, "got scalar array instead:\narray=1.0 in weights"),
        ([1.0], ValueError, "got 1D array instead"),
        (np.ones((1, 1, 1)), ValueError, r"dim 3, while dim <= 2 is required by Model in weights"),
        (np.ones((0, 2)), ValueError, r"0 sample\(s\) \(shape=\(0, 2\)\) while a minimum of 1"),
        (np.ones((2, 0)), ValueError, r"0 feature\(s\) \(shape=\(2, 0\)\) while a minimum of 1"),
        ([[np.nan, 1]], ValueError, "Input weights contains NaN"),
        ([[np.inf, 1]], ValueError, "Input weights contains infinity or a value too large for"),
        ([[-np.inf, np.nan]], ValueError, "Input weights contains infinity"),
    ],
)
def test_refusals(X, error, message):
    with pytest.raises(error, match=message):
        check_array(X, name="weights", estimator="Model")


def test_overflow_to_float32_is_infinity():
    with pytest.raises(ValueError, match="infinity or a value too large for dtype.'float32'"):
        check_array(np.array([[1e300]]), dtype=np.float32)


def test_large_values_are_finite():
    X = np.full((3, 3), 1e300)
    assert check_array(X) is X  # x'x overflows, the second look does not


@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32]),
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=5),
        elements=st.sampled_from([0.0, 1.0, -1.0, 1e30, np.nan, np.inf, -np.inf]),
    ),
    st.booleans(),
)
def test_check_finite_is_the_definition(array, allow_nan):
    good = bool((np.isfinite(array) | (np.isnan(array) & allow_nan)).all())
    for view in (array, array.T, np.repeat(array, 2, axis=0)[::2]):
        try:
            check_finite(view, allow_nan=allow_nan)
            passed = True
        except ValueError:
            passed = False
        assert passed == good


@pytest.mark.parametrize("where", [0, 8191, 8192, 16384, 20_000 - 1])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_value_among_many_is_found(where, bad):
    flat = np.ones(20_000)
    check_finite(flat)
    flat[where] = bad
    with pytest.raises(ValueError, match="X contains"):
        check_finite(flat)
    with pytest.raises(ValueError, match="X contains"):
        check_finite(flat.reshape(100, 200).T)


def test_X_y():
    X, y = check_X_y([[1, 2], [3, 4]], [1, 2], y_numeric=True)
    assert y.dtype == X.dtype == np.float64
    assert check_X_y([[1.0]], ["a"])[1].tolist() == ["a"]
    assert check_X_y([[1.0]], [[1, 2]], multi_output=True)[1].shape == (1, 2)
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        assert check_X_y([[1.0], [2.0]], [[1], [2]])[1].shape == (2,)
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        check_X_y([[1.0]], None, estimator="Model")
    with pytest.raises(ValueError, match=r"numbers of samples: \[2, 1\] for X, y"):
        check_X_y([[1.0], [2.0]], [1])
    with pytest.raises(ValueError, match="y contains NaN"):
        check_X_y([[1.0]], [np.nan])
    with pytest.raises(ValueError, match="to float: 'a'; y must hold numbers"):
        check_X_y([[1.0]], np.array(["a"], dtype=object), y_numeric=True)
    with pytest.raises(ValueError, match="y contains infinity"):
        check_X_y([[1.0]], [[np.inf, 1]], multi_output=True)


def test_column_or_1d():
    assert column_or_1d([[1], [2]]).tolist() == [1, 2]
    with pytest.raises(
        ValueError, match=r"labels should be a 1d array, got an array of shape \(2, 2\)"
    ):
        column_or_1d(np.ones((2, 2)), name="labels")
    with pytest.raises(ValueError, match=r"shape \(\)"):
        column_or_1d(3)


def test_lengths():
    check_consistent_length(X=[1, 2], y=(3, 4), w=None, z=np.ones((2, 5)))
    with pytest.raises(TypeError, match="Expected sequence or array-like, got <class 'int'>"):
        n_samples(3)
    with pytest.raises(TypeError, match="at least 1 dimension"):
        n_samples(np.array(3))


def test_sample_weight():
    assert check_sample_weight(None, 3) is None
    assert check_sample_weight(2, 3).tolist() == [2, 2, 2]
    w = np.array([0.0, 1, 2])
    assert check_sample_weight(w, 3) is w
    assert check_sample_weight(w, 3, np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1, -1], r"Negative values in data passed to `sample_weight`: np.float64\(-1.0\)"),
        ([0, 0], "at least one positive weight; all weights are zero"),
        ([1, 2, 3], r"sample_weight.shape == \(3,\), expected \(2,\)"),
        ([[1], [2]], "Sample weights must be 1D array or scalar, got 2D array"),
        ([1, np.nan], "sample_weight contains NaN"),
        ([1, np.inf], "sample_weight contains infinity"),
    ],
)
def test_sample_weight_refusals(weight, message):
    with pytest.raises(ValueError, match=message):
        check_sample_weight(weight, 2)


def test_random_state():
    assert check_random_state(0).randint(100) == np.random.RandomState(0).randint(100)
    for given_ in (np.random.RandomState(1), np.random.default_rng(1)):
        assert check_random_state(given_) is given_
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    check_random_state(None).random_sample(3)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    with pytest.raises(ValueError, match="random_state must be .* got 'seed'"):
        check_random_state("seed")


@pytest.mark.peer
def test_sparse_is_named():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"Sparse data was passed for X, but Model takes dense"):
        check_array(sparse.csr_array(np.eye(2)), estimator="Model")
