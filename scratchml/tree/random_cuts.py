"""One random threshold for each column drawn: the splitter of extremely randomised trees.

Source: Geurts, Ernst, Wehenkel, "Extremely randomized trees", Machine Learning 63 (2006). Columns
hold values here, not ranks: nothing is sorted, a column is read twice.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.random import uniform
from scratchml.tree import classes, general, moments
from scratchml.tree.node import NO_GAIN


@jit
def search_random(
    by_class, by_mean, by_any, codes, missing, rows, draw, n_columns, y, w, left, lanes, heap,
    spread, node,
):  # fmt: skip
    """Return (constant, gain, threshold, missing values go left) of a column's random cut.

    `by_class`, `by_mean` and `by_any` are as in `growth.grow_nodes`.
    """
    size, side = len(rows), spread[0]
    low, high, present = _fetch(codes, missing, rows, side)
    if present == 0 or (low == high and present == size):
        return True, NO_GAIN, 0.0, False
    threshold = low + uniform(node.seed, node.number, n_columns + draw) * (high - low)
    if not threshold < high:
        threshold = low
    missing_left = False
    if present < size and low < high:
        missing_left = uniform(node.seed, node.number, 2 * n_columns + draw) < 0.5
    n_left = _choose_sides(side, missing, threshold, missing_left, size)
    if n_left == 0 or n_left == size:
        return False, NO_GAIN, 0.0, False
    gain = NO_GAIN
    if by_class is not None:
        gain = classes.weigh_side(side, size, n_left, y, w, by_class, left, lanes, node)
    if by_mean is not None:
        gain = moments.weigh_side(side, size, n_left, y, w, node)
    if by_any is not None:
        gain = general.weigh_side(side, size, n_left, y, w, by_any, left, heap, spread[1:], node)
    return False, gain, threshold, missing_left


@jit
def _fetch(codes, missing, rows, values):
    """Fetch the node's values; return the lowest, the highest, and how many are not missing."""
    low, high = np.inf, -np.inf
    present = len(rows)
    for i in range(len(rows)):
        x = np.float64(codes[rows[i]])
        values[i] = x
        low = min(low, x)
        if x == missing:
            present -= 1
        else:
            high = max(high, x)
    return low, high, present


@jit
def _choose_sides(side, missing, threshold, missing_left, size):
    """Replace each value by 1 where it goes left, by 0 where it goes right; count the ones."""
    n_left = np.int64(0)
    for i in range(size):
        goes_left = side[i] <= threshold
        if missing_left:
            goes_left = goes_left or side[i] == missing
        side[i] = 1.0 if goes_left else 0.0
        n_left += goes_left
    return n_left
