"""MultiheadAttention and its cache: PyTorch's figures, masks, decoding step by step, errors."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.nn as nn
from scratchml.tensor import manual_seed, no_grad

from .attention_cases import HEADS, LAYERS, SIZE, fill, layer_outcome
from .functions import both_ways, tensor  # noqa: F401 (a fixture)
from .test_attention import REFERENCE, values

cases = pytest.mark.parametrize("case", LAYERS, ids=str)


def build(case, dtype="float64"):
    return nn.MultiheadAttention(SIZE, HEADS, dtype=dtype, **case[0])


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


# ---------------------------------------------------------------------------------- beside PyTorch


@pytest.mark.parametrize("i", range(len(LAYERS)))
def test_stored_outputs_and_gradients_of_torch(i, both_ways):  # noqa: F811
    found = layer_outcome(fill(build(LAYERS[i]), float), tensor, LAYERS[i], np.float64)
    with np.load(REFERENCE) as stored:
        expected = stored[f"layer {i}"]
    np.testing.assert_allclose(flat(found.values()), expected, rtol=1e-5, atol=1e-5)  # float32


@pytest.mark.parametrize("i", range(len(LAYERS)))
def test_first_weights_are_torchs(i):
    manual_seed(0)
    layer = build(LAYERS[i], "float32")
    with np.load(REFERENCE) as stored:
        expected = stored[f"fresh {i}"]
    np.testing.assert_allclose(flat(p.array for p in layer.parameters()), expected, rtol=1e-6)


@pytest.mark.peer
@cases
def test_outputs_and_gradients_as_in_torch(case):
    torch = pytest.importorskip("torch")
    mine, theirs = (
        build(case),
        torch.nn.MultiheadAttention(SIZE, HEADS, dtype=torch.float64, **case[0]),
    )
    told = [(name, tuple(p.shape)) for name, p in theirs.named_parameters()]
    assert [(name, p.shape) for name, p in mine.named_parameters()] == told
    assert repr(mine) == repr(theirs)
    assert mine.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()}) == ([], [])
    found = layer_outcome(fill(mine, float), tensor, case, np.float64)

    def make(a, requires_grad):
        return torch.tensor(a, requires_grad=requires_grad)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **kwargs: None)  # masks of two types
        expected = layer_outcome(fill(theirs, float), make, case, np.float64)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-9, atol=1e-10, err_msg=name)


@pytest.mark.peer
def test_arguments_their_order_and_defaults_as_in_torch():
    torch = pytest.importorskip("torch")

    def told(thing, *but):
        parameters = inspect.signature(thing).parameters.values()
        return [(p.name, p.kind, p.default) for p in parameters if p.name not in but]

    theirs = torch.nn.MultiheadAttention
    assert told(nn.MultiheadAttention) == told(theirs)
    assert told(nn.MultiheadAttention.forward, "cache") == told(theirs.forward)


@cases
def test_a_layer_is_copied_pickled_and_trained_in_float32(case):
    layer = build(case, "float32")
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(twin) == repr(layer)
        assert list(twin.state_dict()) == list(layer.state_dict())
    found = layer_outcome(layer, tensor, case, np.float32)
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}
    assert all(np.isfinite(value).all() for value in found.values())


# ------------------------------------------------------------------------------------------- masks


def test_a_sample_whose_keys_are_all_hidden_is_zeros(both_ways):  # noqa: F811
    """PyTorch's layer gives NaN here if weights are wanted, and zeros if not."""
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    x = tensor(*values((2, 3, 8), dtype=np.float32), True)
    hidden = tensor(np.array([[True] * 3, [False] * 3]))
    for need_weights in (True, False):
        y, weights = layer(x, x, x, key_padding_mask=hidden, need_weights=need_weights)
        assert not y.array[0].any()
        assert y.array[1].all()
        y.sum().backward()
        assert np.isfinite(x.grad.array).all()
        if need_weights:
            assert not weights.array[0].any()
            np.testing.assert_allclose(weights.array[1].sum(axis=-1), 1, rtol=1e-6)


