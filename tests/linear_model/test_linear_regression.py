"""LinearRegression: the estimator around `least_squares` (which has tests of its own)."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import scratchml
from scratchml.linear_model import LinearRegression


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4)) + np.array([0.0, 1.0, -2.0, 5.0])
    y = X @ [1.0, 0.0, -2.0, 0.5] + 3.0 + 0.1 * rng.standard_normal(60)
    return X, y


def test_the_first_listing_of_every_tutorial():
    np.random.seed(0)  # noqa: NPY002
    X = np.random.rand(100, 1)  # noqa: NPY002
    y = 3 * X + np.random.rand(100, 1)  # noqa: NPY002
    model = LinearRegression()
    model.fit(X, y)
    pred = model.predict(X)
    assert pred.shape == (100, 1)
    assert model.coef_.shape == (1, 1)
    assert model.coef_[0, 0] == pytest.approx(3.0, abs=0.2)
    assert model.intercept_.shape == (1,)


def test_shapes_and_types(data):
    X, y = data
    model = LinearRegression().fit(X, y)
    assert model.coef_.shape == (4,)
    assert isinstance(model.intercept_, float)
    assert model.rank_ == 4
    assert model.predict(X).shape == (60,)
    model.fit(X, np.column_stack([y, -y]))
    assert model.coef_.shape == (2, 4)
    assert model.intercept_.shape == (2,)
    assert model.predict(X).shape == (60, 2)
    assert LinearRegression(fit_intercept=False).fit(X, y).intercept_ == 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(data, dtype):
    X, y = (a.astype(dtype) for a in data)
    model = LinearRegression().fit(X, y)
    assert model.coef_.dtype == model.singular_.dtype == model.predict(X).dtype == dtype
    np.testing.assert_allclose(
        model.coef_, LinearRegression().fit(*data).coef_, atol=1e3 * np.finfo(dtype).eps
    )


@pytest.mark.parametrize("shape", [(30, 5), (5, 30), (6, 6)])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_singular_values_are_computed_when_asked_for(shape, fit_intercept):
    rng = np.random.default_rng(1)
    X, y, w = rng.standard_normal(shape) + 1, rng.standard_normal(shape[0]), rng.random(shape[0])
    model = LinearRegression(fit_intercept=fit_intercept).fit(X, y, w)
    mean = w @ X / w.sum() if fit_intercept else 0.0
    A = np.sqrt(w)[:, None] * (X - mean)
    assert model.singular_.shape == (min(shape),)
    np.testing.assert_allclose(model.singular_, np.linalg.svd(A, compute_uv=False), atol=1e-14)
    copies = (pickle.loads(pickle.dumps(model)), copy.deepcopy(model))
    for other in copies:
        assert (other.singular_ == model.singular_).all()


def test_singular_values_survive_a_model_file(data, tmp_path):
    model = LinearRegression().fit(*data)
    scratchml.save(model, tmp_path / "m.model")
    assert (scratchml.load(tmp_path / "m.model").singular_ == model.singular_).all()


def test_positive(data):
    X, y = data
    model = LinearRegression(positive=True).fit(X, np.column_stack([y, -y]))
    assert (model.coef_ >= 0).all()
    assert (model.coef_ == 0).any(axis=1).all()
    assert model.certificate_["violation"] < 1e-12
    assert model.certificate_["converged"]
    for name in ("rank_", "singular_"):
        assert not hasattr(model, name)
    all_negative = LinearRegression(positive=True).fit(X[:, :1], -X[:, 0])
    assert all_negative.coef_[0] == 0.0
    assert all_negative.intercept_ == pytest.approx(-X[:, 0].mean())


def test_the_certificate_is_plain_and_good(data):
    certificate = LinearRegression().fit(*data).certificate_
    assert certificate["method"] == "cholesky, tall"
    assert certificate["condition"] < 3
    assert certificate["orthogonality"] < 1e-15
    assert certificate["digits"] > 14
    assert all(type(v) in (int, float, str) for v in certificate.values())


def test_a_model_is_what_its_last_fit_made_it(data):
    X, y = data
    again = LinearRegression().fit(X[:, :2], -y).fit(X, y)
    fresh = LinearRegression().fit(X, y)
    assert vars(again).keys() == vars(fresh).keys()
    assert (again.coef_ == fresh.coef_).all()
    with pytest.raises(ValueError, match="NaN"):
        again.fit(X * np.nan, y)
    assert (again.coef_ == fresh.coef_).all()
    swapped = again.set_params(positive=True).fit(X, y)
    assert not hasattr(swapped, "singular_")


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("p", [1, 3])
def test_as_few_samples_as_can_be(n, p):
    X, y = np.arange(1.0, n * p + 1).reshape(n, p), np.arange(1.0, n + 1)
    for fit_intercept in (True, False):
        model = LinearRegression(fit_intercept=fit_intercept).fit(X, y)
        np.testing.assert_allclose(model.predict(X), y, rtol=1e-14)


def test_fits_and_predicts_without_numba(data):
    code = """
