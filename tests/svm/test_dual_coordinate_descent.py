"""Linear machines: both solvers against the definition, their certificates, their kernels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml.svm.dual_coordinate_descent import descents, dual_coordinate_descent, held, minimum
from scratchml.svm.linear_problem import LinearSolution, certificate, losses
from scratchml.svm.linear_rows import combine, project, rows_of, squared_norms, take
from scratchml.svm.multiplier_newton import evaluate, multiplier_newton, smooth_terms
from scratchml.svm.newton_system import conjugate_gradients, curvature, newton_direction

from .linear_cases import classes, least_objective, matrix, problem_of

LOSSES = ["hinge", "squared_hinge", "epsilon_insensitive", "squared_epsilon_insensitive"]


def descend(problem, **options):
    return dual_coordinate_descent(problem, **{"tol": 1e-8, "max_iter": 5000, **options})


def newton(problem, **options):
    return multiplier_newton(problem, **{"tol": 1e-6, "max_iter": 500, **options})


def case(loss, epsilon=0.0, **options):
    X, y = classes()
    if "epsilon" in loss:
        y = X[:, 0] + 0.3 * np.sin(9 * X[:, 1])
        epsilon = 0.2
    return problem_of(X, y, loss=loss, epsilon=epsilon, **options)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
def test_least_objective(loss, C):
    problem = case(loss, C=C)
    least = least_objective(problem)
    for solve in (newton, descend) if C <= 1 else (newton,):  # descent slows down as C grows
        found = solve(problem)
        how_good = certificate(problem, found.v, found.b)
        assert found.converged
        assert how_good.objective == pytest.approx(least, rel=1e-6)
        assert abs(how_good.gap) <= 1e-6 * how_good.objective  # below zero by rounding


@pytest.mark.parametrize("loss", LOSSES)
def test_both_solvers_find_the_same_machine(loss):
    problem = case(loss)
    a, b = descend(problem, tol=1e-10), newton(problem, tol=1e-9)
    np.testing.assert_allclose(a.v, b.v, atol=1e-5)


def test_certificate_by_hand():
    """x = 2, y = 1, C = 1, no intercept: v = 1/2, b = 1/4 for the hinge, whose corner it meets."""
    problem = problem_of([[2.0]], [1.0], constant=0.0)
    assert certificate(problem, np.array([0.5]), np.array([0.25])) == (0.125, 0.0, 0.0)
    assert certificate(problem, np.zeros(1), np.zeros(1)) == (1.0, 1.0, 1.0)
    found = descend(problem)
    np.testing.assert_allclose([found.v[0], found.b[0]], [0.5, 0.25], rtol=1e-12)


def test_losses_by_hand():
    problem = problem_of(np.zeros((3, 1)), [1, -1, 1], C=2.0, loss="squared_hinge")
    np.testing.assert_array_equal(losses(problem, np.array([3.0, -2.0, -1.0])), [18, 8, 0])
    problem = problem_of(np.zeros((3, 1)), [0, 0, 0], loss="epsilon_insensitive", epsilon=0.5)
    np.testing.assert_array_equal(losses(problem, np.array([3.0, -2.0, 0.5])), [2.5, 1.5, 0])


values = st.sampled_from([0.0, 0.0, 1.0, -1.0, 0.5, 2.0, 1e3])


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    n=st.integers(2, 12),
    p=st.integers(1, 4),
    C=st.sampled_from([1e-6, 0.1, 1.0, 100.0]),
    loss=st.sampled_from(LOSSES),
)
def test_certificates_of_awkward_problems(data, n, p, C, loss):
    """Duplicated rows, constant and zero columns, zero weights, C tiny and large."""
    X = np.array(
        data.draw(st.lists(st.lists(values, min_size=p, max_size=p), min_size=n, max_size=n))
    )
    y = np.array(data.draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=n, max_size=n)))
    weight = np.array(data.draw(st.lists(st.sampled_from([0.0, 1.0, 3.0]), min_size=n, max_size=n)))
    problem = problem_of(X, y, C=C, loss=loss, epsilon=0.1 * ("eps" in loss), weight=weight)
    found = newton(problem, tol=1e-4)
    how_good = certificate(problem, found.v, found.b)
    scale = max(how_good.objective, 1e-300)
    assert found.converged
    assert -1e-10 * scale <= how_good.gap <= 2e-6 * scale
    other = descend(problem, max_iter=200)
    assert np.isfinite(other.v).all()
    bound = certificate(problem, other.v, other.b)
    assert bound.objective >= how_good.objective - how_good.gap - 1e-10 * scale
    assert bound.gap >= bound.objective - how_good.objective - 1e-10 * scale


@pytest.mark.parametrize("solve", [descend, newton])
def test_weight_is_repetition(solve):
    X, y = classes()
    weight = np.arange(len(y)) % 4
    few = solve(problem_of(X, y, weight=weight, loss="squared_hinge"))
    many = solve(
        problem_of(np.repeat(X, weight, axis=0), np.repeat(y, weight), loss="squared_hinge")
    )
    np.testing.assert_allclose(few.v, many.v, atol=1e-7)


@pytest.mark.parametrize("solve", [descend, newton])
@pytest.mark.parametrize("loss", LOSSES)
def test_sparse_rows_are_the_same_rows(solve, loss):
    random = np.random.default_rng(1)
    X = random.standard_normal((60, 40)) * (random.random((60, 40)) < 0.2)
    y = np.where(X[:, :5].sum(axis=1) + 0.3 * random.standard_normal(60) > 0, 1.0, -1.0)
    sparse = problem_of(X, y, loss=loss, epsilon=0.1 * ("eps" in loss))
    assert sparse.rows.indices is not None
    A = matrix(sparse)
    np.testing.assert_array_equal(A[:, :-1], X)
    dense = sparse._replace(rows=rows_of(A + 1e-300, 0.0))
    assert dense.rows.indices is None
    np.testing.assert_allclose(solve(sparse).v, solve(dense).v, atol=1e-6)


def test_rows():
    random = np.random.default_rng(2)
    X = random.standard_normal((9, 50)) * (random.random((9, 50)) < 0.1)
    v, b = random.standard_normal(51), random.standard_normal(9)
    A = np.hstack([X, np.full((9, 1), 3.0)])
    for rows in (rows_of(X, 3.0), rows_of(A + 1e-300, 0.0)):
        np.testing.assert_allclose(project(rows, v), A @ v, atol=1e-12)
        np.testing.assert_allclose(combine(rows, b), A.T @ b, atol=1e-12)
        np.testing.assert_allclose(squared_norms(rows), (A * A).sum(axis=1), atol=1e-12)
        np.testing.assert_allclose(take(rows, np.array([4, 0, 4])), A[[4, 0, 4]], atol=1e-200)


@pytest.mark.parametrize(
    ("now", "g", "epsilon", "new"),
    [
        (0.0, -1.0, 0.0, 0.5),  # inside: the lowest point of the parabola
        (0.0, -9.0, 0.0, 1.0),  # clipped: the bound itself
        (0.7, 9.0, 0.0, -1.0),
        (0.0, 0.4, 0.5, 0.0),  # within the kink
        (0.25, 0.4, 0.5, 0.0),  # falls to the kink: 2 * 0.25 - 0.4 = 0.1 < 0.5
    ],
)
def test_minimum_of_one_coordinate(now, g, epsilon, new):
    assert minimum.py_func(now, g, epsilon, np.array([0, -1.0, 1.0, 0, 2.0])) == new


def test_minimum_of_a_straight_line():
    line = np.array([0, -1.0, 3.0, 0, 0.0])
    assert minimum.py_func(0.0, -2.0, 0.5, line) == 3.0
    assert minimum.py_func(0.0, 2.0, 0.5, line) == -1.0
    assert minimum.py_func(0.3, 0.2, 0.5, line) == 0.3


def test_descents_and_holds():
    assert descents.py_func(0.0, -2.0, 0.0, 0.0, 1.0) == (0.0, 2.0)
    assert descents.py_func(1.0, -2.0, 0.0, 0.0, 1.0) == (0.0, 0.0)
    assert descents.py_func(0.5, 2.0, 0.5, -1.0, 1.0) == (2.5, 0.0)
    assert held.py_func(0.0, 2.0, 0.0, 0.0, 1.0) == 2.0
    assert held.py_func(1.0, -2.0, 0.5, 0.0, 1.0) == 1.5
    assert held.py_func(0.0, 0.2, 0.5, -1.0, 1.0) == pytest.approx(0.3)
    assert held.py_func(0.5, 0.2, 0.5, -1.0, 1.0) < 0


def test_shrinking_changes_the_way_only():
    problem = problem_of(*classes(200, 5), loss="squared_hinge")
    a, b = descend(problem, shrinking=False), descend(problem, shrinking=True)
    np.testing.assert_allclose(a.v, b.v, atol=1e-6)
    assert a.converged
    assert b.converged


def test_pinned_iterations():
    """Planted bugs that still end at the optimum show here."""
    plain = problem_of(*classes(200, 5))
    squared = problem_of(*classes(200, 5), loss="squared_hinge")
    solves = descend(plain, tol=1e-4), newton(plain, tol=1e-4), newton(squared, tol=1e-4)
    assert [found.n_iter for found in solves] == [2502, 23, 4]


def test_seed_decides():
    problem = problem_of(*classes())
    a, b, c = (descend(problem, seed=s, max_iter=3) for s in (1, 1, 2))
    np.testing.assert_array_equal(a.v, b.v)
    assert (a.v != c.v).any()


def test_no_iterations_and_early_stop():
    problem = problem_of(*classes())
    for solve in (descend, newton):
        none = solve(problem, max_iter=0)
        assert none.n_iter == 0
        assert not none.converged
        np.testing.assert_array_equal(none.v, 0)
        assert not solve(problem, stop=np.ones(1, dtype=np.int64)).converged


def test_gradient_and_hessian_of_the_smooth_problem():
    """Central differences of F and of its gradient, away from kinks."""
    problem = case("epsilon_insensitive")
    start = LinearSolution(np.zeros(4), np.linspace(-1, 1, 40), 0, False)
    terms = smooth_terms(problem, start)
    v, h = np.array([0.3, -0.2, 0.1, 0.4]), 1e-6
    point = evaluate(problem, terms, v)
    H = curvature(problem.rows, point.s)
    for j, unit in enumerate(np.eye(4)):
        up, down = (evaluate(problem, terms, v + t * unit) for t in (h, -h))
        assert (up.value - down.value) / (2 * h) == pytest.approx(point.gradient[j], rel=1e-6)
        np.testing.assert_allclose((up.gradient - down.gradient) / (2 * h), H[:, j], rtol=1e-6)


def test_directions_agree():
    """Few free samples, many, and conjugate gradients solve the same system."""
    random = np.random.default_rng(3)
    for n in (10, 400):
        X, y = random.standard_normal((n, 300)), np.where(random.random(n) < 0.5, 1.0, -1.0)
        problem = problem_of(X, y, loss="squared_hinge", C=0.01)
        point = evaluate(problem, smooth_terms(problem), 1e-3 * np.ones(301))
        exact = -np.linalg.solve(curvature(problem.rows, point.s), point.gradient)
        np.testing.assert_allclose(
            newton_direction(problem.rows, point.gradient, point.s), exact, rtol=1e-9
        )
        for P in (np.eye(301), np.ones(301)):
            near = conjugate_gradients(problem.rows, point.s, -point.gradient, P)
            rest = curvature(problem.rows, point.s) @ near + point.gradient
            assert np.linalg.norm(rest) <= 0.0501 * np.linalg.norm(point.gradient)
