"""Temperature scaling: derivatives by differences, the root of the slope, separable logits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml.calibration.temperature import (
    HIGHEST,
    LOWEST,
    derivatives,
    fit_temperature,
    softmax,
)


def problem(seed, n=60, K=3, scale=1.0, right=0.7):
    rng = np.random.RandomState(seed)
    Z = rng.standard_normal((n, K)) * scale
    codes = np.where(rng.rand(n) < right, Z.argmax(axis=1), rng.randint(K, size=n))
    return Z, codes, rng.choice([0.5, 1.0, 2.0], n)


def loss(beta, Z, codes, w):
    """F from its definition."""
    P = softmax(beta * Z)
    return -(w * np.log(P[np.arange(len(Z)), codes])).sum()


def less_own(Z, codes):
    return Z - Z[np.arange(len(Z)), codes][:, np.newaxis]


@pytest.mark.parametrize("beta", [0.01, 1.0, 3.0])
def test_derivatives_by_differences(beta):
    Z, codes, w = problem(0)
    h, D = 1e-5 * beta, less_own(*problem(0)[:2])
    slope, curvature = derivatives(beta, D, w)
    rise = loss(beta + h, Z, codes, w) - loss(beta - h, Z, codes, w)
    turn = derivatives(beta + h, D, w)[0] - derivatives(beta - h, D, w)[0]
    assert slope == pytest.approx(rise / (2 * h), rel=1e-5)  # rounding of F over h
    assert curvature == pytest.approx(turn / (2 * h), rel=1e-6)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 80), st.integers(2, 5), st.floats(-3, 3))
def test_the_slope_vanishes(seed, n, K, exponent):
    Z, codes, w = problem(seed, n, K, 10.0**exponent)
    result = fit_temperature(Z, codes, w)
    assert result.converged
    assert LOWEST <= result.beta <= HIGHEST
    slope = derivatives(result.beta, less_own(Z, codes), w)[0]
    assert slope == result.slope
    outward = slope if result.beta == LOWEST else -slope if result.beta == HIGHEST else 0.0
    assert outward > 0 or abs(slope) * result.beta <= 1e-15 * w.sum()


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.1, 0.5, 2.0, 30.0]))
def test_no_other_temperature_is_better(seed, factor):
    Z, codes, w = problem(seed)
    beta = fit_temperature(Z, codes, w).beta
    other = min(max(factor * beta, LOWEST), HIGHEST)
    least = loss(beta, Z, codes, w)
    assert least <= loss(other, Z, codes, w) + 1e-13 * w.sum()


def test_the_number_of_steps():
    assert [fit_temperature(*problem(seed)).n_iter for seed in range(6)] == [5, 5, 5, 4, 8, 5]


def test_where_newton_creeps_the_bracket_is_halved():
    """Rows of very different scale: 15 steps by Newton's method alone."""
    rng = np.random.RandomState(312)
    Z = rng.standard_normal((40, 3)) * 10.0 ** rng.randint(-3, 4, (40, 1))
    codes = np.where(rng.rand(40) < 0.9, Z.argmax(axis=1), rng.randint(3, size=40))
    assert fit_temperature(Z, codes, np.ones(40)).n_iter == 8


def test_scaled_logits_scale_the_temperature():
    Z, codes, w = problem(1)
    beta = fit_temperature(Z, codes, w).beta
    assert fit_temperature(8 * Z, codes, w).beta == pytest.approx(beta / 8, rel=1e-12)
    shifted = Z + np.arange(len(Z))[:, np.newaxis]  # softmax does not see it
    assert fit_temperature(shifted, codes, w).beta == pytest.approx(beta, rel=1e-10)


def test_logits_that_say_nothing_leave_it_at_one():
    Z = np.repeat(np.arange(4.0)[:, np.newaxis], 3, axis=1)
    assert fit_temperature(Z, np.array([0, 1, 2, 0]), np.ones(4)).beta == 1


def test_separable_logits_end_where_the_loss_is_rounding():
    Z, codes, w = problem(2, right=1.0)
    Z[np.arange(len(Z)), codes] += 1
    result = fit_temperature(Z, codes, w)
    assert result.converged
    assert 1 < result.beta < HIGHEST
    assert loss(result.beta, Z, codes, w) <= 1e-14 * w.sum()


def test_wrong_logits_end_at_the_lower_bound():
    Z, _, w = problem(3)
    result = fit_temperature(Z, Z.argmin(axis=1), w)
    assert (result.beta, result.n_iter) == (LOWEST, 0)


@pytest.mark.peer
def test_scikit_learns_temperature():
    calibration = pytest.importorskip("sklearn.calibration")
    for seed in range(5):
        Z, codes, w = problem(seed, n=200, K=4)
        theirs = calibration._TemperatureScaling().fit(Z, codes, w).beta_
        # Their search by values of F finds its argument to half the digits.
        assert fit_temperature(Z, codes, w).beta == pytest.approx(float(theirs), rel=1e-6)
