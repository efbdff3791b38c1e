"""Attention: loops of its definition, gradients, masks, groups of heads, PyTorch's figures."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.nn.functional as F
from scratchml.nn.ops.attention import attention_backward, attention_forward
from scratchml.nn.ops.attention_heads import (
    merge_heads_backward,
    merge_heads_forward,
    project_heads_backward,
    project_heads_forward,
)
from scratchml.nn.ops.dropout import dropout_forward
from scratchml.tensor import Generator, manual_seed, no_grad

from .attention_cases import FUNCTIONS, function_inputs, outcome
from .functions import both_ways, tensor  # noqa: F401 (a fixture)
from .pairs import check_adjoint, check_pair

REFERENCE = Path(__file__).parent / "reference" / "attention.npz"
INF = np.inf

# Queries, keys, values: alone, in batches, broadcast, in groups, one of all, none of some.
SHAPES = [
    ((3, 4), (5, 4), (5, 2)),
    ((1, 1), (1, 1), (1, 1)),
    ((2, 3, 4), (2, 5, 4), (2, 5, 6)),
    ((2, 2, 3, 4), (2, 2, 4, 4), (2, 2, 4, 3)),
    ((3, 2, 4), (5, 4), (1, 5, 3)),
    ((1, 2, 2, 3), (2, 1, 3, 3), (2, 2, 3, 2)),
    ((2, 4, 3, 2), (2, 2, 5, 2), (2, 1, 5, 2)),
    ((1, 6, 2, 3), (2, 2, 3, 3), (1, 3, 3, 2)),
    ((0, 3, 4), (0, 5, 4), (0, 5, 2)),
    ((2, 0, 4), (2, 5, 4), (2, 5, 2)),
    ((2, 3, 4), (2, 0, 4), (2, 0, 2)),
]
shapes = pytest.mark.parametrize("shapes", SHAPES, ids=str)


def values(*shapes, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def looped(q, k, v, bias=None, is_causal=False, scale=None):
    """Return attention of queries (H, L, E) one by one, in the longest floats there are."""
    q, k, v = (a.astype(np.longdouble) for a in (q, k, v))
    y = np.zeros((*q.shape[:2], v.shape[2]), np.longdouble)
    scale = 1 / math.sqrt(q.shape[2]) if scale is None else scale
    for h in range(len(q)):
        kh, vh = k[h * len(k) // len(q)], v[h * len(v) // len(q)]
        for i in range(q.shape[1]):
            seen = [
                j
                for j in range(len(kh))
                if not (is_causal and j > i) and (bias is None or bias[h, i, j] > -INF)
            ]
            logits = [
                scale * (q[h, i] @ kh[j]) + (0 if bias is None else bias[h, i, j]) for j in seen
            ]
            top = max(logits, default=0)
            shares = [np.exp(logit - top) for logit in logits]
            for share, j in zip(shares, seen, strict=True):
                y[h, i] += share / sum(shares) * vh[j]
    return y


# ------------------------------------------------------------------------------ the definition


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_its_definition(both_ways, masked, is_causal, dtype):  # noqa: F811
    q, k, v = values((6, 4, 5), (3, 7, 5), (2, 7, 3), dtype=dtype)
    bias = None
    if masked:
        rng = np.random.default_rng(1)
        bias = np.where(rng.random((6, 4, 7)) < 0.5, -INF, rng.standard_normal((6, 4, 7)))
        bias[2, 3] = -INF
        bias = bias.astype(dtype)
    y, _ = attention_forward(q, k, v, bias, is_causal)
    assert y.dtype == dtype
    expected = looped(q, k, v, bias, is_causal).astype(float)
    np.testing.assert_allclose(y, expected, rtol=0, atol=16 * np.finfo(dtype).eps)


@shapes
@pytest.mark.parametrize(
    "options",
    [{}, {"is_causal": True}, {"scale": 0.3}, {"dropout_p": 0.4, "seed": 5}],
    ids=["plain", "causal", "scale", "dropout"],
)
def test_gradients(shapes, options):
    check_pair(attention_forward, attention_backward, [*values(*shapes), None], **options)


@pytest.mark.parametrize("shape", [(3, 5), (1, 5), (3, 1), (4, 1, 1), (2, 4, 3, 5), (2, 1, 1, 5)])
def test_gradients_of_what_is_added(shape):
    q, k, v, bias = values((2, 4, 3, 2), (2, 2, 5, 2), (2, 4, 5, 3), shape)
    check_pair(attention_forward, attention_backward, [q, k, v, bias])


def test_gradients_past_keys_that_are_hidden(both_ways):  # noqa: F811
    q, k, v, bias = values((2, 3, 2), (2, 5, 2), (2, 5, 3), (2, 3, 5))
    bias[0, 0, 1:] = bias[0, 1] = bias[1, :, 4] = -INF

    def forward(q, k, v):
        return attention_forward(q, k, v, bias)

    def backward(dy, cache, needs):
        return attention_backward(dy, cache, (*needs, False))[:3]

    check_pair(forward, backward, [q, k, v])
    y, cache = attention_forward(q, k, v, bias)
    dq, _, dv, db = attention_backward(np.ones_like(y), cache)
    assert not y[0, 1].any()
    assert not dq[0, 1].any()
    assert not dv[1, 4].any()
    assert not db[bias == -INF].any()


def test_gradients_through_the_weights_that_are_returned():
    """As one output, so that the two have their gradients at once; then each alone."""

    def forward(q, k, v, bias):
        (y, weights), cache = attention_forward(
            q, k, v, bias, is_causal=True, dropout_p=0.3, seed=2, weights=True
        )
        return np.concatenate([y.ravel(), weights.ravel()]), (cache, y.shape, weights.shape)

    def apart(dy, shape, other):
        n = math.prod(shape)
        return dy[:n].reshape(shape), dy[n:].reshape(other)

    def backward(dy, cache, needs):
        return attention_backward(apart(dy, *cache[1:]), cache[0], needs)

    arrays = values((2, 3, 2), (2, 4, 2), (2, 4, 3), (3, 4))
    check_pair(forward, backward, arrays)
    y, cache = forward(*arrays)
    dy, dweights = apart(np.random.default_rng(0).standard_normal(y.shape), *cache[1:])
    both = attention_backward((dy, dweights), cache[0])
    first = attention_backward((dy, None), cache[0])
    second = attention_backward((None, dweights), cache[0])
    assert second[2] is None
    np.testing.assert_allclose(first[2], both[2])
    for i in (0, 1, 3):
        np.testing.assert_allclose(first[i] + second[i], both[i], atol=1e-15)


def test_only_the_gradients_that_are_wanted():
    arrays = values((2, 3, 2), (2, 4, 2), (2, 4, 3), (3, 4))
    y, cache = attention_forward(*arrays)
    whole = attention_backward(y, cache)
    for wanted in range(4):
        needs = tuple(i == wanted for i in range(4))
        for i, dx in enumerate(attention_backward(y, cache, needs)):
            if i == wanted:
                np.testing.assert_array_equal(dx, whole[i])
            else:
                assert dx is None


def test_dropout_is_that_of_its_op():
    q, k, v = values((2, 3, 4), (2, 5, 4), (2, 5, 3))
    (y, kept), _ = attention_forward(q, k, v, dropout_p=0.4, seed=11, weights=True)
    (_, p), _ = attention_forward(q, k, v, weights=True)
    np.testing.assert_array_equal(kept, dropout_forward(p, 0.4, 11)[0])
    np.testing.assert_allclose(y, kept @ v)


# --------------------------------------------------------------------------- heads and their join


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("parts", [(3,), (1, 2), (2, 1), (1, 1, 1), (1,), (2,)])
def test_projections_are_products_cut_into_heads(parts, batch_first):
    H, D, N = 2, 3, 4
    w, b = values((3 * H * D, 5), (3 * H * D,))
    sizes = [(N, L, 5) if batch_first else (L, N, 5) for L in (2, 3, 6)[: len(parts)]]
    inputs = values(*sizes, seed=1)
    options = {"parts": parts, "size": H * D, "heads": H, "batch_first": batch_first}
    outputs, _ = project_heads_forward(w, b, *inputs, **options)
    assert len(outputs) == sum(parts)
    each = [x for x, n in zip(inputs, parts, strict=True) for _ in range(n)]
    for i, (y, x) in enumerate(zip(outputs, each, strict=True)):
        for h in range(H):
            rows = slice((i * H + h) * D, (i * H + h + 1) * D)
            expected = x @ w[rows].T + b[rows]
            expected = expected if batch_first else expected.swapaxes(0, 1)
            np.testing.assert_allclose(y[:, h], expected, rtol=1e-12, atol=1e-12)

    def forward(*arrays):
        ys, cache = project_heads_forward(*arrays, **options)
        return np.concatenate([y.ravel() for y in ys]), (cache, [y.shape for y in ys])

    def backward(dy, cache, needs):
        cuts = np.cumsum([math.prod(shape) for shape in cache[1]])[:-1]
        dys = [part.reshape(s) for part, s in zip(np.split(dy, cuts), cache[1], strict=True)]
        return project_heads_backward(tuple(dys), cache[0], needs)

    check_pair(forward, backward, [w, b, *inputs])
    check_pair(forward, backward, [w, None, *inputs])


def test_projections_without_a_gradient_give_none():
    w, b, x, z = values((12, 5), (12,), (2, 3, 5), (2, 4, 5))
    options = {"parts": (1, 2), "size": 4, "heads": 2}
    (q, k, v), cache = project_heads_forward(w, b, x, z, **options)
    dw, db, dx, dz = project_heads_backward((q, None, None), cache, (True,) * 4)
    assert dz is None
    assert dx.shape == x.shape
    assert not dw[4:].any()
    assert not db[4:].any()
    one, _, _, dz_one = project_heads_backward((None, None, v), cache, (True,) * 4)
    zeros = np.zeros_like(k)
    same, _, _, dz_same = project_heads_backward((None, zeros, v), cache, (True,) * 4)
    np.testing.assert_array_equal(one, same)
    np.testing.assert_array_equal(dz_one, dz_same)


@pytest.mark.parametrize("batch_first", [True, False])
def test_heads_are_merged(batch_first):
    (y,) = values((2, 3, 4, 5))
    merged, _ = merge_heads_forward(y, batch_first)
    for n, h, i in np.ndindex(2, 3, 4):
        place = (n, i) if batch_first else (i, n)
        np.testing.assert_array_equal(merged[place][5 * h : 5 * h + 5], y[n, h, i])
    check_adjoint(merge_heads_forward, merge_heads_backward, y, batch_first)
    in_memory = np.ascontiguousarray(y.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3)
    assert np.shares_memory(merge_heads_forward(in_memory)[0], in_memory)


# -------------------------------------------------------------------------- the function of tensors


@pytest.mark.parametrize("i", range(len(FUNCTIONS)))
def test_stored_outputs_and_gradients_of_torch(i, both_ways):  # noqa: F811
    *arrays, mask = function_inputs(FUNCTIONS[i])
    masks = {} if mask is None else {"attn_mask": mask}
    found = outcome(F.scaled_dot_product_attention, tensor, arrays, masks, FUNCTIONS[i][2])
    with np.load(REFERENCE) as stored:
        expected = stored[f"function {i}"]
    found = np.concatenate([value.ravel() for value in found.values()])
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)  # they are float32


@pytest.mark.peer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", FUNCTIONS, ids=str)
def test_outputs_and_gradients_as_in_torch(case, dtype):
    torch = pytest.importorskip("torch")
    *arrays, mask = function_inputs(case, dtype)
    masks = {} if mask is None else {"attn_mask": mask}
    found = outcome(F.scaled_dot_product_attention, tensor, arrays, masks, case[2])
    theirs = outcome(
        torch.nn.functional.scaled_dot_product_attention,
        lambda a, grad: torch.tensor(a, requires_grad=grad),
        arrays,
        masks,
        case[2],
    )
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    assert found.keys() == theirs.keys()
    for name, value in theirs.items():
        assert found[name].dtype == value.dtype
        np.testing.assert_allclose(found[name], value, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.peer
def test_a_learned_mask_as_in_torch():
    torch = pytest.importorskip("torch")
    q, k, v, bias = values((2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4), (3, 5, 7))
    ours, theirs = tensor(bias, True), torch.tensor(bias, requires_grad=True)
    F.scaled_dot_product_attention(tensor(q), tensor(k), tensor(v), ours).sin().sum().backward()
    y = torch.nn.functional.scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), theirs)
    y.sin().sum().backward()
    np.testing.assert_allclose(ours.grad.array, theirs.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_a_mask_and_causality_hide_together():
    q, k, v = (tensor(a) for a in values((2, 3, 4), (2, 3, 4), (2, 3, 4)))
    mask = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 1]], bool)
    y = F.scaled_dot_product_attention(q, k, v, tensor(mask), is_causal=True)
    expected = F.scaled_dot_product_attention(q, k, v, tensor(np.tril(mask)))
    np.testing.assert_allclose(y.array, expected.array, rtol=1e-12)


def test_dropout_of_weights():
    q, k = (tensor(a) for a in values((2, 300, 4), (2, 200, 4)))
    v = tensor(np.ones((2, 200, 1)))
    manual_seed(0)
    y = F.scaled_dot_product_attention(q, k, v, dropout_p=0.25)
    assert abs(y.array.mean() - 1) < 0.01  # 600 rows, each of the mean of many
    assert y.array.std() > 0.01
    manual_seed(0)
    same = F.scaled_dot_product_attention(q, k, v, dropout_p=0.25)
    np.testing.assert_array_equal(y.array, same.array)
    other = F.scaled_dot_product_attention(q, k, v, dropout_p=0.25)
    assert (other.array != y.array).any()
    one, two = (
        F.scaled_dot_product_attention(q, k, v, dropout_p=0.5, generator=Generator().manual_seed(3))
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.array, two.array)
    assert not F.scaled_dot_product_attention(q, k, v, dropout_p=1.0).array.any()


# ------------------------------------------------------------------------------------ invariances

sizes = st.integers(1, 6)


@given(sizes, sizes, sizes, st.integers(0, 2**32 - 1))
def test_keys_and_values_may_be_permuted(L, S, E, seed):
    q, k, v, bias = values((2, L, E), (2, S, E), (2, S, E), (L, S), seed=seed)
    order = np.random.default_rng(seed).permutation(S)
    y, _ = attention_forward(q, k, v, bias)
    same, _ = attention_forward(q, k[:, order], v[:, order], bias[:, order])
    np.testing.assert_allclose(same, y, rtol=1e-10, atol=1e-12)


@given(sizes, sizes, st.integers(0, 2**32 - 1))
def test_a_number_added_to_all_logits_of_a_query_changes_nothing(L, S, seed):
    q, k, v, shift = values((L, 3), (S, 3), (S, 2), (L, 1), seed=seed)
    y, _ = attention_forward(q, k, v, 100 * shift)
    np.testing.assert_allclose(y, attention_forward(q, k, v)[0], rtol=1e-10, atol=1e-12)


@given(st.integers(2, 8), st.data())
def test_the_future_does_not_matter(L, data):
    t = data.draw(st.integers(1, L - 1))
    q, k, v, other_k, other_v = values(*[(2, L, 3)] * 5)
    y, cache = attention_forward(q, k, v, is_causal=True)
    k[:, t:], v[:, t:] = other_k[:, t:], other_v[:, t:]
    later, _ = attention_forward(q, k, v, is_causal=True)
    np.testing.assert_array_equal(later[:, :t], y[:, :t])
    dy = np.zeros_like(y)
    dy[:, :t] = 1
    dq, dk, dv, _ = attention_backward(dy, cache)
    for dx in (dq, dk, dv):
        assert not dx[:, t:].any()


def test_the_output_is_a_mean_of_the_values():
    q, k, v = values((3, 4, 5), (3, 6, 5), (3, 6, 2))
    y, _ = attention_forward(100 * q, k, v)
    assert (y <= v.max(axis=1, keepdims=True) + 1e-12).all()
    assert (y >= v.min(axis=1, keepdims=True) - 1e-12).all()


# --------------------------------------------------------------------------------------- extremes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e4, 6e4, 6e-8])
def test_large_and_small_logits_as_in_torch(both_ways, size, dtype):  # noqa: F811
    """Logits of 1e4, and the ends of what a half-precision float holds."""
    q, k, v = values((2, 3, 4), (2, 5, 4), (2, 5, 4), dtype=dtype)
    found = outcome(
        F.scaled_dot_product_attention, tensor, [q * dtype(size), k, v], {}, {"is_causal": True}
    )
    assert all(np.isfinite(value).all() for value in found.values())
    expected = looped(q * dtype(size), k, v, is_causal=True).astype(float)
    tolerance = max(size, 1) * 8 * np.finfo(dtype).eps  # of logits, whose digits end there
    np.testing.assert_allclose(found["y"], expected, rtol=0, atol=min(tolerance, 1e-2))


def test_values_that_are_missing_reach_only_who_looks_at_them(both_ways):  # noqa: F811
    q, k, v = values((3, 2), (4, 2), (4, 2))
    q[1] = np.nan
    y, _ = attention_forward(q, k, v)
    assert np.isnan(y).any(axis=1).tolist() == [False, True, False]


# ------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("shapes", "options"),
    [
        (((3, 4), (5, 3), (5, 4)), {}),
        (((3, 4), (5, 4), (6, 4)), {}),
        (((4,), (5, 4), (5, 4)), {}),
        (((2, 3, 4), (3, 5, 4), (3, 5, 4)), {}),
        (((2, 4, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4)), {}),
        (((2, 4, 3, 4), (2, 3, 5, 4), (2, 3, 5, 4)), {"enable_gqa": True}),
        (((2, 2, 3, 4), (2, 4, 5, 4), (2, 4, 5, 4)), {"enable_gqa": True}),
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes, options):
    with pytest.raises(ValueError, match="attention: a query of shape") as caught:
        F.scaled_dot_product_attention(*[tensor(a) for a in values(*shapes)], **options)
    for name, shape in zip(("query", "key", "value"), shapes, strict=True):
        assert f"{name} {shape}" in str(caught.value)


@pytest.mark.parametrize("shape", [(3, 4), (2, 2, 3, 5), (5, 3), (3, 3, 5)])
def test_a_mask_that_does_not_fit_is_named(shape):
    q, k, v = (tensor(a) for a in values((2, 3, 4), (2, 5, 4), (2, 5, 4)))
    with pytest.raises(ValueError, match=r"attn_mask must broadcast .* \(2, 3, 5\), got") as caught:
        F.scaled_dot_product_attention(q, k, v, tensor(np.ones(shape, bool)))
    assert str(shape) in str(caught.value)


def test_dtypes_that_do_not_fit_are_named():
    q, k, v = (tensor(a) for a in values((3, 4), (5, 4), (5, 4)))
    single = tensor(np.ones((5, 4), np.float32))
    with pytest.raises(TypeError, match="must have one dtype, got float64, float32 and float64"):
        F.scaled_dot_product_attention(q, single, v)
    whole = [tensor(np.ones((3, 4), int)) for _ in range(3)]
    with pytest.raises(TypeError, match="scaled_dot_product_attention"):
        F.scaled_dot_product_attention(*whole)
    with pytest.raises(TypeError, match="attn_mask must be of bool or of the query's dtype"):
        F.scaled_dot_product_attention(q, k, v, tensor(np.ones((3, 5), int)))
    wide = tensor(np.zeros((3, 5)))
    with pytest.raises(TypeError, match="float32, got float64"):
        F.scaled_dot_product_attention(q.float(), k.float(), v.float(), wide)
    y = F.scaled_dot_product_attention(q, k, v, wide.float())  # this one can be held
    assert y.dtype == np.float64
    with pytest.raises(TypeError, match="a Tensor is needed, got ndarray"):
        F.scaled_dot_product_attention(q, k, v.array)
    with pytest.raises(TypeError, match="a Tensor is needed, got ndarray"):
        F.scaled_dot_product_attention(q, k, v, np.ones((3, 5), bool))


@pytest.mark.parametrize("p", [-0.1, 1.5, np.nan])
def test_a_rate_of_dropout_that_is_none(p):
    q, k, v = (tensor(a) for a in values((3, 4), (5, 4), (5, 4)))
    with pytest.raises(ValueError, match=r"dropout_p must be in \[0, 1\], got"):
        F.scaled_dot_product_attention(q, k, v, dropout_p=p)


def test_a_change_in_place_is_noticed():
    q, k, v = (tensor(a, True) for a in values((3, 4), (5, 4), (5, 4)))
    moved = k * 1.0
    y = F.scaled_dot_product_attention(q, moved, v)
    moved.add_(1.0)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()
    with no_grad():
        assert not F.scaled_dot_product_attention(q, k, v).requires_grad
