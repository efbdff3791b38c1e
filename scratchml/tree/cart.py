"""Growing a decision tree, plainly: weigh every split of every column, take the best, go on below.

Problem. Cut the space of rows x into boxes along the axes, and give each box one prediction, so
that the targets within a box are alike. The best tree of a given size is out of reach (finding it
is NP-hard), so a tree is grown greedily, from the root.

Method. A node holds some of the samples: W is their weight, I the impurity of their targets
(`criteria`). Among the splits "x_j <= s goes left" of the columns j it looks at, take the one with
the largest gain

    W I - W_L I_L - W_R I_R                                                                   (1)

and do the same with both children. A node is a leaf when its targets are all equal, a limit is
reached, or no column tells its samples apart. Only the order of the samples along a column
matters, so with n of them there are at most n - 1 splits of it to weigh, one between any two
neighbouring values; missing values are tried on either side. The rules that settle what is left
open here (ties, thresholds, draws, numbers of nodes) are listed in `nodes`.

Two orders of growth give the same tree, but for ties, as long as no limit on the number of leaves
is set: depth first, or the leaf of the largest gain first. A "random" splitter weighs one threshold
a column, drawn between the column's least and largest value in the node.

This file is to be read, and to check `grow` against, which builds the same tree faster.

References: L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and regression trees"
(1984), chapter 2. P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning
63 (2006). B. Twala, M. Jones, D. Hand, "Good methods for coping with missing data in decision
trees", Pattern Recognition Letters 29 (2008), for missing values on either side.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.random import below, uniform
from scratchml.tree.criteria import describe, gains
from scratchml.tree.cuts import Cuts, all_cuts, goes_to_left, random_cut, within_limits
from scratchml.tree.nodes import TIE, Limits, Nodes, Target

_ROUNDING = 2.0**-52  # an impurity decrease that falls short of its limit by less than this is fine


class Training(NamedTuple):
    """What a tree is grown from."""

    X: Any  # (n_samples, n_features), NaN where missing
    target: Target
    weight: Any  # (n_samples,) float64
    limits: Limits
    splitter: str
    seed: int


class Split(NamedTuple):
    """Rows with x[feature] <= threshold go left; missing values where `missing_left` says."""

    gain: float
    feature: int
    threshold: float
    missing_left: bool


@dataclass
class Node:
    """A node of the growing tree; it stays a leaf while `left` is -1."""

    rows: Any  # which samples it holds
    depth: int
    weight: float
    impurity: float
    value: Any  # (n_outputs, max n_classes or 1)
    split: Split | None = None  # the best one, if it may be split
    left: int = -1
    right: int = -1


def grow_cart(
    X: Any, target: Target, weight: Any, limits: Limits, splitter: str = "best", seed: int = 0
) -> Nodes:
    """Grow a tree by exhaustive search.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        float32 or float64; NaN is a missing value, infinity must not occur.
    target : Target
        What to predict.
    weight : ndarray of shape (n_samples,) or None
        float64, not negative and not all zero; None is all ones.
    limits : Limits
        Where growing ends.
    splitter : {"best", "random"}
        Weigh all thresholds of a column, or one drawn at random.
    seed : int
        In [0, 2^64): decides which columns a node looks at, and random thresholds.

    Returns
    -------
    Nodes
    """
    weight = np.ones(len(X)) if weight is None else weight
    training = Training(X, target, weight, limits, splitter, seed)
    root = np.flatnonzero(weight > 0)
    nodes = (_best_first if limits.max_leaf_nodes else _depth_first)(training, root)
    inner = [node.split if node.left >= 0 else None for node in nodes]
    return Nodes(
        left=np.array([node.left for node in nodes], dtype=np.int64),
        right=np.array([node.right for node in nodes], dtype=np.int64),
        feature=np.array([split.feature if split else -2 for split in inner], dtype=np.int64),
        threshold=np.array([split.threshold if split else -2.0 for split in inner]),
        missing_left=np.array([split.missing_left if split else False for split in inner]),
        impurity=np.array([node.impurity for node in nodes]),
        n_samples=np.array([len(node.rows) for node in nodes], dtype=np.int64),
        weight=np.array([node.weight for node in nodes]),
        value=np.array([node.value for node in nodes]),
    )


def _depth_first(training: Training, root: Any) -> list[Node]:
    nodes: list[Node] = []
    waiting: list[tuple[Any, Node | None, str]] = [(root, None, "")]
    while waiting:
        rows, parent, side = waiting.pop()
        if parent:
            setattr(parent, side, len(nodes))
        nodes.append(node := _make_node(training, rows, parent, len(nodes)))
        if node.split:
            left, right = _divide(training.X, rows, node.split)
            waiting += [(right, node, "right"), (left, node, "left")]  # the left one is next
    return nodes


def _best_first(training: Training, root: Any) -> list[Node]:
    nodes = [_make_node(training, root, None, 0)]
    slack = TIE * nodes[0].weight * nodes[0].impurity
    for _ in range(training.limits.max_leaf_nodes - 1):
        frontier = [(node, node.split) for node in nodes if node.split and node.left < 0]
        if not frontier:
            break
        most = max(split.gain for _, split in frontier)
        node, split = next(pair for pair in frontier if pair[1].gain >= most - slack)
        node.left, node.right = len(nodes), len(nodes) + 1
        for rows in _divide(training.X, node.rows, split):
            nodes.append(_make_node(training, rows, node, len(nodes)))
    return nodes


def _make_node(training: Training, rows: Any, parent: Node | None, number: int) -> Node:
    """Return a node that holds the samples `rows`, with its best split unless it must be a leaf."""
    target, limits = training.target, training.limits
    y, w = target.y[rows], training.weight[rows]
    depth = parent.depth + 1 if parent else 0
    node = Node(rows, depth, w.sum(), *describe(target, y, w))
    pure = (y == y[0]).all()
    if not pure and depth < limits.max_depth and len(rows) >= limits.min_samples_split:
        split = _best_split(training, node, number)
        if split and split.gain / training.weight.sum() + _ROUNDING >= limits.min_impurity_decrease:
            node.split = split
    return node


def _divide(X: Any, rows: Any, split: Split) -> tuple[Any, Any]:
    goes_left = goes_to_left(X[rows, split.feature], split.threshold, split.missing_left)
    return rows[goes_left], rows[~goes_left]


def _best_split(training: Training, node: Node, number: int) -> Split | None:
    """Return the split of the largest gain (1) among the columns that the node looks at."""
    X, limits = training.X, training.limits
    y, w = training.target.y[node.rows], training.weight[node.rows]
    slack = TIE * node.weight * node.impurity
    best, told_apart = None, False
    for i, j in enumerate(_columns_drawn(X.shape[1], training.seed, number)):
        if i >= limits.max_features and told_apart:
            break
        x = X[node.rows, j].astype(np.float64)
        if len(np.unique(x)) == 1:
            continue
        told_apart = True
        for cuts in _cuts(x, training, number, i):
            cuts = within_limits(cuts, w, limits)
            gain = gains(training.target, y[cuts.order], w[cuts.order], cuts.n_left)
            if max(gain, default=-np.inf) == -np.inf:
                continue
            first = np.argmax(gain >= gain.max() - slack)
            if best is None or gain[first] > best.gain + slack:
                best = Split(gain[first], j, cuts.threshold[first], cuts.missing_left[first])
    return best


def _columns_drawn(n_features: int, seed: int, number: int) -> Iterator[int]:
    """Shuffle the columns (Fisher, Yates): yield them in the order node `number` visits them."""
    columns = list(range(n_features))
    for i in range(n_features):
        k = i + below(n_features - i, seed, number, i)
        columns[i], columns[k] = columns[k], columns[i]
        yield columns[i]


def _cuts(x: Any, training: Training, number: int, i: int) -> Iterator[Cuts]:
    """Yield the splits of column x, the i-th that the node visits."""
    if training.splitter == "best":
        yield all_cuts(x, missing_left=False)
        if np.isnan(x).any():
            yield all_cuts(x, missing_left=True)
    else:
        p = training.X.shape[1]
        u, v = (uniform(training.seed, number, step) for step in (p + i, 2 * p + i))
        yield random_cut(x, u, missing_left=v < 0.5)
