"""What must be true of multi-head attention and Transformers whatever their weights are."""

import numpy as np
import pytest

import scratchml.nn as nn
import scratchml.nn.functional as F
import scratchml.tensor as torch

D, HEADS, L, S = 8, 2, 7, 5


def numbers(*shape, seed=1, dtype=np.float64):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(dtype))


def same(a, b, rtol=1e-11):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=rtol)


def filled(module, seed=0):
    """Return the module in float64, with weights that are nobody's fresh ones."""
    rng = np.random.default_rng(seed)
    for parameter in module.double().parameters():
        values = parameter.detach().numpy()
        values[...] = rng.uniform(-0.7, 0.7, values.shape)
    return module


def attention(**options):
    return filled(nn.MultiheadAttention(D, HEADS, batch_first=True, **options))


def layer(name, **options):
    return getattr(nn, name)(D, HEADS, 16, dropout=0.0, batch_first=True, **options)


def encoder(layers=2, **options):
    return filled(nn.TransformerEncoder(layer("TransformerEncoderLayer", **options), layers))


def decoder(layers=2, **options):
    return filled(nn.TransformerDecoder(layer("TransformerDecoderLayer", **options), layers))


def causal(n):
    """Return the mask of nn.Transformer, in float64."""
    return nn.Transformer.generate_square_subsequent_mask(n).double()


# Multi-head attention


def test_one_head_is_attention_between_linear_layers():
    m = filled(nn.MultiheadAttention(D, 1, batch_first=True))
    x, memory = numbers(2, L, D), numbers(2, S, D, seed=2)
    w, b = m.in_proj_weight.chunk(3), m.in_proj_bias.chunk(3)
    q, k, v = (F.linear(t, w[i], b[i]) for i, t in enumerate((x, memory, memory)))
    expected = m.out_proj(F.scaled_dot_product_attention(q, k, v))
    same(m(x, memory, memory)[0], expected)


def test_weights_wanted_or_not_the_output_is_one():
    m, x = attention(), numbers(2, L, D)
    y, weights = m(x, x, x)
    alone, none = m(x, x, x, need_weights=False)
    assert none is None
    same(y, alone)
    same(weights.sum(-1), torch.ones(2, L, dtype=np.float64))
    of_heads = m(x, x, x, average_attn_weights=False)[1]
    same(of_heads.mean(1), weights)


