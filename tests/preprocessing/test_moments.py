"""Column moments against exact rational arithmetic, merging, weights, missing values."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.preprocessing.moments import Moments, column_moments, merge_moments

EPS = np.finfo(float).eps


def exact(x, w=None):
    """Mean and sum of squared deviations in rational arithmetic."""
    w = np.ones(len(x)) if w is None else w
    pairs = [(Fraction(float(a)), Fraction(float(b))) for a, b in zip(x, w, strict=True) if a == a]
    total = sum(b for _, b in pairs)
    mean = sum(a * b for a, b in pairs) / total
    return mean, sum(b * (a - mean) ** 2 for a, b in pairs)


def relative_error(value, true):
    return abs(float((Fraction(float(value)) - true) / true))


def hard_column(offset, scale, n=3001):
    return offset + scale * np.random.default_rng(3).standard_normal(n)


HARD = [(3.0, 1.0), (1e8, 1.0), (1e12, 1e-3), (-1e15, 10.0), (1e-150, 1e-151), (1e150, 1.0e149)]


@pytest.mark.parametrize(("offset", "scale"), HARD)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("p", [1, 3, 700])
def test_last_digits_on_hard_data(offset, scale, order, p):
    x = hard_column(offset, scale)
    X = np.asarray(np.repeat(x[:, None], p, axis=1), order=order)
    moments = column_moments(X)
    mean, m2 = exact(x)
    # The mean is rounded once; m2 is a sum over 3001 squares, each good to 2 eps, in short blocks.
    assert relative_error(moments.mean[-1], mean) <= EPS / 2
    assert relative_error(moments.m2[-1], m2) <= 16 * EPS
    assert moments.weight.tolist() == [3001] * p


@pytest.mark.parametrize(("offset", "scale"), HARD)
def test_a_batch_for_each_row_loses_nothing(offset, scale):
    x = hard_column(offset, scale)
    together = column_moments(x[:1, None])
    for row in x[1:]:
        together = merge_moments(together, column_moments(row.reshape(1, 1)))
    mean, m2 = exact(x)
    assert relative_error(together.mean[0], mean) <= EPS  # the tail keeps what rounding cut off
    assert relative_error(together.m2[0], m2) <= 100 * EPS  # 3000 additions of positive terms


def test_a_million_rows_at_a_large_offset():
    n = 1_000_000
    x = 1e9 + np.arange(n) % 5  # mean 1e9 + 2, variance 2: both exact
    moments = column_moments(x[:, None])
    assert moments.mean[0] == 1e9 + 2
    assert abs(moments.m2[0] / n - 2.0) <= 4 * EPS  # deviations from a pivot that is rounded


@given(st.data())
def test_any_batch_split_gives_the_moments_of_the_whole(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    n, p = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 5))
    X = 1e6 + rng.standard_normal((n, p))
    X[rng.random((n, p)) < data.draw(st.sampled_from([0, 0.3]))] = np.nan
    w = rng.integers(0, 4, n).astype(float) if data.draw(st.booleans()) else None
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=5)))
    parts = np.split(np.arange(n), cuts)
    whole = column_moments(X, w)
    merged = Moments(*np.zeros((4, p)))
    for part in parts:
        batch = column_moments(X[part], None if w is None else w[part])
        merged = merge_moments(merged, batch)
    np.testing.assert_allclose(merged.weight, whole.weight, rtol=0)
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=2 * EPS)
    # 60 values with deviations of order 1 from a mean of 1e6, which is exact to its tail
    np.testing.assert_allclose(merged.m2, whole.m2, rtol=1e-12, atol=1e-12)


def test_weights_count_as_repeated_rows():
    rng = np.random.default_rng(0)
    X = 100 + rng.standard_normal((40, 3))
    X[5, 1] = np.nan
    w = rng.integers(0, 4, 40)
    weighted, repeated = column_moments(X, w.astype(float)), column_moments(np.repeat(X, w, axis=0))
    np.testing.assert_array_equal(weighted.weight, repeated.weight)
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=2 * EPS)
    np.testing.assert_allclose(weighted.m2, repeated.m2, rtol=1e-13)


def test_fractional_weights_against_exact():
    rng = np.random.default_rng(1)
    x, w = hard_column(1e8, 1.0, 500), rng.random(500)
    x[::7] = np.nan
    moments = column_moments(x[:, None], w)
    mean, m2 = exact(x, w)
    assert relative_error(moments.mean[0], mean) <= EPS
    assert relative_error(moments.m2[0], m2) <= 16 * EPS


def test_missing_values_and_empty_columns():
    X = np.array([[1.0, np.nan, 4.0], [3.0, np.nan, np.nan]])
    moments = column_moments(X)
    assert moments.weight.tolist() == [2, 0, 1]
    assert moments.mean.tolist() == [2, 0, 4]
    assert moments.m2.tolist() == [2, 0, 0]


def test_float32_is_added_up_in_float64():
    x = np.full(2**20, 0.1, dtype=np.float32)
    assert column_moments(x[:, None]).mean[0] == np.float64(np.float32(0.1))


def test_no_rows():
    assert column_moments(np.empty((0, 2))).weight.tolist() == [0, 0]


@pytest.mark.parametrize(
    "view",
    [
        lambda X: X[::2],
        lambda X: X[:, ::-1],
        lambda X: np.asfortranarray(X)[1::3],
        lambda X: X.astype(">f8"),
        lambda X: X[:, :1],
    ],
)
def test_any_memory_layout(view):
    X = view(1e3 + np.random.default_rng(2).standard_normal((5000, 7)))
    X.flags.writeable = False
    moments, plain = column_moments(X), np.asarray(X, dtype=np.longdouble)
    np.testing.assert_allclose(moments.mean, plain.mean(axis=0), rtol=EPS)
    np.testing.assert_allclose(moments.m2 / len(X), plain.var(axis=0), rtol=1e-14)
