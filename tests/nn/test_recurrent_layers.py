"""RNN, LSTM, GRU and their cells: what is true whatever the weights, and what goes wrong."""

import copy
import inspect
import pickle
from itertools import product

import numpy as np
import pytest

import scratchml.tensor as torch
from scratchml import nn
from scratchml.nn.utils import rnn

KINDS = ("RNN", "LSTM", "GRU")
kinds = pytest.mark.parametrize("kind", KINDS)
T, B, E, H = 5, 3, 2, 4

OPTIONS = [
    {"num_layers": layers, "bidirectional": both, "batch_first": first, "bias": bias}
    for layers, both, first, bias in product((1, 2), (False, True), (False, True), (False, True))
]
CASES = [(kind, options) for kind in KINDS for options in OPTIONS] + [
    ("RNN", {"nonlinearity": "relu", "num_layers": 2}),
    ("LSTM", {"proj_size": 3, "num_layers": 2, "bidirectional": True}),
]
cases = pytest.mark.parametrize(
    ("kind", "options"),
    CASES,
    ids=[f"{k}({', '.join(f'{n}={v}' for n, v in o.items())})" for k, o in CASES],
)


def made(kind, **options):
    torch.manual_seed(1)
    return getattr(nn, kind)(E, H, **options).double()


def numbers(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def states(layer, batch=B, seed=1):
    rows = layer.num_layers * (1 + layer.bidirectional)
    h = numbers(rows, batch, layer.proj_size or H, seed=seed)
    return (h, numbers(rows, batch, H, seed=seed + 1)) if layer.mode == "LSTM" else h


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def part(state, function):
    """Apply a function to h, or to h and c."""
    return tuple(map(function, state)) if isinstance(state, tuple) else function(state)


def same(a, b, rtol=1e-12):
    for x, y in zip(parts(a), parts(b), strict=True):
        np.testing.assert_allclose(x.detach().numpy(), y.detach().numpy(), rtol=rtol, atol=1e-14)


# What is true whatever the weights


@cases
def test_a_packed_batch_is_its_sequences_one_by_one(kind, options):
    layer = made(kind, **{**options, "batch_first": False})
    given, lengths = states(layer), [2, 1, 5]  # sorted by a cycle of three
    rows = [numbers(n, E, seed=n).requires_grad_() for n in lengths]
    packed = rnn.pack_sequence(rows, enforce_sorted=False)
    y, final = layer(packed, given)
    assert isinstance(y, rnn.PackedSequence)
    assert y.batch_sizes is packed.batch_sizes
    sum((p**2).sum() for p in (y.data, *parts(final))).backward()
    gradients = [p.grad.numpy().copy() for p in (*rows, *layer.parameters())]
    layer.zero_grad()
    for row in rows:
        row.grad = None
    for b, (row, whole) in enumerate(zip(rows, rnn.unpack_sequence(y), strict=True)):
        alone, last = layer(row, part(given, lambda s, b=b: s[:, b]))
        same(alone, whole)
        same(last, part(final, lambda s, b=b: s[:, b]))
        sum((p**2).sum() for p in (alone, *parts(last))).backward()
    for p, gradient in zip((*rows, *layer.parameters()), gradients, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), gradient, rtol=1e-10, atol=1e-12)


@cases
def test_padding_changes_nothing_of_a_packed_batch(kind, options):
    layer = made(kind, **options)
    x, lengths = numbers(B, T, E), [5, 2, 4]
    results = []
    for value in (0.0, float("nan")):
        batch = x.clone()
        for b, n in enumerate(lengths):
            batch[b, n:] = value
        batch = batch if layer.batch_first else batch.transpose(0, 1)
        packed = rnn.pack_padded_sequence(batch, lengths, layer.batch_first, False)
        y, final = layer(packed)
        results.append((rnn.pad_packed_sequence(y, layer.batch_first)[0], *parts(final)))
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())


@cases
def test_the_batch_comes_first_or_second_or_not_at_all(kind, options):
    layer = made(kind, **{**options, "batch_first": False})
    other = made(kind, **{**options, "batch_first": True})
    x, given = numbers(T, B, E), states(layer)
    y, final = layer(x, given)
    turned, last = other(x.transpose(0, 1), given)
    same(turned.transpose(0, 1), y)
    same(last, final)
    alone, last = layer(x[:, 1], part(given, lambda s: s[:, 1]))
    same(alone, y[:, 1])
    same(last, part(final, lambda s: s[:, 1]))
    assert alone.shape == y.shape[::2]
    assert [p.shape for p in parts(last)] == [p.shape[::2] for p in parts(final)]


