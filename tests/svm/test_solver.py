"""The solver at sizes where its parts come into play; `test_certificate` has it at small ones."""

import numpy as np
import pytest

import scratchml
from scratchml.svm import solver
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel
from scratchml.svm.matrix_rows import MatrixRows
from scratchml.svm.pair_steps import pair_steps
from scratchml.svm.smo import Dual, duality_gap, objective, solution_at
from scratchml.svm.solver import solve


def moons(n):
    rng = np.random.default_rng(0)
    angle, y = rng.uniform(0, np.pi, n), np.repeat([1.0, -1.0], [n - n // 2, n // 2])
    X = np.stack([y * np.cos(angle) - 0.5 * (y < 0), y * np.sin(angle) + 0.3 * (y < 0)], axis=1)
    return DenseRows(Kernel("rbf", 2.0, 0.0, 3), X + rng.normal(scale=0.35, size=X.shape)), y


def classification(y, C):
    zero = np.zeros(len(y))
    upper, lower = C * np.maximum(y, 0), C * np.minimum(y, 0)
    return Dual(y, lower, upper, 0.0, zero, zero.astype(np.int64))


@pytest.fixture(scope="module")
def problem():
    rows, y = moons(2600)
    return rows, classification(y, 10.0)


@pytest.fixture(scope="module")
def direct(problem):
    rows, dual = problem
    b, g = dual.start.copy(), -dual.y
    n_iter = pair_steps(rows.gram(), dual, b, g, 1e-3, -1)
    return solution_at(dual, b, g, n_iter, 1e-3)


@pytest.mark.parametrize("shrinking", [True, False])
@pytest.mark.parametrize("cache_bytes", [0, 1e9], ids=["columns", "matrix"])
def test_blocks_end_where_pairs_alone_do(problem, direct, shrinking, cache_bytes):
    rows, dual = problem
    found = solve(rows, dual, 1e-3, cache_bytes=cache_bytes, shrinking=shrinking)
    assert found.converged
    assert found.violation <= 1e-3
    gap = duality_gap(dual, found)
    assert abs(objective(dual, found) - objective(dual, direct)) <= max(
        gap, duality_gap(dual, direct)
    )
    np.testing.assert_allclose(
        found.gradient, rows.expansion(rows, found.b[:, None])[:, 0] - dual.y, atol=1e-9
    )


def test_a_matrix_given_is_solved_as_its_samples(problem, direct):
    rows, dual = problem
    found = solve(MatrixRows(rows.gram()), dual, 1e-3)
    assert found.converged
    assert objective(dual, found) == pytest.approx(objective(dual, direct), rel=1e-6)


def test_same_bits_for_any_number_of_threads(problem):
    found = []
    for n in (1, 2, 3):
        with scratchml.set_num_threads(n):
            found.append(solve(*problem, 1e-3))
    for other in found[1:]:
        np.testing.assert_array_equal(found[0].b, other.b)
        np.testing.assert_array_equal(found[0].gradient, other.gradient)


def test_the_steps_are_pinned(problem, direct):
    """A fault that leads to the same end another way shows here."""
    assert direct.n_iter == pytest.approx(6846, rel=0.02)
    assert solve(*problem, 1e-3).n_iter == pytest.approx(7442, rel=0.02)


@pytest.mark.parametrize("max_iter", [0, 1, 700])
def test_no_more_steps_than_allowed(problem, max_iter):
    found = solve(*problem, 1e-3, max_iter)
    assert found.n_iter == max_iter
    assert not found.converged
    assert found.violation > 1e-3
    assert abs(found.b.sum()) < 1e-9


def test_the_flag_ends_it(problem):
    found = solve(*problem, 1e-3, stop=np.ones(1, dtype=np.int64))
    assert found.n_iter == 0
    assert not found.converged


def test_a_block_holds_the_worst_pair_and_half_of_the_last_block(monkeypatch):
    monkeypatch.setattr(solver, "_BLOCK", 8)
    rng = np.random.default_rng(0)
    right, left = rng.normal(size=50), rng.normal(size=50)
    right[:10], left[40:] = np.inf, -np.inf
    last = np.array([20, 21, 22, 23, 24, 25, 26, 27])
    chosen = solver._choose([np.arange(50)], right, left, last)
    np.testing.assert_array_equal(chosen[:4], last[4:])
    assert len(set(chosen.tolist())) == len(chosen) == 8
    assert {int(right.argmin()), int(left.argmax())} <= set(chosen.tolist())


def test_two_groups_share_a_block(monkeypatch):
    monkeypatch.setattr(solver, "_BLOCK", 8)
    slope = np.arange(20.0)
    groups = [np.arange(0, 20, 2), np.arange(1, 20, 2)]
    chosen = solver._choose(groups, slope, slope, np.empty(0, dtype=np.int64))
    assert sorted(chosen.tolist()) == [0, 1, 2, 3, 16, 17, 18, 19]
