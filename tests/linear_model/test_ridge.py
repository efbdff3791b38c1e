"""Ridge and RidgeCV: the estimators (their solvers are tested in test_least_squares)."""

import numpy as np
import pytest

from scratchml.linear_model import LinearRegression, Ridge, RidgeCV


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 6)) + 2.0
    return X, X @ np.arange(6.0) + rng.standard_normal(40)


def objective(model, X, y, w, alpha, nudge=0.0):
    r = y - X @ (model.coef_ + nudge) - model.intercept_
    return w @ r**2 + alpha * np.sum((model.coef_ + nudge) ** 2)


@pytest.mark.parametrize("solver", ["auto", "cholesky", "svd"])
@pytest.mark.parametrize("shape", [(40, 6), (6, 40)])
@pytest.mark.parametrize("alpha", [1e-8, 1.0, 1e4])
def test_gradient_is_zero(solver, shape, alpha):
    rng = np.random.default_rng(1)
    X, y, w = rng.standard_normal(shape) + 1, rng.standard_normal(shape[0]), rng.random(shape[0])
    model = Ridge(alpha, solver=solver).fit(X, y, w)
    r = w * (y - model.predict(X))
    assert abs(r.sum()) < 1e-12
    np.testing.assert_allclose(X.T @ r, alpha * model.coef_, atol=1e-11)
    assert model.solver_ == ("svd" if solver == "svd" else "cholesky")
    assert model.certificate_["orthogonality"] < 1e-14


@pytest.mark.parametrize("solver", ["auto", "svd"])
def test_without_penalty_it_is_least_squares(data, solver):
    model, ols = Ridge(0.0, solver=solver).fit(*data), LinearRegression().fit(*data)
    np.testing.assert_allclose(model.coef_, ols.coef_, rtol=1e-13)
    np.testing.assert_allclose(model.intercept_, ols.intercept_, rtol=1e-13)


def test_solvers_agree_on_collinear_data_with_a_vanishing_penalty():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((30, 3))
    X = np.hstack([X, X])
    y = X @ np.ones(6) + 0.1 * rng.standard_normal(30)
    expected = LinearRegression().fit(X, y)  # least norm: the limit for alpha -> 0
    for solver in ("auto", "svd"):
        model = Ridge(1e-18, solver=solver).fit(X, y)
        np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-12)


def test_huge_penalty_leaves_the_mean(data):
    model = Ridge(1e30).fit(*data)
    np.testing.assert_allclose(model.coef_, 0.0, atol=1e-25)
    assert model.intercept_ == pytest.approx(data[1].mean())


def test_penalty_per_target(data):
    X, y = data
    Y = np.column_stack([y, y, -y])
    model = Ridge([0.1, 1.0, 10.0]).fit(X, Y)
    for k, alpha in enumerate([0.1, 1.0, 10.0]):
        np.testing.assert_allclose(model.coef_[k], Ridge(alpha).fit(X, Y[:, k]).coef_, rtol=1e-12)
    with pytest.raises(ValueError, match="Number of targets and number of penalties"):
        Ridge([1.0, 2.0]).fit(X, Y)


def test_positive(data):
    X, y = data
    y = y - 10 * X[:, 0]
    model = Ridge(3.0, positive=True).fit(X, y)
    assert (model.coef_ >= 0).all()
    assert model.coef_[0] == 0.0
    assert model.solver_ == "active set"
    value = objective(model, X, y, np.ones(40), 3.0)
    for j in range(6):
        for size in (1e-4, -1e-4):
            nudge = size * np.eye(6)[j]
            if (model.coef_ + nudge >= 0).all():
                assert objective(model, X, y, np.ones(40), 3.0, nudge) > value
    with pytest.raises(ValueError, match="solver='svd' does not support positive=True"):
        Ridge(positive=True, solver="svd").fit(X, y)


def test_shapes(data):
    X, y = data
    model = Ridge().fit(X, y)
    assert model.coef_.shape == (6,)
    assert isinstance(model.intercept_, float)
    model.fit(X, y[:, None])
    assert model.coef_.shape == (6,)
    assert model.intercept_.shape == (1,)
    assert model.predict(X).shape == (40,)
    model.fit(X, np.column_stack([y, y]))
    assert model.coef_.shape == (2, 6)
    assert Ridge().fit(X.astype(np.float32), y).coef_.dtype == np.float32


def test_bad_arguments(data):
    X, y = data
    for params, message in (
        (
            {"alpha": -1.0},
            r"The 'alpha' parameter of Ridge must be a float in the range \[0.0, inf\)",
        ),
        ({"alpha": [1.0, -1.0]}, "correspond"),
        ({"alpha": [-1.0]}, "alpha must hold finite values of at least 0"),
        ({"alpha": [np.nan]}, "alpha must hold finite values"),
        ({"alpha": "big"}, "'alpha' parameter of Ridge"),
        ({"solver": "sag"}, "among {'auto', 'svd', 'cholesky'}. Got 'sag'"),
        ({"solver": "lsqr"}, "Got 'lsqr'"),
        ({"max_iter": 0}, "'max_iter' parameter"),
        ({"tol": -1}, "'tol' parameter"),
    ):
        with pytest.raises(ValueError, match=message):
            Ridge(**params).fit(X, y)


# ---------------------------------------------------------------------------------- RidgeCV


