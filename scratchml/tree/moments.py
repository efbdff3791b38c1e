"""Squared error, one output: a node's summary, and the best boundary of a column.

With y centred at the node's weighted mean, S the sum of w y over the left child and W_L, W_R the
weights of both, the right child's sum is -S, and the gain needs no difference of large numbers:

    gain = S^2 / W_L + S^2 / W_R

Bounds. Let W_0 and S_0 stand before a bin and W_1 behind it, and let the bin's negative and
positive values sum to n and p. A boundary inside has S between S_0 + n and S_0 + p, so |S| <= M,
and either side weighs more than W_0 and W_1: gain <= M^2 / W_0 + M^2 / W_1. Where nothing stands
before the bin (or behind it), that side's mean is at most r = max |y|, and r M takes the place of
M^2 / W_0.

Running sums: left[0] = S, left[1] = W_L, left[2] = number of samples.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.tree.node import (
    NO_GAIN,
    allowed,
    better,
    bin_shift,
    clear,
    count_bins,
    count_present,
    end_of_bin,
    open_keys,
)
from scratchml.tree.sorting import PLACE, PLACE_BITS, sort_keys

_SAMPLES_PER_BIN = np.int64(8)  # on average, at least
_ULP = np.float64(2.0**-52)
STATISTICS = np.int64(3)  # of a bin: weight, sum of negative w y, sum of positive w y


@jit
def summarise(rows, places, y, weights, node_y, node_w, value):
    """Gather w (y - mean) and w; return (weight, impurity, reach, pure)."""
    weight = mean = 0.0
    lowest = highest = y[rows[0], 0]
    for i in range(len(rows)):
        target, w = y[rows[i], 0], weights[rows[i]]
        weight += w
        mean += w * target
        lowest, highest = min(lowest, target), max(highest, target)
    mean = min(max(mean / weight, lowest), highest)
    reach = max(highest - mean, mean - lowest)
    squares = residual = 0.0
    for i in range(len(rows)):
        w = weights[rows[i]]
        centred = y[rows[i], 0] - mean
        squares += w * centred * centred
        residual += w * centred
        node_y[places[i]] = w * centred
        node_w[places[i]] = w
    shift = residual / weight
    value[0] = mean + shift
    if abs(shift) > _ULP * reach:  # the mean's rounding, which shows where y is far from zero
        for i in range(len(rows)):
            node_y[places[i]] -= node_w[places[i]] * shift
        squares -= residual * shift
    return weight, squares / weight, reach, lowest == highest


@jit
def search_sorted(keys, missing, y, w, left, node):
    """Weigh every boundary of the sorted samples, missing ones at either end."""
    present = count_present(keys, missing)
    absent = len(keys) - present
    clear(left)
    best, cut = walk(keys[:present], absent > 0, y, w, left, node, NO_GAIN, missing)
    if absent == 0:
        return best, cut, False
    clear(left)
    walk(keys[present:], False, y, w, left, node, NO_GAIN, missing)
    other, other_cut = walk(keys[:present], False, y, w, left, node, NO_GAIN, missing)
    if other > best + node.slack:
        return other, other_cut, True
    return best, cut, False


@jit
def search_bins(ranks, low, high, bar, y, w, left, bins, bin_ints, keys, count, node):
    """Weigh the boundaries between bins, then those inside bins that could hold a better one."""
    opened, sizes = bin_ints[0], bin_ints[1]
    ranks = ranks[: node.size]
    shift = bin_shift(low, high, min(len(opened), node.size // _SAMPLES_PER_BIN))
    n_bins = ((high - low) >> shift) + 1
    fill_bins(bins[: n_bins * STATISTICS], ranks, y, w, low, shift)
    if node.min_samples > 0:
        count_bins(sizes[:n_bins], ranks, low, shift)
    best, cut = between_bins(bins, n_bins, low, shift, sizes, node)
    bar = max(bar + node.slack, best - node.slack)
    if shift == 0 or open_bins(bins, n_bins, opened, node, bar) == 0:
        return best, cut
    n_keys = open_keys(ranks, low, shift, opened, keys[0])
    found = keys[0, :n_keys]
    sort_keys(found, keys[1], count, high)
    clear(left)
    first = passed = np.int64(0)
    while first < n_keys:
        b, last = end_of_bin(found, first, low, shift)
        pass_bins(bins, passed, b, sizes, left)
        best, cut = walk(found[first:last], False, y, w, left, node, best, cut)
        first, passed = last, b + 1
    return best, cut


@jit
def walk(keys, closing, y, w, left, node, best, best_cut):
    """Weigh each boundary between the sorted keys, and with `closing` the one behind the last."""
    s_left, w_left, n_left = left[0], left[1], left[2]
    n_keys = len(keys)
    for p in range(n_keys):
        i = keys[p] & PLACE
        s_left += y[i]
        w_left += w[i]
        n_left += 1.0
        boundary = closing if p == n_keys - 1 else (keys[p + 1] ^ keys[p]) > PLACE
        if boundary and allowed(node, n_left, w_left):
            gain = _gain(s_left, w_left, node.weight)
            cut = keys[p] >> PLACE_BITS
            if better(gain, cut, best, best_cut, node.slack):
                best, best_cut = max(gain, best), cut
    left[0], left[1], left[2] = s_left, w_left, n_left
    return best, best_cut


@jit
def weigh_side(side, size, n_left, y, w, node):
    """Return the gain of the split that sends sample i to the left where side[i] is 1."""
    s_left = w_left = 0.0
    for i in range(size):
        s_left += side[i] * y[i]
        w_left += side[i] * w[i]
    return _gain(s_left, w_left, node.weight) if allowed(node, n_left, w_left) else NO_GAIN


@jit
def fill_bins(bins, ranks, y, w, low, shift):
    """Add up each bin's weight and its negative and positive values."""
    for b in range(len(bins)):
        bins[b] = 0.0
    for i in range(len(ranks)):
        b = ((ranks[i] - low) >> shift) * STATISTICS
        bins[b] += w[i]
        bins[b + 1 + (y[i] > 0.0)] += y[i]


