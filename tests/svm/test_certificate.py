"""Every solver on problems of every machine: the optimality of what it returns, independently.

The tests know nothing of how a solver works. They take its b, compute the rest from the definition
(`oracle`), and ask that it is feasible, that no pair promises more than `tol`, and that the primal
objective is as near as that implies.
"""

import json
import threading
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scratchml import set_num_threads
from scratchml.svm import solver as solver_module
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel
from scratchml.svm.matrix_rows import MatrixRows
from scratchml.svm.smo import duality_gap, objective
from scratchml.svm.solver import solve
from tests.svm import oracle
from tests.svm.libsvm_cases import CASES, machine_of, problem
from tests.svm.problems import (
    COMPILED,
    DEFINITE,
    KERNELS,
    MACHINES,
    SOLVERS,
    blobs,
    c_svc,
    gram,
    problems,
)

FILE = Path(__file__).parent / "data" / "libsvm.json"
STORED = json.loads(FILE.read_text())
solvers = pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS.keys())
machines = pytest.mark.parametrize("machine", MACHINES)
TOL = 1e-3
MOST = 5000  # steps: one far sample of great weight can ask for many


def assert_certified(K, dual, solution, tol=TOL, definite=True):
    b, n_iter = solution.b, solution.n_iter
    oracle.assert_feasible(dual, b, n_iter)
    noise = oracle.rounding(K, dual, b, n_iter)
    g = oracle.expansion(K, b) - dual.y
    np.testing.assert_allclose(solution.gradient, g, rtol=0, atol=noise)
    violation = oracle.violation(K, dual, b)
    assert solution.converged
    assert solution.violation == pytest.approx(violation, abs=2 * noise)
    assert violation <= tol + 2 * noise
    span = float((dual.upper - dual.lower).sum())
    gap = duality_gap(dual, solution)
    assert -noise * span <= gap <= (tol + 4 * noise) * span
    if definite:
        least = oracle.duality_gap(K, dual, b)  # that of the best biases
        assert least <= gap + 4 * noise * span


def settled(K, dual, solution):
    """Whether the solver could be expected to end: not of a problem that rounding governs."""
    noise = oracle.rounding(K, dual, solution.b, solution.n_iter)
    return solution.n_iter < MOST and noise < TOL / 10


@solvers
@machines
@given(data=st.data())
def test_random_problems(solver, machine, data):
    kernel = data.draw(st.sampled_from(KERNELS))
    K, dual = data.draw(problems(machine, (kernel,)))
    solution = solver(K, dual, TOL, MOST)
    assume(settled(K, dual, solution))
    assert_certified(K, dual, solution, definite=kernel in DEFINITE)


@solvers
@machines
@given(data=st.data())
@settings(max_examples=5)
def test_random_problems_of_great_cost(solver, machine, data):
    """C = 1e6: a margin that gives no way."""
    K, dual = data.draw(problems(machine, Cs=(1e6,)))
    solution = solver(K, dual, TOL, MOST)
    oracle.assert_feasible(dual, solution.b, solution.n_iter)
    noise = oracle.rounding(K, dual, solution.b, solution.n_iter)
    here, start = (oracle.dual_objective(K, dual, b) for b in (solution.b, dual.start))
    span = float((dual.upper - dual.lower).sum())
    assert here <= start + noise * span
    if solution.converged and noise < TOL / 10:
        assert oracle.violation(K, dual, solution.b) <= TOL + 2 * noise


@pytest.mark.long
@pytest.mark.parametrize("solver", COMPILED.values(), ids=COMPILED.keys())
@machines
@given(data=st.data())
@settings(max_examples=200)
def test_many_random_problems(solver, machine, data):
    kernel = data.draw(st.sampled_from(KERNELS))
    costs = (1e-6, 1e-3, 1.0, 100.0, 1e6)
    K, dual = data.draw(problems(machine, (kernel,), max_n=40, Cs=costs))
    solution = solver(K, dual, TOL, 50_000)
    noise = oracle.rounding(K, dual, solution.b, solution.n_iter)
    assume(solution.n_iter < 50_000 and noise < TOL / 10)
    assert_certified(K, dual, solution, definite=kernel in DEFINITE)