@pytest.mark.parametrize("extra", [{}, {"add_bias_kv": True}, {"add_zero_attn": True}])
@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("L", [1, 3, 5])
def test_causality_needs_no_mask(extra, need_weights, L):
    layer = nn.MultiheadAttention(8, 2, dtype="float64", batch_first=True, **extra)
    x = tensor(*values((2, 5, 8)))
    mask = tensor(np.triu(np.ones((L, 5), bool), 1))
    y, weights = layer(x[:, :L], x, x, need_weights=need_weights, is_causal=True)
    expected, others = layer(x[:, :L], x, x, need_weights=need_weights, attn_mask=mask)
    np.testing.assert_allclose(y.array, expected.array, rtol=1e-12, atol=1e-14)
    if need_weights:
        np.testing.assert_allclose(weights.array, others.array, rtol=1e-12)


def test_a_learned_mask_has_a_gradient():
    layer = nn.MultiheadAttention(8, 2, dtype="float64", batch_first=True, add_zero_attn=True)
    x, bias = (tensor(a) for a in values((3, 4, 8), (6, 4, 4)))
    padding = tensor(np.array([[False] * 4, [True, *[False] * 3], [False] * 4]))
    bias.requires_grad_()

    def loss():
        return layer(x, x, x, padding, attn_mask=bias, need_weights=False)[0].sin().sum()

    loss().backward()
    rng = np.random.default_rng(0)
    for _ in range(5):
        place = tuple(rng.integers(0, bias.shape))
        with no_grad():
            start = bias.array[place]
            bias.array[place] = start + 1e-6
            above = loss().item()
            bias.array[place] = start - 1e-6
            slope = (above - loss().item()) / 2e-6
            bias.array[place] = start
        np.testing.assert_allclose(bias.grad.array[place], slope, rtol=1e-6, atol=1e-8)
    assert not bias.grad.array.reshape(3, 2, 4, 4)[1, :, :, 0].any()


def test_dropout_in_training_only():
    layer = nn.MultiheadAttention(8, 2, dropout=0.5)
    x = tensor(*values((3, 2, 8), dtype=np.float32))
    manual_seed(1)
    y, weights = layer(x, x, x, average_attn_weights=False)
    dropped = weights.array == 0
    assert 0.2 < dropped.mean() < 0.8
    manual_seed(1)
    np.testing.assert_array_equal(layer(x, x, x, need_weights=False)[0].array, y.array)
    layer.eval()
    _, weights = layer(x, x, x)
    np.testing.assert_allclose(weights.array.sum(axis=-1), 1, rtol=1e-6)


# ------------------------------------------------------------------------------------------- cache


OPTIONS = [
    {},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
    {"bias": False},
    {"kdim": 8, "vdim": 3},
]


@given(st.data())
def test_what_is_decoded_step_by_step_is_the_whole(data):
    """Positions in pieces of any length; with and without what is put behind the keys."""
    length = data.draw(st.integers(1, 7))
    options = data.draw(
        st.sampled_from(
            [
                {},
                {"add_bias_kv": True},
                {"add_zero_attn": True},
                {"bias": False},
                {"kdim": 8, "vdim": 3},
            ]
        )
    )
    first, need_weights = data.draw(st.booleans()), data.draw(st.booleans())
    layer = nn.MultiheadAttention(8, 2, dtype="float64", batch_first=first, **options).eval()
    padding = np.zeros((2, length), bool)
    padding[1, :-1] = data.draw(st.booleans())
    x, v = values((2, length, 8), (2, length, options.get("vdim", 8)))

    def part(a, start, stop):
        a = np.ascontiguousarray(a[:, start:stop])
        return tensor(a if first else a.swapaxes(0, 1))

    def call(start, stop, cache=None):
        q = part(x, start, stop)
        value = q if "vdim" not in options else part(v, start, stop)
        hidden = tensor(padding[:, :stop])
        y, weights = layer(q, q, value, hidden, need_weights, is_causal=True, cache=cache)
        assert (weights is not None) == need_weights
        return y.array if first else y.array.swapaxes(0, 1)

    cache, start, pieces = nn.KeyValueCache(data.draw(st.integers(0, 3))), 0, []
    with no_grad():
        whole = call(0, length)
        while start < length:
            stop = data.draw(st.integers(start + 1, length))
            pieces.append(call(start, stop, cache))
            assert cache.length == stop
            start = stop
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, rtol=1e-10, atol=1e-12)


