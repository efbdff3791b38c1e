"""The fast builder of trees: it grows the tree that the plain one does, node by node."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml._core.jit import compiler
from scratchml.tree.cart import grow_cart
from scratchml.tree.encode import encode
from scratchml.tree.grow import grow_tree
from scratchml.tree.nodes import Limits, Target
from tests.tree.problems import CLASSES, CRITERIA, make, problems

pytestmark = pytest.mark.kernel
compiled = pytest.mark.skipif(compiler() is None, reason="takes ten seconds as plain Python")

SPLITTERS = ("best", "random")


def grow(X, target, weight=None, limits=None, splitter="best", seed=0, stop=None):
    columns = encode(np.ascontiguousarray(X), splitter)
    limits = limits or Limits(X.shape[1])
    return grow_tree(columns, target, weight, limits, splitter, seed, stop)


def assert_same(X, target, weight, limits, splitter="best", seed=0):
    fast = grow(X, target, weight, limits, splitter, seed)
    plain = grow_cart(X, target, weight, limits, splitter, seed)
    assert_same_nodes(fast, plain, exact=bool(target.n_classes) and integers(weight))
    return fast


def integers(weight):
    return weight is None or not (weight % 1).any()


def assert_same_nodes(fast, plain, *, exact):
    """`exact`: sums were of integers, and what is a quotient of two must be the same to the bit."""
    for name in ("left", "right", "feature", "threshold", "missing_left", "n_samples"):
        a, b = getattr(fast, name), getattr(plain, name)
        assert a.dtype == b.dtype, name
        np.testing.assert_array_equal(a, b, err_msg=name)
    if exact:
        np.testing.assert_array_equal(fast.weight, plain.weight)
        np.testing.assert_array_equal(fast.value, plain.value)
    root, scale = plain.impurity[0], np.abs(plain.value[0]).max()
    np.testing.assert_allclose(fast.weight, plain.weight, rtol=1e-13)
    np.testing.assert_allclose(fast.impurity, plain.impurity, rtol=1e-12, atol=1e-14 * root)
    np.testing.assert_allclose(fast.value, plain.value, rtol=1e-13, atol=1e-14 * scale)


def training(
    criterion, n, p=5, *, values="some", classes=3, weights=None, missing=0.0, n_outputs=1, seed=0
):
    """`values`: "few", "some" or "all" of the numbers in a column are different."""
    rng = np.random.default_rng([seed, n, p])
    X = rng.standard_normal((n, p))
    if values != "all":
        X = np.round(X * (1 if values == "few" else n / 20))
    X[rng.random(X.shape) < missing] = np.nan
    score = np.nan_to_num(X[:, : 2 * n_outputs]).reshape(n, 2, n_outputs).sum(axis=1)
    score = score / (score.std() + 1e-300) + 0.5 * rng.standard_normal((n, n_outputs))
    if criterion in CLASSES:
        cuts = np.quantile(score, np.arange(1, classes) / classes)
        y = np.digitize(score, cuts).astype(np.int32)
        target = Target(criterion, y, (classes,) * n_outputs)
    else:
        target = Target(criterion, np.maximum(np.round(8 * np.exp(score)) / 4 - 1, 0.0), ())
    weight = {
        None: None,
        "counts": rng.poisson(1.0, n).astype(float),
        "reals": rng.uniform(0.1, 2.0, n) * (rng.random(n) < 0.9),
    }[weights]
    return X, target, weight


# Against the plain builder.


@settings(max_examples=5 * settings.default.max_examples)
@given(problems(), st.sampled_from(SPLITTERS), st.integers(0, 2**64 - 1))
def test_small(problem, splitter, seed):
    assert_same(*problem, splitter, seed)


@settings(max_examples=2 * settings.default.max_examples)
@given(problems(), st.sampled_from(SPLITTERS), st.integers(0, 2**64 - 1))
def test_small_float32(problem, splitter, seed):
    X, *rest = problem
    X = np.clip(X, -3e38, 3e38).astype(np.float32)
    assert_same(X, *rest, splitter, seed)


@pytest.mark.parametrize("splitter", SPLITTERS)
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("weights", [None, "counts", "reals"])
@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_middle(criterion, n_outputs, weights, missing, splitter):
    options = {"weights": weights, "missing": missing, "n_outputs": n_outputs}
    for values, max_features in (("few", 2), ("some", 1), ("all", 5)):
        problem = training(criterion, 80, values=values, **options)
        assert_same(*problem, Limits(max_features), splitter, seed=7)


@pytest.mark.parametrize("splitter", SPLITTERS)
@pytest.mark.parametrize("weights", ["counts", "reals"])
@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(
    "options",
    [
        {"min_samples_leaf": 5},
        {"min_samples_split": 20},
        {"max_depth": 3},
        {"min_weight_leaf": 5.3},
        {"min_impurity_decrease": 0.004},
        {"max_leaf_nodes": 11},
        {"max_leaf_nodes": 40, "max_depth": 5, "min_samples_leaf": 2},
    ],
    ids=lambda options: "-".join(options),
)
def test_limits(options, criterion, weights, splitter):
    problem = training(criterion, 120, weights=weights, missing=0.05, values="some", seed=1)
    nodes = assert_same(*problem, Limits(3, **options), splitter, seed=9)
    assert len(nodes.left) >= 5


@pytest.mark.parametrize(
    ("values", "weights"), [("few", None), ("some", "counts"), ("all", None), ("all", "reals")]
)
@pytest.mark.parametrize("max_features", [2, 8], ids=["drawn", "all"])
@pytest.mark.parametrize(
    ("criterion", "classes"),
    [*((c, k) for c in CLASSES for k in (2, 11)), ("squared_error", 0), ("poisson", 0)],
)
def test_large(criterion, classes, max_features, values, weights):
    options = {"classes": classes, "weights": weights, "values": values}
    problem = training(criterion, 1500, 8, **options, seed=2)
    assert_same(*problem, Limits(max_features, min_samples_leaf=12), seed=10)


@pytest.mark.parametrize("criterion", ["gini", "entropy", "squared_error", "poisson"])
@pytest.mark.parametrize("options", [{}, {"missing": 0.1}, {"n_outputs": 2}], ids=str)
def test_large_grown_far(criterion, options):
    problem = training(criterion, 3000, 7, values="some", **options, seed=3)
    assert len(assert_same(*problem, Limits(2, min_samples_split=6), seed=11).left) > 300


@pytest.mark.parametrize("criterion", ["gini", "squared_error"])
@pytest.mark.parametrize("splitter", SPLITTERS)
def test_large_best_first(criterion, splitter):
    problem = training(criterion, 2000, 6, values="all", weights="counts", seed=4)
    limits = Limits(2, max_leaf_nodes=60)
    assert len(assert_same(*problem, limits, splitter, seed=12).left) == 119


@compiled
@pytest.mark.parametrize("criterion", ["gini", "entropy", "squared_error"])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_many_columns(criterion, missing):
    """All columns tried, and too many cells to keep all of them sorted at the root."""
    problem = training(criterion, 1500, 120, missing=missing, values="some", seed=5)
    assert_same(*problem, Limits(120, max_depth=4), seed=13)


@compiled
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("max_features", [2, 6])
def test_a_rare_class(criterion, max_features):
    """Two in 100,000: that much larger than what may be gained is the weight of a node."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 40, (100_000, 6)).astype(float)
    y = np.zeros((100_000, 1), dtype=np.int32)
    y[:2] = 1
    for weight in (None, rng.integers(1, 3, len(X)).astype(float), rng.uniform(0.5, 1, len(X))):
        assert_same(X, Target(criterion, y, (2,)), weight, Limits(max_features, max_depth=3))


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize(
    ("criterion", "weights"),
    [
        ("gini", None),
        ("gini", "counts"),
        ("gini", "reals"),
        ("entropy", None),
        ("entropy", "counts"),
        ("squared_error", None),
        ("squared_error", "reals"),
    ],
)
def test_the_first_of_two_mirrored_columns_stands(criterion, weights, missing):
    """Summed from either end: rounding must not decide between them."""
    X, target, weight = training(
        criterion, 1500, 3, values="all", classes=2, weights=weights, missing=missing, seed=7
    )
    for seed in range(3):
        assert_same(np.hstack([X, -X]), target, weight, Limits(6, max_depth=6), seed=seed)


