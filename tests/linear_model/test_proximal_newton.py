"""Proximal Newton: optimality on random problems, each of its steps, and its inner solver."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.linear_model.logistic_fit import fit_logistic
from scratchml.linear_model.logistic_loss import definition
from scratchml.linear_model.proximal_newton import (
    coordinate_sweeps,
    least_subgradient,
    model_step,
    proximal_newton,
    working_set,
)

pytestmark = pytest.mark.kernel


def violation(g, x, l1):
    """The definition of v in the module's docstring, one variable at a time."""
    return [
        abs(g_j + l_j * np.sign(x_j)) if x_j else max(abs(g_j) - l_j, 0.0)
        for g_j, x_j, l_j in zip(g, x, l1, strict=True)
    ]


def random_quadratic(d, seed, rank=None):
    random = np.random.default_rng(seed)
    M = random.standard_normal((rank or d + 2, d))
    return M.T @ M, random.standard_normal(d), random


@given(d=st.integers(1, 10), seed=st.integers(0, 10**6), strength=st.sampled_from([0.01, 0.3, 2.0]))
def test_quadratics_meet_the_optimality_conditions(d, seed, strength):
    A, b, random = random_quadratic(d, seed)
    l1 = strength * (random.random(d) > 0.2)
    found = proximal_newton(
        lambda x: (float(x @ A @ x / 2 - b @ x), A @ x - b),
        lambda x, J: A[np.ix_(J, J)],
        random.standard_normal(d),
        l1,
        tol=1e-8,
    )
    assert found.status in ("converged", "precision")
    v = violation(A @ found.x - b, found.x, l1)
    assert max(v) < 1e-7
    np.testing.assert_allclose(np.abs(found.gradient), v, atol=1e-12)
    assert found.method == "proximal-newton"


@pytest.mark.parametrize("ratio", [0.3, 1.0])
@pytest.mark.parametrize("K", [1, 3])
def test_logistic_optimum_and_its_pinned_count(K, ratio):
    random = np.random.default_rng(5)
    X = random.standard_normal((120, 6))
    X[:, 5] = 0.0
    y = random.integers(0, max(2, K), 120)
    w = np.full(120, 1 / 120)
    strength = 0.02
    found = fit_logistic(
        X,
        y,
        w,
        np.zeros((K, 7)),
        ridge=(1 - ratio) * strength,
        lasso=ratio * strength,
        tol=1e-10,
    )
    _, G, _ = definition(X, y, w, found.x)
    G[:, :6] += (1 - ratio) * strength * found.x[:, :6]
    l1 = np.tile(np.r_[np.full(6, ratio * strength), 0.0], K)
    assert max(violation(G.reshape(-1), found.x.reshape(-1), l1)) < 1e-10
    assert (found.x == 0).any()
    assert (found.x[:, 5] == 0).all()
    assert found.n_iter == (3 if K == 1 else 4)


def test_separate_parts_reach_the_same_minimum():
    A, b, _ = random_quadratic(9, 11)
    l1 = np.full(9, 0.2)
    problem = (
        lambda x: (float(x @ A @ x / 2 - b @ x), A @ x - b),
        lambda x, J: A[np.ix_(J, J)],
        np.zeros(9),
        l1,
    )
    whole = proximal_newton(*problem, tol=1e-10)
    parts = [np.arange(0, 4), np.arange(4, 9)]
    apart = proximal_newton(*problem, tol=1e-10, parts=parts, max_iter=500)
    few = proximal_newton(*problem, tol=1e-10, most=3, max_iter=500)
    for other in (apart, few):
        np.testing.assert_allclose(other.x, whole.x, atol=1e-8)
        np.testing.assert_array_equal(other.x == 0, whole.x == 0)


def test_large_penalty_leaves_zero_and_zero_iterations_leave_the_start():
    A, b, _ = random_quadratic(4, 0)
    f = lambda x: (float(x @ A @ x / 2 - b @ x), A @ x - b)  # noqa: E731
    H = lambda x, J: A[np.ix_(J, J)]  # noqa: E731
    found = proximal_newton(f, H, np.zeros(4), np.full(4, 10.0))
    assert (found.n_iter, found.status) == (0, "converged")
    start = np.arange(4.0)
    found = proximal_newton(f, H, start, np.full(4, 0.1), max_iter=0)
    np.testing.assert_array_equal(found.x, start)
    assert found.status == "max_iter"


def test_collinear_columns():
    """Coordinate descent alone needs 1e6 sweeps here; the Newton steps between them do not."""
    random = np.random.default_rng(0)
    M = random.standard_normal((50, 1)) + 1e-3 * random.standard_normal((50, 8))
    A, b = M.T @ M / 50, np.linspace(-1e-3, 1e-3, 8)
    found = proximal_newton(
        lambda x: (float(x @ A @ x / 2 - b @ x), A @ x - b),
        lambda x, J: A[np.ix_(J, J)],
        np.zeros(8),
        np.full(8, 1e-5),
        tol=1e-12,
    )
    assert found.status in ("converged", "precision")
    assert np.abs(found.gradient).max() < 1e-11
    assert found.n_iter < 30


def test_working_set():
    x = np.array([0.0, 2.0, 0.0, 0.0, 0.0])
    v = np.array([0.5, 0.0, 0.0, -0.7, 0.1])
    l1 = np.array([1.0, 1.0, 0.0, 1.0, 1.0])
    everything = np.arange(5)
    np.testing.assert_array_equal(working_set(x, v, l1, everything, 10), [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(working_set(x, v, l1, everything, 3), [1, 2, 3])
    np.testing.assert_array_equal(working_set(x, v, l1, np.array([0, 4]), 10), [0, 4])
    np.testing.assert_array_equal(working_set(x, 0 * v, l1, everything, 10), [1, 2])


@given(d=st.integers(1, 8), seed=st.integers(0, 10**6))
def test_model_step_solves_its_model(d, seed):
    A, g, random = random_quadratic(d, seed)
    x = random.standard_normal(d) * (random.random(d) > 0.4)
    l1 = random.random(d)
    step = model_step(A, g, x, l1)
    before = np.abs(least_subgradient(x, g, l1)).max()
    after = least_subgradient(x + step, g + A @ step, l1)
    assert np.abs(after).max() <= 1.1e-3 * before


def test_coordinate_sweeps_minimise_one_variable_exactly():
    H, x, l1 = np.array([[2.0]]), np.array([0.5]), np.array([0.3])
    for g, minimiser in ((-3.0, (2 * 0.5 + 3 - 0.3) / 2), (5.0, (2 * 0.5 - 5 + 0.3) / 2), (1.0, 0)):
        slope, d = np.array([g]), np.zeros(1)
        worst = coordinate_sweeps(H, slope, x, l1, d, 2, 0.0)
        assert x[0] + d[0] == pytest.approx(minimiser, abs=1e-15)
        assert slope[0] == pytest.approx(g + 2 * d[0])
        assert worst == pytest.approx(0, abs=1e-15)
    slope, d = np.array([np.nan]), np.zeros(1)
    coordinate_sweeps(H, slope, x, l1, d, 1, 0.0)
    assert np.isnan(d[0])
    d = np.zeros(1)
    coordinate_sweeps(np.zeros((1, 1)), np.ones(1), x, l1, d, 1, 0.0)
    assert d[0] == 0  # a variable that f does not depend on stays