def test_a_mask_beside_a_cache_is_one_of_all_positions():
    layer = nn.MultiheadAttention(8, 2, dtype="float64", batch_first=True)
    (x,) = values((2, 6, 8))
    mask = np.triu(np.random.default_rng(0).standard_normal((6, 6)))
    cache = nn.KeyValueCache()
    with no_grad():
        # Not causal: the first four positions see the first four.
        parts = [
            layer(*[tensor(x[:, a:b])] * 3, attn_mask=tensor(mask[a:b, :b]), cache=cache)[0].array
            for a, b in ((0, 4), (4, 6))
        ]
        mask[:4, 4:] = -np.inf
        whole, _ = layer(*[tensor(x)] * 3, attn_mask=tensor(mask))
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole.array, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"kdim": 5, "vdim": 3}])
@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("n", [1, 4])
def test_what_is_fixed_is_projected_once(options, need_weights, n):
    layer = nn.MultiheadAttention(8, 2, dtype="float64", **options)
    k, v = options.get("kdim", 8), options.get("vdim", 8)
    query, key, value = (tensor(a) for a in values((4, 2, 8), (5, 2, k), (5, 2, v)))
    key = value if not options else key
    expected, _ = layer(query[:n], key, value)
    cache = nn.KeyValueCache(fixed=True)
    with no_grad():
        layer(query[:1], key, value, cache=cache)
        kept = cache.keys.array.copy()
        nothing = tensor(np.full(key.shape, np.nan))  # is not looked at
        others = nothing, tensor(np.full(value.shape, np.nan))
        y, _ = layer(query[:n], *others, need_weights=need_weights, cache=cache)
    np.testing.assert_allclose(y.array, expected.array, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(cache.keys.array, kept)
    assert (cache.length, cache.capacity) == (5, 5)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=5), st.integers(0, 4))
def test_sequences_are_reordered(indices, more):
    keys, value = values((3, 2, 4, 5), (3, 2, 4, 6))
    new_keys, new_values = values((len(indices), 2, more, 5), (len(indices), 2, more, 6), seed=1)
    cache = nn.KeyValueCache()
    cache.append(tensor(keys), tensor(value))
    before = cache.keys
    cache.reorder(tensor(np.array(indices)))
    k, v = cache.append(tensor(new_keys), tensor(new_values))
    np.testing.assert_array_equal(k.array, np.concatenate([keys[indices], new_keys], axis=2))
    np.testing.assert_array_equal(v.array, np.concatenate([value[indices], new_values], axis=2))
    np.testing.assert_array_equal(cache.values.array, v.array)
    np.testing.assert_array_equal(before.array, keys)


def test_buffers_double_and_views_stay():
    cache = nn.KeyValueCache(4)
    assert (cache.keys, cache.values, cache.length) == (None, None, 0)
    arrays, views, capacities = [], [], set()
    for t in range(40):
        array = np.full((2, 1, 1, 3), t, np.float32)
        views.append(cache.append(tensor(array), tensor(-array)))
        arrays.append(array)
        capacities.add(cache.capacity)
    assert capacities == {32, 64}
    for t, (k, v) in enumerate(views):
        expected = np.concatenate(arrays[: t + 1], axis=2)
        np.testing.assert_array_equal(k.array, expected)
        np.testing.assert_array_equal(v.array, -expected)
    assert repr(cache) == "KeyValueCache(length=40, fixed=False)"
    cache.clear()
    assert (cache.keys, cache.length) == (None, 0)
    cache.append(*[tensor(np.ones((5, 1, 1, 2)))] * 2)  # of another batch
    assert cache.length == 1
    cache.reorder([4, 0])
    assert cache.keys.shape == (2, 1, 1, 2)


def test_a_cache_is_copied():
    cache = nn.KeyValueCache()
    cache.append(*[tensor(np.ones((1, 1, 2, 3)))] * 2)
    for twin in (copy.deepcopy(cache), pickle.loads(pickle.dumps(cache))):
        twin.append(*[tensor(np.ones((1, 1, 2, 3)))] * 2)
        assert (twin.length, cache.length) == (4, 2)


# -------------------------------------------------------------------------------- what goes wrong


def test_a_change_in_place_of_the_weights_is_noticed():
    layer, x = nn.MultiheadAttention(8, 2), tensor(np.ones((3, 1, 8), np.float32))
    _, weights = layer(x, x, x, average_attn_weights=False)
    weights.mul_(3.0)
    with pytest.raises(RuntimeError, match="changed in place"):
        (weights * weights).sum().backward()


