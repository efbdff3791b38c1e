"""Lasso and ElasticNet as users see them, and beside scikit-learn's."""

import pickle
import warnings

import numpy as np
import pytest

from scratchml._core.exceptions import ConvergenceWarning
from scratchml.datasets import load_diabetes, make_regression
from scratchml.linear_model import ElasticNet, Lasso

BOTH = (Lasso, ElasticNet)


def make(n=60, p=20, targets=1, seed=0, noise=1.0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + 3
    B = np.where(rng.random((p, targets)) < 0.4, rng.standard_normal((p, targets)), 0)
    Y = X @ B + 7 + noise * rng.standard_normal((n, targets))
    return X, Y[:, 0] if targets == 1 else Y


def objective(model, X, y, weight=None):
    """Return the documented objective, from the documented formula."""
    squares = (y - model.predict(X)) ** 2
    b = model.coef_
    return (
        0.5 * np.average(squares, weights=weight)
        + model.alpha * model.l1_ratio * np.abs(b).sum()
        + 0.5 * model.alpha * (1 - model.l1_ratio) * b @ b
    )


@pytest.mark.parametrize("shape", [(60, 20), (20, 60), (40, 300)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize("l1_ratio", [1.0, 0.5, 0.0])
def test_optimal_and_within_its_gap(shape, weighted, fit_intercept, l1_ratio):
    X, y = make(*shape)
    weight = np.random.default_rng(1).random(len(X)) if weighted else None
    model = ElasticNet(0.1, l1_ratio=l1_ratio, fit_intercept=fit_intercept, tol=1e-13)
    model.set_params(max_iter=100_000).fit(X, y, weight)
    best = objective(model, X, y, weight)
    centre = np.average(y, weights=weight) if fit_intercept else 0
    assert model.dual_gap_ <= 1e-13 * np.average((y - centre) ** 2, weights=weight)
    rng = np.random.default_rng(2)
    coef, intercept = model.coef_.copy(), model.intercept_
    for scale in (1e-4, 1e-2):
        for _ in range(10):
            model.coef_ = coef + scale * rng.standard_normal(len(coef)) * (
                rng.random(len(coef)) < 0.3
            )
            model.intercept_ = intercept + scale * rng.standard_normal() * fit_intercept
            assert objective(model, X, y, weight) >= best - 1e-12 * abs(best)


def test_looser_fit_is_within_its_gap_of_the_best():
    X, y = load_diabetes(return_X_y=True)
    best = Lasso(0.01, tol=1e-12).fit(X, y)
    loose = Lasso(0.01, tol=1e-2).fit(X, y)
    assert 0 <= objective(loose, X, y) - objective(best, X, y) <= loose.dual_gap_
    assert loose.dual_gap_ <= 1e-2 * y.var()


@pytest.mark.parametrize("shape", [(60, 20), (20, 60), (2000, 300)])
@pytest.mark.parametrize("targets", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_certificate(shape, targets, weighted):
    X, Y = make(*shape, targets=targets)
    weight = np.random.default_rng(1).random(len(X)) if weighted else None
    model = ElasticNet(0.1, l1_ratio=0.7, tol=1e-3).fit(X, Y, weight)
    best = ElasticNet(0.1, l1_ratio=0.7, tol=1e-13).fit(X, Y, weight)
    for k, y in enumerate(Y.reshape(len(X), -1).T):
        one, least = (
            {name: np.atleast_1d(value)[k] for name, value in m.certificate_.items()}
            for m in (model, best)
        )
        alone = ElasticNet(0.1, l1_ratio=0.7)
        alone.coef_ = np.atleast_2d(model.coef_)[k]
        alone.intercept_ = np.atleast_1d(model.intercept_)[k]
        assert one["objective"] == pytest.approx(objective(alone, X, y, weight), rel=1e-12)
        assert one["gap"] == np.atleast_1d(model.dual_gap_)[k]
        assert one["lower_bound"] == one["objective"] - one["gap"]
        assert one["lower_bound"] <= least["objective"] <= one["objective"] + 1e-12
        variance = np.average((y - np.average(y, weights=weight)) ** 2, weights=weight)
        assert one["relative_gap"] == pytest.approx(one["gap"] / variance, rel=1e-12)
        assert one["relative_gap"] <= 1e-3
    plain = float if targets == 1 else list
    assert all(type(value) is plain for value in model.certificate_.values())


def test_certificate_where_nothing_is_bounded_or_left():
    X, y = make()
    assert Lasso(0.0).fit(X, y).certificate_["lower_bound"] == -np.inf
    expected = {"objective": 0.0, "gap": 0.0, "relative_gap": 0.0, "lower_bound": 0.0}
    assert Lasso().fit(X, np.full(len(X), 4.0)).certificate_ == expected


@pytest.mark.parametrize("estimator", BOTH)
def test_from_the_largest_alpha_on_nothing_is_left(estimator):
    X, y = make()
    ratio = estimator().l1_ratio
    most = np.abs((X - X.mean(axis=0)).T @ (y - y.mean())).max() / len(y) / ratio
    model = estimator(alpha=most * (1 + 1e-12)).fit(X, y)
    assert not model.coef_.any()
    assert model.intercept_ == pytest.approx(y.mean(), rel=1e-15)
    assert model.n_iter_ == 0
    assert estimator(alpha=0.98 * most, tol=1e-8).fit(X, y).coef_.any()


def test_alpha_zero_is_least_squares():
    X, y = make()
    model = Lasso(0.0, tol=1e-18).fit(X, y)
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y)[0]
    np.testing.assert_allclose(model.coef_, expected[:-1], rtol=1e-10)
    assert model.intercept_ == pytest.approx(expected[-1], rel=1e-10)


@pytest.mark.parametrize("positive", [False, True])
def test_lasso_is_the_elastic_net_without_l2(positive):
    X, y = make()
    lasso = Lasso(0.2, positive=positive).fit(X, y)
    net = ElasticNet(0.2, l1_ratio=1.0, positive=positive).fit(X, y)
    np.testing.assert_array_equal(lasso.coef_, net.coef_)
    assert not positive or lasso.coef_.min() >= 0
    assert lasso.l1_ratio == 1.0
    assert "l1_ratio" not in lasso.get_params()


@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_several_targets_are_fitted_one_by_one(shape):
    X, Y = make(*shape, targets=3)
    model = ElasticNet(0.1).fit(X, Y)
    assert model.coef_.shape == (3, shape[1])
    for k in range(3):
        alone = ElasticNet(0.1).fit(X, Y[:, k])
        np.testing.assert_allclose(model.coef_[k], alone.coef_, rtol=1e-12, atol=1e-14)
        assert model.intercept_[k] == pytest.approx(alone.intercept_)
        assert model.dual_gap_[k] == pytest.approx(alone.dual_gap_, abs=1e-14)
        assert model.n_iter_[k] == alone.n_iter_
    column = ElasticNet(0.1).fit(X, Y[:, :1])
    assert column.coef_.shape == (shape[1],)
    assert np.shape(column.intercept_) == (1,)


@pytest.mark.parametrize("shape", [(30, 5), (15, 40)])
def test_weights_count_as_repetitions_and_zero_removes(shape):
    X, y = make(*shape)
    counts = np.random.default_rng(3).integers(0, 4, shape[0])
    weighted = Lasso(0.05, tol=1e-13).fit(X, y, counts)
    repeated = Lasso(0.05, tol=1e-13).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-9, atol=1e-11)
    assert weighted.intercept_ == pytest.approx(repeated.intercept_)
    for same in (np.pi * counts, counts.astype(np.float32)):
        again = Lasso(0.05, tol=1e-13).fit(X, y, same)
        np.testing.assert_allclose(again.coef_, weighted.coef_, rtol=1e-9, atol=1e-11)
    ones, none = Lasso().fit(X, y, 2.5), Lasso().fit(X, y)
    np.testing.assert_allclose(ones.coef_, none.coef_, rtol=1e-12)


@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_precompute(shape):
    X, y = make(*shape)
    X -= X.mean(axis=0)
    expected = Lasso(0.1, tol=1e-13).fit(X, y)
    for precompute in (True, X.T @ X, (X.T @ X).tolist()):
        model = Lasso(0.1, tol=1e-13, precompute=precompute).fit(X, y)
        np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-9, atol=1e-12)
    wrong = X.T @ X
    wrong[3, 4] += 1
    with pytest.raises(ValueError, match=r"Gram matrix .* did not pass validation"):
        Lasso(precompute=wrong).fit(X, y)
    with pytest.raises(ValueError, match="precompute must have shape"):
        Lasso(precompute=np.eye(3)).fit(X, y)
    with pytest.warns(UserWarning, match="X was centered to fit intercept"):
        model = Lasso(0.1, tol=1e-13, precompute=X.T @ X).fit(X + 1, y)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_dtype_is_kept(shape, dtype):
    X, y = make(*shape)
    exact = Lasso(0.1, tol=1e-10).fit(X, y)
    model = Lasso(0.1, tol=1e-5).fit(X.astype(dtype), y.astype(dtype))
    assert model.coef_.dtype == model.predict(X.astype(dtype)).dtype == dtype
    np.testing.assert_allclose(model.predict(X), exact.predict(X), atol=0.03)


@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_layouts_give_the_same_and_inputs_are_not_written(shape):
    X, y = make(*shape)
    weight = np.random.default_rng(0).random(len(X))
    expected = Lasso(0.1, tol=1e-12).fit(X, y, weight)
    wide = np.zeros((2 * shape[0], 2 * shape[1]))
    wide[::2, ::2] = X
    for layout in (np.asfortranarray(X), wide[::2, ::2], X[::-1].copy()[::-1]):
        layout.flags.writeable = False
        before = layout.copy()
        model = Lasso(0.1, tol=1e-12).fit(layout, y, weight)
        np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(layout, before)


def test_copy_x_is_without_effect():
    X, y = make(20, 60)
    fortran = np.asfortranarray(X)
    model = Lasso(0.1, copy_X=False).fit(fortran, y)
    np.testing.assert_array_equal(model.coef_, Lasso(0.1).fit(fortran, y).coef_)
    np.testing.assert_array_equal(fortran, X)


@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_shift_of_the_columns_moves_the_intercept_only(shape):
    X, y = make(*shape)
    plain = Lasso(0.1, tol=1e-13).fit(X, y)
    shift = np.linspace(-1e6, 1e6, shape[1])
    moved = Lasso(0.1, tol=1e-13).fit(X + shift, y + 5)
    np.testing.assert_allclose(moved.coef_, plain.coef_, atol=1e-8)  # X itself loses 6 digits
    np.testing.assert_allclose(moved.predict(X + shift), plain.predict(X) + 5, atol=1e-6)


def test_constant_column_and_constant_target():
    X, y = make(30, 5)
    X[:, 2] = 0.1
    for alpha in (0.0, 1e-6, 0.1):
        assert Lasso(alpha).fit(X, y).coef_[2] == 0
    model = Lasso().fit(X, np.full(30, 4.0))
    assert not model.coef_.any()
    assert (model.intercept_, model.dual_gap_, model.n_iter_) == (4.0, 0.0, 0)


@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_warm_start(shape):
    X, y = make(*shape)
    model = Lasso(0.1, warm_start=True, tol=1e-10).fit(X, y)
    first = model.coef_.copy()
    model.fit(X, y)
    assert model.n_iter_ == 0
    np.testing.assert_array_equal(model.coef_, first)
    model.set_params(alpha=0.09).fit(X, y)
    cold = Lasso(0.09, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(model.coef_, cold.coef_, rtol=1e-7, atol=1e-9)
    assert model.n_iter_ <= cold.n_iter_
    with pytest.raises(ValueError, match=r"warm_start=True continues a fit of coef_"):
        model.fit(X[:, :3], y)
    assert model.coef_.shape == (shape[1],)
    model.set_params(positive=True).fit(X, y)
    assert model.coef_.min() >= 0


def test_a_second_fit_equals_a_fresh_one_and_leaves_parameters():
    X, y = make()
    model = ElasticNet(0.1)
    params = model.get_params()
    model.fit(X[:30], y[:30])
    earlier = model.coef_
    model.fit(X, y)
    assert model.get_params() == params
    assert model.coef_ is not earlier
    np.testing.assert_array_equal(model.coef_, ElasticNet(0.1).fit(X, y).coef_)


def test_a_failed_fit_leaves_the_earlier_one():
    X, y = make()
    model = Lasso(0.1).fit(X, y)
    before = pickle.dumps(model.__dict__)
    for bad in (X * np.nan, X * 1e200, X[:10]):
        with pytest.raises(ValueError):
            model.fit(bad, y)
    with pytest.raises(ValueError, match="precompute must have shape"):
        model.set_params(precompute=np.eye(2)).fit(X, y)
    model.set_params(precompute=False)
    assert pickle.dumps(model.__dict__) == before


@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_random_selection(shape):
    X, y = make(*shape)
    cyclic = Lasso(0.1, tol=1e-12).fit(X, y)
    runs = [
        Lasso(0.1, tol=1e-12, selection="random", random_state=seed).fit(X, y) for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(runs[0].coef_, runs[1].coef_)
    for run in runs:
        np.testing.assert_allclose(run.coef_, cyclic.coef_, rtol=1e-7, atol=1e-9)
    for seed in (np.random.RandomState(0), np.random.default_rng(0), None):
        Lasso(0.1, selection="random", random_state=seed).fit(X, y)


def test_not_converged_is_a_warning_that_names_the_gap():
    X, y = make(20, 60)
    with pytest.warns(ConvergenceWarning, match=r"max_iter=1, .*Duality gap: \d.*tolerance: \d"):
        model = Lasso(1e-3, max_iter=1).fit(X, y)
    assert model.n_iter_ == 1
    assert model.dual_gap_ > 1e-4 * y.var()


@pytest.mark.parametrize(
    ("parameters", "rule"),
    [
        ({"alpha": -1}, "alpha"),
        ({"alpha": "a"}, "alpha"),
        ({"alpha": np.nan}, "alpha"),
        ({"l1_ratio": 1.1}, "l1_ratio"),
        ({"tol": -1e-3}, "tol"),
        ({"max_iter": 0}, "max_iter"),
        ({"max_iter": 1.5}, "max_iter"),
        ({"selection": "loop"}, "selection"),
        ({"positive": 2}, "positive"),
        ({"precompute": "auto"}, "precompute"),
    ],
)
def test_parameters_out_of_range(parameters, rule):
    with pytest.raises(ValueError, match=f"The '{rule}' parameter of ElasticNet must be"):
        ElasticNet(**parameters).fit([[0.0], [1.0]], [0.0, 1.0])


@pytest.mark.parametrize("scale", [1e155, 1e300])
def test_overflow_is_refused(scale):
    X, y = make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="non-finite parameter values"):
            Lasso().fit(X * scale, y)


# Beside scikit-learn.


def test_stored_figures():
    """Coefficients by scikit-learn 1.9.1, tol=1e-14, on the diabetes data."""
    X, y = load_diabetes(return_X_y=True)
    lasso = Lasso(0.5, tol=1e-12).fit(X, y)
    expected = [471.0135816440679, 136.51689768206285, -58.3400925132635, 408.02186538488877]
    np.testing.assert_allclose(lasso.coef_[[2, 3, 6, 8]], expected, rtol=1e-12)
    assert np.count_nonzero(lasso.coef_) == 4
    net = ElasticNet(0.01, l1_ratio=0.3, tol=1e-12).fit(X, y)
    expected = [
        32.227590274517304, -21.921319815262414, 173.84044270401037, 121.21386525481604,
        25.1113668865174, 8.0377735029544, -99.2200775369562, 90.27186363494941,
        154.7377298730434, 85.63896431254277,
    ]  # fmt: skip
    np.testing.assert_allclose(net.coef_, expected, rtol=1e-11)
    assert net.intercept_ == pytest.approx(152.133484162896, rel=1e-12)


@pytest.mark.peer
@pytest.mark.parametrize("shape", [(200, 10), (100, 60), (40, 200)])
@pytest.mark.parametrize("share", [0.5, 0.05])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"l1_ratio": 0.5},
        {"l1_ratio": 0.1, "positive": True},
        {"positive": True},
        {"fit_intercept": False},
        {"precompute": True},
        {"selection": "random", "random_state": 0},
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_scikit_learn(shape, share, options, weighted):
    theirs = pytest.importorskip("sklearn.linear_model")
    X, y = make_regression(*shape, n_informative=8, noise=5.0, random_state=0)
    X[:, 3] += 10
    weight = np.random.default_rng(0).random(len(X)) if weighted else None
    alpha = share * np.abs(X.T @ (y - y.mean())).max() / len(y)
    options = {"l1_ratio": 1.0, "alpha": alpha, "max_iter": 100_000, **options}
    peer = theirs.ElasticNet(**options, tol=1e-13).fit(X, y, weight)
    ours = ElasticNet(**options, tol=1e-13).fit(X, y, weight)
    scale = np.abs(peer.coef_).max()
    # their gap stops at the cancellation of its terms, about 1e-15 of ||y||^2
    np.testing.assert_allclose(ours.coef_, peer.coef_, atol=1e-6 * scale)
    assert ours.intercept_ == pytest.approx(peer.intercept_, abs=1e-6 * scale)


@pytest.mark.peer
def test_dual_gap_means_what_scikit_learns_does():
    theirs = pytest.importorskip("sklearn.linear_model")
    X, y = make(40, 100)
    for most in (1, 2, 3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            model = Lasso(0.2, max_iter=most, tol=1e-12).fit(X, y)
            peer = theirs.Lasso(0.2, max_iter=most, tol=1e6, warm_start=True)
            peer.coef_, peer.intercept_ = model.coef_.copy(), model.intercept_
            peer.fit(X, y)  # tol so large that it only evaluates the gap where it starts
        np.testing.assert_array_equal(peer.coef_, model.coef_)
        assert model.dual_gap_ == pytest.approx(peer.dual_gap_, rel=1e-9, abs=1e-13)
