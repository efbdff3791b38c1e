"""PolynomialFeatures and its monomials: the definition by itertools, both evaluations, limits."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.exceptions import NotFittedError
from scratchml.preprocessing import PolynomialFeatures, polynomial
from scratchml.preprocessing.monomials import evaluate, evaluate_rows, plan, powers


def combinations(p, low, high, interaction_only, bias):
    choose = itertools.combinations if interaction_only else itertools.combinations_with_replacement
    degrees = range(max(1, low), high + 1)
    return ([()] if bias else []) + [c for d in degrees for c in choose(range(p), d)]


shapes = {
    "p": st.integers(1, 5),
    "degrees": st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda d: (min(d), max(d))),
    "interaction_only": st.booleans(),
    "bias": st.booleans(),
}


@given(**shapes, order=st.sampled_from("CF"), dtype=st.sampled_from([np.float32, np.float64]))
def test_definition(p, degrees, interaction_only, bias, order, dtype):
    expected = combinations(p, *degrees, interaction_only, bias)
    X = np.random.default_rng(p).integers(-9, 10, (6, p)).astype(dtype)  # small: products are exact
    features = PolynomialFeatures(
        degrees, interaction_only=interaction_only, include_bias=bias, order=order
    )
    if degrees == (0, 0) and not bias:
        with pytest.raises(ValueError, match="empty output array"):
            features.fit(X)
        return
    out = features.fit_transform(X)
    assert features.n_output_features_ == out.shape[1] == len(expected)
    assert out.dtype == dtype
    assert out.flags.f_contiguous if order == "F" else out.flags.c_contiguous
    for column, factors in zip(out.T, expected, strict=True):
        np.testing.assert_array_equal(column, X[:, list(factors)].prod(axis=1))
    counts = [[factors.count(i) for i in range(p)] for factors in expected]
    assert features.powers_.tolist() == counts


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("interaction_only", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("n", "p", "degree"), [(0, 3, 2), (1, 1, 2), (7, 3, 4), (600, 4, 3)])
def test_kernel_equals_numpy_bit_for_bit(dtype, interaction_only, bias, n, p, degree):
    recipe = plan(p, degree, interaction_only=interaction_only, bias=bias)
    X = np.random.default_rng(0).standard_normal((n, p)).astype(dtype)
    X[: n // 3, 0] = np.nan
    X[n // 3 : n // 2, -1] = np.inf
    X.flags.writeable = False
    slow, fast = np.zeros((2, n, recipe.first[-1]), dtype=dtype)
    with np.errstate(all="ignore"):
        evaluate(X, recipe, slow)
        evaluate_rows(X, recipe.runs, recipe.bias, fast)
    np.testing.assert_array_equal(slow, fast)


@pytest.mark.kernel
@pytest.mark.parametrize("degree", [0, 1, 2, 3, (2, 3)])
def test_the_compiled_way_gives_the_same_bits(monkeypatch, degree):
    X = np.random.default_rng(0).standard_normal((1000, 6))[::3]
    features = PolynomialFeatures(degree).fit(X)
    plain = features.transform(X)
    monkeypatch.setattr(polynomial, "COMPILED_FROM", 1)
    np.testing.assert_array_equal(features.transform(X), plain)


def test_names():
    features = PolynomialFeatures(3, include_bias=False).fit(np.ones((1, 2)))
    names = ["a", "b", "a^2", "a b", "b^2", "a^3", "a^2 b", "a b^2", "b^3"]
    assert features.get_feature_names_out(["a", "b"]).tolist() == names
    assert PolynomialFeatures(0).fit([[1.0]]).get_feature_names_out().tolist() == ["1"]


@pytest.mark.extra
def test_frames():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"u": [1.0, 2], "v": [3, 4]}, index=[4, 2])
    out = PolynomialFeatures(include_bias=False).set_output(transform="pandas").fit_transform(frame)
    assert list(out.columns) == ["u", "v", "u^2", "u v", "v^2"]
    assert out.loc[2].tolist() == [2, 4, 4, 8, 16]


def test_refused_input():
    with pytest.raises(NotFittedError):
        PolynomialFeatures().transform([[1.0]])
    for degree in (-1, 1.5, "2", (1, 2, 3), (3, 2), (-1, 2), (0, 1.5)):
        with pytest.raises(ValueError, match="degree"):
            PolynomialFeatures(degree).fit([[1.0]])
    with pytest.raises(ValueError, match="NaN"):
        PolynomialFeatures().fit([[np.nan]])
    with pytest.raises(ValueError, match="X has 2 features, but PolynomialFeatures is expecting 1"):
        PolynomialFeatures().fit([[1.0]]).transform([[1.0, 2.0]])
    with pytest.raises(ValueError, match=f"gives {math.comb(160, 60)} output features"):
        PolynomialFeatures(60).fit(np.ones((1, 100)))
    with pytest.raises(ValueError, match="'order' parameter"):
        PolynomialFeatures(order="A").fit([[1.0]])


def test_options_of_the_fit_count_when_transforming():
    features = PolynomialFeatures(2).fit([[2.0]])
    features.set_params(degree=5, include_bias=False)
    assert features.transform([[2.0]]).tolist() == [[1, 2, 4]]
    assert features.powers_.tolist() == [[0], [1], [2]]


@pytest.mark.peer
@given(**shapes, order=st.sampled_from("CF"))
def test_like_scikit_learn(p, degrees, interaction_only, bias, order):
    peer = pytest.importorskip("sklearn.preprocessing")
    if degrees == (0, 0) and not bias:
        return
    X = np.random.default_rng(p).standard_normal((6, p))
    options = {"interaction_only": interaction_only, "include_bias": bias, "order": order}
    ours = PolynomialFeatures(degrees, **options).fit(X)
    theirs = peer.PolynomialFeatures(degrees, **options).fit(X)
    np.testing.assert_array_equal(ours.transform(X), theirs.transform(X))
    if ours.n_output_features_:
        np.testing.assert_array_equal(ours.powers_, theirs.powers_)
        np.testing.assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())


def test_powers_of_a_plan():
    recipe = plan(2, 2, interaction_only=False, bias=True)
    assert powers(recipe, 2).tolist() == [[0, 0], [1, 0], [0, 1], [2, 0], [1, 1], [0, 2]]
    assert recipe.first == [0, 1, 3, 6]
