"""The plain solver of the dual problem: every step of it, and where it ends."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml.svm import pair_steps
from scratchml.svm import smo as module
from scratchml.svm.smo import (
    TAU,
    Dual,
    duality_gap,
    move_pair,
    objective,
    select_pair,
    slopes,
    smo,
    solution_at,
)
from tests.svm import oracle
from tests.svm.problems import MACHINES, SOLVERS, blobs, c_svc, epsilon_svr, gram, nu_svc, problems

SMALL = [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0]  # their products are exact


@st.composite
def states(draw, max_n=6):
    """(K, dual, b): small dyadic numbers, b often at a bound or zero; sums are left free."""
    n = draw(st.integers(2, max_n))
    X = np.array(draw(st.lists(st.sampled_from(SMALL), min_size=2 * n, max_size=2 * n)))
    K = gram("linear", X.reshape(n, 2))
    numbers = st.lists(st.sampled_from(SMALL), min_size=n, max_size=n)
    first, second = np.array(draw(numbers)), np.array(draw(numbers))
    lower, upper = np.minimum(first, 0) - 0.0, np.maximum(second, 0)
    where = draw(
        st.lists(st.sampled_from(["lower", "upper", "zero", "free"]), min_size=n, max_size=n)
    )
    places = {"lower": lower, "upper": upper, "zero": 0 * lower, "free": (lower + upper) / 2}
    b = np.array([places[name][i] for i, name in enumerate(where)])
    epsilon = draw(st.sampled_from([0.0, 0.125, 0.5]))
    groups = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    return K, Dual(np.array(draw(numbers)), lower, upper, epsilon, b.copy(), groups), b


def exact_objective(K, dual, b):
    n = len(b)
    b, y = [Fraction(v) for v in b], [Fraction(v) for v in dual.y.tolist()]
    inner = [sum(Fraction(K[i, j]) * b[j] for j in range(n)) for i in range(n)]
    terms = [b[i] * (inner[i] / 2 - y[i]) + Fraction(dual.epsilon) * abs(b[i]) for i in range(n)]
    return sum(terms)


def moved(b, i, by):
    b = [Fraction(v) for v in b.tolist()]
    b[i] += by
    return b


@given(states())
@settings(max_examples=100)
def test_slopes_are_the_derivatives_to_either_side(state):
    K, dual, b = state
    right, left = slopes(dual, b, K @ b - dual.y)
    here = exact_objective(K, dual, b.tolist())
    h = Fraction(1, 64)  # no kink is nearer but the one at b_i = 0 itself
    for i in range(len(b)):
        bend = h * Fraction(K[i, i]) / 2
        up = (exact_objective(K, dual, moved(b, i, h)) - here) / h - bend
        down = (exact_objective(K, dual, moved(b, i, -h)) - here) / -h + bend
        assert right[i] == (up if b[i] < dual.upper[i] else np.inf)
        assert left[i] == (down if b[i] > dual.lower[i] else -np.inf)


def assert_best(K, dual, b, g, i, j):
    """Every pair was looked at: none is better by equation (3), whichever of equals comes first."""
    right, left = slopes(dual, b, g)

    def promise(i, j):
        a = K[i, i] + K[j, j] - 2 * K[i, j]
        return max(left[j] - right[i], 0) ** 2 / (a if a > 0 else TAU)

    for group in set(dual.groups.tolist()):
        inside = [s for s in range(len(b)) if dual.groups[s] == group]
        steepest = [s for s in inside if right[s] == min(right[inside])]
        best = [max(promise(s, other) for other in inside) for s in steepest]
        if group == dual.groups[i]:
            assert promise(i, j) == best[steepest.index(i)]
        assert promise(i, j) >= min(best)


@given(states())
@settings(max_examples=200)
def test_the_pair_is_that_of_equation_3(state):
    K, dual, b = state
    g = K @ b - dual.y
    i, j, violation = select_pair(K, dual, b, g)
    assert violation == oracle.violation(K, dual, b)
    if violation > 0:
        assert dual.groups[i] == dual.groups[j]
        assert_best(K, dual, b, g, i, j)


def compiled_steps(K, dual, b, g, tol, max_iter):
    """`max_iter` steps of the compiled loop, b and g in place; returns how many were taken."""
    n = len(b)
    offsets = np.full((2, int(dual.groups.max()) + 1, n), pair_steps.FAR)
    return pair_steps._pair_steps(
        K, np.arange(n), np.array([[0, n]]), K.diagonal().copy(),
        np.stack([dual.lower, dual.upper]), dual.groups, dual.epsilon,
        b, g, offsets, np.empty((4, n)), tol, max_iter,
    )  # fmt: skip


def plain_step(K, dual, b, g):
    i, j, violation = select_pair(K, dual, b, g)
    if violation > 0:
        move_pair(K, dual, b, g, i, j)


def compiled_step(K, dual, b, g):
    compiled_steps(K, dual, b, g.copy(), 0.0, 1)


steps = pytest.mark.parametrize(
    "step", [plain_step, pytest.param(compiled_step, marks=pytest.mark.kernel)]
)


@steps
@given(state=states())
@settings(max_examples=200)
def test_a_pair_moves_to_the_lowest_point_within_reach(step, state):
    """That is before a bound or a kink; one on it is there to the bit."""
    K, dual, before = state
    g = K @ before - dual.y
    after = before.copy()
    step(K, dual, after, g)
    if oracle.violation(K, dual, before) == 0:
        np.testing.assert_array_equal(after, before)
        return
    i, j = int(np.argmax(after - before)), int(np.argmin(after - before))
    assert dual.groups[i] == dual.groups[j]
    assert_best(K, dual, before, g, i, j)
    others = np.delete(np.arange(len(before)), [i, j])
    np.testing.assert_array_equal(after[others], before[others])
    t = after[i] - before[i]
    assert t > 0
    assert after[j] == pytest.approx(before[j] - t, abs=1e-15)
    stops_i = [dual.upper[i], 0.0] if dual.epsilon and before[i] < 0 else [dual.upper[i]]
    stops_j = [dual.lower[j], 0.0] if dual.epsilon and before[j] > 0 else [dual.lower[j]]
    stop_i, stop_j = min(stops_i), max(stops_j)
    assert after[i] <= stop_i
    assert after[j] >= stop_j
    # what is left of the slope along the pair, seen from where it came
    a = K[i, i] + K[j, j] - 2 * K[i, j]
    right, left = slopes(dual, before, g)
    rest = right[i] - left[j] + a * t
    if after[i] < stop_i and after[j] > stop_j:
        assert abs(rest) <= 1e-14  # the pair's slopes are equal now
    else:
        assert rest <= 1e-14


def step_between(step, cap, at, mirrored):
    """b after a step of two samples, from (at, -at), that a bound at a distance `cap` ends."""
    lower, upper = np.array([0, -1e9]), np.array([cap, 0])
    if mirrored:
        lower, upper = np.array([0, -cap]), np.array([1e9, 0])
    dual = Dual(np.array([1.0, -1.0]), lower, upper, 0.0, np.zeros(2), np.zeros(2, dtype=np.int64))
    b = np.array([at, -at])
    step(np.eye(2) * 1e-9, dual, b, np.array([-1.0, 1.0]))
    return b


@steps
def test_a_variable_that_stops_is_given_the_bound_itself(step):
    rng = np.random.RandomState(0)
    upper, start = 1 / rng.random_sample(1000), rng.random_sample(1000) / 7
    missed = start + (upper - start) != upper
    assert missed.sum() >= 20  # what adding the step would do
    for cap, at in zip(upper[missed], start[missed], strict=True):
        assert step_between(step, cap, at, mirrored=False)[0] == cap
        assert step_between(step, cap, at, mirrored=True)[1] == -cap


@steps
@pytest.mark.parametrize(("b", "lands"), [((-0.3, 0.7), (0.0, 0.4)), ((-0.7, 0.3), (-0.4, 0.0))])
def test_a_step_ends_where_the_tube_changes_sides(step, b, lands):
    """A steep way on, over zero, is another step's: the slope there has grown by 2 epsilon."""
    y, bound = np.array([9.0, -9.0]), np.array([4.0, 4.0])
    dual = Dual(y, -bound, bound, 0.5, np.zeros(2), np.zeros(2, dtype=np.int64))
    b, K = np.array(b), np.eye(2) / 64
    step(K, dual, b, K @ b - y)
    np.testing.assert_allclose(b, lands, rtol=1e-15)
    assert (b == 0).any()