@machines
@given(data=st.data())
def test_all_solvers_reach_the_same_objective(machine, data):
    K, dual = data.draw(problems(machine, DEFINITE))
    found = [solve(K, dual, 1e-6, MOST) for solve in SOLVERS.values()]
    for solution in found:
        assume(settled(K, dual, solution))
    values = [oracle.dual_objective(K, dual, solution.b) for solution in found]
    gap = max(duality_gap(dual, solution) for solution in found)
    noise = max(oracle.rounding(K, dual, s.b, s.n_iter) for s in found)
    span = float((dual.upper - dual.lower).sum())
    assert max(values) - min(values) <= gap + 4 * noise * span


@solvers
@machines
def test_the_exact_minimum_is_reached(solver, machine):
    for seed in range(3):
        n = {"nu_svr": 2, "epsilon_svr": 3}.get(machine, 4)
        K, dual = blobs(machine, n, seed=seed, kernel="linear")
        dual = dual._replace(y=np.round(dual.y * 8) / 8 if machine[-1] == "r" else dual.y)
        solution = solver(K, dual, 1e-10, -1)
        least = float(oracle.exact_minimum(K, dual))
        assert oracle.dual_objective(K, dual, solution.b) == pytest.approx(least, rel=1e-9)


@solvers
@machines
@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_larger_problems(solver, machine, kernel):
    K, dual = blobs(machine, 120, kernel=kernel, C=2.0)
    assert_certified(K, dual, solver(K, dual, TOL, -1))


# Invariances. At a tight tol, where the solution is unique: the kernel matrix of rbf is definite.


@solvers
@machines
def test_order_of_the_samples(solver, machine):
    if machine == "nu_svr":
        pytest.skip("each sample is in its matrix twice: the solution is not unique")
    K, dual = blobs(machine, 40)
    first = solver(K, dual, 1e-9, -1)
    order = np.random.RandomState(1).permutation(40)
    order = order[np.argsort(dual.groups[order], kind="stable")]
    arrays = [a[order] if isinstance(a, np.ndarray) else a for a in dual]
    second = solver(np.ascontiguousarray(K[np.ix_(order, order)]), dual._make(arrays), 1e-9, -1)
    np.testing.assert_allclose(second.b, first.b[order], atol=1e-7)
    np.testing.assert_allclose(second.bias, first.bias, atol=1e-8)


@solvers
def test_labels_swapped(solver):
    for machine in ("c_svc", "epsilon_svr"):
        K, dual = blobs(machine, 40)
        first = solver(K, dual, 1e-9, -1)
        mirror = dual._replace(y=-dual.y, lower=-dual.upper, upper=-dual.lower)
        second = solver(K, mirror, 1e-9, -1)
        np.testing.assert_allclose(second.b, -first.b, atol=1e-7)
        np.testing.assert_allclose(second.bias, -first.bias, atol=1e-8)


@solvers
def test_a_sample_twice_is_a_sample_of_weight_two(solver):
    for machine in ("c_svc", "epsilon_svr"):
        K, dual = blobs(machine, 30)
        weight = np.arange(30) % 3  # also left out
        weighted = dual._replace(lower=dual.lower * weight, upper=dual.upper * weight)
        first = solver(K, weighted, 1e-9, -1)
        twice = np.repeat(np.arange(30), weight)
        repeated = dual._make([a[twice] if isinstance(a, np.ndarray) else a for a in dual])
        second = solver(np.ascontiguousarray(K[np.ix_(twice, twice)]), repeated, 1e-9, -1)
        np.testing.assert_allclose(
            np.bincount(twice, weights=second.b, minlength=30), first.b, atol=1e-7
        )
        np.testing.assert_allclose(second.bias, first.bias, atol=1e-8)


