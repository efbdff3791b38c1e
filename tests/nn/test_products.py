"""Products of matrices by tiles: any views, any sizes, any number of threads."""

import unittest.mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
from scratchml._core.jit import compiler
from scratchml.nn.ops import products
from scratchml.nn.ops.linear import linear_forward
from scratchml.nn.ops.products import product

needs_compiler = pytest.mark.skipif(compiler(needed=False) is None, reason="needs the compiler")


def matrix(shape, dtype, form, seed):
    """Return random numbers as rows, as columns, as part of a larger matrix or every other row."""
    random = np.random.default_rng(seed)
    if form == "columns":
        return random.standard_normal(shape[::-1]).astype(dtype).T
    if form == "part":
        return random.standard_normal((shape[0] + 1, shape[1] + 3)).astype(dtype)[1:, 2:-1]
    if form == "part of columns":
        return random.standard_normal((shape[1] + 1, shape[0] + 3)).astype(dtype)[1:, 2:-1].T
    if form == "spread":
        return random.standard_normal((2 * shape[0], 2 * shape[1])).astype(dtype)[::-2, ::2]
    return random.standard_normal(shape).astype(dtype)


forms = st.sampled_from(["rows", "columns", "part", "part of columns", "spread"])


@needs_compiler
@given(
    m=st.integers(1, 150),
    k=st.integers(1, 420),
    n=st.integers(1, 110),
    dtype=st.sampled_from([np.float32, np.float64]),
    form_a=forms,
    form_b=forms,
    biased=st.booleans(),
)
def test_is_the_sum_of_products(m, k, n, dtype, form_a, form_b, biased):
    a, b = matrix((m, k), dtype, form_a, 0), matrix((k, n), dtype, form_b, 1)
    bias = matrix((n,), dtype, "rows", 2) if biased else None
    with unittest.mock.patch.multiple(products, _SMALLEST=0, _FEWEST=0):
        c = product(a, b, bias)
    expected = a.astype(np.float64) @ b + (bias if biased else 0)
    bound = 2 * np.finfo(dtype).eps * np.sqrt(k) * (np.abs(a).astype(np.float64) @ np.abs(b) + 3)
    assert (np.abs(c - expected) <= bound).all()


@needs_compiler
@pytest.mark.parametrize(("m", "k", "n"), [(700, 300, 400), (400, 300, 700)])
def test_threads_change_no_bit(m, k, n, monkeypatch):
    monkeypatch.setattr(products, "_WORTH_THREADS", 1e6)
    a, b = matrix((m, k), np.float32, "rows", 0), matrix((k, n), np.float32, "columns", 1)
    with scratchml.set_num_threads(1):
        one = product(a, b)
    with scratchml.set_num_threads(3):
        np.testing.assert_array_equal(product(a, b), one)
    np.testing.assert_allclose(one, a @ b, atol=1e-3)


@needs_compiler
def test_a_number_that_is_none_stays_in_its_row_or_column():
    a, b = matrix((90, 70), np.float64, "rows", 0), matrix((70, 100), np.float64, "rows", 1)
    expected = product(a, b)
    a[3, 5], b[7, 98] = np.nan, np.inf
    found = product(a, b)
    rows, columns = np.delete(np.arange(90), 3), np.delete(np.arange(100), 98)
    np.testing.assert_array_equal(found[np.ix_(rows, columns)], expected[np.ix_(rows, columns)])
    assert np.isnan(found[3]).all()


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float64])
@pytest.mark.parametrize("size", [3, 100, 260])
def test_integers_and_a_bias_that_lies_apart(size, dtype):
    a = np.arange(size * size).reshape(size, size).astype(dtype)
    bias = np.arange(2 * size).astype(dtype)[::2]
    np.testing.assert_array_equal(product(a, a, bias), a @ a + bias)
    y = linear_forward(a, a, bias)[0]
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, a @ a.T + bias)


@pytest.mark.parametrize(
    ("m", "k", "n"), [(0, 3, 4), (3, 0, 4), (3, 4, 0), (2, 3, 4), (64, 90, 80)]
)
@pytest.mark.parametrize("biased", [False, True])
def test_bias_and_empty_matrices(m, k, n, biased):
    a, b = matrix((m, k), np.float32, "rows", 0), matrix((k, n), np.float32, "rows", 1)
    bias = matrix((n,), np.float32, "rows", 2) if biased else None
    c = product(a, b, bias)
    assert c.dtype == np.float32
    assert c.flags.c_contiguous
    np.testing.assert_allclose(c, a @ b + (bias if biased else 0), atol=1e-4)
