"""The fast builder: the tree that `cart` grows, by less work.

At each node `cart` sorts the samples by each column and weighs every boundary between two values.
Here the columns are replaced by ranks once (`encode`), and then

- a large node counts its samples in a histogram over ranges of ranks. The gains between ranges are
  exact; a range is looked into, its samples sorted, only if a bound on the gains inside reaches the
  best gain known. The bounds follow from convexity: see `classes` (gini, entropy) and `moments`
  (squared error), the usual criteria with one output;
- a small node sorts integers that hold rank and sample (`sorting`);
- where most columns are tried at each node, all columns are sorted once for a whole subtree that
  fits the cache, and stay sorted as nodes are divided (SLIQ, Mehta, Agrawal, Rissanen, EDBT 1996);
- a column found constant is not looked at below that node, and no column after one whose split
  leaves two pure children;
- other criteria and several outputs sort every node (`general`); the random splitter reads values
  and sorts nothing (`random_cuts`).

The samples of a node are a slice of one array of row numbers, and a split moves the left child's to
its front, both children's in their old order (`growth`). A tree is one call of a kernel (`kernels`)
that does not hold the GIL: a forest grows its trees in threads.
"""

from typing import Any

import numpy as np

from scratchml._core.jit import jit
from scratchml.tree.encode import Columns
from scratchml.tree.kernels import (
    by_any,
    by_any_at_random,
    by_class,
    by_class_at_random,
    by_mean,
    by_mean_at_random,
)
from scratchml.tree.nodes import Limits, Nodes, Target
from scratchml.tree.structures import (
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
)

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
    """Grow a tree.

    Parameters
    ----------
    columns : Columns
        The encoded samples, from `encode`.
    target : Target
        What to predict, and the criterion.
    weight : ndarray of shape (n_samples,) or None
        float64, not negative and not all zero; None is all ones.
    limits : Limits
        Where growing ends.
    splitter : {"best", "random"}
        As it was given to `encode`.
    seed : int
        In [0, 2^64): decides which columns a node looks at, and random thresholds.
    stop : ndarray of shape (1,), optional
        int64. Once another thread makes it 1, the growth ends, and the tree is of no use.

    Returns
    -------
    Nodes
    """
    n_samples, n_features = columns.X.shape
    weight = np.ones(n_samples) if weight is None else weight
    rows = np.flatnonzero(weight > 0.0).astype(np.uint32)
    n = len(rows)
    n_outputs = target.y.shape[1]
    n_classes = max(target.n_classes, default=0)
    width = n_outputs * max(n_classes, 1)
    ranked = splitter == "best"
    simple = n_outputs == 1 and target.criterion in ("gini", "entropy", "squared_error")
    y_type: Any = np.float64
    n_sums = n_outputs * (n_classes or 3)
    if simple and n_classes:
        kernel, y_type = (by_class if ranked else by_class_at_random), np.int32
    elif simple:
        kernel = by_mean if ranked else by_mean_at_random
    else:
        kernel = by_any if ranked else by_any_at_random
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
        np.empty(min(limits.max_leaf_nodes, n) + 2, dtype=np.int64),
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
        left=np.empty(n, dtype=np.int64),
        right=np.empty(n, dtype=np.int64),
        feature=np.empty(n, dtype=np.int64),
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
