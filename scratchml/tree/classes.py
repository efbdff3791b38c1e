"""Gini and entropy, one output: a node's summary, and the best boundary of a column.

With L_k and R_k the weight of class k left and right of a boundary, and W_L, W_R their sums, the
gain (the node's weighted impurity less the children's) is g(L) + g(R) - g(L + R) with the merit

    gini:     g(L) = sum_k L_k^2 / W_L
    entropy:  g(L) = sum_k L_k log2 L_k - W_L log2 W_L

Weights that are whole numbers make all sums exact, so that equal gains compare equal.

Bounds. Let a bin hold d_k of class k, L stand before it and R behind it. A boundary inside the bin
gives the left side some 0 <= e <= d. Both merits are convex and homogeneous, hence subadditive:

    g(L + e) + g(R + d - e) <= g(L) + g(R) + g(e) + g(d - e)

and g(e) + g(d - e) <= sum_k d_k (gini), <= 0 (entropy): no gain is greater than that of taking the
bin apart class by class. For gini a sharper bound needs one more look at each class. A convex
function is largest at a corner of the box, where each class of the bin is wholly left or right;
with t the weight on the left, (L_k + d_k)^2 - L_k^2 is divided by at least W_L + d_k, and the rest,

    h(t) = |L|^2 / (W_L + t) + |R|^2 / (W_R + |d| - t),

is convex, so below its chord: h(0) + t (h(|d|) - h(0)) / |d|. So each class chooses its side alone.

Running sums: left[k] = L_k, left[-2] = W_L, left[-1] = number of samples.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.tree.node import (
    GINI,
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

LANES = np.int64(4)  # neighbouring samples are added up apart: no sum waits for the last one
_SAMPLES_PER_BIN = np.int64(8)  # on average, at least
_LN2 = np.log(2.0)
_ROUNDING = np.float64(1e-12)  # of the node's weight: a bound may err by that


@jit
def summarise(rows, places, y, weights, node_y, node_w, total, lanes, value, criterion):
    """Gather the node's classes and weights and add them up; return what `open_node` wants."""
    n_classes = len(total)
    clear(lanes[: LANES * n_classes])
    for i in range(len(rows)):
        place = places[i]
        node_y[place] = y[rows[i], 0]
        node_w[place] = weights[rows[i]]
        lanes[(i % LANES) * n_classes + node_y[place]] += node_w[place]
    _add_lanes(lanes, total, n_classes)
    weight = terms = 0.0
    present = np.int64(0)
    for k in range(len(total)):
        weight += total[k]
        terms += _term(total[k], criterion)
        present += total[k] > 0.0
    for k in range(len(total)):
        value[k] = total[k] / weight
    return (
        weight,
        impurity(total, weight, criterion),
        _merit(terms, weight, criterion),
        present <= 1,
    )


@jit
def impurity(total, weight, criterion):
    """Return sum p (1 - p) or - sum p log2 p, without cancellation where a class is rare."""
    spread = 0.0
    for k in range(len(total)):
        others = 0.0
        for other in range(len(total)):
            others += total[other] if other != k else 0.0
        if criterion == GINI:
            spread += total[k] * (others / weight)
        elif total[k] > 0.0:
            spread += total[k] * np.log1p(others / total[k])
    return spread / weight if criterion == GINI else spread / (weight * _LN2)


@jit
def search_sorted(keys, missing, y, w, total, left, node):
    """Weigh every boundary of the sorted samples, missing ones at either end."""
    present = count_present(keys, missing)
    absent = len(keys) - present
    clear(left)
    best, cut = walk(keys[:present], absent > 0, y, w, total, left, node, NO_GAIN, missing)
    if absent == 0:
        return best, cut, False
    clear(left)
    walk(keys[present:], False, y, w, total, left, node, NO_GAIN, missing)
    other, other_cut = walk(keys[:present], False, y, w, total, left, node, NO_GAIN, missing)
    if other > best + node.slack:
        return other, other_cut, True
    return best, cut, False


