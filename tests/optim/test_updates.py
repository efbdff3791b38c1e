"""The updates: kernels against their definitions, bit for bit, and both against slow formulas."""

import os
import subprocess
import sys
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
from scratchml import optim
from scratchml.nn import Parameter
from scratchml.optim import pieces
from scratchml.optim.adagrad_update import ADAGRAD_UPDATE
from scratchml.optim.adam_update import ADAM_UPDATE, AMSGRAD_UPDATE, adam_coefficients
from scratchml.optim.rmsprop_update import RMSPROP_UPDATES
from scratchml.optim.sgd_update import MOMENTUM_UPDATE, NESTEROV_UPDATE, SGD_UPDATE
from scratchml.tensor.tape import constant

from . import cases

# Each with the number of its states, and coefficients.
UPDATES = {
    "sgd": (SGD_UPDATE, 0, (-1, 0.1, 0.05, 0, 0)),
    "momentum": (MOMENTUM_UPDATE, 1, (1, 0.1, 0.05, 0.9, 0.7)),
    "nesterov": (NESTEROV_UPDATE, 1, (1, 0.1, 0.05, 0.9, 1.0)),
    "adam": (ADAM_UPDATE, 2, (1, 0.1, 0.99, 0.1, 0.999, 0.001, 0.3, 1e-8)),
    "amsgrad": (AMSGRAD_UPDATE, 3, (1, 0.1, 1.0, 0.1, 0.999, 0.001, 0.3, 1e-8)),
    "rmsprop": (RMSPROP_UPDATES[False, False], 1, (1, 0.1, 0.9, 0.1, 1e-8, 0.1, 0)),
    "rmsprop-momentum": (RMSPROP_UPDATES[False, True], 2, (1, 0.1, 0.9, 0.1, 1e-8, 0.1, 0.9)),
    "rmsprop-centered": (RMSPROP_UPDATES[True, False], 2, (1, 0.1, 0.9, 0.1, 1e-8, 0.1, 0)),
    "rmsprop-both": (RMSPROP_UPDATES[True, True], 3, (1, 0.1, 0.9, 0.1, 1e-8, 0.1, 0.9)),
    "adagrad": (ADAGRAD_UPDATE, 1, (1, 0.1, 0.05, 1e-10)),
}