def test_heads_add_up():
    """The output layer is linear: the output is the sum of what each head alone gives."""
    m, x = attention(), numbers(2, L, D)
    whole = m(x, x, x)[0] - m.out_proj.bias
    weight, parts = m.out_proj.weight.detach().numpy(), 0
    kept = weight.copy()
    for head in range(HEADS):
        weight[...] = 0
        columns = slice(head * D // HEADS, (head + 1) * D // HEADS)
        weight[:, columns] = kept[:, columns]
        parts = parts + (m(x, x, x)[0] - m.out_proj.bias).detach()
    same(whole, parts)


def test_a_sequence_alone_and_in_a_batch_padded():
    """Padding keys are no keys; the first sequence is the longest."""
    m = attention()
    memory, lengths = numbers(3, S, D, seed=2), [5, 3, 1]
    padding = torch.from_numpy(np.arange(S) >= np.array(lengths)[:, None])
    q = numbers(3, L, D)
    memory.numpy()[padding.numpy()] = 1e3
    y = m(q, memory, memory, key_padding_mask=padding)[0]
    for i, n in enumerate(lengths):
        alone = m(q[i : i + 1], memory[i : i + 1, :n], memory[i : i + 1, :n])[0]
        same(y[i : i + 1], alone)


def test_what_is_padding_gets_no_gradient():
    m, memory = attention(), numbers(2, S, D, seed=2).requires_grad_()
    padding = np.zeros((2, S), bool)
    padding[1, 2:] = True
    y = m(numbers(2, L, D), memory, memory, key_padding_mask=torch.from_numpy(padding))[0]
    (y * y).sum().backward()
    assert not memory.grad.numpy()[padding].any()
    assert memory.grad.numpy()[~padding].any(axis=-1).all()


# Encoder and decoder


@pytest.mark.parametrize("norm_first", [False, True])
def test_an_encoder_knows_no_order(norm_first):
    m, x = encoder(norm_first=norm_first), numbers(2, L, D)
    order = [3, 0, 6, 1, 5, 2, 4]
    same(m(x)[:, order], m(x[:, order]))


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("told", [None, True])
def test_a_causal_encoder_does_not_see_the_future(norm_first, told):
    m, x = encoder(norm_first=norm_first), numbers(2, L, D)
    other = x.clone()
    other[:, 4:] = 3.0
    a, b = (m(t, mask=causal(L), is_causal=told) for t in (x, other))
    np.testing.assert_array_equal(a[:, :4].detach().numpy(), b[:, :4].detach().numpy())
    assert np.abs((a - b)[:, 4:].detach().numpy()).max() > 0.01
    same(a[:, :4], m(x[:, :4], mask=causal(4), is_causal=told))


def test_a_padded_batch_is_the_sequences_one_by_one():
    m, x, lengths = encoder(), numbers(3, L, D), [7, 4, 2]
    padding = np.arange(L) >= np.array(lengths)[:, None]
    x.numpy()[padding] = 50.0
    y = m(x, src_key_padding_mask=torch.from_numpy(padding))
    for i, n in enumerate(lengths):
        same(y[i, :n], m(x[i : i + 1, :n])[0])


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_decoder_sees_all_of_the_memory_and_its_own_past(norm_first):
    m, x, memory = decoder(norm_first=norm_first), numbers(2, L, D), numbers(2, S, D, seed=2)
    y = m(x, memory, tgt_mask=causal(L))
    order = [4, 2, 0, 1, 3]
    same(y, m(x, memory[:, order], tgt_mask=causal(L)))
    for t in (1, 4):
        same(y[:, :t], m(x[:, :t], memory, tgt_mask=causal(t)))


def test_a_transformer_is_its_encoder_and_its_decoder():
    m = filled(nn.Transformer(D, HEADS, 2, 2, 16, dropout=0.0, batch_first=True))
    source, target = numbers(2, S, D, seed=2), numbers(2, L, D)
    y = m(source, target, tgt_mask=causal(L))
    same(y, m.decoder(target, m.encoder(source), tgt_mask=causal(L)))


def test_sequences_of_a_batch_do_not_see_each_other():
    m, x, memory = decoder(), numbers(3, L, D), numbers(3, S, D, seed=2)
    y = m(x, memory)
    for i in range(3):
        same(y[i : i + 1], m(x[i : i + 1], memory[i : i + 1]))


# Position by position, with a cache


@pytest.mark.parametrize("pieces", [[1] * L, [3, 1, 3], [L], [1, L - 1]])
@pytest.mark.parametrize("norm_first", [False, True])
def test_an_encoder_with_a_cache_is_the_causal_encoder(pieces, norm_first):
    m, x = encoder(norm_first=norm_first).eval(), numbers(2, L, D)
    with torch.no_grad():
        expected = m(x, mask=causal(L), is_causal=True)
        cache, start = m.new_cache(), 0
        for n in pieces:
            mask = None if n == 1 else seen(start, n)
            y = m(x[:, start : start + n], mask=mask, cache=cache)
            same(y, expected[:, start : start + n])
            start += n


def seen(start, n):
    """Return the mask of n new positions behind `start` old ones: True where none may look."""
    return torch.from_numpy(np.triu(np.ones((n, start + n), bool), start + 1))


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_decoder_with_a_cache_is_the_causal_decoder(norm_first):
    m, x, memory = decoder(norm_first=norm_first).eval(), numbers(2, L, D), numbers(2, S, D, seed=2)
    padding = np.zeros((2, S), bool)
    padding[0, 3:] = True
    padding = torch.from_numpy(padding)
    with torch.no_grad():
        expected = m(x, memory, tgt_mask=causal(L), memory_key_padding_mask=padding)
        cache = m.new_cache()
        for t in range(L):
            y = m(x[:, t : t + 1], memory, memory_key_padding_mask=padding, cache=cache)
            same(y, expected[:, t : t + 1])


# Extremes


@pytest.mark.parametrize("name", ["encoder", "decoder"])
@pytest.mark.parametrize("size", [6e-8, 65504.0, 1e12])
def test_very_small_and_very_large_inputs_give_numbers(name, size):
    m = {"encoder": encoder, "decoder": decoder}[name]().float()
    x = (numbers(2, L, D, dtype=np.float32) * size).detach().requires_grad_()
    y = m(x) if name == "encoder" else m(x, x)
    (y * numbers(2, L, D, seed=4, dtype=np.float32)).sum().backward()
    for found in (y.detach(), x.grad, *(p.grad for p in m.parameters())):
        assert np.isfinite(found.numpy()).all()
