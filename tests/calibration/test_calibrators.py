"""Calibrators of plain decision values: classes, shapes, bad input, copies."""

import copy
import pickle

import numpy as np
import pytest

import scratchml
from scratchml._core.estimator import clone
from scratchml._core.exceptions import NotFittedError
from scratchml.calibration import IsotonicCalibrator, SigmoidCalibrator, TemperatureCalibrator
from scratchml.calibration.isotonic import evaluate, fit_isotonic
from scratchml.calibration.sigmoid import fit_sigmoid
from scratchml.calibration.temperature import fit_temperature

ALL = [SigmoidCalibrator, IsotonicCalibrator, TemperatureCalibrator]
every = pytest.mark.parametrize("make", ALL)


def problem(n=80):
    rng = np.random.RandomState(0)
    f = rng.standard_normal(n)
    return f, np.where(rng.rand(n) < 0.8, f > 0, f < 0), rng.choice([1.0, 2.0], n)


def test_the_parameters_are_those_of_the_algorithms():
    f, y, w = problem()
    sigmoid = SigmoidCalibrator().fit(f, y, w)
    assert (sigmoid.a_, sigmoid.b_) == fit_sigmoid(f, y, w)[:2]
    isotonic = IsotonicCalibrator().fit(f, y, w)
    steps = fit_isotonic(f, y.astype(float), w)
    np.testing.assert_array_equal(isotonic.X_thresholds_, steps.f)
    np.testing.assert_array_equal(isotonic.predict_proba(f)[:, 1], evaluate(steps, f))
    temperature = TemperatureCalibrator().fit(f, y, w)
    Z = np.column_stack([-f, f])
    assert temperature.beta_ == fit_temperature(Z, y.astype(np.int64), w).beta
    np.testing.assert_array_equal(
        temperature.predict_proba(f), TemperatureCalibrator().fit(Z, y, w).predict_proba(Z)
    )


@every
def test_rows_of_probabilities(make):
    f, y, _ = problem()
    P = make().fit(f, y).predict_proba(np.linspace(-50, 50, 9))
    assert P.shape == (9, 2)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-15)
    assert (np.diff(P[:, 1]) >= 0).all()


@every
def test_classes(make):
    f, y, _ = problem()
    expected = make().fit(f, y).predict_proba(f)
    for labels in (["no", "yes"], [0, 1], [-1.0, 1.0], [3, 7]):
        model = make().fit(f, np.array(labels)[y.astype(int)])
        assert model.classes_.tolist() == labels
        np.testing.assert_array_equal(model.predict_proba(f), expected)


@every
def test_numbers_of_classes_may_lack_one(make):
    f = np.arange(5.0)
    for y, expected in ((np.zeros(5, dtype=bool), [False, True]), (np.ones(5, dtype=int), [0, 1])):
        model = make().fit(f, y)
        assert model.classes_.tolist() == expected
        P = model.predict_proba(f)
        assert P.shape == (5, 2)
        if make is not TemperatureCalibrator:  # one temperature cannot say that without the values
            assert (P[:, int(y[0])] > 0.8).all()


@every
def test_what_is_refused(make):
    f, y, w = problem()
    with pytest.raises(ValueError, match="of 2 classes, but y has 1: \\['a'\\]"):
        make().fit(f, ["a"] * len(f))
    with pytest.raises(ValueError, match="of 2 classes, but y has 3"):
        make().fit(f, np.arange(len(f)) % 3)
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        make().fit(f, f)
    with pytest.raises(ValueError, match="decision_values contains NaN"):
        make().fit(np.full(len(f), np.nan), y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        make().fit(f[1:], y)
    with pytest.raises(ValueError, match="zero"):
        make().fit(f, y, 0 * w)
    with pytest.raises(NotFittedError):
        make().predict_proba(f)


@pytest.mark.parametrize("make", ALL[:2])
def test_several_columns_are_refused(make):
    with pytest.raises(ValueError, match=r"decision_values should be a 1d array.* \(80, 2\)"):
        make().fit(np.zeros((80, 2)), problem()[1])


def test_columns_and_classes_of_logits():
    Z = np.random.RandomState(0).standard_normal((50, 3))
    y = np.array(["a", "b", "c"])[Z.argmax(axis=1)]
    model = TemperatureCalibrator().fit(Z, y)
    assert model.predict_proba(Z).shape == (50, 3)
    with pytest.raises(ValueError, match="of 2 classes were passed, but .* to those of 3"):
        model.predict_proba(Z[:, 0])
    partial = TemperatureCalibrator().fit(Z, np.arange(50) % 2)
    assert partial.classes_.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="of 3 classes, but y has 2"):
        TemperatureCalibrator().fit(Z, np.arange(50) % 2 * 5)


@every
def test_copies_say_the_same(make, tmp_path):
    f, y, _ = problem()
    model = make().fit(f, y)
    scratchml.save(model, tmp_path / "model")
    expected = model.predict_proba(f)
    for other in (
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        scratchml.load(tmp_path / "model"),
        clone(model).fit(f, y),
    ):
        np.testing.assert_array_equal(other.predict_proba(f), expected)


@every
def test_a_failed_fit_leaves_the_earlier_one(make):
    f, y, _ = problem()
    model = make().fit(f, y)
    expected = model.predict_proba(f)
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(f[1:], y)
    np.testing.assert_array_equal(model.predict_proba(f), expected)