@kinds
@pytest.mark.parametrize("layers", [1, 2])
def test_a_sequence_in_two_halves_with_the_state_carried_over(kind, layers):
    layer = made(kind, num_layers=layers)
    x, given = numbers(T, B, E), states(layer)
    y, final = layer(x, given)
    first, middle = layer(x[:2], given)
    second, last = layer(x[2:], middle)
    same(torch.cat([first, second]), y)
    same(last, final)


@kinds
def test_backwards_is_forwards_through_the_flipped_sequence(kind):
    both, one = made(kind, bidirectional=True), made(kind)
    for name, p in one.named_parameters():
        p.data = getattr(both, f"{name}_reverse").data
    x, given = numbers(T, B, E), states(both)
    y, final = both(x, given)
    flipped, last = one(x.flip(0), part(given, lambda s: s[1:]))
    same(flipped.flip(0), y[..., H:])
    same(last, part(final, lambda s: s[1:]))


@kinds
@pytest.mark.parametrize("bias", [False, True])
def test_a_cell_step_by_step_is_the_layer(kind, bias):
    layer = made(kind, bias=bias)
    cell = getattr(nn, f"{kind}Cell")(E, H, bias).double()
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, given = numbers(T, B, E).requires_grad_(), states(layer)
    y, final = layer(x, given)
    (y**2).sum().backward()
    gradient = x.grad.numpy().copy()
    x.grad = None
    now, steps = part(given, lambda s: s[0]), []
    for row in x:
        now = cell(row, now)
        steps.append(parts(now)[0])
    same(torch.stack(steps), y)
    same(now, part(final, lambda s: s[0]))
    (torch.stack(steps) ** 2).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), gradient, rtol=1e-12)
    for name, p in cell.named_parameters():
        other = getattr(layer, f"{name}_l0").grad.numpy()
        np.testing.assert_allclose(p.grad.numpy(), other, rtol=1e-11, atol=1e-13)


@kinds
def test_a_cell_takes_one_row(kind):
    cell = getattr(nn, f"{kind}Cell")(E, H).double()
    x, h = numbers(B, E), (numbers(B, H), numbers(B, H))
    given = h if kind == "LSTM" else h[0]
    same(cell(x[1], part(given, lambda s: s[1])), part(cell(x, given), lambda s: s[1]))
    same(cell(x), cell(x, part(given, lambda s: s * 0)))


@cases
def test_without_a_state_it_begins_with_zeros(kind, options):
    layer = made(kind, **options)
    x = numbers(B, T, E) if layer.batch_first else numbers(T, B, E)
    given = part(states(layer), lambda s: s * 0)
    for a, b in zip(layer(x), layer(x, given), strict=True):
        same(a, b)


@kinds
def test_an_empty_batch_has_empty_states_and_no_gradient(kind):
    layer = made(kind, num_layers=2, bidirectional=True)
    y, final = layer(numbers(T, 0, E))
    assert y.shape == (T, 0, 2 * H)
    assert {p.shape for p in parts(final)} == {(4, 0, H)}
    y.sum().backward()
    assert all((p.grad.numpy() == 0).all() for p in layer.parameters())


# Dropout


@kinds
def test_dropout_comes_between_layers_in_training_only(kind):
    plain, dropping = made(kind, num_layers=2), made(kind, num_layers=2, dropout=1.0)
    x = numbers(T, B, E)
    same(dropping.eval()(x)[0], plain(x)[0])
    y, _ = dropping.train()(x)
    above = made(kind, num_layers=1)  # the second layer of zeros
    for name, p in above.named_parameters():
        other = getattr(plain, name.replace("l0", "l1")).data
        p.data = (
            torch.zeros(len(other), E, dtype=torch.float64)
            if "ih_l0" in name and other.ndim == 2
            else other
        )
    same(y, above(x)[0])


@kinds
def test_what_is_dropped_depends_on_the_seed(kind):
    layer = made(kind, num_layers=3, dropout=0.5)
    x, found = numbers(T, B, E), []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        found.append(layer(x)[0].detach().numpy())
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])