@pytest.mark.parametrize("curvature", [0.0, -3.0])
def test_a_pair_on_which_the_objective_is_flat_or_bends_down_moves_to_its_bound(curvature):
    K = np.array([[1.0, 1 - curvature / 2], [1 - curvature / 2, 1.0]])
    dual = c_svc(np.array([1.0, -1.0]), C=1e6)
    solution = smo(K, dual, 1e-3, -1)
    np.testing.assert_array_equal(solution.b, [1e6, -1e6])
    assert solution.n_iter == 1


class TestBias:
    def of(self, b, g, lower, upper, epsilon=0.0, groups=None):
        groups = np.zeros(len(b), dtype=np.int64) if groups is None else np.array(groups)
        arrays = [np.array(a, dtype=float) for a in (b, g, lower, upper)]
        dual = Dual(0 * arrays[0], arrays[2], arrays[3], epsilon, arrays[0], groups)
        return solution_at(dual, arrays[0], arrays[1], 0, 0.0).bias.tolist()

    def test_is_minus_the_mean_slope_of_the_free(self):
        assert self.of([1, 2, 0, 5], [3, 4, 9, -9], [0] * 4, [5] * 4) == [-3.5]

    def test_takes_the_side_of_the_tube_into_account(self):
        assert self.of([1, -1, 0], [3, 5, 99], [-5] * 3, [5] * 3, epsilon=0.5) == [-4.0]

    def test_without_free_ones_is_the_middle_of_the_interval(self):
        assert self.of([0, 5, 5], [3, 1, -4], [0] * 3, [5] * 3) == [-2.0]
        assert self.of([0, 0], [1, 2], [-5] * 2, [5] * 2, epsilon=4) == [-1.5]  # right 5, left -2

    def test_without_a_middle_is_the_end_there_is(self):
        assert self.of([5, 5], [3, 1], [0] * 2, [5] * 2) == [-3.0]
        assert self.of([0, 0], [3, 1], [0] * 2, [5] * 2) == [-1.0]
        assert self.of([0, 0], [3, 1], [0] * 2, [0] * 2) == [0.0]

    def test_of_each_group(self):
        assert self.of([1, 1, 0], [3, 4, 7], [0] * 3, [5] * 3, groups=[0, 2, 2]) == [-3, 0, -4]