import sys
import numpy as np
from scratchml.linear_model import LinearRegression, Ridge, RidgeCV
rng = np.random.default_rng(0)
X, y = rng.standard_normal((200, 5)), rng.standard_normal(200)
X[:, 4] = X[:, 0] + 1e-9 * X[:, 1]      # the QR route too
for model in (LinearRegression(), LinearRegression(positive=True), Ridge(), RidgeCV()):
    for rows in (slice(None), slice(4)):
        model.fit(X[rows], y[rows]).predict(X)
assert "numba" not in sys.modules and "scipy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


BAD = [
    ("X", np.nan, ValueError, "Input X contains NaN"),
    ("X", np.inf, ValueError, "Input X contains infinity"),
    ("y", np.nan, ValueError, "Input y contains NaN"),
    ("y", np.inf, ValueError, "Input y contains infinity"),
]


@pytest.mark.parametrize(("where", "value", "error", "message"), BAD)
def test_bad_values(data, where, value, error, message):
    X, y = (a.copy() for a in data)
    {"X": X, "y": y}[where][3] = value
    with pytest.raises(error, match=message):
        LinearRegression().fit(X, y)


def test_bad_arguments(data):
    X, y = data
    cases = [
        ((X[:5], y[:4]), ValueError, "inconsistent numbers of samples"),
        ((X[0], y[0]), ValueError, "Expected 2D array"),
        ((X[:0], y[:0]), ValueError, "0 sample"),
        ((X, None), ValueError, "y is None"),
        ((X.astype(str), y), ValueError, "strings"),
        ((X + 1j, y), ValueError, "Complex"),
        ((X, y, -np.ones(60)), ValueError, "Negative values in data passed to `sample_weight`"),
        ((X, y, np.zeros(60)), ValueError, "sample_weight.*zero"),
        ((X, y, np.ones(59)), ValueError, "sample_weight.shape"),
    ]
    for arguments, error, message in cases:
        with pytest.raises(error, match=message):
            LinearRegression().fit(*arguments)
    for name, value in (("fit_intercept", "yes"), ("positive", 2), ("tol", -1.0), ("n_jobs", 1.5)):
        with pytest.raises(ValueError, match=f"'{name}' parameter of LinearRegression"):
            LinearRegression(**{name: value}).fit(X, y)
    model = LinearRegression()
    with pytest.raises(scratchml._core.exceptions.NotFittedError, match="not fitted"):
        model.predict(X)
    with pytest.raises(ValueError, match="X has 3 features.*expecting 4"):
        model.fit(X, y).predict(X[:, :3])


@pytest.mark.peer
@pytest.mark.parametrize("shape", [(50, 4), (4, 50), (20, 20)])
@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_beside_scikit_learn(shape, positive, weighted):
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(2)
    X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 2))
    w = rng.random(shape[0]) if weighted else None
    ours = LinearRegression(positive=positive).fit(X, Y, w)
    theirs = linear_model.LinearRegression(positive=positive).fit(X, Y, w)
    if positive:  # with n < p many coefficients fit alike, and the choice differs
        u = np.ones(shape[0]) if w is None else w
        losses = [u @ (Y - m.predict(X)) ** 2 for m in (ours, theirs)]
        np.testing.assert_allclose(losses[0], losses[1], rtol=1e-8, atol=1e-12)
        return
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(ours.singular_, theirs.singular_, atol=1e-12)
    assert ours.rank_ == theirs.rank_
