"""Transformers: against the definition, differences and PyTorch; masks, caches, invariances."""

import copy
import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest

import scratchml.nn as nn
import scratchml.tensor as torch
from scratchml.nn.modules.transformer_parts import looks_back_only
from scratchml.tensor.tape import constant

from .transformer_cases import CASES, HEADS, D, arguments, build, fill, label, outcome

REFERENCE = Path(__file__).parent / "reference" / "transformer.npz"
cases = pytest.mark.parametrize("case", CASES, ids=label)


def tensor(a, requires_grad=False):
    return constant(np.array(a)).requires_grad_(requires_grad)


def summed(found):
    """Return outputs and inputs' gradients as they are, and two numbers of all other gradients."""
    kept = {name: a for name, a in found.items() if name in ("y", "x0", "x1")}
    for name, a in found.items():
        if name not in kept:
            kept[name] = np.array([a.sum(), np.square(a).sum()])
    return kept


# The definition


def attention(x, other, layer, hidden):
    """Return multi-head attention of x (T, D) to other (S, D), query by query."""
    w, b = layer.in_proj_weight.array, layer.in_proj_bias.array
    q, k, v = (
        a @ w[i * D : (i + 1) * D].T + b[i * D : (i + 1) * D]
        for i, a in enumerate((x, other, other))
    )
    y = np.zeros_like(x)
    E = D // HEADS
    for h in range(HEADS):
        part = slice(h * E, (h + 1) * E)
        for t in range(len(x)):
            score = [
                -np.inf if hidden[t, s] else q[t, part] @ k[s, part] / E**0.5
                for s in range(len(other))
            ]
            p = np.exp(np.array(score) - max(score))
            y[t, part] = p / p.sum() @ v[:, part]
    return y @ layer.out_proj.weight.array.T + layer.out_proj.bias.array


def normalised(x, norm):
    z = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + norm.eps)
    return z * norm.weight.array + norm.bias.array


def two_maps(x, layer):
    h = np.maximum(x @ layer.linear1.weight.array.T + layer.linear1.bias.array, 0)
    return h @ layer.linear2.weight.array.T + layer.linear2.bias.array


@pytest.mark.parametrize("norm_first", [False, True])
def test_layers_by_definition(norm_first):
    rng = np.random.default_rng(0)
    x, memory = rng.standard_normal((6, D)), rng.standard_normal((5, D))
    hidden, seen = ~np.tri(6, dtype=bool), np.zeros((6, 5), bool)
    form = {"dim_feedforward": 12, "norm_first": norm_first, "dtype": np.float64}

    layer = nn.TransformerEncoderLayer(D, HEADS, **form).eval()
    fill(layer)
    if norm_first:
        z = normalised(x, layer.norm1)
        h = x + attention(z, z, layer.self_attn, hidden)
        expected = h + two_maps(normalised(h, layer.norm2), layer)
    else:
        h = normalised(x + attention(x, x, layer.self_attn, hidden), layer.norm1)
        expected = normalised(h + two_maps(h, layer), layer.norm2)
    y = layer(tensor(x), src_mask=tensor(hidden))
    np.testing.assert_allclose(y.array, expected, rtol=1e-12, atol=1e-12)

    layer = nn.TransformerDecoderLayer(D, HEADS, **form).eval()
    fill(layer)
    if norm_first:
        z = normalised(x, layer.norm1)
        g = x + attention(z, z, layer.self_attn, hidden)
        h = g + attention(normalised(g, layer.norm2), memory, layer.multihead_attn, seen)
        expected = h + two_maps(normalised(h, layer.norm3), layer)
    else:
        g = normalised(x + attention(x, x, layer.self_attn, hidden), layer.norm1)
        h = normalised(g + attention(g, memory, layer.multihead_attn, seen), layer.norm2)
        expected = normalised(h + two_maps(h, layer), layer.norm3)
    y = layer(tensor(x), tensor(memory), tgt_mask=tensor(hidden))
    np.testing.assert_allclose(y.array, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c[2] in ("none", "both")], ids=label)
