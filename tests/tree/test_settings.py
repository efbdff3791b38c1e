"""From parameters and targets to limits, codes and weights."""

from types import SimpleNamespace

import numpy as np
import pytest

from scratchml.tree.nodes import Limits
from scratchml.tree.settings import (
    GROWTH_RULES,
    classification_target,
    features_tried,
    limits_of,
    regression_target,
    row_weights,
)

DEFAULTS = {
    "max_depth": None,
    "min_samples_split": 2,
    "min_samples_leaf": 1,
    "min_weight_fraction_leaf": 0.0,
    "max_features": None,
    "max_leaf_nodes": None,
    "min_impurity_decrease": 0.0,
}
NO_LIMITS = Limits(max_features=7, min_samples_split=2)


@pytest.mark.parametrize(
    ("parameters", "changed"),
    [
        ({}, {}),
        ({"max_depth": 3}, {"max_depth": 3}),
        ({"max_depth": 2**40}, {"max_depth": 2**31 - 1}),
        ({"max_leaf_nodes": 9}, {"max_leaf_nodes": 9}),
        ({"max_leaf_nodes": 2**40}, {"max_leaf_nodes": 2**31 - 1}),
        ({"min_samples_split": 11}, {"min_samples_split": 11}),
        ({"min_samples_split": 0.25}, {"min_samples_split": 26}),  # of 101 rows, up
        ({"min_samples_split": 0.001}, {"min_samples_split": 2}),
        ({"min_samples_leaf": 4}, {"min_samples_leaf": 4, "min_samples_split": 8}),
        ({"min_samples_leaf": 0.1}, {"min_samples_leaf": 11, "min_samples_split": 22}),
        (
            {"min_samples_leaf": 2, "min_samples_split": 9},
            {"min_samples_leaf": 2, "min_samples_split": 9},
        ),
        ({"min_weight_fraction_leaf": 0.25}, {"min_weight_leaf": 25.25}),
        ({"min_impurity_decrease": 1}, {"min_impurity_decrease": 1.0}),
        ({"max_features": 3}, {"max_features": 3}),
    ],
)  # fmt: skip
def test_limits(parameters, changed):
    estimator = SimpleNamespace(**DEFAULTS | parameters)
    assert limits_of(estimator, 101, 7) == NO_LIMITS._replace(**changed)
    plain = {int, float}
    assert {type(value) for value in limits_of(estimator, 101, 7)} == plain


def test_the_weight_of_a_leaf_is_a_share_of_the_total():
    estimator = SimpleNamespace(**DEFAULTS | {"min_weight_fraction_leaf": 0.25})
    assert limits_of(estimator, 101, 7, weight_sum=8.0).min_weight_leaf == 2.0


@pytest.mark.parametrize(
    ("value", "of_10", "of_1"),
    [
        (None, 10, 1),
        ("sqrt", 3, 1),
        ("log2", 3, 1),
        (1, 1, 1),
        (0.55, 5, 1),
        (0.01, 1, 1),
        (1.0, 10, 1),
        (np.float32(0.5), 5, 1),
    ],
)
def test_features_tried(value, of_10, of_1):
    assert features_tried(value, 10) == of_10
    assert features_tried(value, 1) == of_1


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 2**20 - 1, 2**20])
def test_root_and_logarithm_round_down(n):
    assert features_tried("sqrt", n) == int(n**0.5)
    assert features_tried("log2", n) == max(1, int(np.log2(n)))


def test_features_beyond_the_columns_are_an_error():
    assert features_tried(np.int64(10), 10) == 10
    with pytest.raises(
        ValueError, match=r"max_features must be at most .* 10, got max_features=11"
    ):
        features_tried(11, 10)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("max_depth", [1, None, np.int32(3)], [0, -1, 1.5, "3", True]),
        ("min_samples_split", [2, 1.0, 0.1], [1, 0, 0.0, 1.1, True, None, float("nan")]),
        ("min_samples_leaf", [1, 0.5, np.float32(0.1)], [0, 1.0, 0.0, -1, None, False]),
        ("min_weight_fraction_leaf", [0, 0.5], [-0.1, 0.6, None]),
        ("max_features", [1, 1.0, 0.1, "sqrt", "log2", None], [0, 0.0, 1.5, -1, "auto", True]),
        ("max_leaf_nodes", [2, None], [1, 0, 2.5]),
        ("min_impurity_decrease", [0, 0.1], [-0.1, None, float("nan")]),
        ("ccp_alpha", [0, 0.1], [-0.1, None, float("inf")]),
    ],
)
def test_rules(name, good, bad):
    rule = GROWTH_RULES[name]
    assert all(rule.accepts(value) for value in good)
    assert not any(rule.accepts(value) for value in bad)


