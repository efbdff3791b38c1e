"""Layers at one new position, with a cache: the same as all positions at once."""

import numpy as np
import pytest

import scratchml.nn as nn
import scratchml.nn.functional as F
import scratchml.tensor as torch
from scratchml.nn.decoding import beam_search, greedy_search, uncached
from scratchml.nn.modules import transformer_step
from scratchml.nn.ops import decoder_step

E, H, V = 16, 4, 11
kernel = pytest.mark.kernel


class LanguageModel(nn.Module):
    def __init__(self, dtype=torch.float64, **options):
        super().__init__()
        self.emb = nn.Embedding(V, E, dtype=dtype)
        layer = nn.TransformerEncoderLayer(E, H, 24, batch_first=True, dtype=dtype, **options)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(E, V, dtype=dtype)
        for parameter in self.parameters():  # far from where nothing is certain
            nn.init.normal_(parameter, 0.1, 0.4)

    def forward(self, tokens, cache=None):
        return self.head(self.encoder(self.emb(tokens), is_causal=True, cache=cache))

    def step(self, tokens, cache):
        return self(tokens, cache)[:, -1], cache


class Translator(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.emb = nn.Embedding(V, E, dtype=torch.float64)
        layer = nn.TransformerDecoderLayer(
            E, H, 24, batch_first=True, dtype=torch.float64, **options
        )
        self.decoder = nn.TransformerDecoder(layer, 2)
        self.head = nn.Linear(E, V, dtype=torch.float64)
        for parameter in self.parameters():
            nn.init.normal_(parameter, 0.1, 0.4)

    def step(self, tokens, state):
        y = self.decoder(
            self.emb(tokens),
            state["memory"],
            tgt_is_causal=True,
            memory_key_padding_mask=state["padding"],
            cache=state["cache"],
        )
        return self.head(y[:, -1]), state


KINDS = [
    {},
    {"norm_first": True},
    {"activation": "gelu", "norm_first": True},
    {"bias": False},
    {"activation": nn.SiLU()},
]


@pytest.fixture
def taken(monkeypatch):
    """Which of the short ways were gone, and how often."""
    counts = {}

    def watch(kind):
        name, real = f"{kind}_step", getattr(transformer_step, f"{kind}_step")

        def counted(*args):
            y = real(*args)
            counts[name, y is not None] = counts.get((name, y is not None), 0) + 1
            return y

        monkeypatch.setattr(f"scratchml.nn.modules.transformer_{kind}_layer.{name}", counted)

    watch("encoder")
    watch("decoder")
    return counts


@kernel
@pytest.mark.parametrize("options", KINDS, ids=str)
def test_greedy_decoding_with_a_cache_is_that_without(options, taken):
    torch.manual_seed(0)
    model = LanguageModel(**options).eval()
    prompts = torch.tensor([[1, 2, 3], [4, 5, 6], [9, 9, 9]])
    plain = greedy_search(uncached(model), prompts, max_length=40, eos=0)
    cache = model.encoder.new_cache()
    cached = greedy_search(model.step, prompts, cache, max_length=40, eos=0)
    assert cached.tokens.tolist() == plain.tokens.tolist()
    np.testing.assert_allclose(cached.scores.numpy(), plain.scores.numpy(), rtol=1e-11)
    assert cache[0].length == 3 + cached.tokens.shape[1] - 1
    if decoder_step.serves(3, np.dtype(np.float64)):
        assert taken["encoder_step", True] == 2 * (cached.tokens.shape[1] - 1)


@kernel
@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_beam_with_caches_is_that_without(options, taken):
    torch.manual_seed(1)
    model = Translator(**options).eval()
    memory = torch.randn(3, 6, E, dtype=torch.float64)
    padding = torch.tensor([[False] * 6, [False] * 4 + [True] * 2, [True] + [False] * 5])
    begin = torch.tensor([[1], [1], [1]])

    def plain(tokens, state):
        memory, padding, seen = state
        seen = tokens if seen is None else torch.cat([seen, tokens], 1)
        y = model.decoder(
            model.emb(seen), memory, tgt_is_causal=True, memory_key_padding_mask=padding,
            tgt_mask=nn.Transformer.generate_square_subsequent_mask(
                seen.shape[1], dtype=torch.float64
            ),
        )  # fmt: skip
        return model.head(y[:, -1]), (memory, padding, seen)

    options = {"width": 3, "max_length": 9, "eos": 0, "n_best": 2}
    expected = beam_search(plain, begin, (memory, padding, None), **options)
    state = {"memory": memory, "padding": padding, "cache": model.decoder.new_cache()}
    found = beam_search(model.step, begin, state, **options)
    assert found.tokens.tolist() == expected.tokens.tolist()
    np.testing.assert_allclose(found.scores.numpy(), expected.scores.numpy(), rtol=1e-11)
    if decoder_step.serves(3, np.dtype(np.float64)):
        assert taken["decoder_step", True] == 2 * (found.tokens.shape[2] - 1)


def outputs(layer, x, padding=None, cache=None, **options):
    """The outputs for positions given one by one."""
    cache = nn.KeyValueCache() if cache is None else cache
    return np.concatenate(
        [
            layer(
                x[:, t : t + 1],
                src_key_padding_mask=None if padding is None else padding[:, : t + 1],
                cache=cache,
                **options,
            ).numpy()
            for t in range(x.shape[1])
        ],
        axis=1,
    )


def some_layer(dtype=torch.float64, **options):
    torch.manual_seed(2)
    return nn.TransformerEncoderLayer(E, H, 24, batch_first=True, dtype=dtype, **options).eval()


@kernel
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 3e-6), (torch.float64, 1e-14)])
@pytest.mark.parametrize("rows", [1, 3, 16, 17])
def test_one_by_one_is_all_at_once(rows, dtype, atol):
    layer, x = some_layer(dtype), torch.randn(rows, 7, E, dtype=dtype)
    with torch.no_grad():
        expected = layer(x, nn.Transformer.generate_square_subsequent_mask(7, dtype=dtype)).numpy()
        np.testing.assert_allclose(outputs(layer, x), expected, atol=atol)
        np.testing.assert_allclose(outputs(layer, x, is_causal=True), expected, atol=atol)


