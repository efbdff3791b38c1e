"""Pooling: the loops of its definition, gradients, adjointness, and PyTorch's figures."""

import math
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops import average_pooling, pooling
from scratchml.nn.ops.average_pooling import avg_pool_backward, avg_pool_forward
from scratchml.nn.ops.pooling import (
    max_pool_backward,
    max_pool_forward,
    max_pool_winners,
    max_unpool_backward,
    max_unpool_forward,
)
from scratchml.nn.ops.pooling_windows import AdaptiveWindows, Windows
from scratchml.tensor.tape import constant

from .pairs import check_adjoint, check_pair
from .pool_norm_cases import POOLING, run_ours, run_torch

REFERENCE = Path(__file__).parent / "reference" / "pool_norm.npz"
SPECIAL = [0.0, -0.0, 1.0, 1.0, 2.0, -3.0, np.nan, np.inf, -np.inf]
QUADS = Windows((2, 2), (2, 2), (0, 0), (1, 1))

# ------------------------------------------------------------------------------ the definition


def members(windows, sizes):
    """Yield each output with the inputs in its window, in reading order."""
    if isinstance(windows, AdaptiveWindows):
        axes = [
            [range(o * n // m, math.ceil((o + 1) * n / m)) for o in range(m)]
            for n, m in zip(sizes, windows.number, strict=True)
        ]
    else:
        axes = [
            [[o * s - p + k * d for k in range(K)] for o in range(out)]
            for out, K, s, p, d in zip(windows.outputs(sizes), *windows[:4], strict=True)
        ]
    for output in product(*[range(len(axis)) for axis in axes]):
        window = product(*[axis[o] for axis, o in zip(axes, output, strict=True)])
        yield (
            output,
            [i for i in window if all(0 <= a < n for a, n in zip(i, sizes, strict=True))],
        )


def max_by_loops(x, windows):
    """Return maxima and winners of planes x (P, *sizes); -1 where a window holds no input."""
    sizes = x.shape[1:]
    y = np.full((len(x), *windows.outputs(sizes)), -np.inf, x.dtype)
    winners = np.full(y.shape, -1)
    for p in range(len(x)):
        for output, window in members(windows, sizes):
            for k, i in enumerate(window):
                value = x[(p, *i)]
                if k == 0 or value > y[(p, *output)] or np.isnan(value):
                    y[(p, *output)] = value
                    winners[(p, *output)] = np.ravel_multi_index(i, sizes)
    return y, winners


def mean_by_loops(x, windows, count_padding, divisor):
    sizes = x.shape[1:]
    y = np.zeros((len(x), *windows.outputs(sizes)))
    for output, window in members(windows, sizes):
        n = divisor or len(window)
        if divisor is None and count_padding and isinstance(windows, Windows):
            axes = zip(output, sizes, *windows[:3], strict=True)
            n = math.prod(min(o * s - p + K, m + p) - (o * s - p) for o, m, K, s, p in axes)
        for i in window:
            y[(slice(None), *output)] += x[(slice(None), *i)]
        y[(slice(None), *output)] /= n
    return y


@st.composite
def window_and_sizes(draw, axes=(1, 2, 3), dilated=True):
    """Windows of any kind, and an input that they fit into."""
    n = draw(st.sampled_from(axes))
    sizes = tuple(draw(st.lists(st.integers(1, (20, 7, 4)[n - 1]), min_size=n, max_size=n)))
    kind = draw(st.sampled_from(["any", "any", "adaptive", "quads"]))
    if kind == "adaptive":
        number = draw(st.lists(st.integers(1, 6), min_size=n, max_size=n))
        windows = AdaptiveWindows(tuple(number))
        return draw(st.sampled_from([windows, windows.regular(sizes)])), sizes
    if kind == "quads":
        windows = Windows((2,) * n, (2,) * n, (0,) * n, (1,) * n)
    else:
        each = st.lists(st.integers(1, 4), min_size=n, max_size=n).map(tuple)
        kernel, stride = draw(each), draw(each)
        dilation = tuple(min(d, 3) for d in draw(each)) if dilated else (1,) * n
        most = [(d * (k - 1) + 1) // 2 for k, d in zip(kernel, dilation, strict=True)]
        padding = tuple(draw(st.integers(0, min(m, 3))) for m in most)
        windows = Windows(kernel, stride, padding, dilation, draw(st.booleans()))
    assume(min(windows.outputs(sizes)) >= 1)
    return windows, sizes


@pytest.fixture(params=["compiled", "numpy"])
def way(request, monkeypatch):
    """Both ways of computing: with kernels, and in plain NumPy."""
    if request.param == "numpy":
        for module in (pooling, average_pooling):
            monkeypatch.setattr(module, "compiled", lambda: False)
    return request.param


dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.mark.kernel
@pytest.mark.parametrize("compiled", [True, False])
@settings(max_examples=100)
@given(window_and_sizes(), st.integers(0, 2**32 - 1), st.booleans())
def test_maxima_are_those_of_loops_bit_for_bit(compiled, drawn, seed, narrow):
    windows, sizes = drawn
    x = np.random.default_rng(seed).choice(SPECIAL, (2, *sizes))
    x = x.astype(np.float32 if narrow else np.float64)
    if compiled:
        y, cache = max_pool_forward(x, windows)
        winners = max_pool_winners(cache)
    else:
        y, winners = pooling._largest_place_by_place(x, windows)
    expected, expected_winners = max_by_loops(x, windows)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(winners, expected_winners)
    assert y.dtype == x.dtype


@settings(max_examples=100)
@given(window_and_sizes())
def test_there_are_as_many_windows_as_fit(drawn):
    """Another one would leave the padded input, or in ceil_mode begin behind the input."""
    windows, sizes = drawn
    assume(isinstance(windows, Windows))
    axes = zip(windows.outputs(sizes), sizes, *windows[:4], strict=True)
    for count, n, K, s, p, d in axes:
        for last, fits in ((count - 1, True), (count, False)):
            begin, end = last * s - p, last * s - p + d * (K - 1)
            # In ceil_mode a window may end outside, by less than a step.
            room = n + p + s - 1 if windows.ceil_mode else n + p
            assert fits == (end < room and (begin < n or not windows.ceil_mode))


@settings(max_examples=60)
@given(window_and_sizes(), st.integers(0, 2**32 - 1))
def test_the_gradient_goes_to_the_winners(drawn, seed):
    windows, sizes = drawn
    rng = np.random.default_rng(seed)
    x = rng.choice(SPECIAL, (2, *sizes))
    y, cache = max_pool_forward(x, windows)
    dy = rng.integers(-9, 9, y.shape).astype(float)  # sums of them are exact
    expected = np.zeros(x.shape)
    winners = max_by_loops(x, windows)[1]
    for at in np.ndindex(y.shape):
        if winners[at] >= 0:
            expected[at[0]].reshape(-1)[winners[at]] += dy[at]
    np.testing.assert_array_equal(max_pool_backward(dy, cache), expected)


@settings(max_examples=60)
@given(window_and_sizes(dilated=False), st.booleans(), st.sampled_from([None, 3, -2]))
def test_means_are_those_of_loops(drawn, count_padding, divisor):
    windows, sizes = drawn
    x = np.random.default_rng(0).standard_normal((2, *sizes))
    expected = mean_by_loops(x, windows, count_padding, divisor)
    y, _ = avg_pool_forward(x, windows, count_padding, divisor)
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-14)


@settings(max_examples=60)
@given(window_and_sizes(dilated=False), st.booleans())
def test_average_pooling_is_adjoint_to_its_gradient(drawn, count_padding):
    windows, sizes = drawn
    x = np.random.default_rng(0).standard_normal((2, *sizes))
    check_adjoint(avg_pool_forward, avg_pool_backward, x, windows, count_padding)


def spread(shape, seed=0):
    """Values at least 0.01 apart, so that no step of a difference changes a winner."""
    n = math.prod(shape)
    return np.random.default_rng(seed).permutation(n).reshape(shape) * 0.01


@given(window_and_sizes(axes=(1, 2)))
def test_gradients_by_differences(drawn):
    windows, sizes = drawn
    assume(np.isfinite(max_pool_forward(spread(sizes), windows)[0]).all())  # padding alone is -inf
    check_pair(max_pool_forward, max_pool_backward, [spread((2, *sizes))], windows)
    if isinstance(windows, AdaptiveWindows) or max(windows.dilation) == 1:
        check_pair(avg_pool_forward, avg_pool_backward, [spread((2, *sizes))], windows, False)


WINDOWS = [
    QUADS,
    Windows((3, 3), (2, 2), (1, 1), (1, 1), True),
    Windows((2, 3), (1, 1), (0, 1), (2, 1)),
    AdaptiveWindows((2, 3)),
]


@pytest.mark.parametrize("windows", WINDOWS)
@pytest.mark.parametrize("leading", [(), (3,), (2, 3), (0, 3), (1, 2, 3)])
def test_any_leading_axes(way, windows, leading):
    x = np.random.default_rng(0).standard_normal((*leading, 7, 8))
    planes = x.reshape(math.prod(leading), 7, 8)
    for forward, backward in (
        (max_pool_forward, max_pool_backward),
        (avg_pool_forward, avg_pool_backward),
    ):
        if forward is avg_pool_forward and isinstance(windows, Windows):
            windows = windows._replace(dilation=(1, 1))
        y, cache = forward(x, windows)
        expected, expected_cache = forward(planes, windows)
        np.testing.assert_array_equal(y.reshape(expected.shape), expected)
        dx = backward(y, cache)
        assert dx.shape == x.shape
        np.testing.assert_array_equal(dx.reshape(planes.shape), backward(expected, expected_cache))


@dtypes
@pytest.mark.parametrize("windows", WINDOWS)
def test_inputs_and_gradients_in_any_memory_order(way, windows, dtype):
    x = np.random.default_rng(0).standard_normal((2, 7, 8, 3)).astype(dtype).transpose(0, 3, 1, 2)
    x.flags.writeable = False
    y, cache = max_pool_forward(x, windows)
    expected, expected_cache = max_pool_forward(x.copy(order="C"), windows)
    np.testing.assert_array_equal(y, expected)
    dy = np.asfortranarray(y)
    dy.flags.writeable = False
    dx = max_pool_backward(dy, cache)
    np.testing.assert_array_equal(dx, max_pool_backward(y, expected_cache))
    assert dx.dtype == dtype


@pytest.mark.parametrize("windows", WINDOWS[:3])
@pytest.mark.parametrize("backward", [False, True])
def test_same_bits_on_any_number_of_threads(windows, backward):
    x = np.random.default_rng(0).standard_normal((24, 3, 64, 65)).astype(np.float32)
    assert x.size > pooling._LARGE
    plain = windows._replace(dilation=(1, 1))
    pairs = [
        (max_pool_forward, max_pool_backward, windows),
        (avg_pool_forward, avg_pool_backward, plain),
    ]
    for forward, back, where in pairs:
        results = []
        for n in (1, 2, 5):
            with scratchml.set_num_threads(n):
                y, cache = forward(x, where)
                results.append(back(y, cache) if backward else y)
        for other in results[1:]:
            np.testing.assert_array_equal(results[0], other)


@dtypes
def test_kernels_and_numpy_agree_on_means(dtype, monkeypatch):
    """To 2 ulp of the sum of moduli: the order of the sum is the same, a product is fused."""
    windows = Windows((3, 3), (2, 2), (1, 1), (1, 1))
    x = np.random.default_rng(0).standard_normal((3, 21, 40)).astype(dtype)
    results = []
    for compiled in (average_pooling.compiled, lambda: False):
        monkeypatch.setattr(average_pooling, "compiled", compiled)
        y, cache = avg_pool_forward(x, windows)
        results.append((y, avg_pool_backward(y, cache)))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=8 * np.finfo(dtype).eps)


def test_means_of_float32_are_accurate():
    x = (1 + 1e-3 * np.random.default_rng(0).standard_normal((2, 3, 112, 112))).astype(np.float32)
    y, _ = avg_pool_forward(x, Windows((112, 112), (1, 1), (0, 0), (1, 1)))
    np.testing.assert_allclose(y[..., 0, 0], x.mean((2, 3), dtype=float), rtol=1.2e-7)


def test_wide_images_beyond_a_block_of_lanes(way):
    for width in (1, 2, 3, 31, 32, 33, 34, 63, 64, 65, 100):
        x = np.random.default_rng(width).standard_normal((2, 5, width)).astype(np.float32)
        for windows in (QUADS, Windows((2, 3), (2, 3), (0, 1), (1, 1))):
            if min(windows.outputs(x.shape[1:])) < 1:
                continue
            y, cache = max_pool_forward(x, windows)
            expected, winners = max_by_loops(x, windows)
            np.testing.assert_array_equal(y, expected)
            np.testing.assert_array_equal(max_pool_winners(cache), winners)
            dx = max_pool_backward(np.ones_like(y), cache)
            assert dx.sum() == y.size


def test_unpooling_puts_maxima_back():
    x = spread((2, 3, 6, 8))
    y, cache = max_pool_forward(x, QUADS)
    indices = max_pool_winners(cache)
    back, _ = max_unpool_forward(y, indices, (6, 8))
    again, _ = max_pool_forward(back, QUADS)
    np.testing.assert_array_equal(again, y)
    assert np.count_nonzero(back) == np.count_nonzero(y)
    check_adjoint(max_unpool_forward, max_unpool_backward, y, indices, (6, 8))
    check_pair(lambda x: max_unpool_forward(x, indices, (6, 8)), max_unpool_backward, [y])


# ------------------------------------------------------------------------------ functions


@pytest.mark.parametrize("i", range(len(POOLING)))
def test_stored_results_of_pytorch(way, i):
    with np.load(REFERENCE) as stored:
        for j, value in enumerate(run_ours(POOLING[i], np.float64)):
            np.testing.assert_allclose(value, stored[f"pooling:{i}:{j}"], rtol=1e-13, atol=1e-14)


@pytest.mark.peer
@pytest.mark.parametrize("case", POOLING)
def test_pytorch(case):
    pytest.importorskip("torch")
    for seed in range(3):
        ours, theirs = run_ours(case, np.float32, seed), run_torch(case, np.float32, seed)
        for a, b in zip(ours, theirs, strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


@pytest.mark.peer
@pytest.mark.parametrize("windows", [(2, 2, 0), (3, 2, 1), (3, 1, 1)])
def test_indices_at_ties_and_nan_are_pytorchs(windows):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).choice(SPECIAL, (4, 3, 10, 11)).astype(np.float32)
    y, indices = F.max_pool2d(constant(x), *windows, return_indices=True)
    theirs = torch.nn.functional.max_pool2d(torch.tensor(x), *windows, return_indices=True)
    np.testing.assert_array_equal(y.array, theirs[0].numpy())
    np.testing.assert_array_equal(indices.array, theirs[1].numpy())


def image(*shape):
    return constant(np.zeros(shape, np.float32))


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ValueError, r"max_pool2d: the window must fit.*\(4, 4\).*\(1, 2, 3, 3\).*size \(0, 0\)",
         lambda: F.max_pool2d(image(1, 2, 3, 3), 4)),
        (ValueError, "max_pool2d: padding must be at most half.*padding=2 for a window of 2",
         lambda: F.max_pool2d(image(1, 2, 3, 3), 2, padding=2)),
        (ValueError, "avg_pool1d: padding must be at most half",
         lambda: F.avg_pool1d(image(1, 2, 3), 2, padding=2)),
        (ValueError, r"max_pool2d: input must have shape \(N, C, H, W\).*got \(3, 3\)",
         lambda: F.max_pool2d(image(3, 3), 2)),
        (ValueError, r"max_pool3d: only the batch may be empty.*\(1, 0, 3, 3, 3\)",
         lambda: F.max_pool3d(image(1, 0, 3, 3, 3), 2)),
        (ValueError, "max_pool2d: stride must be at least 1, got 0",
         lambda: F.max_pool2d(image(1, 2, 3, 3), 2, 0)),
        (ValueError, r"max_pool2d: kernel_size must have 1 or 2 values, got \(2, 2, 2\)",
         lambda: F.max_pool2d(image(1, 2, 3, 3), (2, 2, 2))),
        (TypeError, "max_pool2d: kernel_size must be an integer.*got 2.5",
         lambda: F.max_pool2d(image(1, 2, 3, 3), 2.5)),
        (TypeError, "max_pool2d: input must be a Tensor, got ndarray",
         lambda: F.max_pool2d(np.zeros((1, 2, 3, 3)), 2)),
        (TypeError, "avg_pool2d: input must be of floating-point dtype, got int64",
         lambda: F.avg_pool2d(constant(np.zeros((1, 2, 3, 3), np.int64)), 2)),
        (ValueError, "avg_pool2d: divisor_override must not be 0",
         lambda: F.avg_pool2d(image(1, 2, 3, 3), 2, divisor_override=0)),
        (ValueError, "adaptive_avg_pool2d: output_size must be at least 1, got 0",
         lambda: F.adaptive_avg_pool2d(image(1, 2, 3, 3), 0)),
        (ValueError, "adaptive_max_pool1d: output_size must have 1 values",
         lambda: F.adaptive_max_pool1d(image(1, 2, 3), (1, 2))),
        (TypeError, "adaptive_avg_pool2d: output_size must be made of integers or None",
         lambda: F.adaptive_avg_pool2d(image(1, 2, 3, 3), 1.5)),
        (ValueError, r"max_unpool2d: indices must lie in \[0, 4\).*got 0 ... 9",
         lambda: F.max_unpool2d(image(1, 1, 1, 2), constant(np.array([[[[0, 9]]]])), (2, 1))),
        (ValueError, r"max_unpool1d: output_size must be less than a stride from \(6,\)",
         lambda: F.max_unpool1d(image(1, 1, 3), constant(np.zeros((1, 1, 3), np.int64)), 2,
                                output_size=(9,))),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(error, message, call):
    with pytest.raises(error, match=message):
        call()