@solvers
def test_c_and_the_kernel_trade_places(solver):
    """K/c with bounds c C has the solution c b; objectives differ by the factor c."""
    K, dual = blobs("c_svc", 40)
    first = solver(K, dual, 1e-9, -1)
    scaled = dual._replace(lower=8 * dual.lower, upper=8 * dual.upper)
    second = solver(K / 8, scaled, 1e-9, -1)
    np.testing.assert_array_equal(second.b, 8 * first.b)
    np.testing.assert_array_equal(second.bias, first.bias)
    assert second.n_iter == first.n_iter


@solvers
def test_a_wide_tube_gives_a_constant(solver):
    K, dual = blobs("epsilon_svr", 40)
    reach = np.ptp(dual.y)
    solution = solver(K, dual._replace(epsilon=0.51 * reach), TOL, -1)
    assert not solution.b.any()
    assert solution.bias[0] == pytest.approx((dual.y.min() + dual.y.max()) / 2, abs=1e-12)


@solvers
@machines
def test_steps_can_be_limited(solver, machine):
    K, dual = blobs(machine, 60)
    in_all = solver(K, dual, TOL, -1).n_iter
    for most in (0, 1, 7, in_all // 2):  # blocks go beyond tol, and may end before in_all
        solution = solver(K, dual, TOL, most)
        assert solution.n_iter == most
        assert not solution.converged
        assert solution.violation > TOL
        oracle.assert_feasible(dual, solution.b, most)
    assert solver(K, dual, TOL, in_all).converged


@solvers
@machines
def test_it_ends_when_tol_cannot_be_reached(solver, machine):
    for seed in range(3):
        K, dual = blobs(machine, 20, d=20, seed=seed)
        solution = solver(K, dual, 0.0, 50_000)
        assert solution.n_iter < 50_000
        assert solution.violation <= 1e-13


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_given_matrix_is_the_kernel_of_rows(kernel):
    X = np.random.RandomState(0).standard_normal((50, 3))
    dual = c_svc(np.where(X[:, 0] > 0.1, 1.0, -1.0))
    K, rows = gram(kernel, X), DenseRows(Kernel(kernel, 0.25, OFFSETS.get(kernel, 0.5), 2), X)
    first = solve(rows, dual, 1e-9)
    assert_certified(K, dual, first, tol=1e-9 + 1e-12, definite=kernel in DEFINITE)
    if kernel in DEFINITE:
        second = solve(MatrixRows(K), dual, 1e-9)
        assert objective(dual, first) == pytest.approx(objective(dual, second), rel=1e-9)
        np.testing.assert_allclose(first.gradient, second.gradient, atol=1e-6)


OFFSETS = {"sigmoid": -0.5}


def many_rows(n=300):
    """Enough for several blocks of 64: (rows, dual)."""
    X = np.random.RandomState(2).standard_normal((n, 4))
    signs = np.where(X[:, 0] + X[:, 1] ** 2 > 1, 1.0, -1.0)
    return DenseRows(Kernel("rbf", 0.25), X), c_svc(signs, C=5.0)


@pytest.mark.parametrize("cache_bytes", [0, 1 << 30])
def test_the_number_of_threads_changes_no_bit(cache_bytes):
    rows, dual = many_rows()
    found = []
    for n_threads in (1, 2):
        with set_num_threads(n_threads), patch.multiple(solver_module, DIRECT=64, _BLOCK=64):
            found.append(solve(rows, dual, TOL, cache_bytes=cache_bytes))
    assert found[0].n_iter == found[1].n_iter
    np.testing.assert_array_equal(found[0].b, found[1].b)
    np.testing.assert_array_equal(found[0].gradient, found[1].gradient)


def test_the_matrix_is_made_once_it_pays():
    """Blocks of columns, then the matrix: the certificate is the same, and so are the blocks."""
    rows, dual = many_rows()
    with patch.multiple(solver_module, DIRECT=64, _BLOCK=64):
        columns = solve(rows, dual, TOL, cache_bytes=0)
        matrix = solve(rows, dual, TOL, cache_bytes=1 << 30)
    for solution in (columns, matrix):
        assert_certified(rows.gram(), dual, solution)
    assert objective(dual, matrix) == pytest.approx(objective(dual, columns), rel=1e-5)


@pytest.mark.parametrize("size", [64, 1024])
def test_a_raised_flag_stops_it(size):
    rows, dual = many_rows()
    with patch.multiple(solver_module, DIRECT=size, _BLOCK=size):
        solution = solve(rows, dual, TOL, stop=np.ones(1, dtype=np.int64))
    assert not solution.converged
    assert solution.n_iter == 0
    oracle.assert_feasible(dual, solution.b)


@pytest.mark.parametrize("size", [24, 1024])
def test_a_flag_raised_on_the_way_stops_it(size):
    """A problem that asks for more steps than anyone has time for."""
    K, dual = blobs("c_svc", 48, d=3, kernel="linear", C=1e7)
    stop, timer = np.zeros(1, dtype=np.int64), None
    begun = time.monotonic()
    with patch.multiple(solver_module, DIRECT=size, _BLOCK=size):
        solve(MatrixRows(K), dual, TOL, 10)  # compiled
        timer = threading.Timer(0.2, stop.__setitem__, (0, 1))
        timer.start()
        solution = solve(MatrixRows(K), dual, 1e-9, stop=stop)
    assert not solution.converged
    assert time.monotonic() - begun < 60
    oracle.assert_feasible(dual, solution.b, solution.n_iter)


# LIBSVM's figures. It keeps the kernel in float32: its alphas solve a neighbouring problem.


def quick(solver, case):
    """The plain solver tries a part of the cases, which need few steps."""
    return solver is not SOLVERS["plain"] or (case.data == "heart" and case.kernel == "rbf")


COMPARED = [
    pytest.param(solver, case, id=f"{name} {case}")
    for name, solver in SOLVERS.items()
    for case in CASES
    if quick(solver, case)
]


@pytest.mark.parametrize(("solver", "case"), COMPARED)
def test_libsvm_stored(solver, case):
    compare_with(STORED[str(case)], solver, case)


def compare_with(libsvm, solver, case):
    K, dual = problem(case)
    loose, tight = solver(K, dual, 1e-3, -1), solver(K, dual, 1e-6, -1)
    assert tight.converged
    theirs = libsvm["objective_at_1e-3"]
    assert objective(dual, loose) <= theirs + 1e-6 * abs(theirs)
    assert objective(dual, tight) == pytest.approx(libsvm["objective"], rel=1e-6)
    machine = machine_of(case, K, tight)
    scale = np.abs(machine.decision).max()
    assert machine.rho == pytest.approx(libsvm["rho"], abs=1e-4 * scale)
    shown = len(libsvm["decision"])
    np.testing.assert_allclose(machine.decision[:shown], libsvm["decision"], atol=1e-4 * scale)
    # the same support but for samples that are on the edge of the margin or the tube
    inside = np.zeros(len(machine.coef), dtype=bool)
    inside[libsvm["support"]] = True
    doubtful = (machine.coef != 0) != inside
    assert doubtful.sum() <= 2
    size = np.abs(machine.coef).max()
    assert (np.abs(machine.coef[doubtful]) <= 1e-3 * size).all()


@pytest.mark.peer
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.data == "heart"], ids=lambda case: str(case)
)
def test_libsvm_live(case):
    pytest.importorskip("sklearn")
    from tests.svm.make_libsvm_figures import figures

    compare_with(figures(case), SOLVERS["whole"], case)
