import numpy as np
import pytest

import scratchml
from scratchml.svm import matrix_sums
from scratchml.svm.matrix_sums import part, runs, sum_of_rows


@pytest.fixture
def K():
    return np.random.default_rng(0).normal(size=(40, 1100))


@pytest.mark.kernel
def test_part_is_what_numpy_gathers(K):
    rows, columns = np.array([3, 0, 3, 39]), np.array([1099, 5, 5])
    np.testing.assert_array_equal(part(K, rows, columns), K[rows][:, columns])
    assert part(K, rows[:0], columns).shape == (0, 3)
    assert part(K, rows, columns[:0]).shape == (4, 0)


def test_part_of_runs_and_of_scattered_places(K):
    rng = np.random.default_rng(2)
    for rows, columns in [
        (np.r_[5:9, 20:40], np.r_[0:1, 3:700, 1099:1100]),
        (np.arange(40), np.arange(1100)),
        (np.arange(40)[::-1], np.arange(1100)[::-1]),
        (rng.integers(0, 40, 100), rng.integers(0, 1100, 100)),
    ]:
        np.testing.assert_array_equal(part(K, rows, columns), K[rows][:, columns])


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ([], []),
        ([4], [[4, 5]]),
        ([4, 5, 6, 2, 3], [[4, 7], [2, 4]]),
        ([3, 3, 2], [[3, 4], [3, 4], [2, 3]]),
    ],
)
def test_runs(index, expected):
    assert runs(np.array(index, dtype=np.int64)).tolist() == expected


def test_sum_of_rows_is_a_product(K):
    rows, coef = np.array([3, 0, 3, 39]), np.array([1.0, -2.0, 0.5, 0.0])
    np.testing.assert_allclose(sum_of_rows(K, rows, coef), coef @ K[rows], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(sum_of_rows(K, rows[:0], coef[:0]), np.zeros(1100))


def test_sum_of_rows_has_the_same_bits_for_any_number_of_threads(K, monkeypatch):
    monkeypatch.setattr(matrix_sums, "_SMALL", 0)
    rows, coef = np.arange(40), np.random.default_rng(1).normal(size=40)
    sums = []
    for n in (1, 2, 3):
        with scratchml.set_num_threads(n):
            sums.append(sum_of_rows(K, rows, coef))
    np.testing.assert_array_equal(sums[0], sums[1])
    np.testing.assert_array_equal(sums[0], sums[2])
