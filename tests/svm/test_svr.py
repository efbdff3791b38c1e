"""SVR and NuSVR: the reference library's figures, what changes nothing, and what is refused."""

import numpy as np
import pytest

import scratchml
from scratchml._core.exceptions import ConvergenceWarning, NotFittedError
from scratchml.datasets import load_diabetes
from scratchml.svm import SVR, NuSVR

TIGHT = {"tol": 1e-9}
# With a duality gap of 1e-9 predictions may be off by sqrt(2e-9 K(x, x)); they are by less.
CLOSE = {"rtol": 1e-6, "atol": 1e-6}
# LIBSVM solves a problem whose kernel values are rounded to single precision.
SINGLE = {"rtol": 1e-4, "atol": 1e-4}


def diabetes(n=200):
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:n], y[:n]
    return (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()


def toy(n=40, d=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, X @ [1.0, -2.0, 0.5] + 0.3 * rng.standard_normal(n)


both = pytest.mark.parametrize("cls", [SVR, NuSVR])

MODELS = {
    "linear": lambda lib: lib.SVR(kernel="linear", C=0.5, **TIGHT),
    "rbf": lambda lib: lib.SVR(C=2.0, epsilon=0.2, **TIGHT),
    "no tube": lambda lib: lib.SVR(epsilon=0.0, **TIGHT),
    "poly": lambda lib: lib.SVR(kernel="poly", gamma=0.1, coef0=1.0, degree=2, **TIGHT),
    "sigmoid": lambda lib: lib.SVR(kernel="sigmoid", gamma=0.005, **TIGHT),
    "nu": lambda lib: lib.NuSVR(nu=0.331, C=2.0, **TIGHT),
    "nu linear": lambda lib: lib.NuSVR(kernel="linear", nu=0.731, **TIGHT),
}


def compare(ours, theirs, X):
    np.testing.assert_array_equal(ours.support_vectors_, theirs.support_vectors_)
    for attribute in ("dual_coef_", "intercept_", "n_support_", "support_"):
        assert getattr(ours, attribute).shape == getattr(theirs, attribute).shape
        assert getattr(ours, attribute).dtype == getattr(theirs, attribute).dtype
    np.testing.assert_allclose(ours.dual_coef_, theirs.dual_coef_, **SINGLE)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, **SINGLE)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), **SINGLE)


@pytest.mark.peer
@pytest.mark.parametrize("model", MODELS)
def test_figures_of_the_reference_library(model):
    library = pytest.importorskip("sklearn.svm")
    X, y = diabetes()
    ours, theirs = MODELS[model](scratchml.svm).fit(X, y), MODELS[model](library).fit(X, y)
    compare(ours, theirs, X)
    np.testing.assert_array_equal(ours.support_, theirs.support_)
    np.testing.assert_array_equal(ours.n_support_, theirs.n_support_)
    assert ours.shape_fit_ == theirs.shape_fit_
    assert type(ours.n_iter_) is type(theirs.n_iter_) is int
    if hasattr(theirs, "coef_"):
        np.testing.assert_allclose(ours.coef_, theirs.coef_, **SINGLE)


@pytest.mark.peer
@pytest.mark.parametrize("model", ["rbf", "nu"])
def test_weights_as_in_the_reference_library(model):
    library = pytest.importorskip("sklearn.svm")
    X, y = toy(60)
    weight = np.random.default_rng(1).uniform(0.5, 1.5, 60)
    weight[:3] = [0.0, -1.0, 0.0]
    ours, theirs = MODELS[model](scratchml.svm), MODELS[model](library)
    compare(ours.fit(X, y, weight), theirs.fit(X, y, weight), X)
    assert ours.support_.min() >= 3  # places among all samples


