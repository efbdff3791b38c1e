"""Embedding: against the product with a matrix of ones and zeros, differences, PyTorch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops.embedding import embedding_backward, embedding_forward

from .function_cases import LOOKUP, label
from .functions import both_ways, check_live, check_stored, tensor, without_kernels  # noqa: F401
from .pairs import check_adjoint, check_pair

SHAPES = st.sampled_from([(), (0,), (1,), (7,), (3, 4), (2, 0, 3)])


@given(SHAPES, st.integers(1, 6), st.integers(1, 4), st.integers(0, 9))
def test_product_with_ones_and_zeros(shape, rows, length, seed):
    rng = np.random.default_rng(seed)
    w, i = rng.standard_normal((rows, length)), np.asarray(rng.integers(0, rows, shape))
    y, cache = embedding_forward(w, i)
    chosen = np.eye(rows)[i]  # (..., V)
    np.testing.assert_array_equal(y, chosen @ w)
    dy = rng.standard_normal(y.shape)
    expected = chosen.reshape(-1, rows).T @ dy.reshape(-1, length)
    np.testing.assert_allclose(embedding_backward(dy, cache), expected, rtol=1e-12, atol=1e-13)
    check_pair(embedding_forward, embedding_backward, [w], i)
    check_adjoint(embedding_forward, embedding_backward, w, i)


def test_padding_and_frequency(both_ways):  # noqa: F811
    w, i = np.ones((5, 2)), np.array([[0, 3, 3], [3, 1, 4]])
    dy = np.arange(12.0).reshape(2, 3, 2)
    _, cache = embedding_forward(w, i, 1)
    expected = np.array([[0, 1], [0, 0], [0, 0], [2 + 4 + 6, 3 + 5 + 7], [10, 11]])
    np.testing.assert_array_equal(embedding_backward(dy, cache), expected)
    _, cache = embedding_forward(w, i, None, True)
    expected = expected / [[1], [1], [1], [3], [1]]
    expected[1] = [8, 9]
    np.testing.assert_array_equal(embedding_backward(dy, cache), expected)


def test_any_number_of_threads(monkeypatch):
    rng = np.random.default_rng(0)
    w = rng.standard_normal((1000, 64)).astype(np.float32)
    i = rng.zipf(1.3, 8000) % 1000
    dy = rng.standard_normal((8000, 64)).astype(np.float32)
    _, cache = embedding_forward(w, i, 5)
    results = []
    for threads in (1, 2):
        with scratchml.set_num_threads(threads):
            results.append(embedding_backward(dy, cache))
    np.testing.assert_array_equal(*results)
    without_kernels(monkeypatch)
    np.testing.assert_array_equal(embedding_backward(dy, cache), results[0])
    np.testing.assert_array_equal(embedding_backward(np.asfortranarray(dy), cache), results[0])


@pytest.mark.parametrize("i", range(len(LOOKUP)), ids=map(label, LOOKUP))
def test_as_pytorch_stored(both_ways, i):  # noqa: F811
    check_stored("embedding", i)


@pytest.mark.peer
@pytest.mark.parametrize("i", range(len(LOOKUP)), ids=map(label, LOOKUP))
def test_as_pytorch_live(i):
    check_live("embedding", i, rtol=1e-6, atol=1e-6)


@pytest.mark.peer
@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_long_rows_are_shortened_in_the_table(p):
    torch = pytest.importorskip("torch")
    w = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    i = np.array([0, 3, 3, 5])
    ours, theirs = tensor(w), torch.tensor(w)
    version = ours.version[0]
    y = F.embedding(tensor(i), ours, max_norm=1.2, norm_type=p)
    z = torch.nn.functional.embedding(torch.tensor(i), theirs, max_norm=1.2, norm_type=p)
    np.testing.assert_allclose(y.array, z.numpy(), rtol=1e-6)
    np.testing.assert_allclose(ours.array, theirs.numpy(), rtol=1e-6)
    np.testing.assert_array_equal(ours.array[1], w[1])
    assert ours.version[0] == version + 1


def test_indices_of_any_integer_type():
    w = np.arange(6.0).reshape(3, 2)
    for dtype in (np.int32, np.uint8, np.int64):
        y = F.embedding(tensor(np.array([2, 0], dtype)), tensor(w))
        np.testing.assert_array_equal(y.array, w[[2, 0]])


def test_one_hot():
    y = F.one_hot(tensor(np.array([[0, 2], [1, 1]])), 4).array
    assert y.dtype == np.int64
    np.testing.assert_array_equal(y, np.eye(4, dtype=int)[[[0, 2], [1, 1]]])
    assert F.one_hot(tensor(np.array(3))).array.tolist() == [0, 0, 0, 1]
    assert F.one_hot(tensor(np.zeros(0, int)), 2).array.shape == (0, 2)


def test_errors():
    w = tensor(np.ones((3, 2)))
    for bad in (3, -1, 2**40):
        with pytest.raises(IndexError, match=rf"index {bad} .*\(3, 2\) has rows 0 to 2"):
            F.embedding(tensor(np.array([0, bad])), w)
    with pytest.raises(TypeError, match="integers, got float64"):
        F.embedding(tensor(np.ones(2)), w)
    with pytest.raises(ValueError, match=r"\(V, D\), got \(3,\)"):
        F.embedding(tensor(np.array([0])), tensor(np.ones(3)))
    with pytest.raises(ValueError, match=r"padding_idx.*\(3, 2\), got 3"):
        F.embedding(tensor(np.array([0])), w, 3)
    with pytest.raises(ValueError, match="sparse"):
        F.embedding(tensor(np.array([0])), w, sparse=True)
    with pytest.raises(ValueError, match=r"\[0, 3\), got -1"):
        F.one_hot(tensor(np.array([1, -1])), 3)
    with pytest.raises(ValueError, match=r"\[0, 2\), got 4"):
        F.one_hot(tensor(np.array([1, 4])), 2)
    with pytest.raises(ValueError, match="num_classes must be given"):
        F.one_hot(tensor(np.zeros(0, int)))
    with pytest.raises(TypeError, match="integers"):
        F.one_hot(tensor(np.ones(2)))
