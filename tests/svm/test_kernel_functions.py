"""Kernels against their definitions, one pair of samples at a time with sums rounded once."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scratchml.svm.kernel_functions import Kernel, evaluate, from_products

KERNELS = [
    Kernel("linear"),
    Kernel("poly", 0.25, 1.5, 3),
    Kernel("poly", 2.0, -0.5, 0),
    Kernel("poly", 0.5, 0.0, 6),
    Kernel("rbf", 0.3),
    Kernel("sigmoid", 0.125, -0.25),
]


def slow(kernel, x, y):
    """K(x, y) from the definition."""
    product = math.fsum(float(a) * float(b) for a, b in zip(x, y, strict=True))
    if kernel.name == "linear":
        return product
    if kernel.name == "rbf":
        squares = math.fsum((float(a) - float(b)) ** 2 for a, b in zip(x, y, strict=True))
        return math.exp(-kernel.gamma * squares)
    inner = kernel.gamma * product + kernel.coef0
    return math.tanh(inner) if kernel.name == "sigmoid" else inner**kernel.degree


def slow_matrix(kernel, A, B):
    return np.array([[slow(kernel, a, b) for b in B] for a in A]).reshape(len(A), len(B))


def rounding(kernel, A, B):
    """How far a careful computation may be from `slow`: sums of d terms, then a function of them.

    |d K| <= |slope| gamma |d sum|, and a sum of d terms is off by d eps sum |terms| at most.
    """
    eps, d = 2.0**-52, A.shape[1] + 8
    norms = (A**2).sum(1)[:, None] + (B**2).sum(1)
    terms = np.abs(A) @ np.abs(B).T
    if kernel.name == "linear":
        return d * eps * terms
    if kernel.name == "rbf":
        return 2 * d * eps * (kernel.gamma * norms + 1)
    inner = kernel.gamma * terms + abs(kernel.coef0)
    if kernel.name == "sigmoid":
        return d * eps * (inner + 1)
    return (d + 2) * max(kernel.degree, 1) * eps * (inner**kernel.degree + 1)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize(("n", "m", "d"), [(1, 1, 1), (4, 3, 2), (7, 9, 20), (0, 3, 2), (2, 3, 0)])
def test_evaluate_is_the_definition(kernel, n, m, d):
    rng = np.random.default_rng(n + 10 * m + 100 * d)
    A, B = rng.standard_normal((n, d)), rng.standard_normal((m, d))
    difference = np.abs(evaluate(kernel, A, B) - slow_matrix(kernel, A, B))
    assert (difference <= rounding(kernel, A, B)).all()


def test_values_worked_out_by_hand():
    A, B = np.array([[1.0, 2.0]]), np.array([[3.0, -1.0], [1.0, 2.0]])
    assert evaluate(Kernel("linear"), A, B).tolist() == [[1.0, 5.0]]
    assert evaluate(Kernel("poly", 2.0, 1.0, 3), A, B).tolist() == [[27.0, 1331.0]]
    assert evaluate(Kernel("poly", 2.0, -2.0, 0), A, B).tolist() == [[1.0, 1.0]]  # 0^0 is 1
    assert evaluate(Kernel("rbf", 0.5), A, B).tolist() == [[np.exp(-6.5), 1.0]]
    assert evaluate(Kernel("sigmoid", 0.5, -2.5), A, B).tolist() == [[np.tanh(-2.0), 0.0]]


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_from_products_is_evaluate(kernel):
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((6, 5)), rng.standard_normal((4, 5))
    products = A @ B.T
    K = from_products(kernel, products, (A**2).sum(1), (B**2).sum(1))
    assert K is products
    assert (np.abs(K - slow_matrix(kernel, A, B)) <= rounding(kernel, A, B)).all()


def test_a_distance_below_zero_is_zero():
    one = np.ones(1)
    assert from_products(Kernel("rbf", 1e17), np.array([[1 + 2e-16]]), one, one) == 1.0


def test_far_samples_have_an_rbf_kernel_of_zero():
    assert evaluate(Kernel("rbf", 1e300), np.zeros((1, 2)), np.full((1, 2), 1e3)) == 0.0


@given(arrays(float, (3, 4), elements=st.floats(-2, 2)), st.integers(0, 12))
def test_powers_are_products(base, degree):
    K = from_products(Kernel("poly", 1.0, 0.0, degree), base.copy(), np.zeros(3), np.zeros(4))
    expected = math.prod([base] * degree, start=np.ones((3, 4)))
    np.testing.assert_allclose(K, expected, rtol=13 * 2.0**-52, atol=1e-300)


def test_parameters_of_the_compiled_loop():
    assert Kernel("linear").parameters().tolist() == [0, 1, 0, 3]
    assert Kernel("poly", 0.5, 2.0, 4).parameters().tolist() == [1, 0.5, 2, 4]
    assert Kernel("rbf", 0.5, 2.0, 4).parameters().tolist() == [2, 0.5, 2, 4]
    assert Kernel("sigmoid", 0.5, 2.0, 4).parameters().dtype == np.float64


@pytest.mark.peer
def test_beside_scikit_learn():
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((30, 8)), rng.standard_normal((20, 8))
    theirs = {
        Kernel("linear"): pairwise.linear_kernel(A, B),
        Kernel("poly", 0.3, 1.5, 4): pairwise.polynomial_kernel(A, B, 4, 0.3, 1.5),
        Kernel("rbf", 0.3): pairwise.rbf_kernel(A, B, 0.3),
        Kernel("sigmoid", 0.3, 1.5): pairwise.sigmoid_kernel(A, B, 0.3, 1.5),
    }
    for kernel, expected in theirs.items():
        np.testing.assert_allclose(evaluate(kernel, A, B), expected, rtol=1e-13, atol=1e-14)