@pytest.mark.parametrize("gcv_mode", [None, "auto", "eigen", "svd"])
@pytest.mark.parametrize("shape", [(20, 4), (7, 15)])
@pytest.mark.parametrize("weighted", [True, False])
def test_leave_one_out_chooses_what_refitting_would(gcv_mode, shape, weighted):
    rng = np.random.default_rng(3)
    n = shape[0]
    X, y = rng.standard_normal(shape), rng.standard_normal(n)
    w = rng.random(n) + 0.5 if weighted else None
    alphas = [0.01, 1.0, 100.0]
    model = RidgeCV(alphas, gcv_mode=gcv_mode, store_cv_results=True).fit(X, y, w)
    errors = np.empty((n, 3))
    for i in range(n):
        rest = np.arange(n) != i
        for k, alpha in enumerate(alphas):
            left = Ridge(alpha).fit(X[rest], y[rest], None if w is None else w[rest])
            errors[i, k] = (y[i] - left.predict(X[[i]])[0]) ** 2 * (1.0 if w is None else w[i])
    np.testing.assert_allclose(model.cv_results_, errors, rtol=1e-9)
    best = errors.mean(axis=0).argmin()
    assert model.alpha_ == alphas[best]
    assert model.best_score_ == pytest.approx(-errors.mean(axis=0)[best])
    np.testing.assert_allclose(model.coef_, Ridge(model.alpha_).fit(X, y, w).coef_, rtol=1e-12)


def test_scoring_by_name_and_by_function(data):
    X, y = data
    plain = RidgeCV().fit(X, y)
    named = RidgeCV(scoring="neg_mean_squared_error").fit(X, y)
    assert named.alpha_ == plain.alpha_
    assert named.best_score_ == pytest.approx(plain.best_score_)
    own = RidgeCV(scoring=lambda model, X, y: -np.abs(y - model.predict(X)).max()).fit(X, y)
    errors = RidgeCV(store_cv_results=True).fit(X, y).cv_results_
    assert own.best_score_ == pytest.approx(-np.sqrt(errors.max(axis=0)).min())


def test_alpha_per_target():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((30, 5))
    Y = np.column_stack([X @ np.ones(5), rng.standard_normal(30)])  # a clean and a hopeless target
    model = RidgeCV([0.01, 1000.0], alpha_per_target=True).fit(X, Y)
    assert model.alpha_.tolist() == [0.01, 1000.0]
    assert model.best_score_.shape == (2,)
    scored = RidgeCV([0.01, 1000.0], alpha_per_target=True, scoring="r2").fit(X, Y)
    assert scored.alpha_.tolist() == [0.01, 1000.0]
    for k in range(2):
        one = Ridge(model.alpha_[k]).fit(X, Y[:, k])
        np.testing.assert_allclose(model.coef_[k], one.coef_, rtol=1e-12)


def test_stored_results_have_these_shapes(data):
    X, y = data
    assert RidgeCV(store_cv_results=True).fit(X, y).cv_results_.shape == (40, 3)
    two = RidgeCV(store_cv_results=True).fit(X, np.column_stack([y, y]))
    assert two.cv_results_.shape == (40, 2, 3)
    predictions = RidgeCV(store_cv_results=True, scoring="r2").fit(X, y).cv_results_
    assert np.corrcoef(predictions[:, 0], y)[0, 1] > 0.9
    assert not hasattr(RidgeCV().fit(X, y), "cv_results_")


def test_folds_instead_of_leave_one_out(data):
    from scratchml.model_selection import KFold, cross_val_score

    X, y = data
    alphas, folds = [1.0, 10.0, 100.0], KFold(4)
    model = RidgeCV(alphas, cv=folds).fit(X, y)
    scores = [cross_val_score(Ridge(a), X, y, cv=folds).mean() for a in alphas]
    assert model.best_score_ == pytest.approx(max(scores))
    assert model.alpha_ == alphas[int(np.argmax(scores))]
    assert RidgeCV([0.0, 1.0], cv=3).fit(X, y, np.ones(40)).alpha_ in (0.0, 1.0)


def test_bad_arguments_of_the_search(data):
    X, y = data
    for params, error, message in (
        ({"alphas": [1.0, -1.0]}, ValueError, r"alphas\[1\] == -1.0, must be > 0.0"),
        ({"alphas": [0.0]}, ValueError, r"alphas\[0\] == 0.0, must be > 0.0"),
        ({"alphas": [-1.0], "cv": 3}, ValueError, r"alphas\[0\] == -1.0, must be >= 0.0"),
        ({"alphas": [1.0, "2"]}, TypeError, r"alphas\[1\] must be an instance of float, not str"),
        ({"alphas": []}, ValueError, "at least one"),
        ({"alphas": -1.0}, ValueError, "'alphas' parameter of RidgeCV"),
        ({"scoring": "no such score"}, ValueError, "no such score"),
        ({"gcv_mode": "qr"}, ValueError, "'gcv_mode' parameter"),
        ({"cv": 3, "store_cv_results": True}, ValueError, "store_cv_results=True are incompatible"),
        ({"cv": 3, "alpha_per_target": True}, ValueError, "alpha_per_target=True are incompatible"),
    ):
        with pytest.raises(error, match=message):
            RidgeCV(**params).fit(X, y)


@pytest.mark.peer
@pytest.mark.parametrize("shape", [(30, 5), (5, 30)])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_beside_scikit_learn(shape, weighted, fit_intercept):
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(5)
    X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 2))
    w = rng.random(shape[0]) if weighted else None
    options = {"fit_intercept": fit_intercept}
    for name in ("Ridge", "RidgeCV"):
        ours = {"Ridge": Ridge, "RidgeCV": RidgeCV}[name](**options).fit(X, Y, w)
        theirs = getattr(linear_model, name)(**options).fit(X, Y, w)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-8, atol=1e-11)
    assert ours.alpha_ == theirs.alpha_
    assert ours.best_score_ == pytest.approx(theirs.best_score_, rel=1e-9)
