"""Depthwise convolution: the compiled strips against the definition, and against plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml
from scratchml._core import jit_masked
from scratchml._core.jit_vectors import lanes
from scratchml.nn.ops import conv, depthwise, depthwise_kernels
from scratchml.nn.ops.conv import conv2d_backward, conv2d_forward

from .pairs import check_pair

CLOSE = {np.float64: {"rtol": 1e-11, "atol": 1e-11}, np.float32: {"rtol": 5e-5, "atol": 5e-5}}
ONE = 1, 1


@st.composite
def layers(draw, largest=40):
    """(x's shape, w's shape, padding, dilation, groups): up to four pairs of planes in a group."""
    groups, of_x, of_y = draw(
        st.sampled_from(
            [(1, 1, 1), (2, 1, 1), (5, 1, 1), (3, 1, 2), (2, 2, 1), (2, 2, 2), (1, 1, 4)]
        )
    )
    k = draw(st.sampled_from([3, 5, 7]))
    dilation = draw(st.tuples(*[st.integers(1, 3)] * 2))
    padding = draw(st.tuples(*[st.integers(0, 7)] * 4))  # beyond the kernel as well
    size = [
        max(draw(st.integers(1, largest)), dilation[a] * (k - 1) + 1 - padding[a] - padding[a + 2])
        for a in range(2)
    ]
    batch = draw(st.integers(1, 3))
    return (batch, groups * of_x, *size), (groups * of_y, of_x, k, k), padding, dilation, groups


def arrays(x, w, dtype, seed):
    rng = np.random.default_rng(seed)
    biases = rng.standard_normal(w[0]), rng.standard_normal(x[1])
    return [a.astype(dtype) for a in (rng.standard_normal(x), rng.standard_normal(w), *biases)]


def three(module, x, w, b, c, *how):
    """y, dx and dw by a module's functions."""
    y = module.forward(x, w, b, *how)
    dy = np.cos(np.arange(y.size)).astype(x.dtype).reshape(y.shape)
    dx = module.input_gradient(dy, w, x.shape, *how, c)
    return y, dx, module.weight_gradient(x, dy, w.shape, *how)


@settings(max_examples=60)
@given(layers(), st.booleans(), st.integers(0, 9))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_strips_are_the_definition(dtype, layer, biased, seed):
    x, w, padding, dilation, groups = layer
    x, w, b, c = arrays(x, w, dtype, seed)
    b, c = (b, c) if biased else (None, None)
    how = ONE, padding, dilation, groups
    found = zip(three(depthwise, x, w, b, c, *how), three(conv, x, w, b, c, *how), strict=True)
    for a, expected in found:
        assert (a.shape, a.dtype) == (expected.shape, dtype)
        np.testing.assert_allclose(a, expected, **CLOSE[dtype])


@pytest.mark.kernel
@settings(max_examples=10)
@given(layers(largest=9), st.integers(0, 9))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_plain_python_is_the_definition(dtype, layer, seed):
    """The kernels as they run without the compiler."""
    x, w, padding, dilation, groups = layer
    x, w, b, c = arrays(x, w, dtype, seed)
    how = ONE, padding, dilation, groups
    with pytest.MonkeyPatch.context() as patch:
        for kernels, name in ((depthwise._SUMS, "sums"), (depthwise._DOTS, "dots")):
            plain = {k: getattr(depthwise_kernels, f"{name}_{k}").py_func for k in kernels}
            patch.setattr(depthwise, f"_{name.upper()}", plain)
        found = three(depthwise, x, w, b, c, *how)
    for a, expected in zip(found, three(conv, x, w, b, c, *how), strict=True):
        np.testing.assert_allclose(a, expected, **CLOSE[dtype])


