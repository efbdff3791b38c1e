"""Pruning, against the minimum over all subtrees in exact arithmetic, and scikit-learn's path."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchml.tree.nodes import Nodes
from scratchml.tree.pruning import prune, pruning_path


@st.composite
def trees(draw, most_splits=9):
    """Return a tree whose R(t) are integers (weights 1), R(t) >= R(left) + R(right)."""
    left, right, risk = [-1], [-1], [draw(st.integers(0, 40))]
    for _ in range(draw(st.integers(0, most_splits))):
        leaves = [t for t in range(len(left)) if left[t] < 0]
        t = draw(st.sampled_from(leaves))
        a = draw(st.integers(0, risk[t]))
        b = draw(st.integers(0, risk[t] - a))
        left[t], right[t] = len(left), len(left) + 1
        left += [-1, -1]
        right += [-1, -1]
        risk += [a, b]
    n = len(left)
    inner = np.array(left) >= 0
    return Nodes(
        left=np.array(left),
        right=np.array(right),
        feature=np.where(inner, np.arange(n) % 3, -2),
        threshold=np.where(inner, np.arange(n) / 2, -2.0),
        missing_left=inner & (np.arange(n) % 2 == 0),
        impurity=np.array(risk, dtype=float),
        n_samples=np.arange(n),
        weight=np.ones(n),
        value=np.arange(n, dtype=float).reshape(n, 1, 1),
    )


def smallest_best_subtree(nodes, alpha, t=0):
    """Return the least R_alpha below t, and the nodes of the smallest subtree that attains it."""
    own = Fraction(float(nodes.impurity[t])) + alpha
    if nodes.left[t] < 0:
        return own, {t}
    below, kept = zip(
        *(smallest_best_subtree(nodes, alpha, int(c[t])) for c in (nodes.left, nodes.right)),
        strict=True,
    )
    return (own, {t}) if own <= sum(below) else (sum(below), {t} | kept[0] | kept[1])


def kept_by(nodes, alpha):
    """Return which nodes `prune` keeps, read off the values."""
    return set(prune(nodes, alpha).value[:, 0, 0].astype(int).tolist())


def exact_prices(nodes):
    """Return the alphas at which the best subtree shrinks, as Fractions."""
    prices, alpha = [], Fraction(0)
    inner = [t for t in range(len(nodes.left)) if nodes.left[t] >= 0]
    while True:
        _, kept = smallest_best_subtree(nodes, alpha)
        if len(kept) == 1:
            return prices
        links = []
        for t in inner:
            if t in kept and int(nodes.left[t]) in kept:
                below = kept & descendants(nodes, t)
                leaves = [s for s in below if nodes.left[s] < 0 or int(nodes.left[s]) not in kept]
                own = Fraction(float(nodes.impurity[t]))
                saved = own - sum(Fraction(float(nodes.impurity[s])) for s in leaves)
                links.append(saved / (len(leaves) - 1))
        alpha = min(links)
        prices.append(alpha)


def descendants(nodes, t):
    if nodes.left[t] < 0:
        return {t}
    return {t} | descendants(nodes, int(nodes.left[t])) | descendants(nodes, int(nodes.right[t]))


@given(trees())
@settings(deadline=None, max_examples=150)
def test_prune_attains_the_minimum_over_all_subtrees(nodes):
    prices = [Fraction(0), *exact_prices(nodes)]
    middles = [(a + b) / 2 for a, b in zip(prices, [*prices[1:], prices[-1] + 1], strict=True)]
    for alpha in middles:  # at a price itself, rounding decides
        assert kept_by(nodes, float(alpha)) == smallest_best_subtree(nodes, alpha)[1]


@given(trees())
@settings(deadline=None, max_examples=150)
def test_path_lists_each_price_and_what_is_left(nodes):
    ccp_alphas, impurities = pruning_path(nodes)
    exact = exact_prices(nodes)
    assert ccp_alphas[0] == 0.0
    np.testing.assert_allclose(
        np.unique(ccp_alphas.round(9)),
        np.unique([0.0, *(round(float(a), 9) for a in exact)]),
        atol=1e-9,
    )
    assert (np.diff(ccp_alphas) > -1e-12).all()
    leaves = nodes.impurity[nodes.left < 0].sum()
    assert impurities[0] == leaves
    assert impurities[-1] == nodes.impurity[0]
    for alpha, impurity in zip(ccp_alphas, impurities, strict=True):
        pruned = prune(nodes, alpha * (1 + 1e-9) + 1e-9)
        if alpha < ccp_alphas[-1] and np.count_nonzero(np.isclose(ccp_alphas, alpha)) == 1:
            assert pruned.impurity[pruned.left < 0].sum() == pytest.approx(impurity, abs=1e-9)


@given(trees())
@settings(deadline=None)
def test_what_is_kept_is_a_tree_in_the_old_order(nodes):
    for alpha in pruning_path(nodes)[0]:
        pruned = prune(nodes, alpha)
        old = pruned.value[:, 0, 0].astype(int)  # numbers before pruning
        assert (np.diff(old) > 0).all()
        leaf = pruned.left < 0
        np.testing.assert_array_equal(nodes.left[old][~leaf], old[pruned.left[~leaf]])
        np.testing.assert_array_equal(nodes.right[old][~leaf], old[pruned.right[~leaf]])
        for name in ("feature", "threshold", "missing_left"):
            new, was = getattr(pruned, name), getattr(nodes, name)[old]
            np.testing.assert_array_equal(new[~leaf], was[~leaf])
        for name in ("impurity", "n_samples", "weight"):
            np.testing.assert_array_equal(getattr(pruned, name), getattr(nodes, name)[old])
        assert (pruned.right[leaf] == -1).all()
        assert (pruned.feature[leaf] == -2).all()
        assert (pruned.threshold[leaf] == -2.0).all()
        assert not pruned.missing_left[leaf].any()


def test_by_hand():
    """Root R = 20 over a node of 12 (leaves 2, 4) and one of 5 (leaves 3, 1): g = 6 and 1."""
    nodes = Nodes(
        left=np.array([1, 2, -1, -1, 5, -1, -1]),
        right=np.array([4, 3, -1, -1, 6, -1, -1]),
        feature=np.array([0, 1, -2, -2, 1, -2, -2]),
        threshold=np.array([0.5, 1.0, -2.0, -2.0, 2.0, -2.0, -2.0]),
        missing_left=np.zeros(7, dtype=bool),
        impurity=np.array([2.0, 2.4, 0.8, 1.6, 1.0, 1.2, 0.4]) * 10,
        n_samples=np.array([10, 5, 2, 3, 5, 3, 2]),
        weight=np.array([10.0, 5.0, 2.5, 2.5, 5.0, 2.5, 2.5]),
        value=np.zeros((7, 1, 1)),
    )
    ccp_alphas, impurities = pruning_path(nodes)
    # R(4) - 4 = 1 for one leaf less; then the root over 12 -> 6 and 5: (20 - 11) / 2 = 4.5 < 6
    np.testing.assert_allclose(ccp_alphas, [0.0, 1.0, 4.5], rtol=1e-15)
    np.testing.assert_allclose(impurities, [10.0, 11.0, 20.0], rtol=1e-15)
    assert prune(nodes, 0.99).left.tolist() == nodes.left.tolist()
    assert prune(nodes, 1.01).left.tolist() == [1, 2, -1, -1, -1]
    assert prune(nodes, 1.01).right.tolist() == [4, 3, -1, -1, -1]
    assert prune(nodes, 4.6).left.tolist() == [-1]


@pytest.mark.peer
@pytest.mark.parametrize("options", [{}, {"max_leaf_nodes": 12}, {"min_samples_leaf": 5}])
@pytest.mark.parametrize("name", ["iris", "breast_cancer", "diabetes"])
def test_path_and_tree_equal_scikit_learns(name, options):
    theirs = pytest.importorskip("sklearn.tree")
    from sklearn import datasets

    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    kind = theirs.DecisionTreeRegressor if name == "diabetes" else theirs.DecisionTreeClassifier
    nodes = nodes_of(kind(random_state=0, **options).fit(X, y).tree_)
    expected = kind(random_state=0, **options).cost_complexity_pruning_path(X, y)
    ccp_alphas, impurities = pruning_path(nodes)
    # Sums in another order: a few roundings of the largest
    bound = 1e-14 * impurities[-1]
    np.testing.assert_allclose(ccp_alphas, expected.ccp_alphas, rtol=0, atol=bound)
    np.testing.assert_allclose(impurities, expected.impurities, rtol=0, atol=bound)
    middles = (ccp_alphas[:-1] + ccp_alphas[1:])[:: max(1, len(ccp_alphas) // 6)] / 2
    for alpha in middles:
        pruned = nodes_of(kind(random_state=0, ccp_alpha=alpha, **options).fit(X, y).tree_)
        found = prune(nodes, alpha)
        assert len(found.left) == len(pruned.left)
        np.testing.assert_array_equal(np.sort(found.impurity), np.sort(pruned.impurity))
        if "max_leaf_nodes" not in options:  # scikit-learn numbers that one anew, depth first
            for ours, their in zip(found, pruned, strict=True):
                np.testing.assert_array_equal(ours, their)


def nodes_of(tree):
    """Return the nodes of scikit-learn's tree."""
    return Nodes(
        tree.children_left.copy(),
        tree.children_right.copy(),
        tree.feature.copy(),
        tree.threshold.copy(),
        tree.missing_go_to_left.astype(bool),
        tree.impurity.copy(),
        tree.n_node_samples.astype(np.int64),
        tree.weighted_n_node_samples.copy(),
        tree.value.copy(),
    )
