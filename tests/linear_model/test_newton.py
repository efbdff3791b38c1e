"""Newton's method and the Cholesky factorisation under it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.linear_model.cholesky import cholesky, factorise, solve, substitute
from scratchml.linear_model.newton import newton


def softplus_sum(X):
    """The convex f(x) = sum log(2 cosh(X x)) + |x|^2 / 2, with gradient and Hessian."""

    def value_and_gradient(x):
        z = X @ x
        return float(np.logaddexp(z, -z).sum() + x @ x / 2), X.T @ np.tanh(z) + x

    def hessian(x):
        return (X.T / np.cosh(X @ x) ** 2) @ X + np.eye(X.shape[1])

    return value_and_gradient, hessian


@pytest.mark.kernel
def test_converges_quadratically_with_a_pinned_count():
    X = np.random.default_rng(0).standard_normal((40, 5))
    f, H = softplus_sum(X)
    found = newton(f, H, np.full(5, 0.8), tol=1e-12)
    assert found.status == "converged"
    np.testing.assert_allclose(found.x, 0, atol=1e-13)
    assert (found.n_iter, found.n_evaluations) == (4, 7)
    assert found.method == "newton-cholesky"


@pytest.mark.kernel
def test_a_quadratic_takes_one_step_whatever_its_scale():
    scale = np.array([1e-8, 1.0, 1e8])
    A = np.outer(scale, scale) * (np.eye(3) + 0.5)
    b = scale
    f = lambda x: (float(x @ A @ x / 2 - b @ x), A @ x - b)  # noqa: E731
    found = newton(f, lambda x: A.copy(), np.zeros(3), tol=1e-6)
    assert found.n_iter == 1
    np.testing.assert_allclose(A @ found.x, b, rtol=1e-12)


@pytest.mark.kernel
def test_singular_hessian_still_descends_to_the_minimum():
    """x1 + x2 alone matters; the Hessian has rank one."""
    f = lambda x: (float((x.sum() - 3) ** 4 + (x.sum() - 3) ** 2), _d(x.sum() - 3) * np.ones(2))  # noqa: E731
    hessian = lambda x: np.full((2, 2), 12 * (x.sum() - 3) ** 2 + 2)  # noqa: E731
    found = newton(f, hessian, np.array([10.0, -1.0]), tol=1e-10)
    assert found.status == "converged"
    assert found.x.sum() == pytest.approx(3, abs=1e-10)


def _d(t):
    return 4 * t**3 + 2 * t


@pytest.mark.kernel
def test_stops_where_it_is_told():
    f, H = softplus_sum(np.eye(2))
    start = np.array([2.0, -1.0])
    at_once = newton(f, H, start, max_iter=0)
    assert (at_once.status, at_once.n_iter) == ("max_iter", 0)
    np.testing.assert_array_equal(at_once.x, start)
    assert newton(f, H, np.zeros(2)).n_iter == 0  # the gradient is exactly zero
    assert newton(f, H, start, tol=0.0).status in ("precision", "converged")


@pytest.mark.kernel
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 33])
def test_cholesky_against_numpy(n):
    M = np.random.default_rng(n).standard_normal((n + 3, n))
    H = M.T @ M
    given_H = np.triu(H)  # the upper triangle is all it reads
    assert cholesky(given_H, H.diagonal().copy(), 0.5, 1e-14)
    expected = np.linalg.cholesky(H + 0.5 * np.eye(n))
    np.testing.assert_allclose(np.tril(given_H), expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_array_equal(np.triu(given_H, 1), np.triu(H, 1))
    x = np.random.default_rng(1).standard_normal((2, n))
    b = x @ (H + 0.5 * np.eye(n))
    substitute(given_H, b)
    np.testing.assert_allclose(b, x, rtol=1e-8, atol=1e-9)


@pytest.mark.kernel
def test_cholesky_refuses_what_is_not_positive_definite():
    for bad in (np.array([[1.0, 2.0], [2.0, 1.0]]), np.zeros((3, 3)), np.full((1, 1), np.nan)):
        assert not cholesky(bad.copy(), bad.diagonal().copy(), 0.0, 1e-14)
    ones = np.ones((5, 5))  # rank one: the second pivot is rounding
    assert not cholesky(ones.copy(), np.ones(5), 0.0, 1e-14)


@pytest.mark.kernel
@given(n=st.integers(1, 9), rank=st.integers(0, 9), seed=st.integers(0, 10**6))
def test_factorise_gives_descent_for_any_semidefinite_matrix(n, rank, seed):
    random = np.random.default_rng(seed)
    M = random.standard_normal((rank, n)) * 10.0 ** random.integers(-6, 7, n)
    H = M.T @ M
    g = random.standard_normal(n)
    factor = factorise(H.copy())
    assert factor.shift < 1e-10
    d = -solve(factor, g)
    assert np.isfinite(d).all()
    assert g @ d < 0
    if rank >= n + 3:
        np.testing.assert_allclose(-H @ d, g, rtol=1e-5, atol=1e-5 * np.abs(g).max())


@pytest.mark.kernel
def test_solve_takes_rows():
    H = np.diag([1.0, 4.0]) + 0.1
    factor = factorise(H.copy())
    b = np.array([[1.0, 2.0], [3.0, 4.0]])
    rows = solve(factor, b)
    np.testing.assert_allclose(rows @ H, b, rtol=1e-14)
    np.testing.assert_array_equal(solve(factor, b[0]), rows[0])
