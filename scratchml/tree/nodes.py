"""What a tree is made from, and what it is: the words that `cart` and `grow` share.

Both build the same tree, bit for bit where sums are exact, because both follow these rules:

- Samples of weight zero are absent. A node is a leaf if its targets are all equal, or if a limit
  says so.
- Node numbers: depth first, the left subtree before the right one (preorder); best first, in the
  order of creation, both children of an expanded node together.
- A node visits columns in the order of a Fisher-Yates shuffle of 0 .. p-1 whose i-th draw is
  ``i + below(p - i, seed, node, i)``, and stops after `max_features` of them, as soon as at least
  one was not constant. A column is constant if the node's samples hold one value of it (NaN is
  one).
- A split sends x <= threshold to the left. Thresholds lie halfway between two neighbouring values
  of the node's samples, at ``low / 2 + high / 2`` in float64 (at low, if that is not below high).
- Missing values (NaN) are tried on the right, then on the left; on the right also alone (threshold
  infinity). Where a node has none, those to come go with the larger child (left if it has more
  samples than right).
- The best split has the largest gain, the node's weighted impurity less that of its children. It is
  never negative (rounding below zero is zero), and zero will do. Gains that differ by less than
  `TIE` times the node's weighted impurity are equal, and the first one stands: by column in the
  order visited, then missing on the right before left, then by threshold.
- Neither side may be empty or fall short of a limit, nor, by poisson's deviance, may the targets of
  an output all be zero there. If the best gain, divided by the weight of all samples, plus 2^-52 is
  below `min_impurity_decrease`, the node is a leaf.
- Best first expands the leaf of the largest gain. Gains that differ by less than `TIE` times the
  root's weighted impurity are equal, and the leaf created first stands.
- The random splitter draws one threshold for a column, ``low + u (high - low)`` with ``u`` step
  ``p + i`` of the node's stream (or low, if that is not below high); missing values go left if step
  ``2 p + i`` is below 1/2 and the other values are not all the same.
"""

from typing import Any, NamedTuple

import numpy as np

TIE = np.float64(1e-12)  # relative to the node's impurity: below it, gains are rounding


class Target(NamedTuple):
    """What a tree learns to predict."""

    criterion: str  # "gini", "entropy", "squared_error", "absolute_error", "poisson"
    y: Any  # (n_samples, n_outputs): int32 class codes, or float64 values
    n_classes: "tuple[int, ...]"  # of each output; empty in regression


class Limits(NamedTuple):
    """Where growing ends."""

    max_features: int  # columns tried at a node
    max_depth: int = 2**31 - 1
    min_samples_split: int = 2
    min_samples_leaf: int = 1
    min_weight_leaf: float = 0.0
    min_impurity_decrease: float = 0.0  # weighted by the node's share of the total weight
    max_leaf_nodes: int = 0  # 0: no limit, and depth first; otherwise best first


class Nodes(NamedTuple):
    """A tree, node by node; at a leaf the children are -1, feature and threshold -2."""

    left: Any  # (n_nodes,) int64
    right: Any  # (n_nodes,) int64
    feature: Any  # (n_nodes,) int64
    threshold: Any  # (n_nodes,) float64
    missing_left: Any  # (n_nodes,) bool
    impurity: Any  # (n_nodes,) float64
    n_samples: Any  # (n_nodes,) int64: samples of positive weight
    weight: Any  # (n_nodes,) float64: their total weight
    value: Any  # (n_nodes, n_outputs, max n_classes or 1): class shares, means or medians