def test_gradients_by_differences(case):
    """Along random directions of all inputs and parameters together."""
    module = build(nn, case).double()
    grads = outcome(module, tensor, case)
    args, more = arguments(case)
    more = {key: tensor(value) for key, value in more.items()}
    values = {f"x{i}": a for i, a in enumerate(args)}
    values |= {name: p.array for name, p in module.named_parameters()}
    rng = np.random.default_rng(11)
    r = np.random.default_rng(3).standard_normal(grads["y"].shape)
    for _ in range(3):
        directions = {name: rng.standard_normal(a.shape) for name, a in values.items()}
        ends = []
        for h in (1e-6, -2e-6):  # there, and back over the middle
            for name, direction in directions.items():
                values[name] += h * direction
            ends.append(np.vdot(module(*map(tensor, args), **more).array, r))
        for name, direction in directions.items():
            values[name] += 1e-6 * direction
        slope = sum(np.vdot(grads[name], directions[name]) for name in values)
        np.testing.assert_allclose((ends[0] - ends[1]) / 2e-6, slope, rtol=2e-6, atol=2e-6)


# PyTorch


@pytest.fixture(scope="module")
def reference():
    with np.load(REFERENCE) as file:
        return dict(file)


def assert_same(mine, theirs, rtol=1e-9):
    assert mine.keys() == theirs.keys()
    for name, value in theirs.items():
        scale = max(1.0, float(np.abs(value).max(initial=0)))
        np.testing.assert_allclose(mine[name], value, rtol, rtol * scale, err_msg=name)


@cases
def test_as_pytorch_stored(case, reference):
    found = summed(outcome(build(nn, case).double(), tensor, case))
    ends = np.cumsum([a.size for a in found.values()])
    stored = np.split(reference[str(CASES.index(case))], ends)
    assert not stored.pop().size
    theirs = zip(found.items(), stored, strict=True)
    assert_same(found, {name: b.reshape(a.shape) for (name, a), b in theirs})


@pytest.mark.peer
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@cases
def test_as_pytorch_live(case, dtype):
    peer = pytest.importorskip("torch")

    def ours(a, requires_grad=False):
        a = np.array(a)
        return tensor(a.astype(dtype) if a.dtype.kind == "f" else a, requires_grad)

    def theirs(a, requires_grad=False):
        return peer.tensor(ours(a).array, requires_grad=requires_grad)

    mine = outcome(build(nn, case).to(np.dtype(dtype)), ours, case)
    expected = outcome(build(peer.nn, case).to(getattr(peer, dtype)), theirs, case)
    assert_same(mine, expected, rtol=1e-9 if dtype == "float64" else 5e-5)


@pytest.mark.peer
@cases
def test_names_reprs_and_first_values_as_in_torch(case):
    peer = pytest.importorskip("torch")
    torch.manual_seed(0)
    mine = build(nn, case)
    peer.manual_seed(0)
    theirs = build(peer.nn, case)
    ours = mine.state_dict()
    expected = theirs.state_dict()
    assert list(ours) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name].numpy(), value.numpy(), err_msg=name)
    assert repr(mine) == repr(theirs)
    assert mine.load_state_dict({k: v.numpy() for k, v in expected.items()}) == ([], [])


LAYERS = ["EncoderLayer", "DecoderLayer", "Encoder", "Decoder", ""]


@pytest.mark.peer
@pytest.mark.parametrize("name", LAYERS)
def test_arguments_as_in_torch(name):
    """Those of PyTorch in its order, with its defaults; `cache` follows by name only."""
    peer = pytest.importorskip("torch")
    mine, theirs = (getattr(lib, f"Transformer{name}") for lib in (nn, peer.nn))

    def told(thing, but=()):
        return [
            (p.name, p.kind, getattr(p.default, "__name__", p.default))
            for p in inspect.signature(thing).parameters.values()
            if p.name not in but
        ]

    assert told(mine) == told(theirs)
    assert told(mine.forward, but=["cache"]) == told(theirs.forward)