@kernel
def test_masks_of_keys_and_a_row_to_which_all_is_hidden():
    layer, x = some_layer(), torch.randn(3, 6, E, dtype=torch.float64)
    padding = torch.zeros(3, 6, dtype=torch.bool)
    padding[1, :2] = True
    padding[2] = True
    hidden = nn.Transformer.generate_square_subsequent_mask(6, dtype=torch.float64)
    with torch.no_grad():
        expected = layer(x, hidden, padding).numpy()
        np.testing.assert_allclose(outputs(layer, x, padding), expected, atol=1e-14)
        added = torch.where(padding, -torch.inf, 0.0).double()
        np.testing.assert_allclose(outputs(layer, x, added), expected, atol=1e-14)
    assert np.isfinite(expected).all()


def hooked(layer):
    layer.linear2.register_forward_hook(lambda module, args, y: 2 * y)


def replaced(layer):
    layer.norm2 = nn.RMSNorm(E, dtype=torch.float64)


def wrapped(layer):
    class Wider(nn.Linear):
        def forward(self, x):
            return F.linear(x, self.weight, self.bias) + 1

    layer.linear1 = Wider(E, 24, dtype=torch.float64)


def hooked_inside(layer):
    layer.self_attn.out_proj.register_forward_hook(lambda module, args, y: 3 * y)


def turned(layer):
    w = layer.linear1.weight.detach().numpy()
    layer.linear1.weight = nn.Parameter(torch.from_numpy(np.asfortranarray(w)))


def with_extra_key(layer):
    layer.self_attn = nn.MultiheadAttention(
        E, H, add_zero_attn=True, batch_first=True, dtype=torch.float64
    ).eval()


