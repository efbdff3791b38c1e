"""Initial values: PyTorch's numbers from the same seed, and the distributions they come from."""

import inspect
import math

import numpy as np
import pytest

import scratchml.nn as nn
import scratchml.tensor as torch_like
from scratchml.nn import init
from scratchml.nn.init.scaled import fans
from scratchml.tensor.tape import constant

from .layer_cases import FRESH, label
from .test_layers import reference  # noqa: F401 (a fixture)


def empty(*shape, dtype=np.float32):
    return constant(np.empty(shape, dtype))


# name, arguments, options, whether the numbers are PyTorch's to the last bit
RANDOM = [
    ("uniform_", (), {}, True),
    ("uniform_", (-0.3, 0.5), {}, True),
    ("normal_", (), {}, True),
    ("normal_", (0.5, 0.1), {}, True),
    ("trunc_normal_", (), {}, True),
    ("trunc_normal_", (0.1, 0.5), {"a": -0.5, "b": 0.3}, True),
    ("trunc_normal_", (0.0, 1.0), {"a": 1.0, "b": 3.0}, True),
    ("xavier_uniform_", (), {"gain": 2.0}, True),
    ("xavier_normal_", (), {}, True),
    ("kaiming_uniform_", (), {"a": 0.2}, True),
    ("kaiming_uniform_", (), {"mode": "fan_out", "nonlinearity": "relu"}, True),
    ("kaiming_normal_", (), {"nonlinearity": "tanh"}, True),
    ("orthogonal_", (), {"gain": 1.5}, False),
    ("sparse_", (0.4,), {"std": 0.3}, True),
]


@pytest.mark.parametrize(
    ("name", "args", "options", "exact"), RANDOM, ids=[f"{r[0]}{r[1]}{r[2]}" for r in RANDOM]
)
@pytest.mark.parametrize("shape", [(3, 4), (20, 30), (4, 3, 5, 5)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.peer
def test_the_numbers_are_those_of_torch(name, args, options, exact, shape, dtype):
    torch = pytest.importorskip("torch")
    if name == "sparse_" and len(shape) > 2:
        return
    theirs = torch.empty(shape, dtype=getattr(torch, dtype))
    torch.manual_seed(5)
    getattr(torch.nn.init, name)(theirs, *args, **options)
    mine = empty(*shape, dtype=dtype)
    torch_like.manual_seed(5)
    assert getattr(init, name)(mine, *args, **options) is mine
    # The last bit: logarithm and cosine of the normal numbers; a QR decomposition.
    rtol = {"float32": 1e-6, "float64": 1e-14}[dtype] * (1 if exact else 100)
    np.testing.assert_allclose(mine.array, theirs.numpy(), rtol=rtol, atol=rtol)
    if exact and dtype == "float32":
        assert (mine.array == theirs.numpy()).mean() > 0.99
    # and as many were drawn
    assert torch_like.rand(1).item() == torch.rand(1).item()


@pytest.mark.parametrize("i", range(len(FRESH)), ids=[label(case) for case in FRESH])
def test_fresh_layers_have_the_stored_weights_of_torch(i, reference):  # noqa: F811
    name, args, options = FRESH[i]
    torch_like.manual_seed(0)
    layer = getattr(nn, name)(*args, **options)
    for key, parameter in layer.named_parameters():
        expected = reference[f"fresh:{i}:{key}"]
        np.testing.assert_allclose(parameter.array, expected, rtol=1e-6, atol=1e-7)
        assert parameter.dtype == np.float32


@pytest.mark.peer
def test_a_whole_net_has_the_weights_of_torch():
    torch = pytest.importorskip("torch")

    def net(lib):
        return lib.Sequential(
            lib.Conv2d(3, 6, 5),
            lib.BatchNorm2d(6),
            lib.ConvTranspose2d(6, 4, 3, groups=2),
            lib.Linear(16, 3),
            lib.Bilinear(3, 2, 4),
            lib.Embedding(10, 3, padding_idx=1),
        )

    torch.manual_seed(3)
    torch_like.manual_seed(3)
    theirs = net(torch.nn).state_dict()
    for key, value in net(nn).state_dict().items():
        np.testing.assert_allclose(value.array, theirs[key].numpy(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (init.kaiming_uniform_, {}),
        (init.xavier_normal_, {}),
        (init.orthogonal_, {}),
        (init.trunc_normal_, {}),
        (init.trunc_normal_, {"a": 1.0, "b": 3.0}),
    ],
)
def test_a_generator_can_be_given(function, options):
    w, generator = empty(3, 4), torch_like.Generator().manual_seed(2)
    function(w, generator=generator, **options)
    torch_like.manual_seed(2)
    np.testing.assert_array_equal(function(empty(3, 4), **options).array, w.array)


def test_bounds_and_spreads():
    torch_like.manual_seed(0)
    w = empty(200, 100, 3)  # fan_in 300, fan_out 600
    assert fans(w) == (300, 600)
    for function, options, std in [
        (init.xavier_normal_, {"gain": 2.0}, 2 * math.sqrt(2 / 900)),
        (init.xavier_uniform_, {"gain": 2.0}, 2 * math.sqrt(2 / 900)),
        (init.kaiming_normal_, {"nonlinearity": "relu"}, math.sqrt(2 / 300)),
        (init.kaiming_uniform_, {"mode": "fan_out", "nonlinearity": "relu"}, math.sqrt(2 / 600)),
    ]:
        function(w, **options)
        assert w.array.std() == pytest.approx(std, rel=0.02)  # 60,000 numbers
        if "uniform" in function.__name__:
            assert abs(w.array).max() == pytest.approx(math.sqrt(3) * std, rel=1e-3)
            assert abs(w.array).max() <= np.float32(math.sqrt(3) * std)


@pytest.mark.parametrize(("a", "b"), [(-2.0, 2.0), (-0.5, 0.2), (1.0, 4.0), (-6.0, -1.9)])
def test_truncated_normal_numbers_follow_their_law(a, b):
    """Beside the distribution function (Phi(x) - Phi(a)) / (Phi(b) - Phi(a)) at 9 places."""
    torch_like.manual_seed(1)
    x = init.trunc_normal_(empty(200, 100), a=a, b=b).array

    def phi(z):
        return (1 + math.erf(z / math.sqrt(2))) / 2

    assert a <= x.min() <= x.max() <= b
    for place in np.linspace(a, b, 11)[1:-1]:
        expected = (phi(place) - phi(a)) / (phi(b) - phi(a))
        assert (x < place).mean() == pytest.approx(expected, abs=0.015)  # 4 sigma of 20,000


def test_a_mean_outside_of_the_bounds_is_warned_of():
    with pytest.warns(UserWarning, match="more than two standard deviations outside"):
        init.trunc_normal_(empty(3), mean=5.0)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 2, 3), (4, 4)])
