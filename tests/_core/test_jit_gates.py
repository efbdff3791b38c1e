"""Sigmoid and tanh of rows: to the last digits, and nothing beyond the row."""

import numpy as np
import pytest

from scratchml._core.jit import jit
from scratchml._core.jit_gates import (
    LstmCell,
    LstmCellBack,
    Sigmoids,
    Tanhs,
    lstm_cell,
    lstm_cell_back,
    sigmoids,
    tanhs,
)

pytestmark = pytest.mark.kernel
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@jit("void(T[::1], T[::1], const T[::1], int64)")
def both(s, t, x, n):
    sigmoids(s, 2, x, 1, n)
    tanhs(t, 2, x, 1, n)


@FLOATS
@pytest.mark.parametrize("n", [0, 1, 7, 16, 37])
def test_are_what_the_definitions_say(n, dtype):
    x = (3 * np.random.default_rng(0).standard_normal(n + 3)).astype(dtype)
    s, t = np.full((2, n + 4), 7, dtype)
    expected = s.copy(), t.copy()
    both(s, t, x, n)
    Sigmoids()(expected[0], 2, x, 1, n)
    Tanhs()(expected[1], 2, x, 1, n)
    np.testing.assert_allclose(s, expected[0], rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(t, expected[1], rtol=4 * np.finfo(dtype).eps)


@FLOATS
def test_to_the_last_digits(dtype):
    large = np.geomspace(1e-12, 80 if dtype == np.float32 else 700, 20_000)
    x = np.concatenate((-large, [0], large)).astype(dtype)
    s, t = np.empty((2, len(x) + 2), dtype)
    both(s, t, np.append(np.zeros(1, dtype), x), len(x))
    wide = x.astype(np.longdouble)
    eps = np.finfo(dtype).eps
    assert np.abs(s[2:] * (1 + np.exp(-wide)) - 1).max() <= 2.5 * eps
    expected = np.where(x == 0, 1, np.tanh(wide))
    assert np.abs(np.where(x == 0, 1, t[2:]) / expected - 1).max() <= 2.5 * eps
    assert t[2:][x == 0] == 0


@FLOATS
def test_extremes(dtype):
    x = np.array([0, np.inf, -np.inf, np.nan, 1e30, -1e30, -0.0], dtype)
    s, t = np.empty((2, 8), dtype)
    both(s, t, x, 6)
    np.testing.assert_array_equal(s[2:], [1, 0, np.nan, 1, 0, 0.5])
    np.testing.assert_array_equal(t[2:], [1, -1, np.nan, 1, -1, 0])


@jit("void(T[::1], const T[::1], T[::1], T[::1], T[::1], T[::1], int64)")
def cell(gates, v, c, c_out, y, h, n):
    lstm_cell(gates, 1, v, 2, c, 3, c_out, 4, y, 5, h, 6, n)


@FLOATS
@pytest.mark.parametrize("n", [1, 7, 16, 37])
def test_cell_is_what_the_definition_says(n, dtype):
    random = np.random.default_rng(0)
    v = (3 * random.standard_normal(2 + 4 * n)).astype(dtype)
    found = [random.standard_normal(size).astype(dtype) for size in (4 * n + 3, *[n + 9] * 4)]
    expected = [array.copy() for array in found]
    before = [array.copy() for array in found]
    cell(found[0], v, *found[1:], n)
    gates, c, c_out, y, h = expected
    LstmCell()(gates, 1, v, 2, c, 3, c_out, 4, y, 5, h, 6, n)
    begins, lengths = (1, 3, 4, 5, 6), (4 * n, n, n, n, n)
    for one, other, old, i, size in zip(found, expected, before, begins, lengths, strict=True):
        np.testing.assert_allclose(
            one, other, rtol=8 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps
        )
        np.testing.assert_array_equal(one[:i], old[:i])
        np.testing.assert_array_equal(one[i + size :], old[i + size :])


@jit("void(T[::1], T[::1], const T[::1], const T[::1], const T[::1], const T[::1], const T[::1], T[::1], int64)")  # fmt: skip # noqa: E501
def cell_back(da, d, gates, c, before, dy, dh, dc, n):
    lstm_cell_back(da, 1, d, 2, gates, 3, c, 4, before, 5, dy, 6, dh, 7, dc, 8, n)


@FLOATS
@pytest.mark.parametrize("n", [1, 7, 16, 37])
def test_cell_backwards_is_what_the_definition_says(n, dtype):
    random = np.random.default_rng(0)
    sizes = [4 * n + 5] * 3 + [n + 9] * 5
    found = [random.standard_normal(size).astype(dtype) for size in sizes]
    expected = [array.copy() for array in found]
    cell_back(*found, n)
    da, d, gates, c, before, dy, dh, dc = expected
    LstmCellBack()(da, 1, d, 2, gates, 3, c, 4, before, 5, dy, 6, dh, 7, dc, 8, n)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5 if dtype == np.float32 else 1e-13)
