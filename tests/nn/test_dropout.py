"""Dropout: the same draws forward and back, with kernels and without, and how often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scratchml
import scratchml.nn.functional as F
from scratchml.nn.ops import dropout
from scratchml.tensor.generator import Generator
from scratchml.tensor.seeding import manual_seed

from .functions import both_ways, tensor, without_kernels  # noqa: F401 (a fixture)
from .pairs import check_pair

RATES = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])
SEEDS = st.integers(0, 2**64 - 1)


@given(st.integers(0, 40), RATES, SEEDS)
def test_each_number_is_kept_and_enlarged_or_dropped(n, p, seed):
    x = np.random.default_rng(0).standard_normal(n)
    y, _ = dropout.dropout_forward(x, p, seed)
    k = dropout.kept(n, p, seed)
    np.testing.assert_array_equal(y, np.where(k, x * (1 / (1 - p) if p < 1 else 0), 0))
    check_pair(dropout.dropout_forward, dropout.dropout_backward, [x], p, seed)


@given(st.sampled_from([(2, 3, 4), (3, 2), (1, 2, 2, 3)]), RATES, SEEDS, st.integers(1, 2))
def test_gradients_of_channels(shape, p, seed, axes):
    x = np.random.default_rng(0).standard_normal(shape)
    pairs = dropout.channel_dropout_forward, dropout.channel_dropout_backward
    check_pair(*pairs, [x], p, seed, axes)
    pairs = dropout.alpha_dropout_forward, dropout.alpha_dropout_backward
    check_pair(*pairs, [x], p, seed, axes)
    check_pair(*pairs, [x], p, seed, x.ndim)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_bits_with_and_without_kernels_and_for_any_threads(monkeypatch, dtype):
    for n in (7, 1000, 300_001):
        x = np.random.default_rng(0).standard_normal(n).astype(dtype)
        results = []
        for threads in (1, 2):
            with scratchml.set_num_threads(threads):
                results.append(dropout.dropout_forward(x, 0.3, 2**63 + 11)[0])
        with monkeypatch.context() as patch:
            without_kernels(patch)
            results.append(dropout.dropout_forward(x, 0.3, 2**63 + 11)[0])
        for other in results[1:]:
            assert other.dtype == dtype
            np.testing.assert_array_equal(other, results[0])


@pytest.mark.parametrize("p", [0.01, 0.25, 0.8])
def test_how_often(p):
    """Both halves of the draws, neighbours, and streams of neighbouring seeds are fair."""
    n = 200_000
    k = dropout.kept(n, p, 1)
    error = 5 * (p * (1 - p) / n) ** 0.5
    for part in (k, k[: n // 2], k[n // 2 :]):
        assert abs(part.mean() - (1 - p)) < 2 * error
    other = dropout.kept(n, p, 2)
    for a, b in ((k[1:], k[:-1]), (k[: n // 2], k[n // 2 :]), (k, other)):
        assert abs((a & b).mean() - (1 - p) ** 2) < 2 * error


def test_forward_and_backward_drop_the_same(both_ways):  # noqa: F811
    x = tensor(np.ones((50, 40), np.float32), True)
    y = F.dropout(x, 0.4)
    y.backward(tensor(np.ones((50, 40), np.float32)))
    np.testing.assert_array_equal(x.grad.array, y.array)
    assert set(np.unique(y.array)) == {0, np.float32(1 / 0.6)}


def test_seeds():
    x = tensor(np.ones(100))
    manual_seed(3)
    a, b = F.dropout(x), F.dropout(x)
    manual_seed(3)
    np.testing.assert_array_equal(F.dropout(x).array, a.array)
    assert (a.array != b.array).any()
    own = [F.dropout(x, generator=Generator().manual_seed(3)).array for _ in range(2)]
    np.testing.assert_array_equal(*own)
    np.testing.assert_array_equal(F.dropout(x).array, b.array)  # nothing was drawn for those


@pytest.mark.parametrize("name", ["dropout", "dropout1d", "dropout2d", "dropout3d"])
def test_evaluation_and_certainty(name):
    x = tensor(np.random.default_rng(0).standard_normal((2, 3, 4, 5)), True)
    if name == "dropout1d":
        x = tensor(x.array[0])
    function = getattr(F, name)
    assert function(x, 0.5, training=False) is x
    assert function(x, 0.0) is x
    assert not function(x, 1.0).array.any()


@pytest.mark.parametrize(
    ("name", "shape", "axes"),
    [
        ("dropout1d", (20, 30, 4), 2),
        ("dropout1d", (30, 4), 1),
        ("dropout2d", (20, 30, 2, 3), 2),
        ("dropout2d", (20, 30, 4), 2),
        ("dropout3d", (20, 30, 2, 2, 2), 2),
        ("dropout3d", (30, 2, 2, 2), 1),
    ],
)
def test_channels_are_dropped_whole(name, shape, axes):
    y = getattr(F, name)(tensor(np.ones(shape)), 0.5).array
    channels = y.reshape(int(np.prod(shape[:axes])), -1)
    assert (channels == channels[:, :1]).all()
    assert set(np.unique(y)) == {0, 2}


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_keeps_mean_and_variance(name):
    manual_seed(0)
    x = np.random.default_rng(0).standard_normal((400, 500))
    y = getattr(F, name)(tensor(x), 0.3, training=True).array
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.03
    dropped = np.unique(y.round(9), return_counts=True)
    assert dropped[1].max() == pytest.approx(0.3 * y.size, rel=0.05)
    assert getattr(F, name)(tensor(x)).array is not None
    np.testing.assert_array_equal(getattr(F, name)(tensor(x)).array, x)


def test_in_place():
    leaf = tensor(np.ones(50), True)
    x = leaf * 1
    manual_seed(1)
    y = F.dropout(x, 0.5, inplace=True)
    assert y is x
    y.backward(tensor(np.ones(50)))
    np.testing.assert_array_equal(leaf.grad.array, y.array)
    with pytest.raises(RuntimeError, match="leaf"):
        F.dropout(leaf, 0.5, inplace=True)


def test_errors():
    x = tensor(np.ones((2, 3)))
    for p in (-0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match=rf"dropout: p must be in \[0, 1\], got {p}"):
            F.dropout(x, p)
    with pytest.raises(TypeError, match="dropout needs a tensor of floats"):
        F.dropout(tensor(np.ones(3, int)))
    with pytest.raises(ValueError, match=r"dropout2d: .* 3 or 4 axes, got shape \(2, 3\)"):
        F.dropout2d(x)
    with pytest.raises(ValueError, match="at least 2 axes"):
        F.feature_alpha_dropout(tensor(np.ones(3)), training=True)
