"""Transposed convolution: its definition, and that it is the transposed map of the convolution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops import conv, conv_transpose, depthwise
from scratchml.tensor.tape import LEAF, constant

from .conv_cases import PATHS, only, transposed_convolutions, transposed_loops
from .pairs import check_adjoint, check_pair

FORWARD = {n: getattr(conv_transpose, f"conv_transpose{n}d_forward") for n in (1, 2, 3)}
BACKWARD = {n: getattr(conv_transpose, f"conv_transpose{n}d_backward") for n in (1, 2, 3)}
CONV = {n: getattr(conv, f"conv{n}d_forward") for n in (1, 2, 3)}
paths = pytest.mark.parametrize("path", PATHS)
CLOSE = {np.float64: {"rtol": 1e-11, "atol": 1e-12}, np.float32: {"rtol": 2e-5, "atol": 2e-5}}


@paths
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(case=transposed_convolutions())
def test_forward_is_the_definition(path, dtype, case):
    x, w, b = case.arrays(dtype=dtype, transposed=True)
    with only(path):
        y, _ = FORWARD[case.n](x, w, b, *case.transposed_numbers)
    unbatched = x.ndim == case.n + 1
    expected = transposed_loops(x[None] if unbatched else x, w, b, case)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, expected[0] if unbatched else expected, **CLOSE[dtype])
    assert y.shape == (expected.shape[1:] if unbatched else expected.shape)


@paths
@given(case=transposed_convolutions())
def test_gradients_are_central_differences(path, case):
    arrays = case.arrays(transposed=True)
    with only(path):
        check_pair(FORWARD[case.n], BACKWARD[case.n], arrays, *case.transposed_numbers)


@paths
@given(case=transposed_convolutions(), seed=st.integers(0, 9))
def test_it_is_the_transposed_map_of_the_convolution(path, case, seed):
    """<A' x, z> = <x, A z> with the same filters, but for windows into output_padding only."""
    x, w, _ = case.arrays(seed, transposed=True)
    with only(path):
        y, _ = FORWARD[case.n](x, w, None, *case.transposed_numbers)
        z = np.random.default_rng(seed + 1).standard_normal(y.shape)
        az, _ = CONV[case.n](z, w, None, *case.numbers)
    az = az[tuple(map(slice, x.shape))]
    scale = np.linalg.norm(y) * np.linalg.norm(z) + 1
    assert abs(np.vdot(y, z) - np.vdot(x, az)) < 1e-13 * scale


@paths
@given(case=transposed_convolutions(axes=(2,)), seed=st.integers(0, 9))
def test_the_gradient_of_x_is_the_adjoint(path, case, seed):
    x, w, _ = case.arrays(seed, transposed=True)
    with only(path):
        check_adjoint(lambda x: FORWARD[2](x, w, None, *case.transposed_numbers), BACKWARD[2], x)


@paths
@pytest.mark.parametrize("n", [1, 2, 3])
def test_empty_batch(path, n):
    x, w, b = np.ones((0, 2, *[4] * n), "f"), np.ones((2, 3, *[3] * n), "f"), np.ones(3, "f")
    with only(path):
        y, cache = FORWARD[n](x, w, b, stride=2)
        dx, dw, db = BACKWARD[n](y, cache)
    assert y.shape == (0, 3, *[9] * n)
    assert dx.shape == x.shape
    assert dw.shape == w.shape
    assert not dw.any()
    assert not db.any()


