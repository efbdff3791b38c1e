"""Convolution: the definition as loops, gradients, adjointness, PyTorch's figures, messages."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops import conv, conv_tiles, depthwise
from scratchml.tensor.tape import LEAF, constant

from .conv_cases import PATHS, convolutions, loops, only
from .make_conv_reference import CASES, answer
from .pairs import check_adjoint, check_pair

FORWARD = {n: getattr(conv, f"conv{n}d_forward") for n in (1, 2, 3)}
BACKWARD = {n: getattr(conv, f"conv{n}d_backward") for n in (1, 2, 3)}
REFERENCE = Path(__file__).parent / "reference" / "conv.npz"
paths = pytest.mark.parametrize("path", PATHS)
CLOSE = {np.float64: {"rtol": 1e-11, "atol": 1e-12}, np.float32: {"rtol": 2e-5, "atol": 2e-5}}


def batched(case):
    return case if len(case.x) == case.n + 2 else case._replace(x=(1, *case.x))


def leaf(array):
    tensor = constant(array)
    tensor.node = LEAF
    return tensor


@paths
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(case=convolutions())
def test_forward_is_the_definition(path, dtype, case):
    x, w, b = case.arrays(dtype=dtype)
    with only(path):
        y, _ = FORWARD[case.n](x, w, b, *case.numbers)
    expected = loops(x.reshape(batched(case).x), w, b, case)
    assert y.dtype == dtype
    assert y.shape == (expected.shape if x.ndim == case.n + 2 else expected.shape[1:])
    np.testing.assert_allclose(y, expected.reshape(y.shape), **CLOSE[dtype])


@paths
@given(case=convolutions())
def test_gradients_are_central_differences(path, case):
    with only(path):
        check_pair(FORWARD[case.n], BACKWARD[case.n], case.arrays(), *case.numbers)


@paths
@given(case=convolutions(axes=(2,)), seed=st.integers(0, 9))
def test_the_gradient_of_x_is_the_adjoint(path, case, seed):
    x, w, _ = case.arrays(seed)
    with only(path):
        check_adjoint(
            lambda x: conv.conv2d_forward(x, w, None, *case.numbers), conv.conv2d_backward, x
        )


@paths
@given(case=convolutions(), seed=st.integers(0, 9))
def test_bilinear(path, case, seed):
    """<y, dy> = <x, dx> = <w, dw> without a bias, whatever the sizes."""
    x, w, _ = case.arrays(seed)
    with only(path):
        y, cache = FORWARD[case.n](x, w, None, *case.numbers)
        dy = np.random.default_rng(seed + 1).standard_normal(y.shape)
        dx, dw, db = BACKWARD[case.n](dy, cache)
    assert db is None
    scale = np.linalg.norm(y) * np.linalg.norm(dy) + 1
    assert abs(np.vdot(x, dx) - np.vdot(y, dy)) < 1e-13 * scale
    assert abs(np.vdot(w, dw) - np.vdot(y, dy)) < 1e-13 * scale


@given(case=convolutions(axes=(1, 2)), seed=st.integers(0, 9))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_compiled_is_the_definition(case, seed, dtype):
    x, w, b = case.arrays(seed, dtype)
    found = []
    for path in PATHS:
        with only(path):
            y, cache = FORWARD[case.n](x, w, b, *case.numbers)
            found.append(
                (
                    y,
                    *BACKWARD[case.n](
                        np.cos(np.arange(y.size, dtype=dtype)).reshape(y.shape), cache
                    ),
                )
            )
    for a, c in zip(*found, strict=True):
        if a is not None:
            assert a.shape == c.shape
            assert a.dtype == c.dtype == dtype
            np.testing.assert_allclose(a, c, **CLOSE[dtype])


@paths
@pytest.mark.parametrize("n", [1, 2, 3])
def test_same_puts_an_odd_zero_at_the_end(path, n):
    x = np.arange(1.0, 5.0**n + 1).reshape(1, 1, *[5] * n)
    w = np.zeros((1, 1, *[4] * n))
    w[(0, 0, *[0] * n)] = 1.0  # picks the number one place before, of 1 + 2 zeros
    with only(path):
        y, cache = FORWARD[n](x, w, None, 1, "same")
        dx, _, _ = BACKWARD[n](np.ones_like(y), cache)
    expected = np.zeros_like(x)
    inner = (..., *[slice(None, -1)] * n)
    expected[(..., *[slice(1, None)] * n)] = x[inner]
    np.testing.assert_array_equal(y, expected)
    assert dx.sum() == dx[inner].sum() == 4**n


@paths
@pytest.mark.parametrize("n", [1, 2, 3])
def test_empty_batch(path, n):
    x, w, b = np.ones((0, 2, *[5] * n), "f"), np.ones((3, 2, *[3] * n), "f"), np.ones(3, "f")
    with only(path):
        y, cache = FORWARD[n](x, w, b, padding=1)
        dx, dw, db = BACKWARD[n](y, cache)
    assert y.shape == (0, 3, *[5] * n)
    assert dx.shape == x.shape
    assert dw.shape == w.shape
    assert not dw.any()
    assert not db.any()
    assert {a.dtype for a in (y, dx, dw, db)} == {np.dtype("f")}


@paths
def test_needs_says_what_is_computed(path):
    rng = np.random.default_rng(0)
    x, w, b = rng.random((2, 2, 5, 5)), rng.random((3, 2, 3, 3)), rng.random(3)
    with only(path):
        y, cache = conv.conv2d_forward(x, w, b)
        whole = conv.conv2d_backward(y, cache)
        for i in range(3):
            needs = tuple(j == i for j in range(3))
            part = conv.conv2d_backward(y, cache, needs)
            assert [p is not None for p in part] == list(needs)
            np.testing.assert_array_equal(part[i], whole[i])


@paths
@pytest.mark.parametrize("groups", [1, 4])
def test_views_and_read_only_arrays(path, groups):
    rng = np.random.default_rng(0)
    x, w = rng.random((6, 5, 4, 2)).transpose(3, 2, 0, 1), rng.random((3, 3, 4 // groups, 4)).T
    dy = rng.random((6, 5, 2, 4)).transpose(2, 3, 0, 1)
    x.flags.writeable = w.flags.writeable = dy.flags.writeable = False
    with only(path):
        y, cache = conv.conv2d_forward(x, w, None, 1, 1, 1, groups)
        gradients = conv.conv2d_backward(dy, cache)[:2]
        copies = [np.ascontiguousarray(a) for a in (x, w, dy)]
        y2, cache = conv.conv2d_forward(*copies[:2], None, 1, 1, 1, groups)
        gradients2 = conv.conv2d_backward(copies[2], cache)[:2]
    for a, c in zip((y, *gradients), (y2, *gradients2), strict=True):
        np.testing.assert_array_equal(a, c)
        assert a.flags.writeable


@pytest.mark.parametrize("case", [(4, 8, 1), (64, 64, 64), (8, 16, 8)])
def test_any_number_of_threads_gives_the_same_bits(case):
    c, o, groups = case
    rng = np.random.default_rng(0)
    x, w = rng.random((16, c, 40, 40), "f"), rng.random((o, c // groups, 3, 3), "f")
    found = []
    for n in (1, 2, 3):
        with scratchml.set_num_threads(n):
            y, cache = conv.conv2d_forward(x, w, rng.random(o, "f") * 0 + 1, 1, 1, 1, groups)
            found.append((y, *conv.conv2d_backward(y, cache)))
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_blocks_of_the_definition(monkeypatch):
    """Many images, a few at a time: the same numbers as all at once."""
    rng = np.random.default_rng(0)
    x, w, b = rng.random((7, 2, 5, 4, 3)), rng.random((4, 1, 2, 2, 2)), rng.random(4)
    found = []
    for block in (1 << 20, 1, 200):
        monkeypatch.setattr(conv, "_BLOCK", block)
        y, cache = conv.conv3d_forward(x, w, b, 1, 1, 1, 2)
        found.append((y, *conv.conv3d_backward(np.sin(y), cache)))
    for other in found[1:]:
        for a, c in zip(found[0], other, strict=True):
            np.testing.assert_allclose(a, c, rtol=1e-13)


def test_engines():
    """Which file computes what; a test that runs the wrong one would pass for the right one."""
    if not conv_tiles.serves(np.ones(1), np.ones(1)):
        pytest.skip("needs Numba")

    def chosen(x, w, groups=1, **options):
        x, w = np.ones(x, "f"), np.ones(w, "f")
        _, (x, w, _, geometry) = FORWARD[x.ndim - 2](x, w, groups=groups, **options)
        return conv.engine(x, w, geometry)

    assert chosen((2, 8, 9, 9), (8, 8, 3, 3)) is conv_tiles
    assert chosen((2, 8, 9), (8, 8, 3)) is conv_tiles
    assert chosen((2, 8, 9, 9), (8, 8, 1, 1)) is conv.definition
    assert chosen((2, 8, 12, 12), (8, 8, 1, 1)) is conv_tiles
    assert chosen((2, 8, 9, 9), (8, 8, 1, 1), stride=2) is conv_tiles
    assert chosen((2, 8, 9, 9, 9), (8, 8, 3, 3, 3)) is conv.definition
    assert chosen((2, 8, 9, 9), (8, 1, 3, 3), groups=8, padding=1) is depthwise
    assert chosen((2, 8, 9, 9), (8, 1, 3, 3), groups=8, stride=2) is conv_tiles
    assert chosen((2, 8, 9, 9), (8, 4, 3, 3), groups=2) is conv_tiles


def test_lists_are_tuples():
    x, w = np.random.default_rng(0).random((2, 2, 6, 7)), np.ones((3, 2, 2, 3))
    y, _ = conv.conv2d_forward(x, w, None, [2, 1], [1, 0], [1, 2])
    np.testing.assert_array_equal(y, conv.conv2d_forward(x, w, None, (2, 1), (1, 0), (1, 2))[0])
    np.testing.assert_array_equal(
        conv.conv2d_forward(x, w, None, (2,))[0], conv.conv2d_forward(x, w, None, 2)[0]
    )


@pytest.mark.parametrize(
    ("x", "w", "b", "numbers", "error", "words"),
    [
        (
            (2, 3, 8, 8),
            (6, 4, 5, 5),
            None,
            {},
            ValueError,
            r"conv2d: weight \(6, 4, 5, 5\) .*4 channels.*got 3 in input \(2, 3, 8, 8\)",
        ),
        (
            (2, 4, 8, 8),
            (6, 2, 5, 5),
            None,
            {"groups": 4},
            ValueError,
            r"conv2d: groups must divide.*groups=4.*\(6, 2, 5, 5\)",
        ),
        (
            (2, 4, 8, 8),
            (8, 2, 5, 5),
            None,
            {"groups": 4},
            ValueError,
            r"needs an input of 8 channels \(weight.shape\[1\] \* groups\), got 4",
        ),
        (
            (2, 3, 4, 8),
            (6, 3, 5, 5),
            None,
            {},
            ValueError,
            r"must fit into the padded input.*extent \(5, 5\).*\(4, 8\)",
        ),
        ((2, 3, 8, 8), (6, 3, 3, 3), None, {"dilation": 4}, ValueError, r"extent \(9, 9\)"),
        (
            (2, 2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {},
            ValueError,
            r"input must have 4 axes .*or 3 .*shape \(2, 2, 3, 8, 8\) for weight \(6, 3, 3, 3\)",
        ),
        ((2, 3, 8, 8), (6, 3, 3), None, {}, ValueError, r"conv2d: weight must have 4 axes"),
        (
            (2, 3, 0, 8),
            (6, 3, 3, 3),
            None,
            {"padding": 4},
            ValueError,
            r"no spatial axis of length 0",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            (5,),
            {},
            ValueError,
            r"bias must have .*6 output channels.*got shape \(5,\)",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"padding": "same", "stride": 2},
            ValueError,
            r"padding='same' needs stride 1, got stride=\(2, 2\)",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"padding": "full"},
            ValueError,
            r"'same', 'valid' or integers, got 'full'",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"stride": 0},
            ValueError,
            r"stride must be an integer >= 1 or a tuple of 2, got 0",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"padding": -1},
            ValueError,
            r"padding must be an integer >= 0",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"dilation": (1, 1, 1)},
            ValueError,
            r"dilation must be .* tuple of 2, got \(1, 1, 1\)",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"stride": 1.5},
            TypeError,
            r"conv2d: stride must be an integer .*got 1.5",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"groups": 1.5},
            TypeError,
            r"groups must be an integer",
        ),
        (
            (2, 3, 8, 8),
            (6, 3, 3, 3),
            None,
            {"groups": 0},
            ValueError,
            r"groups must be an integer >= 1, got 0",
        ),
    ],
)
def test_what_does_not_fit(x, w, b, numbers, error, words):
    tensors = [None if s is None else constant(np.ones(s, "f")) for s in (x, w, b)]
    with pytest.raises(error, match=words):
        F.conv2d(*tensors, **numbers)


def test_other_layers_say_their_own_names():
    for n, layer in ((1, F.conv1d), (3, F.conv3d)):
        with pytest.raises(ValueError, match=f"conv{n}d: .*{n + 2} axes"):
            layer(constant(np.ones((2, 2, 2, 2, 2, 2, 2))), constant(np.ones((2, 2, *[1] * n))))


@pytest.mark.parametrize(
    ("dtypes", "words"),
    [
        (("f4", "f8", "f4"), "one dtype, float32 or float64, got float32, float64, float32"),
        (("f4", "f4", "f8"), "got float32, float32, float64"),
        (("i8", "i8", "i8"), "got int64, int64, int64"),
        (("f2", "f2", "f2"), "got float16"),
    ],
)
def test_dtypes(dtypes, words):
    shapes = (1, 1, 3, 3), (1, 1, 2, 2), (1,)
    with pytest.raises(TypeError, match=words):
        F.conv2d(*[constant(np.ones(s, d)) for s, d in zip(shapes, dtypes, strict=True)])


def test_arrays_are_no_tensors():
    x = constant(np.ones((1, 1, 3, 3)))
    with pytest.raises(TypeError, match="conv2d: weight must be a Tensor, got ndarray"):
        F.conv2d(x, x.array)
    with pytest.raises(TypeError, match="conv2d: bias must be a Tensor, got list"):
        F.conv2d(x, x, [1.0])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_tensors(n):
    """The functions record what the halves compute."""
    rng = np.random.default_rng(n)
    shapes = (2, 4, *[6] * n), (6, 2, *[3] * n), (6,)
    x, w, b = (leaf(rng.standard_normal(s)) for s in shapes)
    numbers = 2, 1, 1, 2
    out = getattr(F, f"conv{n}d")(x, w, b, *numbers)
    y, cache = FORWARD[n](x.array, w.array, b.array, *numbers)
    np.testing.assert_array_equal(out.array, y)
    dy = rng.standard_normal(y.shape)
    out.backward(constant(dy))
    for tensor, expected in zip((x, w, b), BACKWARD[n](dy, cache), strict=True):
        np.testing.assert_array_equal(tensor.grad.array, expected)


@paths
@pytest.mark.parametrize("i", range(len(CASES)))
def test_stored_figures_of_pytorch(path, i):
    stored = np.load(REFERENCE)
    kind, case = CASES[i]
    x, w, b = case.arrays(i, np.float32, kind == "conv_transpose")
    with only(path):
        found = answer(kind, case, x, w, b)
    for name, value in zip(("y", "dx", "dw", "db"), found, strict=True):
        if value is not None:
            expected = stored[f"{i}_{name}"]
            assert value.shape == expected.shape
            np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5 * abs(expected).max())


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")  # PyTorch's own, once
@paths
@settings(max_examples=40)
@given(case=convolutions(batches=(0, 1, 3)), seed=st.integers(0, 9))
def test_pytorch(path, case, seed):
    torch = pytest.importorskip("torch")
    x, w, b = case.arrays(seed)
    with only(path):
        y, cache = FORWARD[case.n](x, w, b, *case.numbers)
        dy = np.random.default_rng(seed).standard_normal(y.shape)
        found = (y, *BACKWARD[case.n](dy, cache))
    tensors = [None if a is None else torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    expected = getattr(torch.nn.functional, f"conv{case.n}d")(*tensors, *case.numbers)
    expected.backward(torch.tensor(dy))
    for a, t in zip(
        found, [expected.detach(), *[None if t is None else t.grad for t in tensors]], strict=True
    ):
        if t is not None:
            np.testing.assert_allclose(a, t.numpy(), rtol=1e-10, atol=1e-11)
            assert a.shape == tuple(t.shape)


@pytest.mark.peer
def test_pytorch_refuses_the_same():
    """What is refused here is refused there: no layer that runs in PyTorch raises."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        groups, stride, dilation, padding = rng.integers((1, 1, 1, 0), (4, 3, 4, 3)).tolist()
        x = (2, *rng.integers(1, 7, 3).tolist())
        w = tuple(rng.integers(1, 5, 4).tolist())
        numbers = stride, padding, dilation, groups
        try:
            expected = torch.nn.functional.conv2d(torch.ones(x), torch.ones(w), None, *numbers)
        except RuntimeError:
            refused += 1
            with pytest.raises(ValueError, match="conv2d: "):
                conv.conv2d_forward(np.ones(x, "f"), np.ones(w, "f"), None, *numbers)
        else:
            y, _ = conv.conv2d_forward(np.ones(x, "f"), np.ones(w, "f"), None, *numbers)
            np.testing.assert_array_equal(y, expected.numpy())  # sums of ones: exact
    assert 50 < refused < 400


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None  # importing it now raises ImportError
import numpy as np
from tests.nn.make_conv_reference import CASES, answer
found = {}
for i, (kind, case) in enumerate(CASES):
    values = answer(kind, case, *case.arrays(i, np.float32, kind == "conv_transpose"))
    found.update({f"{i}_{k}": v for k, v in zip(("y", "dx", "dw", "db"), values) if v is not None})
np.savez(sys.argv[1], **found)
assert "llvmlite" not in sys.modules
"""


def test_without_numba(tmp_path):
    root = str(Path(scratchml.__file__).parents[1])
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_NUMBA, str(tmp_path / "found.npz")],
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    found, stored = np.load(tmp_path / "found.npz"), np.load(REFERENCE)
    assert sorted(found) == sorted(stored)
    for name in stored:
        largest = abs(stored[name]).max()
        np.testing.assert_allclose(found[name], stored[name], rtol=1e-5, atol=1e-5 * largest)
