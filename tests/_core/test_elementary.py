"""exp, tanh, sigmoid, log1p_exp: errors against extended precision, special values, vector code."""

import os
import platform
import re

import numpy as np
import pytest

from scratchml._core.elementary import exp, log1p_exp, sigmoid, tanh
from scratchml._core.jit import NAN_SAFE_FASTMATH, compiler, jit

pytestmark = pytest.mark.kernel


@jit("void(const T[::1], T[::1])")
def fill_exp(x, out):
    for i in range(x.shape[0]):
        out[i] = exp(x[i])


@jit("void(const T[::1], T[::1])")
def fill_tanh(x, out):
    for i in range(x.shape[0]):
        out[i] = tanh(x[i])


@jit("void(const T[::1], T[::1])")
def fill_sigmoid(x, out):
    for i in range(x.shape[0]):
        out[i] = sigmoid(x[i])


@jit("void(const T[::1], T[::1])")
def fill_log1p_exp(x, out):
    for i in range(x.shape[0]):
        out[i] = log1p_exp(x[i])


@jit("void(const T[::1], T[::1])", fastmath=NAN_SAFE_FASTMATH)
def fill_exp_fastmath(x, out):
    for i in range(x.shape[0]):
        out[i] = exp(x[i])


def stable_sigmoid(x):
    u = np.exp(-np.abs(x))
    return np.where(x < 0, u, 1) / (1 + u)


def stable_log1p_exp(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


# kernel, reference, error bound in ulp for float32 and float64 (as in the module's docstring)
FUNCTIONS = {
    "exp": (fill_exp, np.exp, 1.05, 1.0),
    "tanh": (fill_tanh, np.tanh, 2.5, 2.6),
    "sigmoid": (fill_sigmoid, stable_sigmoid, 2.4, 2.4),
    "log1p_exp": (fill_log1p_exp, stable_log1p_exp, 1.8, 2.2),
}
EACH = pytest.mark.parametrize("name", FUNCTIONS)
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])
EXTENDED = np.finfo(np.longdouble).eps < 1e-18


def compute(name, x):
    out = np.empty_like(x)
    FUNCTIONS[name][0](x, out)
    return out


def reference(name, x):
    """Evaluate in a wider type than x has."""
    wide = np.float64 if x.dtype == np.float32 else np.longdouble
    with np.errstate(all="ignore"):
        return FUNCTIONS[name][1](x.astype(wide))


def worst_ulp(name, x):
    expected = reference(name, x)
    with np.errstate(all="ignore"):
        ulp = np.spacing(np.abs(expected.astype(x.dtype))).astype(expected.dtype)
        return (np.abs(compute(name, x) - expected) / ulp).max()


def points(dtype, n):
    rng = np.random.default_rng(0)
    limit = 87 if dtype == np.float32 else 708
    return np.concatenate(
        [
            rng.uniform(-limit, limit, n),
            rng.uniform(-3, 3, n),
            rng.uniform(-0.5, 0.5, n),
            rng.choice([-1, 1], n) * 10.0 ** rng.uniform(-30, 1, n),
        ]
    ).astype(dtype)


@EACH
@FLOATS
def test_error_in_ulp(name, dtype):
    if dtype == np.float64 and not EXTENDED:
        pytest.skip("no wider type than float64 here")
    bound = FUNCTIONS[name][2 if dtype == np.float32 else 3]
    assert worst_ulp(name, points(dtype, 250_000 if compiler() else 500)) < bound


@EACH
@FLOATS
def test_special_values(name, dtype):
    tiny = np.finfo(dtype).smallest_subnormal
    big = np.finfo(dtype).max
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, tiny, -tiny, big, -big, 1e3, -1e3], dtype)
    with np.errstate(all="ignore"):
        expected = reference(name, x).astype(dtype)
    result = compute(name, x)
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(np.signbit(result[1:]), np.signbit(expected[1:]))


@FLOATS
def test_exp_at_the_edges_of_its_range(dtype):
    low, high = (-104.5, 89.0) if dtype == np.float32 else (-746.0, 710.0)
    info = np.finfo(dtype)
    x = np.linspace(low, high, 2001).astype(dtype)
    result, expected = compute("exp", x), reference("exp", x)
    subnormal = expected < info.tiny
    assert np.abs(result - expected)[subnormal].max() <= info.smallest_subnormal
    assert (result[expected > info.max] == np.inf).all()
    assert (np.diff(result[np.isfinite(result)]) >= 0).all()
    # sigmoid and log1p_exp fall off as exp does, to subnormal numbers
    for name in ("sigmoid", "log1p_exp"):
        close = np.abs(compute(name, x[subnormal]) - expected[subnormal])
        assert close.max() <= 2 * info.smallest_subnormal


@FLOATS
def test_symmetries(dtype):
    x = points(dtype, 500)
    np.testing.assert_array_equal(compute("tanh", -x), -compute("tanh", x))
    both = compute("sigmoid", x) + compute("sigmoid", -x)
    np.testing.assert_allclose(both, 1, rtol=0, atol=2 * np.finfo(dtype).eps)
    assert np.abs(compute("tanh", x)).max() <= 1


@EACH
@FLOATS
def test_a_value_does_not_depend_on_its_place_in_the_array(name, dtype):
    for value in points(dtype, 3):
        for n in (1, 2, 7, 8, 31, 64, 67):
            assert np.unique(compute(name, np.full(n, value))).size == 1
        assert compute(name, np.full(1, value))[0] == compute(name, np.full(67, value))[0]


@FLOATS
def test_a_callers_fastmath_does_not_reach_inside(dtype):
    x = points(dtype, 500)
    out = np.empty_like(x)
    fill_exp_fastmath(x, out)
    np.testing.assert_array_equal(out, compute("exp", x))


@FLOATS
def test_scalars_from_python(dtype):
    x = np.array([0.7], dtype)
    for name, function in {
        "exp": exp,
        "tanh": tanh,
        "sigmoid": sigmoid,
        "log1p_exp": log1p_exp,
    }.items():
        np.testing.assert_allclose(dtype(function(x[0])), compute(name, x)[0], rtol=0)
        assert function(0) == function(0.0) == float(reference(name, np.zeros(1))[0])


@EACH
@FLOATS
def test_loops_become_vector_code(compiled, name, dtype):
    if platform.machine() not in ("x86_64", "AMD64") or "NUMBA_BOUNDSCHECK" in os.environ:
        pytest.skip("looks for x86 instructions in loops without checks")
    kernel = FUNCTIONS[name][0]
    code = next(iter(kernel.compile(np.dtype(dtype)).inspect_asm().values()))
    suffix = "ps" if dtype == np.float32 else "pd"
    assert len(re.findall(rf"\bv?(?:mul|fmadd\d+){suffix}\b", code)) > 5
    assert not re.search(r"\b(expf?|tanhf?|log1pf?|logf?)\b", code)


@EACH
@FLOATS
def test_benchmark(benchmark, name, dtype):
    x = np.random.default_rng(0).uniform(-8, 8, 4096).astype(dtype)
    out = np.empty_like(x)
    benchmark.extra_info["elements"] = x.size
    benchmark(FUNCTIONS[name][0], x, out)