@pytest.mark.parametrize("C", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("epsilon", [0.0, 0.3])
def test_certificate_by_definition(C, epsilon):
    X, y = toy()
    model = SVR(kernel="linear", C=C, epsilon=epsilon).fit(X, y)
    half = 0.5 * (model.coef_**2).sum()
    error = np.abs(y - model.predict(X))
    primal = half + C * np.maximum(0, error - epsilon).sum()
    b = np.zeros(len(y))
    b[model.support_] = model.dual_coef_[0]
    dual = y @ b - epsilon * np.abs(b).sum() - half
    found = model.certificate_
    assert found["objective"] == pytest.approx(-dual, rel=1e-9)
    assert found["gap"] == pytest.approx(primal - dual, rel=1e-6, abs=1e-9 * primal)
    assert 0 <= found["violation"] <= model.tol
    assert abs(b.sum()) < 1e-9 * C
    assert np.abs(b).max() <= C


def test_a_tube_wider_than_the_range_gives_a_constant():
    X, y = toy()
    model = SVR(epsilon=10.0).fit(X, y)
    assert model.support_.shape == (0,)
    assert model.support_vectors_.shape == (0, 3)
    assert model.dual_coef_.shape == (1, 0)
    np.testing.assert_array_equal(model.n_support_, [0])
    np.testing.assert_allclose(model.predict(X), (y.min() + y.max()) / 2, rtol=1e-12)
    assert model.n_iter_ == 0


def test_equal_targets():
    X, y = toy()
    for model in (SVR(), NuSVR()):
        np.testing.assert_allclose(model.fit(X, 0 * y + 3).predict(X), 3.0, rtol=1e-12)


def test_nu_bounds_the_errors_and_the_support():
    X, y = diabetes()
    for nu in (0.1, 0.6):
        model = NuSVR(nu=nu, tol=1e-6).fit(X, y)
        error = np.abs(y - model.predict(X))
        width = np.median(error[model.support_][np.abs(model.dual_coef_[0]) < 1 - 1e-9])
        assert (error > width + 1e-4).mean() <= nu <= len(model.support_) / len(y) + 1e-9


def test_nu_is_epsilon_in_other_words():
    """The free support vectors of NuSVR lie at the width that SVR needs for the same solution."""
    X, y = toy()
    nu = NuSVR(nu=0.43, **TIGHT).fit(X, y)
    free = nu.support_[np.abs(nu.dual_coef_[0]) < 1 - 1e-9]
    epsilon = np.abs(y - nu.predict(X))[free].mean()
    other = SVR(epsilon=epsilon, **TIGHT).fit(X, y)
    np.testing.assert_allclose(nu.predict(X), other.predict(X), rtol=1e-4, atol=1e-4)


@both
def test_order_of_the_rows(cls):
    X, y = toy()
    order = np.random.default_rng(1).permutation(len(y))
    a, b = cls(**TIGHT).fit(X, y), cls(**TIGHT).fit(X[order], y[order])
    np.testing.assert_allclose(a.predict(X), b.predict(X), **CLOSE)
    np.testing.assert_array_equal(np.sort(order[b.support_]), a.support_)


@both
def test_sign_and_place_of_the_targets(cls):
    X, y = toy()
    a, b = cls(**TIGHT).fit(X, y), cls(**TIGHT).fit(X, 100 - y)
    np.testing.assert_allclose(b.predict(X), 100 - a.predict(X), **CLOSE)


@both
def test_precomputed_and_callable_kernels(cls):
    X, y = toy()
    new = toy(15, seed=1)[0]

    def values(A, B):
        return np.exp(-0.2 * ((A[:, None] - B) ** 2).sum(axis=2))

    expected = cls(gamma=0.2, **TIGHT).fit(X, y).predict(new)
    matrix = cls(kernel="precomputed", **TIGHT).fit(values(X, X), y)
    np.testing.assert_allclose(matrix.predict(values(new, X)), expected, **CLOSE)
    function = cls(kernel=values, **TIGHT).fit(X, y)
    np.testing.assert_allclose(function.predict(new), expected, **CLOSE)


@both
def test_weights_are_repeated_rows(cls):
    X, y = toy()
    weight = np.random.default_rng(2).integers(0, 4, 40)
    repeated = np.repeat(np.arange(40), weight)
    a = cls(gamma=0.3, **TIGHT).fit(X, y, weight)
    b = cls(gamma=0.3, **TIGHT).fit(X[repeated], y[repeated])
    np.testing.assert_allclose(a.predict(X), b.predict(X), **CLOSE)


@both
def test_weights_are_C(cls):
    X, y = toy()
    a, b = cls(C=2.0).fit(X, y), cls(C=200.0).fit(X, y, np.full(40, 0.01))
    np.testing.assert_allclose(a.predict(X), b.predict(X), rtol=1e-9, atol=1e-9)


@both
def test_integer_targets_and_a_column(cls):
    X, y = toy()
    whole = np.round(y).astype(int)
    a = cls().fit(X, whole)
    np.testing.assert_array_equal(a.predict(X), cls().fit(X, whole.astype(float)).predict(X))
    with pytest.warns(UserWarning, match="column-vector y"):
        cls().fit(X, whole[:, None])


@both
def test_what_an_end_before_time_says(cls, capsys):
    X, y = toy()
    with pytest.warns(ConvergenceWarning, match=r"\(max_iter=2\).*violation.*duality gap"):
        model = cls(max_iter=2, verbose=1).fit(X, y)
    assert (model.fit_status_, model.n_iter_) == (1, 2)
    assert capsys.readouterr().out.startswith(f"{cls.__name__}: 2 pairs moved")


X, Y = toy(6)
BAD_FITS = {
    "text": (SVR(), (X, list("abcdef")), "y"),
    "a matrix that is not square": (SVR(kernel="precomputed"), (X, Y), "square matrix"),
    "a kernel of a wrong shape": (SVR(kernel=lambda A, B: A), (X, Y), r"matrix of shape \(6, 6\)"),
    "a callable kernel and NaN": (SVR(kernel=np.inner), (X, Y * np.nan), "y contains NaN"),
    "a callable kernel and text": (SVR(kernel=np.inner), (X, list("abcdef")), "in y"),
    "no positive weight": (NuSVR(), (X, Y, -np.ones(6)), "all samples have zero or negative weig"),
    "huge values": (SVR(), (X * 1e300, Y), "The dual coefficients or intercepts are not finite"),
    "C is infinite": (NuSVR(C=np.inf), (X, Y), r"'C' parameter of NuSVR must be .*\(0, inf\)"),
    "epsilon is negative": (SVR(epsilon=-0.1), (X, Y), "'epsilon' parameter of SVR must be"),
    "nu is zero": (NuSVR(nu=0.0), (X, Y), r"'nu' parameter of NuSVR.*\(0, 1\]"),
}


@pytest.mark.parametrize("case", BAD_FITS)
def test_bad_fits(case):
    model, args, message = BAD_FITS[case]
    with pytest.raises(ValueError, match=message):
        model.fit(*args)
    with pytest.raises(NotFittedError):
        model.predict(X)
