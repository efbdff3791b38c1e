"""Every layer beside PyTorch's: names, shapes, reprs, outputs and gradients; stored and live."""

import copy
import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest

import scratchml.nn as nn
from scratchml.tensor.tape import constant

from .layer_cases import LAYERS, label

REFERENCE = Path(__file__).parent / "reference" / "layers.npz"
# Random in training (their draws are tested in test_dropout) and RReLU's slopes.
RANDOM = {"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "RReLU"}
RANDOM |= {"FeatureAlphaDropout"}

# PyTorch holds a constant of these (1 / 6, 1 / alpha) in float32, also for float64.
COARSE = {"Hardsigmoid", "CELU"}

cases = pytest.mark.parametrize("case", LAYERS, ids=label)


def inputs_of(case, dtype=np.float64):
    """Return the arrays that go into a layer, the same in every run."""
    rng = np.random.default_rng(sum(map(ord, case[0])))
    return [
        rng.integers(0, 10, (3, 4))
        if shape == "indices"
        else rng.standard_normal(shape).astype(dtype)
        for shape in case[3]
    ]


def build(case, **more):
    return getattr(nn, case[0])(*case[1], **case[2], **more)


def fill(state):
    """Give a state dict, of either library, values that are not those of a fresh layer."""
    rng = np.random.default_rng(7)
    for tensor in state.values():
        values = np.asarray(getattr(tensor, "array", tensor))
        if values.dtype.kind == "f":
            values[...] = 0.5 + rng.random(values.shape)


def run(module, arrays, weights=None):
    """Return output, gradients of inputs and of parameters for the loss sum(y * weights)."""
    xs = [nn.Parameter(a) if a.dtype.kind == "f" else constant(a) for a in arrays]
    y = module(*[x * 1.0 if x.requires_grad else x for x in xs])  # inplace=True changes no leaf
    dy = np.random.default_rng(3).standard_normal(y.shape).astype(y.dtype)
    module.zero_grad()
    if y.requires_grad:
        y.backward(constant(dy))
    grads = {f"input{i}": x.grad.array for i, x in enumerate(xs) if x.grad is not None}
    grads |= {n: p.grad.array for n, p in module.named_parameters() if p.grad is not None}
    return y.array, grads


def torch_run(torch, module, arrays):
    xs = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    y = module(*[x * 1.0 if x.requires_grad else x for x in xs])
    dy = np.random.default_rng(3).standard_normal(tuple(y.shape)).astype(y.detach().numpy().dtype)
    module.zero_grad()
    if y.requires_grad:
        y.backward(torch.tensor(dy))
    grads = {f"input{i}": x.grad.numpy() for i, x in enumerate(xs) if x.grad is not None}
    grads |= {n: p.grad.numpy() for n, p in module.named_parameters() if p.grad is not None}
    return y.detach().numpy(), grads


def assert_same(mine, theirs, rtol=1e-9):
    assert mine.keys() == theirs.keys()
    for name, value in theirs.items():
        assert mine[name].shape == value.shape, name
        scale = max(1.0, float(np.abs(value).max(initial=0)))
        np.testing.assert_allclose(mine[name], value, rtol=rtol, atol=rtol * scale, err_msg=name)


@cases
def test_a_layer_is_copied_pickled_and_shown(case):
    layer = build(case)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(twin) == repr(layer)
        assert list(twin.state_dict()) == list(layer.state_dict())
    assert repr(layer).startswith(f"{case[0]}(")


@cases
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.peer
def test_outputs_and_gradients_as_in_torch(case, training):
    """With the same values in float64; two calls, so that averages over batches are compared."""
    torch = pytest.importorskip("torch")
    if training and case[0] in RANDOM:
        training = False
    layer = build(case).double().train(training)
    peer = getattr(torch.nn, case[0])(*case[1], **case[2]).double().train(training)
    fill(layer.state_dict())
    fill(peer.state_dict())
    arrays, rtol = inputs_of(case), 1e-7 if case[0] in COARSE else 1e-9
    for factor in (1, 2):
        arrays = [a * factor if a.dtype.kind == "f" else a for a in arrays]
        y, grads = run(layer, arrays)
        expected, expected_grads = torch_run(torch, peer, arrays)
        assert_same({"y": y, **grads}, {"y": expected, **expected_grads}, rtol=rtol)
    ours = {k: v.array for k, v in layer.state_dict().items()}
    assert_same(ours, {k: v.numpy() for k, v in peer.state_dict().items()})


@cases
@pytest.mark.peer
def test_names_shapes_dtypes_and_reprs_as_in_torch(case):
    torch = pytest.importorskip("torch")
    layer, peer = build(case), getattr(torch.nn, case[0])(*case[1], **case[2])
    told = [(k, tuple(v.shape), str(v.dtype)) for k, v in layer.state_dict().items()]
    theirs = peer.state_dict().items()
    assert told == [(k, tuple(v.shape), str(v.dtype).removeprefix("torch.")) for k, v in theirs]
    assert repr(layer) == repr(peer)
    parameters = [n for n, _ in layer.named_parameters()]
    assert parameters == [n for n, _ in peer.named_parameters()]
    # their state, as torch gives it, can be loaded
    assert layer.load_state_dict({k: v.numpy() for k, v in theirs}) == ([], [])


# Arguments of PyTorch's that mean nothing here, and so are absent.
ABSENT = {"Hardtanh": {"min_value", "max_value"}}
NOT_HERE = {
    "Sigmoid",
    "LogSigmoid",
    "Tanh",
    "Tanhshrink",
    "Softsign",
    "Softmax2d",
}  # *args, **kwargs


@pytest.mark.parametrize("name", sorted({case[0] for case in LAYERS} - NOT_HERE))
@pytest.mark.peer
def test_arguments_their_order_and_defaults_as_in_torch(name):
    torch = pytest.importorskip("torch")

    def told(thing):
        parameters = inspect.signature(thing).parameters.values()
        return [
            (p.name, p.kind, p.default) for p in parameters if p.name not in ABSENT.get(name, ())
        ]

    assert told(getattr(nn, name)) == told(getattr(torch.nn, name))
    mine = getattr(nn, name).forward
    theirs = getattr(torch.nn, name).forward
    assert list(inspect.signature(mine).parameters) == list(inspect.signature(theirs).parameters)


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
def test_stored_outputs_and_gradients_of_torch(case, reference):
    """What torch computed in float32: `make_layers_reference.py`."""
    layer, key = build(case).eval(), f"{LAYERS.index(case)}:"
    stored = {k.removeprefix(key): v for k, v in reference.items() if k.startswith(key)}
    fill(layer.state_dict())
    y, grads = run(layer, inputs_of(case, np.float32))
    assert_same({"y": y, **grads}, stored, rtol=2e-5)  # float32: sums of some hundred products


# What goes wrong


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.Conv2d(3, 4, 3, groups=2),
            "in_channels of Conv2d must be a multiple of groups",
        ),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "out_channels of Conv2d must be a multiple"),
        (lambda: nn.Conv2d(4, 4, 3, groups=0), "groups of Conv2d must be an int of at least 1"),
        (lambda: nn.Conv2d(3, 4, (3, 3, 3)), "kernel_size of Conv2d must be an int or 2 of them"),
        (lambda: nn.Conv2d(3, 4, 3.5), "kernel_size of Conv2d must be an int or 2 of them"),
        (
            lambda: nn.Conv1d(3, 4, 3, padding="full"),
            "padding of Conv1d must be an int or 1 of them",
        ),
        (lambda: nn.Conv2d(3, 4, 3, 2, "same"), "padding='same' of Conv2d needs stride 1"),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="zero"), "padding_mode of Conv2d must be one of"),
        (
            lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"),
            "padding_mode of ConvTranspose2d must be 'zeros'",
        ),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding="same"), "padding of ConvTranspose2d must be"),
        (lambda: nn.Bilinear(0, 1, 1), "in1_features of Bilinear must be at least 1"),
        (
            lambda: nn.GroupNorm(4, 6),
            "num_channels of GroupNorm must be a multiple of num_groups=4",
        ),
        (lambda: nn.Dropout(1.5), r"p of Dropout must be in the range \[0, 1\], got 1.5"),
        (lambda: nn.Embedding(10, 3, padding_idx=10), "padding_idx of Embedding must be the index"),
        (lambda: nn.Embedding(10, 3, sparse=True), "sparse of Embedding must be False"),
        (lambda: nn.MSELoss(reduction="max"), "MSELoss: reduction must be one of"),
    ],
)
def test_arguments_are_checked_and_errors_name_the_layer(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("name", "args", "shape"),
    [
        ("Linear", (3, 4), (2, 5)),
        ("Conv2d", (3, 4, 3), (2, 4, 8, 8)),
        ("Conv2d", (3, 4, 3), (8, 8)),
        ("ConvTranspose2d", (3, 4, 3), (2, 4, 8, 8)),
        ("MaxPool2d", (2,), (8, 8)),
        ("BatchNorm1d", (3,), (2, 3, 4, 5)),
        ("BatchNorm2d", (3,), (2, 3)),
        ("BatchNorm2d", (3,), (2, 4, 5, 5)),
        ("BatchNorm2d", (3,), (1, 3, 1, 1)),
        ("InstanceNorm2d", (3,), (2, 3)),
        ("LayerNorm", (3,), (2, 4)),
        ("GroupNorm", (2, 4), (2, 6, 3)),
        ("Softmax2d", (), (2, 3)),
    ],
)
def test_shapes_that_do_not_fit_are_named_with_the_layer(name, args, shape):
    layer = getattr(nn, name)(*args)
    with pytest.raises(ValueError) as caught:
        layer(constant(np.ones(shape, np.float32)))
    told = f"{caught.value}\n" + "\n".join(caught.value.__notes__)
    assert f"in {layer!r}" in told
    assert str(shape) in told


