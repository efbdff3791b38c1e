"""Linear layers: against the sums they stand for, differences, adjointness and PyTorch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.nn.functional as F
from scratchml.nn.ops import linear_tiles
from scratchml.nn.ops.linear import (
    bilinear_backward,
    bilinear_forward,
    linear_backward,
    linear_forward,
)

from .function_cases import LINEAR, label
from .functions import both_ways, check_live, check_stored, tensor  # noqa: F401 (a fixture)
from .pairs import check_adjoint, check_pair

SIZES = st.integers(1, 9)
LEADING = st.sampled_from([(), (0,), (1,), (4,), (2, 3), (2, 0, 3), (2, 1, 3)])


def by_definition(x, w, b):
    y = np.zeros((*x.shape[:-1], len(w)))
    for at in np.ndindex(y.shape):
        y[at] = b[at[-1]]
        for i in range(w.shape[1]):
            y[at] += w[at[-1], i] * x[(*at[:-1], i)]
    return y


def problem(leading, n_in, n_out, dtype=np.float64):
    rng = np.random.default_rng(n_in * 100 + n_out)
    shapes = (*leading, n_in), (n_out, n_in), (n_out,)
    return [rng.standard_normal(s).astype(dtype) for s in shapes]


@given(LEADING, SIZES, SIZES)
def test_the_sum_it_stands_for(leading, n_in, n_out):
    x, w, b = problem(leading, n_in, n_out)
    y, _ = linear_forward(x, w, b)
    np.testing.assert_allclose(y, by_definition(x, w, b), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(linear_forward(x, w)[0], y - b, rtol=1e-12, atol=1e-13)


@given(LEADING, SIZES, SIZES, st.booleans())
def test_gradients(leading, n_in, n_out, bias):
    x, w, b = problem(leading, n_in, n_out)
    check_pair(linear_forward, linear_backward, [x, w, b if bias else None])


@pytest.mark.parametrize("n", [1, 4, 33, 256])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_of_every_size(both_ways, n, dtype):  # noqa: F811
    """Small ones are computed by tiles, large ones by BLAS: both are the product."""
    rng = np.random.default_rng(0)
    for n_in, n_out in [(400, 120), (84, 10), (17, 31), (1, 1)]:
        x, w, b = problem((n,), n_in, n_out, dtype)
        dy = rng.standard_normal((n, n_out)).astype(dtype)
        y, cache = linear_forward(x, w, b)
        wide = [a.astype(np.float64) for a in (x, w, b, dy)]
        expected = wide[0] @ wide[1].T + wide[2]
        tolerance = 50 * np.finfo(dtype).eps
        assert y.dtype == dtype
        np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance * n_in)
        dx, dw, db = linear_backward(dy, cache)
        for ours, theirs in (
            (dx, wide[3] @ wide[1]),
            (dw, wide[3].T @ wide[0]),
            (db, wide[3].sum(0)),
        ):
            assert ours.dtype == dtype
            np.testing.assert_allclose(ours, theirs, tolerance, tolerance * max(n, n_out))


def test_what_is_not_needed_is_not_computed(both_ways):  # noqa: F811
    x, w, b = problem((4,), 3, 2)
    _, cache = linear_forward(x, w, b)
    dy = np.ones((4, 2))
    everything = linear_backward(dy, cache)
    for i in range(3):
        needs = tuple(i == j for j in range(3))
        found = linear_backward(dy, cache, needs)
        assert [f is None for f in found] == [not n for n in needs]
        np.testing.assert_allclose(found[i], everything[i], rtol=1e-14)


def test_adjoint(both_ways):  # noqa: F811
    x, w, _ = problem((7,), 5, 6)
    check_adjoint(linear_forward, linear_backward, x, w)
    a, c, w, _ = bilinear_problem((7,), 5, 6, 2)
    check_adjoint(bilinear_forward, bilinear_backward, a, c, w)


def test_arrays_of_any_layout():
    x, w, b = problem((6,), 5, 4)
    y, _ = linear_forward(x, w, b)
    dy = np.random.default_rng(0).standard_normal((6, 4))
    expected = linear_backward(dy, linear_forward(x, w, b)[1])
    strided = np.repeat(x, 2, axis=0)[::2]
    for other in (np.asfortranarray(x), strided, x[::-1][::-1]):
        again, cache = linear_forward(other, np.asfortranarray(w), b)
        np.testing.assert_allclose(again, y, rtol=1e-13)
        found = linear_backward(np.broadcast_to(dy, dy.shape), cache)
        for a, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, e, rtol=1e-12, atol=1e-14)


def bilinear_problem(leading, n1, n2, n_out):
    rng = np.random.default_rng(n1 + 10 * n2)
    shapes = (*leading, n1), (*leading, n2), (n_out, n1, n2), (n_out,)
    return [rng.standard_normal(s) for s in shapes]


@given(LEADING, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_bilinear(leading, n1, n2, n_out):
    a, c, w, b = bilinear_problem(leading, n1, n2, n_out)
    y, _ = bilinear_forward(a, c, w, b)
    expected = np.zeros((*leading, n_out))
    for at in np.ndindex(expected.shape):
        expected[at] = a[at[:-1]] @ w[at[-1]] @ c[at[:-1]] + b[at[-1]]
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    check_pair(bilinear_forward, bilinear_backward, [a, c, w, b])
    check_pair(bilinear_forward, bilinear_backward, [a, c, w, None])


@pytest.mark.parametrize("i", range(len(LINEAR)), ids=map(label, LINEAR))
def test_as_pytorch_stored(both_ways, i):  # noqa: F811
    check_stored("linear", i)


@pytest.mark.peer
@pytest.mark.parametrize("i", range(len(LINEAR)), ids=map(label, LINEAR))
def test_as_pytorch_live(i):
    check_live("linear", i, rtol=1e-5, atol=1e-5)


def test_errors_name_both_shapes_and_the_rule():
    x, w, b = map(tensor, problem((4,), 3, 2))
    with pytest.raises(ValueError, match=r"in_features.*input \(4, 3\) and weight \(2, 5\)"):
        F.linear(x, tensor(np.ones((2, 5))))
    with pytest.raises(ValueError, match=r"got input \(\) and weight"):
        F.linear(tensor(1.0), w)
    with pytest.raises(ValueError, match=r"bias.*\(2,\).*got \(3,\)"):
        F.linear(x, w, tensor(np.ones(3)))
    with pytest.raises(TypeError, match="float32 and float64"):
        F.linear(tensor(np.ones((4, 3), np.float32)), w, b)
    with pytest.raises(TypeError, match=r"float64 and float32: use input.float\(\)"):
        F.linear(x, tensor(np.ones((2, 3), np.float32)))
    with pytest.raises(TypeError, match=r"linear: a Tensor is needed, got ndarray: from_numpy\(\)"):
        F.linear(np.ones((4, 3)), w)
    with pytest.raises(TypeError, match="linear: a Tensor is needed, got list$"):
        F.linear([[1.0, 2.0, 3.0]], w)
    with pytest.raises(TypeError, match="relu: a Tensor is needed, got ndarray"):
        F.relu(np.ones(3))
    with pytest.raises(ValueError, match=r"got \(4, 3\), \(5, 3\) and weight \(1, 3, 3\)"):
        F.bilinear(x, tensor(np.ones((5, 3))), tensor(np.ones((1, 3, 3))))
    with pytest.raises(ValueError, match=r"bias.*got \(2,\)"):
        F.bilinear(x, x, tensor(np.ones((1, 3, 3))), tensor(np.ones(2)))
    with pytest.raises(TypeError, match="weight must have one dtype"):
        F.bilinear(x, x, tensor(np.ones((1, 3, 3), np.float32)))


def test_tiles_and_blas_agree_to_rounding(monkeypatch):
    for dtype in (np.float32, np.float64):
        x, w, b = problem((4,), 400, 120, dtype)
        dy = np.random.default_rng(1).standard_normal((4, 120)).astype(dtype)
        y, cache = linear_forward(x, w, b)
        gradients = linear_backward(dy, cache)
        with monkeypatch.context() as patch:
            patch.setattr(linear_tiles, "serves", lambda *args: False)
            plain, cache = linear_forward(x, w, b)
            others = linear_backward(dy, cache)
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(y, plain, rtol=0, atol=400 * eps)
        for a, e in zip(gradients, others, strict=True):
            np.testing.assert_allclose(a, e, rtol=0, atol=400 * eps)
