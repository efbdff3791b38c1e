"""Decision values: three ways to sum are one, and parts that do not fit together are refused."""

import numpy as np
import pytest

from scratchml.svm.decision import Learned, decide, pair_weights, prepare
from scratchml.svm.dense_rows import DenseRows
from scratchml.svm.kernel_functions import Kernel, evaluate
from scratchml.svm.votes import pair_coefficients


def learned(counts, d, seed=0):
    rng = np.random.default_rng(seed)
    n, k = sum(counts), len(counts)
    return Learned(
        support=np.arange(n, dtype=np.int32)[::-1].copy(),
        support_vectors=rng.standard_normal((n, d)),
        n_support=np.array(counts, dtype=np.int32),
        dual_coef=rng.standard_normal((max(k - 1, 1), n)),
        intercept=rng.standard_normal(max(k * (k - 1) // 2, 1)),
    )


def coefficients(model):
    if len(model.n_support) < 3:
        return model.dual_coef.T
    return pair_coefficients(model.dual_coef, model.n_support)


def rows_of(kernel):
    return lambda X: DenseRows(kernel, X)


# One column a machine up to d + k of them; then one part a class.
SHAPES = {"one": ([7], 3), "two": ([3, 4], 3), "few pairs": ([3, 4, 2], 3), "a class": ([2] * 6, 3)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["linear", "poly", "rbf", "sigmoid"])
def test_values_by_definition(shape, name):
    counts, d = SHAPES[shape]
    kernel = Kernel(name, 0.3, 0.5, 2)
    model = learned(counts, d)
    X = np.random.default_rng(1).standard_normal((5, d))
    expected = evaluate(kernel, X, model.support_vectors) @ coefficients(model) + model.intercept
    machine = prepare(model, rows_of(kernel), d)
    assert (machine.weights is None) == (name != "linear")
    assert len(machine.parts) == (0 if name == "linear" else 6 if shape == "a class" else 1)
    np.testing.assert_allclose(decide(machine, X), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_values_of_a_matrix(shape):
    counts, _ = SHAPES[shape]
    model = learned(counts, 0)
    n = sum(counts)
    K = np.random.default_rng(1).standard_normal((4, n + 3))
    expected = K[:, model.support] @ coefficients(model) + model.intercept
    machine = prepare(model, None, n + 3)
    np.testing.assert_allclose(decide(machine, K), expected, rtol=1e-12, atol=1e-12)


def test_without_support_vectors_there_is_the_intercept():
    for kernel in (Kernel("rbf"), Kernel("linear"), None):
        model = learned([0, 0], 3)
        machine = prepare(model, kernel and rows_of(kernel), 3)
        np.testing.assert_array_equal(decide(machine, np.ones((2, 3))), [model.intercept] * 2)


def test_many_classes_and_few_vectors_make_no_large_weights():
    model = learned([1] * 12, 2)
    machine = prepare(model, rows_of(Kernel("linear")), 2)
    assert machine.weights is None  # 66 machines, 12 support vectors
    X = np.random.default_rng(1).standard_normal((3, 2))
    expected = X @ (coefficients(model).T @ model.support_vectors).T + model.intercept
    np.testing.assert_allclose(decide(machine, X), expected, rtol=1e-12, atol=1e-12)


def test_weights():
    for counts in ([7], [3, 4], [3, 4, 2]):
        model = learned(counts, 5)
        weights = pair_weights(model.dual_coef, model.n_support, model.support_vectors)
        expected = coefficients(model).T @ model.support_vectors
        np.testing.assert_allclose(weights, expected, rtol=1e-12, atol=1e-12)


WRONG = {
    "n_support is a list": {"n_support": [3, 4]},
    "n_support is of floats": {"n_support": np.array([3.0, 4.0])},
    "n_support is empty": {"n_support": np.empty(0, dtype=np.int64)},
    "negative count": {"n_support": np.array([8, -1])},
    "another sum": {"n_support": np.array([3, 5])},
    "another number of classes": {"n_support": np.array([3, 3, 1])},
    "dual_coef is a vector": {"dual_coef": np.ones(7)},
    "dual_coef is of ints": {"dual_coef": np.ones((1, 7), dtype=int)},
    "dual_coef is short": {"dual_coef": np.ones((1, 6))},
    "intercept is a number": {"intercept": 1.0},
    "intercept is long": {"intercept": np.ones(2)},
    "vectors are None": {"support_vectors": None},
    "vectors are few": {"support_vectors": np.ones((6, 3))},
    "vectors are narrow": {"support_vectors": np.ones((7, 2))},
    "vectors are of ints": {"support_vectors": np.ones((7, 3), dtype=int)},
}
WRONG_PLACES = {
    "support is a list": {"support": [0] * 7},
    "support is short": {"support": np.arange(6)},
    "beyond": {"support": np.full(7, 9)},
    "negative": {"support": np.full(7, -1)},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_parts_that_do_not_fit(wrong):
    model = learned([3, 4], 3)
    prepare(model, rows_of(Kernel("rbf")), 3)
    with pytest.raises(ValueError, match="n_support_|support_vectors_"):
        prepare(model._replace(**WRONG[wrong]), rows_of(Kernel("rbf")), 3)


@pytest.mark.parametrize("wrong", WRONG_PLACES)
def test_places_that_are_none(wrong):
    model = learned([3, 4], 0)
    prepare(model, None, 9)
    with pytest.raises(ValueError, match="support_"):
        prepare(model._replace(**WRONG_PLACES[wrong]), None, 9)


@pytest.mark.parametrize("count", [-1, 2**60, 3.0, None, True])
def test_a_matrix_of_an_impossible_width(count):
    with pytest.raises(ValueError, match="shape_fit_"):
        prepare(learned([0, 0], 0), None, count)
