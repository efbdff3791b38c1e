"""What the kernels of the fast builder hand to each other, grouped by purpose.

Several small structures, not one: Numba passes every array of a structure by itself, used or not.
"""

from typing import Any, NamedTuple

import numpy as np

LEFT, RIGHT, FEATURE, LOW_ROW, HIGH_ROW, MISSING_LEFT, SAMPLES, START, DEPTH = range(9)  # Tree.ints
IMPURITY, WEIGHT, GAIN, CUT = range(4)  # Tree.floats

NEVER = np.int64(2**62)  # depth of a column that is not known to be constant


class Data(NamedTuple):
    """The training samples; nothing here changes while a tree grows."""

    codes: Any  # (n_features, n_samples): ranks, or values for the random splitter
    missing: Any  # (n_features,): code of a missing value
    y: Any  # (n_samples, n_outputs) float64: values, or the numbers of classes
    weight: Any  # (n_samples,) float64


class Rules(NamedTuple):
    """`nodes.Limits`, and what else a node must know of the whole."""

    criterion: Any
    max_features: Any
    max_depth: Any
    min_samples_split: Any
    min_samples_leaf: Any
    max_leaf_nodes: Any
    whole_weights: Any
    min_weight_leaf: Any
    min_gain: Any  # min_impurity_decrease
    total_weight: Any
    seed: Any


class Tree(NamedTuple):
    """The tree as it grows."""

    ints: Any  # (capacity, 9) int64: a row a node
    floats: Any  # (capacity, 4) float64
    values: Any  # (capacity, width) float64
    stack: Any  # (depth, 5) int64: nodes to be opened: start, end, depth, parent, side
    waiting: Any  # (leaves,) int64: nodes to be divided best first, in the order of creation


class Samples(NamedTuple):
    """The samples of the tree, a node being a slice of them, and the node's targets."""

    rows: Any  # (n,) uint32: samples, a node is a slice
    places: Any  # (n,) int32: where a sample's target and weight stand in `y` and `w`
    spare: Any  # (n,) uint32
    spare_places: Any  # (n,) int32
    y: Any  # (n,): targets of the node, as the criterion wants them
    w: Any  # (n,) float64: weights of the node
    goes_left: Any  # (n,) uint8, by place


class Shuffle(NamedTuple):
    """The columns and what is known of them."""

    order: Any  # (n_features,) int64: 0 .. p-1 between nodes
    drawn: Any  # (n_features,) int64
    constant: Any  # (n_features,) int64: depth at which a column was found constant, or NEVER


class Scratch(NamedTuple):
    """What the search of a column works with."""

    ranks: Any  # (n,) int32: of the column at hand
    keys: Any  # (2, n) int64
    lists: Any  # (n_features, m) int64: sorted keys of a block
    block: Any  # (2,) int64: the slice that `lists` holds
    left: Any  # (width + 2,) float64: running sums of the left side
    bins: Any  # float64: the histogram, bin by bin
    shares: Any  # (2, max bins) float64
    bin_ints: Any  # (2, max bins) int64: bins to be looked into; samples in each, where it matters
    count: Any  # (256,) int64
    sides: Any  # (2, n + 1) int64: heaps of the two halves around a median
    spread: Any  # (3, n + 2) float64: deviations from medians, or the sides of a random cut