def test_lists_and_tuples_and_an_empty_stride():
    x = constant(spread((1, 2, 6, 6)))
    expected = F.max_pool2d(x, 2).array
    for kernel, stride in (([2, 2], None), ((2,), ()), ([2], [2, 2]), (np.int64(2), [])):
        np.testing.assert_array_equal(F.max_pool2d(x, kernel, stride).array, expected)


def test_ceil_mode_that_changes_nothing_takes_the_same_way():
    x = constant(spread((1, 2, 6, 6)).astype(np.float32))
    with_, without = (F.max_pool2d(x, 2, ceil_mode=c).array for c in (True, False))
    np.testing.assert_array_equal(with_, without)


def test_the_input_may_change_after_pooling():
    x = constant(spread((1, 1, 4, 4))).requires_grad_()
    y = F.max_pool2d(x, 2)
    x.array[...] = 0.0
    x.version[0] += 1
    y.backward(constant(np.ones((1, 1, 2, 2))))
    assert x.grad.array.sum() == 4


WITHOUT = """
import sys
sys.modules["numba"] = None
import numpy as np
from tests.nn.pool_norm_cases import {cases}, run_ours
results = [a for case in {cases} for a in run_ours(case, np.float64)]
np.savez(sys.argv[1], *results)
"""


def run_without_numba(cases, path):
    """Run cases in a process that cannot import Numba; return all results."""
    root = str(Path(scratchml.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    code = WITHOUT.format(cases=cases)
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=env)
    with np.load(path) as stored:
        return list(stored.values())


def test_without_numba(tmp_path):
    found = run_without_numba("POOLING", tmp_path / "results.npz")
    expected = [a for case in POOLING for a in run_ours(case, np.float64)]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14)
