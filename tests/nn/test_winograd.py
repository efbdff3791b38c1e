"""Winograd's filtering: equal to the sums it stands for, to a stated bound, for any size."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
from scratchml._core.jit import compiler
from scratchml.nn.ops import conv, conv_tiles, winograd
from scratchml.nn.ops.conv import conv2d_backward, conv2d_forward

pytestmark = pytest.mark.skipif(compiler(needed=False) is None, reason="needs compiled kernels")


def problem(n, c, o, height, width, dtype, seed=0):
    rng = np.random.default_rng(seed)
    shapes = (n, c, height, width), (o, c, 3, 3), (o,)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


@given(
    n=st.integers(1, 9),
    channels=st.tuples(st.integers(1, 17), st.integers(1, 17)),
    size=st.tuples(st.integers(1, 35), st.integers(1, 35)),
    padding=st.tuples(*[st.integers(0, 2)] * 4),
    biased=st.booleans(),
)
def test_equals_the_definition_in_double_precision(n, channels, size, padding, biased):
    top, left, bottom, right = padding
    size = max(size[0], 3 - top - bottom), max(size[1], 3 - left - right)
    x, w, b = problem(n, *channels, *size, np.float64)
    b = b if biased else None
    expected = conv.forward(x, w, b, (1, 1), padding, (1, 1), 1)
    y = winograd.forward(x, w, b, padding, expected.shape[2:])
    np.testing.assert_allclose(y, expected, atol=1e-13 * np.abs(expected).max(), rtol=0)
    dy = problem(n, channels[1], 1, *expected.shape[2:], np.float64, 1)[0]
    around = tuple(2 - p for p in padding)
    dx = winograd.forward(dy, w, None, around, size, turned=True)
    expected = conv.input_gradient(dy, w, x.shape, (1, 1), padding, (1, 1), 1)
    np.testing.assert_allclose(dx, expected, atol=1e-13 * np.abs(expected).max(), rtol=0)


@pytest.mark.parametrize("channels", [16, 64, 128])
def test_single_precision_is_that_of_plain_sums(channels):
    """No more than five times the error of sums added up one after the other."""
    x, w, _ = problem(1, channels, 16, 28, 28, np.float32)
    exact = conv.forward(x.astype(float), w.astype(float), None, (1, 1), (1,) * 4, (1, 1), 1)
    y = winograd.forward(x, w, None, (1,) * 4, (28, 28))
    assert np.abs(y - exact).max() <= 5e-6 * np.abs(exact).max()


def test_is_what_large_convolutions_take_and_can_be_switched_off():
    x, w, b = problem(2, 16, 16, 20, 18, np.float32)
    with mock.patch.object(winograd, "forward", wraps=winograd.forward) as used:
        y, cache = conv2d_forward(x, w, b, 1, 1)
        dx, _, _ = conv2d_backward(y, cache)
        assert used.call_count == 2
        with mock.patch.object(winograd, "enabled", False):
            plain, cache = conv2d_forward(x, w, b, 1, 1)
            plain_dx, _, _ = conv2d_backward(y, cache)
            assert used.call_count == 2
        conv2d_forward(x, w, b, 2, 1)
        conv2d_forward(x[:, :8], w[:, :8], b, 1, 1)
        conv2d_forward(x[:, :, :16], w, b, 1, 0)
        conv2d_forward(x, w[:, :8], b, 1, 1, 1, 2)
        conv2d_forward(x, w, b, 1, 2, 2)
        assert used.call_count == 2
    np.testing.assert_allclose(y, plain, atol=2e-5 * np.abs(plain).max())
    np.testing.assert_allclose(dx, plain_dx, atol=2e-5 * np.abs(plain_dx).max())


@pytest.mark.parametrize("padding", [1, 3])
def test_a_wide_padding_has_its_gradient(padding):
    x, w, _ = problem(1, 16, 16, 17, 17, np.float64)
    y, cache = conv2d_forward(x, w, None, 1, padding)
    dx, _, _ = conv2d_backward(y, cache)
    around = (padding,) * 4
    expected = conv.input_gradient(y, w, x.shape, (1, 1), around, (1, 1), 1)
    np.testing.assert_allclose(dx, expected, atol=1e-12 * np.abs(expected).max())


def test_same_bits_for_any_number_of_threads():
    x, w, b = problem(19, 16, 16, 40, 40, np.float32)
    results = []
    for threads in (1, 2, 5):
        with scratchml.set_num_threads(threads):
            results.append(winograd.forward(x, w, b, (1,) * 4, (40, 40)))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


def test_images_do_not_meet():
    """What one image holds does not reach another, though they are laid side by side."""
    x, w, b = problem(9, 16, 16, 16, 16, np.float32)
    y = winograd.forward(x, w, b, (1,) * 4, (16, 16))
    x[4] = np.nan
    spoilt = winograd.forward(x, w, b, (1,) * 4, (16, 16))
    assert np.isnan(spoilt[4]).all()
    np.testing.assert_array_equal(np.delete(spoilt, 4, 0), np.delete(y, 4, 0))


def test_serves_needs_the_compiler():
    shapes = (16, 16, 3, 3), (16, 20, 20), (1, 1), (1, 1), 1
    assert winograd.serves(*shapes)
    with mock.patch.object(winograd, "compiler", return_value=None):
        assert not winograd.serves(*shapes)
    with mock.patch.object(conv_tiles, "compiler", return_value=None):
        assert not conv_tiles.serves(np.ones((1, 1, 1, 1)), np.ones((1, 1, 1, 1)))
