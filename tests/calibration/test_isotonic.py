"""Isotonic regression: the KKT conditions, an oracle from the min-max formula, scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml.calibration.isotonic import Steps, evaluate, fit_isotonic, pool

WEIGHTS = st.sampled_from([0.25, 1.0, 3.0])
SAMPLES = st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 3), WEIGHTS), min_size=1)


def arrays(samples):
    return np.array(samples, dtype=np.float64).T.copy()


def grouped(f, y, w):
    """Distinct f with the mean target and the sum of the weights of each."""
    values = np.unique(f)
    weights = np.array([w[f == v].sum() for v in values])
    return values, np.array([np.average(y[f == v], weights=w[f == v]) for v in values]), weights


def min_max(y, w):
    """Return m_i = max over a <= i of min over b >= i of the mean of y from a to b."""

    def mean(a, b):
        return np.average(y[a : b + 1], weights=w[a : b + 1])

    n = len(y)
    return [max(min(mean(a, b) for b in range(i, n)) for a in range(i + 1)) for i in range(n)]


@pytest.mark.kernel
@settings(deadline=None)
@given(SAMPLES)
def test_the_min_max_formula(samples):
    f, y, w = arrays(samples)
    values, means, weights = grouped(f, y, w)
    steps = fit_isotonic(f, y, w)
    np.testing.assert_allclose(evaluate(steps, values), min_max(means, weights), rtol=1e-14)


@pytest.mark.kernel
@settings(deadline=None)
@given(SAMPLES)
def test_the_kkt_conditions(samples):
    f, y, w = arrays(samples)
    values, means, weights = grouped(f, y, w)
    m = evaluate(fit_isotonic(f, y, w), values)
    assert (np.diff(m) >= 0).all()
    S = np.cumsum(weights * (means - m))
    rounding = 1e-14 * weights.sum() * 3
    assert (S >= -rounding).all()
    assert (np.abs(S[:-1][np.diff(m) > 0]) <= rounding).all()
    assert abs(S[-1]) <= rounding


@pytest.mark.kernel
def test_pooling_by_hand():
    sums, weights = np.array([1.0, 0.0, 1.0, 0.0, 2.0]), np.array([1.0, 1.0, 1.0, 2.0, 2.0])
    last = np.zeros(5, dtype=np.int64)
    assert pool(sums, weights, last) == 2
    assert sums[:2].tolist() == [2.0, 2.0]
    assert weights[:2].tolist() == [5.0, 2.0]
    assert last[:2].tolist() == [3, 4]


def test_corners():
    f = np.array([1.0, 2, 3, 4, 5, 6])
    steps = fit_isotonic(f, np.array([0.0, 1, 0, 0, 1, 1]), np.ones(6))
    assert steps.f.tolist() == [1, 2, 4, 5, 6]
    np.testing.assert_allclose(steps.m, [0, 1 / 3, 1 / 3, 1, 1])
    found = evaluate(steps, np.array([-9, 1.5, 3, 4.5, 99]))
    np.testing.assert_allclose(found, [0, 1 / 6, 1 / 3, 2 / 3, 1])


def test_a_single_value_and_all_equal_ones():
    assert fit_isotonic(np.array([2.0]), np.array([1.0]), np.ones(1)) == Steps([2.0], [1.0])
    steps = fit_isotonic(np.full(4, 2.0), np.array([1.0, 0, 0, 0]), np.ones(4))
    assert (steps.f.tolist(), steps.m.tolist()) == ([2.0], [0.25])


def test_weight_zero_is_no_sample():
    f, y = np.array([3.0, 1, 2]), np.array([0.0, 0, 1])
    steps = fit_isotonic(f, y, np.array([0.0, 1, 1]))
    assert (steps.f.tolist(), steps.m.tolist()) == ([1, 2], [0, 1])


def test_means_of_ones_are_one_whatever_the_weights():
    w = np.random.RandomState(0).rand(1000)
    assert fit_isotonic(np.arange(1000.0), np.ones(1000), w).m.tolist() == [1.0, 1.0]


@pytest.mark.peer
def test_scikit_learns_thresholds():
    isotonic = pytest.importorskip("sklearn.isotonic")
    rng = np.random.RandomState(0)
    for n in (1, 2, 30, 500):
        f, y = rng.standard_normal(n).round(1), (rng.rand(n) < 0.5).astype(float)
        w = rng.choice([0.5, 1, 2], n)
        ours = fit_isotonic(f, y, w)
        theirs = isotonic.IsotonicRegression(out_of_bounds="clip").fit(f, y, w)
        np.testing.assert_array_equal(ours.f, theirs.X_thresholds_)
        np.testing.assert_allclose(ours.m, theirs.y_thresholds_, rtol=1e-14)
