"""Kinds of target, label codes and class weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml._core.targets import (
    check_classification_targets,
    class_weight_vector,
    encode_labels,
    type_of_target,
)

KINDS = {
    "binary": [[0, 1], ["a", "b", "a"], [True, False], [1.0, 2.0], [[1], [0]], [3, 3]],
    "multiclass": [[0, 1, 2], ["a", "b", "c"], [1.0, 2.0, 3.0], [-1, 0, 1]],
    "continuous": [[0.5, 1.0], [1e-3], [[0.1], [3.0]]],
    "multilabel-indicator": [np.array([[0, 1], [1, 1]]), np.array([[True, False]])],
    "multiclass-multioutput": [np.array([[1, 2], [3, 4]]), np.array([["a", "b"], ["c", "d"]])],
    "continuous-multioutput": [np.array([[0.1, 2], [3, 4]])],
    "unknown": [np.zeros((2, 2, 2)), np.array([{}, {}], dtype=object)],
}


@pytest.mark.parametrize("kind", KINDS)
def test_type_of_target(kind):
    for y in KINDS[kind]:
        assert type_of_target(y) == kind


@pytest.mark.peer
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"unknown"}))
def test_type_of_target_as_scikit_learn(kind):
    multiclass = pytest.importorskip("sklearn.utils.multiclass")
    for y in KINDS[kind]:
        assert multiclass.type_of_target(y) == kind


def test_type_of_target_refuses():
    with pytest.raises(ValueError, match="y contains NaN"):
        type_of_target([1.0, np.nan])
    with pytest.raises(ValueError, match="Expected array-like"):
        type_of_target("labels")
    with pytest.raises(ValueError, match="Expected array-like"):
        type_of_target(3)
    with pytest.raises(ValueError, match="unequal length"):
        type_of_target([[1, 2], [3]])


def test_classification_targets():
    assert check_classification_targets([0, 1]) == "binary"
    with pytest.raises(ValueError, match="Unknown label type: continuous. Maybe you are trying"):
        check_classification_targets([0.5, 1.5])


LABELS = st.one_of(
    st.lists(st.integers(-5, 5), min_size=1),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1),
    st.lists(st.text(max_size=3), min_size=1),
    st.lists(st.booleans(), min_size=1),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1),
)


@given(LABELS)
def test_encode_labels(labels):
    y = np.array(labels)
    classes, codes = encode_labels(y)
    assert classes.dtype == y.dtype
    assert codes.dtype == np.int64
    assert classes.tolist() == sorted(set(y.tolist()))
    np.testing.assert_array_equal(classes[codes], y)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint64, np.int64])
def test_encode_labels_at_the_ends_of_a_dtype(dtype):
    info = np.iinfo(dtype)
    y = np.array([info.max, info.min, info.max], dtype=dtype)
    classes, codes = encode_labels(y)
    np.testing.assert_array_equal(classes[codes], y)
    assert classes.dtype == dtype


def test_encode_labels_refuses():
    with pytest.raises(TypeError, match="uniformly strings or numbers, but y mixes int, str"):
        encode_labels(np.array([1, "a"], dtype=object))
    with pytest.raises(ValueError, match="y contains NaN"):
        encode_labels(np.array([1.0, np.nan]))


def test_class_weights():
    classes, codes = encode_labels(np.array(["a", "b", "b", "b"]))
    np.testing.assert_array_equal(class_weight_vector(None, classes, codes), [1, 1])
    np.testing.assert_array_equal(class_weight_vector({"b": 3}, classes, codes), [1, 3])
    balanced = class_weight_vector("balanced", classes, codes)
    np.testing.assert_array_equal(balanced, [2, 2 / 3])
    weighted = class_weight_vector("balanced", classes, codes, np.array([3.0, 1, 1, 1]))
    np.testing.assert_array_equal(weighted, [1, 1])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"c": 1.0}, r"\['a', 'b'\], are not in class_weight"),
        ({"a": -1.0}, "finite weights >= 0"),
        ({"a": np.nan}, "finite weights >= 0"),
        ("even", "must be a dict, 'balanced' or None, got 'even'"),
    ],
)
def test_class_weights_refuse(weights, message):
    classes, codes = encode_labels(np.array(["a", "b"]))
    with pytest.raises(ValueError, match=message):
        class_weight_vector(weights, classes, codes)
    with pytest.raises(ValueError, match="sample weight of zero"):
        class_weight_vector("balanced", classes, codes, np.array([1.0, 0.0]))