def test_dropout_of_one_layer_says_that_it_has_no_effect():
    with pytest.warns(UserWarning, match="dropout of LSTM comes between its layers"):
        nn.LSTM(E, H, dropout=0.5)


# The tape


@kinds
def test_changes_in_place_are_noticed_where_they_matter(kind):
    layer = made(kind)
    x = numbers(T, B, E)
    y, final = layer(x)
    with torch.no_grad():
        for p in parts(final):
            p.zero_()  # copies of what the backward half reads
    y.sum().backward()
    y, _ = layer(x)
    with torch.no_grad():
        y.zero_()
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


@kinds
def test_gradients_stop_where_the_state_is_detached(kind):
    layer = made(kind)
    x = numbers(T, B, E).requires_grad_()
    _, state = layer(x[:2])
    y, _ = layer(x[2:], part(state, lambda s: s.detach()))
    y.sum().backward()
    assert (x.grad.numpy()[:2] == 0).all()
    assert (x.grad.numpy()[2:] != 0).all()


@kinds
def test_frozen_weights_have_no_gradient(kind):
    layer = made(kind, num_layers=2)
    layer.weight_hh_l0.requires_grad_(False)
    layer(numbers(T, B, E))[0].sum().backward()
    assert layer.weight_hh_l0.grad is None
    assert all(p.grad is not None for n, p in layer.named_parameters() if n != "weight_hh_l0")
    with torch.no_grad():
        assert not layer(numbers(T, B, E))[0].requires_grad


@kinds
def test_the_gradient_may_be_asked_for_twice(kind):
    layer = made(kind)
    y = layer(numbers(T, B, E))[0].sum()
    y.backward(retain_graph=True)
    once = [p.grad.numpy().copy() for p in layer.parameters()]
    y.backward()
    for p, g in zip(layer.parameters(), once, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), 2 * g, rtol=1e-15)


# What a layer is


@cases
def test_a_layer_is_copied_pickled_and_summed_up(kind, options):
    layer = made(kind, **options)
    x = numbers(B, T, E) if layer.batch_first else numbers(T, B, E)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(twin) == repr(layer)
        same(twin(x)[0], layer(x)[0])
    assert layer.flatten_parameters() is None
    names = [n for n, _ in layer.named_parameters()]
    weights = [w for group in layer.all_weights for w in group]
    assert [id(w) for w in weights] == [id(getattr(layer, n)) for n in names]
    assert kind in str(nn.summary(layer, x))


def test_multiplications_are_counted_for_every_row():
    once = H * (E + H) + H * (H + H)  # both layers
    for kind, gates in zip(KINDS, (1, 4, 3), strict=True):
        layer = getattr(nn, kind)(E, H, 2)
        assert nn.summary(layer, torch.ones(T, B, E)).multiply_adds == T * B * gates * once
        cell = getattr(nn, f"{kind}Cell")(E, H)
        assert nn.summary(cell, torch.ones(B, E)).multiply_adds == B * gates * H * (E + H)


@pytest.mark.parametrize("kind", [*KINDS, "RNNCell", "LSTMCell", "GRUCell"])
def test_weights_are_drawn_within_bounds_and_again(kind):
    layer = getattr(nn, kind)(30, 25)
    for p in layer.parameters():
        values = p.detach().numpy()
        assert (0.19 if values.ndim == 2 else 0.1) < np.abs(values).max() <= 0.2
        assert values.dtype == np.float32
    before = layer.state_dict()["weight_ih" + ("" if "Cell" in kind else "_l0")].numpy().copy()
    layer.reset_parameters()
    after = layer.state_dict()["weight_ih" + ("" if "Cell" in kind else "_l0")].numpy()
    assert not (before == after).any()


