"""erf and the normal distribution: errors against the C library, special values, vector code."""

import math
import os
import platform
import re

import numpy as np
import pytest

from scratchml._core.erf import erf, erf_array, normal, normal_array
from scratchml._core.jit import compiler, jit

pytestmark = pytest.mark.kernel
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@jit("void(const T[::1], T[::1])")
def fill_erf(x, y):
    for i in range(x.size):
        y[i] = erf(x[i])


@jit("void(const T[::1], T[::1], T[::1])")
def fill_normal(x, below, bell):
    for i in range(x.size):
        below[i], bell[i] = normal(x[i])


def erf_of(x, compiled):
    if not compiled:
        return erf_array(x)
    y = np.empty_like(x)
    fill_erf(x, y)
    return y


def normal_of(x, compiled):
    if not compiled:
        return normal_array(x)
    below, bell = np.empty_like(x), np.empty_like(x)
    fill_normal(x, below, bell)
    return below, bell


def ulps(y, expected):
    """Return the worst error in units in the last place of y's type; `expected` are floats."""
    unit = np.spacing(np.abs(expected.astype(y.dtype))).astype(float)
    return (np.abs(y.astype(float) - expected) / unit).max()


def points(dtype, low, high, n):
    rng = np.random.default_rng(0)
    n = n if compiler() else n // 100
    return np.concatenate(
        [
            rng.uniform(low, high, n),
            rng.uniform(-1, 1, n),
            rng.choice([-1, 1], n) * 10.0 ** rng.uniform(-30, 0, n),
        ]
    ).astype(dtype)


@FLOATS
@pytest.mark.parametrize("compiled", [True, False])
def test_error_of_erf(dtype, compiled):
    x = points(dtype, -6, 6, 60_000)
    expected = np.array([math.erf(v) for v in x.tolist()])
    assert ulps(erf_of(x, compiled), expected) < (2.7 if dtype == np.float32 else 3.0)


def wide_normal(x):
    """Return Phi(x) and exp(-x^2 / 2) in extended precision: a series, and a continued fraction."""
    a = np.abs(x.astype(np.longdouble))
    bell = np.exp(-a * a / 2)
    density = bell / np.sqrt(np.longdouble(8) * np.arctan(np.longdouble(1)))
    term = total = a
    for k in range(1, 60):
        term = term * a * a / (2 * k + 1)
        total = total + term
    fraction = np.zeros_like(a)
    for k in range(200, 0, -1):
        fraction = k / (a + fraction)
    tail = np.where(a < 3, 0.5 - density * total, density / (a + fraction))
    return np.where(x < 0, tail, 1 - tail), bell


@FLOATS
@pytest.mark.parametrize("compiled", [True, False])
def test_error_of_the_normal_distribution(dtype, compiled):
    """Relative, far into the lower tail, where 1 + erf would have no digit left."""
    if dtype == np.float64 and not np.finfo(np.longdouble).eps < 1e-18:
        pytest.skip("no wider type than float64 here")
    low = -13 if dtype == np.float32 else -37
    x = points(dtype, low, 10, 20_000)
    with np.errstate(all="ignore"):
        expected = wide_normal(x)
    # The kernel's square is exact in float32 only where products are fused, as plain Python's not.
    bounds = (60, 60) if compiled and dtype == np.float32 and not compiler() else (6.7, 2.1)
    for y, e, bound in zip(normal_of(x, compiled), expected, bounds, strict=True):
        unit = np.spacing(e.astype(dtype)).astype(np.longdouble)
        kept = e > 30 * np.finfo(dtype).tiny
        assert (np.abs(y - e) / unit)[kept].max() < bound


@FLOATS
@pytest.mark.parametrize("compiled", [True, False])
def test_special_values(dtype, compiled):
    big, tiny = np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal
    x = np.array([0.0, -0.0, np.inf, -np.inf, big, -big, 40, -40, np.nan, tiny], dtype)
    with np.errstate(all="ignore"):
        y = erf_of(x, compiled)
        below, bell = normal_of(x, compiled)
    np.testing.assert_array_equal(y[:9], [0, 0, 1, -1, 1, -1, 1, -1, np.nan])
    assert np.signbit(y[1])
    assert y[9] == tiny
    np.testing.assert_array_equal(below[:9], [0.5, 0.5, 1, 0, 1, 0, 1, 0, np.nan])
    np.testing.assert_array_equal(bell[:9], [1, 1, 0, 0, 0, 0, 0, 0, np.nan])


@FLOATS
def test_symmetries(dtype):
    x = points(dtype, -6, 6, 2000)
    np.testing.assert_array_equal(erf_of(-x, True), -erf_of(x, True))
    both = normal_of(x, True)[0] + normal_of(-x, True)[0]
    np.testing.assert_allclose(both, 1, rtol=0, atol=np.finfo(dtype).eps)


@FLOATS
def test_loops_become_vector_code(compiled, dtype):
    if platform.machine() not in ("x86_64", "AMD64") or "NUMBA_BOUNDSCHECK" in os.environ:
        pytest.skip("looks for x86 instructions in loops without checks")
    suffix = "ps" if dtype == np.float32 else "pd"
    for kernel in (fill_erf, fill_normal):
        code = next(iter(kernel.compile(np.dtype(dtype)).inspect_asm().values()))
        assert len(re.findall(rf"\bv?(?:mul|fmadd\d+){suffix}\b", code)) > 10
        assert not re.search(r"\b(expf?|erff?|erfcf?)\b", code)


@FLOATS
def test_benchmark(benchmark, dtype):
    x = np.random.default_rng(0).uniform(-4, 4, 4096).astype(dtype)
    benchmark.extra_info["elements"] = x.size
    benchmark(fill_erf, x, np.empty_like(x))
