"""The choice of minimisers, and that they agree."""

import numpy as np
import pytest

from scratchml.linear_model.logistic_fit import bohning_inverse, fit_logistic, newton_pays
from scratchml.linear_model.logistic_hessian import hessian
from scratchml.linear_model.logistic_scores import (
    log_probabilities,
    probabilities,
    smallest_margin,
)


def problem(n, p, K, seed=0):
    random = np.random.default_rng(seed)
    X = random.standard_normal((n, p)) * 10.0 ** random.integers(-2, 3, p)
    y = random.integers(0, max(K, 2), n)
    return X, y, np.full(n, 1 / n)


@pytest.mark.kernel
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("ridge", [0.0, 1e-3])
@pytest.mark.parametrize("K", [1, 3])
def test_minimisers_agree(K, ridge, intercept):
    X, y, w = problem(150, 4, K)
    start = np.zeros((K, 4 + intercept))
    found = {
        method: fit_logistic(X, y, w, start, ridge=ridge, method=method, tol=1e-9, max_iter=500)
        for method in ("newton", "lbfgs", "auto")
    }
    scale = np.r_[X.std(axis=0), np.ones(int(intercept))]  # a column's coefficient times its spread
    for other in ("lbfgs", "auto"):
        np.testing.assert_allclose(
            found[other].x * scale, found["newton"].x * scale, rtol=1e-4, atol=1e-6
        )
        assert found[other].value == pytest.approx(found["newton"].value, rel=1e-13)
    assert found["newton"].n_iter <= 8
    if K > 1:
        assert np.abs(found["newton"].x.sum(axis=0) * scale).max() < 1e-12


@pytest.mark.kernel
def test_lbfgs_alone_where_the_bound_is_left_out(monkeypatch):
    X, y, w = problem(60, 3, 3)
    X /= np.abs(X).max(axis=0)
    bounded = fit_logistic(X, y, w, np.zeros((3, 4)), ridge=0.01, method="lbfgs", tol=1e-8)
    monkeypatch.setattr("scratchml.linear_model.logistic_fit.MOST_PRECONDITIONED", 1)
    plain = fit_logistic(X, y, w, np.zeros((3, 4)), ridge=0.01, method="lbfgs", tol=1e-8)
    np.testing.assert_allclose(plain.x, bounded.x, atol=1e-6)
    assert plain.n_iter != bounded.n_iter


@pytest.mark.kernel
def test_start_on_a_tenth_of_the_rows(monkeypatch):
    X, _, w = problem(2000, 4, 1)
    noise = np.random.default_rng(1).logistic(size=2000)
    y = (4 * (X / X.std(axis=0)).sum(axis=1) + noise > 0).astype(np.int64)
    usual = fit_logistic(X, y, w, np.zeros((1, 5)), ridge=0.0, tol=1e-8)
    monkeypatch.setattr("scratchml.linear_model.logistic_fit.MANY_ROWS", 100)
    short = fit_logistic(X, y, w, np.zeros((1, 5)), ridge=0.0, tol=1e-8)
    assert short.n_iter < usual.n_iter
    np.testing.assert_allclose(short.x, usual.x, rtol=1e-6, atol=1e-9)
    w = w * (np.arange(2000) % 10 != 0)  # no weight in that tenth
    assert fit_logistic(X, y, w / w.sum(), np.zeros((1, 5)), ridge=0.0).status == "converged"


@pytest.mark.kernel
@pytest.mark.parametrize("K", [1, 4])
def test_bohning_bounds_the_hessian(K):
    X, _, w = problem(80, 3, K)
    apply = bohning_inverse(X, w, K, 4, 0.1)
    inverse = np.array([apply(e) for e in np.eye(4 * K)])
    ridge = np.tile([0.1, 0.1, 0.1, 0.0], K)
    random = np.random.default_rng(0)
    for scale in (0.0, 0.01, 0.3):
        H = hessian(X, w, scale * random.standard_normal((K, 4))) + np.diag(ridge)
        # H <= M is the same as all eigenvalues of M^-1 H at most one
        assert np.linalg.eigvals(inverse @ H).real.max() <= 1 + 1e-9


def test_newton_pays_for_few_coefficients_and_many_rows():
    assert newton_pays(100_000, 50, 1)
    assert newton_pays(1797, 64, 10)
    assert newton_pays(20_000, 16, 26)
    assert not newton_pays(5000, 784, 10)  # 7850 coefficients: 490 MB
    assert not newton_pays(100, 5000, 1)


def test_probabilities_keep_their_digits():
    z = np.array([0.0, 40.0, -40.0, 800.0, -800.0])
    P = probabilities(z)
    assert P[2, 1] == pytest.approx(np.exp(-40), rel=1e-15)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_array_equal(P[3], [0, 1])
    L = log_probabilities(z)
    assert L[3, 0] == -800
    assert L[1, 1] == pytest.approx(-np.exp(-40), rel=1e-15)
    scores = np.array([[1e4, 0.0, -1e4], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(probabilities(scores.copy()), [[1, 0, 0], [1 / 3] * 3])
    np.testing.assert_allclose(log_probabilities(scores.copy())[0], [0, -1e4, -2e4])
    assert probabilities(z.astype(np.float32)).dtype == np.float32


def test_smallest_margin():
    X, w = np.array([[1.0], [2.0], [-3.0]]), np.ones(3)
    assert smallest_margin(X, np.array([1, 1, 0]), w, np.array([[2.0, 0.5]])) == 2.5
    assert smallest_margin(X, np.array([1, 0, 0]), w, np.array([[2.0]])) == -4.0
    assert smallest_margin(X, np.array([1, 0, 0]), np.array([1.0, 0, 1]), np.array([[2.0]])) == 2.0
    B = np.array([[1.0], [0.0], [-1.0]])
    assert smallest_margin(X, np.array([0, 0, 2]), w, B) == 1.0
    assert smallest_margin(X, np.array([0, 1, 2]), w, B) == -2.0
    X, y = np.ones((9000, 1)), np.ones(9000, dtype=np.int64)  # more rows than a strip holds
    X[7] = -1.0
    assert smallest_margin(X, y, np.ones(9000), np.array([[2.0]])) == -2.0


@pytest.mark.kernel
def test_what_the_loss_cannot_tell_apart_is_taken_out_of_the_start():
    X, y, w = problem(100, 2, 3)
    start = np.zeros((3, 3)) + np.array([0.01, 0.01, 5.0])
    for method in ("newton", "lbfgs"):
        found = fit_logistic(X, y, w, start, ridge=0.0, method=method)
        np.testing.assert_allclose(found.x.sum(axis=0), 0, atol=1e-12)