def test_rules_state_themselves():
    assert GROWTH_RULES["min_samples_split"].text == (
        "an int in the range [2, inf) or a float in the range (0.0, 1.0]"
    )
    assert GROWTH_RULES["min_samples_leaf"].text == (
        "an int in the range [1, inf) or a float in the range (0.0, 1.0)"
    )


# ---------------------------------------------------------------------------------------- targets


@pytest.mark.parametrize(
    ("y", "codes", "classes"),
    [
        ([3, 1, 3], [[1], [0], [1]], [[1, 3]]),
        (["b", "a", "b"], [[1], [0], [1]], [["a", "b"]]),
        ([[3], [1], [3]], [[1], [0], [1]], [[1, 3]]),
        ([[0, 5], [1, 5], [0, 7]], [[0, 0], [1, 0], [0, 1]], [[0, 1], [5, 7]]),
        ([True, False, True], [[1], [0], [1]], [[False, True]]),
    ],
)
def test_class_codes(y, codes, classes):
    target, found = classification_target(np.array(y), "log_loss")
    assert target.criterion == "entropy"
    assert target.y.dtype == np.int32
    assert target.y.flags.c_contiguous
    assert target.y.tolist() == codes
    assert [labels.tolist() for labels in found] == classes
    assert target.n_classes == tuple(len(labels) for labels in classes)


def test_fractions_are_no_labels():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        classification_target(np.array([0.5, 1.0]), "gini")


@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 2)])
def test_numbers(shape):
    y = np.arange(4, dtype=np.float32).reshape(shape)
    target = regression_target(y, "squared_error")
    assert target.y.dtype == np.float64
    assert target.y.shape == (shape[0], 4 // shape[0])
    assert target.n_classes == ()
    np.testing.assert_array_equal(target.y.ravel(), np.arange(4.0))


def test_counts_are_not_negative_and_not_all_zero():
    assert regression_target([0.0, 2.0], "poisson").y.tolist() == [[0.0], [2.0]]
    with pytest.raises(ValueError, match=r"y are negative.*Poisson.*needs y >= 0, got -1\.5"):
        regression_target([2.0, -1.5], "poisson")
    with pytest.raises(ValueError, match="Sum of y is not positive.*Poisson"):
        regression_target([0.0, 0.0], "poisson")


# ---------------------------------------------------------------------------------------- weights

ONE = classification_target(np.array(["a", "b", "b", "c"]), "gini")
TWO = classification_target(np.array([[0, 5], [1, 5], [1, 7], [1, 7]]), "gini")


@pytest.mark.parametrize(
    ("target", "class_weight", "expected"),
    [
        (ONE, {"a": 2.0, "b": 3.0, "c": 0.0}, [2, 3, 3, 0]),
        (ONE, {"b": 3.0}, [1, 3, 3, 1]),
        (ONE, "balanced", [4 / 3, 4 / 6, 4 / 6, 4 / 3]),
        (TWO, [{0: 2.0, 1: 3.0}, {5: 5.0, 7: 7.0}], [10, 15, 21, 21]),
        (TWO, "balanced", [2, 4 / 6, 4 / 6, 4 / 6]),
    ],
)
def test_class_weights_multiply_the_rows_own(target, class_weight, expected):
    own = np.array([1.0, 2.0, 0.5, 4.0])
    before = own.copy()
    found = row_weights(None, class_weight, *target)
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    np.testing.assert_allclose(row_weights(own, class_weight, *target), found * own, rtol=1e-15)
    np.testing.assert_array_equal(own, before)


def test_no_class_weights_leave_the_rows_own():
    own = np.ones(4)
    assert row_weights(own, None, *ONE) is own
    assert row_weights(None, None, *ONE) is None


@pytest.mark.parametrize(
    ("target", "class_weight", "message"),
    [
        (TWO, {0: 1.0}, "should be a list of dicts, or the string 'balanced'.*2 outputs"),
        (TWO, [{0: 1.0}], "number of elements in class_weight .* 1 for 2 outputs"),
        (ONE, [{"a": 1.0}], "class_weight must be a dict, 'balanced' or None"),
        (ONE, {"z": 1.0}, r"are not in class_weight, which has \['z'\]"),
        (ONE, {"a": -1.0}, "finite weights >= 0"),
        (ONE, {"a": 0, "b": 0, "c": 0}, "at least one positive weight.*zero for every row"),
    ],
)
def test_class_weights_that_do_not_suit(target, class_weight, message):
    with pytest.raises(ValueError, match=message):
        row_weights(None, class_weight, *target)
