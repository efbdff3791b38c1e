"""The plain CART: against brute force in exact arithmetic, and against scikit-learn."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml._core.random import below, uniform
from scratchml.tree.cart import grow_cart
from scratchml.tree.criteria import describe, gains, sides
from scratchml.tree.cuts import all_cuts, random_cut
from scratchml.tree.nodes import TIE, Limits, Target
from tests.tree.problems import CLASSES, CRITERIA, TINY, make, problems

# Brute force: the definitions, a sample at a time, in rational numbers where these will do.


def impurity_of(criterion, y, w):
    """The impurity of one output, given lists of Fractions."""
    W = sum(w)
    shares = [sum(b for a, b in zip(y, w, strict=True) if a == k) / W for k in set(y)]
    mean = sum(a * b for a, b in zip(y, w, strict=True)) / W
    if criterion == "gini":
        return 1 - sum(s * s for s in shares)
    if criterion == "entropy":
        return math.fsum(-s * math.log2(s) for s in shares)
    if criterion == "squared_error":
        return sum(b * (a - mean) ** 2 for a, b in zip(y, w, strict=True)) / W
    if criterion == "absolute_error":
        m = median_of(y, w)
        return sum(b * abs(a - m) for a, b in zip(y, w, strict=True)) / W
    return math.fsum(b * a * math.log(a / mean) for a, b in zip(y, w, strict=True) if a > 0) / W


def median_of(y, w):
    half = sum(w) / 2
    low = [a for a in y if sum(d for c, d in zip(y, w, strict=True) if c <= a) >= half]
    high = [a for a in y if sum(d for c, d in zip(y, w, strict=True) if c >= a) >= half]
    return (min(low) + max(high)) / 2


def value_of(target, y, w):
    """The value of a node, with lists of Fractions for each output."""
    rows = []
    for k, column in enumerate(y):
        W = sum(w)
        if target.n_classes:
            row = [
                sum(b for a, b in zip(column, w, strict=True) if a == c) / W
                for c in range(target.n_classes[k])
            ]
            rows.append(row + [0] * (max(target.n_classes) - len(row)))
        elif target.criterion == "absolute_error":
            rows.append([median_of(column, w)])
        else:
            rows.append([sum(a * b for a, b in zip(column, w, strict=True)) / W])
    return np.array(rows, dtype=float)


class Brute:
    """Regrow a tree from its definition: nothing is sorted, nothing is summed twice."""

    def __init__(self, X, target, weight, limits, splitter, seed):
        self.X, self.target, self.limits = X.astype(float), target, limits
        self.splitter, self.seed = splitter, seed
        weight = np.ones(len(X)) if weight is None else weight
        self.w = [Fraction(w) for w in weight.tolist()]
        self.y = [[Fraction(a) for a in column] for column in target.y.T.tolist()]
        self.nodes = []
        root = [i for i in range(len(X)) if self.w[i] > 0]
        (self.best_first if limits.max_leaf_nodes else self.depth_first)(root)

    def parts(self, rows):
        return [[column[i] for i in rows] for column in self.y], [self.w[i] for i in rows]

    def weighted(self, rows):
        y, w = self.parts(rows)
        return sum(w) * sum(impurity_of(self.target.criterion, c, w) for c in y) / len(y)

    def add(self, rows, depth):
        number = len(self.nodes)
        self.nodes.append({"rows": rows, "depth": depth, "left": -1, "right": -1})
        limits = self.limits
        split = None
        different = any(c[i] != c[rows[0]] for c in self.y for i in rows)
        if different and depth < limits.max_depth and len(rows) >= limits.min_samples_split:
            split = self.best(rows, number)
        if split and split[0] / sum(self.w) + Fraction(2) ** -52 < limits.min_impurity_decrease:
            split = None
        self.nodes[number]["split"] = split
        return number

    def depth_first(self, rows, depth=0):
        number = self.add(rows, depth)
        node = self.nodes[number]
        if node["split"]:
            left, right = self.divide(rows, *node["split"][1:])
            node["left"] = self.depth_first(left, depth + 1)
            node["right"] = self.depth_first(right, depth + 1)
        return number

    def best_first(self, rows):
        self.add(rows, 0)
        slack = Fraction(TIE) * Fraction(self.weighted(rows))
        for _ in range(self.limits.max_leaf_nodes - 1):
            best = None
            for node in self.nodes:
                waits = node["split"] and node["left"] < 0
                if waits and (best is None or node["split"][0] > best["split"][0] + slack):
                    best = node
            if best is None:
                return
            sides = self.divide(best["rows"], *best["split"][1:])
            best["left"], best["right"] = (self.add(side, best["depth"] + 1) for side in sides)

    def divide(self, rows, j, threshold, missing_left):
        def left(x):
            return missing_left if math.isnan(x) else x <= threshold

        x = self.X[:, j]
        return [i for i in rows if left(x[i])], [i for i in rows if not left(x[i])]

    def best(self, rows, number):
        columns = list(range(self.X.shape[1]))
        slack = Fraction(TIE) * Fraction(self.weighted(rows))
        best, visited = None, 0
        for i in range(len(columns)):
            k = i + below(len(columns) - i, self.seed, number, i)
            columns[i], columns[k] = columns[k], columns[i]
            if i >= self.limits.max_features and visited:
                return best
            for j, threshold, missing_left in self.splits(rows, number, i, columns[i]):
                visited += 1
                gain = self.gain(rows, *self.divide(rows, j, threshold, missing_left))
                if gain is not None and (best is None or gain > best[0] + slack):
                    best = (gain, j, threshold, missing_left)
        return best

    def splits(self, rows, number, i, j):
        """Every split of the column; none if it is constant."""
        x = [self.X[row, j] for row in rows]
        values = sorted({a for a in x if not math.isnan(a)})
        missing = any(math.isnan(a) for a in x)
        if len(values) + missing < 2:
            return
        if self.splitter == "random":
            p, low, high = self.X.shape[1], values[0], values[-1]
            with np.errstate(all="ignore"):
                t = low + uniform(self.seed, number, p + i) * (high - low)
            t = t if t < high else low
            left = uniform(self.seed, number, 2 * p + i) < 0.5
            yield j, t, left if missing else self.larger_left(rows, j, t)
            return
        thresholds = []
        for low, high in pairwise(values):
            t = low / 2 + high / 2
            thresholds.append(t if t < high else low)
        for t in thresholds:
            yield j, t, False if missing else self.larger_left(rows, j, t)
        if missing:
            yield j, math.inf, False
            for t in thresholds:
                yield j, t, True

    def larger_left(self, rows, j, threshold):
        left, right = self.divide(rows, j, threshold, False)
        return len(left) > len(right)

    def gain(self, rows, left, right):
        for side in (left, right):
            y, w = self.parts(side)
            if len(side) < max(1, self.limits.min_samples_leaf):
                return None
            if sum(w) < self.limits.min_weight_leaf:
                return None
            if self.target.criterion == "poisson" and any(sum(c) == 0 for c in y):
                return None
        return max(0, self.weighted(rows) - self.weighted(left) - self.weighted(right))


def assert_brute(X, target, weight, limits, splitter="best", seed=0):
    nodes = grow_cart(X, target, weight, limits, splitter, seed)
    brute = Brute(X, target, weight, limits, splitter, seed)
    expected = brute.nodes
    assert nodes.left.tolist() == [node["left"] for node in expected]
    assert nodes.right.tolist() == [node["right"] for node in expected]
    for i, node in enumerate(expected):
        if node["left"] >= 0:
            _, feature, threshold, missing_left = node["split"]
            assert (nodes.feature[i], nodes.threshold[i]) == (feature, threshold)
            assert nodes.missing_left[i] == missing_left
        else:
            assert (nodes.feature[i], nodes.threshold[i]) == (-2, -2)
            assert not nodes.missing_left[i]
        rows = node["rows"]
        y, w = brute.parts(rows)
        assert nodes.n_samples[i] == len(rows)
        weighted = float(brute.weighted(rows))
        np.testing.assert_allclose(nodes.weight[i], float(sum(w)), rtol=1e-15)
        np.testing.assert_allclose(nodes.impurity[i], weighted / sum(w), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(nodes.value[i], value_of(target, y, w), rtol=1e-14)


@settings(max_examples=5 * settings.default.max_examples)
@given(problems(), st.sampled_from(["best", "random"]), st.integers(0, 2**64 - 1))
def test_equals_brute_force(problem, splitter, seed):
    assert_brute(*problem, splitter, seed)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("options", [{}, {"max_leaf_nodes": 7}, {"min_weight_leaf": 4.0}], ids=str)
def test_equals_brute_force_on_more_rows(criterion, options):
    rng = np.random.default_rng(len(criterion))
    X = rng.integers(0, 6, (40, 3)).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    X[:, 2] = np.where(rng.random(40) < 0.05, 0.0, 1.0)
    n_classes = (3, 2) if criterion in CLASSES else ()
    y = rng.integers(0, 2 + (np.arange(2) == 0), (40, 2))
    target = Target(criterion, y.astype(np.int32 if n_classes else float), n_classes)
    weight = rng.integers(0, 3, 40).astype(float)
    assert_brute(X, target, weight, Limits(2, **options), seed=3)


# Against scikit-learn.


def sklearn_tree(X, target, weight, limits, splitter="best"):
    tree = pytest.importorskip("sklearn.tree")
    cls = tree.DecisionTreeClassifier if target.n_classes else tree.DecisionTreeRegressor
    total = len(X) if weight is None else weight.sum()
    estimator = cls(
        criterion=target.criterion,
        splitter=splitter,
        max_depth=limits.max_depth,
        min_samples_split=limits.min_samples_split,
        min_samples_leaf=limits.min_samples_leaf,
        min_weight_fraction_leaf=limits.min_weight_leaf / total,
        min_impurity_decrease=limits.min_impurity_decrease,
        max_leaf_nodes=limits.max_leaf_nodes or None,
        random_state=0,
    )
    return estimator.fit(X, target.y, weight).tree_


def assert_sklearn(X, target, weight, limits):
    nodes = grow_cart(X, target, weight, limits)
    peer = sklearn_tree(X, target, weight, limits)
    inner = nodes.left >= 0
    np.testing.assert_array_equal(nodes.left, peer.children_left)
    np.testing.assert_array_equal(nodes.right, peer.children_right)
    np.testing.assert_array_equal(nodes.feature, peer.feature)
    np.testing.assert_array_equal(nodes.threshold, peer.threshold)
    np.testing.assert_array_equal(nodes.missing_left[inner], peer.missing_go_to_left[inner])
    np.testing.assert_array_equal(nodes.n_samples, peer.n_node_samples)
    np.testing.assert_allclose(nodes.weight, peer.weighted_n_node_samples, rtol=1e-13)
    np.testing.assert_allclose(nodes.impurity, peer.impurity, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(nodes.value, peer.value, rtol=1e-12, atol=1e-15)
    return nodes


LIMITS = (
    {"min_samples_leaf": 7},
    {"min_samples_leaf": 5, "min_samples_split": 30},
    {"min_samples_leaf": 5, "max_depth": 3},
    {"min_weight_leaf": 9.0},
    {"min_samples_leaf": 5, "min_impurity_decrease": 0.01},
    {"min_samples_leaf": 5, "max_leaf_nodes": 9},
    {"min_samples_leaf": 5, "max_leaf_nodes": 9, "max_depth": 3},
)


@pytest.mark.peer
@pytest.mark.parametrize("options", LIMITS, ids=lambda options: "-".join(options))
@pytest.mark.parametrize("criterion", CRITERIA)
def test_equals_sklearn_under_limits(criterion, options):
    X, target, weight = make(criterion)
    nodes = assert_sklearn(X, target, weight, Limits(max_features=4, **options))
    assert len(nodes.left) >= 9


@pytest.mark.peer
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_equals_sklearn_with_several_outputs(criterion, n_outputs, weighted):
    X, target, weight = make(criterion, seed=1, n_outputs=n_outputs)
    if not (weighted or criterion in (*CLASSES, "absolute_error")):  # without weights, these tie
        weight = None
    assert len(assert_sklearn(X, target, weight, Limits(4, min_samples_leaf=6)).left) >= 20


@pytest.mark.peer
@pytest.mark.parametrize("most", [0, 12])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_equals_sklearn_with_missing_values(criterion, most):
    X, target, weight = make(criterion, seed=2, missing=0.15)
    nodes = assert_sklearn(X, target, weight, Limits(4, min_samples_leaf=5, max_leaf_nodes=most))
    assert np.unique(nodes.missing_left[nodes.left >= 0]).size == 2


@pytest.mark.peer
@pytest.mark.parametrize("criterion", CRITERIA)
def test_one_column_grown_to_the_end_equals_sklearn(criterion):
    X, target, weight = make(criterion, p=1, seed=3)
    nodes = assert_sklearn(X, target, weight, Limits(1))
    assert len(nodes.left) > 50


# Kernels of the search, and what rounding must not spoil.


def test_gains_by_hand():
    y = np.array([[0], [0], [1], [1]], dtype=np.int32)
    w = np.ones(4)
    cuts = np.array([1, 2, 3])
    gini = gains(Target("gini", y, (2,)), y, w, cuts)  # 4 / 2 - 1 x 0 - 3 x 4/9
    np.testing.assert_allclose(gini, [2 / 3, 2, 2 / 3], rtol=1e-15)
    entropy = gains(Target("entropy", y, (2,)), y, w, cuts)
    np.testing.assert_allclose(entropy, [4 - math.log2(27 / 4), 4, 4 - math.log2(27 / 4)])
    y = np.array([[1.0], [2.0], [6.0], [0.0]])
    squared = gains(Target("squared_error", y, ()), y, w, cuts)  # W_L W_R / W (difference)^2
    np.testing.assert_allclose(squared, [3 / 4 * (5 / 3) ** 2, 1.5**2, 3 / 4 * 9], rtol=1e-15)
    absolute = gains(Target("absolute_error", y, ()), y, w, cuts)  # 7 less what is left
    np.testing.assert_allclose(absolute, [7 - 6, 7 - 1 - 6, 7 - 5], rtol=1e-15)
    poisson = gains(Target("poisson", y, ()), y, w, cuts)
    ratio = 9 / 4
    expected = [
        math.log(1 / ratio) + 8 * math.log(8 / 3 / ratio),
        3 * math.log(1.5 / ratio) + 6 * math.log(3 / ratio),
        -np.inf,
    ]
    np.testing.assert_allclose(poisson, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("y", "w", "median"),
    [
        ([3.0, 1.0, 2.0], [1.0, 1.0, 1.0], 2.0),
        ([3.0, 1.0, 2.0, 8.0], [1.0, 1.0, 1.0, 1.0], 2.5),
        ([3.0, 1.0, 2.0], [3.0, 1.0, 1.0], 3.0),
        ([3.0, 1.0, 2.0], [2.0, 1.0, 1.0], 2.5),
        ([1.7e308, 1.6e308], [1.0, 1.0], 1.65e308),
        ([5.0], [0.25], 5.0),
    ],
)
def test_weighted_median(y, w, median):
    y, w = np.array(y)[:, None], np.array(w)
    _, value = describe(Target("absolute_error", y, ()), y, w)
    assert value == pytest.approx(median, rel=1e-15)


@pytest.mark.parametrize("criterion", CLASSES)
def test_a_rare_class_costs_no_digits(criterion):
    n = 200_000
    y = np.zeros((n, 1), dtype=np.int32)
    y[-1] = 1
    target = Target(criterion, y, (2,))
    cuts = np.array([n - 3, n - 2, n - 1])
    if criterion == "gini":
        expected = [2 * Fraction(n - 1, n) - 2 * Fraction(n - k - 1, n - k) for k in cuts.tolist()]
    else:
        whole = (n - 1) * math.log1p(1 / (n - 1)) + math.log(n)
        rest = [(m - 1) * math.log1p(1 / (m - 1)) + math.log(m) for m in (3, 2)] + [0]
        expected = [(whole - part) / math.log(2) for part in rest]
    gain = gains(target, y, np.ones(n), cuts)
    np.testing.assert_allclose(gain, np.array(expected, dtype=float), rtol=1e-14)
    gain = gains(target, y, np.full(n, 0.1), cuts)  # weights whose sums round
    np.testing.assert_allclose(gain, np.array(expected, dtype=float) / 10, rtol=1e-12)


def test_sides_are_zero_where_nothing_is_left():
    values = np.array([0.1, 0.2, 0.3, 0.0, 0.0])
    left, right = sides(values, np.array([1, 3, 4]))
    np.testing.assert_allclose(left, [0.1, 0.6, 0.6], rtol=1e-15)
    np.testing.assert_allclose(right, [0.5, 0.0, 0.0], rtol=1e-15)  # 0.6 - 0.6 would be 1e-16


@pytest.mark.parametrize("criterion", CRITERIA)
def test_gains_are_not_negative(criterion):
    rng = np.random.default_rng(0)
    for _ in range(50):
        y = np.tile(rng.integers(0, 3, (3, 1)), (4, 1)).astype(np.int32)
        y[:1] = 1
        target = Target(criterion, y, (3,) if criterion in CLASSES else ())
        y = y if criterion in CLASSES else y * 0.1
        gain = gains(target, y, np.tile(rng.uniform(0.5, 2, 3), 4), np.arange(1, 12))
        assert (gain[gain > -np.inf] >= 0).all()


def test_the_mean_of_equal_targets_is_theirs():
    rng = np.random.default_rng(0)
    for a in rng.standard_normal(20):
        y = np.full((7, 1), a)
        for criterion in ("squared_error", "poisson"):
            impurity, value = describe(Target(criterion, abs(y), ()), abs(y), rng.uniform(1, 2, 7))
            assert (impurity, value) == (0, abs(a))


@pytest.mark.parametrize(
    ("low", "high", "threshold"),
    [
        (1.0, 2.0, 1.5),
        (-1.7e308, -1.6e308, -1.65e308),  # the sum overflows
        (-1.7e308, 1.7e308, 0.0),
        (1.0, 1 + 2**-52, 1.0),
        (1 + 2**-52, 1 + 2**-51, 1 + 2**-52),  # halfway rounds to the upper one
        (3 * TINY, 4 * TINY, 3 * TINY),
        (-TINY, 0.0, -TINY),
        (0.0, TINY, 0.0),
    ],
)
def test_thresholds(low, high, threshold):
    cuts = all_cuts(np.array([high, low]), missing_left=False)
    assert cuts.threshold.tolist() == [pytest.approx(threshold, rel=1e-15, abs=0)]
    assert low <= cuts.threshold[0] < high
    assert cuts.order.tolist() == [1, 0]


@pytest.mark.parametrize("u", [0.0, 0.5, 1 - 2**-53])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.0, 1 + 2**-52), (-1.7e308, 1.7e308)])
def test_random_thresholds_divide(low, high, u):
    cut = random_cut(np.array([high, low, np.nan]), u, missing_left=False)
    assert low <= cut.threshold[0] < high
    assert cut.order.tolist() == [1, 0, 2]
    assert cut.n_left.tolist() == [1]


@pytest.mark.parametrize("offset", [0.0, 1e9, -1e12])
def test_squared_error_far_from_zero(offset):
    rng = np.random.default_rng(0)
    y = rng.integers(-3, 4, (200, 1)).astype(float)
    X, weight = rng.standard_normal((200, 3)), rng.integers(1, 4, 200).astype(float)
    near = grow_cart(X, Target("squared_error", y, ()), weight, Limits(3))
    far = grow_cart(X, Target("squared_error", y + offset, ()), weight, Limits(3))
    np.testing.assert_array_equal(far.feature, near.feature)
    np.testing.assert_array_equal(far.threshold, near.threshold)
    np.testing.assert_allclose(far.impurity, near.impurity, rtol=1e-12, atol=1e-7)


def test_small_differences_are_split():
    target = Target("squared_error", np.array([[0.0], [1e-9]]), ())
    assert grow_cart(np.array([[0.0], [1.0]]), target, None, Limits(1)).n_samples.tolist() == [
        2,
        1,
        1,
    ]


def test_smallest_impurity_decrease_allows_for_rounding():
    X, target, _ = make("squared_error")
    tree = grow_cart(X, target, None, Limits(4, max_depth=1))
    share = tree.n_samples / len(X)
    decrease = tree.impurity[0] - share[1:] @ tree.impurity[1:]
    for excess, size in ((2.0**-53, 3), (2.0**-50, 1)):
        limits = Limits(4, max_depth=1, min_impurity_decrease=decrease + excess)
        assert len(grow_cart(X, target, None, limits).left) == size


@pytest.mark.parametrize("shift", [1.0, 1.1, 1.5, 2.1])  # rounding makes the later gain larger
def test_equal_gains_expand_in_order_of_creation(shift):
    y = np.array([0.0, 0.1, 0.3, 0.4])
    X = np.arange(8.0)[:, None]
    target = Target("squared_error", np.append(y, y + 3 + shift)[:, None], ())
    nodes = grow_cart(X, target, None, Limits(1, max_leaf_nodes=3))
    assert nodes.left.tolist() == [1, 3, -1, -1, -1]


def test_a_column_of_one_value_and_missing_ones():
    X = np.array([[1.0], [1.0], [np.nan], [np.nan]])
    target = Target("gini", np.array([[0], [0], [1], [1]], dtype=np.int32), (2,))
    nodes = grow_cart(X, target, None, Limits(1))
    assert nodes.threshold.tolist() == [np.inf, -2, -2]
    assert nodes.missing_left.tolist() == [False, False, False]
    assert nodes.value[1:, 0].tolist() == [[1, 0], [0, 1]]


def test_a_deep_tree():
    n = 1500  # deeper than Python's stack of calls
    X = np.arange(n, dtype=float)[:, None]
    y = np.where(np.arange(n) % 2, 2.0 ** (np.arange(n) / 4), 0.0)[:, None]
    nodes = grow_cart(X, Target("squared_error", y, ()), None, Limits(1))
    assert nodes.n_samples[nodes.left < 0].tolist() == [1] * n