@pytest.mark.peer
@pytest.mark.parametrize("size", [0, 1, 5])
def test_mask_of_what_follows_as_in_torch(size):
    peer = pytest.importorskip("torch")
    mine = nn.Transformer.generate_square_subsequent_mask(size)
    theirs = peer.nn.Transformer.generate_square_subsequent_mask(size).numpy()
    assert mine.numpy().dtype == theirs.dtype
    np.testing.assert_array_equal(mine.numpy(), theirs)
    with pytest.raises(TypeError, match="must be float32 or float64, got int64"):
        nn.Transformer.generate_square_subsequent_mask(size, dtype=np.int64)
    mine.fill_(0)  # it is the caller's own
    np.testing.assert_array_equal(
        nn.Transformer.generate_square_subsequent_mask(size).numpy(), theirs
    )


# Masks


def test_what_follows_is_found_to_be_hidden():
    mask = nn.Transformer.generate_square_subsequent_mask(4)
    assert looks_back_only(mask, None)
    assert looks_back_only(mask.double(), None)
    assert looks_back_only(mask < 0, None)
    assert not looks_back_only(mask.T, None)
    assert not looks_back_only(mask[:3], None)
    assert not looks_back_only(mask.expand(2, 4, 4), None)
    other = mask.clone()
    other[2, 1] = -1.0
    assert not looks_back_only(other, None)
    assert not looks_back_only(None, None)
    assert looks_back_only(other, True)
    assert not looks_back_only(mask, False)


@pytest.mark.parametrize("hint", [None, True, False])
def test_the_hint_changes_nothing(hint):
    x, memory = (tensor(a) for a in np.random.default_rng(0).standard_normal((2, 6, 2, D)))
    mask = nn.Transformer.generate_square_subsequent_mask(6, dtype=np.float64)
    encoder = build(nn, ("Encoder", {}, "")).double()
    y = encoder(x, mask, is_causal=False)
    np.testing.assert_allclose(encoder(x, mask, is_causal=hint).array, y.array, rtol=1e-12)
    decoder = build(nn, ("Decoder", {}, "")).double()
    y = decoder(x, memory, mask, tgt_is_causal=False)
    again = decoder(x, memory, mask, tgt_is_causal=hint)
    np.testing.assert_allclose(again.array, y.array, rtol=1e-12)


@pytest.mark.parametrize("name", ["Encoder", "Decoder"])
def test_the_past_knows_nothing_of_the_future(name):
    rng = np.random.default_rng(0)
    x, memory = rng.standard_normal((2, 6, 2, D))
    changed = x.copy()
    changed[4:] = rng.standard_normal((2, 2, D))
    stack = build(nn, (name, {}, "")).double()
    mask = nn.Transformer.generate_square_subsequent_mask(6, dtype=np.float64)
    args = () if name == "Encoder" else (tensor(memory),)
    before, after = (stack(tensor(a), *args, mask).array for a in (x, changed))
    np.testing.assert_array_equal(before[:4], after[:4])
    assert np.abs(before[4:] - after[4:]).min() > 1e-8


