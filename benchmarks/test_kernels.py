"""Timings of single kernels: ``pytest benchmarks --benchmark-enable``."""

import numpy as np
import pytest

from scratchml.linear_model.coordinate_descent import residual_sweep
from scratchml.linear_model.design import correlate
from scratchml.linear_model.least_squares import least_squares
from scratchml.linear_model.logistic_loss import loss_and_gradient
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel, evaluate
from scratchml.svm.pair_steps import pair_steps
from scratchml.svm.smo import Dual
from scratchml.tree.encode import encode
from scratchml.tree.grow import grow_tree
from scratchml.tree.nodes import Limits, Target

pytest.importorskip("pytest_benchmark")
DTYPES = [np.float64, np.float32]


@pytest.fixture(params=DTYPES, ids=["float64", "float32"])
def columns(request):
    random = np.random.default_rng(0)
    A = random.standard_normal((500, 2000)).astype(request.param)
    return A, random.standard_normal(2000).astype(request.param)


def test_correlations(benchmark, columns):
    A, r = columns
    c, mean = np.zeros(len(A)), np.zeros(len(A))
    benchmark(correlate, A, mean, r.astype(float), c)
    np.testing.assert_allclose(c, A @ r, rtol=1e-3, atol=1e-2)


def test_residual_sweep(benchmark, columns):
    A, y = columns
    norms = np.einsum("ij,ij->i", A, A)
    b, r = np.zeros(len(A), dtype=A.dtype), y.copy()
    benchmark(residual_sweep, A, norms, np.arange(len(A)), b, r, 100.0, 0.0, -np.inf)
    assert np.count_nonzero(b) < len(b)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [2, 10])
def test_logistic_loss(benchmark, dtype, classes):
    random = np.random.default_rng(0)
    X = random.standard_normal((20_000, 50)).astype(dtype)
    y, w = random.integers(0, classes, len(X)), np.ones(len(X))
    B = np.zeros((1 if classes == 2 else classes, 51))
    loss, _ = benchmark(loss_and_gradient, X, y, w, B)
    np.testing.assert_allclose(loss, len(X) * np.log(classes))


def test_least_squares(benchmark):
    random = np.random.default_rng(0)
    X, Y = random.standard_normal((20_000, 50)), random.standard_normal((20_000, 1))
    solution = benchmark(least_squares, X, Y)
    assert solution.rank == 50


@pytest.mark.parametrize("splitter", ["best", "random"])
@pytest.mark.parametrize("max_features", [4, 20])
def test_tree(benchmark, splitter, max_features):
    random = np.random.default_rng(0)
    X = random.standard_normal((5000, 20))
    y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(np.int32)[:, None]
    columns, target = encode(X, splitter), Target("gini", y, (2,))
    nodes = benchmark(grow_tree, columns, target, None, Limits(max_features), splitter, 0)
    assert nodes.n_samples[nodes.left < 0].sum() == len(X)


def test_encoding(benchmark):
    X = np.random.default_rng(0).standard_normal((100_000, 1))
    columns = benchmark(encode, X)
    np.testing.assert_array_equal(np.argsort(X[:, 0])[columns.codes[0]], np.arange(len(X)))


@pytest.fixture(params=["linear", "poly", "rbf", "sigmoid"])
def compared(request):
    X = np.random.default_rng(0).standard_normal((1000, 20))
    return DenseRows(Kernel(request.param, 0.05), X), X


def test_kernel_matrix(benchmark, compared):
    rows, X = compared
    K = benchmark(rows.gram)
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_allclose(K, evaluate(rows.kernel, X, X), rtol=1e-9, atol=1e-12)


def test_kernel_expansion(benchmark, compared):
    rows, X = compared
    f = benchmark(rows.expansion, rows, X[:, :1])
    direct = evaluate(rows.kernel, X, X) @ X[:, :1]
    np.testing.assert_allclose(f, direct, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("C", [1.0, 100.0])
def test_pair_steps(benchmark, C):
    X = np.random.default_rng(0).standard_normal((512, 20))
    sign = np.where(X[:, 0] + X[:, 1] * X[:, 2] > 0, 1.0, -1.0)
    K = DenseRows(Kernel("rbf", 0.05), X).gram()
    bounds, zeros = C * sign, np.zeros(len(X))
    dual = Dual(
        sign, np.minimum(bounds, 0), np.maximum(bounds, 0), 0.0, zeros, zeros.astype(np.int64)
    )

    def solve():
        b, g = zeros.copy(), -sign
        return pair_steps(K, dual, b, g, 1e-3, -1)

    assert benchmark(solve) > 0
