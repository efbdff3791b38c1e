"""Prediction of trees: a walk in plain Python, NumPy's version, scikit-learn's trees, threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchml import set_num_threads
from scratchml.tree import packed as packing
from scratchml.tree import predict
from scratchml.tree.nodes import Nodes
from scratchml.tree.predict import (
    LEAF,
    REST,
    add_entries,
    add_entries_plain,
    apply,
    descend_levels,
    descend_plain,
    leaf_sums,
    pack,
)

FLOATS = (np.float64, np.float32)
HALVES = np.array([-np.inf, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, np.inf])  # values and thresholds


def random_tree(rng, n_inner, shape=(1, 1), n_features=3, *, depth_first=True):
    """Return a tree with so many inner nodes, each leaf as likely to be split next."""
    left, right, leaves = [-1], [-1], [0]
    for _ in range(n_inner):
        node = leaves.pop(rng.integers(len(leaves)))
        left[node], right[node] = len(left), len(left) + 1
        leaves += [len(left), len(left) + 1]
        left += [-1, -1]
        right += [-1, -1]
    left, right = np.array(left), np.array(right)
    if depth_first:
        left, right = renumbered(left, right)
    n = len(left)
    inner = left >= 0
    value = rng.standard_normal((n, *shape)) * rng.integers(0, 2, size=(n, *shape))
    return Nodes(
        left, right,
        np.where(inner, rng.integers(0, n_features, size=n), -2),
        np.where(inner, rng.choice(HALVES[1:], size=n), -2.0),
        inner & (rng.random(n) < 0.5),
        np.zeros(n), np.ones(n, dtype=np.int64), np.ones(n), value,
    )  # fmt: skip


def renumbered(left, right):
    """Return the children of the same tree in preorder."""
    order, stack = [], [0]
    while stack:
        node = stack.pop()
        order.append(node)
        if left[node] >= 0:
            stack += [right[node], left[node]]
    number = np.append(np.argsort(order), -1)  # of node -1: -1
    return number[left[order]], number[right[order]]


def walk(tree, x):
    """Return the leaf of one row, by the rules of `nodes`."""
    node = 0
    while tree.left[node] >= 0:
        value = float(x[tree.feature[node]])
        to_left = tree.missing_left[node] if value != value else value <= tree.threshold[node]
        node = tree.left[node] if to_left else tree.right[node]
    return node


def walked(trees, X):
    return np.array([[walk(tree, x) for tree in trees] for x in X]).reshape(len(X), len(trees))


def summed(trees, X):
    sums = np.zeros((len(X), *trees[0].value.shape[1:]))
    for i, x in enumerate(X):
        for tree in trees:
            sums[i] += tree.value[walk(tree, x)]
    return sums


def rows(rng, n, dtype=np.float64, *, missing=0.0, n_features=3):
    X = rng.choice(HALVES, size=(n, n_features))
    X[rng.random(X.shape) < missing] = np.nan
    return X.astype(dtype)


def agree(trees, X):
    packed = pack(trees)
    leaves, sums = apply(packed, X), leaf_sums(packed, X)
    assert leaves.dtype == np.int64
    assert sums.dtype == np.float64
    np.testing.assert_array_equal(leaves, walked(trees, X))
    np.testing.assert_array_equal(sums, summed(trees, X))


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("missing", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("n", [0, 1, 2, 15, 16, 17, 60])
def test_a_walk_in_python(n, missing, dtype):
    rng = np.random.default_rng(n)
    shape = ((1, 1), (1, 2), (3, 1), (2, 4))[n % 4]
    sizes = (20, 0, 1, 300, 5)
    trees = [random_tree(rng, k, shape, depth_first=k != 5) for k in sizes]
    agree(trees, rows(rng, n, dtype, missing=missing))


@pytest.mark.kernel
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(0, 40), st.booleans())
def test_random_forests(seed, n_trees, n, missing):
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 3)), int(rng.integers(1, 4)))
    trees = [
        random_tree(rng, int(rng.integers(0, 12)), shape, depth_first=bool(rng.integers(2)))
        for _ in range(n_trees)
    ]
    agree(trees, rows(rng, n, missing=0.3 * missing))


@pytest.mark.kernel
def test_equal_goes_left_and_thresholds_are_float64():
    one = random_tree(np.random.default_rng(0), 1, n_features=1)
    packed = pack([one._replace(threshold=np.array([0.1, -2, -2]))])
    below, above = np.nextafter(0.1, [-1, 1])
    assert apply(packed, np.array([[0.1], [below], [above]])).ravel().tolist() == [1, 1, 2]
    assert np.float64(np.float32(0.1)) > 0.1
    assert apply(packed, np.array([[0.1]], dtype=np.float32)).item() == 2


@pytest.mark.kernel
@pytest.mark.parametrize("missing_left", [False, True])
def test_infinite_threshold_sends_the_missing_alone(missing_left):
    one = random_tree(np.random.default_rng(0), 1, n_features=1)
    one = one._replace(
        threshold=np.array([np.inf, -2, -2]), missing_left=np.array([missing_left, False, False])
    )
    X = np.array([[-np.inf], [0.0], [np.inf], [np.nan]])
    right = [False, False, False, not missing_left]
    for few in (X, np.tile(X, (5, 1))):
        np.testing.assert_array_equal(
            apply(pack([one]), few).ravel(), np.where(np.tile(right, len(few) // 4), 2, 1)
        )


@pytest.mark.kernel
@pytest.mark.parametrize("n", [3, 40])
def test_a_chain(n):
    length = 400
    inner = np.arange(2 * length + 1) % 2 == 0
    inner[-1] = False
    node = np.arange(2 * length + 1)
    chain = Nodes(
        np.where(inner, node + 1, -1), np.where(inner, node + 2, -1),
        np.where(inner, 0, -2), np.where(inner, node / 2, -2.0), np.zeros(len(node), dtype=bool),
        np.zeros(len(node)), node, node.astype(float), node[:, None, None].astype(float),
    )  # fmt: skip
    X = np.linspace(-1, length + 1, n)[:, None]
    agree([chain], X)
    assert apply(pack([chain]), X)[-1] == 2 * length


@pytest.mark.kernel
def test_blocks_threads_and_groups_of_trees(monkeypatch):
    rng = np.random.default_rng(3)
    trees = [random_tree(rng, 50, (1, 3)) for _ in range(7)]
    X, packed = rows(rng, 3001, missing=0.1), pack(trees)
    leaves, sums = apply(packed, X, n_jobs=1), leaf_sums(packed, X, n_jobs=1)
    np.testing.assert_array_equal(leaves[:9], walked(trees, X[:9]))
    np.testing.assert_array_equal(leaves[-9:], walked(trees, X[-9:]))
    for n_jobs in (2, 8, -1, None):
        np.testing.assert_array_equal(apply(packed, X, n_jobs), leaves)
        np.testing.assert_array_equal(leaf_sums(packed, X, n_jobs), sums)
    with set_num_threads(2):
        np.testing.assert_array_equal(leaf_sums(packed, X), sums)
    for pairs in (1, 700, 4000):  # one tree at a time, and groups that do not divide seven
        monkeypatch.setattr(predict, "_PAIRS", pairs)
        np.testing.assert_array_equal(apply(packed, X), leaves)
        np.testing.assert_array_equal(leaf_sums(packed, X, n_jobs=2), sums)
    for n in (1, 5, 100):  # the sum of a row does not depend on the others
        np.testing.assert_array_equal(leaf_sums(packed, X[:n]), sums[:n])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (2, 2)])
def test_the_same_bits_without_a_compiler(monkeypatch, shape, dtype):
    rng = np.random.default_rng(4)
    trees = [random_tree(rng, 80, shape) for _ in range(6)]
    X, packed = rows(rng, 500, dtype, missing=0.05), pack(trees)
    leaves, sums = apply(packed, X), leaf_sums(packed, X)
    monkeypatch.setattr(predict, "compiler", lambda **how: None)
    np.testing.assert_array_equal(apply(packed, X), leaves)
    np.testing.assert_array_equal(leaf_sums(packed, X), sums)
    np.testing.assert_array_equal(leaf_sums(packed, X[:1]), sums[:1])
    assert apply(packed, X[:0]).shape == (0, 6)


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [1, 2, 50])
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("sizes", [(30, 0, 3), (300,) * 8 + (0,)])  # rows, or trees, side by side
def test_kernels_and_their_numpy_versions(sizes, n, dtype, missing):
    rng = np.random.default_rng(5)
    trees = [random_tree(rng, k, (1, 4)) for k in sizes]
    X, packed = rows(rng, n, dtype, missing=0.3 * missing), pack(trees)
    flags = packed.missing_left[: None if missing else 0]
    arrays = [packed.roots, packed.feature, packed.threshold, packed.children, flags, X]
    for array in arrays:
        array.flags.writeable = False
    codes = np.zeros((2, len(trees), n), dtype=np.uint32)
    descend_levels(*arrays, codes[0], np.zeros(max(n, len(trees)), dtype=np.uint32))
    descend_plain(*arrays, codes[1], None)
    np.testing.assert_array_equal(codes[0], codes[1])
    assert (codes & LEAF).all()
    np.testing.assert_array_equal(packed.leaf[codes[0] & REST].T, walked(trees, X))
    sums = np.ones((2, n, 4))
    add_entries(packed.place, packed.share, codes[0], sums[0])
    add_entries_plain(packed.place, packed.share, codes[0], sums[1])
    np.testing.assert_array_equal(sums[0], sums[1])
    np.testing.assert_allclose(sums[0], 1 + summed(trees, X)[:, 0], rtol=0, atol=1e-14)


def test_packed_arrays():
    """A root with two leaves, by hand: of values only what is not zero, or one zero."""
    tree = random_tree(np.random.default_rng(0), 1, (1, 3))._replace(
        feature=np.array([2, -2, -2]),
        threshold=np.array([0.5, -2, -2]),
        value=np.array([[[9.0, 9, 9]], [[0, 0.25, 0.75]], [[0, 0, 0]]]),
    )
    stump = random_tree(np.random.default_rng(0), 0, (1, 3))._replace(value=np.ones((1, 1, 3)))
    packed = pack([tree, stump])
    assert packed.roots.tolist() == [[0, 1], [LEAF + 3, 0]]
    assert packed.feature.tolist() == [2]
    assert packed.children.tolist() == [[LEAF, LEAF + 2]]
    assert packed.place.tolist() == [1, LEAF + 2, LEAF, 0, 1, LEAF + 2]
    assert packed.share.tolist() == [0.25, 0.75, 0, 1, 1, 1]
    assert packed.leaf.tolist() == [1, 1, 2, 0, 0, 0]
    assert packed.shape == (1, 3)


def from_sklearn(estimator):
    tree = estimator.tree_
    return Nodes(
        tree.children_left, tree.children_right, tree.feature, tree.threshold,
        tree.missing_go_to_left.astype(bool), tree.impurity, tree.n_node_samples,
        tree.weighted_n_node_samples, tree.value,
    )  # fmt: skip


@pytest.mark.peer
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("kind", ["binary", "classes", "regression", "outputs"])
def test_scikit_learns_forests(kind, missing):
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(6)
    X = rng.standard_normal((900, 6)).astype(np.float32)
    score = X @ rng.standard_normal((6, 2))
    y = {
        "binary": score[:, 0] > 0,
        "classes": np.digitize(score[:, 0], [-2, -1, 0, 1, 2]),
        "regression": score[:, 0],
        "outputs": score,
    }[kind]
    if missing:
        X[rng.random(X.shape) < 0.1] = np.nan
    classes = kind in ("binary", "classes")
    family = ensemble.RandomForestClassifier if classes else ensemble.RandomForestRegressor
    forest = family(n_estimators=30, max_features=3, random_state=0).fit(X[:500], y[:500])
    packed = pack([from_sklearn(tree) for tree in forest.estimators_])
    expected = forest.predict_proba(X) if classes else forest.predict(X).reshape(len(X), -1)
    for Z in (X, X.astype(np.float64)):
        np.testing.assert_array_equal(apply(packed, Z), forest.apply(X))
        mean = leaf_sums(packed, Z).reshape(len(X), -1) / 30
        np.testing.assert_allclose(mean, expected, rtol=1e-12, atol=1e-14)


def test_too_many_nodes(monkeypatch):
    trees = [random_tree(np.random.default_rng(0), 4) for _ in range(3)]
    monkeypatch.setattr(packing, "REST", 15)
    pack(trees)
    monkeypatch.setattr(packing, "REST", 14)
    with pytest.raises(ValueError, match=r"less than 2\^31 nodes, got 12"):
        pack(trees)
