"""LogisticRegression: optimality, invariances, bad input, and scikit-learn beside it."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
from scratchml._core.exceptions import ConvergenceWarning
from scratchml.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from scratchml.linear_model import LogisticRegression
from scratchml.linear_model.logistic_loss import definition


def labels(n, p, K, seed=0):
    """Rows whose classes overlap, every class present."""
    random = np.random.default_rng(seed)
    X = random.standard_normal((n, p))
    scores = X @ random.standard_normal((p, K)) + 2 * random.gumbel(size=(n, K))
    y = scores.argmax(axis=1)
    y[:K] = np.arange(K)
    return X, y


def coefficients(model):
    return np.hstack([model.coef_, model.intercept_[:, None]])


def subgradient(model, X, y, sample_weight=None):
    """The least subgradient of the mean objective, from the definition."""
    w = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, float)
    B = coefficients(model).astype(np.float64)
    codes = np.searchsorted(model.classes_, y)
    _, G, _ = definition(np.asarray(X, np.float64), codes, w / w.sum(), B)
    coef, g = B[:, :-1], G[:, :-1]
    strength = 0.0 if np.isinf(model.C) else 1 / (model.C * w.sum())
    l1 = model.l1_ratio * strength
    g = g + (1 - model.l1_ratio) * strength * coef
    at_zero = np.sign(g) * np.maximum(np.abs(g) - l1, 0)
    G[:, :-1] = np.where(coef != 0, g + l1 * np.sign(coef), at_zero)
    return G if model.fit_intercept else G[:, :-1]


# ---------------------------------------------------------------- optimality


@given(
    n=st.integers(4, 60),
    p=st.integers(1, 8),
    K=st.integers(2, 4),
    C=st.sampled_from([1e-3, 0.1, 1.0, 100.0]),
    l1_ratio=st.sampled_from([0.0, 0.0, 0.4, 1.0]),
    fit_intercept=st.booleans(),
    weighted=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_certificate_on_random_problems(n, p, K, C, l1_ratio, fit_intercept, weighted, seed):
    X, y = labels(max(n, K), p, K, seed)
    w = np.random.default_rng(seed).random(len(y)) + 0.01 if weighted else None
    model = LogisticRegression(C=C, l1_ratio=l1_ratio, fit_intercept=fit_intercept, tol=1e-9)
    model.set_params(max_iter=1000).fit(X, y, sample_weight=w)
    G = subgradient(model, X, y, w)
    assert np.abs(G).max() <= 1e-8
    assert model.certificate_["gradient"] == pytest.approx(np.abs(G).max(), abs=1e-11)
    assert 0 <= model.certificate_["gap"] <= 1e-12


@pytest.mark.parametrize("solver", ["auto", "lbfgs", "newton-cholesky"])
@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_solvers_meet_their_tolerance_on_unscaled_data(load, solver):
    X, y = load(return_X_y=True)
    model = LogisticRegression(solver=solver, tol=1e-6, max_iter=500).fit(X, y)
    assert np.abs(subgradient(model, X, y)).max() <= 1e-6


def test_digits_objective_and_pinned_counts():
    X, y = load_digits(return_X_y=True)
    model = LogisticRegression().fit(X, y)
    # 17.0323521813 / 1797 to all digits shown, from scikit-learn's newton-cholesky at tol=1e-12
    assert model.certificate_["objective"] == pytest.approx(17.0323521813 / 1797, rel=1e-6)
    assert model.n_iter_.tolist() == [10]
    assert model.score(X, y) == 1.0
    X, y = load_breast_cancer(return_X_y=True)
    assert LogisticRegression().fit(X, y).n_iter_.tolist() == [9]
    assert LogisticRegression(l1_ratio=1.0).fit(X, y).n_iter_.tolist() == [9]


def test_two_classes_by_softmax():
    """Softmax with coefficients b / 2 and -b / 2 is the sigmoid of b, its penalty half as large."""
    X, y = labels(80, 3, 2)
    binary = LogisticRegression(C=1.0, tol=1e-10).fit(X, y)
    B = coefficients(binary)
    half = np.vstack([-B, B]) / 2
    w = np.full(80, 1 / 80)
    _, G, _ = definition(X, y, w, half)
    G[:, :3] += 2.0 / 80 * half[:, :3]  # so twice the strength is the optimum of the pair
    np.testing.assert_allclose(G, 0, atol=1e-9)


def test_glmnet_values():
    """R's glmnet, alpha=0, lambda=1, standardize=F; thresh=1e-10 bounds a squared change."""
    X = np.array([[-4, -3, -2, -1, 0, 1, 2, 3, 4], [0, 0, 1, 0, 1, 1, 1, 0, 0]]).T
    y = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1])
    model = LogisticRegression(C=1 / 9, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(model.intercept_, 0.89230405539, rtol=1e-6)
    np.testing.assert_allclose(model.coef_, [[0.44464569182, 0.01457563448]], rtol=1e-6)


# ---------------------------------------------------------------- invariances


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
@pytest.mark.parametrize("K", [2, 3])
def test_integer_weights_are_repeated_rows(K, l1_ratio):
    X, y = labels(60, 4, K)
    w = np.random.default_rng(1).integers(0, 4, 60)
    w[:K] = 1
    options = {"tol": 1e-10, "l1_ratio": l1_ratio}
    weighted = LogisticRegression(**options).fit(X, y, sample_weight=w)
    repeated = LogisticRegression(**options).fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    np.testing.assert_allclose(coefficients(weighted), coefficients(repeated), atol=1e-7)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
@pytest.mark.parametrize("K", [2, 3])
def test_columns_and_labels_can_be_permuted(K, l1_ratio):
    X, y = labels(70, 5, K)
    model = LogisticRegression(tol=1e-10, l1_ratio=l1_ratio).fit(X, y)
    order = np.array([3, 0, 4, 2, 1])
    other = LogisticRegression(tol=1e-10, l1_ratio=l1_ratio).fit(X[:, order], y)
    np.testing.assert_allclose(other.coef_, model.coef_[:, order], atol=1e-7)
    names = np.array(["ant", "bee", "cat"])  # sorted as 0, 1, 2 are
    named = LogisticRegression(tol=1e-10, l1_ratio=l1_ratio).fit(X, names[y])
    np.testing.assert_array_equal(named.coef_, model.coef_)
    assert named.predict(X[:5]).tolist() == names[model.predict(X[:5])].tolist()
    if l1_ratio == 0:
        swapped = LogisticRegression(tol=1e-10).fit(X, -y)
        mirror = -model.coef_ if K == 2 else model.coef_[::-1]
        np.testing.assert_allclose(swapped.coef_, mirror, atol=1e-7)


def test_class_weights():
    X, y = labels(90, 3, 3)
    keep = np.r_[0:10, np.flatnonzero(y != 0)]
    X, y = X[keep], y[keep]
    given_weights = LogisticRegression(tol=1e-9, class_weight={0: 3.0, 1: 1.0, 2: 0.5}).fit(X, y)
    w = np.array([3.0, 1.0, 0.5])[y]
    by_row = LogisticRegression(tol=1e-9).fit(X, y, sample_weight=w)
    np.testing.assert_allclose(given_weights.coef_, by_row.coef_, atol=1e-9)
    balanced = LogisticRegression(tol=1e-9, class_weight="balanced").fit(X, y)
    w = (len(y) / (3 * np.bincount(y)))[y]
    by_row = LogisticRegression(tol=1e-9).fit(X, y, sample_weight=w)
    np.testing.assert_allclose(balanced.coef_, by_row.coef_, atol=1e-9)


def test_a_class_without_weight_is_never_predicted():
    X, y = labels(90, 3, 3)
    model = LogisticRegression(class_weight={0: 1, 1: 1, 2: 0}).fit(X, y)
    assert set(model.predict(X).tolist()) == {0, 1}
    two = LogisticRegression(class_weight={0: 0, 1: 1}).fit(X, (y > 0).astype(int))
    assert set(two.predict(X).tolist()) == {1}


def test_same_bits_for_any_number_of_threads():
    for K in (2, 3):
        X, y = labels(30_000, 40, K)
        found = []
        for threads in (1, 2, 8):
            with scratchml.set_num_threads(threads):
                found.append(coefficients(LogisticRegression().fit(X, y)).tobytes())
        assert len(set(found)) == 1


# ---------------------------------------------------------------- shapes of data


def test_float32_is_kept_and_as_good_as_its_digits():
    X, y = labels(200, 4, 3)
    double = LogisticRegression().fit(X, y)
    single = LogisticRegression().fit(X.astype(np.float32), y)
    assert single.coef_.dtype == single.intercept_.dtype == np.float32
    assert single.predict_proba(X[:2].astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(single.coef_, double.coef_, atol=1e-4)


def test_any_memory_layout_is_read_and_left_alone():
    X, y = labels(50, 4, 2)
    expected = coefficients(LogisticRegression().fit(X, y))
    wide = np.zeros((100, 8))
    wide[::2, ::2] = X
    read_only = X.copy()
    read_only.flags.writeable = False
    for array in (np.asfortranarray(X), wide[::2, ::2], read_only, X.tolist()):
        before = np.array(array)
        model = LogisticRegression().fit(array, y)
        np.testing.assert_array_equal(coefficients(model), expected)
        np.testing.assert_array_equal(np.array(array), before)
        model.predict_proba(array)


@pytest.mark.parametrize("l1_ratio", [0.0, 1.0])
def test_hard_shapes(l1_ratio):
    random = np.random.default_rng(0)
    for X, y in (
        (random.standard_normal((10, 40)), np.arange(10) % 2),  # n < p
        (np.ones((6, 2)), np.array([0, 1, 1, 0, 1, 1])),  # constant columns
        (np.zeros((6, 1)), np.arange(6) % 3),  # nothing to learn from
        (random.standard_normal((5, 2)), np.arange(5)),  # one row a class
        (1e200 * np.array([[1.0], [2.0], [-1.0]]), np.array([0, 1, 1])),
        (np.array([[0.0], [1.0]]), np.array([0, 1])),
    ):
        model = LogisticRegression(l1_ratio=l1_ratio, max_iter=500)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # 1e200 may not reach tol
            model.fit(X, y)
        P = model.predict_proba(X)
        assert np.isfinite(coefficients(model)).all()
        np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-14)
    model = LogisticRegression(l1_ratio=l1_ratio).fit(np.ones((6, 2)), [0, 1, 1, 0, 1, 1])
    np.testing.assert_allclose(model.predict_proba([[1, 1]]), [[1 / 3, 2 / 3]], atol=1e-4)


@pytest.mark.parametrize("K", [2, 3])
def test_separable_classes_without_a_penalty_are_told(K):
    X = np.repeat(np.eye(K), 4, axis=0) + 0.01 * np.arange(4 * K)[:, None]
    y = np.repeat(np.arange(K), 4)
    with pytest.warns(ConvergenceWarning, match="linearly separable"):
        model = LogisticRegression(C=np.inf).fit(X, y)
    assert np.isfinite(coefficients(model)).all()
    assert (model.predict(X) == y).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LogisticRegression(C=1e6).fit(X, y)  # a penalty makes the minimum exist
        X, y = labels(100, 2, K)
        LogisticRegression(C=np.inf).fit(X, y)


# ---------------------------------------------------------------- prediction


@pytest.mark.parametrize("K", [2, 3])
def test_probabilities_agree_with_each_other(K):
    X, y = labels(100, 3, K)
    model = LogisticRegression(C=100).fit(X, y)
    P, L, scores = model.predict_proba(X), model.predict_log_proba(X), model.decision_function(X)
    np.testing.assert_allclose(np.exp(L), P, rtol=1e-13)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_array_equal(model.classes_[P.argmax(axis=1)], model.predict(X))
    assert scores.shape == ((100,) if K == 2 else (100, K))
    far = model.predict_log_proba(1e6 * X)
    assert np.isfinite(far).all()
    assert far.min() < -1e4  # where the probability itself is zero


# ---------------------------------------------------------------- parameters and state


def test_warm_start_begins_where_the_last_fit_ended():
    X, y = load_digits(return_X_y=True)
    cold = LogisticRegression(solver="lbfgs", max_iter=1000).fit(X, y)
    warm = LogisticRegression(solver="lbfgs", max_iter=1000, warm_start=True).fit(X, y)
    np.testing.assert_array_equal(warm.coef_, cold.coef_)
    warm.set_params(C=0.9).fit(X, y)
    assert warm.n_iter_[0] < cold.n_iter_[0]
    before = warm.coef_
    with pytest.raises(ValueError, match="warm_start"):
        warm.fit(X[:, :5], y)
    assert warm.coef_ is before
    again = LogisticRegression().fit(X, y)
    once = coefficients(again)
    np.testing.assert_array_equal(coefficients(again.fit(X, y)), once)


def test_max_iter():
    X, y = load_digits(return_X_y=True)
    for solver in ("auto", "lbfgs"):
        with pytest.warns(ConvergenceWarning, match="failed to converge after 2 iteration"):
            model = LogisticRegression(max_iter=2, solver=solver).fit(X, y)
        assert model.n_iter_.dtype == np.int32
    with pytest.warns(ConvergenceWarning):
        model = LogisticRegression(max_iter=0).fit(X, y)
    assert not model.coef_.any()


def test_verbose_says_how_it_ended(capsys):
    X, y = labels(30, 2, 2)
    LogisticRegression(verbose=1).fit(X, y)
    assert "newton-cholesky: converged after" in capsys.readouterr().out
    LogisticRegression().fit(X, y)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"C": 0}, "'C' parameter of LogisticRegression must be a float in the range"),
        ({"C": -1.0}, "Got -1.0"),
        ({"l1_ratio": 1.5}, "'l1_ratio'"),
        ({"l1_ratio": None}, "'l1_ratio'"),
        ({"solver": "saga"}, "'auto', 'lbfgs', 'newton-cholesky'.*Got 'saga'"),
        ({"solver": "lbfgs", "l1_ratio": 0.5}, "Solver lbfgs supports only .* got l1_ratio=0.5"),
        ({"max_iter": 1.5}, "'max_iter'"),
        ({"tol": -1}, "'tol'"),
        ({"class_weight": "even"}, "'class_weight'"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    X, y = labels(20, 2, 2)
    with pytest.raises(ValueError, match=message):
        LogisticRegression(**parameters).fit(X, y)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X, np.zeros(20)), "at least 2 classes in y, but y contains only one class"),
        (lambda X, y: (X, y + 0.5 * np.arange(20)), "Unknown label type: continuous"),
        (lambda X, y: (X[:5], y), "inconsistent numbers of samples"),
        (lambda X, y: (np.where(X > 1, np.nan, X), y), "NaN"),
        (lambda X, y: (X[:, 0], y), "Expected 2D array"),
    ],
)
def test_bad_data_leave_the_fitted_state_whole(change, message):
    X, y = labels(20, 2, 2)
    model = LogisticRegression().fit(X, y)
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match=message):
        model.fit(*change(X, y))
    assert pickle.dumps(model) == before


