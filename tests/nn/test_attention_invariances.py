"""What must be true of attention whatever the queries, keys and values are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
import scratchml.tensor as torch

attend = F.scaled_dot_product_attention


def numbers(*shape, seed=1, dtype=np.float64):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(dtype))


def same(a, b, rtol=1e-11):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=rtol)


def qkv(L, S, E=4, Ev=5, heads=2, kv_heads=2, dtype=np.float64, seed=1):
    """Return leaves (2, heads, length, E)."""
    shapes = (2, heads, L, E), (2, kv_heads, S, E), (2, kv_heads, S, Ev)
    return [numbers(*s, seed=seed + i, dtype=dtype).requires_grad_() for i, s in enumerate(shapes)]


def gradients(y, leaves):
    """Return the gradients of <y, r> for random r."""
    for leaf in leaves:
        leaf.grad = None
    (y * numbers(*y.shape, seed=5, dtype=y.detach().numpy().dtype)).sum().backward()
    return [leaf.grad.numpy().copy() for leaf in leaves]


def by_definition(q, k, v, mask=None, is_causal=False):
    """Compute attention with tensors, from its equation."""
    scores = q @ k.transpose(-1, -2) / np.sqrt(q.shape[-1])
    if is_causal:
        mask = torch.from_numpy(np.tril(np.ones(tuple(scores.shape[-2:]), bool)))
    if mask is not None:
        scores = scores.masked_fill(~mask, -np.inf)
    return F.softmax(scores, -1) @ v


# sizes around and off those of tiles
SIZES = [
    (1, 1),
    (1, 37),
    (37, 1),
    (3, 129),
    (9, 33),
    (20, 20),
    (64, 64),
    (65, 127),
    (130, 257),
    (300, 70),
]


@pytest.mark.parametrize(("L", "S"), SIZES)
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-11), (np.float32, 2e-5)])
def test_the_fast_way_is_the_definition(L, S, is_causal, dtype, rtol):
    leaves = qkv(L, S, E=16, Ev=24, dtype=dtype)
    y = attend(*leaves, is_causal=is_causal)
    found = [y.detach().numpy(), *gradients(y, leaves)]
    wide = [leaf.detach().double().requires_grad_() for leaf in leaves]
    y = by_definition(*wide, is_causal=is_causal)
    expected = [y.detach().numpy(), *gradients(y, wide)]
    for a, e in zip(found, expected, strict=True):
        assert a.dtype == dtype
        scale = max(1.0, np.abs(e).max())  # with one key dq is 0, but for rounding
        np.testing.assert_allclose(a, e, rtol=rtol, atol=rtol * scale)


@given(
    L=st.integers(1, 70),
    S=st.integers(1, 70),
    E=st.integers(1, 20),
    Ev=st.integers(1, 20),
    seed=st.integers(0, 9),
    is_causal=st.booleans(),
)
def test_the_fast_way_is_the_definition_at_any_size_and_mask(L, S, E, Ev, seed, is_causal):
    leaves = qkv(L, S, E, Ev, seed=seed)
    mask = np.random.default_rng(seed).random((2, 1, L, S)) < 0.6
    mask[..., 0] = True
    mask = None if is_causal else torch.from_numpy(mask)
    y = attend(*leaves, mask, is_causal=is_causal)
    expected = by_definition(*leaves, mask, is_causal)
    same(y, expected)
    pairs = zip(gradients(y, leaves), gradients(expected, leaves), strict=True)
    for a, e in pairs:
        np.testing.assert_allclose(a, e, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("L", [5, 150])
def test_the_order_of_keys_plays_no_part(L):
    q, k, v = qkv(L, L)
    order = np.random.default_rng(0).permutation(L)
    same(attend(q, k, v), attend(q, k[:, :, order], v[:, :, order]))
    same(attend(q, k, v)[:, :, order], attend(q[:, :, order], k, v))


@pytest.mark.parametrize("L", [5, 150])
def test_causal_attention_does_not_see_the_future(L):
    q, k, v = (t.detach() for t in qkv(L, L))
    for t in {1, L // 2, L - 1}:
        k2, v2 = k.clone(), v.clone()
        k2[:, :, t:], v2[:, :, t:] = 1e6, -3.0
        a, b = attend(q, k, v, is_causal=True), attend(q, k2, v2, is_causal=True)
        np.testing.assert_array_equal(a[:, :, :t].numpy(), b[:, :, :t].numpy())
        assert not np.array_equal(a[:, :, t:].numpy(), b[:, :, t:].numpy())
    whole = attend(q, k, v, is_causal=True)
    for t in {1, L // 2}:
        same(whole[:, :, :t], attend(*(x[:, :, :t] for x in (q, k, v)), is_causal=True))
        same(whole[:, :, t - 1 : t], attend(q[:, :, t - 1 : t], k[:, :, :t], v[:, :, :t]))


def test_the_gradient_of_causal_attention_does_not_come_from_the_past():
    leaves = qkv(6, 6)
    attend(*leaves, is_causal=True)[:, :, :3].sum().backward()
    for leaf in leaves:
        assert leaf.grad.numpy()[:, :, :3].any()
        assert not leaf.grad.numpy()[:, :, 3:].any()


def test_grouped_queries_are_repeated_keys():
    q, k, v = leaves = qkv(9, 7, heads=6, kv_heads=2)
    y = attend(q, k, v, enable_gqa=True)
    repeated = [x.repeat_interleave(3, 1) for x in (k, v)]
    expected = attend(q, *repeated)
    same(y, expected)
    for a, e in zip(gradients(y, leaves), gradients(expected, leaves), strict=True):
        np.testing.assert_allclose(a, e, rtol=1e-10, atol=1e-10)


def test_a_number_added_to_all_scores_of_a_query_changes_nothing():
    leaves = qkv(5, 7)
    bias = numbers(5, 7, seed=8)
    same(attend(*leaves, bias), attend(*leaves, bias + numbers(5, 1, seed=9)))


def test_the_bias_of_minus_infinity_and_the_mask_are_one():
    leaves = qkv(5, 7)
    mask = np.random.default_rng(2).random((5, 7)) < 0.5
    mask[:, 3] = True
    bias = torch.from_numpy(np.where(mask, 0.0, -np.inf))
    a, b = attend(*leaves, torch.from_numpy(mask)), attend(*leaves, bias)
    same(a, b)
    for x, y in zip(gradients(a, leaves), gradients(b, leaves), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-11)


# Extremes


@pytest.mark.parametrize("L", [6, 140])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_queries_to_which_nothing_is_left_give_zeros(L, dtype):
    leaves = qkv(L, L, dtype=dtype)
    mask = np.ones((L, L), bool)
    mask[2] = mask[L - 1] = False
    y = attend(*leaves, torch.from_numpy(mask))
    assert not y.detach().numpy()[:, :, [2, L - 1]].any()
    found = gradients(y, leaves)
    assert all(np.isfinite(g).all() for g in found)
    assert not found[0][:, :, [2, L - 1]].any()
    assert found[1].any()


@pytest.mark.parametrize("L", [6, 140])
@pytest.mark.parametrize("is_causal", [False, True])
def test_scores_of_ten_thousand_choose_one_key(L, is_causal):
    """The softmax of such scores has a single one; exp(1e4) is not a number of float32."""
    q, k, v = (t.detach().numpy() for t in qkv(L, L, E=L, dtype=np.float32))
    k = np.broadcast_to(np.eye(L, dtype=np.float32), k.shape).copy()
    q[:] = np.where(np.eye(L), 1e4, -1e4) * np.sqrt(L)  # query i: 1e4 for key i, -1e4 for others
    leaves = [torch.from_numpy(a).requires_grad_() for a in (q, k, v)]
    y = attend(*leaves, is_causal=is_causal)
    np.testing.assert_allclose(y.detach().numpy(), v, rtol=1e-6)
    dq, dk, dv = gradients(y, leaves)
    assert np.isfinite(dq).all()
    assert np.isfinite(dk).all()
    np.testing.assert_allclose(dv, numbers(*y.shape, seed=5, dtype=np.float32).numpy(), rtol=1e-6)


@pytest.mark.parametrize("L", [6, 140])
@pytest.mark.parametrize("size", [1e-38, 6e-8, 65504.0, 1e15])
def test_very_small_and_very_large_numbers_give_numbers(L, size):
    leaves = [
        (t.detach() * size).requires_grad_() for t in qkv(L, L, E=16, Ev=16, dtype=np.float32)
    ]
    y = attend(*leaves)
    found = [y.detach().numpy(), *gradients(y, leaves)]
    assert all(np.isfinite(a).all() for a in found)
    if size < 1:  # all scores are 0: the mean
        mean = leaves[2].detach().numpy().mean(2, keepdims=True)
        np.testing.assert_allclose(found[0], np.broadcast_to(mean, y.shape), atol=1e-5 * size)


@pytest.mark.parametrize("L", [6, 140])
def test_what_is_hidden_may_be_anything_but_missing(L):
    """Keys behind a mask are not looked at, however large."""
    q, k, v = (t.detach() for t in qkv(L, L, dtype=np.float32))
    mask = np.ones((L, L), bool)
    mask[:, 3] = False
    mask = torch.from_numpy(mask)
    clean = attend(q, k, v, mask)
    k, v = k.clone(), v.clone()
    k[:, :, 3], v[:, :, 3] = 1e18, 1e30
    same(attend(q, k, v, mask), clean, 1e-6)


@pytest.mark.parametrize("is_causal", [False, True])
def test_the_same_bits_with_any_number_of_threads(is_causal):
    found = []
    for threads in (1, 2, 3):
        leaves = qkv(150, 150, E=32, Ev=32, heads=4, kv_heads=4, dtype=np.float32)
        with scratchml.set_num_threads(threads):
            y = attend(*leaves, is_causal=is_causal)
            found.append([y.detach().numpy(), *gradients(y, leaves)])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)
