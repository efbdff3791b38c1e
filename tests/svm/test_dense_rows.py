"""Dense samples: all methods against the definitions, with and without a compiler; their bits."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml import set_num_threads
from scratchml.svm import dense_rows
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel, evaluate

from .test_kernel_functions import KERNELS, rounding

RBF = Kernel("rbf", 0.3)


@pytest.fixture(params=["compiled", "plain"])
def way(request, monkeypatch):
    """Either way of computing; "plain" is that of Python without Numba."""
    if request.param == "plain":
        monkeypatch.setattr(dense_rows, "compiler", lambda needed: None)
    return request.param


def samples(n, d, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d)) / max(1, d) ** 0.5


def close(kernel, K, A, B):
    """Return whether K is the kernel matrix but for rounding, here about another centre."""
    centre = A.mean(axis=0) if len(A) else np.zeros(A.shape[1])
    bound = rounding(kernel, np.abs(A) + np.abs(centre), np.abs(B) + np.abs(centre))
    return (np.abs(K - evaluate(kernel, A, B)) <= bound).all()


@pytest.mark.kernel
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize(
    ("n", "m", "d"),
    [(1, 1, 1), (1, 30, 5), (30, 1, 5), (9, 70, 1), (20, 11, 161), (12, 13, 300), (0, 9, 3),
     (9, 0, 3), (10, 10, 0)],
)  # fmt: skip
def test_every_method_is_the_definition(way, kernel, n, m, d):
    X, Z = samples(n, d), samples(m, d, seed=1)
    coef = np.random.default_rng(2).standard_normal((m, 3))
    rows = DenseRows(kernel, X)
    others = rows.like(Z)
    assert (len(rows), len(others)) == (n, m)
    assert close(kernel, rows.block(others), X, Z)
    assert close(kernel, rows.gram(), X, X)
    assert close(kernel, np.diag(rows.diagonal()), X, X) or n > 1
    assert rows.diagonal().tolist() == rows.gram().diagonal().tolist()
    expected = evaluate(kernel, X, Z) @ coef
    np.testing.assert_allclose(rows.expansion(others, coef), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize(("n", "m"), [(600, 700), (257, 2100), (130, 5000)])
def test_more_than_one_tile(way, kernel, n, m):
    X, Z = samples(n, 6), samples(m, 6, seed=1)
    coef = np.random.default_rng(2).standard_normal((m, 2))
    rows = DenseRows(kernel, X)
    others = rows.like(Z)
    assert close(kernel, rows.block(others), X, Z)
    gram = rows.gram()
    assert close(kernel, gram, X, X)
    assert np.array_equal(gram, gram.T)
    expected = evaluate(kernel, X, Z) @ coef
    np.testing.assert_allclose(rows.expansion(others, coef), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("m", [5, 12])
def test_many_rows_and_few_others(way, m):
    X, Z, coef = samples(9000, 6), samples(m, 6, seed=1), np.arange(2.0 * m).reshape(m, 2)
    rows = DenseRows(RBF, X)
    others = rows.like(Z)
    assert close(RBF, rows.block(others), X, Z)
    expected = evaluate(RBF, X, Z) @ coef
    np.testing.assert_allclose(rows.expansion(others, coef), expected, rtol=1e-11)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_the_same_bits_for_any_number_of_threads(way, kernel, monkeypatch):
    monkeypatch.setattr(dense_rows, "_SMALL", 0)
    rows = DenseRows(kernel, samples(900, 5))
    others = rows.like(samples(5000, 5, seed=1))
    coef = np.random.default_rng(2).standard_normal((5000, 2))
    results = []
    for width in (1, 2, 8):
        with set_num_threads(width):
            results.append((rows.gram(), rows.block(others), rows.expansion(others, coef)))
    for result in results[1:]:
        assert all(map(np.array_equal, result, results[0]))


@pytest.mark.kernel
@given(st.integers(9, 90), st.integers(1, 9), st.floats(0.01, 100), st.integers(0, 10**6))
def test_rbf_gram_matrices(n, d, gamma, seed):
    """Symmetric, ones on the diagonal and for equal samples, between 0 and 1, no eigenvalue < 0."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))[rng.integers(0, n, n)]
    K = DenseRows(Kernel("rbf", gamma), X).gram()
    assert np.array_equal(K, K.T)
    assert (K.diagonal() == 1.0).all()
    assert ((K >= 0) & (K <= 1)).all()
    tolerance = 1e-13 * max(1.0, gamma * (X**2).sum(axis=1).max())
    equal = (X[:, None] == X).all(axis=2)
    assert (K[equal] >= 1 - tolerance).all()
    assert np.linalg.eigvalsh(K)[0] >= -n * tolerance


def test_gram_is_symmetric_where_products_are_not(monkeypatch):
    """BLAS may add up x'y and y'x in different orders; here they have nothing in common."""

    def random(rows, columns, place, K, top, left):
        K[:] = np.random.default_rng(place).random(K.shape)

    monkeypatch.setattr(dense_rows, "compiler", lambda needed: None)
    monkeypatch.setattr(dense_rows, "_few", random)
    K = DenseRows(RBF, samples(700, 2)).gram()
    assert np.array_equal(K, K.T)


def test_equal_samples_compiled():
    """In the compiled loop the distance of equal samples is 0, however large gamma is."""
    pytest.importorskip("numba")
    x = samples(1, 300)
    rows = DenseRows(Kernel("rbf", 1e30), np.concatenate([samples(10, 300, seed=1), x, x, x]))
    assert rows.gram()[10:, 10:].tolist() == [[1.0] * 3] * 3


