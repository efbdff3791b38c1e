"""Sparse samples: every method against the definitions, with and without a compiler; their bits."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml import set_num_threads
from scratchml._core.csr import csr_of_dense
from scratchml._core.jit import compiler
from scratchml.svm import sparse_rows
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel, evaluate
from scratchml.svm.sparse_products import feature_lists, fill_products, squared_norms
from scratchml.svm.sparse_rows import SparseRows, apply_to_rows, mirror

from .test_kernel_functions import KERNELS, rounding

RBF = Kernel("rbf", 0.3)


@pytest.fixture(params=["compiled", "plain"])
def way(request, monkeypatch):
    """Either way of computing; "plain" is that of Python without Numba."""
    if request.param == "plain":
        monkeypatch.setattr(sparse_rows, "compiler", lambda needed: None)
    return request.param


def samples(n, d, density=0.3, seed=0):
    """Numbers with many zeros, some rows and columns of nothing else."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * (rng.random((n, d)) < density)
    X[:, rng.random(d) < 0.1] = 0.0
    X[rng.random(n) < 0.1] = 0.0
    return X


def rows_of(kernel, X):
    A = csr_of_dense(X)
    return SparseRows(kernel, A.indptr, A.indices, A.data, X.shape[1])


def close(kernel, K, A, B):
    return (np.abs(K - evaluate(kernel, A, B)) <= rounding(kernel, A, B)).all()


SHAPES = [(1, 1, 1), (1, 30, 5), (30, 1, 5), (9, 70, 1), (20, 11, 161), (33, 130, 300), (0, 9, 3),
          (9, 0, 3), (8, 64, 4)]  # fmt: skip


