"""The least-squares files: triangular, exact_product, householder, normal_equations, centred,
least_squares, least_squares_wide, nnls and leave_one_out, each against a plain restatement."""

import tracemalloc
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.linear_model import centred, exact_product, householder, normal_equations, triangular
from scratchml.linear_model.least_squares import least_squares
from scratchml.linear_model.leave_one_out import leave_one_out_errors
from scratchml.linear_model.nnls import active_set, non_negative_least_squares
from tests.linear_model.exact import float_rows, rational_least_squares


def matrix(rng, n, p, kappa=1.0, offset=0.0):
    """A random matrix with the given condition (before the offset is added)."""
    k = min(n, p)
    U = np.linalg.qr(rng.standard_normal((n, k)))[0]
    V = np.linalg.qr(rng.standard_normal((p, k)))[0]
    return U @ np.diag(np.geomspace(1.0, 1.0 / kappa, k)) @ V.T + offset


def minimum_norm(X, Y, weights=None, intercept=True, alpha=0.0):
    """The definition, by NumPy's lstsq on the centred, weighted, augmented data."""
    w = np.ones(len(X)) if weights is None else weights
    x_mean = w @ X / w.sum() if intercept else np.zeros(X.shape[1])
    y_mean = w @ Y / w.sum() if intercept else np.zeros(Y.shape[1])
    A = np.vstack([np.sqrt(w)[:, None] * (X - x_mean), np.sqrt(alpha) * np.eye(X.shape[1])])
    B = np.vstack([np.sqrt(w)[:, None] * (Y - y_mean), np.zeros((X.shape[1], Y.shape[1]))])
    b = np.linalg.lstsq(A, B, rcond=None)[0]
    return b.T, y_mean - x_mean @ b, A[: len(X)]


# ------------------------------------------------------------------------------- triangular


@pytest.mark.parametrize("p", [1, 2, 63, 64, 65, 130])
@pytest.mark.parametrize("transpose", [False, True])
def test_triangular_solve(p, transpose):
    rng = np.random.default_rng(p)
    R = np.triu(rng.standard_normal((p, p))) / p + np.eye(p)
    b = rng.standard_normal((p, 3))
    x = triangular.solve_triangular(R, b, transpose=transpose)
    np.testing.assert_allclose((R.T if transpose else R) @ x, b, atol=1e-13)


@given(st.integers(1, 40), st.floats(0, 7), st.integers(0, 2**32 - 1))
def test_condition_estimate_is_a_close_lower_bound(p, digits, seed):
    rng = np.random.default_rng(seed)
    R = np.linalg.qr(matrix(rng, p + 3, p, 10.0**digits), mode="r")
    ratio = triangular.squared_condition(R) / np.linalg.cond(R) ** 2
    assert 0.02 < ratio < 1 + 1e-6


# ---------------------------------------------------------------------------- exact_product