@pytest.mark.parametrize("offset", [1e6, -1e9])
def test_squared_error_far_from_zero(offset):
    X, target, weight = training("squared_error", 1000, 6, weights="reals", values="some", seed=6)
    y = target.y + offset
    fast = grow(X, Target("squared_error", y, ()), weight, Limits(2))
    plain = grow_cart(X, Target("squared_error", y, ()), weight, Limits(2))
    np.testing.assert_array_equal(fast.feature, plain.feature)
    np.testing.assert_array_equal(fast.threshold, plain.threshold)
    np.testing.assert_allclose(fast.impurity, plain.impurity, rtol=1e-9, atol=1e-12)


def test_constant_columns():
    X, target, weight = training("gini", 300, 6, values="few")
    X[:, [0, 2, 3]] = [1.0, -0.0, np.nan]
    X[::2, 2] = 0.0
    for max_features in (1, 2, 6):
        nodes = assert_same(X, target, weight, Limits(max_features), seed=14)
        assert set(nodes.feature) == {-2, 1, 4, 5}
    assert len(assert_same(X[:, [0, 2, 3]], target, weight, Limits(1)).left) == 1


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_missing_values_alone(splitter):
    X = np.array([[1.0], [1.0], [np.nan], [-np.nan]])
    target = Target("gini", np.array([[0], [0], [1], [1]], dtype=np.int32), (2,))
    for seed in range(6):
        assert_same(X, target, None, Limits(1), splitter, seed)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_few_rows(criterion, n):
    X, target, _ = make(criterion, n, p=2)
    for splitter in SPLITTERS:
        assert_same(X, target, None, Limits(2), splitter)
        assert_same(X, target, np.eye(n)[0], Limits(2), splitter)  # all but one are absent