BAD = {
    "no sizes": (lambda: nn.LSTM(3, 0), ValueError, "hidden_size of LSTM must be at least 1, got"),
    "float": (lambda: nn.GRU(3, 4.0), TypeError, "hidden_size of GRU must be an int, got 4.0"),
    "layers": (lambda: nn.RNN(3, 4, 0), ValueError, "num_layers of RNN must be at least 1, got 0"),
    "dropout": (
        lambda: nn.LSTM(3, 4, 2, dropout=2),
        ValueError,
        r"dropout of LSTM .*\[0, 1\], got",
    ),
    "tanh": (lambda: nn.RNN(3, 4, 1, "sin"), ValueError, "must be 'tanh' or 'relu', got 'sin'"),
    "cell": (lambda: nn.RNNCell(3, 4, nonlinearity="sin"), ValueError, "'tanh' or 'relu'"),
    "cell size": (lambda: nn.GRUCell(3, 0), ValueError, "hidden_size of GRUCell must be at least"),
    "long": (lambda: nn.LSTM(3, 4, proj_size=4), ValueError, "less than hidden_size=4, got 4"),
    "mode": (lambda: nn.RNNBase("SRU", 3, 4), ValueError, "one of RNN_TANH, RNN_RELU, LSTM, GRU"),
    "project": (lambda: nn.RNNBase("GRU", 3, 4, proj_size=2), ValueError, "only an LSTM projects"),
    "half": (lambda: nn.LSTM(3, 4, dtype=np.float16), TypeError, "float32 or float64"),
}


@pytest.mark.parametrize(("make", "error", "message"), BAD.values(), ids=BAD)
def test_arguments_are_checked(make, error, message):
    with pytest.raises(error, match=message):
        make()


def ones(*shape, dtype=torch.float32):
    return torch.ones(*shape, dtype=dtype)


LSTM, GRU = nn.LSTM(3, 4), nn.GRU(3, 4, 2)
LSTM_CELL, GRU_CELL = nn.LSTMCell(3, 4), nn.GRUCell(3, 4)
DOUBLE = torch.float64
WRONG = {
    "axes": (lambda: LSTM(ones(3)), r"2 or 3 axes, got shape \(3,\)"),
    "width": (lambda: LSTM(ones(2, 2, 5)), r"shape \(\.\.\., 3\), got \(2, 2, 5\)"),
    "no step": (lambda: GRU(ones(0, 2, 3)), r"at least one step, got shape \(0, 2, 3\)"),
    "h0": (
        lambda: LSTM(ones(2, 2, 3), (ones(2, 2, 4), ones(1, 2, 4))),
        r"h0 must have shape \(1, 2, 4\), got \(2, 2, 4\)",
    ),
    "c0": (
        lambda: LSTM(ones(2, 2, 3), (ones(1, 2, 4), ones(1, 2, 5))),
        r"c0 must have shape \(1, 2, 4\), got \(1, 2, 5\)",
    ),
    "batched state": (
        lambda: GRU(ones(2, 3), ones(2, 1, 4)),
        r"hx must have shape \(2, 4\), got \(2, 1, 4\)",
    ),
    "state of a packed batch": (
        lambda: GRU(rnn.pack_sequence([ones(2, 3)]), ones(2, 2, 4)),
        r"hx must have shape \(2, 1, 4\), got \(2, 2, 4\)",
    ),
    "sizes": (
        lambda: GRU(rnn.PackedSequence(ones(4, 3), torch.tensor([1, 3]))),
        r"decreasing numbers that sum up to the 4 rows of data, got \[1, 3\]",
    ),
    "sum": (
        lambda: GRU(rnn.PackedSequence(ones(4, 3), torch.tensor([2, 1]))),
        r"sum up to the 4 rows of data, got \[2, 1\]",
    ),
    "cell's axes": (lambda: GRU_CELL(ones(2, 2, 3)), r"1 or 2 axes, got shape \(2, 2, 3\)"),
    "cell's width": (lambda: GRU_CELL(ones(2, 2)), r"shape \(\.\.\., 3\), got \(2, 2\)"),
    "cell's state": (
        lambda: GRU_CELL(ones(2, 3), ones(3, 4)),
        r"hx must have shape \(2, 4\), got \(3, 4\)",
    ),
}