@given(st.integers(1, 300), st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_product_has_twice_the_precision(k, spread, seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((2, k)) * 10.0 ** rng.integers(-spread, 1, (2, k))
    B = rng.standard_normal((k, 2)) * 10.0 ** rng.integers(-spread, 1, (k, 2))
    bits = exact_product.slice_bits(k)
    hi, lo = exact_product.exact_product(
        exact_product.slices(A, bits), exact_product.slices(B, bits, axis=0)
    )
    for i in range(2):
        for j in range(2):
            exact = sum(Fraction(a) * Fraction(b) for a, b in zip(A[i], B[:, j], strict=True))
            error = float(abs(Fraction(hi[i, j]) + Fraction(lo[i, j]) - exact))
            assert error <= k * 2.0 ** (1 - 53 - 2 * bits) * abs(A).max() * abs(B[:, j]).max()
            assert abs(lo[i, j]) <= np.spacing(abs(hi[i, j])) / 2


def test_slices_are_exact_and_narrow():
    rng = np.random.default_rng(0)
    A = rng.standard_normal((20, 30)) * 10.0 ** rng.integers(-9, 9, (20, 30))
    bits = 20
    parts = exact_product.slices(A, bits)
    assert ((parts.low + parts.middle) + parts.high == A).all()
    unit = np.ldexp(1.0, np.frexp(abs(A).max())[1] - bits)
    for part, u in ((parts.high, unit), (parts.middle, np.ldexp(unit, -bits))):
        assert (part / u == np.round(part / u)).all()
        assert abs(part / u).max() <= 2**bits


@given(st.floats(-1e100, 1e100), st.floats(-1e100, 1e100))
def test_error_free_transformations(a, b):
    s, e = exact_product.two_sum(a, b)
    assert Fraction(s) + Fraction(e) == Fraction(a) + Fraction(b)
    a, b = float(np.round(a, 3) % 1e6), float(np.round(b, 3) % 1e6)
    p, e = exact_product.two_product(a, b)
    assert abs(Fraction(p) + Fraction(e) - Fraction(a) * Fraction(b)) < 1e-300


# ------------------------------------------------------------------------------ householder


@pytest.mark.parametrize(("n", "p"), [(1, 1), (5, 5), (40, 33), (100, 64), (70, 65)])
def test_triangle_agrees_with_lapack_up_to_signs(n, p):
    A = np.random.default_rng(p).standard_normal((n, p))
    R = householder.triangle(np.array(A, order="F"))
    assert (np.tril(R, -1) == 0).all()
    np.testing.assert_allclose(abs(R), abs(np.linalg.qr(A, mode="r")), atol=1e-13)
    np.testing.assert_allclose(R.T @ R, A.T @ A, atol=1e-13 * n)


def test_triangle_is_backward_stable_where_the_gram_matrix_is_not():
    A = matrix(np.random.default_rng(0), 200, 20, kappa=1e12)
    R = householder.triangle(np.array(A, order="F"))
    s = np.linalg.svd(A, compute_uv=False)
    np.testing.assert_allclose(np.linalg.svd(R, compute_uv=False), s, atol=1e-14)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_fold_is_the_triangle_of_the_whole(sizes, seed):
    p, rng = 7, np.random.default_rng(seed)
    A = rng.standard_normal((sum(sizes), p))
    ends = np.concatenate([[0], np.cumsum(sizes)])
    R = householder.fold((A[i:j] for i, j in pairwise(ends)), np.zeros((p, p)))
    np.testing.assert_allclose(R.T @ R, A.T @ A, atol=1e-12)


def test_triangle_of_zero_and_constant_columns():
    A = np.zeros((6, 4), order="F")
    A[:, 1] = 1.0
    R = householder.triangle(A.copy(order="F"))
    np.testing.assert_allclose(R.T @ R, A.T @ A, atol=1e-14)


# --------------------------------------------------------------------------------- centred


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1.0, 1e4, 1e9])
def test_moments_are_those_of_the_centred_data(offset, weighted):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((5000, 4)) * [1.0, 1e-3, 1e5, 3.0] + offset
    Y = rng.standard_normal((5000, 2)) - offset
    w = rng.random(5000) if weighted else None
    data = centred.centre(X, Y, w, True)
    u = np.ones(5000) if w is None else w
    Xc, Yc = X - u @ X / u.sum(), Y - u @ Y / u.sum()
    Xc, Yc = Xc - u @ Xc / u.sum(), Yc - u @ Yc / u.sum()  # what rounding of the means left
    D = data.scale
    np.testing.assert_allclose(data.gram, D[:, None] * (Xc.T @ (u[:, None] * Xc)) * D, atol=2e-9)
    np.testing.assert_allclose(
        data.cross, D[:, None] * (Xc.T @ (u[:, None] * Yc)), rtol=2e-8, atol=1e-7
    )
    assert ((np.diagonal(data.gram) >= 0.5) & (np.diagonal(data.gram) < 2.0)).all()
    assert (np.frexp(D)[0] == 0.5).all()  # powers of two