def test_a_failed_batch_changes_no_average():
    layer = nn.BatchNorm2d(3)
    with pytest.raises(ValueError):
        layer(constant(np.ones((1, 3, 1, 1), np.float32)))
    assert layer.num_batches_tracked.item() == 0
    assert (layer.running_mean.array == 0).all()


@pytest.mark.peer
def test_tracking_that_is_switched_off_later_as_in_torch():
    torch = pytest.importorskip("torch")
    layer, peer = nn.BatchNorm1d(3), torch.nn.BatchNorm1d(3)
    layer.track_running_stats = peer.track_running_stats = False
    x = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    for training in (True, False):
        y, expected = layer.train(training)(constant(x)), peer.train(training)(torch.tensor(x))
        np.testing.assert_allclose(y.array, expected.detach().numpy(), rtol=1e-5, atol=1e-6)
    assert not layer.running_mean.array.any()
    assert layer.num_batches_tracked.item() == peer.num_batches_tracked.item() == 0


def test_averages_can_be_forgotten():
    layer = nn.BatchNorm1d(3)
    layer(constant(np.arange(6, dtype=np.float32).reshape(2, 3)))
    assert layer.running_mean.array.any()
    layer.reset_running_stats()
    assert not layer.running_mean.array.any()
    assert (layer.running_var.array == 1).all()
    assert layer.num_batches_tracked.item() == 0


