"""Losses as layers: each passes its arguments on to its function; beside PyTorch's."""

import inspect

import numpy as np
import pytest

import scratchml.nn as nn
from scratchml.tensor.tape import constant

from .layer_cases import LOSSES, label

cases = pytest.mark.parametrize("case", LOSSES, ids=[label((c[0], (), c[1])) for c in LOSSES])
N, C = 6, 5


def array(kind, seed):
    """Return what a loss takes: one of the kinds of `LOSSES`."""
    rng = np.random.default_rng(seed)
    if kind == "labels":
        return rng.integers(0, C, N)
    x = rng.standard_normal((N, C))
    distribution = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return {
        "numbers": x,
        "probabilities": 0.05 + 0.9 * rng.random((N, C)),
        "distribution": distribution,
        "logarithms": np.log(distribution),
        "signs": np.sign(x),
        "sign": np.sign(x[:, 0]),
        "positive": np.exp(x),
        "zeros and ones": (x > 0).astype(np.float64),
    }[kind]


def options_of(case, tensor):
    """Weights are given in the cases by their number."""
    weights = {"weight", "pos_weight"}
    rng = np.random.default_rng(9)
    return {k: tensor(0.5 + rng.random(v)) if k in weights else v for k, v in case[1].items()}


@cases
@pytest.mark.peer
def test_values_and_gradients_as_in_torch(case):
    torch = pytest.importorskip("torch")
    name, _, *kinds = case
    mine = getattr(nn, name)(**options_of(case, constant))
    theirs = getattr(torch.nn, name)(**options_of(case, torch.tensor))
    assert repr(mine) == repr(theirs)
    assert mine.reduction == theirs.reduction
    assert list(mine.state_dict()) == list(theirs.state_dict())
    arrays = [array(kind, i) for i, kind in enumerate(kinds)]
    xs = [nn.Parameter(arrays[0]), *map(constant, arrays[1:])]
    ts = [torch.tensor(arrays[0], requires_grad=True), *map(torch.tensor, arrays[1:])]
    y, expected = mine(*xs), theirs(*ts)
    np.testing.assert_allclose(y.array, expected.detach().numpy(), rtol=1e-12, atol=1e-14)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(constant(dy))
    expected.backward(torch.tensor(dy))
    np.testing.assert_allclose(xs[0].grad.array, ts[0].grad.numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", sorted({case[0] for case in LOSSES}))
@pytest.mark.peer
def test_arguments_their_order_and_defaults_as_in_torch(name):
    torch = pytest.importorskip("torch")

    def told(thing):
        return [(p.name, p.kind, p.default) for p in inspect.signature(thing).parameters.values()]

    assert told(getattr(nn, name)) == told(getattr(torch.nn, name))
    mine, theirs = (getattr(lib, name).forward for lib in (nn, torch.nn))
    assert list(inspect.signature(mine).parameters) == list(inspect.signature(theirs).parameters)


def test_weights_follow_the_dtype_and_are_in_the_state():
    loss = nn.CrossEntropyLoss(weight=constant(np.ones(3, np.float32)))
    assert list(loss.state_dict()) == ["weight"]
    assert list(loss.parameters()) == []
    assert loss.double().weight.dtype == np.float64
    assert list(nn.CrossEntropyLoss().state_dict()) == []


def test_older_spellings_of_reduction():
    with pytest.warns(UserWarning, match="MSELoss: size_average and reduce are out of use"):
        assert nn.MSELoss(size_average=False).reduction == "sum"
    with pytest.warns(UserWarning, match="KLDivLoss"):
        assert nn.KLDivLoss(reduce=False, reduction="batchmean").reduction == "none"
    with pytest.raises(ValueError, match="reduction must be one of"):
        nn.L1Loss(reduction="batchmean")
