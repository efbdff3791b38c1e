"""Clipping of gradients, and parameters as one vector."""

import inspect
import math

import numpy as np
import pytest

import scratchml.nn as nn
from scratchml.nn import utils
from scratchml.tensor.tape import constant


def with_gradients(*arrays, dtype=np.float32):
    made = []
    for array in arrays:
        p = nn.Parameter(np.zeros(np.shape(array), dtype))
        p.grad = constant(np.array(array, dtype))
        made.append(p)
    return made


def gradients(seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((3, 4)), rng.standard_normal(5), rng.standard_normal(())]


@pytest.mark.parametrize("p", [1.0, 2.0, 3, 0.5, math.inf, "inf"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_norms_and_directions(p, dtype):
    made = with_gradients(*gradients(), dtype=dtype)
    made.append(nn.Parameter(np.ones(2, dtype)))  # without a gradient
    flat = np.concatenate([g.ravel() for g in gradients()])
    norm = np.linalg.norm(flat, float(p))
    total = utils.clip_grad_norm_(made, norm / 2, norm_type=p)
    assert total.item() == pytest.approx(norm, rel=1e-6)
    assert total.dtype == dtype
    clipped = np.concatenate([q.grad.array.ravel() for q in made[:-1]])
    np.testing.assert_allclose(clipped, flat / 2, rtol=2e-6)
    assert made[-1].grad is None


def test_short_gradients_stay_as_they_are():
    made = with_gradients(*gradients())
    before = [p.grad.array.copy() for p in made]
    versions = [p.grad.version[0] for p in made]
    utils.clip_grad_norm_(iter(made), 1e6)
    for p, g, v in zip(made, before, versions, strict=True):
        np.testing.assert_array_equal(p.grad.array, g)
        assert p.grad.version[0] == v


def test_squares_that_overflow_or_vanish():
    for scale in (1e30, 1e-30):
        made = with_gradients([3 * scale, 4 * scale])
        assert utils.clip_grad_norm_(made, 1e40).item() == pytest.approx(5 * scale, rel=1e-6)


def test_norms_that_are_not_finite():
    made = with_gradients([1.0, np.nan])
    with pytest.raises(RuntimeError, match="norm of order 2.0 of the gradients is nan"):
        utils.clip_grad_norm_(made, 1.0, error_if_nonfinite=True)
    assert made[0].grad.array[0] == 1
    assert math.isnan(utils.clip_grad_norm_(made, 1.0).item())
    assert np.isnan(made[0].grad.array).all()
    made = with_gradients([1.0, 2.0], [np.inf])
    utils.clip_grad_norm_(made, 1.0)
    np.testing.assert_array_equal(made[0].grad.array, [0, 0])


def test_nothing_to_clip():
    assert utils.clip_grad_norm_([], 1.0).item() == 0
    assert utils.clip_grad_norm_([nn.Parameter(np.ones(2, np.float32))], 1.0).item() == 0
    assert utils.get_total_norm([constant(np.ones(0, np.float32))]).item() == 0
    with pytest.raises(ValueError, match="norm_type must be positive, got 0"):
        utils.clip_grad_norm_([], 1.0, norm_type=0)


def test_a_single_tensor_and_values():
    (p,) = with_gradients([3.0, -0.5])
    assert utils.clip_grad_norm_(p, 100.0).item() == pytest.approx(math.sqrt(9.25))
    utils.clip_grad_value_(p, 1)
    assert p.grad.array.tolist() == [1, -0.5]


def test_vectors_and_back():
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2, bias=False))
    vector = utils.parameters_to_vector(net.parameters())
    assert vector.shape == (24,)
    expected = np.concatenate([p.array.ravel() for p in net.parameters()])
    np.testing.assert_array_equal(vector.array, expected)
    (vector * vector).backward(constant(np.ones(24, np.float32)))
    np.testing.assert_array_equal(net[0].bias.grad.array, 2 * net[0].bias.array)
    before = list(net.parameters())
    given = constant(np.arange(24, dtype=np.float32))
    utils.vector_to_parameters(given, net.parameters())
    assert all(a is b for a, b in zip(before, net.parameters(), strict=True))
    np.testing.assert_array_equal(net[1].weight.array, np.arange(16, 24).reshape(2, 4))
    for shape in ((23,), (25,), (24, 1)):
        with pytest.raises(ValueError, match="length of all parameters together, 24, got shape"):
            utils.vector_to_parameters(constant(np.zeros(shape, np.float32)), net.parameters())
    np.testing.assert_array_equal(net[1].weight.array, np.arange(16, 24).reshape(2, 4))


@pytest.mark.parametrize("p", [1.0, 2.0, math.inf])
@pytest.mark.parametrize("scale", [1.0, 1e-6])  # of the size of what is added to the norm
@pytest.mark.peer
def test_clipping_as_in_torch(p, scale):
    torch = pytest.importorskip("torch")
    arrays = [scale * g for g in gradients()]
    made, theirs = with_gradients(*arrays), []
    for g in arrays:
        theirs.append(torch.zeros(g.shape, requires_grad=True))
        theirs[-1].grad = torch.tensor(g, dtype=torch.float32)
    mine = utils.clip_grad_norm_(made, 0.7 * scale, p)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 0.7 * scale, p)
    assert mine.item() == pytest.approx(expected.item(), rel=1e-6)
    for a, b in zip(made, theirs, strict=True):
        np.testing.assert_allclose(a.grad.array, b.grad.numpy(), rtol=2e-6)


@pytest.mark.parametrize("name", [name for name in utils.__all__ if callable(getattr(utils, name))])
@pytest.mark.peer
def test_arguments_as_in_torch(name):
    torch = pytest.importorskip("torch")

    def told(f):
        return [(p.name, p.default) for p in inspect.signature(f).parameters.values()]

    assert told(getattr(utils, name)) == told(getattr(torch.nn.utils, name))