@jit
def between_bins(bins, n_bins, low, shift, sizes, node):
    """Return the best boundary between two bins."""
    best, best_cut = NO_GAIN, low
    s_left = w_left = n_left = 0.0
    for b in range(n_bins - 1):
        weight = bins[b * STATISTICS]
        w_left += weight
        s_left += bins[b * STATISTICS + 1] + bins[b * STATISTICS + 2]
        n_left += sizes[b]
        if weight > 0.0 and allowed(node, n_left, w_left):
            gain = _gain(s_left, w_left, node.weight)
            if gain > best + node.slack:
                best, best_cut = gain, low + ((b + 1) << shift) - 1
    return best, best_cut


@jit
def open_bins(bins, n_bins, opened, node, bar):
    """Mark the bins inside which a boundary may gain `bar` or more; return how many."""
    n_open = np.int64(0)
    bar -= node.slack  # for rounding
    before = sum_before = 0.0
    for b in range(n_bins):
        weight = bins[b * STATISTICS]
        negative, positive = bins[b * STATISTICS + 1], bins[b * STATISTICS + 2]
        behind = node.weight - before - weight
        most = max(-(sum_before + negative), sum_before + positive)
        bound = most * most / before if b > 0 else node.reach * most
        bound += most * most / behind if b < n_bins - 1 and behind > 0.0 else node.reach * most
        opened[b] = weight > 0.0 and bound > bar
        n_open += opened[b]
        before += weight
        sum_before += negative + positive
    return n_open


@jit
def pass_bins(bins, first, last, sizes, left):
    """Move the bins from `first` to before `last` to the left side."""
    for b in range(first, last):
        left[0] += bins[b * STATISTICS + 1] + bins[b * STATISTICS + 2]
        left[1] += bins[b * STATISTICS]
        left[2] += sizes[b]


@jit
def _gain(s_left, w_left, weight):
    return s_left * s_left * (weight / (w_left * (weight - w_left)))