def test_a_deep_tree():
    n = 3000
    X = np.arange(n, dtype=float)[:, None]
    y = np.where(np.arange(n) % 2, 2.0 ** (np.arange(n) / 8), 0.0)[:, None]
    nodes = grow(X, Target("squared_error", y, ()))
    assert (nodes.n_samples[nodes.left < 0] == 1).all()


# Invariances.


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_monotone_transform_of_a_column_changes_thresholds_only(criterion):
    X, target, weight = make(criterion, 400, 4)
    a = grow(X.astype(float), target, weight, Limits(2), seed=1)
    b = grow(np.exp(X / 20.0), target, weight, Limits(2), seed=1)
    for name in set(a._fields) - {"threshold"}:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    X = X[weight > 0]
    np.testing.assert_array_equal(leaves(a, X), leaves(b, np.exp(X / 20.0)))


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("max_features", [2, 5])
def test_duplicated_rows_are_integer_weights(criterion, max_features):
    X, target, weight = training(criterion, 400, weights="counts", missing=0.1, seed=8)
    once = grow(X, target, weight, Limits(max_features), seed=2)
    rows = np.repeat(np.arange(len(X)), weight.astype(int))
    twice = grow(X[rows], target._replace(y=target.y[rows]), None, Limits(max_features), seed=2)
    np.testing.assert_array_equal(twice.n_samples, once.weight)
    for name in ("left", "right", "feature", "threshold", "weight"):
        np.testing.assert_array_equal(getattr(twice, name), getattr(once, name), err_msg=name)
    np.testing.assert_allclose(twice.impurity, once.impurity, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(twice.value, once.value, rtol=1e-13)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("max_features", [1, 4])
def test_the_order_of_rows_does_not_matter(criterion, max_features):
    X, target, weight = make(criterion, 600, 4, missing=0.1)
    order = np.random.default_rng(0).permutation(len(X))
    a = grow(X, target, weight, Limits(max_features), seed=3)
    b = grow(
        X[order], target._replace(y=target.y[order]), weight[order], Limits(max_features), seed=3
    )
    assert_same_nodes(a, b, exact=bool(target.n_classes))


@pytest.mark.parametrize(("splitter", "missing"), [("best", 0.05), ("random", 0.0)])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_distinct_rows_are_learned_by_heart(criterion, splitter, missing):
    """Where each column drawn can be split: missing values may all go left with all others."""
    X, target, _ = training(criterion, 700, missing=missing, values="some", seed=9)
    X, first = np.unique(X, axis=0, return_index=True)
    y = target.y[first] + (criterion == "poisson")  # zero alone is a prediction it forbids
    nodes = grow(X, target._replace(y=y), None, Limits(1), splitter, seed=4)
    value = nodes.value[leaves(nodes, X), 0]
    np.testing.assert_array_equal(
        value.argmax(axis=1) if target.n_classes else value[:, 0], y[:, 0]
    )


def leaves(nodes, X):
    """The leaf that each row falls in."""
    at = np.zeros(len(X), dtype=np.int64)
    while (inner := nodes.left[at] >= 0).any():
        x = X[np.arange(len(X)), np.maximum(nodes.feature[at], 0)]
        left = np.where(np.isnan(x), nodes.missing_left[at], x <= nodes.threshold[at])
        at = np.where(inner, np.where(left, nodes.left[at], nodes.right[at]), at)
    return at


# What goes in, and stays as it was.


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_a_set_of_encoded_columns_grows_many_trees(splitter):
    X, target, weight = training("gini", 300, missing=0.1, weights="counts")
    columns = encode(X, splitter)
    for array in (X, target.y, weight, columns.codes, columns.missing):
        array.flags.writeable = False
    for seed in (0, 2**63, 2**64 - 1):
        nodes = grow_tree(columns, target, weight, Limits(2), splitter, seed)
        plain = grow_cart(X, target, weight, Limits(2), splitter, seed)
        assert_same_nodes(nodes, plain, exact=True)


def test_float32_is_not_widened_first():
    X, target, weight = training("gini", 300, values="all")
    a = grow(X.astype(np.float32), target, weight)
    b = grow(X.astype(np.float32).astype(np.float64), target, weight)
    assert_same_nodes(a, b, exact=True)


def test_ranks():
    rng = np.random.default_rng(0)
    x = rng.choice([0.0, -0.0, 5e-324, -5e-324, 1.0, -1.7e308, 1.7e308, np.nan, -np.nan, 0.1], 200)
    for column in (x, rng.standard_normal(200), x[np.isnan(x)], x[x == 0], x[:1]):
        columns = encode(column[:, None], "best")
        _, ranks = np.unique(column, return_inverse=True)  # NaN comes last
        np.testing.assert_array_equal(columns.codes[0], ranks)
        assert columns.missing[0] == len(np.unique(column[~np.isnan(column)]))


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_stop_gives_up(splitter):
    X, target, weight = training("gini", 300)
    stop = np.ones(1, dtype=np.int64)
    assert len(grow(X, target, weight, splitter=splitter, stop=stop).left) < 2