def test_orthogonal_rows_or_columns(shape):
    w = init.orthogonal_(empty(*shape, dtype=np.float64), gain=2.0).array.reshape(shape[0], -1)
    square = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(square, 4 * np.eye(len(square)), atol=1e-13)


def test_constants():
    w = empty(2, 3)
    assert (init.constant_(w, 0.3).array == np.float32(0.3)).all()
    assert (init.ones_(w).array == 1).all()
    assert (init.zeros_(w).array == 0).all()
    np.testing.assert_array_equal(init.eye_(w).array, np.eye(2, 3))


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_dirac_lets_channels_through(axes, groups):
    layer = getattr(nn, f"Conv{axes}d")(4, 4, 3, padding=1, groups=groups, bias=False)
    init.dirac_(layer.weight, groups)
    x = constant(np.random.default_rng(0).standard_normal((2, 4, *[5] * axes)).astype(np.float32))
    np.testing.assert_array_equal(layer(x).array, x.array)


@pytest.mark.peer
def test_gains_and_dirac_as_in_torch():
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "selu"):
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    for slope in (None, 0.2, 1):
        expected = torch.nn.init.calculate_gain("leaky_relu", slope)
        assert init.calculate_gain("leaky_relu", slope) == pytest.approx(expected)
    for shape, groups in [((6, 2, 3), 2), ((3, 4, 2, 5), 1), ((4, 1, 3, 2, 3), 4)]:
        mine = init.dirac_(empty(*shape), groups).array
        theirs = torch.nn.init.dirac_(torch.empty(shape), groups)
        np.testing.assert_array_equal(mine, theirs.numpy())


@pytest.mark.parametrize("name", init.__all__)
@pytest.mark.peer
def test_arguments_as_in_torch(name):
    torch = pytest.importorskip("torch")

    def told(f):
        return [(p.name, p.default) for p in inspect.signature(f).parameters.values()]

    assert told(getattr(init, name)) == told(getattr(torch.nn.init, name))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: init.calculate_gain("swish"), "nonlinearity must be one of"),
        (lambda: init.calculate_gain("leaky_relu", True), "param must be the slope"),
        (lambda: init.kaiming_normal_(empty(2, 2), mode="fan"), "mode must be 'fan_in' or"),
        (lambda: init.xavier_normal_(empty(3)), r"weights of two axes or more.*\(3,\)"),
        (lambda: init.eye_(empty(3)), r"two axes, got shape \(3,\)"),
        (lambda: init.dirac_(empty(3, 3)), r"3, 4 or 5 axes, got shape \(3, 3\)"),
        (lambda: init.dirac_(empty(3, 3, 3), 2), "groups must divide the 3 filters, got 2"),
        (lambda: init.orthogonal_(empty(3)), "two axes or more"),
        (lambda: init.sparse_(empty(3), 0.5), "two axes"),
    ],
)
def test_what_cannot_be_done(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_empty_tensors_are_left_alone():
    with pytest.warns(UserWarning, match="nothing to initialise"):
        init.kaiming_uniform_(empty(0, 3))
    with pytest.warns(UserWarning, match="nothing to initialise"):
        init.kaiming_normal_(empty(0, 3))
    assert init.orthogonal_(empty(0, 3)).shape == (0, 3)


def test_parameters_are_changed_unseen_by_the_tape_but_noticed():
    layer = nn.Linear(3, 2)
    y = layer(constant(np.ones((1, 3), np.float32)))
    for change in (init.ones_, init.uniform_, init.orthogonal_, init.kaiming_normal_):
        version = layer.weight.version[0]
        assert change(layer.weight) is layer.weight
        assert layer.weight.is_leaf
        assert layer.weight.requires_grad
        assert layer.weight.version[0] > version
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward(constant(np.ones((1, 2), np.float32)))