def test_an_encoder_without_positions_sees_a_set():
    x = np.random.default_rng(0).standard_normal((7, 2, D))
    order = np.random.default_rng(1).permutation(7)
    encoder = build(nn, ("Encoder", {}, "")).double()
    y, turned = encoder(tensor(x)).array, encoder(tensor(x[order])).array
    np.testing.assert_allclose(turned, y[order], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("fast", [True, False])
def test_padding_is_as_if_it_were_not_there(fast):
    x = np.random.default_rng(0).standard_normal((3, 6, D))
    x[1, 4:] = 1e3
    hidden = np.arange(6) >= np.array([[6], [4], [6]])
    encoder = build(nn, ("Encoder", {"batch_first": True}, "")).double().eval()
    with torch.set_grad_enabled(not fast):
        y = encoder(tensor(x), src_key_padding_mask=tensor(hidden)).array
        alone = encoder(tensor(x[1:2, :4])).array
    np.testing.assert_allclose(y[1:2, :4], alone, rtol=1e-11, atol=1e-12)


# Caches


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("steps", [[1] * 6, [4, 1, 1], [2, 3, 1]])
@pytest.mark.parametrize("training", [True, False])
def test_with_a_cache_as_without(training, steps, norm_first, batch_first):
    form = {"norm_first": norm_first, "batch_first": batch_first}
    rng = np.random.default_rng(0)
    x, memory = rng.standard_normal((6, 3, D)), rng.standard_normal((5, 3, D))
    mask = nn.Transformer.generate_square_subsequent_mask(6, dtype=np.float64)
    hidden = tensor(np.arange(5) >= np.array([[5], [4], [3]]))

    def order(a):
        return tensor(a.swapaxes(0, 1) if batch_first else a)

    for name in ("Encoder", "Decoder"):
        stack = build(nn, (name, form, "")).double().train(training)  # nothing is dropped
        fill(stack)
        rest, more = (), {}
        if name == "Decoder":
            rest, more = (order(memory),), {"memory_key_padding_mask": hidden}
        with torch.no_grad():
            whole = stack(order(x), *rest, mask, **more).array
            cache, parts, start = stack.new_cache(), [], 0
            for n in steps:
                stop = start + n
                part = None if n == 1 else mask[start:stop, :stop]
                y = stack(order(x[start:stop]), *rest, part, cache=cache, **more)
                parts.append(y.array)
                start = stop
        together = np.concatenate(parts, axis=1 if batch_first else 0)
        np.testing.assert_allclose(together, whole, rtol=1e-11, atol=1e-12)


def test_a_cache_follows_hypotheses():
    rng = np.random.default_rng(0)
    x, memory = rng.standard_normal((5, 3, D)), rng.standard_normal((4, 3, D))
    parents = [2, 0, 0]
    decoder = build(nn, ("Decoder", {}, "")).double()
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=np.float64)
    with torch.no_grad():
        cache = decoder.new_cache(capacity=2)
        for t in range(4):
            decoder(tensor(x[t : t + 1]), tensor(memory), cache=cache)
        for own, other in cache:
            own.reorder(parents)
            other.reorder(parents)
        y = decoder(tensor(x[4:]), tensor(memory), cache=cache).array
        history = np.concatenate([x[:4, parents], x[4:]])
        whole = decoder(tensor(history), tensor(memory[:, parents]), mask).array
    np.testing.assert_allclose(y[0], whole[4], rtol=1e-11, atol=1e-12)


# The rest


def test_dropout_reaches_every_branch():
    """With everything dropped a norm_first layer is its shortcuts; in evaluation it is not."""
    x, memory = (tensor(a) for a in np.random.default_rng(0).standard_normal((2, 4, 3, D)))
    form = {"dim_feedforward": 12, "norm_first": True, "dropout": 1.0, "dtype": np.float64}
    for layer, args in (
        (nn.TransformerEncoderLayer(D, HEADS, **form), (x,)),
        (nn.TransformerDecoderLayer(D, HEADS, **form), (x, memory)),
    ):
        np.testing.assert_array_equal(layer(*args).array, x.array)
        assert np.abs(layer.eval()(*args).array - x.array).max() > 0.01
        places = [m for m in layer.modules() if isinstance(m, nn.Dropout)]
        assert len(places) == 2 + len(args)
        for place in places:
            place.p = 0.0
        layer.train()
        layer.dropout.p = 1.0  # between the two linear maps, of which the shift is left
        z = layer._ff_block(x).array
        np.testing.assert_array_equal(z, np.broadcast_to(layer.linear2.bias.array, z.shape))
    half = nn.TransformerEncoderLayer(D, HEADS, 12, dropout=0.5, norm_first=True)
    torch.manual_seed(0)
    first = half(x.float()).array
    assert (half(x.float()).array != first).any()
    torch.manual_seed(0)
    np.testing.assert_array_equal(half(x.float()).array, first)


def test_parts_that_a_subclass_changes_are_used():
    class Halved(nn.TransformerEncoderLayer):
        def _sa_block(self, x, *args):
            return 0.5 * super()._sa_block(x, *args)

    torch.manual_seed(0)
    layer = Halved(D, HEADS, 12, norm_first=True).eval()
    torch.manual_seed(0)
    plain = nn.TransformerEncoderLayer(D, HEADS, 12, norm_first=True).eval()
    x = torch.randn(1, 2, D)
    with torch.no_grad():
        y, whole = layer(x, cache=nn.KeyValueCache()), layer(x)
        assert np.abs(plain(x).array - whole.array).max() > 1e-3
    np.testing.assert_allclose(y.array, whole.array, rtol=1e-5, atol=1e-6)


