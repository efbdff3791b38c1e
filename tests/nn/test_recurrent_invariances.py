"""What must be true of recurrent layers whatever their weights: packing, order, state, batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
import scratchml.nn as nn
import scratchml.tensor as torch
from scratchml.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

KINDS = ("RNN", "LSTM", "GRU")
E, H = 3, 5

kinds = pytest.mark.parametrize("kind", KINDS)


def made(kind, layers=1, seed=0, dtype=np.float64, **options):
    torch.manual_seed(seed)
    return getattr(nn, kind)(E, H, layers, **options).to(dtype)


def numbers(*shape, seed=1, dtype=np.float64):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(dtype))


def parts(state):
    """Return the tensors of a state: (h, c) or h alone."""
    return state if isinstance(state, tuple) else (state,)


def joined(pieces):
    """Return a state of the same kind as each of `pieces`, beside each other in the batch."""
    if isinstance(pieces[0], tuple):
        return tuple(torch.cat(part, 1) for part in zip(*pieces, strict=True))
    return torch.cat(pieces, 1)


def same(a, b, rtol=1e-12):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=rtol)


def gradients(layer):
    return {name: p.grad.numpy().copy() for name, p in layer.named_parameters()}


@kinds
@pytest.mark.parametrize("bidirectional", [False, True])
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4), layers=st.integers(1, 2))
def test_a_packed_batch_is_the_sequences_one_by_one(kind, bidirectional, lengths, layers):
    """Outputs, last states and gradients; what stands in the padding plays no part."""
    layer = made(kind, layers, bidirectional=bidirectional, batch_first=True)
    x = numbers(len(lengths), max(lengths), E)
    for i, n in enumerate(lengths):
        x.numpy()[i, n:] = np.nan
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    y, state = layer(packed)
    y, told = pad_packed_sequence(y, batch_first=True)
    assert told.tolist() == lengths

    layer.zero_grad()
    (y.sum() + sum((s * s).sum() for s in parts(state))).backward()
    together = gradients(layer)

    layer.zero_grad()
    for i, n in enumerate(lengths):
        alone, last = layer(x[i : i + 1, :n])
        same(y[i : i + 1, :n], alone)
        assert not y[i, n:].any()
        for mine, its in zip(parts(state), parts(last), strict=True):
            same(mine[:, i : i + 1], its)
        (alone.sum() + sum((s * s).sum() for s in parts(last))).backward()
    for name, expected in gradients(layer).items():
        np.testing.assert_allclose(together[name], expected, rtol=1e-11, atol=1e-11, err_msg=name)


@kinds
def test_sequences_of_different_lengths_packed_from_a_list(kind):
    layer = made(kind, 2)
    sequences = [numbers(n, E, seed=n) for n in (2, 5, 1, 5)]
    y, state = layer(pack_sequence(sequences, enforce_sorted=False))
    y, lengths = pad_packed_sequence(y)
    assert lengths.tolist() == [2, 5, 1, 5]
    for i, sequence in enumerate(sequences):
        alone, last = layer(sequence)
        same(y[: len(sequence), i], alone)
        for mine, its in zip(parts(state), parts(last), strict=True):
            same(mine[:, i], its)


@kinds
@pytest.mark.parametrize("layers", [1, 2])
def test_a_sequence_may_be_cut_where_one_likes(kind, layers):
    """The state is all that the past leaves behind; gradients go through it."""
    layer, x = made(kind, layers), numbers(7, 2, E)
    x.requires_grad_()
    y, last = layer(x)
    (y * y).sum().backward()
    whole = x.grad.numpy().copy()
    x.grad = None
    first, middle = layer(x[:3])
    second, end = layer(x[3:], middle)
    same(y, torch.cat([first, second]))
    for mine, its in zip(parts(last), parts(end), strict=True):
        same(mine, its)
    ((first * first).sum() + (second * second).sum()).backward()
    np.testing.assert_allclose(x.grad.numpy(), whole, rtol=1e-12, atol=1e-12)


@kinds
def test_what_comes_later_changes_nothing_before(kind):
    layer, x = made(kind, 2), numbers(6, 2, E)
    other = x.clone()
    other[4:] = 7.0
    a, b = layer(x)[0], layer(other)[0]
    np.testing.assert_array_equal(a[:4].detach().numpy(), b[:4].detach().numpy())
    assert not np.array_equal(a[4:].detach().numpy(), b[4:].detach().numpy())


@kinds
def test_sequences_of_a_batch_do_not_see_each_other(kind):
    layer, x = made(kind, 2, bidirectional=True), numbers(4, 3, E)
    order = [2, 0, 1]
    same(layer(x)[0][:, order], layer(x[:, order])[0])
    same(layer(x)[0][:, 1:2], layer(x[:, 1:2])[0])


@kinds
def test_the_second_direction_is_the_first_on_the_reversed_sequence(kind):
    both, x = made(kind, bidirectional=True), numbers(5, 2, E)
    one = made(kind)
    state = both.state_dict()
    one.load_state_dict({k: state[f"{k}_reverse"] for k in one.state_dict()})
    y, last = both(x)
    back, end = one(x.flip(0))
    same(y[:, :, H:], back.flip(0))
    for mine, its in zip(parts(last), parts(end), strict=True):
        same(mine[1:], its)


@kinds
def test_two_layers_are_one_after_the_other(kind):
    both, x = made(kind, 2), numbers(5, 2, E)
    first, second = made(kind), getattr(nn, kind)(H, H).double()
    state = both.state_dict()
    first.load_state_dict({k: state[k] for k in first.state_dict()})
    second.load_state_dict({k: state[k.replace("l0", "l1")] for k in second.state_dict()})
    same(both(x)[0], second(first(x)[0])[0])


@kinds
def test_batch_first_moves_an_axis(kind):
    a, b, x = made(kind, 2), made(kind, 2, batch_first=True), numbers(5, 2, E)
    same(a(x)[0], b(x.transpose(0, 1))[0].transpose(0, 1))


@kinds
def test_a_layer_is_its_cell_step_by_step(kind):
    layer, x = made(kind), numbers(6, 2, E)
    cell = getattr(nn, f"{kind}Cell")(E, H).double()
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    state, ys = None, []
    for t in range(6):
        state = cell(x[t]) if state is None else cell(x[t], state)
        ys.append(parts(state)[0])
    y, last = layer(x)
    same(y, torch.stack(ys))
    for mine, its in zip(parts(last), parts(state), strict=True):
        same(mine[0], its)


@kinds
def test_states_of_a_batch_are_those_of_its_sequences(kind):
    layer, x = made(kind, 2), numbers(3, 2, E)
    starts = []
    for i in range(2):
        h, c = numbers(2, 1, H, seed=i), numbers(2, 1, H, seed=9 + i)
        starts.append((h, c) if kind == "LSTM" else h)
    y, last = layer(x, joined(starts))
    for i, start in enumerate(starts):
        alone, end = layer(x[:, i : i + 1], start)
        same(y[:, i : i + 1], alone)
        for mine, its in zip(parts(last), parts(end), strict=True):
            same(mine[:, i : i + 1], its)


# Extremes


@kinds
@pytest.mark.parametrize("size", [1e-30, 6e-8, 65504.0, 1e30])
def test_very_small_and_very_large_inputs_give_numbers(kind, size):
    """Saturated gates have no gradient, and are no reason for NaN: in float32, to and fro."""
    layer = made(kind, 2, dtype=np.float32)
    x = numbers(4, 2, E, dtype=np.float32) * size
    x = x.detach().requires_grad_()
    y, _ = layer(x)
    y.sum().backward()
    for found in (y.detach(), x.grad, *(p.grad for p in layer.parameters())):
        assert np.isfinite(found.numpy()).all()
    assert np.abs(y.detach().numpy()).max() <= 1


@kinds
def test_a_missing_number_stays_in_its_sequence(kind):
    layer, x = made(kind), numbers(4, 3, E)
    clean = layer(x)[0].detach().numpy()
    x.numpy()[2, 1] = np.nan
    y = layer(x)[0].detach().numpy()
    assert np.isnan(y[2:, 1]).all()
    np.testing.assert_array_equal(y[:2], clean[:2])
    np.testing.assert_array_equal(y[:, [0, 2]], clean[:, [0, 2]])


@kinds
def test_the_same_bits_with_any_number_of_threads(kind):
    """Large enough for the batch, or the products, to be cut in pieces."""
    layer = getattr(nn, kind)(64, 160)
    found = []
    for threads in (1, 2, 3):
        x = numbers(20, 48, 64, dtype=np.float32).requires_grad_()
        layer.zero_grad()
        with scratchml.set_num_threads(threads):
            y, _ = layer(x)
            (y * y).sum().backward()
        found.append([y.detach().numpy(), x.grad.numpy(), *gradients(layer).values()])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)