@pytest.mark.parametrize(("call", "message"), WRONG.values(), ids=WRONG)
def test_shapes_that_do_not_fit_are_named_with_the_layer(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    told = f"{caught.value}\n" + "\n".join(caught.value.__notes__)
    assert any(f"in {layer!r}" in told for layer in (LSTM, GRU, LSTM_CELL, GRU_CELL))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LSTM(ones(2, 2, 3, dtype=DOUBLE)), "input must be of the weights' dtype float32"),
        (lambda: GRU(ones(2, 2, 3), ones(2, 2, 4, dtype=DOUBLE)), "hx must be of .*got float64"),
        (lambda: GRU_CELL(ones(2, 3, dtype=DOUBLE)), "input must be of the weights' dtype"),
        (lambda: GRU_CELL(ones(2, 3), ones(2, 4, dtype=DOUBLE)), "hx must be of the weights'"),
        (lambda: LSTM(ones(2, 2, 3), ones(1, 2, 4)), r"a tuple \(h0, c0\) of two Tensors"),
        (lambda: LSTM(ones(2, 2, 3), (ones(1, 2, 4),)), r"a tuple \(h0, c0\) of two Tensors"),
        (lambda: LSTM_CELL(ones(2, 3), ones(2, 4)), r"a tuple \(h0, c0\) of two Tensors"),
        (lambda: GRU(np.ones((2, 2, 3), np.float32)), "from_numpy"),
        (lambda: GRU(ones(2, 2, 3), np.ones((2, 2, 4), np.float32)), "from_numpy"),
        (lambda: GRU_CELL(np.ones((2, 3), np.float32)), "from_numpy"),
        (lambda: GRU(ones(2, 2, 3), (ones(2, 2, 4),)), "GRU: hx: a Tensor is needed, got tuple"),
        (lambda: LSTM(ones(2, 2, 3), (None, None)), "LSTM: h0: a Tensor is needed, got NoneType"),
    ],
)
def test_types_that_do_not_fit_are_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()


# Beside PyTorch; outputs and gradients of the whole grid are in test_sequences


@cases
@pytest.mark.peer
def test_fresh_weights_names_and_reprs_as_in_torch(kind, options):
    theirs = pytest.importorskip("torch")
    torch.manual_seed(0)
    theirs.manual_seed(0)
    layer, peer = getattr(nn, kind)(E, H, **options), getattr(theirs.nn, kind)(E, H, **options)
    assert repr(layer) == repr(peer)
    ours, expected = layer.state_dict(), peer.state_dict()
    assert list(ours) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name].numpy(), value.numpy(), err_msg=name)


@pytest.mark.parametrize("options", [{}, {"bias": False}, {"nonlinearity": "relu"}])
@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.peer
def test_fresh_cells_as_in_torch(kind, options):
    theirs = pytest.importorskip("torch")
    if kind != "RNNCell":
        options = {k: v for k, v in options.items() if k == "bias"}
    torch.manual_seed(0)
    theirs.manual_seed(0)
    cell, peer = getattr(nn, kind)(E, H, **options), getattr(theirs.nn, kind)(E, H, **options)
    assert repr(cell) == repr(peer)
    for (name, a), (other, b) in zip(
        cell.state_dict().items(), peer.state_dict().items(), strict=True
    ):
        assert name == other
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=name)


@pytest.mark.parametrize("kind", ["RNNBase", "RNNCell", "LSTMCell", "GRUCell", "RNNCellBase"])
@pytest.mark.peer
def test_arguments_their_order_and_defaults_as_in_torch(kind):
    theirs = pytest.importorskip("torch")
    told = [
        [(p.name, p.kind, p.default) for p in inspect.signature(c).parameters.values()]
        for c in (getattr(nn, kind), getattr(theirs.nn, kind))
    ]
    assert told[0] == told[1]


@cases
@pytest.mark.peer
def test_packed_sequences_as_in_torch(kind, options):
    theirs = pytest.importorskip("torch")
    peer_rnn = pytest.importorskip("torch.nn.utils.rnn")
    layer = made(kind, **options)
    peer = getattr(theirs.nn, kind)(E, H, **options).double()
    peer.load_state_dict({k: theirs.from_numpy(v.numpy()) for k, v in layer.state_dict().items()})
    results = []
    for library, utils, net in ((torch, rnn, layer), (theirs, peer_rnn, peer)):
        x = library.tensor(numbers(B, T, E).numpy(), requires_grad=True)
        batch = x if layer.batch_first else x.transpose(0, 1)
        given = part(states(layer), lambda s, to=library.tensor: to(s.numpy(), requires_grad=True))
        packed = utils.pack_padded_sequence(batch, [2, 5, 4], layer.batch_first, False)
        y, final = net(packed, given)
        (sum((p**2).sum() for p in (y.data, *parts(final)))).backward()
        found = [y.data, *parts(final), x.grad, *(p.grad for p in parts(given))]
        results.append([*found, *(p.grad for p in net.parameters())])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-10, atol=1e-12)
