"""The logistic loss, its gradient and its Hessian against their definition and its derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
from scratchml.linear_model import logistic_hessian, logistic_loss
from scratchml.linear_model.logistic_hessian import hessian
from scratchml.linear_model.logistic_loss import definition, loss_and_gradient

pytestmark = pytest.mark.kernel

SHAPES = [  # n, p, K (1: two classes), intercept
    (1, 1, 1, True),
    (7, 1, 1, False),
    (130, 3, 1, True),
    (5, 8, 2, True),
    (301, 4, 3, False),
    (64, 5, 10, True),
]


def problem(n, p, K, intercept, dtype=np.float64, scale=1.0, seed=0):
    random = np.random.default_rng(seed)
    X = random.standard_normal((n, p)).astype(dtype)
    y = random.integers(0, max(K, 2), n)
    w = random.random(n) * (random.random(n) > 0.2)
    B = scale * random.standard_normal((K, p + intercept))
    return X, y, w, B


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_equals_the_definition(shape, dtype):
    X, y, w, B = problem(*shape, dtype=dtype)
    loss, G, H = definition(X.astype(np.float64), y, w, B)
    found_loss, found_G = loss_and_gradient(X, y, w, B)
    # sums of n terms of size one: n roundings each
    assert found_loss == pytest.approx(loss, rel=1e-13, abs=1e-14)
    np.testing.assert_allclose(found_G, G, rtol=1e-12, atol=1e-13 * shape[0])
    np.testing.assert_allclose(hessian(X, w, B), H, rtol=1e-12, atol=1e-13 * shape[0])


@pytest.mark.parametrize("scale", [0.1, 3.0])
@pytest.mark.parametrize("shape", SHAPES[1:], ids=str)
def test_central_differences(shape, scale):
    X, y, w, B = problem(*shape, scale=scale)
    _, G = loss_and_gradient(X, y, w, B)
    H = hessian(X, w, B)
    random = np.random.default_rng(1)
    for _ in range(3):
        D = random.standard_normal(B.shape)
        h = 1e-5
        up, G_up = loss_and_gradient(X, y, w, B + h * D)
        down, G_down = loss_and_gradient(X, y, w, B - h * D)
        # error of the difference: h^2 times third derivatives, and rounding of f over h
        assert (up - down) / (2 * h) == pytest.approx(float((G * D).sum()), rel=1e-6, abs=1e-7)
        along = (G_up - G_down).reshape(-1) / (2 * h)
        np.testing.assert_allclose(H @ D.reshape(-1), along, rtol=1e-5, atol=1e-6 * shape[0])


@pytest.mark.parametrize("K", [1, 3])
@pytest.mark.parametrize("size", [1e2, 1e4, 1e300])
def test_extreme_scores_neither_overflow_nor_lose_the_small_loss(K, size):
    X = np.array([[size], [-size]])
    B = np.zeros((K, 1))
    B[-1] = 1.0
    right = np.array([max(K, 2) - 1, 0])
    w = np.ones(2)
    loss, G = loss_and_gradient(X, right, w, B)
    if K == 1:  # sure and right: exp(-100) each, not zero
        assert loss == pytest.approx(2 * np.exp(-size), rel=1e-13)
    assert np.isfinite(G).all()
    loss, G = loss_and_gradient(X, right[::-1].copy(), w, B)
    assert loss == pytest.approx(2 * size + (np.log(2) if K == 3 else 0), rel=1e-14)
    assert np.isfinite(G).all()
    if size < 1e300:
        assert np.isfinite(hessian(X, w, B)).all()


@pytest.mark.parametrize("K", [1, 3])
def test_nan_and_inf_show(K):
    X, y, _, B = problem(9, 3, K, True)
    for bad in (np.nan, np.inf):
        X[4, 1] = bad
        loss, G = loss_and_gradient(X, y, np.ones(9), B)
        assert not np.isfinite(loss) or not np.isfinite(G).all()
        assert not np.isfinite(hessian(X, np.ones(9), B)).all()


@pytest.mark.parametrize("K", [1, 4])
def test_columns_and_classes_of_the_hessian(K):
    X, _, w, B = problem(50, 6, K, True)
    H = hessian(X, w, B)
    columns = np.array([6, 1, 4])
    at = (7 * np.arange(K)[:, None] + columns).reshape(-1)
    same = {"rtol": 1e-13, "atol": 1e-14}  # which factor carries w differs with the order
    np.testing.assert_allclose(hessian(X, w, B, columns), H[np.ix_(at, at)], **same)
    if K > 1:
        at = at[3:9]
        found = hessian(X, w, B, columns, (1, 3))
        np.testing.assert_allclose(found, H[np.ix_(at, at)], **same)


@pytest.mark.parametrize("K", [1, 3])
def test_same_bits_for_any_number_of_threads(K, monkeypatch):
    X, y, w, B = problem(3001, 5, K, True)
    # small chunks, so that a problem this small has several
    monkeypatch.setattr(logistic_loss, "_rows_per_chunk", lambda n, B: 190)
    monkeypatch.setattr(logistic_hessian, "_rows_per_chunk", lambda n, blocks_size: 190)
    found = []
    for threads in (1, 2, 8):
        with scratchml.set_num_threads(threads):
            found.append((*loss_and_gradient(X, y, w, B), hessian(X, w, B)))
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    loss, G, H = definition(X, y, w, B)
    assert found[0][0] == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(found[0][1], G, rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(found[0][2], H, rtol=1e-10, atol=1e-11)


def test_read_only_input():
    X, y, w, B = problem(20, 3, 3, True)
    expected = loss_and_gradient(X, y, w, B)
    for array in (X, y, w, B):
        array.flags.writeable = False
    loss, G = loss_and_gradient(X, y, w, B)
    assert loss == expected[0]
    np.testing.assert_array_equal(G, expected[1])
    assert hessian(X, w, B).shape == (12, 12)


def test_chunks_depend_on_the_size_alone_and_cover_all_rows():
    B = np.zeros((1, 51))
    assert logistic_loss._rows_per_chunk(100_000, B) * 16 >= 100_000
    assert logistic_loss._rows_per_chunk(100, B) > 100
    assert logistic_hessian._rows_per_chunk(100_000, 52 * 52) * 16 >= 100_000
    assert logistic_hessian._rows_per_chunk(10, 1e9) == 5
    for q in (1, 50, 785, 10**6):
        assert 32 <= logistic_loss.rows_per_block(q) <= 256


@given(
    n=st.integers(1, 40),
    p=st.integers(1, 6),
    K=st.sampled_from([1, 3, 4]),
    intercept=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_hessian_is_positive_semidefinite_and_gradients_of_classes_cancel(n, p, K, intercept, seed):
    X, y, w, B = problem(n, p, K, intercept, scale=2.0, seed=seed)
    H = hessian(X, w, B)
    np.testing.assert_array_equal(H, H.T)
    assert np.linalg.eigvalsh(H).min() >= -1e-12 * max(1.0, np.abs(H).max())
    if K > 1:
        _, G = loss_and_gradient(X, y, w, B)
        np.testing.assert_allclose(G.sum(axis=0), 0, atol=1e-12 * n)
