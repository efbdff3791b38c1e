"""What the tests of functions share: PyTorch's answers, stored and live, and plain NumPy."""

import warnings
from pathlib import Path

import numpy as np
import pytest

import scratchml.nn.functional as F
from scratchml.nn.ops import (
    activation,
    cross_entropy,
    dropout,
    embedding,
    likelihood,
    linear_tiles,
    smooth,
    softmax,
)
from scratchml.tensor.core import Tensor  # noqa: F401 (so that constant makes Tensors)
from scratchml.tensor.tape import constant

from .function_cases import FAMILIES, key, outcome

REFERENCE = Path(__file__).parent / "reference" / "functions.npz"


def tensor(a, requires_grad=False):
    """Return a tensor of an array's values."""
    return constant(np.array(a)).requires_grad_(requires_grad)


@pytest.fixture(params=["compiled", "numpy"])
def both_ways(request, monkeypatch):
    """Run a test with kernels, and with NumPy alone."""
    if request.param == "numpy":
        without_kernels(monkeypatch)
    return request.param


def without_kernels(monkeypatch):
    for module in (activation, smooth, softmax, cross_entropy, likelihood, dropout, embedding):
        monkeypatch.setattr(module, "compiled", lambda: False)
    monkeypatch.setattr(linear_tiles, "serves", lambda *args: False)


def check_stored(family, i, rtol=1e-12, atol=1e-14):
    """Compare a call in float64 with PyTorch's stored answer."""
    with np.load(REFERENCE) as stored, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in outcome(F, tensor, FAMILIES[family][i]).items():
            expected = stored[key(family, i, name)]
            assert value.dtype == expected.dtype
            np.testing.assert_allclose(value, expected, rtol, atol, err_msg=name)


def check_live(family, i, rtol, atol):
    """Compare a call in float32 with PyTorch's answer."""
    torch = pytest.importorskip("torch")

    def torch_tensor(a, requires_grad):
        return torch.tensor(a, requires_grad=requires_grad)

    case = FAMILIES[family][i]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = outcome(F, tensor, case, np.float32)
        theirs = outcome(torch.nn.functional, torch_tensor, case, np.float32)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert value.dtype == theirs[name].dtype
        np.testing.assert_allclose(value, theirs[name], rtol, atol, err_msg=name)
