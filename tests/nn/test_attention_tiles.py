"""Attention by tiles beside its definition: awkward sizes, masks, views, threads, memory."""

import numpy as np
import pytest

import scratchml
import scratchml.nn.functional as F
from scratchml._core.jit import compiler
from scratchml.nn.functional import attention as chosen
from scratchml.nn.ops.attention import attention_backward, attention_forward
from scratchml.nn.ops.attention_tiles import serves, tiled_backward, tiled_forward
from scratchml.tensor import no_grad

from .functions import tensor
from .test_attention import looped, values

# Small sizes run as plain Python as well; the pick is that of a machine with the compiler.
kernel = pytest.mark.kernel
needs_compiler = pytest.mark.skipif(compiler(needed=False) is None, reason="needs the compiler")
INF = np.inf

# B, heads of queries and of keys, queries, keys, E, Ev: about the tiles' sizes and their multiples.
SMALL = [(1, 1, 1, 8, 1, 1, 1), (1, 3, 3, 17, 33, 5, 7), (1, 4, 2, 9, 140, 3, 2)]
LARGE = [
    (1, 2, 2, 64, 128, 16, 16),
    (1, 2, 1, 65, 129, 16, 32),
    (2, 4, 2, 31, 127, 64, 64),
    (1, 1, 1, 9, 300, 3, 17),
    (1, 2, 2, 130, 8, 48, 9),
    (3, 6, 2, 16, 16, 8, 8),
]
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
TOLERANCE = {np.float32: 4e-6, np.float64: 1e-14}


def arrays_of(size, dtype, seed=0):
    B, H, Hk, L, S, E, Ev = size
    shapes = (B, H, L, E), (B, Hk, S, E), (B, Hk, S, Ev), (B, H, L, Ev)
    return values(*shapes, seed=seed, dtype=dtype)


def compare(q, k, v, dy, bias=None, is_causal=False, scale=None):
    """Assert that tiles, and their gradients, are those of the definition in float64."""
    dtype = q.dtype.type
    wide = [a.astype(float) for a in (q, k, v)]
    wide_bias = None if bias is None else bias.astype(float)
    expected, cache = attention_forward(*wide, wide_bias, is_causal, scale)
    y, tiled = tiled_forward(q, k, v, bias, is_causal, scale)
    found = y, *tiled_backward(dy, tiled)[:3]
    theirs = expected, *attention_backward(dy.astype(float), cache)[:3]
    for name, mine, exact in zip(("y", "dq", "dk", "dv"), found, theirs, strict=True):
        assert (mine.dtype, mine.shape) == (dtype, exact.shape)
        atol = TOLERANCE[dtype] * max(1.0, np.abs(exact).max(initial=0))
        np.testing.assert_allclose(mine, exact, rtol=0, atol=atol, err_msg=name)
    return found


@kernel
@dtypes
@pytest.mark.parametrize("is_causal", [False, True], ids=["all", "causal"])
@pytest.mark.parametrize("size", SMALL, ids=str)
def test_tiles_are_the_definition(size, dtype, is_causal):
    compare(*arrays_of(size, dtype), is_causal=is_causal)


@needs_compiler
@dtypes
@pytest.mark.parametrize("is_causal", [False, True], ids=["all", "causal"])
@pytest.mark.parametrize("size", LARGE, ids=str)
def test_large_tiles_are_the_definition(size, dtype, is_causal):
    compare(*arrays_of(size, dtype), is_causal=is_causal)


@kernel
@dtypes
def test_tiles_are_the_definition_in_loops(dtype):
    q, k, v, _ = arrays_of((1, 2, 1, 9, 20, 3, 2), dtype)
    y, _ = tiled_forward(q, k, v, is_causal=True, scale=0.7)
    expected = looped(q[0], k[0], v[0], is_causal=True, scale=0.7).astype(float)
    np.testing.assert_allclose(y[0], expected, rtol=0, atol=TOLERANCE[dtype])


