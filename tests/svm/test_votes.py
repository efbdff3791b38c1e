"""One-vs-one: order of the pairs, votes, scores, and where coefficients are stored."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml.svm.votes import by_class, ovr_scores, pair_coefficients, pair_sums, pairs, vote


def pairs_by_loop(k):
    return [(i, j) for i in range(k) for j in range(i + 1, k)]


@st.composite
def decisions(draw):
    """(k, values): few values, so that ties and zeros are common."""
    k = draw(st.integers(2, 6))
    values = st.sampled_from([-2.0, -0.5, 0.0, 0.5, 2.0])
    row = st.lists(values, min_size=k * (k - 1) // 2, max_size=k * (k - 1) // 2)
    return k, np.array(draw(st.lists(row, min_size=1, max_size=5)))


def test_the_order_of_the_pairs():
    first, second = pairs(4)
    assert list(zip(first, second, strict=True)) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


@given(decisions())
def test_a_vote_for_each_pair_and_the_first_of_the_best(case):
    k, values = case
    for row, winner in zip(values, vote(values, k), strict=True):
        votes = [0] * k
        for d, (i, j) in zip(row, pairs_by_loop(k), strict=True):
            votes[i if d > 0 else j] += 1
        assert winner == votes.index(max(votes))


@given(decisions())
def test_scores_are_votes_and_a_fraction_of_the_sums(case):
    k, values = case
    for row, scores in zip(values, ovr_scores(values, k), strict=True):
        votes, sums = np.zeros(k), np.zeros(k)
        for d, (i, j) in zip(row, pairs_by_loop(k), strict=True):
            votes[j if d < 0 else i] += 1
            sums[i] += d
            sums[j] -= d
        np.testing.assert_allclose(scores, votes + sums / (3 * (abs(sums) + 1)), rtol=1e-14)


@pytest.mark.peer
@given(decisions())
def test_scores_are_those_of_the_reference_library(case):
    multiclass = pytest.importorskip("sklearn.utils.multiclass")
    k, values = case
    theirs = multiclass._ovr_decision_function(values < 0, -values, k)
    np.testing.assert_allclose(ovr_scores(values, k), theirs, rtol=1e-14)


def test_a_cycle_of_three_is_decided_by_the_sums():
    cycle = np.array([[1.0, -5.0, 1.0]])  # 0 beats 1, 2 beats 0 by far, 1 beats 2
    assert vote(cycle, 3) == [0]
    assert ovr_scores(cycle, 3).argmax() == 2


@pytest.mark.parametrize("counts", [[2, 1], [1, 3, 2], [2, 0, 1, 3]])
def test_where_coefficients_are_stored(counts):
    k, n = len(counts), sum(counts)
    labels = np.repeat(np.arange(k), counts)
    rng = np.random.default_rng(0)
    stored, K = rng.standard_normal((k - 1, n)), rng.standard_normal((4, n))
    expected = np.zeros((n, k * (k - 1) // 2))
    for machine, (i, j) in enumerate(pairs_by_loop(k)):
        for v, c in enumerate(labels):
            if c in (i, j):
                other = j if c == i else i
                expected[v, machine] = stored[other - 1 if other > c else other, v]
    np.testing.assert_array_equal(pair_coefficients(stored, np.array(counts)), expected)
    sums = np.stack([K[:, c] @ stored[:, c].T for c in by_class(np.array(counts))], axis=1)
    np.testing.assert_allclose(pair_sums(sums), K @ expected, rtol=1e-12, atol=1e-12)
