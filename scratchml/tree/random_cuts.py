"""One random threshold for each column drawn: the splitter of extremely randomised trees.

Source: Geurts, Ernst, Wehenkel, "Extremely randomized trees", Machine Learning 63 (2006). Columns
hold values here, not ranks: nothing is sorted, a column is read twice.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.random import uniform
from scratchml.tree.general import add, both_merits
from scratchml.tree.medians import deviation, empty_heaps, insert
from scratchml.tree.node import ABSOLUTE, NO_GAIN, allowed, clear


@jit
def search_random(codes, missing, rows, draw, n_columns, y, w, total, left, heap, spread, node):
    """Return (constant, gain, threshold, missing values go left) of a column's random cut."""
    low, high, present = _value_range(codes, missing, rows)
    if present == 0 or (low == high and present == len(rows)):
        return True, NO_GAIN, 0.0, False
    threshold = low + uniform(node.seed, node.number, n_columns + draw) * (high - low)
    if not threshold < high:
        threshold = low
    missing_left = uniform(node.seed, node.number, 2 * n_columns + draw) < 0.5
    clear(left)
    for i in range(len(rows)):
        x = codes[rows[i]]
        if x <= threshold or (x == missing and missing_left):
            add(i, y, w, left, node.criterion)
    if not allowed(node, left[-1], left[-2]) or left[-1] == 0.0 or left[-1] == len(rows):
        return False, NO_GAIN, 0.0, False
    if node.criterion == ABSOLUTE:
        merits = -_deviations(codes, missing, rows, threshold, missing_left, y, w, heap, spread)
    else:
        merits = both_merits(total, left, node, y.shape[1])
    if merits == NO_GAIN:
        return False, NO_GAIN, 0.0, False
    return False, max(merits - node.merit, 0.0) / y.shape[1], threshold, missing_left


@jit
def _value_range(codes, missing, rows):
    """Return the lowest and the highest value, and how many are not missing."""
    low, high = np.inf, -np.inf
    present = np.int64(0)
    for i in range(len(rows)):
        x = np.float64(codes[rows[i]])
        if x != missing:
            low, high = min(low, x), max(high, x)
            present += 1
    return low, high, present


@jit
def _deviations(codes, missing, rows, threshold, missing_left, y, w, heap, spread):
    """Return the deviations from the medians of both sides, added up."""
    total = 0.0
    for o in range(y.shape[1]):
        for side in range(2):
            empty_heaps(heap, spread)
            for i in range(len(rows)):
                x = codes[rows[i]]
                goes_left = x <= threshold or (x == missing and missing_left)
                if goes_left == (side == 0):
                    insert(heap, spread, y[:, o], w, i)
            total += deviation(heap, spread, y[:, o])
    return total