def test_a_guess_spoiled_by_weights_is_corrected():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((4096, 2))
    w = np.ones(4096)
    w[::2], X[::2] = 0.0, 1e12  # rows that do not count, far away
    Y = X[:, :1] * 2.0
    fit = least_squares(X, Y, w)
    np.testing.assert_allclose(fit.coef, [[2.0, 0.0]], atol=1e-14)


@pytest.mark.parametrize("offset", [0.0, 3.0, 1e6, 1e10])
@pytest.mark.parametrize("weighted", [False, True])
def test_exact_residual_is_exact(offset, weighted):
    rng = np.random.default_rng(8)
    X = rng.standard_normal((25, 3)) + offset
    Y = rng.standard_normal((25, 1))
    w = rng.random(25) if weighted else None
    data = centred.centre(X, Y, w, True)
    z = rng.standard_normal((3, 1))
    found = centred.residual(data, z, 0.25, exact=True)
    rows, y = float_rows(X), [Fraction(v) for v in Y[:, 0]]
    u = [Fraction(1)] * 25 if w is None else [Fraction(v) for v in w]
    b = [Fraction(v) for v in (data.scale * z[:, 0])]
    r = [
        t - sum(c * v for c, v in zip(b, row, strict=True)) for t, row in zip(y, rows, strict=True)
    ]
    b0 = sum(a * v for a, v in zip(u, r, strict=True)) / sum(u)
    for j in range(3):
        g = sum(a * row[j] * (v - b0) for a, row, v in zip(u, rows, r, strict=True))
        g = (g - Fraction(0.25) * b[j]) * Fraction(data.scale[j])
        assert found.gradient[j, 0] == pytest.approx(float(g), rel=1e-14)
    hi, lo = found.intercept
    assert float(abs(Fraction(hi[0]) + Fraction(lo[0]) - b0)) <= 1e-24 * float(abs(b0))


# ------------------------------------------------------------------- least_squares: oracles


