"""Platt's sigmoid: derivatives by differences, the minimum by its gradient, invariances, LIBSVM."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml.calibration.sigmoid import (
    backtrack,
    derivatives,
    fit_sigmoid,
    objective,
    sigmoid,
    targets,
)


def problem(seed, n=60, scale=1.0, shift=0.0, flip=0.3):
    """Decision values, classes, weights."""
    rng = np.random.RandomState(seed)
    f = rng.standard_normal(n)
    positive = np.where(rng.rand(n) < flip, rng.rand(n) < 0.5, f > 0.2)
    return f * scale + shift, positive, rng.choice([0.5, 1.0, 3.0], n)


def test_targets_are_those_of_equation_12():
    t = targets(np.array([True, False, False, False]), np.array([2.0, 1.0, 1.0, 0.5]))
    np.testing.assert_allclose(t, [3 / 4, 1 / 4.5, 1 / 4.5, 1 / 4.5], rtol=1e-15)


def test_the_objective_is_the_cross_entropy():
    f, positive, w = problem(0)
    t = targets(positive, w)
    p = 1 / (1 + np.exp(-0.7 * f + 0.2))
    entropy = -(w * (t * np.log(p) + (1 - t) * np.log(1 - p))).sum()
    assert objective(np.array([-0.7, 0.2]), f, t, w) == pytest.approx(entropy, rel=1e-13)


@pytest.mark.parametrize("x", [(0.0, 0.0), (-1.5, 0.3), (4.0, -6.0)])
def test_derivatives_by_differences(x):
    f, positive, w = problem(1)
    t, x, h = targets(positive, w), np.array(x), 1e-5
    gradient, hessian = derivatives(x, f, t, w)
    for k, e in enumerate(np.eye(2) * h):
        rise = objective(x + e, f, t, w) - objective(x - e, f, t, w)
        assert gradient[k] == pytest.approx(rise / (2 * h), rel=1e-6, abs=1e-6)  # h^2, and rounding
        turn = derivatives(x + e, f, t, w)[0] - derivatives(x - e, f, t, w)[0]
        np.testing.assert_allclose(hessian[k], turn / (2 * h), rtol=1e-6, atol=1e-6)


def test_a_step_too_long_is_halved_until_it_descends():
    f, positive, w = problem(2)
    t, x, step = targets(positive, w), np.zeros(2), np.array([-80.0, 0.0])
    value = objective(x, f, t, w)
    slope = derivatives(x, f, t, w)[0] @ step
    assert slope < 0 < objective(x + step, f, t, w) - value
    there, new = backtrack(x, step, value, -slope / 2, (f, t, w))
    a = there[0] / step[0]
    assert np.log2(a) == np.round(np.log2(a)) < 0
    assert new == objective(there, f, t, w) <= value + 1e-4 * a * slope
    assert objective(x + 2 * a * step, f, t, w) > value + 1e-4 * 2 * a * slope


@settings(deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 80),
    st.floats(-8, 8),
    st.sampled_from([0.0, 1.0, -30.0]),
    st.sampled_from([0.0, 0.3, 1.0]),
)
def test_the_gradient_vanishes(seed, n, exponent, shift, flip):
    """Whatever the scale; with one class only, separable classes, or equal values."""
    scale = 10.0**exponent
    f, positive, w = problem(seed, n, scale, shift * scale, flip)
    result = fit_sigmoid(f, positive, w)
    assert result.converged
    assert result.n_iter <= 12
    x, t = np.array([result.A, result.B]), targets(positive, w)
    gradient, _ = derivatives(x, f, t, w)
    size = np.array([np.abs(f).max(), 1.0]) * w.sum()
    # z = A f + B is rounded in proportion to its parts.
    assert (np.abs(gradient) <= 1e-13 * size * (1 + abs(result.B))).all()
    assert result.objective == pytest.approx(objective(x, f, t, w), rel=1e-10)


def test_lin_lin_and_wengs_minimum():
    """Their solver stops at a gradient of 1e-5, so its figures are good to three digits."""
    result = fit_sigmoid(np.array([5.0, -4.0, 1.0]), np.array([True, False, False]), np.ones(3))
    np.testing.assert_allclose(result[:2], [-0.20261354391187855, 0.65236314980010512], rtol=1e-4)


def test_the_number_of_steps():
    assert [fit_sigmoid(*problem(seed)).n_iter for seed in range(6)] == [6, 6, 5, 6, 6, 5]


def test_equal_values_give_the_mean_target():
    positive, w = np.array([True, False, False, False]), np.ones(4)
    for f in (np.zeros(4), np.full(4, 0.1), np.full(4, 1e9)):
        result = fit_sigmoid(f, positive, w)
        assert result.A == 0
        assert sigmoid(np.array([result.B]))[0] == pytest.approx(targets(positive, w).mean())


@pytest.mark.parametrize("positive", [True, False])
def test_one_class_gives_its_target(positive):
    f, _, w = problem(3)
    result = fit_sigmoid(f, np.full(len(f), positive), w)
    p = sigmoid(result.A * f + result.B)[0]
    np.testing.assert_allclose(p, targets(np.full(len(f), positive), w), rtol=1e-12)


def test_separable_classes_stay_off_zero_and_one():
    f = np.r_[np.full(10, -1.0), np.full(10, 1.0)]
    result = fit_sigmoid(f, f > 0, np.ones(20))
    p = sigmoid(result.A * f + result.B)[0]
    np.testing.assert_allclose(p, targets(f > 0, np.ones(20)), rtol=1e-12)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_invariances(seed):
    rng = np.random.RandomState(seed)
    f, positive, w = problem(seed)
    A, B = fit_sigmoid(f, positive, w)[:2]
    order = rng.permutation(len(f))
    same = {"rtol": 1e-10, "atol": 1e-10}  # sums in another order
    np.testing.assert_allclose(fit_sigmoid(f[order], positive[order], w[order])[:2], [A, B], **same)
    np.testing.assert_allclose(fit_sigmoid(-f, positive, w)[:2], [-A, B], **same)
    np.testing.assert_allclose(fit_sigmoid(f, ~positive, w)[:2], [-A, -B], **same)
    np.testing.assert_allclose(fit_sigmoid(4 * f, positive, w)[:2], [A / 4, B], **same)
    np.testing.assert_allclose(fit_sigmoid(f + 1, positive, w)[:2], [A, B - A], **same)
    twice = rng.randint(0, 3, len(f))
    twice[0] = 1
    repeated = fit_sigmoid(f.repeat(twice), positive.repeat(twice), np.ones(twice.sum()))
    weighted = fit_sigmoid(f, positive, twice.astype(float))
    np.testing.assert_allclose(weighted[:2], repeated[:2], **same)


def test_both_probabilities_keep_their_digits():
    z = np.array([-800.0, -40.0, 0.0, 1e-20, 40.0, 800.0])
    p, q = sigmoid(z)
    np.testing.assert_allclose(p[4], np.exp(-40.0), rtol=1e-15)
    np.testing.assert_allclose(q[1], np.exp(-40.0), rtol=1e-15)
    np.testing.assert_array_equal(p + q, 1)
    assert (p[0], q[0], p[2]) == (1, 0, 0.5)
