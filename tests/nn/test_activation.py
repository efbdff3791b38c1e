"""Activations: against one number at a time, differences, kinks, extremes, PyTorch."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops import activation, smooth, softmax
from scratchml.tensor.modes import no_grad

from .function_cases import ACTIVATIONS, label
from .functions import both_ways, check_live, check_stored, tensor, without_kernels  # noqa: F401
from .pairs import check_pair


def logistic(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def log1p_exp(x):
    return max(x, 0) + math.log1p(math.exp(-abs(x)))


# name -> module, options, the function of one number
ELEMENTWISE = {
    "sigmoid": (smooth, {}, logistic),
    "tanh": (smooth, {}, math.tanh),
    "silu": (smooth, {}, lambda x: x * logistic(x)),
    "gelu": (smooth, {}, lambda x: x * math.erfc(-x / math.sqrt(2)) / 2),
    "gelu_tanh": (
        smooth,
        {},
        lambda x: x * logistic(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)),
    ),
    "mish": (smooth, {}, lambda x: x * math.tanh(log1p_exp(x))),
    "softplus": (smooth, {"beta": 2.0}, lambda x: x if 2 * x > 20 else log1p_exp(2 * x) / 2),
    "logsigmoid": (smooth, {}, lambda x: -log1p_exp(-x)),
    "elu": (
        smooth,
        {"alpha": 1.5, "scale": 1.25, "rate": 0.5},
        lambda x: 1.25 * x if x > 0 else 1.25 * 1.5 * math.expm1(0.5 * x),
    ),
    "softsign": (smooth, {}, lambda x: x / (1 + abs(x))),
    "tanhshrink": (smooth, {}, lambda x: x - math.tanh(x)),
    "erf": (smooth, {}, math.erf),
    "relu": (activation, {}, lambda x: max(x, 0)),
    "leaky_relu": (activation, {"slope": 0.25}, lambda x: x if x > 0 else 0.25 * x),
    "hardtanh": (activation, {"low": -0.5, "high": 2.0}, lambda x: min(max(x, -0.5), 2.0)),
    "hardsigmoid": (activation, {}, lambda x: min(max(x / 6 + 0.5, 0), 1)),
    "hardswish": (activation, {}, lambda x: x * min(max(x / 6 + 0.5, 0), 1)),
    "threshold": (activation, {"threshold": 0.3, "value": -7.0}, lambda x: x if x > 0.3 else -7.0),
    "hardshrink": (activation, {"lambd": 0.4}, lambda x: x if abs(x) > 0.4 else 0),
    "softshrink": (
        activation,
        {"lambd": 0.4},
        lambda x: math.copysign(max(abs(x) - 0.4, 0), x),
    ),
}
EACH = pytest.mark.parametrize("name", ELEMENTWISE)
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])
KINKS = {
    "relu": [0],
    "leaky_relu": [0],
    "hardtanh": [-0.5, 2],
    "hardsigmoid": [-3, 3],
    "hardswish": [-3, 3],
    "threshold": [0.3],
    "hardshrink": [-0.4, 0.4],
    "softshrink": [-0.4, 0.4],
    "elu": [0],
    "softplus": [10],
}
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)


def pair(name):
    module, options, _ = ELEMENTWISE[name]
    forward, backward = (getattr(module, f"{name}_{half}") for half in ("forward", "backward"))
    return (lambda x: forward(x, **options)), backward


@EACH
@FLOATS
def test_one_number_at_a_time(both_ways, name, dtype):  # noqa: F811
    forward, _ = pair(name)
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [rng.uniform(-12, 12, 300), rng.standard_normal(300), 10.0 ** rng.uniform(-20, 0, 50)]
    ).astype(dtype)
    y, _ = forward(x)
    expected = np.array([ELEMENTWISE[name][2](float(v)) for v in x])
    assert y.dtype == dtype
    # Errors of an exponent become as large again in exp; and some results cancel around 0.
    wide = np.abs(x.astype(np.float64))
    relative = {"gelu": 1 + wide**2, "gelu_tanh": 1 + wide + wide**3}.get(name, 1)
    absolute = name in ("tanhshrink", "softshrink", "hardsigmoid", "hardswish")
    bound = 8 * (relative * np.abs(expected) + absolute) * np.finfo(dtype).eps
    assert (np.abs(y - expected) <= bound + np.finfo(dtype).tiny).all()


@EACH
@given(shape=SHAPES, seed=st.integers(0, 99))
def test_gradients(name, shape, seed):
    forward, backward = pair(name)
    x = 2 * np.random.default_rng(seed).standard_normal(shape)
    for kink in KINKS.get(name, []):
        x = np.where(np.abs(x - kink) < 1e-3, kink + 0.01, x)
    check_pair(forward, backward, [np.asarray(x)], seed=seed)


@pytest.mark.parametrize("name", [n for n in ELEMENTWISE if n not in ("erf",)])
def test_gradients_in_plain_numpy(monkeypatch, name):
    without_kernels(monkeypatch)
    forward, backward = pair(name)
    x = np.linspace(-3.7, 3.9, 24).reshape(2, 3, 4)
    check_pair(forward, backward, [x])


def test_slopes_at_the_kinks(both_ways):  # noqa: F811
    """The side that PyTorch takes."""
    slopes = {
        "relu": {0: 0},
        "leaky_relu": {0: 0.25},
        "hardtanh": {-0.5: 0, 2: 0},
        "hardsigmoid": {-3: 0, 3: 0},
        "hardswish": {-3: 0, 3: 1},
        "threshold": {0.3: 0},
        "hardshrink": {-0.4: 0, 0.4: 0},
        "softshrink": {-0.4: 0, 0.4: 0},
        "elu": {0: 1.5 * 1.25 * 0.5},
    }
    for name, at in slopes.items():
        forward, backward = pair(name)
        x = np.array([float(v) for v in at])
        dx = backward(np.ones_like(x), forward(x)[1])
        np.testing.assert_array_equal(dx, list(at.values()), err_msg=name)


@pytest.mark.peer
@EACH
@FLOATS
def test_extremes_give_nan_only_where_pytorch_does(both_ways, name, dtype):  # noqa: F811
    torch = pytest.importorskip("torch")
    call = {"gelu_tanh": lambda x: torch.nn.functional.gelu(x, approximate="tanh")}.get(name)
    if call is None:
        call = getattr(torch.nn.functional, name, None) or getattr(torch, name)
    options = {"softplus": {"beta": 2.0}, "threshold": {"threshold": 0.3, "value": -7.0}}
    big = np.finfo(dtype).max
    x = np.array([0.0, -0.0, 1e4, -1e4, 1e30, -1e30, big, -big, np.inf, -np.inf], dtype)
    theirs = torch.tensor(x, requires_grad=True)
    y = call(theirs, **options.get(name, {}))
    y.backward(torch.ones_like(y))
    with np.errstate(all="ignore"):
        forward, backward = pair(name)
        ours, cache = forward(x)
        dx = backward(np.ones_like(x), cache)
    allowed = np.isnan(y.detach().numpy()), np.isnan(theirs.grad.numpy())
    assert not (np.isnan(ours) & ~allowed[0]).any(), x[np.isnan(ours) & ~allowed[0]]
    assert not (np.isnan(dx) & ~allowed[1]).any(), x[np.isnan(dx) & ~allowed[1]]
    assert np.isnan(forward(np.full(3, np.nan, dtype))[0]).all()


@EACH
def test_kernels_and_numpy_agree(name, monkeypatch):
    rng = np.random.default_rng(3)
    x = (4 * rng.standard_normal(1000)).astype(np.float32)
    dy = rng.standard_normal(1000).astype(np.float32)
    forward, backward = pair(name)
    y, cache = forward(x)
    dx = backward(dy, cache)
    without_kernels(monkeypatch)
    plain, cache = forward(x)
    np.testing.assert_allclose(y, plain, rtol=2e-6, atol=2e-7)
    np.testing.assert_allclose(dx, backward(dy, cache), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["relu", "gelu", "silu", "tanh", "elu", "leaky_relu"])
def test_any_number_of_threads_and_any_layout(name):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, 600_001)).astype(np.float32)
    dy = rng.standard_normal(x.shape).astype(np.float32)
    forward, backward = pair(name)
    results = []
    for threads in (1, 2):
        with scratchml.set_num_threads(threads):
            y, cache = forward(x)
            results.append((y, backward(dy, cache)))
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)
    y, dx = results[0]
    part = x[:, 1000:1010].T
    part.flags.writeable = False
    again, cache = forward(part)
    np.testing.assert_array_equal(again, y[:, 1000:1010].T)
    np.testing.assert_array_equal(backward(dy[:, 1000:1010].T, cache), dx[:, 1000:1010].T)


@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), st.data())
def test_softmax_and_its_logarithm(shape, data):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = 3 * np.random.default_rng(len(shape)).standard_normal(shape)
    p, _ = softmax.softmax_forward(x, dim)
    e = np.exp(x)
    np.testing.assert_allclose(p, e / e.sum(axis=dim, keepdims=True), rtol=1e-13)
    np.testing.assert_allclose(softmax.log_softmax_forward(x, dim)[0], np.log(p), 1e-12, 1e-13)
    check_pair(softmax.softmax_forward, softmax.softmax_backward, [x], dim)
    check_pair(softmax.log_softmax_forward, softmax.log_softmax_backward, [x], dim)


@pytest.mark.parametrize("n", [1, 2, 10, 100, 1000, 5000])
@FLOATS
def test_rows_of_every_length(both_ways, n, dtype):  # noqa: F811
    """Short rows are taken some at a time, and long ones by halves."""
    rng = np.random.default_rng(n)
    x = (5 * rng.standard_normal((7, n))).astype(dtype)
    x[3] += 1e4
    wide = x.astype(np.longdouble)
    e = np.exp(wide - wide.max(axis=1, keepdims=True))
    expected = e / e.sum(axis=1, keepdims=True)
    eps = np.finfo(dtype).eps
    p, cache = softmax.softmax_forward(x)
    np.testing.assert_allclose(p, expected, rtol=30 * eps, atol=10 * np.finfo(dtype).tiny)
    log_p, log_cache = softmax.log_softmax_forward(x)
    np.testing.assert_allclose(log_p, np.log(expected), rtol=10 * eps, atol=10 * eps)
    dy = rng.standard_normal(x.shape).astype(dtype)
    inner = (dy * expected).sum(axis=1, keepdims=True)
    dx = softmax.softmax_backward(dy, cache)
    np.testing.assert_allclose(dx, expected * (dy - inner), rtol=0, atol=40 * eps)
    dx = softmax.log_softmax_backward(dy, log_cache)
    whole = dy.astype(np.longdouble).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(dx, dy - expected * whole, rtol=0, atol=60 * eps * n**0.5)


@pytest.mark.parametrize("n", [2, 9, 17, 19, 35, 36, 67, 75])
def test_the_largest_is_found_wherever_it_is(both_ways, n):  # noqa: F811
    """Another number in its place would serve as well, unless the others are far above it."""
    x = 1e4 * np.eye(n, dtype=np.float32)
    np.testing.assert_array_equal(softmax.softmax_forward(x)[0], np.eye(n))
    np.testing.assert_array_equal(softmax.log_softmax_forward(x)[0], x - 1e4)


def test_softmax_of_infinities(both_ways):  # noqa: F811
    x = np.array([[-np.inf, 0.0, 0.0], [-np.inf] * 3, [np.inf, 0.0, 1.0], [np.nan, 0.0, 1.0]])
    with np.errstate(all="ignore"):
        p, _ = softmax.softmax_forward(x)
        log_p, _ = softmax.log_softmax_forward(x)
    np.testing.assert_array_equal(p[0], [0, 0.5, 0.5])
    assert log_p[0, 0] == -np.inf
    assert np.isnan(p[1:]).all()
    assert np.isnan(log_p[1:]).all()


def test_large_softmax_with_any_number_of_threads():
    x = np.random.default_rng(0).standard_normal((3000, 100)).astype(np.float32)
    results = []
    for threads in (1, 2):
        with scratchml.set_num_threads(threads):
            results.append(softmax.softmax_forward(x)[0])
    np.testing.assert_array_equal(*results)
    np.testing.assert_array_equal(results[0][17:19], softmax.softmax_forward(x[17:19])[0])
    moved, _ = softmax.softmax_forward(np.ascontiguousarray(x.T), 0)
    np.testing.assert_array_equal(moved, results[0].T)
    assert moved.flags.c_contiguous


@given(hnp.array_shapes(min_dims=2, max_dims=4, max_side=3), st.booleans())
def test_prelu_glu_rrelu(shape, one):
    rng = np.random.default_rng(len(shape))
    x = rng.standard_normal(shape)
    a = rng.standard_normal(1 if one else shape[1])
    check_pair(activation.prelu_forward, activation.prelu_backward, [x, a])
    check_pair(activation.prelu_forward, activation.prelu_backward, [x[0, 0], a[:1]])
    check_pair(activation.rrelu_forward, activation.rrelu_backward, [x], rng.random(shape))
    doubled = np.concatenate([x, x[::-1] + 1], axis=0)
    check_pair(smooth.glu_forward, smooth.glu_backward, [doubled], 0)


@pytest.mark.parametrize("i", range(len(ACTIVATIONS)), ids=map(label, ACTIVATIONS))
def test_as_pytorch_stored(both_ways, i):  # noqa: F811
    coarse = ACTIVATIONS[i][0] == "hardsigmoid"  # PyTorch's 1 / 6 is a float32
    with np.errstate(all="ignore"):
        check_stored("activation", i, rtol=1e-7 if coarse else 1e-12)


@pytest.mark.peer
@pytest.mark.parametrize("i", range(len(ACTIVATIONS)), ids=map(label, ACTIVATIONS))
def test_as_pytorch_live(i):
    check_live("activation", i, rtol=2e-5, atol=2e-6)


IN_PLACE = ["relu", "leaky_relu", "relu6", "hardtanh", "hardsigmoid", "hardswish", "elu", "selu"]
IN_PLACE += ["celu", "silu", "mish"]


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name):
    """The input becomes the output, and its gradient is that of the output."""
    values = np.linspace(-2, 2, 9)
    plain = tensor(values, True)
    y = getattr(F, name)(plain * 3)
    y.backward(tensor(values))
    leaf = tensor(values, True)
    x = leaf * 3
    z = getattr(F, name)(x, inplace=True)
    assert z is x
    np.testing.assert_array_equal(x.array, y.array)
    x.backward(tensor(values))
    np.testing.assert_array_equal(leaf.grad.array, plain.grad.array)
    with pytest.raises(RuntimeError, match="leaf"):
        getattr(F, name)(leaf, inplace=True)
    with no_grad():
        getattr(F, name)(leaf, inplace=True)
    np.testing.assert_array_equal(leaf.array, getattr(F, name)(tensor(values)).array)


def test_rrelu_draws_slopes_in_training():
    x = tensor(-np.ones(10_000, np.float32), True)
    y = F.rrelu(x, 0.2, 0.4, training=True)
    assert y.array.min() >= -0.4 - 1e-6
    assert y.array.max() <= -0.2
    assert abs(y.array.mean() + 0.3) < 0.002
    y.backward(tensor(np.ones(10_000, np.float32)))
    np.testing.assert_array_equal(x.grad.array, -y.array)


def test_errors():
    x = tensor(np.ones((2, 3)))
    whole = tensor(np.arange(3))
    for name in ("sigmoid", "gelu", "softplus", "leaky_relu", "hardtanh", "elu", "glu"):
        with pytest.raises(TypeError, match=f"{name} needs a tensor of floats, got int64"):
            getattr(F, name)(whole)
    assert F.relu(tensor(np.arange(-2, 2))).array.tolist() == [0, 0, 0, 1]
    with pytest.raises(ValueError, match="approximate must be 'none' or 'tanh', got 'erf'"):
        F.gelu(x, "erf")
    with pytest.raises(ValueError, match=r"axis 1 must have an even length.*\(2, 3\)"):
        F.glu(x, 1)
    with pytest.raises(ValueError, match=r"3 channels.*got shape \(2,\)"):
        F.prelu(x, tensor(np.ones(2)))
    with pytest.raises(TypeError, match="float64 and float32"):
        F.prelu(x, tensor(np.ones(1, np.float32)))
    with pytest.raises(ValueError, match="min_val must not exceed max_val, got 2.0 and 1.0"):
        F.hardtanh(x, 2.0, 1.0)
    with pytest.raises(ValueError, match="lambd must not be negative, got -1"):
        F.softshrink(x, -1)
    with pytest.raises(IndexError, match=r"softmax: dim must be in \[-2, 1\].*got 2"):
        F.softmax(x, 2)
    with pytest.raises(TypeError, match="softmax needs"):
        F.softmax(whole, 0)
    with pytest.warns(UserWarning, match="dim was chosen to be 1"):
        F.softmax(x)
    assert F.log_softmax(x, 1, dtype=np.dtype(np.float32)).array.dtype == np.float32
