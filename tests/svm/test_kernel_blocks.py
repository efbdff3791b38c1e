"""The compiled loop against the definitions: tiles, turns of features, places, and its bits."""

import numpy as np
import pytest

from scratchml.svm.kernel_blocks import aligned, append_norms, fill_block, room_for, workspace
from scratchml.svm.kernel_functions import Kernel, evaluate

from .test_kernel_functions import KERNELS, rounding, slow_matrix

pytestmark = pytest.mark.kernel


def with_norms(X):
    samples = room_for(*X.shape)
    samples[:, : X.shape[1]] = X
    append_norms(samples)
    return samples


def filled(kernel, A, B, out=None, top=0, left=0):
    out = np.full((len(A), len(B)), np.nan) if out is None else out
    work = workspace(len(A), A.shape[1] - 1)
    work[:] = np.nan  # what is there before must not matter
    fill_block(A, B, kernel.parameters(), work, out, top, left)
    return out


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize(
    ("n", "m", "d"),
    [(1, 1, 1), (1, 65, 3), (5, 64, 4), (3, 2, 7), (4, 130, 0), (2, 3, 258), (6, 5, 515),
     (0, 3, 2), (3, 0, 2)],
)  # fmt: skip
def test_blocks_are_the_definition(kernel, n, m, d):
    rng = np.random.default_rng(n + 10 * m + 100 * d)
    A, B = rng.standard_normal((n, d)), rng.standard_normal((m, d))
    if d:
        A, B = A / np.sqrt(d), B / np.sqrt(d)
    K = filled(kernel, with_norms(A), with_norms(B))
    assert (np.abs(K - slow_matrix(kernel, A, B)) <= rounding(kernel, A, B)).all()


def test_norms():
    X = np.random.default_rng(0).standard_normal((5, 7))
    np.testing.assert_allclose(with_norms(X)[:, -1], (X**2).sum(axis=1), rtol=1e-15)
    assert with_norms(np.empty((2, 0))).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("d", [3, 9, 300])
def test_a_pair_has_the_same_bits_everywhere(d):
    """Both ways round, in other tiles, other groups of four, and other places."""
    rng = np.random.default_rng(d)
    X = with_norms(rng.standard_normal((70, d)) / np.sqrt(d))
    for kernel in KERNELS:
        K = filled(kernel, X[:9], X)
        assert np.array_equal(K, filled(kernel, X, X[:9]).T)
        some = np.array([8, 3, 3, 0, 7])
        assert np.array_equal(K[some, 5:], filled(kernel, X[some], X[5:]))


@pytest.mark.parametrize("d", [1, 6, 33, 259])
def test_equal_samples_have_distance_zero(d):
    """So their rbf kernel is exactly 1, however large gamma is."""
    x = np.random.default_rng(d).standard_normal((1, d))
    K = filled(Kernel("rbf", 1e30), with_norms(np.repeat(x, 3, axis=0)), with_norms(x))
    assert K.tolist() == [[1.0]] * 3


def test_a_distance_below_zero_is_zero():
    """Neighbours one bit apart in each feature, whose distance is rounding error of either sign."""
    x = np.random.default_rng(0).uniform(1, 2, (1, 7))
    near = x + np.random.default_rng(1).integers(-1, 2, (40, 7)) * 2.0**-52
    distances = with_norms(x)[:, -1] + with_norms(near)[:, -1] - 2 * x @ near.T
    assert (distances < 0).any()
    K = filled(Kernel("rbf", 1e17), with_norms(near), with_norms(x))
    assert (K <= 1).all()
    assert (K == 1).any()


@pytest.mark.parametrize("d", [2, 300])
def test_only_its_place_is_written(d):
    rng = np.random.default_rng(0)
    A, B = rng.standard_normal((3, d)), rng.standard_normal((5, d))
    out = np.full((6, 9), -7.0)
    filled(Kernel("linear"), with_norms(A), with_norms(B), out, 2, 3)
    np.testing.assert_allclose(out[2:5, 3:8], A @ B.T, rtol=1e-12, atol=1e-12)
    out[2:5, 3:8] = -7.0
    assert (out == -7.0).all()


def test_extremes():
    far = with_norms(np.array([[0.0], [1e3], [1e200]]))
    assert filled(Kernel("rbf", 1e300), far[:1], far[:2]).tolist() == [[1.0, 0.0]]
    assert filled(Kernel("poly", 1.0, 0.0, 200), far[1:2], far[:2]).tolist() == [[0.0, np.inf]]
    assert filled(Kernel("poly", 1.0, 0.0, 0), far[:1], far[:2]).tolist() == [[1.0, 1.0]]
    assert filled(Kernel("sigmoid", -1.0), far[1:2], far[:2]).tolist() == [[0.0, -1.0]]
    nan = with_norms(np.array([[np.nan]]))
    for kernel in (Kernel("linear"), Kernel("rbf"), Kernel("sigmoid"), Kernel("poly")):
        assert np.isnan(filled(kernel, nan, far[:2])).all()


def test_read_only_samples():
    X = with_norms(np.random.default_rng(0).standard_normal((4, 3)))
    expected = evaluate(Kernel("rbf"), X[:, :3], X[:, :3])
    X.flags.writeable = False
    np.testing.assert_allclose(filled(Kernel("rbf"), X, X), expected, rtol=1e-14)


def test_workspace_is_small():
    """A tile stays in the cache, whatever the number of features and, for few of them, of rows."""
    assert workspace(10**6, 20).nbytes < 2**14
    assert workspace(256, 10**6).nbytes < 2**19


@pytest.mark.parametrize("shape", [(1, 64), (7, 3), (600, 64)])
def test_memory_begins_a_cache_line(shape):
    for memory in [aligned(*shape) for _ in range(4)]:
        assert memory.shape == shape
        assert memory.flags.c_contiguous
        assert memory.ctypes.data % 64 == 0
