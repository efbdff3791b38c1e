import numpy as np
import pytest

import scratchml
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel
from scratchml.svm.one_vs_one import solve_parts
from scratchml.svm.smo import Dual
from scratchml.svm.solver import solve


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    counts = [30, 45, 25]
    X = np.concatenate([rng.normal(k, 1.5, size=(n, 3)) for k, n in enumerate(counts)])
    classes = [np.arange(end - n, end) for end, n in zip(np.cumsum(counts), counts, strict=True)]
    parts, duals = [], []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        parts.append(np.concatenate([classes[i], classes[j]]))
        y = np.repeat([1.0, -1.0], [counts[i], counts[j]])
        zero = np.zeros(len(y))
        duals.append(Dual(y, np.minimum(y, 0), np.maximum(y, 0), 0.0, zero, zero.astype(np.int64)))
    return DenseRows(Kernel("rbf", 0.3, 0.0, 3), X), parts, duals


@pytest.mark.parametrize("cache_bytes", [1e9, 0], ids=["matrix", "samples"])
def test_each_part_is_solved_as_alone(problem, cache_bytes):
    rows, parts, duals = problem
    found = solve_parts(rows, parts, duals, 1e-3, cache_bytes=cache_bytes)
    for part, dual, solution in zip(parts, duals, found, strict=True):
        alone = solve(rows.take(part), dual, 1e-3)
        np.testing.assert_array_equal(solution.b, alone.b)
        np.testing.assert_array_equal(solution.gradient, alone.gradient)
        assert solution.n_iter == alone.n_iter > 0
        assert solution.converged


def test_same_bits_for_any_number_of_threads(problem):
    found = []
    for n in (1, 2, 3):
        with scratchml.set_num_threads(n):
            found.append(solve_parts(*problem, 1e-3))
    for one, two, three in zip(*found, strict=True):
        np.testing.assert_array_equal(one.b, two.b)
        np.testing.assert_array_equal(one.b, three.b)


def test_the_limit_of_steps_and_the_flag_reach_every_part(problem):
    assert [s.n_iter for s in solve_parts(*problem, 1e-3, max_iter=3)] == [3, 3, 3]
    stopped = solve_parts(*problem, 1e-3, stop=np.ones(1, dtype=np.int64))
    assert [s.n_iter for s in stopped] == [0, 0, 0]
    assert not any(s.converged for s in stopped)
