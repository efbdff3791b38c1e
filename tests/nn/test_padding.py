"""Padding: the pair, its definition, and PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.nn.functional as F
from scratchml.nn.ops.padding import pad_backward, pad_forward
from scratchml.tensor.tape import constant

from .pairs import check_adjoint, check_pair

NUMPY = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@st.composite
def problems(draw, mode):
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    ends = []
    for n in shape:
        most = {"reflect": n - 1, "circular": n}.get(mode, 3)
        ends.append((draw(st.integers(0, most)), draw(st.integers(0, most))))
    return np.random.default_rng(draw(st.integers(0, 9))).standard_normal(shape), tuple(ends)


@pytest.mark.parametrize("mode", ["constant", *NUMPY])
@given(data=st.data())
def test_the_pair(mode, data):
    x, ends = data.draw(problems(mode))
    y, _ = pad_forward(x, ends, mode)
    expected = np.pad(x, ends, mode=NUMPY.get(mode, mode))
    np.testing.assert_array_equal(y, expected)
    assert not np.shares_memory(x, y)
    check_pair(pad_forward, pad_backward, [x], ends, mode)
    check_adjoint(pad_forward, pad_backward, x, ends, mode)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(-2, 2), st.integers(-2, 2)), max_size=3))
def test_negative_numbers_cut_off(axes):
    axes = [(max(n, -a - b), a, b) for n, a, b in axes]
    x = np.random.default_rng(0).standard_normal([n for n, _, _ in axes])
    ends = tuple((a, b) for _, a, b in axes)
    y, _ = pad_forward(x, ends, "constant", 7.0)
    for place in np.ndindex(y.shape):  # the definition
        source = [i - a for i, (a, _) in zip(place, ends, strict=True)]
        inside = all(0 <= i < n for i, n in zip(source, x.shape, strict=True))
        assert y[place] == (x[tuple(source)] if inside else 7.0)
    check_pair(pad_forward, pad_backward, [x], ends)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool_])
def test_the_dtype_stays(dtype):
    for mode in ("constant", *NUMPY):
        assert F.pad(constant(np.ones((2, 3), dtype)), (1, 1), mode=mode).dtype == dtype


@pytest.mark.parametrize(
    ("shape", "pad", "options", "message"),
    [
        ((3,), (1,), {}, "two numbers for each axis"),
        ((3,), (1, 1, 1, 1), {}, "at most 2"),
        ((3,), (1, 1), {"mode": "wrap"}, "mode must be one of"),
        ((3,), (1, 1), {"mode": "reflect", "value": 2.0}, "value goes with mode='constant'"),
        ((3,), (3, 0), {"mode": "reflect"}, r"got \(3, 0\) for an axis of length 3"),
        ((3,), (0, 4), {"mode": "circular"}, r"got \(0, 4\) for an axis of length 3"),
        ((3,), (-1, 0), {"mode": "replicate"}, "must be at least 0"),
        ((3,), (-2, -2), {}, "cannot cut off more than there is"),
        ((3,), (-4, 3), {}, "cannot cut off more than there is"),
        ((0,), (1, 0), {"mode": "replicate"}, "not empty"),
    ],
)
def test_numbers_are_checked(shape, pad, options, message):
    with pytest.raises(ValueError, match=message):
        F.pad(constant(np.ones(shape, np.float32)), pad, **options)
    with pytest.raises(TypeError, match="input must be a Tensor, got ndarray"):
        F.pad(np.ones(shape), pad, **options)


@pytest.mark.parametrize("pad", [(0, -1), (-3, 0), (2, -1, -1, 1), (-1, -2, 1, 0)])
@pytest.mark.peer
def test_cutting_off_as_in_torch(pad):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal((2, 3, 3))
    theirs = torch.nn.functional.pad(torch.tensor(x), pad, value=2.0)
    np.testing.assert_array_equal(F.pad(constant(x), pad, value=2.0).array, theirs.numpy())


@pytest.mark.parametrize("mode", ["constant", *NUMPY])
@pytest.mark.parametrize("shape", [(0, 2), (2, 1), (0, 0)])
def test_nothing_to_add_is_a_copy(mode, shape):
    y = F.pad(constant(np.ones(shape, np.float32)), (0, 0, 0, 0), mode=mode)
    assert y.shape == shape


@pytest.mark.parametrize("mode", ["constant", *NUMPY])
@pytest.mark.peer
def test_as_in_torch(mode):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    pad, value = (2, 1, 0, 3), 1.5 if mode == "constant" else None
    mine = F.pad(constant(x), pad, mode=mode, value=value)
    theirs = torch.nn.functional.pad(torch.tensor(x), pad, mode=mode, value=value)
    np.testing.assert_array_equal(mine.array, theirs.numpy())