def test_a_cache_has_no_gradients():
    layer, cache = nn.MultiheadAttention(8, 2), nn.KeyValueCache()
    x = tensor(np.ones((1, 1, 8), np.float32))
    with pytest.raises(RuntimeError, match=r"use it under torch.no_grad\(\)"):
        layer(x, x, x, cache=cache)
    assert cache.length == 0


def test_a_cache_of_other_sequences_is_named():
    layer, cache = nn.MultiheadAttention(8, 2, batch_first=True), nn.KeyValueCache()
    fixed = nn.KeyValueCache(fixed=True)
    two, three = (tensor(np.ones((n, 1, 8), np.float32)) for n in (2, 3))
    with no_grad():
        layer(two, two, two, cache=cache)
        with pytest.raises(ValueError, match=r"takes keys of shape \(2, 2, n, 4\), got \(3, 2, 1"):
            layer(three, three, three, cache=cache)
        layer(two, two, two, cache=fixed)
        with pytest.raises(ValueError, match="cache holds those of 2 samples and 2 heads, got 3"):
            layer(three, three, three, cache=fixed)
        with pytest.raises(ValueError, match="2 samples and 2 heads, got 2 and 4"):
            nn.MultiheadAttention(8, 4, batch_first=True)(two, two, two, None, False, cache=fixed)
        with pytest.raises(TypeError, match="keeps keys of float32, got float64"):
            layer.double()(*[tensor(np.ones((2, 1, 8)))] * 3, cache=cache)
    with pytest.raises(ValueError, match="same sequences, heads and positions"):
        nn.KeyValueCache().append(*[tensor(np.ones((1, 1, n, 2))) for n in (2, 3)])
    with pytest.raises(ValueError, match="capacity of KeyValueCache must be at least 0, got -1"):
        nn.KeyValueCache(-1)
    with pytest.raises(IndexError):
        cache.reorder([2])


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ((8, 3), {}, "embed_dim of MultiheadAttention must be a positive multiple of num_heads=3"),
        ((8, 0), {}, "num_heads=0, got 8"),
        ((0, 2), {}, "got 0"),
        ((8, 2), {"dropout": 1.5}, r"dropout of MultiheadAttention must be in \[0, 1\], got 1.5"),
    ],
)
def test_arguments_are_checked(args, options, message):
    with pytest.raises(ValueError, match=message):
        nn.MultiheadAttention(*args, **options)


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3, 7), (2, 3, 8), (2, 3, 8)),
        ((2, 3, 8), (2, 4, 8), (2, 3, 8)),
        ((2, 3, 8), (3, 3, 8), (3, 3, 8)),
        ((3, 8), (2, 3, 8), (2, 3, 8)),
        ((2, 3, 8), (3, 8), (3, 8)),
        ((1, 2, 3, 8), (1, 2, 3, 8), (1, 2, 3, 8)),
        ((8,), (8,), (8,)),
    ],
)
def test_inputs_that_do_not_fit_are_named_with_the_layer(shapes):
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    inputs = [tensor(a) for a in values(*shapes, dtype=np.float32)]
    with pytest.raises(ValueError, match=r"takes a query of shape \(N, L, 8\)") as caught:
        layer(*inputs)
    assert all(str(shape) in str(caught.value) for shape in shapes)
    assert "in MultiheadAttention(" in caught.value.__notes__[0]


def test_masks_that_do_not_fit_are_named():
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    x = tensor(np.ones((3, 4, 8), np.float32))
    with pytest.raises(ValueError, match=r"attn_mask .* \(4, 4\) or \(6, 4, 4\), got \(3, 4, 4\)"):
        layer(x, x, x, attn_mask=tensor(np.ones((3, 4, 4), bool)))
    with pytest.raises(ValueError, match=r"key_padding_mask .* \(3, 4\), got \(4, 3\)"):
        layer(x, x, x, key_padding_mask=tensor(np.ones((4, 3), bool)))
    with pytest.raises(TypeError, match="key_padding_mask .* must be of bool or floats, got int64"):
        layer(x, x, x, key_padding_mask=tensor(np.ones((3, 4), int)))
    with pytest.raises(TypeError, match="parameters' dtype float32, got float64"):
        layer(x.double(), x.double(), x.double())
