"""Every operation: its gradient by central differences, and PyTorch's values and gradients."""

from pathlib import Path

import numpy as np
import pytest

import scratchml.tensor as st
from scratchml.tensor.autograd import gradcheck

from .cases import CASES, values

REFERENCE = Path(__file__).parent / "reference" / "operations.npz"
NAMES = [case[0] for case in CASES]


def run(library, case, dtype):
    """Return y and dL/dx for each input, L = <y, r> for an r that depends on nothing."""
    xs = [library.from_numpy(a).requires_grad_() for a in values(case, dtype)]
    y = case[1](library, *xs)
    r = np.cos(np.arange(y.numel(), dtype=dtype)).reshape(tuple(y.shape))
    if y.requires_grad:
        (y * library.from_numpy(r)).sum().backward()
    grads = [np.zeros(tuple(x.shape), dtype) if x.grad is None else x.grad.numpy() for x in xs]
    return [y.detach().numpy(), *grads]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_gradients_are_central_differences(case):
    xs = [st.from_numpy(a).requires_grad_() for a in values(case)]
    assert gradcheck(lambda *xs: case[1](st, *xs), xs, atol=1e-7, rtol=1e-6)


def close(got, expected, dtype):
    tolerance = {np.float64: 1e-12, np.float32: 3e-6}[dtype]
    for a, b in zip(got, expected, strict=True):
        assert (a.shape, a.dtype) == (b.shape, dtype)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(1, np.abs(b).max()))


@pytest.mark.parametrize("index", range(len(CASES)), ids=NAMES)
def test_pytorch_stored_values_and_gradients(index, stored):
    got = run(st, CASES[index], np.float64)
    close(got, [stored[f"{NAMES[index]}:{i}"] for i in range(len(got))], np.float64)


@pytest.fixture(scope="module")
def stored():
    with np.load(REFERENCE) as file:
        names = file["names"].item().split("\n")
        shapes, flat = file["shapes"], file["values"]
    arrays, start = {}, 0
    for name, row in zip(names, shapes, strict=True):
        shape = tuple(int(n) for n in row if n >= 0)
        n = int(np.prod(shape))
        arrays[name] = flat[start : start + n].reshape(shape)
        start += n
    return arrays


@pytest.mark.peer
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_pytorch_live(case, dtype):
    torch = pytest.importorskip("torch")
    close(run(st, case, dtype), run(torch, case, dtype), dtype)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_float32_stays_float32_and_inputs_stay(case):
    arrays = values(case, np.float32)
    kept = [a.copy() for a in arrays]
    for a in run(st, case, np.float32):
        assert a.dtype == np.float32
    for a, b in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(a, b)


EMPTY = ["exp", "add", "mul", "sum", "sum 0", "relu", "matmul", "cat", "clamp", "where", "softmax"]


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("shape", [(0, 4), (0,), (3, 0)])
def test_empty_tensors(name, shape):
    case = next(case for case in CASES if case[0] == name)
    if name in ("matmul", "softmax", "cat") and len(shape) < 2:
        return
    xs = [st.zeros(shape, requires_grad=True) for _ in case[2]]
    if name == "matmul":
        xs[1] = st.zeros(shape[::-1], requires_grad=True)
    y = case[1](st, *xs)
    y.sum().backward()
    for x in xs:
        assert x.grad.shape == x.shape


ZERO_D = ["exp", "add", "mul", "div", "pow 2", "sum", "mean", "relu", "maximum", "where", "clone"]


@pytest.mark.parametrize("name", ZERO_D)
def test_tensors_without_axes(name):
    case = next(case for case in CASES if case[0] == name)
    xs = [st.tensor(0.5 + i, dtype=st.float64, requires_grad=True) for i in range(len(case[2]))]
    y = case[1](st, *xs)
    assert isinstance(y.array, np.ndarray)
    assert y.shape == ()
    assert gradcheck(lambda *xs: case[1](st, *xs), xs)
