"""OneClassSVM: the reference library's figures, what nu means, what changes nothing."""

import numpy as np
import pytest

import scratchml
from scratchml.datasets import load_breast_cancer
from scratchml.svm import OneClassSVM

TIGHT = {"tol": 1e-9}
# With a duality gap of 1e-9 decision values may be off by sqrt(2e-9 K(x, x)); they are by less.
CLOSE = {"rtol": 1e-6, "atol": 1e-6}
# LIBSVM solves a problem whose kernel values are rounded to single precision.
SINGLE = {"rtol": 1e-4, "atol": 1e-4}


def cancer():
    X = load_breast_cancer().data[:300]
    return (X - X.mean(axis=0)) / X.std(axis=0)


def toy(n=40, d=3, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


MODELS = {
    "linear": lambda lib: lib.OneClassSVM(kernel="linear", nu=0.231, **TIGHT),
    "rbf": lambda lib: lib.OneClassSVM(gamma=0.05, nu=0.231, **TIGHT),
    "poly": lambda lib: lib.OneClassSVM(kernel="poly", gamma=0.01, coef0=1.0, nu=0.1, **TIGHT),
}


@pytest.mark.peer
@pytest.mark.parametrize("model", MODELS)
def test_figures_of_the_reference_library(model):
    library = pytest.importorskip("sklearn.svm")
    X = cancer() + 3.0 * (model == "linear")  # away from the origin, else there is no region
    ours, theirs = MODELS[model](scratchml.svm).fit(X), MODELS[model](library).fit(X)
    np.testing.assert_array_equal(ours.support_, theirs.support_)
    np.testing.assert_array_equal(ours.n_support_, theirs.n_support_)
    for attribute in ("dual_coef_", "intercept_", "offset_"):
        expected = getattr(theirs, attribute)
        assert getattr(ours, attribute).shape == expected.shape
        np.testing.assert_allclose(getattr(ours, attribute), expected, **SINGLE)
    scale = abs(theirs.offset_).max()
    values = theirs.decision_function(X)
    np.testing.assert_allclose(ours.decision_function(X), values, rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), **SINGLE)
    assert ours.predict(X).dtype == theirs.predict(X).dtype
    clear = np.abs(values) > 1e-4 * scale
    np.testing.assert_array_equal(ours.predict(X)[clear], theirs.predict(X)[clear])


@pytest.mark.peer
def test_weights_as_in_the_reference_library():
    library = pytest.importorskip("sklearn.svm")
    X = toy(60)
    weight = np.random.default_rng(1).uniform(0.5, 1.5, 60)
    weight[:3] = [0.0, -1.0, 0.0]
    ours = MODELS["rbf"](scratchml.svm).fit(X, None, weight)
    theirs = MODELS["rbf"](library).fit(X, None, weight)
    np.testing.assert_array_equal(ours.support_vectors_, theirs.support_vectors_)
    np.testing.assert_allclose(ours.dual_coef_, theirs.dual_coef_, **SINGLE)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), **SINGLE)


def test_nu_bounds_the_outliers_and_the_support():
    X = cancer()
    for nu in (0.05, 0.3, 1.0):
        model = OneClassSVM(gamma=0.05, nu=nu, tol=1e-6).fit(X)
        assert (model.decision_function(X) < -1e-5).mean() <= nu
        assert nu <= len(model.support_) / len(X) + 1e-9
        assert model.dual_coef_.sum() == pytest.approx(nu * len(X), rel=1e-12)


def test_certificate_by_definition():
    X = toy() + 3.0
    model = OneClassSVM(kernel="linear", nu=0.3).fit(X)
    half, rho = 0.5 * (model.coef_**2).sum(), model.offset_[0]
    primal = half - 0.3 * len(X) * rho + np.maximum(0, rho - X @ model.coef_[0]).sum()
    found = model.certificate_
    assert found["objective"] == pytest.approx(half, rel=1e-9)
    assert found["gap"] == pytest.approx(primal + half, rel=1e-6, abs=1e-9)
    assert 0 <= found["violation"] <= model.tol


def test_scores_and_signs():
    X = toy()
    model = OneClassSVM(nu=0.3).fit(X)
    values = model.decision_function(X)
    np.testing.assert_array_equal(model.offset_, -model.intercept_)
    np.testing.assert_array_equal(model.score_samples(X), values + model.offset_)
    np.testing.assert_array_equal(model.predict(X), np.where(values > 0, 1, -1))
    np.testing.assert_array_equal(OneClassSVM(nu=0.3).fit_predict(X), model.predict(X))
    assert model.predict(X + 100.0).max() == -1
    with pytest.raises(AttributeError, match="kernel='linear'"):
        model.coef_


def test_order_of_the_rows():
    X = toy()
    order = np.random.default_rng(1).permutation(len(X))
    a, b = OneClassSVM(nu=0.33, **TIGHT).fit(X), OneClassSVM(nu=0.33, **TIGHT).fit(X[order])
    np.testing.assert_allclose(a.decision_function(X), b.decision_function(X), **CLOSE)


def test_precomputed_and_callable_kernels():
    X, new = toy(), toy(15, seed=1)

    def values(A, B):
        return np.exp(-0.2 * ((A[:, None] - B) ** 2).sum(axis=2))

    options = {"nu": 0.33, **TIGHT}
    expected = OneClassSVM(gamma=0.2, **options).fit(X).decision_function(new)
    matrix = OneClassSVM(kernel="precomputed", **options).fit(values(X, X))
    np.testing.assert_allclose(matrix.decision_function(values(new, X)), expected, **CLOSE)
    function = OneClassSVM(kernel=values, **options).fit(X)
    np.testing.assert_allclose(function.decision_function(new), expected, **CLOSE)
    with pytest.raises(ValueError, match=r"square matrix; X has the shape \(40, 3\)"):
        matrix.fit(X)


def test_weights_are_repeated_rows():
    X = toy()
    weight = np.random.default_rng(2).integers(0, 4, 40)
    repeated = np.repeat(np.arange(40), weight)
    a = OneClassSVM(gamma=0.3, nu=0.33, **TIGHT).fit(X, sample_weight=weight)
    b = OneClassSVM(gamma=0.3, nu=0.33, **TIGHT).fit(X[repeated])
    np.testing.assert_allclose(a.decision_function(X), b.decision_function(X), **CLOSE)
    assert (weight[a.support_] > 0).all()


def test_y_is_not_looked_at():
    X = toy()
    expected = OneClassSVM().fit(X).decision_function(X)
    np.testing.assert_array_equal(OneClassSVM().fit(X, "anything").decision_function(X), expected)
    with pytest.raises(ValueError, match="all samples have zero or negative weights"):
        OneClassSVM().fit(X, None, np.zeros(40))