@given(states())
@settings(max_examples=100)
def test_gap_is_primal_minus_dual(state):
    K, dual, b = state
    g = K @ b - dual.y
    bias = np.array([0.25, -0.5])
    solution = module.Solution(b, g, bias, 0.0, 0, True)
    f = K @ b + bias[dual.groups]
    loss = 0.0
    for i, r in enumerate(dual.y - f):
        loss += dual.upper[i] * max(r - dual.epsilon, 0) - dual.lower[i] * max(-r - dual.epsilon, 0)
    primal = b @ K @ b / 2 + loss + bias[dual.groups] @ b
    assert objective(dual, solution) == pytest.approx(oracle.dual_objective(K, dual, b), abs=1e-14)
    assert duality_gap(dual, solution) == pytest.approx(
        primal + oracle.dual_objective(K, dual, b), abs=1e-13
    )
    assert duality_gap(dual, solution) >= max(0, oracle.duality_gap(K, dual, b)) - 1e-13


def small(problem):
    K, dual = problem
    return np.abs(K).max() * max(1, dual.upper.max()) < 1e3


@pytest.mark.parametrize("machine", MACHINES)
@given(data=st.data())
@settings(max_examples=8)
def test_it_finds_the_exact_minimum(machine, data):
    n = {"nu_svr": 2, "epsilon_svr": 3}.get(machine, 4)
    K, dual = data.draw(problems(machine, ("linear",), max_n=n, Cs=(0.1, 1.0, 10.0)).filter(small))
    solution = smo(K, dual, 1e-9, 100_000)
    assert solution.converged
    least = float(oracle.exact_minimum(K, dual))
    assert objective(dual, solution) == pytest.approx(least, abs=1e-9 * (1 + abs(least)))
    assert objective(dual, solution) - least <= duality_gap(dual, solution) + 1e-12 * (
        1 + abs(least)
    )


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
@pytest.mark.parametrize("machine", MACHINES)
def test_it_agrees_with_projected_gradients(machine, kernel):
    K, dual = blobs(machine, 20, kernel=kernel)
    solution = smo(K, dual, 1e-8, 100_000)
    b = oracle.projected_gradient(K, dual)
    other = oracle.dual_objective(K, dual, b)
    assert solution.converged
    assert objective(dual, solution) == pytest.approx(other, rel=1e-7, abs=1e-12)
    g = oracle.expansion(K, b) - dual.y
    np.testing.assert_allclose(solution.gradient, g, atol=1e-5 * np.abs(K).max())