@pytest.mark.parametrize("k", [3, 5, 7])
def test_gradients_are_central_differences(k):
    rng = np.random.default_rng(k)
    arrays = [rng.standard_normal(s) for s in ((2, 3, 5, 18), (3, 1, k, k), (3,))]
    check_pair(conv2d_forward, conv2d_backward, arrays, 1, k // 2, 1, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_planes_larger_than_a_cache(dtype):
    """What is fetched ahead changes nothing but the time."""
    x, w, b, c = arrays((2, 2, 400, 300), (2, 1, 3, 3), dtype, 0)
    assert 400 * 300 * 4 > depthwise._NEAR
    how = ONE, (1, 1, 1, 1), ONE, 2
    for a, expected in zip(
        three(depthwise, x, w, b, c, *how), three(conv, x, w, b, c, *how), strict=True
    ):
        np.testing.assert_allclose(a, expected, rtol=1e-4, atol=1e-4 * abs(expected).max())


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")  # by the definition
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("k", [3, 5, 7])
def test_a_bad_number_reaches_its_window_only(k, value):
    x, w, b, c = arrays((1, 2, 12, 40), (2, 1, k, k), np.float32, 0)
    x[0, 1, 5, 15:17] = value
    how = ONE, (k // 2,) * 4, ONE, 2
    for a, expected in zip(
        three(depthwise, x, w, b, c, *how), three(conv, x, w, b, c, *how), strict=True
    ):
        np.testing.assert_array_equal(np.isfinite(a), np.isfinite(expected))
    y, _, dw = three(depthwise, x, w, b, c, *how)
    assert np.isfinite(y).sum() == y.size - k * (k + 1)
    assert np.isfinite(dw[0]).all()


def test_nothing_beyond_the_planes_is_read_or_written():
    """Guards of NaN around x, dy, w and y: the masks are right at both ends of the arrays."""
    guard, k = 64, 3
    x, w, b, _ = arrays((2, 2, 4, 19), (2, 1, k, k), np.float32, 0)

    def guarded(a):
        held = np.full(a.size + 2 * guard, np.nan, a.dtype)
        held[guard:-guard] = a.reshape(-1)
        return held, held[guard:-guard]

    y = np.zeros((2, 2, 4, 19), "f")
    (_, xg), (_, wg), (held, yg) = guarded(x), guarded(w), guarded(y)
    passes = depthwise._passes((4, 19), (4, 19), (k, k), (1, 1), ONE, 4)
    numbers, pairs = depthwise._pairs((2, 4, 19), (2, 4, 19), w.shape, 2, False)
    zeros = np.zeros(19 + lanes(4), "f")
    depthwise_kernels.sums_3(yg, xg, wg, b, numbers, pairs, passes, zeros, 1, 0, 4)
    expected = conv.forward(x, w, b, ONE, (1, 1, 1, 1), ONE, 2)
    np.testing.assert_allclose(yg.reshape(y.shape), expected, **CLOSE[np.float32])
    assert np.isnan(held[:guard]).all()
    assert np.isnan(held[-guard:]).all()
    total = np.zeros(w.size * lanes(4), "f")
    (_, dyg), zeros = guarded(expected), np.zeros_like(zeros)
    depthwise_kernels.dots_3(total, dyg, xg, numbers, pairs, passes, zeros, 0, 4)
    dw = total.reshape(w.size, -1).sum(1).reshape(w.shape)
    expected = conv.weight_gradient(x, expected, w.shape, ONE, (1, 1, 1, 1), ONE, 2)
    np.testing.assert_allclose(dw, expected, **CLOSE[np.float32])


@pytest.mark.parametrize("k", [3, 5])
def test_any_number_of_threads_gives_the_same_bits(k):
    x, w, b, c = arrays((9, 64, 60, 60), (64, 1, k, k), np.float32, 0)
    assert x.size * k * k > 2 * depthwise._PARALLEL
    how = ONE, (k // 2,) * 4, ONE, 64
    found = []
    for n in (1, 2, 8):
        with scratchml.set_num_threads(n):
            found.append(three(depthwise, x, w, b, c, *how))
    for other in found[1:]:
        for a, expected in zip(other, found[0], strict=True):
            np.testing.assert_array_equal(a, expected)


def test_many_images_add_up_exactly_enough():
    """200,000 products a number, in 16 lanes and float32: 3e-8 sqrt(12,500) of a sum, and less."""
    x, w, b, c = arrays((64, 2, 56, 56), (2, 1, 3, 3), np.float32, 0)
    how = ONE, (1, 1, 1, 1), ONE, 2
    dw = three(depthwise, x, w, b, c, *how)[2]
    exact = three(conv, *[a.astype(np.float64) for a in (x, w, b, c)], *how)[2]
    assert abs(dw - exact).max() < 3e-6 * abs(exact).max()


def test_what_is_served():
    def served(x, w, groups, stride=ONE):
        return depthwise.serves(np.ones(x, "f"), np.ones(w, "f"), stride, groups)

    if not served((1, 4, 9, 9), (4, 1, 3, 3), 4):
        pytest.skip("needs Numba and vectors of 32 bytes")
    assert served((1, 1, 9, 9), (4, 1, 3, 3), 1)
    assert served((1, 4, 9, 9), (4, 2, 7, 7), 2)
    assert not served((1, 4, 9, 9), (8, 4, 3, 3), 1)
    assert not served((1, 4, 9, 9), (4, 1, 3, 3), 4, (2, 1))
    assert not served((1, 4, 9, 9), (4, 1, 4, 4), 4)
    assert not served((1, 4, 9, 9), (4, 1, 3, 5), 4)
    assert not served((0, 4, 9, 9), (4, 1, 3, 3), 4)


def test_passes_say_all_fields():
    passes = depthwise._passes((5, 40), (5, 40), (3, 3), (1, 1), (2, 1), 4)
    assert passes.shape == (2 * -(-40 // lanes(4)), len(jit_masked.FIELDS))
    at = dict(zip(jit_masked.FIELDS, passes[0].tolist(), strict=True))
    # rows 0, 2, 4 of y meet the rows -1, 1, 3, 5, 7 of x
    assert (at["rows"], at["first"], at["stop"], at["column"]) == (3, 1, 3, -1)
    assert (at["x"], at["x_step"], at["y_step"]) == (-41, 80, 80)


@pytest.mark.peer
@pytest.mark.parametrize("k", [3, 5, 7])
def test_pytorch(k):
    torch = pytest.importorskip("torch")
    x, w, b, _ = arrays((2, 6, 20, 33), (6, 1, k, k), np.float32, k)
    y, cache = conv2d_forward(x, w, b, 1, k // 2, 1, 6)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    expected = torch.nn.functional.conv2d(*tensors, 1, k // 2, 1, 6)
    dy = np.sin(np.arange(y.size, dtype="f")).reshape(y.shape)
    expected.backward(torch.tensor(dy))
    found = y, *conv2d_backward(dy, cache)
    for a, t in zip(found, (expected.detach(), *[t.grad for t in tensors]), strict=True):
        t = t.numpy()
        np.testing.assert_allclose(a, t, rtol=1e-5, atol=1e-5 * abs(t).max())
