"""Positions: against the formulas, rotation matrices, differences, and what they are made for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml.nn as nn
import scratchml.nn.functional as F
from scratchml.nn.ops.positions import rotary_backward, rotary_forward, sinusoids, turns
from scratchml.tensor.core import Tensor  # noqa: F401 (so that constant makes Tensors)
from scratchml.tensor.tape import constant

from .pairs import check_adjoint, check_pair


def waves(position, dim, base=10000.0):
    """Return one position's vector, number by number."""
    angle = [position / base ** (2 * (j // 2) / dim) for j in range(dim)]
    return [np.sin(a) if j % 2 == 0 else np.cos(a) for j, a in enumerate(angle)]


def rotation_matrix(position, dim, base=10000.0):
    """Return the block-diagonal matrix of Su et al., eq. 15."""
    R = np.zeros((dim, dim))
    for i in range(dim // 2):
        a = position * base ** (-2 * i / dim)
        R[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    return R


@pytest.mark.parametrize(("dim", "base"), [(1, 1e4), (2, 1e4), (5, 1e4), (8, 7.0), (64, 1e4)])
def test_sinusoids_by_definition(dim, base):
    expected = [waves(p, dim, base) for p in range(50)]
    np.testing.assert_allclose(sinusoids(50, dim, base, np.dtype(np.float64)), expected, atol=1e-13)
    y = F.sinusoidal_positional_encoding(constant(np.array([[49, 0], [7, 7]])), dim, base)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.array, np.array(expected)[[[49, 0], [7, 7]]], atol=1e-7)


def test_far_positions_keep_their_digits():
    far = 123_456
    y = F.sinusoidal_positional_encoding(constant(np.array([far])), 6)
    np.testing.assert_allclose(y.array[0], waves(far, 6), atol=1e-7)
    x = np.random.default_rng(0).standard_normal((1, 1, 6)).astype(np.float32)
    y = F.rotary_positional_embedding(constant(x), offset=far).array
    np.testing.assert_allclose(y[0, 0], rotation_matrix(far, 6) @ x[0, 0], atol=1e-6)


@given(st.integers(0, 5), st.integers(1, 3), st.integers(1, 4), st.integers(0, 9))
def test_rotary_is_the_product_with_rotation_matrices(length, heads, pairs, offset):
    dim = 2 * pairs
    x = np.random.default_rng(length).standard_normal((2, length, heads, dim))
    y = F.rotary_positional_embedding(constant(x), offset=offset).array
    for s in range(length):
        R = rotation_matrix(offset + s, dim)
        np.testing.assert_allclose(y[:, s], x[:, s] @ R.T, rtol=1e-12, atol=1e-13)


def test_rotary_pair():
    x = np.random.default_rng(1).standard_normal((2, 5, 3, 4))
    table = turns(8, 4, 100.0, x.dtype)[2:7, None]
    check_pair(rotary_forward, rotary_backward, [x], table)
    check_adjoint(rotary_forward, rotary_backward, x, table)
    np.testing.assert_allclose(rotary_backward(*rotary_forward(x, table)), x, rtol=1e-12)
    # views whose features do not lie side by side
    np.testing.assert_array_equal(
        rotary_forward(np.asfortranarray(x), table)[0], rotary_forward(x, table)[0]
    )


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 9))
def test_inner_products_depend_on_the_distance(p, q, shift, seed):
    a, b = np.random.default_rng(seed).standard_normal((2, 1, 1, 8))
    products = []
    for s in (0, shift):
        turned = [
            F.rotary_positional_embedding(constant(x), offset=at + s).array
            for x, at in ((a, p), (b, q))
        ]
        products.append(np.vdot(*turned))
    np.testing.assert_allclose(*products, rtol=0, atol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch_first", [False, True])
def test_offset_positions_and_orders_agree(dtype, batch_first):
    x = np.random.default_rng(0).standard_normal((2, 7, 6)).astype(dtype)  # (N, S, D)
    expected = x + np.array([waves(p, 6) for p in range(7)])

    def order(a):
        return constant(a if batch_first or a.ndim < 3 else a.swapaxes(0, 1))

    layer = nn.SinusoidalPositionalEncoding(6, max_len=4, batch_first=batch_first)
    whole = layer(order(x))
    assert whole.dtype == dtype
    np.testing.assert_allclose(whole.array, order(expected).array, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(
        layer(order(x[0])).array, whole.array[(0,) if batch_first else (slice(None), 0)]
    )
    later = layer(order(x[:, 4:]), offset=4).array
    np.testing.assert_array_equal(later, order(order(whole.array).array[:, 4:]).array)
    rows = constant(np.array([[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0]]))
    rows = rows if batch_first else constant(rows.array.T)
    given_rows = layer(order(x), rows)
    np.testing.assert_array_equal(order(given_rows.array).array[0], order(whole.array).array[0])
    back = layer(order(x[:, ::-1]), constant(np.arange(7)[::-1].copy()))
    np.testing.assert_array_equal(order(back.array).array[:, ::-1], order(whole.array).array)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32])
def test_positions_of_any_integers(dtype):
    positions, wide = (constant(np.arange(3).astype(kind)) for kind in (dtype, np.int64))
    x = constant(np.ones((3, 1, 4), np.float32))
    layer = nn.SinusoidalPositionalEncoding(4)
    for turn in (
        lambda p: F.sinusoidal_positional_encoding(p, 4),
        lambda p: F.rotary_positional_embedding(x, p),
        lambda p: layer(x, p),
    ):
        np.testing.assert_array_equal(turn(positions).array, turn(wide).array)


def test_rotary_offset_and_positions_agree():
    x = constant(np.random.default_rng(0).standard_normal((2, 7, 3, 6)).astype(np.float32))
    layer = nn.RotaryPositionalEmbedding(6, max_seq_len=3)
    whole = layer(x).array
    np.testing.assert_array_equal(whole, F.rotary_positional_embedding(x).array)
    np.testing.assert_array_equal(layer(x[:, 5:], offset=5).array, whole[:, 5:])
    for shape in ((7,), (2, 7)):
        positions = np.broadcast_to(np.arange(7), shape).copy()
        np.testing.assert_array_equal(layer(x, input_pos=constant(positions)).array, whole)
    np.testing.assert_array_equal(layer(x[0]).array, whole[0])
    assert layer(x).dtype == np.float32


def test_gradients_go_through_and_dropout_follows():
    x = nn.Parameter(constant(np.ones((5, 2, 4), np.float32)))
    nn.SinusoidalPositionalEncoding(4)(x).sum().backward()
    np.testing.assert_array_equal(x.grad.array, np.ones((5, 2, 4)))
    x = constant(np.ones((50, 20, 4), np.float32))
    layer = nn.SinusoidalPositionalEncoding(4, dropout=0.3)
    y, plain = layer(x).array, layer.eval()(x).array
    dropped = y == 0
    assert 0.25 < dropped.mean() < 0.35
    np.testing.assert_allclose(y[~dropped], plain[~dropped] / 0.7, rtol=1e-6)


def test_nothing_is_stored_and_types_change():
    for layer in (nn.SinusoidalPositionalEncoding(4), nn.RotaryPositionalEmbedding(4)):
        assert not layer.state_dict()
        layer.double()
    x = constant(np.ones((3, 1, 4)))
    expected = np.ones((3, 1, 4)) + np.array([waves(p, 4) for p in range(3)])[:, None]
    np.testing.assert_allclose(nn.SinusoidalPositionalEncoding(4)(x).array, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("run", "error", "message"),
    [
        (lambda x, i: F.rotary_positional_embedding(x[..., :3]), ValueError, r"even D, got \(2, "),
        (lambda x, i: F.rotary_positional_embedding(x[0, :, 0]), ValueError, r"got \(3, 4\)"),
        (lambda x, i: F.rotary_positional_embedding(i), TypeError, "needs a tensor of floats"),
        (lambda x, i: F.rotary_positional_embedding(x.array), TypeError, "a Tensor is needed"),
        (lambda x, i: F.rotary_positional_embedding(x, x), TypeError, "must be integers, got fl"),
        (lambda x, i: F.rotary_positional_embedding(x, i, offset=2), ValueError, "got both"),
        (lambda x, i: F.rotary_positional_embedding(x, i[:2]), ValueError, r"or \(2, 3\), got \(2"),
        (lambda x, i: F.rotary_positional_embedding(x, -i), ValueError, "begin at 0, got -2"),
        (lambda x, i: F.rotary_positional_embedding(x, offset=-1), ValueError, "offset must not"),
        (lambda x, i: F.rotary_positional_embedding(x, base=0.0), ValueError, "base must be pos"),
        (lambda x, i: F.sinusoidal_positional_encoding(i, 0), ValueError, "dim must be at least 1"),
        (lambda x, i: F.sinusoidal_positional_encoding(-3, 4), ValueError, "negative, got -3"),
        (lambda x, i: F.sinusoidal_positional_encoding(i, 4, dtype=int), TypeError, "got int64"),
        (lambda x, i: nn.RotaryPositionalEmbedding(5), ValueError, "must be even, got 5"),
        (lambda x, i: nn.RotaryPositionalEmbedding(6)(x), ValueError, r"H, 6\), got \(2, 3, 2, 4"),
        (lambda x, i: nn.SinusoidalPositionalEncoding(4)(x), ValueError, r"\(S, N, 4\) or \(S, 4"),
        (lambda x, i: nn.SinusoidalPositionalEncoding(3, 2.0), ValueError, r"\[0, 1\], got 2.0"),
    ],
)
def test_errors(run, error, message):
    x = constant(np.ones((2, 3, 2, 4), np.float32))
    with pytest.raises(error, match=message):
        run(x, constant(np.arange(3)))
