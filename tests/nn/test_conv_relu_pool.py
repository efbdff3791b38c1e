"""The gradient of pool(relu(conv(x))) in one step: equal to three steps, and to PyTorch's rules."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml._core.jit import compiler
from scratchml.nn.functional import shortcut
from scratchml.nn.ops.conv import conv2d_backward, conv2d_forward
from scratchml.nn.ops.conv_relu_pool import conv_relu_pool_backward, living, plain_backward, serves
from scratchml.nn.ops.linear import linear_forward
from scratchml.nn.ops.pooling import max_pool_forward
from scratchml.nn.ops.pooling_windows import Windows
from scratchml.nn.ops.workspace import workspace
from scratchml.nn.parameter import Parameter

pytestmark = pytest.mark.skipif(compiler(needed=False) is None, reason="needs compiled kernels")
QUADS = Windows((2, 2), (2, 2), (0, 0), (1, 1))


def caches(n, c, o, size, kernel, stride, padding, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    x, w, b = (rng.standard_normal(s).astype(dtype) for s in ((n, c, *size), (o, c, *kernel), (o,)))
    y, cache = conv2d_forward(x, w, b, stride, padding)
    pooled, (winners, _, _) = max_pool_forward(np.maximum(y, 0), QUADS)
    dy = rng.standard_normal(pooled.shape).astype(dtype)
    return dy, (cache, living(pooled, winners))


@given(
    n=st.integers(1, 3),
    channels=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    more=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_equals_three_steps(n, channels, kernel, stride, padding, more):
    size = tuple(
        max(1, k + s - 2 * p + m) for k, s, p, m in zip(kernel, stride, padding, more, strict=True)
    )
    dy, cache = caches(n, *channels, size, kernel, stride, padding)
    pairs = zip(conv_relu_pool_backward(dy, cache), plain_backward(dy, cache), strict=True)
    for found, expected in pairs:
        scale = max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * scale)
    only_weights = conv_relu_pool_backward(dy, cache, (False, True, True))
    assert only_weights[0] is None
    np.testing.assert_array_equal(only_weights[1], conv_relu_pool_backward(dy, cache)[1])


def test_dead_winners_give_nothing():
    dy, (cache, winners) = caches(2, 3, 4, (9, 9), (3, 3), 1, 0)
    y, _ = max_pool_forward(-np.ones_like(dy).repeat(2, 2).repeat(2, 3), QUADS)
    assert np.all(living(y, winners) == 4)
    assert np.all(living(np.full_like(y, np.nan), winners) == 4)
    for gradient in conv_relu_pool_backward(dy, (cache, living(y, winners))):
        assert not gradient.any()


def test_same_bits_for_any_number_of_threads():
    dy, cache = caches(40, 8, 16, (30, 30), (5, 5), 1, 0, np.float32)
    results = []
    for threads in (1, 2, 5):
        with scratchml.set_num_threads(threads):
            results.append(conv_relu_pool_backward(dy, cache))
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert np.array_equal(a, b)


def network(seed=0):
    rng = np.random.default_rng(seed)
    shapes = (2, 3, 12, 12), (4, 3, 3, 3), (4,)
    return [Parameter(rng.standard_normal(shape)) for shape in shapes]


def gradients(x, w, b, use=lambda h, z: (z * z).sum(), before=None, after=None):
    """Pool a relu of a convolution, differentiate `use` of it, and return all gradients."""
    c = F.conv2d(x, w, b)
    h = F.relu(c)
    if before:
        before(c, h)
    z = F.max_pool2d(h, 2)
    if after:
        after(c, h)
    use(h, z).backward()
    return [t.grad.array for t in (x, w, b)], c, h, z


@pytest.fixture
def expected():
    """The gradients of the steps one by one."""

    def compute(*args, **options):
        with mock.patch.object(shortcut, "serves", return_value=False):
            return gradients(*network(), *args, **options)

    return compute


def same(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_the_shortcut_is_taken(expected):
    with mock.patch.object(shortcut, "conv_relu_pool_backward", wraps=conv_relu_pool_backward) as f:
        f.__name__ = "conv_relu_pool_backward"
        found, *_ = gradients(*network())
    assert f.call_count == 1
    same(found, expected()[0])


def test_a_value_in_between_may_be_used_again(expected):
    def both(h, z):
        return (z * z).sum() + (h * 3.0).sum()

    same(gradients(*network(), both)[0], expected(both)[0])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", [0, 1])
def test_a_value_in_between_may_keep_its_gradient(expected, when, what):
    def keep(*values):
        values[what].retain_grad()

    found, *tensors = gradients(*network(), **{when: keep})
    right, *others = expected(**{when: keep})
    same(found, right)
    same([tensors[what].grad.array], [others[what].grad.array])


@pytest.mark.parametrize("what", [0, 1])
def test_hooks_on_a_value_in_between(expected, what):
    seen = []

    def hook(*values):
        values[what].register_hook(lambda g: seen.append(g.array) or g * 2.0)

    same(gradients(*network(), after=hook)[0], expected(after=hook)[0])
    same(seen[:1], seen[1:])


def test_two_poolings_of_one_relu(expected):
    def twice(h, z):
        return (z * z).sum() + (F.max_pool2d(h, 2) * 0.5).sum()

    same(gradients(*network(), twice)[0], expected(twice)[0])


def test_weights_that_change_in_place_are_noticed():
    x, w, b = network()
    z = F.max_pool2d(F.relu(F.conv2d(x, w, b)), 2).sum()
    with scratchml.tensor.no_grad():
        w.add_(1.0)
    with pytest.raises(RuntimeError, match="changed in place"):
        z.backward()
    assert w.grad is None


def test_backward_twice():
    x, w, b = network()
    z = F.max_pool2d(F.relu(F.conv2d(x, w, b)), 2).sum()
    z.backward(retain_graph=True)
    once = w.grad.array.copy()
    z.backward()
    np.testing.assert_allclose(w.grad.array, 2 * once, rtol=1e-12)
    with pytest.raises(RuntimeError, match="second time"):
        z.backward()


def test_what_is_left_alone():
    x, w, b = network()
    for options in ({"dilation": 2}, {"groups": 1, "stride": 1}):
        _, cache = conv2d_forward(x.array, w.array, b.array, **options)
        assert serves(cache) == ("dilation" not in options)
    taken = F.max_pool2d(F.relu(F.conv2d(x, w, b)), 2).node.name
    assert taken == "conv_relu_pool_backward"
    assert F.max_pool2d(F.relu(F.conv2d(x, w, b)), 3).node.name == "max_pool_backward"
    assert F.max_pool2d(F.conv2d(x, w, b), 2).node.name == "max_pool_backward"
    assert F.max_pool2d(F.relu(x), 2).node.name == "max_pool_backward"


@pytest.mark.parametrize("size", [(6, 7), (20, 21)])
def test_what_scratch_held_before_does_not_matter(size):
    """Kernels read a little beyond what they wrote; nothing of it may reach a result."""
    dy, cache = caches(3, 16, 16, size, (3, 3), 1, 1)
    x, w, *_ = cache[0]
    y, whole = conv2d_forward(x, w, None, 1, 1)
    half, strided = conv2d_forward(x, w, None, 2, 1)
    rows = np.random.default_rng(0).standard_normal((3, 300))
    steps = [
        lambda: [conv2d_forward(x, w, None, 1, 1)[0]],
        lambda: conv2d_backward(y, whole, (True, False, False))[:1],
        lambda: conv2d_backward(y, whole, (False, True, False))[1:2],
        lambda: conv2d_backward(half, strided, (True, False, False))[:1],
        lambda: conv2d_backward(half, strided, (False, True, False))[1:2],
        lambda: conv_relu_pool_backward(dy, cache),
        lambda: [linear_forward(rows, rows)[0]],
    ]
    for step in steps:
        workspace(1 << 19, np.dtype(np.float64))[:] = 0
        expected = step()
        workspace(1 << 19, np.dtype(np.float64))[:] = np.nan
        for found, right in zip(step(), expected, strict=True):
            np.testing.assert_array_equal(found, right)