@pytest.mark.parametrize("groups", [1, 16])
def test_any_number_of_threads_gives_the_same_bits(groups):
    rng = np.random.default_rng(0)
    x, w, b = rng.random((16, 16, 40, 40), "f"), rng.random((16, 16 // groups, 3, 3), "f"), None
    found = []
    for n in (1, 2, 3):
        with scratchml.set_num_threads(n):
            y, cache = FORWARD[2](x, w, b, 1, 1, 0, groups)
            found.append((y, *BACKWARD[2](np.sin(y), cache)[:2]))
    for other in found[1:]:
        for a, c in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, c)


def test_depthwise_kernels_serve_it():
    x, w = np.ones((1, 8, 6, 6), "f"), np.ones((8, 1, 3, 3), "f")
    if not depthwise.serves(x, w, (1, 1), 8):
        pytest.skip("needs Numba and vectors of 32 bytes")
    _, (x, w, _, geometry) = FORWARD[2](x, w, groups=8)
    assert conv.engine(x, w, geometry) is depthwise


@pytest.mark.parametrize(
    ("x", "w", "b", "numbers", "words"),
    [
        (
            (2, 3, 8, 8),
            (4, 6, 5, 5),
            None,
            {},
            r"weight \(4, 6, 5, 5\) .*4 channels \(weight.shape\[0\]\), got 3",
        ),
        ((2, 4, 8, 8), (4, 6, 5, 5), None, {"groups": 3}, "groups must divide .*groups=3"),
        ((2, 4, 8, 8), (4, 6, 5, 5), (4,), {}, r"each of the 6 output channels .*got shape \(4,\)"),
        ((2, 4, 8, 8), (4, 6, 5, 5), (6,), {"groups": 2}, "each of the 12 output channels"),
        (
            (2, 4, 8, 8),
            (4, 6, 5, 5),
            None,
            {"output_padding": 1},
            r"smaller than stride or dilation, got output_padding=\(1, 1\)",
        ),
        (
            (2, 4, 8, 8),
            (4, 6, 5, 5),
            None,
            {"output_padding": (1, 2), "stride": 2},
            "smaller than stride",
        ),
        (
            (2, 4, 1, 1),
            (4, 6, 3, 3),
            None,
            {"padding": 2},
            r"result must have length 1 or more .*got \(-1, -1\)",
        ),
        ((2, 2, 4, 8, 8), (4, 6, 5, 5), None, {}, "input must have 4 axes"),
        ((2, 4, 8, 8), (4, 6, 5), None, {}, "weight must have 4 axes"),
    ],
)
def test_what_does_not_fit(x, w, b, numbers, words):
    tensors = [None if s is None else constant(np.ones(s, "f")) for s in (x, w, b)]
    with pytest.raises(ValueError, match="conv_transpose2d: .*" + words):
        F.conv_transpose2d(*tensors, **numbers)


def test_types_that_do_not_fit():
    x, w = constant(np.ones((1, 1, 3, 3), "f")), constant(np.ones((1, 1, 2, 2)))
    with pytest.raises(TypeError, match="conv_transpose2d: .*one dtype.*float32, float64"):
        F.conv_transpose2d(x, w)
    with pytest.raises(TypeError, match="conv_transpose2d: padding must be an integer"):
        F.conv_transpose2d(x, x, padding="same")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_tensors(n):
    rng = np.random.default_rng(n)
    tensors = [constant(rng.random(s)) for s in ((2, 4, *[4] * n), (4, 3, *[3] * n), (6,))]
    for tensor in tensors:
        tensor.node = LEAF
    numbers = 2, 1, 1, 2, 1
    out = getattr(F, f"conv_transpose{n}d")(*tensors, *numbers)
    y, cache = FORWARD[n](*[t.array for t in tensors], *numbers)
    np.testing.assert_array_equal(out.array, y)
    out.backward(constant(np.sin(y)))
    for tensor, expected in zip(tensors, BACKWARD[n](np.sin(y), cache), strict=True):
        np.testing.assert_array_equal(tensor.grad.array, expected)


@pytest.mark.peer
@paths
@settings(max_examples=40)
@given(case=transposed_convolutions(batches=(0, 1, 3)), seed=st.integers(0, 9))
def test_pytorch(path, case, seed):
    torch = pytest.importorskip("torch")
    x, w, b = case.arrays(seed, transposed=True)
    with only(path):
        y, cache = FORWARD[case.n](x, w, b, *case.transposed_numbers)
        dy = np.random.default_rng(seed).standard_normal(y.shape)
        found = (y, *BACKWARD[case.n](dy, cache))
    tensors = [None if a is None else torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    layer = getattr(torch.nn.functional, f"conv_transpose{case.n}d")
    expected = layer(*tensors, *case.transposed_numbers)
    expected.backward(torch.tensor(dy))
    gradients = [None if t is None else t.grad for t in tensors]
    for a, t in zip(found, [expected.detach(), *gradients], strict=True):
        if t is not None:
            np.testing.assert_allclose(a, t.numpy(), rtol=1e-10, atol=1e-11)
            assert a.shape == tuple(t.shape)


@pytest.mark.peer
def test_pytorch_refuses_the_same():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        low, high = (1, 1, 1, 0, 0), (4, 3, 4, 3, 3)
        groups, stride, dilation, padding, extra = rng.integers(low, high).tolist()
        x = (2, *rng.integers(1, 5, 3).tolist())
        w = tuple(rng.integers(1, 4, 4).tolist())
        numbers = stride, padding, extra, groups, dilation
        try:
            expected = torch.nn.functional.conv_transpose2d(
                torch.ones(x), torch.ones(w), None, *numbers
            )
        except RuntimeError:
            refused += 1
            with pytest.raises(ValueError, match="conv_transpose2d: "):
                FORWARD[2](np.ones(x, "f"), np.ones(w, "f"), None, *numbers)
        else:
            y, _ = FORWARD[2](np.ones(x, "f"), np.ones(w, "f"), None, *numbers)
            np.testing.assert_array_equal(y, expected.numpy())  # sums of ones: exact
    assert 50 < refused < 380