@kernel
@pytest.mark.parametrize(
    "change", [hooked, replaced, wrapped, hooked_inside, turned, with_extra_key]
)
def test_layers_that_were_changed(change):
    layer, x = some_layer(), torch.randn(2, 5, E, dtype=torch.float64)
    change(layer)
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    with torch.no_grad():
        np.testing.assert_allclose(outputs(layer, x), layer(x, mask).numpy(), atol=1e-14)


@kernel
def test_the_batch_may_come_second_and_rows_may_lie_apart():
    layer, x = some_layer(), torch.randn(2, 5, E, dtype=torch.float64)
    with torch.no_grad():
        expected = outputs(layer, x)
        layer.self_attn.batch_first = False
        cache = nn.KeyValueCache()
        apart = torch.from_numpy(np.asfortranarray(x.numpy().transpose(1, 0, 2)))
        steps = [layer(apart[t : t + 1], cache=cache).numpy() for t in range(5)]
    np.testing.assert_allclose(np.concatenate(steps).transpose(1, 0, 2), expected, atol=1e-14)


@kernel
@pytest.mark.parametrize("part", ["self_attn", "dropout", "dropout1", "dropout2"])
def test_what_is_in_training_drops(part):
    layer, x = some_layer(dropout=0.5), torch.randn(1, 4, E, dtype=torch.float64)
    getattr(layer, part).train()
    with torch.no_grad():
        assert not np.allclose(outputs(layer, x), outputs(layer, x))


@kernel
def test_a_wrong_batch_or_dtype_is_an_error_as_ever():
    layer, cache = some_layer(), nn.KeyValueCache()
    with torch.no_grad():
        layer(torch.zeros(2, 1, E, dtype=torch.float64), cache=cache)
        with pytest.raises(ValueError, match=r"takes keys of shape \(2, 4, n, 4\)"):
            layer(torch.zeros(3, 1, E, dtype=torch.float64), cache=cache)
        with pytest.raises(TypeError, match="float64"):
            layer(torch.zeros(2, 1, E), cache=cache)
        with pytest.raises(ValueError, match=f"{E}"):
            layer(torch.zeros(2, 1, E + 1, dtype=torch.float64), cache=cache)
    assert cache.length == 1


@kernel
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 3), (2, 4, 33), (5, 9, 16), (2, 0, 3)])
def test_products_of_few_rows(shape, dtype):
    R, out, inner = shape
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(R, inner)).astype(dtype), rng.normal(size=(out, inner)).astype(dtype)
    b, added = rng.normal(size=out).astype(dtype), rng.normal(size=(R, out)).astype(dtype)
    rtol = 1e-5 if dtype == np.float32 else 1e-13
    for array in (x, w, b, added):
        array.flags.writeable = False
    y = decoder_step.multiply(x, w, b, added)
    np.testing.assert_allclose(y, x @ w.T + b + added, rtol=rtol, atol=rtol)
    y = decoder_step.multiply(x, w, None, rectify=True)
    np.testing.assert_allclose(y, np.maximum(x @ w.T, 0), rtol=rtol, atol=rtol)
    assert y.dtype == dtype


@kernel
def test_a_nan_passes_through_the_rectifier_and_large_logits_through_the_softmax():
    x, w = np.array([[1.0, np.nan]]), np.eye(2)
    assert np.isnan(decoder_step.multiply(x, w, None, rectify=True)).all()
    keys = np.array([1e4, -1e4, 1e4])[None, None, :, None].copy()
    values = np.array([1.0, 7.0, 3.0])[None, None, :, None].copy()
    one = np.ones((1, 1))
    y = decoder_step.attend(one, one, None, (keys, values), 3)
    np.testing.assert_allclose(y, [[2.0]])
    y = decoder_step.attend(one, one, None, (keys, values), 3, np.full((1, 3), -np.inf))
    np.testing.assert_array_equal(y, [[0.0]])


@kernel
def test_products_that_do_not_fit():
    with pytest.raises(ValueError, match=r"\(1, 2\) and the transpose of \(3, 4\)"):
        decoder_step.multiply(np.ones((1, 2)), np.ones((3, 4)), None)