def test_any_function_may_be_the_activation():
    x = tensor(np.random.default_rng(0).standard_normal((4, 3, D)))
    form = {"dim_feedforward": 12, "dropout": 0.0, "dtype": np.float64}
    results = []
    for activation in ("gelu", nn.functional.gelu, nn.GELU()):
        torch.manual_seed(0)
        results.append(nn.TransformerEncoderLayer(D, HEADS, activation=activation, **form)(x).array)
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    assert not isinstance(nn.TransformerEncoderLayer(D, HEADS).activation, nn.Module)


@pytest.mark.parametrize("name", LAYERS)
def test_copies_and_pickles(name):
    module = build(nn, (name or "Transformer", {}, ""))
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(twin) == repr(module)
        for a, b in zip(twin.parameters(), module.parameters(), strict=True):
            assert a is not b
            np.testing.assert_array_equal(a.array, b.array)


def test_layers_of_a_stack_have_parameters_of_their_own():
    layer = nn.TransformerEncoderLayer(D, HEADS, 12)
    stack = nn.TransformerEncoder(layer, 3)
    values = [part.linear1.weight for part in stack.layers] + [layer.linear1.weight]
    assert len({id(v.array) for v in values}) == 4
    assert all((v.array == values[0].array).all() for v in values)


def test_parts_of_ones_own():
    class Twice(nn.Module):
        def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
            return 2 * src

    model = nn.Transformer(D, HEADS, 1, 1, 12, 0.0, custom_encoder=Twice())
    x = torch.ones(3, 1, D)
    y = model(x, x)
    np.testing.assert_array_equal(y.array, model.decoder(x, 2 * x).array)


@pytest.mark.parametrize(
    ("run", "error", "message"),
    [
        (lambda: nn.TransformerEncoderLayer(D, 3), ValueError, "embed_dim"),
        (lambda: nn.TransformerEncoderLayer(D, 2, activation="tanh"), ValueError, "got 'tanh'"),
        (lambda: nn.TransformerDecoderLayer(D, 2, activation=3), TypeError, "got int"),
        (lambda: nn.TransformerEncoderLayer(D, 2, dropout=2.0), ValueError, r"\[0, 1\], got 2.0"),
        (lambda: nn.TransformerEncoder(nn.Identity(), -1), ValueError, "num_layers of Transf"),
        (lambda: call((3, 2, D), (3, 1, D)), ValueError, r"axis 1\), got \(3, 2, 8\) and \(3, 1"),
        (lambda: call((3, 2, D), (3, D)), ValueError, r"both have 3 axes.*\(3, 2, 8\) and \(3, 8"),
        (lambda: call((3, 2, 7), (3, 2, D)), ValueError, r"d_model=8 features, got \(3, 2, 7\)"),
        (
            lambda: build(nn, ("Encoder", {}, ""))(torch.ones(1, 1, D), cache=[]),
            ValueError,
            "each of its 2 layers, got 0",
        ),
        (
            lambda: build(nn, ("Encoder", {}, ""))(torch.ones(1, 1, D), cache=nn.KeyValueCache()),
            TypeError,
            "list with an entry for each of its 2 layers, got KeyValueCache",
        ),
        (
            lambda: nn.TransformerDecoderLayer(D, HEADS)(
                torch.ones(1, 1, D), torch.ones(1, 1, D), cache=nn.KeyValueCache()
            ),
            TypeError,
            "two KeyValueCache, of tgt and of memory, got KeyValueCache",
        ),
        (
            lambda: build(nn, ("Encoder", {}, ""))(
                torch.ones(2, 1, D), torch.zeros(2, 2, dtype=torch.int64)
            ),
            TypeError,
            "attn_mask of MultiheadAttention must be of bool or floats, got int64",
        ),
    ],
)
def test_errors(run, error, message):
    with pytest.raises(error, match=message):
        run()


def call(src, tgt):
    return nn.Transformer(D, HEADS, 1, 1, 12)(torch.ones(*src), torch.ones(*tgt))