def test_an_interrupted_fit_leaves_the_fitted_state_whole(monkeypatch):
    X, y = labels(20, 2, 2)
    model = LogisticRegression().fit(X, y)
    before = pickle.dumps(model)

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("scratchml.linear_model.logistic_regression.fit_logistic", interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert pickle.dumps(model) == before


def test_weights_that_leave_nothing():
    X, y = labels(20, 2, 2)
    with pytest.raises(ValueError, match="zero"):
        LogisticRegression().fit(X, y, sample_weight=np.zeros(20))
    with pytest.raises(ValueError, match="sample_weight and class_weight.*zero"):
        LogisticRegression(class_weight={0: 0, 1: 0}).fit(X, y)


# ---------------------------------------------------------------- scikit-learn


@pytest.mark.peer
@pytest.mark.parametrize("K", [2, 4])
@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_same_solution_as_scikit_learn(K, C):
    peer = pytest.importorskip("sklearn.linear_model")
    X, y = labels(150, 5, K)
    w = np.random.default_rng(2).random(150)
    ours = LogisticRegression(C=C, tol=1e-10).fit(X, y, sample_weight=w)
    theirs = peer.LogisticRegression(C=C, tol=1e-10, solver="newton-cholesky")
    theirs.fit(X, y, sample_weight=w)
    np.testing.assert_allclose(coefficients(ours), coefficients(theirs), atol=1e-7)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-8)
    assert ours.predict(X).tolist() == theirs.predict(X).tolist()


@pytest.mark.peer
@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("l1_ratio", [0.3, 1.0])
def test_same_elastic_net_as_scikit_learn(K, l1_ratio):
    peer = pytest.importorskip("sklearn.linear_model")
    X, y = labels(100, 4, K)
    ours = LogisticRegression(C=0.2, l1_ratio=l1_ratio, tol=1e-10).fit(X, y)
    options = {"solver": "saga", "tol": 1e-10, "max_iter": 10_000, "random_state": 0}
    theirs = peer.LogisticRegression(C=0.2, l1_ratio=l1_ratio, **options).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