# Where a step is as promised but another pair should have been chosen, every certificate holds:
# the count alone tells. (Of equal pairs `pair_steps` takes another.)
COUNTS = {
    # plain, whole, in blocks, in blocks with samples set aside
    ("c_svc", "rbf"): (67, 67, 151, 124),
    ("c_svc", "linear"): (129, 129, 260, 185),
    ("epsilon_svr", "rbf"): (69, 69, 118, 150),
    ("one_class", "rbf"): (56, 56, 98, 107),
    ("nu_svc", "rbf"): (94, 89, 157, 157),
    ("nu_svr", "rbf"): (57, 57, 101, 90),
}


@pytest.mark.parametrize(("machine", "kernel"), COUNTS)
def test_pairs_moved(machine, kernel):
    K, dual = blobs(machine, 60, kernel=kernel)
    counts = tuple(solver(K, dual, 1e-3, -1).n_iter for solver in SOLVERS.values())
    assert counts == COUNTS[machine, kernel]


@pytest.mark.parametrize("machine", MACHINES)
def test_each_step_lowers_the_objective_and_max_iter_ends_them(machine):
    K, dual = blobs(machine, 15)
    in_all = smo(K, dual, 1e-3, -1).n_iter
    last = np.inf
    for max_iter in range(in_all + 2):
        solution = smo(K, dual, 1e-3, max_iter)
        assert solution.n_iter == min(max_iter, in_all)
        assert solution.converged == (max_iter >= in_all)
        assert solution.converged == (solution.violation <= 1e-3)
        value = oracle.dual_objective(K, dual, solution.b)
        assert value < last or max_iter > in_all
        last = value


@pytest.mark.parametrize("kernel", ["linear", "rbf", "sigmoid"])
@pytest.mark.parametrize("machine", MACHINES)
def test_it_ends_when_tol_cannot_be_reached(machine, kernel):
    for seed in range(5):
        K, dual = blobs(machine, 9, d=9, seed=seed, kernel=kernel)
        solution = smo(K, dual, 0.0, 5000)
        assert solution.n_iter < 5000
        assert solution.violation <= 1e-14 * np.abs(K).max()


def test_a_kernel_that_is_not_a_number_ends_it_unconverged():
    K = np.array([[1.0, np.nan], [np.nan, 1.0]])
    assert not smo(K, c_svc(np.array([1.0, -1.0])), 1e-3, -1).converged


class TestByHand:
    def test_two_points(self):
        """x = -1, 1: the widest margin is w = 1, each alpha 1/2."""
        K = gram("linear", np.array([[-1.0], [1.0]]))
        solution = smo(K, c_svc(np.array([-1.0, 1.0])), 1e-6, -1)
        np.testing.assert_array_equal(solution.b, [-0.5, 0.5])
        assert solution.bias == 0
        assert objective(c_svc(np.array([-1.0, 1.0])), solution) == -0.5
        assert solution.n_iter == 1

    def test_bounds_reached(self):
        K = gram("linear", np.array([[-1.0], [1.0]]))
        solution = smo(K, c_svc(np.array([-1.0, 1.0]), C=0.25), 1e-6, -1)
        np.testing.assert_array_equal(solution.b, [-0.25, 0.25])
        assert solution.converged

    @pytest.mark.parametrize("epsilon", [1.5, 4.0])
    def test_a_tube_wider_than_the_targets_gives_a_constant(self, epsilon):
        y = np.array([1.0, 4.0, 2.0])
        dual = epsilon_svr(y, epsilon=epsilon)
        solution = smo(np.eye(3), dual, 1e-6, -1)
        assert not solution.b.any()
        assert solution.n_iter == 0
        assert solution.bias == 2.5
        assert duality_gap(dual, solution) == 0

    def test_regression_on_a_line(self):
        """y = 2 x at -1, 0, 1, tube of 1/2: w = 1.5, and the outer two hold it."""
        X = np.array([[-1.0], [0.0], [1.0]])
        dual = epsilon_svr(2 * X[:, 0], C=10.0, epsilon=0.5)
        solution = smo(gram("linear", X), dual, 1e-9, -1)
        np.testing.assert_allclose(solution.b, [-0.75, 0, 0.75])
        np.testing.assert_allclose(solution.bias, 0, atol=1e-15)

    def test_the_nu_machine_keeps_the_sum_of_each_class(self):
        signs = np.array([1.0, 1.0, -1.0, -1.0])
        K = gram("linear", np.array([[3.0], [1.0], [-1.0], [-3.0]]))
        solution = smo(K, nu_svc(signs, 0.5), 1e-9, -1)
        np.testing.assert_array_equal(solution.b, [0, 1, -1, 0])  # the inner two; then Kb = 2 x
        assert -solution.bias[0] == pytest.approx(4.0, abs=2)  # both at their bounds: 2 to 6
        assert solution.bias[1] == pytest.approx(4.0, abs=2)


