"""The fitted tree as an object: what it says, worked out by hand; files that lie are refused."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml.tree import PathMatrix, Tree
from scratchml.tree.nodes import Nodes
from scratchml.tree.paths import paths_to, side_by_side

#             0: x1 <= 2.5
#      1: x0 <= 0        4: leaf         missing x1 right, missing x0 left
#    2: leaf  3: leaf
HAND = {
    "left": [1, 2, -1, -1, -1],
    "right": [4, 3, -1, -1, -1],
    "feature": [1, 0, -2, -2, -2],
    "threshold": [2.5, 0.0, -2.0, -2.0, -2.0],
    "missing_left": [False, True, False, False, False],
    "impurity": [0.5, 0.375, 0.0, 0.0, 0.125],
    "n_samples": [8, 4, 1, 3, 4],
    "weight": [8.0, 4.0, 1.0, 3.0, 4.0],
    "value": [[[0.5, 0.5]], [[0.25, 0.75]], [[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]],
}
KINDS = Nodes("i8", "i8", "i8", "f8", "?", "f8", "i8", "f8", "f8")._asdict()
ROWS = np.array([[0.0, 2.5], [1.0, 1.0], [0.0, 3.0], [np.nan, 0.0], [-1.0, np.nan]])
LEAVES = [2, 3, 4, 2, 4]


def hand_nodes(**changes):
    return Nodes(**{k: np.array(v, dtype=KINDS[k]) for k, v in (HAND | changes).items()})


@pytest.fixture
def tree():
    return Tree(hand_nodes(), 2, [2])


def test_what_is_asked_by_hand(tree):
    np.testing.assert_array_equal(tree.apply(ROWS), LEAVES)
    np.testing.assert_array_equal(tree.predict(ROWS), tree.value[LEAVES, 0])
    np.testing.assert_array_equal(tree.best_classes(ROWS)[:, 0], [0, 1, 0, 0, 0])
    np.testing.assert_array_equal(tree.compute_node_depths(), [1, 2, 3, 3, 2])
    assert (tree.node_count, tree.capacity, tree.n_leaves, tree.max_depth) == (5, 5, 3, 2)
    assert (tree.n_features, tree.n_outputs, tree.max_n_classes) == (2, 1, 2)
    assert tree.n_classes.tolist() == [2]
    assert tree.missing_go_to_left.tolist() == [0, 1, 0, 0, 0]


def test_decision_path_by_hand(tree):
    path = tree.decision_path(ROWS)
    expected = [[1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [1, 0, 0, 0, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 1]]
    np.testing.assert_array_equal(path.toarray(), expected)
    np.testing.assert_array_equal(path.todense(), expected)
    assert path.indptr.tolist() == [0, 3, 6, 8, 11, 13]
    assert path.indices.tolist() == [0, 1, 2, 0, 1, 3, 0, 4, 0, 1, 2, 0, 4]
    assert path.nnz == 13
    assert path.data.tolist() == [1] * 13
    assert repr(path) == "PathMatrix(shape=(5, 5), nnz=13)"


def test_importances_by_hand(tree):
    whole = [4 * 0.375 / 8, (8 * 0.5 - 4 * 0.375 - 4 * 0.125) / 8]
    np.testing.assert_array_equal(tree.compute_feature_importances(normalize=False), whole)
    np.testing.assert_array_equal(tree.compute_feature_importances(), np.array(whole) / 0.4375)


def test_one_leaf():
    leaf = Nodes(*(np.array(v, dtype=KINDS[k])[-1:].copy() for k, v in HAND.items()))
    tree = Tree(leaf, 3, [2])
    assert (tree.node_count, tree.n_leaves, tree.max_depth) == (1, 1, 0)
    np.testing.assert_array_equal(tree.apply(np.zeros((2, 3))), [0, 0])
    np.testing.assert_array_equal(tree.decision_path(np.zeros((2, 3))).toarray(), [[1], [1]])
    np.testing.assert_array_equal(tree.compute_feature_importances(), np.zeros(3))


def test_several_outputs_keep_their_axis():
    value = np.arange(20.0).reshape(5, 2, 2)
    tree = Tree(hand_nodes(value=value), 2, [2, 2])
    np.testing.assert_array_equal(tree.predict(ROWS), value[LEAVES])


@pytest.mark.parametrize("X", [ROWS[:, :1], ROWS[0], ROWS[None], np.c_[ROWS, ROWS]])
def test_rows_of_another_shape_are_refused(tree, X):
    with pytest.raises(ValueError, match="two dimensions and 2 columns; its shape is"):
        tree.apply(X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int, object])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_numbers_in_any_order(tree, dtype, order):
    X = np.nan_to_num(ROWS, nan=5.0).astype(dtype, order=order)
    np.testing.assert_array_equal(tree.apply(X), tree.apply(X.astype(float).tolist()))


def test_arrays_are_read_only(tree):
    """Prediction works on a packed copy, so that writing to them would have no effect."""
    for copied in (tree, copy.deepcopy(tree), pickle.loads(pickle.dumps(tree))):
        for name in ("children_left", "threshold", "value", "missing_go_to_left"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(copied, name)[0] = 1


def test_copies_say_the_same(tree):
    tree.apply(ROWS)
    for same in (
        copy.deepcopy(tree),
        pickle.loads(pickle.dumps(tree)),
        Tree._from_state(tree._get_state()),
    ):
        np.testing.assert_array_equal(same.apply(ROWS), LEAVES)
        assert repr(same) == "Tree(node_count=5, max_depth=2)"
        for a, b in zip(same.nodes, tree.nodes, strict=True):
            np.testing.assert_array_equal(a, b)


# ------------------------------------------------------------------------------------ hostile files


def state_of(nodes, n_features=2, n_classes=(2,)):
    return {
        "n_features": n_features,
        "n_classes": np.array(n_classes, dtype=np.int64),
        **nodes._asdict(),
    }


def with_entry(name, i, value):
    array = np.array(HAND[name], dtype=KINDS[name])
    array[i] = value
    return {name: array}


LIES = {
    "child beyond the end": with_entry("left", 0, 5),
    "child far beyond the end": with_entry("right", 0, 2**62),
    "negative child": with_entry("left", 0, -3),
    "root its own child": with_entry("left", 0, 0),
    "cycle": with_entry("right", 1, 0),
    "a circle apart": {"left": np.array([2, 1, -1, -1, -1])},
    "one child for two": with_entry("right", 0, 1),
    "same child twice": with_entry("right", 1, 2),
    "half a leaf": with_entry("right", 1, -1),
    "leaf with a right child": with_entry("right", 2, 3),
    "orphan": with_entry("left", 1, -1) | with_entry("right", 1, -1),
    "feature beyond the end": with_entry("feature", 0, 2),
    "negative feature": with_entry("feature", 0, -2),
    "threshold NaN": with_entry("threshold", 0, np.nan),
    "short": {"threshold": np.zeros(4)},
    "long": {"missing_left": np.zeros(6, dtype=bool)},
    "two-dimensional": {"left": np.zeros((5, 1), dtype=np.int64)},
    "flat values": {"value": np.zeros(10)},
    "narrow values": {"value": np.zeros((5, 1, 1))},
    "other dtype": {"left": np.array(HAND["left"], dtype=np.int32)},
    "list": {"left": HAND["left"]},
    "reversed bytes": {"threshold": np.array(HAND["threshold"], dtype=">f8")},
    "strided": {"threshold": np.repeat(HAND["threshold"], 2)[::2]},
    "number": {"weight": 3.0},
    "nothing": {"impurity": None},
    "no features": {"n_features": 0},
    "fractional features": {"n_features": 2.0},
    "no classes": {"n_classes": np.array([], dtype=np.int64)},
    "zero classes": {"n_classes": np.array([0])},
    "zero classes beside two": {"n_classes": np.array([2, 0]), "value": np.zeros((5, 2, 2))},
    "many classes": {"n_classes": np.array([2**40])},
    "more outputs": {"n_classes": np.array([2, 2])},
    "list of classes": {"n_classes": [2]},
    "no nodes": {k: np.empty((0, 1, 2) if k == "value" else 0, KINDS[k]) for k in KINDS},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_state_that_lies_is_refused(lie):
    assert Tree._from_state(state_of(hand_nodes())).node_count == 5
    with pytest.raises(ValueError, match="tree"):
        Tree._from_state(state_of(hand_nodes()) | LIES[lie])


def test_a_state_of_other_fields_is_refused():
    """`load` makes a ValueError of these two."""
    state = state_of(hand_nodes())
    del state["left"]
    with pytest.raises(TypeError, match="left"):
        Tree._from_state(state)
    with pytest.raises(KeyError, match="n_features"):
        Tree._from_state({"n_classes": 1})


@given(data=st.data())
@settings(deadline=None, max_examples=200)
def test_whatever_is_accepted_predicts_within_bounds(data):
    """Integers exchanged at random: refused, or rows end in leaves."""
    changes = {
        name: data.draw(st.lists(st.integers(-3, 6), min_size=5, max_size=5))
        for name in data.draw(st.sets(st.sampled_from(["left", "right", "feature"]), min_size=1))
    }
    try:
        tree = Tree._from_state(state_of(hand_nodes(**changes)))
    except ValueError:
        return
    leaves = tree.apply(ROWS)
    assert (tree.children_left[leaves] == -1).all()
    assert tree.decision_path(ROWS).toarray()[:, 0].all()


# ------------------------------------------------------------------------------------------ paths


@given(
    parents=st.lists(st.integers(0, 2**30), min_size=0, max_size=20),
    picks=st.lists(st.integers(0, 2**30), max_size=12),
)
@settings(deadline=None)
def test_paths_follow_the_parents(parents, picks):
    parent = np.array([0, *(p % (i + 1) for i, p in enumerate(parents))])
    depth = np.zeros(len(parent), dtype=np.int64)
    for i in range(1, len(parent)):
        depth[i] = depth[parent[i]] + 1
    ends = np.array([p % len(parent) for p in picks], dtype=np.int64)
    matrix = paths_to(ends, parent, depth)
    assert matrix.shape == (len(ends), len(parent))
    for i, node in enumerate(ends):
        path = [int(node)]
        while path[0]:
            path.insert(0, int(parent[path[0]]))
        assert matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]].tolist() == path


@given(
    n_rows=st.integers(0, 5),
    widths=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_side_by_side_is_hstack(n_rows, widths, seed):
    rng = np.random.RandomState(seed)
    dense = [rng.randint(0, 2, (n_rows, width)) for width in widths]
    parts = []
    for block in dense:
        rows, columns = np.nonzero(block)
        indptr = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=n_rows)))).astype(int)
        parts.append(PathMatrix(indptr, columns, block.shape[1]))
    joined, offsets = side_by_side(parts)
    np.testing.assert_array_equal(joined.toarray(), np.hstack(dense))
    assert offsets.tolist() == np.cumsum([0, *widths]).tolist()
    for i in range(n_rows):
        row = joined.indices[joined.indptr[i] : joined.indptr[i + 1]]
        assert (np.diff(row) > 0).all()


@pytest.mark.peer
def test_paths_become_scipys():
    sparse = pytest.importorskip("scipy.sparse")
    m = Tree(hand_nodes(), 2, [2]).decision_path(ROWS)
    theirs = sparse.csr_array((m.data, m.indices, m.indptr), shape=m.shape)
    np.testing.assert_array_equal(theirs.toarray(), m.toarray())
