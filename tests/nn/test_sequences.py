"""Recurrent layers, attention and Transformers beside PyTorch's, stored and live."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import scratchml.nn as nn
from scratchml import tensor

from .sequence_cases import SEQUENCES, label

REFERENCE = Path(__file__).parent / "reference" / "sequences.npz"

cases = pytest.mark.parametrize("case", SEQUENCES, ids=label)
# What torch says of nested tensors, which are none of ours.
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")


def fill(module):
    """Give the parameters, of either library, values that are not those of a fresh layer."""
    rng = np.random.default_rng(7)
    for parameter in module.parameters():
        values = parameter.detach().numpy()
        values[...] = rng.uniform(-0.7, 0.7, values.shape)


def leaves_of(torch, thing, dtype, leaves):
    """Return `thing` with a leaf for each of its arrays, which is added to `leaves` by its id."""
    if isinstance(thing, tuple):
        return tuple(leaves_of(torch, part, dtype, leaves) for part in thing)
    if id(thing) not in leaves:
        leaves[id(thing)] = torch.tensor(thing.astype(dtype), requires_grad=True)
    return leaves[id(thing)]


def mask_of(torch, value, dtype):
    """Return an option of a call: a mask as a tensor, other values as they are."""
    if not isinstance(value, np.ndarray):
        return value
    return torch.tensor(value.astype(dtype) if value.dtype.kind == "f" else value)


def outputs(thing):
    """Yield the tensors of a nested result."""
    if isinstance(thing, tuple):
        for part in thing:
            yield from outputs(part)
    elif thing is not None:
        yield thing


def run(torch, module, case, dtype=np.float64):
    """Return outputs y0, y1...; gradients of inputs, input0...; and of parameters, by name."""
    rng = np.random.default_rng(sum(map(ord, case.label)))
    leaves = {}
    args, options = case.inputs(rng)
    args_ = leaves_of(torch, args, dtype, leaves)
    masks = {key: mask_of(torch, value, dtype) for key, value in options.items()}
    ys = list(outputs(module(*args_, **masks)))
    loss = 0
    for y in ys:
        loss = loss + (y * torch.tensor(rng.standard_normal(tuple(y.shape)).astype(dtype))).sum()
    module.zero_grad()
    loss.backward()
    found = {f"y{i}": y.detach().numpy() for i, y in enumerate(ys)}
    found |= {f"input{i}": leaf.grad.numpy() for i, leaf in enumerate(leaves.values())}
    return found | {n: p.grad.numpy() for n, p in module.named_parameters() if p.grad is not None}


def assert_same(mine, theirs, rtol):
    assert mine.keys() == theirs.keys()
    for name, value in theirs.items():
        assert mine[name].shape == value.shape, name
        scale = max(1.0, float(np.abs(value).max(initial=0)))
        np.testing.assert_allclose(mine[name], value, rtol=rtol, atol=rtol * scale, err_msg=name)


@pytest.fixture(scope="module")
def reference():
    """The stored arrays by name; many small ones, so they are kept as one."""
    with np.load(REFERENCE) as file:
        names, shapes, values = file["names"].tolist().split("\n"), file["shapes"], file["values"]
    stored, start = {}, 0
    for name, shape in zip(names, shapes, strict=True):
        shape = tuple(shape[shape >= 0])
        stop = start + int(np.prod(shape))
        stored[name], start = values[start:stop].reshape(shape), stop
    return stored


@cases
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 2e-7), (np.float32, 3e-5)])
def test_stored_outputs_and_gradients_of_torch(case, reference, dtype, rtol):
    """What torch computed in float64, rounded to float32: `make_sequences_reference.py`."""
    key = f"{SEQUENCES.index(case)}:"
    stored = {k.removeprefix(key): v for k, v in reference.items() if k.startswith(key)}
    layer = case.build(nn).to(dtype)
    fill(layer)
    found = run(tensor, layer, case, dtype)
    assert {value.dtype for value in found.values()} == {np.dtype(dtype)}
    assert_same(found, stored, rtol)


@cases
@pytest.mark.peer
def test_outputs_and_gradients_as_in_torch(case):
    torch = pytest.importorskip("torch")
    mine, peer = case.build(nn).double(), case.build(torch.nn).double()
    fill(mine), fill(peer)
    assert_same(run(tensor, mine, case), run(torch, peer, case), 1e-9)


@cases
@pytest.mark.peer
def test_first_weights_keys_and_shapes_as_in_torch(case):
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    theirs = case.build(torch.nn)
    tensor.manual_seed(3)
    mine = case.build(nn)
    assert repr(mine) == repr(theirs)
    expected = {key: value.numpy() for key, value in theirs.state_dict().items()}
    found = {key: value.numpy() for key, value in mine.state_dict().items()}
    assert list(found) == list(expected)
    for key, value in expected.items():
        np.testing.assert_array_equal(found[key], value, err_msg=key)
    assert mine.load_state_dict(expected) == ([], [])


@cases
def test_a_layer_is_copied_and_pickled(case):
    layer = case.build(nn).double()
    expected = run(tensor, layer, case)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(twin) == repr(layer)
        assert_same(run(tensor, twin, case), expected, 0)
