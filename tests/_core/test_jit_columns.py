"""Columns of blocks: the vector instructions do what the plain definitions say."""

import numpy as np
import pytest

from scratchml._core.jit import jit
from scratchml._core.jit_columns import (
    ColumnExp,
    ColumnMax,
    ColumnPull,
    column_count,
    column_exp,
    column_max,
    column_pull,
)

pytestmark = pytest.mark.kernel
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@jit("void(T[::1], T[::1], T[::1], const T[::1], int64, int64)")
def all_three(m, total, x, y, pitch, rows):
    column_max(m, 1, x, 2, pitch, rows)
    column_exp(total, 3, m, 1, x, 2, pitch, rows)
    column_pull(x, 2, y, 4, m, 1, pitch, rows - 1)


@FLOATS
@pytest.mark.parametrize("rows", [2, 9])
def test_are_what_the_definitions_say(rows, dtype):
    n = column_count(np.dtype(dtype).itemsize)
    pitch = n + 3
    random = np.random.default_rng(0)
    x, y = (4 * random.standard_normal((2, 4 + rows * pitch))).astype(dtype)
    m, total = np.full(1 + n, -1, dtype), np.full(3 + n, 2, dtype)
    expected = m.copy(), total.copy(), x.copy()
    all_three(m, total, x, y, pitch, rows)
    ColumnMax()(expected[0], 1, expected[2], 2, pitch, rows)
    ColumnExp()(expected[1], 3, expected[0], 1, expected[2], 2, pitch, rows)
    ColumnPull()(expected[2], 2, y, 4, expected[0], 1, pitch, rows - 1)
    np.testing.assert_array_equal(m, expected[0])
    bound = {"rtol": 8 * np.finfo(dtype).eps, "atol": 1e-7 if dtype == np.float32 else 1e-15}
    np.testing.assert_allclose(total, expected[1], **bound)
    np.testing.assert_allclose(x, expected[2], **bound)


@jit("void(T[::1], T[::1], T[::1], int64)")
def exponentials(total, m, x, rows):
    column_exp(total, 0, m, 0, x, 0, len(m), rows)


@FLOATS
def test_exp_to_the_last_digits(dtype):
    n = column_count(np.dtype(dtype).itemsize)
    low = -87 if dtype == np.float32 else -708
    x = np.append(np.linspace(low, 0, 500 * n - 1), 0.0).astype(dtype)
    expected = np.exp(x.astype(np.longdouble))
    exponentials(np.zeros(n, dtype), np.zeros(n, dtype), x, 500)
    assert np.abs(x / expected - 1).max() <= 1.5 * np.finfo(dtype).eps
    assert x[-1] == 1


@FLOATS
def test_exp_of_extremes(dtype):
    n = column_count(np.dtype(dtype).itemsize)
    x = np.zeros(8 * n, dtype)
    low = np.log(np.finfo(dtype).tiny) + 0.25
    x[:5] = -np.inf, np.nan, -1e4, -1e30, low
    exponentials(np.zeros(n, dtype), np.zeros(n, dtype), x, 8)
    assert x[[0, 2, 3]].tolist() == [0, 0, 0]
    assert np.isnan(x[1])
    np.testing.assert_allclose(x[4], np.exp(dtype(low)), rtol=4 * np.finfo(dtype).eps)
