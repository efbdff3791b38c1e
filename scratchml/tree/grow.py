"""The fast builder."""

from typing import Any

import numpy as np

from scratchml._core.jit import jit
from scratchml.tree.encode import Columns
from scratchml.tree.growth import (
    CUT,
    FEATURE,
    HIGH_ROW,
    IMPURITY,
    LEFT,
    LOW_ROW,
    MISSING_LEFT,
    NEVER,
    RIGHT,
    SAMPLES,
    WEIGHT,
    Data,
    Rules,
    Samples,
    Scratch,
    Shuffle,
    Tree,
    grow_nodes,
)
from scratchml.tree.nodes import Limits, Nodes, Target

_CRITERIA = {"gini": 0, "entropy": 1, "squared_error": 2, "poisson": 3, "absolute_error": 4}
_MOST_BINS = 1024
_BLOCK = 2**17  # keys that a block of sorted columns may hold (1 MB)


def grow_tree(
    columns: Columns,
    target: Target,
    weight: Any,
    limits: Limits,
    splitter: str,
    seed: int,
    stop: Any = None,
) -> Nodes:
    """Grow a tree."""
    n_samples, n_features = columns.X.shape
    weight = np.ones(n_samples) if weight is None else weight
    rows = np.flatnonzero(weight > 0.0).astype(np.uint32)
    n = len(rows)
    n_outputs = target.y.shape[1]
    n_classes = max(target.n_classes, default=0)
    width = n_outputs * max(n_classes, 1)
    ranked = splitter == "best"
    y_type: Any = np.float64
    simple = n_outputs == 1 and target.criterion in ("gini", "entropy", "squared_error")
    if simple and n_classes:
        kernel, y_type = (_by_class if ranked else _by_class_at_random), np.int32
        n_sums = n_classes
    elif simple:
        kernel, n_sums = (_by_mean if ranked else _by_mean_at_random), 1
    else:
        kernel = _by_any if ranked else _by_any_at_random
        n_sums = n_outputs * (n_classes or 3)
    capacity = _capacity(n, limits)
    n_bins = min(_MOST_BINS, max(256, 16384 // width)) if simple else 256
    blocks = ranked and limits.max_features * 3 >= n_features
    block = min(_BLOCK // n_features, n) if blocks and not limits.max_leaf_nodes else 0
    medians = n if target.criterion == "absolute_error" else 0
    ints = np.empty((capacity, 9), dtype=np.int64)
    floats = np.empty((capacity, 4))
    values = np.empty((capacity, width))
    n_nodes = kernel(
        columns.codes,
        columns.missing,
        np.ascontiguousarray(target.y, dtype=np.float64),
        weight,
        np.stack([rows, rows]),
        np.empty((3, n), dtype=np.int32),
        np.empty((2, n), dtype=np.int64),
        np.empty(n, dtype=np.uint8),
        np.empty(n if simple else (n, n_outputs), dtype=y_type),
        np.empty(n),
        np.empty((2, medians + 1), dtype=np.int64),
        np.empty((3, (medians if ranked else n) + 2)),
        np.empty((n_features, block), dtype=np.int64),
        np.empty(2 * n_sums + 2),
        np.empty(n_bins * max(width, 3)),
        np.empty((2, n_bins)),
        np.zeros((3, n_bins), dtype=np.int64),
        np.stack([np.arange(n_features), np.arange(n_features), np.full(n_features, NEVER)]),
        _rules(target, limits, weight),
        np.array([limits.min_weight_leaf, limits.min_impurity_decrease, weight[rows].sum()]),
        seed,
        ints,
        floats,
        values,
        np.empty((min(n, limits.max_depth) + 2, 5), dtype=np.int64),
        np.empty(limits.max_leaf_nodes + 2, dtype=np.int64),
        np.full(2, -1),
        np.zeros(1, dtype=np.int64) if stop is None else stop,
    )
    return _nodes(columns.X, ints[:n_nodes], floats[:n_nodes], values[:n_nodes], target, splitter)


def _rules(target: Target, limits: Limits, weight: Any) -> Any:
    """Return the whole numbers of `growth.Rules`, in its order."""
    numbers = [
        _CRITERIA[target.criterion],
        limits.max_features,
        limits.max_depth,
        limits.min_samples_split,
        limits.min_samples_leaf,
        limits.max_leaf_nodes,
        (weight == np.floor(weight)).all() and weight.sum() < 2**26,  # squares below 2^52
    ]
    return np.array(numbers, dtype=np.int64)


def _capacity(n: int, limits: Limits) -> int:
    """Return an upper bound on the number of nodes."""
    leaves = max(1, n // limits.min_samples_leaf)
    if limits.max_leaf_nodes:
        leaves = min(leaves, limits.max_leaf_nodes)
    if limits.max_depth < 40:
        leaves = min(leaves, 2**limits.max_depth)
    return 2 * leaves - 1


def _nodes(X: Any, ints: Any, floats: Any, values: Any, target: Target, splitter: str) -> Nodes:
    """Translate the kernel's rows: cuts between ranks into thresholds between values."""
    n = len(ints)
    nodes = Nodes(
        *(np.empty(n, dtype=np.int64) for _ in range(3)),
        threshold=np.empty(n),
        missing_left=np.empty(n, dtype=np.bool_),
        impurity=np.empty(n),
        n_samples=np.empty(n, dtype=np.int64),
        weight=np.empty(n),
        value=values.reshape(n, target.y.shape[1], max(target.n_classes, default=1)).copy(),
    )
    _translate(X, ints, floats, splitter == "best", *nodes[:-1])
    return nodes


@jit(
    "void(const T[:, ::1], int64[:, ::1], float64[:, ::1], boolean, int64[::1], int64[::1], "
    "int64[::1], float64[::1], boolean[::1], float64[::1], int64[::1], float64[::1])"
)
def _translate(
    X, ints, floats, ranked, left, right, feature, threshold, missing_left, impurity, n_samples,
    weight,
):  # fmt: skip
    """Fill the arrays of `Nodes`."""
    for i in range(len(ints)):
        left[i], right[i] = ints[i, LEFT], ints[i, RIGHT]
        impurity[i], weight[i] = floats[i, IMPURITY], floats[i, WEIGHT]
        n_samples[i] = ints[i, SAMPLES]
        feature[i], threshold[i], missing_left[i] = -2, -2.0, False
        if left[i] < 0:
            continue
        j = ints[i, FEATURE]
        feature[i] = j
        missing_left[i] = ints[i, MISSING_LEFT] > 0
        if not ranked:
            threshold[i] = floats[i, CUT]
        elif ints[i, HIGH_ROW] < 0:
            threshold[i] = np.inf  # missing values alone on the right
        else:
            low, high = np.float64(X[ints[i, LOW_ROW], j]), np.float64(X[ints[i, HIGH_ROW], j])
            middle = low / 2.0 + high / 2.0
            threshold[i] = middle if low <= middle and middle < high else low


_ARGUMENTS = (
    "const float64[:, ::1], const float64[::1], uint32[:, ::1], int32[:, ::1], int64[:, ::1], "
    "uint8[::1], {y}, float64[::1], int64[:, ::1], float64[:, ::1], int64[:, ::1], float64[::1], "
    "float64[::1], float64[:, ::1], int64[:, ::1], int64[:, ::1], const int64[::1], "
    "const float64[::1], uint64, int64[:, ::1], float64[:, ::1], float64[:, ::1], int64[:, ::1], "
    "int64[::1], int64[::1], int64[::1])"
)
_RANKS = "int64(const int32[:, ::1], const int32[::1], "
_VALUES = "int64(const T[:, ::1], const T[::1], "


@jit(_RANKS + _ARGUMENTS.format(y="int32[::1]"))
def _by_class(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread, lists,
    sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values, stack,
    waiting, block, stop,
):  # fmt: skip
    left, total = sums[: len(sums) // 2 + 1], sums[len(sums) // 2 + 1 :]
    data = Data(codes, missing, y, weight)
    tree = Tree(ints, floats, values, stack, waiting)
    samples = Samples(rows[0], places[0], rows[1], places[1], node_y, node_w, goes_left)
    shuffle = Shuffle(columns[0], columns[1], columns[2])
    scratch = Scratch(
        places[2], keys, lists, block, left, bins, shares, bin_ints, bin_ints[2], sides, spread
    )
    rules = Rules(
        limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6], bounds[0],
        bounds[1], bounds[2], seed,
    )  # fmt: skip
    return grow_nodes(
        total, None, None, codes, None, data, tree, samples, shuffle, scratch, rules, stop
    )


@jit(_VALUES + _ARGUMENTS.format(y="int32[::1]"))
def _by_class_at_random(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread, lists,
    sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values, stack,
    waiting, block, stop,
):  # fmt: skip
    left, total = sums[: len(sums) // 2 + 1], sums[len(sums) // 2 + 1 :]
    data = Data(codes, missing, y, weight)
    tree = Tree(ints, floats, values, stack, waiting)
    samples = Samples(rows[0], places[0], rows[1], places[1], node_y, node_w, goes_left)
    shuffle = Shuffle(columns[0], columns[1], columns[2])
    scratch = Scratch(
        places[2], keys, lists, block, left, bins, shares, bin_ints, bin_ints[2], sides, spread
    )
    rules = Rules(
        limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6], bounds[0],
        bounds[1], bounds[2], seed,
    )  # fmt: skip
    return grow_nodes(
        total, None, None, None, codes, data, tree, samples, shuffle, scratch, rules, stop
    )


@jit(_RANKS + _ARGUMENTS.format(y="float64[::1]"))
def _by_mean(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread, lists,
    sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values, stack,
    waiting, block, stop,
):  # fmt: skip
    left, total = sums[: len(sums) // 2 + 1], sums[len(sums) // 2 + 1 :]
    data = Data(codes, missing, y, weight)
    tree = Tree(ints, floats, values, stack, waiting)
    samples = Samples(rows[0], places[0], rows[1], places[1], node_y, node_w, goes_left)
    shuffle = Shuffle(columns[0], columns[1], columns[2])
    scratch = Scratch(
        places[2], keys, lists, block, left, bins, shares, bin_ints, bin_ints[2], sides, spread
    )
    rules = Rules(
        limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6], bounds[0],
        bounds[1], bounds[2], seed,
    )  # fmt: skip
    return grow_nodes(
        None, total, None, codes, None, data, tree, samples, shuffle, scratch, rules, stop
    )


@jit(_VALUES + _ARGUMENTS.format(y="float64[::1]"))
def _by_mean_at_random(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread, lists,
    sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values, stack,
    waiting, block, stop,
):  # fmt: skip
    left, total = sums[: len(sums) // 2 + 1], sums[len(sums) // 2 + 1 :]
    data = Data(codes, missing, y, weight)
    tree = Tree(ints, floats, values, stack, waiting)
    samples = Samples(rows[0], places[0], rows[1], places[1], node_y, node_w, goes_left)
    shuffle = Shuffle(columns[0], columns[1], columns[2])
    scratch = Scratch(
        places[2], keys, lists, block, left, bins, shares, bin_ints, bin_ints[2], sides, spread
    )
    rules = Rules(
        limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6], bounds[0],
        bounds[1], bounds[2], seed,
    )  # fmt: skip
    return grow_nodes(
        None, total, None, None, codes, data, tree, samples, shuffle, scratch, rules, stop
    )


@jit(_RANKS + _ARGUMENTS.format(y="float64[:, ::1]"))
def _by_any(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread, lists,
    sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values, stack,
    waiting, block, stop,
):  # fmt: skip
    left, total = sums[: len(sums) // 2 + 1], sums[len(sums) // 2 + 1 :]
    data = Data(codes, missing, y, weight)
    tree = Tree(ints, floats, values, stack, waiting)
    samples = Samples(rows[0], places[0], rows[1], places[1], node_y, node_w, goes_left)
    shuffle = Shuffle(columns[0], columns[1], columns[2])
    scratch = Scratch(
        places[2], keys, lists, block, left, bins, shares, bin_ints, bin_ints[2], sides, spread
    )
    rules = Rules(
        limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6], bounds[0],
        bounds[1], bounds[2], seed,
    )  # fmt: skip
    return grow_nodes(
        None, None, total, codes, None, data, tree, samples, shuffle, scratch, rules, stop
    )


@jit(_VALUES + _ARGUMENTS.format(y="float64[:, ::1]"))
def _by_any_at_random(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread, lists,
    sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values, stack,
    waiting, block, stop,
):  # fmt: skip
    left, total = sums[: len(sums) // 2 + 1], sums[len(sums) // 2 + 1 :]
    data = Data(codes, missing, y, weight)
    tree = Tree(ints, floats, values, stack, waiting)
    samples = Samples(rows[0], places[0], rows[1], places[1], node_y, node_w, goes_left)
    shuffle = Shuffle(columns[0], columns[1], columns[2])
    scratch = Scratch(
        places[2], keys, lists, block, left, bins, shares, bin_ints, bin_ints[2], sides, spread
    )
    rules = Rules(
        limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6], bounds[0],
        bounds[1], bounds[2], seed,
    )  # fmt: skip
    return grow_nodes(
        None, None, total, None, codes, data, tree, samples, shuffle, scratch, rules, stop
    )