def arrays(n, states, dtype, special=()):
    random = np.random.default_rng(n)
    made = [random.standard_normal(n).astype(dtype) for _ in range(2)]
    made += [np.abs(random.standard_normal(n)).astype(dtype) for _ in range(states)]
    for i, value in enumerate(special):
        made[1][i % max(n, 1) : i % max(n, 1) + 1] = value
    made[1].flags.writeable = False
    return made


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [0, 1, 7, 64, 1003])
@pytest.mark.parametrize("name", UPDATES)
def test_kernel_and_definition_give_the_same_bits(name, n, dtype):
    update, states, values = UPDATES[name]
    c = pieces.coefficients(values, np.dtype(dtype))
    ours, expected = (arrays(n, states, dtype, (np.nan, np.inf, -np.inf, 0, 1e30)) for _ in "ab")
    with np.errstate(all="ignore"):
        for _ in range(3):
            update.kernel(*ours, c)
            update.definition(*expected, c)
    for a, b in zip(ours, expected, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == dtype


@given(
    st.sampled_from(["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]),
    st.floats(-50, 50),
    st.lists(st.floats(-100, 100), min_size=1, max_size=6),
    st.floats(0, 1),
)
def test_updates_are_their_equations_restated_number_by_number(name, p, gradients, decay):
    """One number at a time, with nothing shared with the package but the paper."""
    parameter = Parameter(np.array([p]))
    more = {"momentum": 0.8} if name in ("SGD", "RMSprop") else {}
    optimizer = getattr(optim, name)([parameter], lr=0.1, weight_decay=decay, **more)
    b = m = v = 0.0
    for t, gradient in enumerate(gradients, start=1):
        parameter.grad = constant(np.array([gradient]))
        optimizer.step()
        g = gradient if name == "AdamW" else gradient + decay * p
        if name == "SGD":
            b = g if t == 1 else 0.8 * b + g
            p -= 0.1 * b
        elif name == "RMSprop":
            v = 0.99 * v + (1 - 0.99) * g * g
            b = 0.8 * b + g / (sqrt(v) + 1e-8)
            p -= 0.1 * b
        elif name == "Adagrad":
            v += g * g
            p -= 0.1 * g / (sqrt(v) + 1e-10)
        else:
            p -= 0.1 * decay * p if name == "AdamW" else 0.0
            m = 0.9 * m + (1 - 0.9) * g
            v = 0.999 * v + (1 - 0.999) * g * g
            p -= 0.1 * (m / (1 - 0.9**t)) / (sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(parameter.array[0], p, rtol=1e-9, atol=1e-10)


def test_coefficients_of_adam_worked_out_by_hand():
    c = adam_coefficients(
        2, lr=0.5, betas=(0.5, 0.75), eps=0.1, weight_decay=0.2, decoupled=True, maximize=False
    )
    r = sqrt(1 - 0.75**2)
    np.testing.assert_allclose(c, (1, 0, 0.9, 0.5, 0.75, 0.25, 0.5 * r / 0.75, 0.1 * r), rtol=1e-15)


def test_centered_rmsprop_takes_no_root_of_less_than_nothing():
    """Rounding makes v - u^2 negative for a constant gradient; PyTorch gives NaN from then on."""
    p = Parameter(np.zeros(1000, np.float32))
    optimizer = optim.RMSprop([p], alpha=0.5, centered=True)
    gradient = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    for _ in range(200):
        p.grad = constant(gradient)
        optimizer.step()
    assert np.isfinite(p.array).all()


SIZES = ((700, 500), (pieces.PIECE,), (pieces.PIECE + 1,), (3,), (0, 4), (200, 1000))


def large_step(name, dtype=np.float32, **options):
    random = np.random.default_rng(1)
    params = [Parameter(random.standard_normal(shape).astype(dtype)) for shape in SIZES]
    optimizer = getattr(optim, name)(params, **options)
    for _ in range(3):
        for p in params:
            p.grad = constant(random.standard_normal(p.array.shape).astype(dtype))
        optimizer.step()
    return [p.array for p in params]


LARGE = [
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("Adam", {"amsgrad": True, "weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "momentum": 0.9}),
]


@pytest.mark.parametrize(("name", "options"), LARGE)
def test_large_models_have_the_same_bits_for_any_threads_and_pieces(name, options, monkeypatch):
    with scratchml.set_num_threads(1):
        expected = large_step(name, **options)
    for threads in (2, 8):
        with scratchml.set_num_threads(threads):
            for a, b in zip(large_step(name, **options), expected, strict=True):
                np.testing.assert_array_equal(a, b)
    monkeypatch.setattr("scratchml.optim.optimizer.WORTH_THREADS", 1 << 60)  # array by array
    for a, b in zip(large_step(name, **options), expected, strict=True):
        np.testing.assert_array_equal(a, b)
    monkeypatch.setattr(pieces, "compiler", lambda needed: None)  # and without the compiler
    for a, b in zip(large_step(name, **options), expected, strict=True):
        np.testing.assert_array_equal(a, b)


WITHOUT = """
import sys
sys.modules["numba"] = None
import warnings; warnings.simplefilter("error")
from tests.optim.test_updates import small_step
import numpy as np
np.save(sys.argv[1], small_step())
assert "llvmlite" not in sys.modules
"""


def small_step():
    ends = []
    for case in (("SGD", {"nesterov": True, "momentum": 0.9}), *LARGE):
        params = [Parameter(p) for p in cases.start()]
        optimizer = getattr(optim, case[0])(params, **case[1])
        for step in range(20):
            for p in params:
                p.grad = constant(cases.gradient(p.array, step))
            optimizer.step()
        ends += [p.array.ravel() for p in params]
    return np.concatenate(ends)


def test_steps_without_numba_have_the_same_bits(tmp_path):
    root = os.path.dirname(os.path.dirname(scratchml.__file__))
    command = [sys.executable, "-c", WITHOUT, str(tmp_path / "p.npy")]
    subprocess.run(command, check=True, cwd=root, env={**os.environ, "PYTHONPATH": root})
    np.testing.assert_array_equal(np.load(tmp_path / "p.npy"), small_step())