@needs_compiler
@dtypes
@pytest.mark.parametrize("is_causal", [False, True], ids=["all", "causal"])
@pytest.mark.parametrize(
    "shape", [(1, 1, 33, 140), (2, 1, 1, 140), (2, 4, 33, 140), (4, 33, 1), (140,), (33, 140)]
)
def test_what_is_added_broadcasts(shape, is_causal, dtype):
    arrays = arrays_of((2, 4, 2, 33, 140, 8, 8), dtype)
    (bias,) = values(shape, seed=3, dtype=dtype)
    bias[np.random.default_rng(0).random(shape) < 0.3] = -INF
    compare(*arrays, bias, is_causal, scale=0.2)


@needs_compiler
@pytest.mark.parametrize("turned", [(..., slice(None, None, -1)), (slice(None, None, -1),)])
def test_what_is_added_may_lie_backwards(turned):
    arrays = arrays_of((1, 2, 1, 33, 40, 8, 8), np.float64)
    (bias,) = values((33, 40), seed=3, dtype=np.float64)
    compare(*arrays, bias[turned])


@needs_compiler
@dtypes
def test_queries_that_see_nothing(dtype):
    """Alone, between others, in whole tiles; with finite and infinite numbers about."""
    q, k, v, dy = arrays_of((2, 2, 2, 70, 150, 8, 8), dtype)
    bias = np.zeros((2, 1, 70, 150), dtype)
    bias[0, 0, 3] = bias[0, 0, 16:40] = bias[1] = -INF
    bias[0, 0, 5, :140] = -INF
    y, dq, dk, dv = compare(q, k, v, dy, bias)
    assert not y[0, :, 3].any()
    assert not dq[0, :, 16:40].any()
    assert not any(a[1].any() for a in (y, dq, dk, dv))
    later = np.zeros((1, 1, 1, 150), dtype)
    later[..., :20] = -INF  # of causal queries the first twenty see nothing
    y, *_ = compare(q, k, v, dy, later, is_causal=True)
    assert not y[:, :, :20].any()


@needs_compiler
@dtypes
@pytest.mark.parametrize("size", [1e4, 6e4, 6e-8])
def test_large_and_small_logits(size, dtype):
    """Logits whose exponentials would overflow many times over; no NaN, and the largest win."""
    q, k, v, dy = arrays_of((1, 2, 2, 20, 140, 8, 8), dtype)
    y, cache = tiled_forward(q * dtype(size), k, v, is_causal=True)
    gradients = tiled_backward(dy, cache)[:3]
    expected, plain = attention_forward((q * dtype(size)), k, v, is_causal=True)
    theirs = attention_backward(dy, plain)[:3]
    for mine, other in zip((y, *gradients), (expected, *theirs), strict=True):
        assert np.isfinite(mine).all()
        # Logits carry errors of their last digit, which exp makes relative ones.
        atol = min(1.0, max(size, 1) * 16 * np.finfo(dtype).eps) * max(1.0, np.abs(other).max())
        np.testing.assert_allclose(mine, other, rtol=0, atol=atol)


@kernel
def test_missing_values_are_not_lost():
    q, k, v, _ = arrays_of((1, 1, 1, 12, 140, 4, 4), np.float32)
    q[0, 0, 3] = np.nan
    y, _ = tiled_forward(q, k, v)
    assert np.isnan(y).any(axis=3)[0, 0].tolist() == [i == 3 for i in range(12)]


@needs_compiler
@dtypes
def test_views_of_any_kind(dtype):
    """As projections leave them: heads beside each other; also steps, and rows turned round."""
    B, H, L, E = 2, 3, 24, 8
    (packed,) = values((B, L, 3, H, E), dtype=dtype)
    q, k, v = packed.transpose(2, 0, 3, 1, 4)
    (dy,) = values((L, B, H, E), seed=1, dtype=dtype)
    dy = dy.transpose(1, 2, 0, 3)
    found = compare(q, k, v, dy, is_causal=True)
    same = compare(*map(np.ascontiguousarray, (q, k, v, dy)), is_causal=True)
    for one, other in zip(found, same, strict=True):
        np.testing.assert_array_equal(one, other)
    compare(q[..., ::-1], k[:, :, ::-1], v[..., ::2], dy[..., ::2])
    compare(q, np.broadcast_to(k[:, :1], k.shape), np.broadcast_to(v[:, :, :1], v.shape), dy)
    compare(q, k, v, np.broadcast_to(dy[:1, :1, :1, :1], dy.shape))
    assert found[0].transpose(0, 2, 1, 3).flags.c_contiguous, "heads can be merged for nothing"