@jit
def search_bins(
    ranks, low, high, bar, y, w, total, left, bins, shares, bin_ints, keys, count, node
):  # fmt: skip
    """Weigh the boundaries between bins, then those inside bins that could hold a better one."""
    opened, sizes = bin_ints[0], bin_ints[1]
    ranks = ranks[: node.size]
    shift = bin_shift(low, high, min(len(opened), node.size // _SAMPLES_PER_BIN))
    n_bins = ((high - low) >> shift) + 1
    fill_bins(bins[: n_bins * len(total)], ranks, y, w, low, shift, len(total))
    if node.min_samples > 0:
        count_bins(sizes[:n_bins], ranks, low, shift)
    clear(left)
    best, cut = between_bins(bins, n_bins, low, shift, total, left, sizes, shares, node)
    if shift == 0:
        return best, cut
    clear(left)
    bar = max(bar + node.slack, best - node.slack)
    if open_bins(bins, n_bins, total, left, shares, opened, node, bar) == 0:
        return best, cut
    n_keys = open_keys(ranks, low, shift, opened, keys[0])
    found = keys[0, :n_keys]
    sort_keys(found, keys[1], count, high)
    clear(left)
    first = passed = np.int64(0)
    while first < n_keys:
        b, last = end_of_bin(found, first, low, shift)
        pass_bins(bins, passed, b, sizes, left)
        best, cut = walk(found[first:last], False, y, w, total, left, node, best, cut)
        first, passed = last, b + 1
    return best, cut


@jit
def walk(keys, closing, y, w, total, left, node, best, best_cut):
    """Weigh each boundary between the sorted keys, and with `closing` the one behind the last."""
    n_classes = len(total)
    w_left, n_left = left[n_classes], left[n_classes + 1]
    left_terms, right_terms = _both_terms(total, left, node.criterion)
    n_keys = len(keys)
    for p in range(n_keys):
        i = keys[p] & PLACE
        k, weight = y[i], w[i]
        before, behind = left[k], total[k] - left[k]
        left[k] += weight
        w_left += weight
        n_left += 1.0
        left_terms += weight * (2.0 * before + weight)  # gini's, exact for whole weights
        right_terms -= weight * (2.0 * behind - weight)
        boundary = closing if p == n_keys - 1 else (keys[p + 1] ^ keys[p]) > PLACE
        if boundary and allowed(node, n_left, w_left):
            if not node.exact:
                left_terms, right_terms = _both_terms(total, left, node.criterion)
            gain = _merit(left_terms, w_left, node.criterion)
            gain += _merit(right_terms, node.weight - w_left, node.criterion)
            gain = max(gain - node.merit, 0.0)
            cut = keys[p] >> PLACE_BITS
            if better(gain, cut, best, best_cut, node.slack):
                best, best_cut = max(gain, best), cut
    left[n_classes], left[n_classes + 1] = w_left, n_left
    return best, best_cut


@jit
def _both_terms(total, left, criterion):
    """Return the sums that the merits of both sides are made of."""
    left_terms = right_terms = 0.0
    for k in range(len(total)):
        left_terms += _term(left[k], criterion)
        right_terms += _term(total[k] - left[k], criterion)
    return left_terms, right_terms


@jit
def weigh_side(side, size, n_left, y, w, total, left, lanes, node):
    """Return the gain of the split that sends sample i to the left where side[i] is 1."""
    n_classes = len(total)
    clear(lanes[: LANES * n_classes])
    for i in range(size):
        lanes[(i % LANES) * n_classes + y[i]] += side[i] * w[i]
    _add_lanes(lanes, left, n_classes)
    w_left = 0.0
    for k in range(len(total)):
        w_left += left[k]
    left_terms, right_terms = _both_terms(total, left, node.criterion)
    if not allowed(node, n_left, w_left):
        return NO_GAIN
    gain = _merit(left_terms, w_left, node.criterion)
    gain += _merit(right_terms, node.weight - w_left, node.criterion)
    return max(gain - node.merit, 0.0)


@jit
def _add_lanes(lanes, sums, n_classes):
    for k in range(n_classes):
        sums[k] = 0.0
        for lane in range(LANES):
            sums[k] += lanes[lane * n_classes + k]


@jit
def fill_bins(bins, ranks, y, w, low, shift, n_classes):
    """Add up the weight of each class in each bin."""
    for b in range(len(bins)):
        bins[b] = 0.0
    for i in range(len(ranks)):
        bins[((ranks[i] - low) >> shift) * n_classes + y[i]] += w[i]


@jit
def between_bins(bins, n_bins, low, shift, total, left, sizes, shares, node):
    """Return the best boundary between two bins, and note the merit of both sides of each."""
    n_classes = len(total)
    w_left = n_left = 0.0
    best, best_cut = NO_GAIN, low
    for b in range(n_bins):
        weight = left_terms = right_terms = 0.0
        for k in range(n_classes):
            weight += bins[b * n_classes + k]
            left[k] += bins[b * n_classes + k]
            left_terms += _term(left[k], node.criterion)
            right_terms += _term(total[k] - left[k], node.criterion)
        w_left += weight
        n_left += sizes[b]
        shares[0, b] = _merit(left_terms, w_left, node.criterion)
        shares[1, b] = 0.0
        if b < n_bins - 1:
            shares[1, b] = _merit(right_terms, node.weight - w_left, node.criterion)
            gain = max(shares[0, b] + shares[1, b] - node.merit, 0.0)
            if gain > best + node.slack and weight > 0.0 and allowed(node, n_left, w_left):
                best, best_cut = gain, low + ((b + 1) << shift) - 1
    return best, best_cut


@jit
def open_bins(bins, n_bins, total, left, shares, opened, node, bar):
    """Mark the bins inside which a boundary may gain `bar` or more; return how many."""
    n_classes = len(total)
    bar += node.merit - _ROUNDING * node.weight
    n_open = np.int64(0)
    w_left = left_share = 0.0
    for b in range(n_bins):
        weight = 0.0
        for k in range(n_classes):
            weight += bins[b * n_classes + k]
        bound = left_share + shares[1, b] + (weight if node.criterion == GINI else 0.0)
        opened[b] = weight > 0.0 and bound > bar
        if opened[b] and node.criterion == GINI:
            opened[b] = (
                _corner_bound(bins[b * n_classes :], total, left, w_left, weight, node) > bar
            )
        n_open += opened[b]
        for k in range(n_classes):
            left[k] += bins[b * n_classes + k]
        w_left += weight
        left_share = shares[0, b]
    return n_open


@jit
def _corner_bound(inside, total, left, w_left, weight, node):
    """Bound the merits of both sides of any boundary inside a bin (gini; see above)."""
    w_right = node.weight - w_left - weight
    left_square = right_square = 0.0
    for k in range(len(total)):
        right = total[k] - left[k] - inside[k]
        left_square += left[k] * left[k]
        right_square += right * right
    without = right_square / (w_right + weight)  # h(0), the bin on the right
    within = left_square / (w_left + weight)  # h(|d|)
    if w_left > 0.0:
        without += left_square / w_left
    if w_right > 0.0:
        within += right_square / w_right
    slope = (within - without) / weight
    bound = without
    for k in range(len(total)):
        d = inside[k]
        if d > 0.0:
            right = total[k] - left[k] - d
            on_left = d * (2.0 * left[k] + d) / (w_left + d) + d * slope
            bound += max(on_left, d * (2.0 * right + d) / (w_right + d))
    return bound


@jit
def pass_bins(bins, first, last, sizes, left):
    """Move the bins from `first` to before `last` to the left side."""
    n_classes = len(left) - 2
    for b in range(first, last):
        for k in range(n_classes):
            left[k] += bins[b * n_classes + k]
            left[n_classes] += bins[b * n_classes + k]
        left[n_classes + 1] += sizes[b]


@jit
def _term(x, criterion):
    """Return what one class adds to the merit's sum."""
    if criterion == GINI:
        return x * x
    return x * np.log2(x) if x > 0.0 else 0.0


@jit
def _merit(terms, weight, criterion):
    return terms / weight if criterion == GINI else terms - weight * np.log2(weight)