def test_files_without_a_count_of_batches_can_be_loaded():
    layer = nn.BatchNorm1d(3)
    state = {k: v for k, v in layer.state_dict().items() if k != "num_batches_tracked"}
    assert layer.load_state_dict(state) == ([], [])


def test_output_size_of_transposed_convolutions():
    layer = nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1)
    x = constant(np.ones((1, 2, 5, 4), np.float32))
    for size in ((9, 7), (10, 8), (9, 8)):
        assert layer(x, output_size=size).shape == (1, 3, *size)
        assert layer(x, output_size=[1, 3, *size]).shape == (1, 3, *size)
    for size in ((8, 7), (11, 8), (9,), (2, 9, 7)):
        with pytest.raises(
            ValueError, match=r"output_size of ConvTranspose2d must be between \(9, 7\)"
        ):
            layer(x, output_size=size)


def test_embedding_from_a_table():
    table = constant(np.arange(6, dtype=np.float32).reshape(3, 2))
    layer = nn.Embedding.from_pretrained(table)
    assert layer.weight.array is table.array
    assert not layer.weight.requires_grad
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    assert layer(constant(np.array([2, 0]))).array.tolist() == [[4, 5], [0, 1]]
    with pytest.raises(ValueError, match=r"embeddings must have shape \(num_embeddings"):
        nn.Embedding.from_pretrained(constant(np.ones(3, np.float32)))
    with pytest.raises(ValueError, match=r"must have shape \(4, 2\), got \(3, 2\)"):
        nn.Embedding(4, 2, _weight=table)


@pytest.mark.parametrize("size", [(5,), (5, 7), (5, 4, 3)])
@pytest.mark.peer
def test_max_unpooling_as_in_torch(size):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal((2, 3, *size)).astype(np.float32)
    pool, unpool = f"MaxPool{len(size)}d", f"MaxUnpool{len(size)}d"
    layers = [getattr(lib, pool)(2, return_indices=True) for lib in (nn, torch.nn)]
    inverse = [getattr(lib, unpool)(2) for lib in (nn, torch.nn)]
    assert repr(inverse[0]) == repr(inverse[1])
    for whole in (size, (2, 3, *size)):
        mine = inverse[0](*layers[0](constant(x)), output_size=whole)
        theirs = inverse[1](*layers[1](torch.tensor(x)), output_size=whole)
        np.testing.assert_array_equal(mine.array, theirs.numpy())


def test_max_pooling_gives_indices():
    x = constant(np.array([[[1.0, 5, 2, 2], [3, 0, 2, 1]]], np.float32))
    y, indices = nn.MaxPool2d(2, return_indices=True)(x)
    assert y.array.tolist() == [[[5, 2]]]
    assert indices.array.tolist() == [[[1, 2]]]
