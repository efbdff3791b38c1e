"""The products of a linear layer by tiles: equal to BLAS, rows by themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.jit import compiler
from scratchml.nn.ops import linear_tiles
from scratchml.nn.ops.linear import linear_backward, linear_forward

pytestmark = pytest.mark.skipif(compiler(needed=False) is None, reason="needs compiled kernels")


@given(
    n=st.integers(1, 40),
    inner=st.integers(256, 420),
    out=st.integers(1, 40),
    dtype=st.sampled_from([np.float64, np.float32]),
    biased=st.booleans(),
)
def test_equal_the_products(n, inner, out, dtype, biased):
    rng = np.random.default_rng(0)
    shapes = (n, inner), (out, inner), (out,), (n, out)
    x, w, b, dy = (rng.standard_normal(s).astype(dtype) for s in shapes)
    assert linear_tiles.serves(x, w)
    y = linear_tiles.forward(x, w, b if biased else None)
    close = {"rtol": 0, "atol": 1e-12 if dtype == np.float64 else 2e-4}
    np.testing.assert_allclose(y, x @ w.T + (b if biased else 0), **close)
    dx, dw, db = linear_tiles.backward(dy, x, w, (True, True, True))
    np.testing.assert_allclose(dx, dy @ w, **close)
    np.testing.assert_allclose(dw, dy.T @ x, **close)
    np.testing.assert_allclose(db, dy.sum(0), **close)
    without = linear_tiles.backward(dy, x, w, (False, False, True))
    assert without[:2] == (None, None)
    np.testing.assert_array_equal(without[2], db)
    assert linear_tiles.backward(dy, x, w, (True, False, True))[1] is None
    np.testing.assert_array_equal(linear_tiles.backward(dy, x, w, (False, True, True))[1], dw)


def test_rows_do_not_meet():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((5, 300)), rng.standard_normal((7, 300))
    y = linear_tiles.forward(x, w, None)
    x[2], w[3] = np.nan, np.inf
    spoilt = linear_tiles.forward(x, w, None)
    kept = np.ix_([0, 1, 3, 4], [0, 1, 2, 4, 5, 6])
    np.testing.assert_array_equal(spoilt[kept], y[kept])


def test_is_what_the_layer_takes():
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(s) for s in ((4, 400), (12, 400), (12,)))
    y, cache = linear_forward(x, w, b)
    np.testing.assert_array_equal(y, linear_tiles.forward(x, w, b))
    for found, expected in zip(
        linear_backward(y, cache), linear_tiles.backward(y, x, w, (True,) * 3), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    assert not linear_tiles.serves(x[:, :100], w[:, :100])
    assert not linear_tiles.serves(x[:, ::-1], w)
    assert not linear_tiles.serves(x[:0], w)