@given(st.integers(9, 60), st.integers(9, 60), st.integers(0, 5), st.integers(0, 10**6))
def test_expansions_are_linear_and_forget_zeros(n, m, d, seed):
    rng = np.random.default_rng(seed)
    rows, others = DenseRows(RBF, rng.random((n, d))), DenseRows(RBF, np.empty((0, d)))
    rows = others.like(rng.random((n, d)))
    others = others.like(rng.random((m, d)))
    coef = rng.integers(-3, 4, (m, 2)).astype(float)
    sums = rows.expansion(others, coef)
    scale = 1e-14 * m
    np.testing.assert_allclose(rows.expansion(others, 2 * coef), 2 * sums, rtol=0, atol=scale)
    used = np.flatnonzero(coef.any(axis=1))
    fewer = rows.expansion(others.take(used), coef[used])
    np.testing.assert_allclose(fewer, sums, rtol=0, atol=scale)
    one = rows.expansion(others, np.eye(m))
    np.testing.assert_allclose(one, rows.block(others), rtol=0, atol=scale)


@pytest.mark.kernel
def test_take_and_like(way):
    X, index = samples(40, 4), np.array([7, 3, 3, 39, 0, 12, 5, 5, 1, 20])
    rows = DenseRows(RBF, X)
    some = rows.take(index)
    assert len(some) == 10
    assert type(some) is DenseRows
    assert some.centre is rows.centre
    assert close(RBF, some.gram(), X[index], X[index])
    assert np.array_equal(some.take(np.array([2, 9])).samples, rows.take(index[[2, 9]]).samples)
    np.testing.assert_allclose(rows.like(X).block(some), rows.gram()[:, index], rtol=1e-14)
    if way == "compiled" and dense_rows.compiler(needed=False) is not None:
        assert np.array_equal(rows.block(some), rows.gram()[:, index])


@pytest.mark.kernel
def test_block_into_a_given_array(way):
    rows = DenseRows(RBF, samples(12, 3))
    for k in (12, 2):
        out = np.full((12, k), np.nan)
        assert rows.block(rows.take(np.arange(k)), out=out) is out
        assert close(RBF, out, samples(12, 3), samples(12, 3)[:k])


@pytest.mark.kernel
@pytest.mark.parametrize("n", [2, 20])
def test_far_from_zero(way, n):
    """Multiples of 2^-20 about 2^20: without the centre, the first 12 digits would cancel."""
    X = np.random.default_rng(0).integers(-(2**21), 2**21, (n, 6)) * 2.0**-20  # sums are exact
    rows = DenseRows(Kernel("rbf", 0.05), X + 2.0**20)
    expected = evaluate(rows.kernel, X, X)
    np.testing.assert_allclose(rows.gram(), expected, rtol=1e-13)
    new = rows.like(X[:9] + 2.0**20)
    np.testing.assert_allclose(rows.block(new), expected[:, :9], rtol=1e-13)
    sums = new.expansion(rows, np.ones((n, 1)))
    np.testing.assert_allclose(sums[:, 0], expected[:9].sum(axis=1), rtol=1e-13)


@pytest.mark.kernel
@pytest.mark.parametrize("n", [2, 20])
def test_extremes_are_silent(way, n):
    far = np.linspace(1, 2, n)[:, None] * 1e3
    rbf = DenseRows(Kernel("rbf", 1e300), far)
    assert np.array_equal(rbf.gram(), np.eye(n))
    assert np.array_equal(rbf.block(rbf.like(-far)), np.zeros((n, n)))
    poly = DenseRows(Kernel("poly", 1.0, 0.0, 60), far)
    assert (poly.gram() == np.inf).all()
    assert (poly.diagonal() == np.inf).all()
    assert (poly.expansion(poly, np.ones((n, 1))) == np.inf).all()
    for kernel in KERNELS:
        huge = DenseRows(kernel, far * 1e200)
        assert huge.gram().shape == huge.block(huge).shape == (n, n)
        assert huge.expansion(huge, np.zeros((n, 1))).shape == (n, 1)


@pytest.mark.parametrize(
    "X",
    [
        np.asfortranarray(samples(12, 3)),
        samples(24, 3)[::2],
        samples(12, 3).astype(np.float32),
        np.arange(36).reshape(12, 3) % 5,
    ],
    ids=["fortran", "strided", "float32", "integers"],
)
def test_any_array(way, X):
    before = X.copy()
    X.flags.writeable = False
    assert close(RBF, DenseRows(RBF, X).gram(), X.astype(float), X.astype(float))
    assert np.array_equal(X, before)


def test_one_row_needs_no_compiler(monkeypatch):
    def asked(needed):
        raise RuntimeError("compiler asked for")

    rows = DenseRows(RBF, samples(50, 3))
    monkeypatch.setattr(dense_rows, "compiler", asked)
    x = rows.like(samples(1, 3, seed=1))
    expected = evaluate(RBF, samples(1, 3, seed=1), samples(50, 3))
    np.testing.assert_allclose(x.block(rows), expected, rtol=1e-13)
    sums = x.expansion(rows, np.ones((50, 1)))
    np.testing.assert_allclose(sums[:, 0], expected.sum(axis=1), rtol=1e-13)


@pytest.mark.parametrize("n", [1, 3000])
def test_expansions_never_hold_the_matrix(way, n):
    rows = DenseRows(RBF, samples(30_000, 2))
    some, coef = rows.take(np.arange(n)), np.ones((3000, 2))
    others = rows.take(np.arange(3000))
    some.expansion(others, coef)
    tracemalloc.start()
    some.expansion(others, coef)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6  # the matrix has 72e6 bytes