@needs_compiler
def test_only_the_gradients_that_are_wanted():
    q, k, v, dy = arrays_of((1, 2, 2, 20, 30, 4, 4), np.float64)
    _, cache = tiled_forward(q, k, v)
    whole = tiled_backward(dy, cache)
    for wanted in range(3):
        needs = tuple(i == wanted for i in range(4))
        for i, dx in enumerate(tiled_backward(dy, cache, needs)):
            if i == wanted:
                np.testing.assert_array_equal(dx, whole[i])
            else:
                assert dx is None


@needs_compiler
def test_the_same_bits_for_any_number_of_threads():
    arrays = arrays_of((4, 8, 4, 100, 150, 32, 32), np.float32)
    results = []
    for threads in (1, 2):
        with scratchml.set_num_threads(threads):
            y, cache = tiled_forward(*arrays[:3], is_causal=True)
            results.append((y, *tiled_backward(arrays[3], cache)[:3]))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


# ---------------------------------------------------------------------------------------- the pick


@needs_compiler
def test_who_is_served():
    q, k, v, _ = arrays_of((2, 4, 2, 9, 5, 4, 3), np.float32)
    assert serves(q, k, v)
    for other in (
        (q[:, :, :2], k, v),  # few queries
        (q[0], k[0], v[0]),
        (q, k[:1], v[:1]),
        (q[:, :3], k, v),
        (q, k, v[:, :1]),
        (q, k[:, :, :0], v[:, :, :0]),
        (q.astype(int), k, v),
    ):
        assert not serves(*other)


@needs_compiler
@pytest.mark.parametrize("axes", [2, 3, 4, 5])
@pytest.mark.parametrize("masked", [False, True])
def test_the_function_takes_tiles_and_gives_the_same(monkeypatch, axes, masked):
    lead = (2, 2, 3)[: axes - 2]
    q, k, v = values((*lead, 20, 4), (*lead, 30, 4), (*lead, 30, 6))
    mask = tensor(np.random.default_rng(0).random((20, 30)) < 0.7) if masked else None
    taken = []

    def forward(*args):
        taken.append(args)
        return tiled_forward(*args)

    def run():
        inputs = [tensor(a, True) for a in (q, k, v)]
        y = F.scaled_dot_product_attention(*inputs, mask, is_causal=True)
        y.sin().sum().backward()
        return y.detach().array, *[x.grad.array for x in inputs]

    monkeypatch.setattr(chosen, "tiled_forward", forward)
    found = run()
    assert len(taken) == (axes < 5)
    monkeypatch.setattr(chosen, "tiles_serve", lambda *arrays: False)
    for mine, plain in zip(found, run(), strict=True):
        np.testing.assert_allclose(mine, plain, rtol=1e-12, atol=1e-14)
    assert len(taken) == (axes < 5)


@needs_compiler
def test_the_definition_is_taken_where_tiles_would_not_do(monkeypatch):
    def never(*args):
        raise AssertionError

    monkeypatch.setattr(chosen, "tiled_forward", never)
    q, k, v = (tensor(a) for a in values((1, 1, 9, 4), (1, 1, 9, 4), (1, 1, 9, 4)))
    bias = tensor(np.zeros((9, 9)), True)
    F.scaled_dot_product_attention(q, k, v, dropout_p=0.5)
    F.scaled_dot_product_attention(q, k, v, bias).sum().backward()
    chosen.attend(q, k, v, weights=True)
    with pytest.raises(AssertionError):
        F.scaled_dot_product_attention(q, k, v)
    with no_grad(), pytest.raises(AssertionError):  # nobody wants the mask's gradient here
        F.scaled_dot_product_attention(q, k, v, bias)


@needs_compiler
def test_a_change_in_place_of_what_tiles_gave_is_noticed():
    """Their way back reads Y, where the definition has P."""
    q, k, v = (tensor(a, True) for a in values((1, 1, 16, 4), (1, 1, 5, 4), (1, 1, 5, 4)))
    y = F.scaled_dot_product_attention(q, k, v)
    y.mul_(2.0)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()