@pytest.mark.kernel
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
@pytest.mark.parametrize("density", [0.0, 0.1, 1.0])
def test_every_method_is_the_definition(way, kernel, n, m, d, density):
    X, Z = samples(n, d, density), samples(m, d, density, seed=1)
    coef = np.random.default_rng(2).standard_normal((m, 3))
    rows = rows_of(kernel, X)
    others = rows.like(csr_of_dense(Z))
    assert (len(rows), len(others)) == (n, m)
    assert close(kernel, rows.block(others), X, Z)
    assert close(kernel, rows.gram(), X, X)
    assert rows.diagonal().tolist() == rows.gram().diagonal().tolist()
    expected = evaluate(kernel, X, Z) @ coef
    np.testing.assert_allclose(rows.expansion(others, coef), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.kernel
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_gram_is_symmetric_and_its_blocks_have_its_bits(way, kernel, monkeypatch):
    monkeypatch.setattr(sparse_rows, "_PAIRS", 200)  # many chunks
    X = samples(40, 12)
    X[20:23] = X[5]
    rows = rows_of(kernel, X)
    K = rows.gram()
    assert np.array_equal(K, K.T)
    assert np.array_equal(rows.block(rows), K)
    index = np.array([5, 0, 39, 5, 20, 21])
    part = rows.take(index)
    assert np.array_equal(part.gram(), K[np.ix_(index, index)])
    assert np.array_equal(part.block(rows), K[index])
    assert np.array_equal(rows.block(part), K[:, index])
    if kernel.name == "rbf":
        assert (K.diagonal() == 1.0).all()
        assert (K[5, 20:23] == 1.0).all()


@pytest.mark.kernel
@pytest.mark.parametrize("kernel", [Kernel("linear"), Kernel("poly", 0.5, 1.0, 3)], ids=str)
def test_dense_samples_have_the_same_bits(kernel):
    if compiler() is None:
        pytest.skip("about compiled products")
    X = samples(70, 30)
    assert np.array_equal(rows_of(kernel, X).gram(), DenseRows(kernel, X).gram())


@pytest.mark.kernel
@given(
    n=st.integers(1, 20),
    m=st.integers(1, 20),
    d=st.integers(1, 9),
    density=st.sampled_from([0.1, 0.5, 1.0]),
    seed=st.integers(0, 10**6),
)
def test_products_are_sums_in_the_order_of_features(n, m, d, density, seed):
    A, B = (samples(k, d, density, seed + k) for k in (n, m))
    A, B = (np.round(8 * Z) / 8 for Z in (A, B))  # so short that products and sums are exact
    X, Z = csr_of_dense(A), csr_of_dense(B)
    lists = feature_lists(Z.indptr, Z.indices, Z.data, d)
    for count in (m, m // 2):
        K = np.full((n, m), np.nan)
        fill_products(X.indptr, X.indices, X.data, *lists, count, K)
        assert np.array_equal(K[:, :count], (A @ B.T)[:, :count])
        assert np.isnan(K[:, count:]).all()
    squares = np.empty(n)
    squared_norms(X.indptr, X.data, squares)
    assert np.array_equal(squares, (A * A).sum(axis=1))


@pytest.mark.kernel
@given(n=st.integers(1, 20), d=st.integers(1, 30), seed=st.integers(0, 10**6))
def test_distances_of_equal_rows_are_0(n, d, seed):
    X = csr_of_dense(samples(n, d, 0.7, seed))
    K, squares = np.empty((n, n)), np.empty(n)
    lists = feature_lists(X.indptr, X.indices, X.data, d)
    fill_products(X.indptr, X.indices, X.data, *lists, n, K)
    squared_norms(X.indptr, X.data, squares)
    assert np.array_equal(K, K.T)
    assert np.array_equal(squares, K.diagonal())


@pytest.mark.kernel
@given(n=st.integers(0, 9), d=st.integers(1, 9), seed=st.integers(0, 99))
def test_lists_are_the_columns(n, d, seed):
    X = samples(n, d, 0.5, seed)
    A = csr_of_dense(X)
    starts, rows, values = feature_lists(A.indptr, A.indices, A.data, d)
    for f in range(d):
        mine = slice(starts[f], starts[f + 1])
        assert rows[mine].tolist() == np.flatnonzero(X[:, f]).tolist()
        assert values[mine].tolist() == X[X[:, f] != 0, f].tolist()


@pytest.mark.kernel
@pytest.mark.parametrize("m", [0, 1, 63, 64, 65, 130])
def test_apply_leaves_the_columns_behind_alone(m):
    X = samples(3, 9)
    Z = samples(m, 9, seed=1)
    K = np.full((3, m + 2), np.nan)
    K[:, :m] = X @ Z.T
    norms = (X**2).sum(axis=1), (Z**2).sum(axis=1)
    apply_to_rows(RBF.parameters(), *norms, np.zeros((3, 64)), K)
    assert close(RBF, K[:, :m], X, Z)
    assert np.isnan(K[:, m:]).all()


@pytest.mark.kernel
@pytest.mark.parametrize(("start", "stop"), [(0, 5), (3, 9), (8, 20), (17, 20)])
def test_mirror(start, stop):
    K = np.random.default_rng(0).random((20, 20))
    expected = K.copy()
    expected[:start, start:stop] = K[start:stop, :start].T
    mirror(K, start, stop)
    assert np.array_equal(K, expected)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_the_same_bits_for_any_number_of_threads(way, kernel, monkeypatch):
    monkeypatch.setattr(sparse_rows, "_PAIRS", 1000)
    rows = rows_of(kernel, samples(90, 15))
    others = rows.like(csr_of_dense(samples(70, 15, seed=1)))
    coef = np.random.default_rng(2).standard_normal((70, 2))
    results = []
    for width in (1, 2, 8):
        with set_num_threads(width):
            results.append((rows.gram(), rows.block(others), rows.expansion(others, coef)))
    for result in results[1:]:
        assert all(map(np.array_equal, result, results[0]))


@pytest.mark.kernel
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_huge_and_tiny_numbers(way, kernel):
    X = samples(12, 6, 0.5) * 10.0 ** np.random.default_rng(1).integers(-200, 200, (12, 6))
    with np.errstate(over="ignore", invalid="ignore"):
        K = rows_of(kernel, X).gram()
    assert K.shape == (12, 12)
    assert np.array_equal(K, K.T, equal_nan=True)


def test_take_nothing_and_take_twice():
    X = samples(5, 4)
    rows = rows_of(RBF, X)
    assert rows.take(np.array([], dtype=int)).gram().shape == (0, 0)
    assert np.array_equal(rows.take(np.array([1, 1])).gram(), np.ones((2, 2)))


def test_into_an_array_given(way):
    rows = rows_of(RBF, samples(9, 4))
    out = np.full((9, 9), np.nan)
    assert rows.block(rows, out) is out
    assert np.array_equal(out, rows.gram())


def test_memory_grows_with_entries():
    """50,000 samples of 100,000 features with 5 entries each would be 40 GB with their zeros."""
    n, d, per = 50_000, 100_000, 5
    rng = np.random.default_rng(0)
    indices = np.sort(rng.integers(0, d // per, (n, per)) + d // per * np.arange(per), axis=1)
    indptr = per * np.arange(n + 1)
    data = rng.random(n * per)
    tracemalloc.start()
    rows = SparseRows(RBF, indptr, indices.astype(np.int32).ravel(), data, d)
    K = rows.take(np.arange(20)).block(rows)
    sums = rows.expansion(rows.take(np.arange(10)), np.ones((10, 1)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert K.shape == (20, n)
    assert sums.shape == (n, 1)
    assert (K[np.arange(20), np.arange(20)] == 1.0).all()
    assert peak < 60e6
