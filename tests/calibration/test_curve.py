"""The calibration curve: bins counted by hand, edges, labels, scikit-learn's figures."""

import numpy as np
import pytest

from scratchml.calibration import calibration_curve


def test_bins_by_hand():
    y = [0, 0, 0, 1, 1, 1]
    shares, means = calibration_curve(y, [0.0, 0.1, 0.2, 0.8, 0.9, 1.0], n_bins=2)
    np.testing.assert_allclose(shares, [0, 1])
    np.testing.assert_allclose(means, [0.1, 0.9])


def test_an_edge_belongs_to_the_bin_below_and_empty_bins_are_left_out():
    shares, means = calibration_curve([1, 0, 1], [0.25, 0.26, 1.0], n_bins=4)
    assert shares.tolist() == [1, 0, 1]
    assert means.tolist() == [0.25, 0.26, 1.0]


def test_quantile_bins_hold_as_many_each():
    p = np.array([0.0, 0.1, 0.2, 0.5, 0.9, 1.0])
    shares, means = calibration_curve([0, 0, 0, 0, 1, 1], p, n_bins=2, strategy="quantile")
    np.testing.assert_allclose(shares, [0, 2 / 3])
    np.testing.assert_allclose(means, [0.1, 0.8])


def test_labels():
    p, expected = [0.1, 0.9], ([0.0, 1.0], [0.1, 0.9])
    for y, pos_label in (([-1, 1], None), (["a", "b"], "b"), ([False, True], None), ([1, 2], 2)):
        found = calibration_curve(y, p, pos_label=pos_label)
        assert tuple(a.tolist() for a in found) == expected
    assert calibration_curve([1, 2], p, pos_label=1)[0].tolist() == [1, 0]
    assert calibration_curve([0, 0], p)[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("y", "p", "options", "message"),
    [
        ([0, 1], [-0.1, 0.5], {}, r"y_prob has values outside \[0, 1\]"),
        ([0, 1], [0.1, 1.5], {}, r"y_prob has values outside \[0, 1\]"),
        ([0, 1], [0.1, np.nan], {}, "y_prob contains NaN"),
        ([0, 1, 2], [0.1, 0.2, 0.3], {}, "Only binary classification"),
        (["a", "b"], [0.1, 0.2], {}, r"takes value in {'a', 'b'} and pos_label is not specified"),
        ([0, 1], [0.1], {}, "inconsistent numbers of samples"),
        ([0, 1], [0.1, 0.2], {"strategy": "percentile"}, "'strategy' parameter"),
        ([0, 1], [0.1, 0.2], {"n_bins": 0}, "'n_bins' parameter"),
    ],
)
def test_what_is_refused(y, p, options, message):
    with pytest.raises(ValueError, match=message):
        calibration_curve(y, p, **options)


@pytest.mark.peer
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_scikit_learns_curve(strategy):
    calibration = pytest.importorskip("sklearn.calibration")
    rng = np.random.RandomState(0)
    p = rng.rand(300).round(2)
    y = (rng.rand(300) < p).astype(int)
    for n_bins in (1, 3, 10, 50):
        ours = calibration_curve(y, p, n_bins=n_bins, strategy=strategy)
        theirs = calibration.calibration_curve(y, p, n_bins=n_bins, strategy=strategy)
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)
