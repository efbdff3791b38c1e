"""Optimizers and schedules beside PyTorch's: stored trajectories, and live ones."""

import json
from pathlib import Path

import numpy as np
import pytest

from scratchml import optim
from scratchml.nn import Parameter
from scratchml.tensor.tape import constant

from . import cases, schedules
from .make_optim_reference import torch_rates, torch_trajectory

FOLDER = Path(__file__).parent / "reference"
ROUNDING = 2e-12  # of 100 steps in float64; PyTorch's order of operations is not ours


def trajectory(name, options, dtype=np.float64):
    params = [Parameter(p) for p in cases.start(dtype)]
    optimizer = getattr(optim, name)(params, **options)
    path = []
    for step in range(cases.STEPS):
        for p in params:
            p.grad = constant(cases.gradient(p.array, step))
        optimizer.step()
        path.append(np.concatenate([p.array.ravel() for p in params]))
    return np.array(path)


@pytest.fixture(scope="module")
def stored():
    with np.load(FOLDER / "trajectories.npz") as file:
        return dict(zip(json.loads(str(file["names"])), file["paths"], strict=True))


@pytest.mark.parametrize("case", cases.CASES, ids=cases.label)
def test_trajectories_are_those_of_pytorch(case, stored):
    path = trajectory(*case)
    at = np.array(cases.KEPT) - 1
    np.testing.assert_allclose(path[at], stored[cases.label(case)], rtol=ROUNDING, atol=ROUNDING)


def test_every_case_is_stored(stored):
    assert set(stored) == {cases.label(case) for case in cases.CASES}
    assert len(stored) == 132


@pytest.mark.peer
@pytest.mark.parametrize("case", cases.CASES[::5], ids=cases.label)
def test_live_trajectories(case):
    pytest.importorskip("torch")
    ours, theirs = trajectory(*case), torch_trajectory(*case)
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING)
    single = trajectory(*case, np.float32)
    assert single.dtype == np.float32
    # Climbing, and v - u^2, magnify rounding: no more of it than in PyTorch's, within a factor.
    theirs_error = np.abs(torch_trajectory(*case, np.float32) - theirs).max()
    assert np.abs(single - ours).max() <= 4 * theirs_error + 1e-6


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_schedules_are_those_of_pytorch_to_the_last_digit(name):
    params = [Parameter(np.zeros(1)) for _ in range(2)]
    with np.load(FOLDER / "schedules.npz") as file:
        np.testing.assert_array_equal(schedules.rates(optim, name, params), file[name])


@pytest.mark.peer
@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_live_schedules(name):
    pytest.importorskip("torch")
    params = [Parameter(np.zeros(1)) for _ in range(2)]
    np.testing.assert_array_equal(schedules.rates(optim, name, params), torch_rates(name))


@pytest.mark.peer
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_a_state_dict_of_pytorch_is_taken_over(name):
    torch = pytest.importorskip("torch")
    options = {"lr": 0.05, **({"momentum": 0.9} if name in ("SGD", "RMSprop") else {})}
    theirs = [torch.nn.Parameter(torch.tensor(p)) for p in cases.start()]
    their_optimizer = getattr(torch.optim, name)(theirs, **options)
    ours = [Parameter(p) for p in cases.start()]
    our_optimizer = getattr(optim, name)(ours, lr=7.0)
    for step in range(20):
        for t, p in zip(theirs, ours, strict=True):
            t.grad = torch.tensor(cases.gradient(t.detach().numpy(), step))
            p.grad = constant(t.grad.numpy().copy())
        their_optimizer.step()
        if step == 9:
            state = their_optimizer.state_dict()
            state["state"] = {
                i: {
                    k: constant(v.numpy().copy()) if torch.is_tensor(v) else v for k, v in s.items()
                }
                for i, s in state["state"].items()
            }
            our_optimizer.load_state_dict(state)
            for t, p in zip(theirs, ours, strict=True):
                p.array[...] = t.detach().numpy()
        elif step > 9:
            our_optimizer.step()
    for t, p in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(p.array, t.detach().numpy(), rtol=1e-13)
    mine, peers = our_optimizer.state_dict(), their_optimizer.state_dict()
    assert set(mine["state"]) == set(peers["state"])
    assert all(set(mine["state"][i]) == set(peers["state"][i]) for i in mine["state"])
    back = {"state": {}, "param_groups": peers["param_groups"]}
    for i, values in mine["state"].items():
        back["state"][i] = {k: torch.tensor(v.array) for k, v in values.items()}
    their_optimizer.load_state_dict(back)  # and PyTorch takes ours
