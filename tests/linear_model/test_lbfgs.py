"""L-BFGS and its line search on functions whose minimum is known."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.linear_model.lbfgs import Move, inverse_hessian_times, lbfgs
from scratchml.linear_model.line_search import DECREASE, FLATNESS, wolfe_step


def quadratic(A, b):
    return lambda x: (float(x @ A @ x / 2 - b @ x), A @ x - b)


def rosenbrock(x):
    f = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    g = [-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)]
    return float(f), np.array(g)


def test_rosenbrock_and_its_pinned_counts():
    found = lbfgs(rosenbrock, np.array([-1.2, 1.0]), tol=1e-10)
    assert found.status == "converged"
    np.testing.assert_allclose(found.x, [1, 1], atol=1e-9)
    assert (found.n_iter, found.n_evaluations) == (37, 49)
    assert found.method == "lbfgs"


@given(d=st.integers(1, 12), seed=st.integers(0, 10**6))
def test_quadratics_end_at_the_solution_of_the_linear_system(d, seed):
    random = np.random.default_rng(seed)
    M = random.standard_normal((d + 2, d))
    A, b = M.T @ M + 0.1 * np.eye(d), random.standard_normal(d)
    found = lbfgs(quadratic(A, b), np.zeros(d), tol=1e-9, max_iter=1000)
    assert found.status in ("converged", "precision")
    error = found.x - np.linalg.solve(A, b)
    # strong convexity with constant 0.1 bounds the error by the gradient
    assert np.linalg.norm(error) <= np.linalg.norm(found.gradient) / 0.1 + 1e-12
    assert np.linalg.norm(found.gradient) < 1e-7


def test_a_good_inverse_makes_the_count_independent_of_scale():
    scale = np.array([1e-6, 1.0, 1e6])
    A, b = np.diag(scale**2), scale * np.array([1.0, 2.0, 3.0])
    found = lbfgs(quadratic(A, b), np.zeros(3), tol=1e-9, precondition=lambda q: q / scale**2)
    assert found.n_iter <= 2
    np.testing.assert_allclose(found.x, b / scale**2, rtol=1e-12)


def test_two_loop_recursion_equals_the_bfgs_matrix():
    random = np.random.default_rng(3)
    d, m = 5, 3
    P = np.diag(random.random(d) + 0.5)
    history = deque()
    for _ in range(m):
        s = random.standard_normal(d)
        y = s + 0.1 * random.standard_normal(d)
        history.append(Move(s, y, float(y @ s)))
    _, y, ys = history[-1]
    H = ys / (y @ P @ y) * P
    for s, y, ys in history:  # (6.17)
        V = np.eye(d) - np.outer(y, s) / ys
        H = V.T @ H @ V + np.outer(s, s) / ys
    g = random.standard_normal(d)
    found = inverse_hessian_times(g, history, lambda q: P @ q)
    np.testing.assert_allclose(found, H @ g, rtol=1e-13)


def test_stops_where_it_is_told():
    A, b = np.diag([1.0, 100.0]), np.ones(2)
    start = np.array([5.0, 5.0])
    at_once = lbfgs(quadratic(A, b), start, max_iter=0)
    assert (at_once.status, at_once.n_iter, at_once.n_evaluations) == ("max_iter", 0, 1)
    np.testing.assert_array_equal(at_once.x, start)
    assert lbfgs(quadratic(A, b), start, max_iter=1).n_iter == 1
    already = lbfgs(quadratic(A, b), np.linalg.solve(A, b))
    assert (already.status, already.n_iter) == ("converged", 0)


def test_gap_tolerance_sees_what_the_gradient_hides():
    """With variables of scale 1e6 a gradient of 1e-6 is far from the minimum."""
    A, b = np.array([[1e-12]]), np.array([1e-6])
    inverse = {"precondition": lambda q: 1e12 * q}
    assert lbfgs(quadratic(A, b), np.zeros(1), tol=1e-5, **inverse).n_iter == 0
    found = lbfgs(quadratic(A, b), np.zeros(1), tol=1e-5, gap_tol=1e-10, **inverse)
    np.testing.assert_allclose(found.x, 1e6, rtol=1e-12)


def test_asked_for_more_than_arithmetic_holds():
    A, b = np.diag([1.0, 3.0, 7.0]), np.array([1.0, 1e3, 1e-3])
    found = lbfgs(quadratic(A, b), np.full(3, 1e3), tol=0.0, max_iter=500)
    assert found.status in ("precision", "converged")
    np.testing.assert_allclose(found.x, b / np.diag(A), rtol=1e-7)


def test_a_function_without_a_minimum_ends():
    found = lbfgs(lambda x: (float(x[0]), np.ones(1)), np.zeros(1), max_iter=5)
    assert found.status in ("stalled", "max_iter")


@pytest.mark.parametrize("step", [1e-6, 1e-3, 1.0, 1e3, 1e8])
def test_line_search_meets_the_wolfe_conditions(step):
    x = np.array([-1.2, 1.0])
    f, g = rosenbrock(x)
    d = -g
    point, n = wolfe_step(rosenbrock, x, f, g, d, step)
    assert 1 <= n <= 30
    assert point.value <= f + DECREASE * point.step * float(g @ d)
    assert abs(point.slope) <= FLATNESS * abs(float(g @ d))
    np.testing.assert_array_equal(point.x, x + point.step * d)


def test_line_search_backs_out_of_infinity():
    def barrier(x):
        if x[0] >= 1:
            return np.inf, np.array([np.nan])
        return -float(np.log(1 - x[0])) - 0.5 * x[0], np.array([1 / (1 - x[0]) - 0.5])

    f, g = barrier(np.array([-3.0]))
    point, _ = wolfe_step(barrier, np.array([-3.0]), f, g, np.array([100.0]))
    assert point is not None
    assert point.value < f


def test_line_search_gives_up_on_an_ascent():
    point, n = wolfe_step(
        lambda x: (float(x @ x), 2 * x), np.ones(1), 1.0, 2 * np.ones(1), np.ones(1)
    )
    assert point is None
    assert n <= 30