@given(
    st.integers(1, 25),
    st.integers(1, 25),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 1e-3, 10.0]),
    st.integers(0, 2**32 - 1),
)
def test_agrees_with_the_definition(n, p, intercept, weighted, alpha, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((n, p)) + 1.0, rng.standard_normal((n, 2))
    w = rng.integers(1, 5, n).astype(float) if weighted else None
    fit = least_squares(X, Y, w, intercept=intercept, alpha=alpha)
    coef, constant, A = minimum_norm(X, Y, w, intercept, alpha)
    scale = np.abs(coef).max(initial=1.0) * fit.certificate["condition"] ** 2
    np.testing.assert_allclose(fit.coef, coef, atol=1e-13 * scale)
    np.testing.assert_allclose(fit.intercept, constant, atol=1e-12 * scale)
    assert fit.certificate["orthogonality"] < 1e-11
    if alpha == 0:
        assert fit.rank == np.linalg.matrix_rank(A, tol=1e-9)
        s = np.linalg.svd(fit.factor, compute_uv=False)[: min(n, p)]
        np.testing.assert_allclose(s, np.linalg.svd(A, compute_uv=False), atol=1e-9)


@pytest.mark.parametrize("kappa", [1e0, 1e2, 1e4, 1e6, 1e8, 1e10])
@pytest.mark.parametrize("noise", [0.0, 1e-6, 10.0])
@pytest.mark.parametrize("intercept", [True, False])
def test_digits_are_right_and_honestly_claimed(kappa, noise, intercept):
    rng = np.random.default_rng([int(kappa), int(noise), intercept])
    X = matrix(rng, 30, 4, kappa, offset=0.5 if intercept else 0.0)
    y = X @ rng.standard_normal(4) + noise * rng.standard_normal(30)
    fit = least_squares(X, y[:, None], intercept=intercept)
    exact = rational_least_squares(float_rows(X), y.tolist(), intercept)[intercept:]
    exact = np.array([float(v) for v in exact])
    digits = -np.log10(max(np.linalg.norm(fit.coef[0] - exact) / np.linalg.norm(exact), 1e-16))
    assert digits > 12.5
    assert digits > fit.certificate["digits"] - 1.0


@pytest.mark.parametrize(("offset", "kappa"), [(1e13, 1e3), (1e9, 1e7), (1e8, 1e9)])
def test_a_huge_offset_costs_no_digits(offset, kappa):
    rng = np.random.default_rng(5)
    X = matrix(rng, 34, 3, kappa) * 1e4 + offset  # ill-conditioned: takes exact residuals
    y = X @ [3.0, -2.0, 7.0]
    w = rng.random(34)
    fit = least_squares(X, y[:, None], w)
    exact = rational_least_squares(float_rows(X), y.tolist(), True, w.tolist())
    np.testing.assert_allclose(fit.coef[0], [float(v) for v in exact[1:]], rtol=1e-13)


@pytest.mark.parametrize("alpha", [1e-12, 1e-6, 1.0])
def test_ridge_of_ill_conditioned_data(alpha):
    rng = np.random.default_rng(1)
    X, w = matrix(rng, 20, 4, 1e9, offset=1.0), rng.random(20)
    y = X @ [1.0, 2.0, 3.0, 4.0]
    fit = least_squares(X, y[:, None], w, alpha=alpha)
    exact = rational_least_squares(float_rows(X), y.tolist(), True, w.tolist(), alpha)
    exact = np.array([float(v) for v in exact])
    np.testing.assert_allclose(fit.coef[0], exact[1:], rtol=1e-13 * np.abs(exact).max())
    assert fit.certificate["digits"] > 12


def test_the_factor_follows_the_condition():
    rng = np.random.default_rng(0)
    Y = rng.standard_normal((40, 1))
    for kappa, method in ((1e1, "cholesky"), (1e5, "cholesky"), (1e7, "householder")):
        fit = least_squares(matrix(rng, 40, 5, kappa), Y, intercept=False)
        assert fit.certificate["method"] == f"{method}, tall"
        # the columns are scaled first, which only helps
        assert 1.0 <= fit.certificate["condition"] < 3 * kappa
    fit = least_squares(matrix(rng, 40, 5, 1e7).T, Y[:5], intercept=False)
    assert fit.certificate["method"] == "householder, wide"
    X = matrix(rng, 40, 5)
    fit = least_squares(np.hstack([X, X[:, :2]]), Y)
    assert fit.certificate["method"] == "svd, tall"
    assert fit.rank == 5


def test_plain_arithmetic_takes_one_step_and_twice_the_precision_two():
    """Pinned: on such data one plain step is enough, and one exact step after it."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((2000, 10)), rng.standard_normal((2000, 1))
    assert least_squares(X, Y).certificate["steps"] == 1
    X = matrix(rng, 200, 10, 1e3)
    assert least_squares(X, Y[:200]).certificate["steps"] == 2


# ------------------------------------------------------------- deficient rank, minimum norm


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("scales", [1.0, 1e3])
def test_collinear_columns_get_the_solution_of_least_norm(intercept, scales):
    rng = np.random.default_rng(2)
    B = rng.integers(-3, 4, (30, 3)).astype(float)
    X = np.hstack([B, B @ rng.integers(-2, 3, (3, 4))]) * np.geomspace(1, scales, 7)
    Y = rng.standard_normal((30, 2))
    fit = least_squares(X, Y, intercept=intercept)
    coef, constant, A = minimum_norm(X, Y, intercept=intercept)
    np.testing.assert_allclose(fit.coef, coef, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(fit.intercept, constant, atol=1e-13)
    assert fit.rank == np.linalg.matrix_rank(A) == 3


def test_one_hot_columns_with_intercept():
    rng = np.random.default_rng(0)
    codes = rng.choice(4, 2000, p=[0.9, 0.07, 0.02, 0.01])
    X, Y = np.eye(4)[codes], rng.standard_normal((2000, 1))
    fit = least_squares(X, Y)
    np.testing.assert_allclose(fit.coef.sum(), 0.0, atol=1e-14)  # least norm: centred
    means = [Y[codes == c].mean() for c in range(4)]
    np.testing.assert_allclose(fit.intercept + fit.coef[0], means, atol=1e-14)


def test_constant_columns_cost_no_svd_and_get_zero():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 4))
    X[:, 1], X[:, 3] = 0.1, 1e15
    fit = least_squares(X, X[:, :1] * 2)
    np.testing.assert_allclose(fit.coef, [[2.0, 0.0, 0.0, 0.0]], atol=1e-15)
    assert (fit.rank, fit.certificate["method"]) == (2, "cholesky, tall")


def test_repeated_rows_in_wide_data():
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((6, 30)), rng.standard_normal((6, 1))
    X[1], Y[1] = X[0], Y[0] + 1.0
    for intercept in (True, False):
        fit = least_squares(X, Y, intercept=intercept)
        coef, _, A = minimum_norm(X, Y, intercept=intercept)
        np.testing.assert_allclose(fit.coef, coef, atol=1e-14)
        assert fit.rank == np.linalg.matrix_rank(A)


def test_float32_collinearity_is_judged_by_float32s_precision():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 3)).astype(np.float32)
    X = np.column_stack([X, (X[:, 0] + X[:, 1]).astype(np.float32)])  # up to rounding
    Y = X[:, :1].astype(np.float32)
    assert least_squares(X, Y).rank == 3
    assert least_squares(X.astype(float), Y.astype(float)).rank == 4


# ---------------------------------------------------------------------------- invariances

SHAPES = st.sampled_from([(20, 3), (9, 8), (8, 8), (5, 12), (1, 2), (300, 70)])


@given(SHAPES, st.booleans(), st.integers(0, 2**32 - 1))
def test_order_of_rows_does_not_matter(shape, intercept, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 1))
    order = rng.permutation(shape[0])
    one, two = (least_squares(*d, intercept=intercept) for d in ((X, Y), (X[order], Y[order])))
    size = np.abs(one.coef).max() * one.certificate["condition"]
    np.testing.assert_allclose(one.coef, two.coef, atol=1e-13 * size)


@given(st.integers(-300, 300), st.integers(-300, 300), st.integers(0, 2**32 - 1))
def test_scaling_by_powers_of_two_changes_no_bit(i, j, seed):
    """Up to where squares overflow; from there on the data are shrunk by powers of two first."""
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((30, 4)) + 1.0, rng.standard_normal((30, 1))
    one, two = least_squares(X, Y), least_squares(np.ldexp(X, i), np.ldexp(Y, j))
    assert (np.ldexp(one.coef, j - i) == two.coef).all()
    assert (np.ldexp(one.intercept, j) == two.intercept).all()


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
@pytest.mark.parametrize("n", [4, 40])
def test_numbers_whose_squares_overflow(size, n):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((n, 6)), rng.standard_normal((n, 1))
    for alpha in (0.0, 0.5):
        expected = least_squares(X, Y, alpha=alpha)
        if alpha == 0 or 1e-154 < size < 1e154:
            fit = least_squares(X * size, Y * size, alpha=alpha * size * size)
            np.testing.assert_allclose(fit.coef, expected.coef, rtol=1e-13)


@given(SHAPES, st.booleans(), st.integers(0, 2**32 - 1))
def test_whole_weights_are_repeated_rows(shape, intercept, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 1))
    w = rng.integers(0, 3, shape[0])
    w[0] = 1
    one = least_squares(X, Y, w.astype(float), intercept=intercept)
    two = least_squares(np.repeat(X, w, axis=0), np.repeat(Y, w, axis=0), intercept=intercept)
    size = np.abs(two.coef).max(initial=1e-300) * two.certificate["condition"] ** 2
    np.testing.assert_allclose(one.coef, two.coef, atol=1e-13 * size)
    assert one.rank == two.rank


@given(SHAPES, st.integers(0, 2**32 - 1))
def test_linear_in_the_targets(shape, seed):
    rng = np.random.default_rng(seed)
    X, Y, M = rng.standard_normal(shape), rng.standard_normal((shape[0], 3)), np.eye(3)[:, :2] - 0.5
    one, two = least_squares(X, Y), least_squares(X, Y @ M)
    size = np.abs(one.coef).max() * one.certificate["condition"]
    np.testing.assert_allclose(M.T @ one.coef, two.coef, atol=1e-12 * size)


@pytest.mark.parametrize("offset", [0.0, 1e8, -1e12])
def test_offsets_of_columns_and_targets_move_only_the_intercept(offset):
    rng = np.random.default_rng(4)
    X = rng.integers(-1000, 1000, (60, 3)).astype(float)  # stays exact under the offset
    Y = rng.integers(-1000, 1000, (60, 1)).astype(float)
    one, two = least_squares(X, Y), least_squares(X + offset, Y + offset)
    np.testing.assert_allclose(two.coef, one.coef, rtol=1e-12)
    exact = rational_least_squares(float_rows(X + offset), (Y[:, 0] + offset).tolist(), True)
    assert two.intercept[0] == pytest.approx(float(exact[0]), rel=1e-10)


@pytest.mark.parametrize("shape", [(3000, 5), (2000, 70), (40, 90)])
def test_layout_and_read_only_input(shape):
    rng = np.random.default_rng(5)
    X, Y = rng.standard_normal(shape) + 3.0, rng.standard_normal((shape[0], 2))
    expected = least_squares(X, Y)
    wide = np.zeros((shape[0] * 2, shape[1] * 2))
    wide[::2, ::2] = X
    for view in (np.asfortranarray(X), wide[::2, ::2], X[::-1].copy()[::-1]):
        view.flags.writeable = False
        before = view.copy()
        fit = least_squares(view, Y)
        np.testing.assert_allclose(fit.coef, expected.coef, rtol=1e-10, atol=1e-13)
        assert (view == before).all()


def test_float32_is_summed_in_float64():
    rng = np.random.default_rng(6)
    X = (rng.standard_normal((20_000, 5)) + 100.0).astype(np.float32)
    Y = (X @ np.arange(5.0)[:, None]).astype(np.float32)
    one, two = least_squares(X, Y), least_squares(X.astype(float), Y.astype(float))
    np.testing.assert_allclose(one.coef, two.coef, rtol=1e-9)


@pytest.mark.parametrize("offset", [0.0, 7.0])
@pytest.mark.parametrize("shape", [(60_000, 50), (16_000, 300), (200, 20_000)])
def test_a_fit_needs_little_memory_beside_the_data(shape, offset):
    rng = np.random.default_rng(7)
    X, Y = rng.standard_normal(shape) + offset, rng.standard_normal((shape[0], 1))
    tracemalloc.start()
    try:
        least_squares(X, Y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.3 * X.nbytes


def test_penalties_for_each_target():
    rng = np.random.default_rng(8)
    for shape in ((30, 4), (4, 30)):
        X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 3))
        alphas = [0.0, 2.0, 2.0]
        fit = least_squares(X, Y, alpha=alphas)
        for k, alpha in enumerate(alphas):
            one = least_squares(X, Y[:, [k]], alpha=alpha)
            np.testing.assert_allclose(fit.coef[k], one.coef[0], rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(fit.intercept[k], one.intercept[0], rtol=1e-13, atol=1e-15)


def test_sum_of_squares_is_that_of_the_residuals():
    rng = np.random.default_rng(9)
    for shape in ((30, 4), (4, 30)):
        X, Y, w = rng.standard_normal(shape), rng.standard_normal((shape[0], 2)), None
        for w in (None, rng.random(shape[0])):
            for alpha in (0.0, 1.0):
                fit = least_squares(X, Y, w, alpha=alpha)
                r = Y - X @ fit.coef.T - fit.intercept
                u = np.ones(shape[0]) if w is None else w
                np.testing.assert_allclose(fit.sum_of_squares, u @ r**2, rtol=1e-12, atol=1e-28)


# ----------------------------------------------------------------------------- refinement


def test_refinement_converges_with_a_poor_factor():
    """A factor that is right to 1 % gains two digits a step."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((50, 4)), rng.standard_normal((50, 1))
    data = centred.centre(X, Y, None, True)
    R = np.linalg.cholesky(data.gram).T * 1.005
    factor = normal_equations.Factor(
        R, lambda g: triangular.solve_normal(R, g), 1e6, 4, None, "cholesky"
    )
    fit = normal_equations.refine(
        factor, data.cross, lambda z, exact: centred.residual(data, z, 0.0, exact), X.size
    )
    expected = minimum_norm(X, Y)[0].T / data.scale[:, None]
    np.testing.assert_allclose(fit.last + fit.step, expected, rtol=1e-13)
    assert 6 <= fit.steps <= 12


# ------------------------------------------------------------------------------------ nnls


@given(st.integers(1, 30), st.integers(1, 12), st.booleans(), st.integers(0, 2**32 - 1))
def test_active_set_meets_the_optimality_conditions(n, p, repeated, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    if repeated:
        X = X[:, rng.integers(0, p, p)]
    data = centred.centre(X, rng.standard_normal((n, 1)), None, True)
    found = active_set(data.gram, data.cross[:, 0])
    g = data.cross[:, 0] - data.gram @ found.x
    assert found.converged
    assert (found.x >= 0).all()
    assert (g <= 1e-11).all()
    np.testing.assert_allclose(g[found.x > 0], 0.0, atol=1e-11)


def test_non_negative_fit_by_trying_all_subsets():
    rng = np.random.default_rng(0)
    for _ in range(10):
        X, y = rng.standard_normal((12, 4)), rng.standard_normal((12, 1))
        fit = non_negative_least_squares(X, y)
        best = (
            min(
                least_squares(X[:, subset], y).sum_of_squares[0]
                for k in range(1, 16)
                if (subset := [j for j in range(4) if k >> j & 1])
                and (least_squares(X[:, subset], y).coef >= 0).all()
            )
            if (fit.coef > 0).any()
            else np.sum((y - y.mean()) ** 2)
        )
        assert fit.sum_of_squares[0] == pytest.approx(best, rel=1e-12)


def test_active_set_takes_this_many_steps():
    """Pinned: each coefficient enters once, and one leaves again."""
    H = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, -0.5], [0.0, -0.5, 1.0]])
    found = active_set(H, np.array([0.8, 1.0, 0.6]))
    assert found.steps == 2
    assert found.passive.tolist() == [False, True, True]
    decays = np.exp(-np.linspace(0, 3, 30)[:, None] * np.geomspace(0.3, 10, 5))
    decays /= np.linalg.norm(decays, axis=0)
    rng, total = np.random.default_rng(0), 0
    for _ in range(50):  # coefficients enter and leave again
        y = decays @ rng.random(5) + 0.2 * rng.standard_normal(30)
        total += active_set(decays.T @ decays, decays.T @ y).steps
    assert total == 195


# --------------------------------------------------------------------------- leave one out


@pytest.mark.parametrize("shape", [(20, 4), (8, 30), (5, 5), (6, 5), (2, 3)])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weights", ["none", "positive", "some zero"])
@pytest.mark.parametrize("mode", ["eigen", "svd"])
def test_leave_one_out_by_leaving_one_out(shape, intercept, weights, mode):
    rng = np.random.default_rng(0)
    n = shape[0]
    X, Y = rng.standard_normal(shape) + 3.0, rng.standard_normal((n, 2))
    w = None if weights == "none" else rng.random(n) + 0.1
    if weights == "some zero" and n > 3:
        w[:2] = 0.0
    alphas = [1e-10, 1.0, 100.0]
    errors = leave_one_out_errors(X, Y, w, alphas, intercept=intercept, mode=mode)
    for i in range(n):
        rest = np.arange(n) != i
        for k, alpha in enumerate(alphas):
            left = None if w is None else w[rest]
            fit = least_squares(X[rest], Y[rest], left, intercept=intercept, alpha=alpha)
            expected = Y[i] - X[i] @ fit.coef.T - fit.intercept
            np.testing.assert_allclose(errors[i, :, k], expected, atol=1e-8 * abs(errors).max())
