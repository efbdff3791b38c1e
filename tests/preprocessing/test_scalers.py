"""StandardScaler and MinMaxScaler: values by hand, invariances, odd input, scikit-learn live."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.estimator import clone
from scratchml._core.exceptions import NotFittedError
from scratchml.preprocessing import MinMaxScaler, StandardScaler
from scratchml.preprocessing.blocks import apply_rowwise
from scratchml.preprocessing.min_max import column_range

BOTH = [StandardScaler, MinMaxScaler]
EPS = np.finfo(float).eps


def table(seed=0, n=50, p=4, missing=0.1, dtype=float):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) * 10.0 ** rng.integers(-3, 4, p) + rng.integers(-99, 99, p)
    X[rng.random((n, p)) < missing] = np.nan
    return X.astype(dtype)


def test_by_hand():
    scaler = StandardScaler().fit([[0.0, 10], [2, 10], [4, 10], [6, 10], [3, 10]])
    assert scaler.mean_.tolist() == [3, 10]
    assert scaler.var_.tolist() == [4, 0]  # (9 + 1 + 1 + 9 + 0) / 5
    assert scaler.scale_.tolist() == [2, 1]
    assert scaler.transform([[7, 11]]).tolist() == [[2, 1]]
    assert scaler.inverse_transform([[2, 1]]).tolist() == [[7, 11]]
    assert scaler.n_samples_seen_ == 5


def test_min_max_by_hand():
    scaler = MinMaxScaler((-1, 3)).fit([[1.0, 7], [5, 7], [3, 7]])
    assert scaler.data_min_.tolist() == [1, 7]
    assert scaler.data_max_.tolist() == [5, 7]
    assert scaler.data_range_.tolist() == [4, 0]
    assert scaler.scale_.tolist() == [1, 4]  # 4 / 4; a constant column is divided by 1
    assert scaler.min_.tolist() == [-2, -29]
    assert scaler.transform([[2, 7], [9, 8]]).tolist() == [[0, -1], [7, 3]]
    assert MinMaxScaler(clip=True).fit([[1.0], [5]]).transform([[9], [0]]).tolist() == [[1], [0]]


def test_weights_and_batches_by_hand():
    scaler = StandardScaler().fit([[0.0], [3]], sample_weight=[2, 1])
    assert (scaler.mean_, scaler.var_, scaler.n_samples_seen_) == ([1], [2], 3)
    scaler = StandardScaler().partial_fit([[0.0], [0]]).partial_fit([[3.0]])
    assert (scaler.mean_, scaler.var_, scaler.n_samples_seen_) == ([1], [2], 3)
    assert isinstance(scaler.n_samples_seen_, np.integer)


@pytest.mark.parametrize("value", [0.0, 1.0, -1e-300, 1e8, np.log(1e-5), 1e100])
@pytest.mark.parametrize("n", [1, 2, 10, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constant_columns_are_only_shifted(value, n, dtype):
    if dtype == np.float32 and abs(value) > 1e38:
        pytest.skip("beyond float32")
    X = np.full((n, 2), value, dtype=dtype)
    assert StandardScaler().fit(X).scale_.tolist() == [1, 1]
    assert StandardScaler().fit_transform(X).tolist() == np.zeros((n, 2)).tolist()


def test_the_bound_below_which_a_column_is_constant():
    n, mean = 100, 1e4
    bound = n * EPS * mean
    for factor, constant in ((0.5, True), (8.0, False)):
        x = mean + factor * bound * np.tile([1.0, -1.0], n // 2)
        assert (StandardScaler().fit(x[:, None]).scale_[0] == 1) == constant


@pytest.mark.parametrize("cls", BOTH)
@given(
    seed=st.integers(0, 999), n=st.integers(1, 30), cuts=st.lists(st.integers(1, 29), max_size=4)
)
def test_partial_fit_in_any_batches_is_fit(cls, seed, n, cuts):
    X = table(seed, n)
    whole, batches = cls().fit(X), cls()
    for part in np.split(X, sorted(c for c in set(cuts) if c < n)):
        batches.partial_fit(part)
    np.testing.assert_array_equal(whole.n_samples_seen_, batches.n_samples_seen_)
    np.testing.assert_allclose(whole.scale_, batches.scale_, rtol=1e-9)
    assert (
        np.isnan(whole.transform(X)).tolist() == np.isnan(X).tolist()
        or np.isnan(whole.scale_).any()
    )
    np.testing.assert_allclose(whole.transform(X), batches.transform(X), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_inverse_undoes_transform_and_dtypes_are_kept(cls, dtype):
    X = table(1, dtype=dtype)
    scaler = cls().fit(X)
    Z = scaler.transform(X)
    back = scaler.inverse_transform(Z)
    assert Z.dtype == back.dtype == dtype
    # one rounding of z, one of z * scale and one or two of the shift, relative to the column's size
    size = np.nanmax(np.abs(X.astype(float)), axis=0)
    assert np.nanmax(np.abs(back.astype(float) - X) / size) <= 4 * np.finfo(dtype).eps


def test_float32_far_from_zero_keeps_its_digits():
    x = (1e4 + np.random.default_rng(0).standard_normal((1000, 1))).astype(np.float32)
    true = x.astype(np.longdouble)
    true = (true - true.mean()) / true.std()
    error = np.abs(StandardScaler().fit_transform(x) - true)
    assert (error <= 2 * np.finfo(np.float32).eps * np.maximum(np.abs(true), 1e-3)).all()


def test_min_max_hits_its_limits_exactly():
    X = np.random.default_rng(0).standard_normal((200, 12)) + 10.0 ** np.arange(12)
    Z = MinMaxScaler().fit_transform(X)
    assert (Z.min(axis=0) == 0).all()
    assert (Z.max(axis=0) == 1).all()


@pytest.mark.parametrize("cls", BOTH)
def test_column_permutation(cls):
    X, order = table(2), [2, 0, 3, 1]
    shuffled = np.ascontiguousarray(X[:, order])  # another memory order would add otherwise
    np.testing.assert_array_equal(cls().fit_transform(X)[:, order], cls().fit_transform(shuffled))


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X.tolist(),
        lambda X: X.astype(object),
        lambda X: X.astype(">f8"),
        lambda X: np.concatenate([X, X], axis=1)[:, :4],
    ],
)
def test_layouts_agree(cls, layout):
    X = table(3, n=4001)
    np.testing.assert_allclose(cls().fit_transform(layout(X)), cls().fit_transform(X), rtol=1e-12)


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize("make", [lambda X: X, np.asfortranarray])
def test_in_place_and_read_only(cls, make):
    X = make(table(4))
    original = X.copy()
    scaler = cls(copy=False).fit(X)
    expected = clone(scaler).set_params(copy=True).fit(X).transform(X)
    np.testing.assert_array_equal(X, original)
    X.flags.writeable = False
    np.testing.assert_array_equal(scaler.transform(X), expected)
    np.testing.assert_array_equal(X, original)
    X.flags.writeable = True
    assert scaler.transform(X) is X
    np.testing.assert_array_equal(X, expected)


@pytest.mark.parametrize("cls", BOTH)
def test_integers_and_booleans(cls):
    assert cls().fit_transform([[0], [1], [2]]).dtype == float
    assert cls().fit_transform(np.array([[True], [False]])).dtype == float


@pytest.mark.parametrize("cls", BOTH)
def test_refused_input(cls):
    with pytest.raises(NotFittedError):
        cls().transform([[1.0]])
    scaler = cls().fit(np.eye(3))
    for method in (scaler.transform, scaler.inverse_transform, scaler.partial_fit):
        with pytest.raises(ValueError, match=r"X has 2 features, but .*Scaler is expecting 3"):
            method(np.eye(2))
    for bad, message in [
        (np.empty((0, 2)), "0 sample"),
        ([1.0, 2.0], "Expected 2D array"),
        ([[np.inf]], "infinity"),
        ([["a"]], "could not convert|strings"),
    ]:
        with pytest.raises(ValueError, match=message):
            cls().fit(bad)
    with pytest.raises(ValueError, match="'copy' parameter of .* must be an instance of 'bool'"):
        cls(copy=1).fit(np.eye(2))


def test_a_failed_fit_changes_nothing():
    scaler = StandardScaler().fit([[1.0], [3.0]])
    with pytest.raises(ValueError, match="NaN|infinity"):
        scaler.fit([[np.inf], [0.0]])
    with pytest.raises(ValueError, match="features"):
        scaler.partial_fit([[1.0, 2.0]])
    assert (scaler.mean_, scaler.n_samples_seen_, scaler.n_features_in_) == ([2], 2, 1)


@pytest.mark.parametrize("wrong", [(1, 0), (1, 1), (0, np.inf), (0, 1, 2)])
def test_feature_range_is_checked(wrong):
    with pytest.raises(ValueError, match="feature_range"):
        MinMaxScaler(wrong).fit([[1.0]])


@pytest.mark.extra
def test_frames_and_names():
    pd = pytest.importorskip("pandas")
    pl = pytest.importorskip("polars")
    frame = pd.DataFrame({"a": [1.0, 3.0], "b": [2, 4]}, index=[7, 9])
    scaler = StandardScaler().set_output(transform="pandas").fit(frame)
    out = scaler.transform(frame)
    assert (list(out.columns), list(out.index)) == (["a", "b"], [7, 9])
    assert scaler.get_feature_names_out().tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="input_features is not equal"):
        scaler.get_feature_names_out(["a", "c"])
    with pytest.raises(ValueError, match="feature names should match"):
        scaler.transform(frame[["b", "a"]])
    polars = (
        StandardScaler().set_output(transform="polars").fit_transform(pl.DataFrame({"a": [1, 3]}))
    )
    assert polars.to_dict(as_series=False) == {"a": [-1.0, 1.0]}
    unnamed = MinMaxScaler().fit([[1.0, 2.0]])
    assert unnamed.get_feature_names_out().tolist() == ["x0", "x1"]
    with pytest.raises(ValueError, match="should have length equal to number of features"):
        unnamed.get_feature_names_out(["a"])


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (1, 700), (5000, 3), (7, 40000), (40000, 2)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_blocks_equal_the_plain_expression(shape, order):
    X = np.asarray(np.random.default_rng(0).standard_normal(shape), order=order)
    a, b = np.random.default_rng(1).random((2, shape[1]))
    out = apply_rowwise(X, [(np.subtract, a), (np.divide, b)], np.empty_like(X))
    np.testing.assert_array_equal(out, (X - a) / b)
    np.testing.assert_array_equal(apply_rowwise(X, [], np.empty_like(X)), X)
    low, high = column_range(X)
    np.testing.assert_array_equal(low, X.min(axis=0))
    np.testing.assert_array_equal(high, X.max(axis=0))


@pytest.mark.peer
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 40),
    with_mean=st.booleans(),
    with_std=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
    weighted=st.booleans(),
)
def test_standard_scaler_like_scikit_learn(seed, n, with_mean, with_std, dtype, weighted):
    peer = pytest.importorskip("sklearn.preprocessing")
    X = table(seed, n, missing=0.05, dtype=dtype)
    X = np.where(np.isnan(X).all(axis=0), dtype(3), X)  # scikit-learn warns of empty columns
    w = np.random.default_rng(seed).random(n) + 0.1 if weighted else None
    ours = StandardScaler(with_mean=with_mean, with_std=with_std).fit(X, sample_weight=w)
    theirs = peer.StandardScaler(with_mean=with_mean, with_std=with_std).fit(X, sample_weight=w)
    for name in ("mean_", "var_", "scale_", "n_samples_seen_"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert (a is None) == (b is None), name
        if a is not None and name != "n_samples_seen_":
            # n = 1 or n equal values: only we find a variance of exactly 0
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-12, err_msg=name)
    if with_mean or with_std:  # else scikit-learn counts rows, whatever their weight
        np.testing.assert_allclose(ours.n_samples_seen_, theirs.n_samples_seen_, rtol=1e-6)
    tolerance = 1e-4 if dtype == np.float32 else 1e-9
    for method in ("transform", "inverse_transform"):
        # In float32 scikit-learn rounds mean_ first, up to half a digit of the mean: compare with
        # what it makes of the same values in float64.
        a, b = getattr(ours, method)(X), getattr(theirs, method)(X.astype(np.float64))
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * np.nanmax(np.abs(b)))


@pytest.mark.peer
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 40),
    limits=st.sampled_from([(0, 1), (-3, 0.5), (10, 1000)]),
    clip=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_min_max_scaler_like_scikit_learn(seed, n, limits, clip, dtype):
    peer = pytest.importorskip("sklearn.preprocessing")
    X = table(seed, n, missing=0.05, dtype=dtype)
    X = np.where(np.isnan(X).all(axis=0), dtype(3), X)
    ours = MinMaxScaler(limits, clip=clip).fit(X)
    theirs = peer.MinMaxScaler(limits, clip=clip).fit(X)
    tolerance = 4 * np.finfo(dtype).eps
    for name in ("data_min_", "data_max_", "data_range_", "scale_", "min_"):
        assert getattr(ours, name).dtype == getattr(theirs, name).dtype
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=8 * tolerance)
    other = 1.5 * X
    # x scale + min cancels in scikit-learn's way: its error is relative to |min|
    slack = tolerance * (
        np.abs(theirs.min_).max() + max(np.abs(limits)) + np.nanmax(np.abs(other * theirs.scale_))
    )
    np.testing.assert_allclose(ours.transform(other), theirs.transform(other), rtol=0, atol=slack)
    if not clip:
        Z = theirs.transform(X)
        np.testing.assert_allclose(
            ours.inverse_transform(Z),
            theirs.inverse_transform(Z),
            atol=float(np.max(slack / theirs.scale_)),
        )
