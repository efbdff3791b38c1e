"""Bootstrap samples: the draws restated, their distribution, weights; seeds; weights of trees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.random import below, splitmix64, uniform
from scratchml.ensemble.bootstrap import bootstrap, drawn_counts, drawn_rows, rows_drawn
from scratchml.ensemble.growing import Sampling, tree_seeds, tree_weight
from scratchml.tree.nodes import Target

LAST = 2**64 - 1
SEEDS = st.integers(0, 2**32 - 1)


@given(st.integers(1, 50), st.integers(1, 80), SEEDS)
def test_draws_restated(n, m, seed):
    rows = drawn_rows(bootstrap(n, m), seed)
    assert rows.dtype == np.int32
    assert rows.tolist() == [below(n, seed, LAST, j) for j in range(m)]


@given(
    st.lists(st.floats(0, 1e3) | st.just(0.0), min_size=1, max_size=30).filter(
        lambda w: sum(w) > 0
    ),
    st.integers(1, 60),
    SEEDS,
)
def test_weighted_draws_restated(weight, m, seed):
    plan = bootstrap(len(weight), m, np.array(weight))
    total, expected = sum(weight), []
    for j in range(m):
        target, below_it = uniform(seed, LAST, j) * np.cumsum(weight)[-1], 0.0
        for row, w in enumerate(weight):
            below_it += w
            if below_it > target:
                expected.append(row)
                break
    rows = drawn_rows(plan, seed).tolist()
    assert rows == expected
    assert all(weight[row] > 0 for row in rows)
    assert total > 0


@given(st.integers(1, 40), st.integers(1, 60), SEEDS)
def test_counts_are_of_the_draws(n, m, seed):
    plan = bootstrap(n, m)
    counts = drawn_counts(plan, seed)
    np.testing.assert_array_equal(counts, np.bincount(drawn_rows(plan, seed), minlength=n))
    assert counts.sum() == m


def test_a_longer_sample_begins_with_the_shorter():
    long, short = drawn_rows(bootstrap(9, 50), 3), drawn_rows(bootstrap(9, 20), 3)
    np.testing.assert_array_equal(long[:20], short)


def test_equal_weights_draw_as_none():
    for seed in range(20):
        np.testing.assert_array_equal(
            drawn_rows(bootstrap(1000, 1000, np.full(1000, 0.3)), seed),
            drawn_rows(bootstrap(1000, 1000), seed),
        )


def test_integer_weights_are_repeated_rows():
    weight = np.array([2, 0, 1, 5, 3])
    repeated = np.repeat(np.arange(5), weight)
    for seed in range(50):
        np.testing.assert_array_equal(
            drawn_rows(bootstrap(5, 40, weight), seed),
            repeated[drawn_rows(bootstrap(11, 40), seed)],
        )


@pytest.mark.parametrize("weight", [None, [1, 2, 3, 4, 0, 10]])
def test_each_row_comes_up_in_proportion(weight):
    share = np.ones(6) / 6 if weight is None else np.array(weight) / 20
    m = 200_000
    counts = drawn_counts(bootstrap(6, m, weight), 5)
    spread = np.sqrt(m * share * (1 - share))
    assert (np.abs(counts - m * share) <= 4.5 * spread).all()


def test_samples_of_different_seeds_are_independent():
    """Over many seeds, pairs of rows of neighbouring draws fill the square evenly."""
    n, trees = 7, 7000
    first = np.array([drawn_rows(bootstrap(n, 2), seed) for seed in tree_seeds(0, 0, trees)])
    square = np.bincount(first[:, 0] * n + first[:, 1], minlength=n * n)
    chi2 = ((square - trees / n**2) ** 2 / (trees / n**2)).sum()
    assert 20 < chi2 < 90  # 48 degrees of freedom: mean 48, deviation 9.8


def test_about_37_percent_are_left_out():
    n = 1000
    out = [np.mean(drawn_counts(bootstrap(n, n), seed) == 0) for seed in tree_seeds(1, 0, 200)]
    assert abs(np.mean(out) - (1 - 1 / n) ** n) < 0.003  # 4 deviations of 0.0096 / sqrt(200)
    assert np.std(out) == pytest.approx(0.0096, rel=0.2)  # sqrt((1/e - 2/e^2) / n)


def test_rows_drawn():
    assert rows_drawn(None, 10) == 10
    assert rows_drawn(3, 10) == 3
    assert rows_drawn(30, 10) == 30
    assert rows_drawn(0.55, 10) == 5
    assert rows_drawn(1e-9, 10) == 1
    assert rows_drawn(0.5, 10, np.full(10, 4.0)) == 20
    assert rows_drawn(None, 10, np.full(10, 4.0)) == 10


def test_seeds_of_a_larger_forest_begin_with_those_of_the_smaller():
    seeds = tree_seeds(7, 0, 100)
    assert seeds.dtype == np.uint32
    assert len(set(seeds.tolist())) == 100
    np.testing.assert_array_equal(tree_seeds(7, 30, 100), seeds[30:])
    assert seeds[5] == int(splitmix64(7, 5, 0)) >> 32
    assert not set(seeds.tolist()) & set(tree_seeds(8, 0, 100).tolist())


def test_balanced_weights_of_a_sample_restated():
    y = np.array([[0, 1], [0, 0], [1, 1], [1, 0], [2, 1], [0, 1], [0, 0], [0, 1]], dtype=np.int32)
    target, plan = Target("gini", y, (3, 2)), bootstrap(8, 6)
    without_a_class = 0
    for seed in range(30):
        rows = drawn_rows(plan, seed).tolist()
        expected = np.zeros(8)
        for row in rows:
            weight = 1.0
            for k in range(2):
                sample = [y[r, k] for r in rows]
                weight *= len(rows) / (len(set(sample)) * sample.count(y[row, k]))
            expected[row] += weight
        without_a_class += len({y[r, 0] for r in rows}) < 3
        found = tree_weight(Sampling(plan, None, True, 0.0), target, seed)
        np.testing.assert_allclose(found, expected, rtol=1e-15)
    assert without_a_class > 0


def test_weights_without_a_bootstrap_are_the_rows_own():
    weight = np.arange(4.0)
    target = Target("squared_error", np.zeros((4, 1)), ())
    assert tree_weight(Sampling(None, weight, False, 0.0), target, 1) is weight
    assert tree_weight(Sampling(None, None, False, 0.0), target, 1) is None
