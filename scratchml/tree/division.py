"""Dividing a node: its rows, and the columns that are kept sorted.

All is stable: samples keep their order, in the rows as in each sorted column.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.tree.node import make_keys, rank_range
from scratchml.tree.sorting import PLACE, sort_keys
from scratchml.tree.structures import (
    CUT,
    DEPTH,
    FEATURE,
    HIGH_ROW,
    LOW_ROW,
    MISSING_LEFT,
    NEVER,
    SAMPLES,
    START,
)


@jit
def enter_block(codes, rows, start, end, block, lists, ranks, spare, count):
    """Sort all columns of a node small enough for `lists`; its descendants find them sorted.

    Return whether the node is such a one.
    """
    if start >= block[0] and end <= block[1]:
        return True
    size = end - start
    if size > lists.shape[1] or size < 2:
        return False
    block[0], block[1] = start, end
    for j in range(len(codes)):
        _, high = rank_range(codes[j], rows[start:end], ranks)
        make_keys(ranks[:size], lists[j, :size])
        sort_keys(lists[j, :size], spare, count, high)
    return True


@jit
def divide(data, tree, samples, shuffle, scratch, rules, number):
    """Move the left child's rows to the front of the slice; return where the right child's begin.

    Return also where they end.
    """
    start = tree.ints[number, START]
    end = start + tree.ints[number, SAMPLES]
    column = tree.ints[number, FEATURE]
    n_left = divide_rows(
        data.codes[column],
        data.missing[column],
        samples.rows[start:end],
        samples.places[start:end],
        samples.spare,
        samples.spare_places,
        samples.goes_left,
        tree.ints[number],
        tree.floats[number, CUT],
    )
    first = start - scratch.block[0]
    larger = max(n_left, end - start - n_left)
    goes_on = larger >= rules.min_samples_split and tree.ints[number, DEPTH] + 1 < rules.max_depth
    if goes_on and first >= 0 and end <= scratch.block[1]:
        for j in range(len(shuffle.constant)):
            if shuffle.constant[j] == NEVER:
                keys = scratch.lists[j, first : first + end - start]
                divide_keys(keys, scratch.keys[1], samples.goes_left)
    return start + n_left, end


@jit
def divide_rows(codes, missing, rows, places, spare, spare_places, goes_left, entry, cut):
    """Partition the node's rows and places, stably; return the left child's number of samples."""
    missing_left = entry[MISSING_LEFT]
    low_row = high_row = np.int64(-1)  # either side's row next to the cut
    low = high = missing
    n_left = n_right = n_missing = np.int64(0)
    for i in range(len(rows)):
        row, place = rows[i], places[i]
        code = codes[row]
        is_missing = code == missing
        left = missing_left if is_missing else np.int64(code <= cut)
        n_missing += is_missing
        if left and (low_row < 0 or code > low) and not is_missing:  # seldom
            low, low_row = code, np.int64(row)
        if not left and (high_row < 0 or code < high) and not is_missing:
            high, high_row = code, np.int64(row)
        goes_left[place] = left
        rows[n_left] = row
        places[n_left] = place
        spare[n_right] = row
        spare_places[n_right] = place
        n_left += left
        n_right += 1 - left
    for i in range(n_right):
        rows[n_left + i] = spare[i]
        places[n_left + i] = spare_places[i]
    entry[LOW_ROW] = low_row
    entry[HIGH_ROW] = high_row
    if n_missing == 0:
        entry[MISSING_LEFT] = n_left > n_right
    return n_left


@jit
def divide_keys(keys, spare, goes_left):
    """Partition one column's sorted keys, stably."""
    n_left = n_right = np.int64(0)
    for p in range(len(keys)):
        key = keys[p]
        left = np.int64(goes_left[key & PLACE])
        keys[n_left] = key
        spare[n_right] = key
        n_left += left
        n_right += 1 - left
    for p in range(n_right):
        keys[n_left + p] = spare[p]