@pytest.mark.kernel
class TestKernels:
    """What the compiled loop is made of; its step is tested above."""

    @given(values=st.lists(st.sampled_from([*SMALL, 1e300, -1e300]), min_size=1, max_size=40))
    def test_argmin(self, values):
        x = np.array(values)
        assert x[pair_steps._argmin(x, np.empty(len(x)))] == x.min()

    def test_argmin_of_each_place(self):
        for n in range(1, 34):
            for k in range(n):
                x = np.arange(n)[::-1] + 1.0
                x[k] = 0.0
                assert pair_steps._argmin(x, np.empty(n)) == k

    @given(states())
    def test_offsets_are_those_of_the_slopes(self, state):
        K, dual, b = state
        g = K @ b - dual.y
        offsets = np.full((2, 2, len(b)), pair_steps.FAR)
        bounds = np.stack([dual.lower, dual.upper])
        right, left = slopes(dual, b, g)
        for k, group in enumerate(dual.groups):
            pair_steps._set_offsets(bounds, dual.groups, dual.epsilon, b, k, offsets)
            rise, fall = offsets[:, group, k]
            assert rise == (pair_steps.FAR if right[k] == np.inf else right[k] - g[k])
            assert fall == (pair_steps.FAR if left[k] == -np.inf else g[k] - left[k])
            assert (offsets[:, 1 - group, k] == pair_steps.FAR).all()

    @pytest.mark.parametrize("machine", MACHINES)
    def test_many_steps_keep_the_gradient_and_end_within_tol(self, machine):
        K, dual = blobs(machine, 17)
        b, g = dual.start.copy(), K @ dual.start - dual.y
        taken = compiled_steps(K, dual, b, g, 1e-6, 10_000)
        assert 0 < taken < 10_000
        np.testing.assert_allclose(g, K @ b - dual.y, atol=1e-13 * len(K))
        assert oracle.violation(K, dual, b) <= 1e-6 + 1e-12
        oracle.assert_feasible(dual, b, taken)
        assert compiled_steps(K, dual, b, g, 1e-6, 10_000) == 0

    @pytest.mark.parametrize("most", [0, 1, 5])
    def test_steps_are_counted(self, most):
        K, dual = blobs("c_svc", 17)
        b, g = dual.start.copy(), -dual.y
        assert compiled_steps(K, dual, b, g, 1e-3, most) == most

    def test_a_step_below_the_last_bit_ends_it(self):
        dual = Dual(*np.array([[0.0, 0], [-4, -4], [4, 4]]), 0.0, np.zeros(2), np.zeros(2, int))
        b, g = np.array([1.0, -1.0]), np.array([-1e-18, 0.0])
        assert compiled_steps(np.eye(2), dual, b, g, 0.0, 9) == 0
        np.testing.assert_array_equal(b, [1, -1])

    def test_what_is_not_a_number_ends_it(self):
        K, dual = blobs("c_svc", 17)
        b, g = dual.start.copy(), np.full(17, np.nan)
        assert compiled_steps(K, dual, b, g, 1e-3, 9) < 9
