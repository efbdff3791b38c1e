"""The descents of the lasso: kernels against restatements, solutions against certificates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml import set_num_threads
from scratchml.linear_model import coordinate_descent as cd
from scratchml.linear_model.coordinate_descent import Problem, descend_columns
from scratchml.linear_model.design import (
    Design,
    add_correlations,
    add_gradient,
    add_squares,
    columns,
    correlate,
    correlations,
    gather,
    gradient,
    squared_norms,
    weighted_mean,
)
from scratchml.linear_model.duality_gap import duality_gap
from scratchml.linear_model.elastic_net import elastic_net
from scratchml.linear_model.gram_descent import (
    cholesky_solve,
    coordinate_minimum,
    descend_gram,
    gram_sweeps,
    newton_step,
    subtract_rows,
)
from scratchml.linear_model.gram_matrix import gram

FLOATS = (np.float64, np.float32)


def objective(X, y, b, l1, l2):
    r = y - X @ b
    return 0.5 * r @ r + l1 * np.abs(b).sum() + 0.5 * l2 * b @ b


def proximal_gradient(X, y, l1, l2, positive=False, steps=20000):
    """Solve by ISTA, straight from its definition: slow, and unlike any descent here."""
    step = 1 / (np.linalg.norm(X, 2) ** 2 + l2)
    b = np.zeros(X.shape[1])
    for _ in range(steps):
        z = b + step * (X.T @ (y - X @ b) - l2 * b)
        new = np.sign(z) * np.maximum(np.abs(z) - step * l1, 0)
        new = np.maximum(new, 0) if positive else new
        if np.array_equal(new, b):
            break
        b = new
    return b


def solve(X, y, l1, l2=0.0, *, by_gram, tol=1e-10, b=None, **options):
    """Solve for X taken as it is, without centring, by one of the two regimes."""
    b = np.zeros(X.shape[1], dtype=X.dtype) if b is None else b.astype(X.dtype)
    if by_gram:
        design = Design(X, None, None)
        (result,) = elastic_net(
            design, y[None], b[None], l1, l2, by_gram=True, tol=tol, **{"max_iter": 5000, **options}
        )
        return result
    positive = options.pop("positive", False)
    problem = Problem(Design(X, None, None), y, (X * X).sum(axis=0), l1, l2, positive)
    return descend_columns(
        problem, b, target=tol * float(y @ y), tol=tol, **{"max_iter": 5000, **options}
    )


def make(n, p, *, seed=0, correlation=0.0, dtype=np.float64, noise=0.1):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    X += correlation * rng.standard_normal((n, 1))
    b = np.where(rng.random(p) < 0.2, rng.standard_normal(p), 0)
    return X.astype(dtype), (X @ b + noise * rng.standard_normal(n)).astype(dtype)


def assert_optimal(X, y, b, l1, l2, positive=False, atol=1e-7):
    """Check the conditions of Karush, Kuhn and Tucker, relative to ||x_j|| ||y||."""
    g = X.T @ (y - X @ b) - l2 * b
    slack = atol * (np.linalg.norm(X, axis=0) * np.linalg.norm(y) + 1e-300)
    on = b != 0
    assert np.all(np.abs(g - l1 * np.sign(b))[on] <= slack[on])
    assert np.all((g if positive else np.abs(g))[~on] <= l1 + slack[~on])
    assert not positive or np.all(b >= 0)


problems = st.fixed_dictionaries(
    {
        "n": st.integers(1, 40),
        "p": st.integers(1, 40),
        "seed": st.integers(0, 10**6),
        "correlation": st.sampled_from([0.0, 1.0, 10.0]),
    }
)
shares = st.sampled_from([0.9, 0.3, 0.05, 1e-3])


@pytest.mark.kernel
@given(problems, shares, st.sampled_from([0.0, 0.1, 10.0]), st.booleans(), st.booleans())
def test_conditions_of_optimality(problem, share, l2, positive, by_gram):
    X, y = make(**problem)
    l1 = share * np.abs(X.T @ y).max()
    result = solve(X, y, l1, l2, by_gram=by_gram, positive=positive, tol=1e-14)
    assert result.gap <= 1e-12 * (y @ y)
    assert_optimal(X, y, result.coef, l1, l2, positive)


@pytest.mark.parametrize("by_gram", [False, True])
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize(("n", "p"), [(30, 8), (12, 30)])
@pytest.mark.parametrize("l2", [0.0, 1.0])
def test_equals_proximal_gradient(n, p, l2, positive, by_gram):
    X, y = make(n, p, seed=n)
    l1 = 0.1 * np.abs(X.T @ y).max()
    result = solve(X, y, l1, l2, by_gram=by_gram, positive=positive, tol=1e-14)
    expected = proximal_gradient(X, y, l1, l2, positive)
    np.testing.assert_allclose(result.coef, expected, atol=1e-7)  # ISTA's own accuracy
    assert objective(X, y, result.coef, l1, l2) <= objective(X, y, expected, l1, l2) * (1 + 1e-14)


@pytest.mark.parametrize("by_gram", [False, True])
@pytest.mark.parametrize("l2", [0.0, 0.5])
def test_orthonormal_columns_have_a_closed_form(l2, by_gram):
    X = np.linalg.qr(np.random.default_rng(1).standard_normal((50, 20)))[0]
    y = np.random.default_rng(2).standard_normal(50)
    z = X.T @ y
    expected = np.sign(z) * np.maximum(np.abs(z) - 0.05, 0) / (1 + l2)
    result = solve(X, y, 0.05, l2, by_gram=by_gram)
    np.testing.assert_allclose(result.coef, expected, atol=1e-14)
    assert result.n_iter <= 2


@pytest.mark.parametrize("by_gram", [False, True])
def test_without_penalty_it_is_least_squares(by_gram):
    X, y = make(60, 10, correlation=3.0)
    result = solve(X, y, 0.0, by_gram=by_gram, tol=1e-20)
    np.testing.assert_allclose(result.coef, np.linalg.lstsq(X, y)[0], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("by_gram", [False, True])
def test_without_l1_it_is_ridge(by_gram):
    X, y = make(20, 30)
    result = solve(X, y, 0.0, 2.0, by_gram=by_gram, tol=1e-20)
    expected = np.linalg.solve(X.T @ X + 2 * np.eye(30), X.T @ y)
    np.testing.assert_allclose(result.coef, expected, rtol=1e-8, atol=1e-10)
    assert result.converged


@pytest.mark.parametrize("by_gram", [False, True])
@pytest.mark.parametrize("positive", [False, True])
def test_largest_useful_penalty(positive, by_gram):
    X, y = make(30, 12)
    z = X.T @ y
    most = (z if positive else np.abs(z)).max()
    for l1, nonzero in ((most, 0), (most * 1.01, 0), (most * 0.99, 1)):
        result = solve(X, y, l1, by_gram=by_gram, positive=positive)
        assert np.count_nonzero(result.coef) == nonzero
        assert result.converged


def test_positive_without_penalty_is_nonnegative_least_squares():
    X, y = make(40, 6, noise=1.0)
    result = solve(X, y, 0.0, by_gram=True, positive=True, tol=1e-16)
    assert result.converged
    assert_optimal(X, y, result.coef, 0.0, 0.0, positive=True)
    assert 0 < np.count_nonzero(result.coef) < 6


# The certificate.


@given(problems, shares, st.sampled_from([0.0, 0.1, 10.0]), st.booleans())
def test_gap_bounds_the_distance_to_the_minimum(problem, share, l2, positive):
    X, y = make(**problem)
    l1 = share * np.abs(X.T @ y).max()
    best = solve(X, y, l1, l2, by_gram=True, positive=positive, tol=1e-14).coef
    rng = np.random.default_rng(problem["seed"])
    for scale in (0, 1e-6, 1e-2, 1):
        b = best + scale * rng.standard_normal(len(best)) * (rng.random(len(best)) < 0.5)
        b = np.maximum(b, 0) if positive else b
        r = y - X @ b
        gap, s = duality_gap(b, X.T @ r, r @ r, (X * X).sum(axis=0), l1, l2, positive)
        excess = objective(X, y, b, l1, l2) - objective(X, y, best, l1, l2)
        assert 0 < s <= 1
        assert gap >= excess - 1e-12 * (y @ y)


def test_gap_is_primal_minus_dual():
    X, y = make(20, 15)
    b = np.random.default_rng(0).standard_normal(15)
    r = y - X @ b
    l1, norms = 0.5, (X * X).sum(axis=0)
    theta = r * min(1, l1 / np.abs(X.T @ r).max())
    expected = objective(X, y, b, l1, 0) - (y @ theta - theta @ theta / 2)
    assert duality_gap(b, X.T @ r, r @ r, norms, l1, 0.0)[0] == pytest.approx(expected, rel=1e-12)
    # l2 > 0: the same of the stacked matrix, or the Fenchel bound at r, whichever is smaller
    l2 = 0.7
    stacked = np.vstack([X, np.sqrt(l2) * np.eye(15)]), np.append(y, np.zeros(15))
    R = stacked[1] - stacked[0] @ b
    theta = R * min(1, l1 / np.abs(stacked[0].T @ R).max())
    primal = objective(X, y, b, l1, l2)
    one = primal - (stacked[1] @ theta - theta @ theta / 2)
    over = np.maximum(np.abs(X.T @ r) - l1, 0)
    two = primal - (y @ r - r @ r / 2 - over @ over / (2 * l2))
    gap = duality_gap(b, X.T @ r, r @ r, norms, l1, l2)[0]
    assert gap == pytest.approx(min(one, two), rel=1e-12)
    huge = duality_gap(b, X.T @ r, r @ r, norms, l1, 1e-9)[0]
    assert huge < 1e6  # the first bound: the second is divided by l2


def test_gap_without_penalty_is_what_independent_steps_gain():
    X = np.linalg.qr(np.random.default_rng(1).standard_normal((9, 4)))[0] * [1, 2, 3, 4]
    y, b = np.arange(9.0), np.ones(4)
    r = y - X @ b
    gap, _ = duality_gap(b, X.T @ r, r @ r, (X * X).sum(axis=0), 0.0, 0.0)
    best = np.linalg.lstsq(X, y)[0]
    assert gap == pytest.approx(objective(X, y, b, 0, 0) - objective(X, y, best, 0, 0), rel=1e-12)


def test_gap_ignores_what_rounding_left_of_constant_columns():
    b, c, norms = np.array([1.0, 0.0]), np.array([0.5, 9.0]), np.array([2.0, 0.0])
    for l1, l2 in ((0.5, 0.0), (0.3, 0.1), (0.0, 0.0)):
        whole = duality_gap(b, c, 3.0, norms, l1, l2)
        assert whole == duality_gap(b[:1], c[:1], 3.0, norms[:1], l1, l2)


def test_gap_does_not_cancel_near_the_minimum():
    X, y = make(50, 10)
    b = solve(X, y, 1.0, by_gram=True, tol=1e-14).coef
    r = y - X @ b
    gap, _ = duality_gap(b, X.T @ r, r @ r, (X * X).sum(axis=0), 1.0, 0.0)
    assert 0 <= gap < 1e-15 * (y @ y)


# Iterations, warm starts, limits.


def test_pinned_sweeps():
    """Counts that change only with the method: a slower solver can pass every certificate."""
    X, y = make(50, 20)
    assert solve(X, y, 1.0, by_gram=True).n_iter == 7
    for n, p, share, tol, sweeps in (
        (200, 1500, 0.3, 1e-10, 27),
        (600, 900, 0.1, 1e-10, 40),
        (600, 900, 0.1, 1e-4, 17),
        (600, 900, 0.02, 1e-4, 34),
    ):
        X, y = make(n, p, seed=3)
        l1 = share * np.abs(X.T @ y).max()
        assert solve(X, y, l1, by_gram=False, tol=tol).n_iter == sweeps


@pytest.mark.parametrize("by_gram", [False, True])
def test_warm_start_at_the_solution_needs_no_sweep(by_gram):
    X, y = make(60, 300 if not by_gram else 12)
    first = solve(X, y, 2.0, by_gram=by_gram)
    again = solve(X, y, 2.0, by_gram=by_gram, b=first.coef.copy())
    assert again.n_iter == 0
    np.testing.assert_array_equal(again.coef, first.coef)


@pytest.mark.parametrize("by_gram", [False, True])
@pytest.mark.parametrize("most", [1, 2, 7])
def test_max_iter_is_kept_and_reported(by_gram, most):
    X, y = make(60, 50, correlation=10.0)
    result = solve(X, y, 1e-3, by_gram=by_gram, tol=1e-15, max_iter=most)
    assert (result.n_iter, result.converged) == (most, False)
    r = y - X @ result.coef
    norms = (X * X).sum(axis=0)
    gap, _ = duality_gap(result.coef, X.T @ r, r @ r, norms, 1e-3, 0.0)
    assert result.gap == pytest.approx(gap, rel=1e-6)


@pytest.mark.parametrize("by_gram", [False, True])
def test_unreachable_tolerance_ends_at_rounding(by_gram):
    X, y = make(80, 40, correlation=1.0)
    result = solve(X, y, 0.1, by_gram=by_gram, tol=0.0, max_iter=100_000)
    assert result.n_iter < 1000
    assert result.gap < 1e-14 * (y @ y)


@pytest.mark.parametrize("by_gram", [False, True])
def test_random_order_reaches_the_same_solution(by_gram):
    X, y = make(70, 40, correlation=1.0)
    cyclic = solve(X, y, 1.0, by_gram=by_gram, tol=1e-14)
    runs = [
        solve(X, y, 1.0, by_gram=by_gram, tol=1e-14, rng=np.random.default_rng(seed))
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(runs[0].coef, runs[1].coef)
    assert runs[0].n_iter == runs[1].n_iter
    for run in runs:
        np.testing.assert_allclose(run.coef, cyclic.coef, atol=1e-12)


def test_each_regime_is_reached(monkeypatch):
    """Working sets beyond 100 columns: residual sweeps, then Gram updates, then neither pays."""
    X, y = make(400, 700, seed=5, noise=2.0)
    l1 = 0.02 * np.abs(X.T @ y).max()
    seen = []
    original = cd.gram_of_rows
    monkeypatch.setattr(
        cd, "gram_of_rows", lambda A, W, *a: seen.append(len(W)) or original(A, W, *a)
    )
    with_gram = solve(X, y, l1, by_gram=False, tol=1e-12)
    assert max(seen) > 256
    monkeypatch.setattr(cd, "_gram_pays", lambda k, shape, n_iter: False)
    without = solve(X, y, l1, by_gram=False, tol=1e-9, max_iter=50_000)
    assert with_gram.converged
    assert without.converged
    assert with_gram.n_iter < without.n_iter
    for result in (with_gram, without):
        assert_optimal(X, y, result.coef, l1, 0.0, atol=1e-5)


# Awkward data.


@pytest.mark.parametrize("by_gram", [False, True])
@pytest.mark.parametrize("l2", [0.0, 1.0])
def test_duplicated_and_zero_columns(l2, by_gram):
    X, y = make(30, 6)
    X = np.column_stack([X, X[:, :3], np.zeros(30), -X[:, 0]])
    result = solve(X, y, 0.5, l2, by_gram=by_gram, tol=1e-12)
    assert result.converged
    assert result.coef[9] == 0
    assert_optimal(X, y, result.coef, 0.5, l2)
    if l2 == 0:
        alone = solve(X[:, :6], y, 0.5, by_gram=by_gram, tol=1e-12)
        assert objective(X, y, result.coef, 0.5, 0) == pytest.approx(
            objective(X[:, :6], y, alone.coef, 0.5, 0), rel=1e-10
        )


@pytest.mark.parametrize("by_gram", [False, True])
@pytest.mark.parametrize("scale", [1e-100, 1e-10, 1e10, 1e100])
def test_scales_cancel(scale, by_gram):
    X, y = make(40, 10)
    plain = solve(X, y, 1.0, by_gram=by_gram)
    scaled = solve(X * scale, y * 8, 8 * scale, by_gram=by_gram)
    np.testing.assert_allclose(scaled.coef * scale / 8, plain.coef, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("by_gram", [False, True])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("n", "p"), [(1, 1), (1, 5), (5, 1), (2, 300)])
def test_smallest_shapes(n, p, dtype, by_gram):
    X, y = make(n, p, dtype=dtype)
    l1 = 0.5 * float(np.abs(X.T @ y).max())
    result = solve(X, y, l1, by_gram=by_gram, tol=1e-5)
    assert result.coef.dtype == dtype
    assert result.converged
    assert_optimal(X, y, result.coef, l1, 0.0, atol=1e-2)


def test_values_that_are_no_number_end_the_descent():
    X, y = make(20, 5)
    for bad in (np.nan, np.inf):
        for by_gram in (False, True):
            Z = X.copy()
            Z[3, 2] = bad
            with np.errstate(invalid="ignore"):
                assert not np.isfinite(solve(Z, y, 0.1, by_gram=by_gram).gap)


# The centred design.


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("centred", [False, True])
def test_design_is_what_it_says(order, dtype, weighted, centred):
    rng = np.random.default_rng(0)
    X = (rng.standard_normal((700, 9)) + 5).astype(dtype, order=order)
    weight = rng.random(700).astype(dtype) if weighted else None
    weight = None if weight is None else weight * (700 / weight.sum())
    Y, b = rng.standard_normal((700, 2)).astype(dtype), rng.standard_normal(9).astype(dtype)
    mean = weighted_mean(X, weight) if centred else None
    if centred:
        np.testing.assert_allclose(mean, np.average(X.astype(float), axis=0, weights=weight), 1e-6)
    expected = X.astype(float) - (mean if centred else 0)
    expected *= 1 if weight is None else np.sqrt(weight.astype(float))[:, None]
    design = Design(X, mean, None if weight is None else np.sqrt(weight))
    tolerance = {"rtol": 30 * np.finfo(dtype).eps, "atol": 3000 * np.finfo(dtype).eps}
    before = X.copy()
    W = np.array([7, 0, 3])
    np.testing.assert_allclose(columns(design, W), expected.T[W], **tolerance)
    np.testing.assert_allclose(squared_norms(design), (expected**2).sum(axis=0), **tolerance)
    np.testing.assert_allclose(gram(design), expected.T @ expected, **tolerance)
    c, rr = gradient(design, Y[:, 0].copy(), b)
    r = Y[:, 0] - expected @ b
    np.testing.assert_allclose(c, expected.T @ r, rtol=1e-3 if dtype == np.float32 else 1e-12)
    assert rr == pytest.approx(r @ r, rel=1e-4 if dtype == np.float32 else 1e-12)
    np.testing.assert_allclose(
        correlations(design, Y[:, 1].copy()), expected.T @ Y[:, 1], **tolerance
    )
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("p", [1, 4, 6, 30])
@pytest.mark.parametrize("n", [1, 7, 256, 1030])
def test_gram_matrix_strip_by_strip(n, p, monkeypatch):
    X = np.random.default_rng(0).standard_normal((n, p)) + 1
    monkeypatch.setattr("scratchml.linear_model.gram_matrix._STRIP", 256 * p)  # several strips
    design = Design(X, X.mean(axis=0), None)
    Q = gram(design)
    np.testing.assert_allclose(Q, (X - design.mean).T @ (X - design.mean), rtol=1e-13, atol=1e-12)
    np.testing.assert_array_equal(Q, Q.T)


@pytest.mark.parametrize("mean", [0.0, 1.5, 3.0, 1e6])
def test_gram_matrix_keeps_its_digits(mean):
    X = np.random.default_rng(0).standard_normal((3000, 5)) + mean
    design = Design(X, weighted_mean(X, None), None)
    Z = (X - X.mean(axis=0)).astype(np.longdouble)
    Z -= Z.mean(axis=0)
    np.testing.assert_allclose(gram(design), (Z.T @ Z).astype(float), rtol=1e-13, atol=1e-10)


def test_constant_columns_are_zero_whatever_their_size():
    X = np.random.default_rng(0).standard_normal((50, 3))
    X[:, 1] = 1e9 + 0.1
    design = Design(X, weighted_mean(X, None), None)
    assert not columns(design, np.array([0, 1]))[1].any()
    assert squared_norms(design)[1] == 0
    Q = gram(design)
    assert not Q[1].any()
    assert not Q[:, 1].any()


# Kernels.


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (8, 1), (9, 20), (100, 5)])
def test_kernel_gather(shape, dtype):
    X = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    X.flags.writeable = False
    W = np.arange(shape[1])[::-2].copy()
    mean, root = np.arange(len(W), dtype=float), np.arange(shape[0], dtype=dtype)
    A = np.full((len(W), shape[0]), np.nan, dtype=dtype)
    for start in range(0, shape[0], 8):
        gather(X, W, mean, root, A, start, min(start + 8, shape[0]))
    np.testing.assert_allclose(A, ((X[:, W] - mean) * root[:, None]).T, rtol=1e-6)


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
def test_kernel_subtract_rows(dtype):
    X, y = make(33, 7, dtype=dtype)
    A = np.ascontiguousarray(X.T)
    A.flags.writeable = False
    r, b = y.copy(), np.arange(7).astype(dtype)
    tolerance = float(100 * np.finfo(dtype).eps)
    subtract_rows(A, np.array([2, 5]), b, r)
    np.testing.assert_allclose(r, y - 2 * X[:, 2] - 5 * X[:, 5], rtol=tolerance, atol=tolerance)


def sweep_from_the_definition(X, y, b, order, l1, l2, low):
    """Minimise along each coordinate of `order` by solving for it anew."""
    b = b.astype(float)
    for j in order:
        rest = y - X @ b + X[:, j] * b[j]
        z, norm = X[:, j] @ rest, X[:, j] @ X[:, j]
        b[j] = max(np.sign(z) * max(abs(z) - l1, 0) / (norm + l2), low) if norm > 0 else 0
    return b


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("l1", "l2", "low"), [(1.0, 0.0, -np.inf), (0.5, 2.0, 0.0), (0, 0, 0)])
def test_kernels_sweep(l1, l2, low, dtype):
    X, y = make(25, 6, dtype=dtype, correlation=1.0)
    X[:, 3] = 0
    order = np.array([4, 0, 3, 4, 2, 1, 5])
    start = np.array([0.5, 0, 0, 2, 0, 1], dtype=dtype)
    expected = sweep_from_the_definition(X, y, start, order, l1, l2, low)
    tolerance = {"rtol": 1e4 * np.finfo(dtype).eps, "atol": 1e3 * np.finfo(dtype).eps}

    A, b, r = np.ascontiguousarray(X.T), start.copy(), y - X @ start
    largest = cd.residual_sweep(A, (A * A).sum(axis=1), order, b, r, l1, l2, low)
    np.testing.assert_allclose(b, expected, **tolerance)
    np.testing.assert_allclose(r, y - X @ b, **tolerance)
    assert largest >= np.abs(expected - start)[[0, 1, 2, 5]].max() * (1 - 1e-4)

    b, c = start.copy(), X.T @ (y - X @ start)
    assert gram_sweeps(X.T @ X, order[None], b, c, l1, l2, low, 1) == 1
    np.testing.assert_allclose(b, expected, **tolerance)
    np.testing.assert_allclose(c, X.T @ (y - X @ b), rtol=1e-4, atol=1e4 * np.finfo(dtype).eps)


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("k", [1, 2, 17])
def test_kernel_cholesky_solve(k, dtype):
    rng = np.random.default_rng(k)
    M = rng.standard_normal((k, 2 * k))
    M = (M @ M.T / k + np.eye(k)).astype(dtype)
    x = rng.standard_normal(k).astype(dtype)
    solution, factor = x.copy(), M.copy()
    assert cholesky_solve(factor, solution) == 1
    np.testing.assert_allclose(M @ solution, x, atol=100 * np.finfo(dtype).eps)
    np.testing.assert_allclose(np.tril(factor), np.linalg.cholesky(M), atol=1e-5)
    for bad in (-1.0, 0.0, np.nan):
        M[-1, -1] = bad
        assert cholesky_solve(M.copy(), x.copy()) == 0


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
def test_kernels_of_the_design(dtype):
    X, y = make(9, 4, dtype=dtype)
    X.flags.writeable = False
    mean, root, b = np.arange(4.0), np.arange(9).astype(dtype), np.arange(4).astype(dtype)
    Z = (X - mean) * root[:, None]
    c = np.ones(4)
    rr = add_gradient(X, mean, root, y, b, c)
    tolerance = float(100 * np.finfo(dtype).eps)
    np.testing.assert_allclose(c, 1 + Z.T @ (y - Z @ b), rtol=tolerance, atol=1e3 * tolerance)
    assert rr == pytest.approx(np.sum((y - Z @ b) ** 2), rel=tolerance)
    total = np.ones(4)
    add_squares(X, mean, root, total)
    np.testing.assert_allclose(total, 1 + (Z * Z).sum(axis=0), rtol=tolerance)


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [1, 3, 4, 5, 11])
def test_kernels_of_the_correlations(n, dtype):
    X, _ = make(n, 6, dtype=dtype)
    X.flags.writeable = False
    mean, v = np.arange(6.0), np.arange(1.0, n + 1)
    expected = (X - mean).T @ v
    c = np.ones(6)
    add_correlations(X, mean, v, c)
    np.testing.assert_allclose(c, 1 + expected, rtol=1e-13, atol=1e-13)
    correlate(np.ascontiguousarray(X.T), mean, v, c)
    np.testing.assert_allclose(c, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.kernel
def test_kernel_gram_sweeps_stops_when_signs_settle():
    X, y = make(25, 6)
    b, c = np.zeros(6), X.T @ y
    order = np.tile(np.arange(6), (50, 1))
    made = gram_sweeps(X.T @ X, order, b, c, 1.0, 0.0, -np.inf, 1)
    assert 1 < made < 50
    signs = np.sign(b)
    assert gram_sweeps(X.T @ X, order, b, c, 1.0, 0.0, -np.inf, 1) == 1
    np.testing.assert_array_equal(np.sign(b), signs)
    assert gram_sweeps(X.T @ X, order, b, c, 1.0, 0.0, -np.inf, 7) == 7


@pytest.mark.kernel
def test_kernels_carry_nan():
    X, y = make(10, 3)
    y[4] = np.nan
    for Z in (X, np.asfortranarray(X)):
        assert np.isnan(correlations(Design(Z, None, None), y)).all()
        assert np.isnan(gradient(Design(Z, None, None), y, np.zeros(3))[0]).all()
    X[2, 1] = np.nan
    for Z in (X, np.asfortranarray(X)):
        np.testing.assert_array_equal(
            np.isnan(squared_norms(Design(Z, None, None))), [False, True, False]
        )


@pytest.mark.kernel
@given(st.floats(-9, 9), st.floats(0, 5), st.floats(0, 3), st.floats(0, 3))
def test_coordinate_minimum_is_minimal(z, norm, l1, l2):
    def value(t):
        return (norm + l2) / 2 * t * t - z * t + l1 * abs(t)

    t = coordinate_minimum(z, norm, l1, l2, -np.inf)
    if norm > 1e-6:
        for other in (0.0, t - 1e-3, t + 1e-3, -t, 2 * t):
            assert value(t) <= value(other) + 1e-9
        assert coordinate_minimum(z, norm, l1, l2, 0.0) == max(t, 0)
    assert coordinate_minimum(z, 0.0, l1, l2, -np.inf) == 0


@pytest.mark.parametrize("flip", [False, True])
def test_newton_step_never_raises_the_objective(flip):
    raised = 0
    for seed in range(60):
        X, y = make(8, 10, seed=seed, correlation=2.0)  # more columns than rows: H is singular
        Q, l1, l2 = X.T @ X, 0.3, 0.0 if flip else 0.5
        b = np.random.default_rng(seed).standard_normal(10)
        before = objective(X, y, b, l1, l2)
        c, signs = X.T @ (y - X @ b), np.sign(b)
        whole = newton_step(Q, b, c, l1, l2)
        after = objective(X, y, b, l1, l2)
        assert after <= before * (1 + 1e-12)
        assert np.all(np.sign(b) * signs >= 0)
        assert whole == np.all(b != 0)
        np.testing.assert_allclose(c, X.T @ (y - X @ b), atol=1e-6)
        raised += after == before
    assert raised < 5


def test_descend_gram_keeps_its_gradient():
    X, y = make(40, 12, correlation=1.0)
    b, c = np.zeros(12), X.T @ y
    made = descend_gram(X.T @ X, b, c, y @ y, 1.0, 0.1, goal=1e-12, most=500)
    assert 0 < made < 100
    np.testing.assert_allclose(c, X.T @ (y - X @ b), atol=1e-9)


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
def test_threads_do_not_change_a_bit(dtype, monkeypatch):
    monkeypatch.setattr("scratchml.linear_model.design._CHUNK", 1 << 10)
    X, y = make(60, 400, dtype=dtype)
    results = []
    for width in (1, 2, 8):
        with set_num_threads(width):
            design = Design(X, weighted_mean(X, None), None)
            (result,) = elastic_net(design, y[None].copy(), np.zeros((1, 400), dtype), 3.0, 0.0)
            results.append(result)
    assert results[0].converged
    for other in results[1:]:
        np.testing.assert_array_equal(other.coef, results[0].coef)
        assert other.n_iter == results[0].n_iter
