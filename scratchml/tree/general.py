"""Every criterion, any number of outputs: a node's summary, and the best boundary of a column.

What `classes` and `moments` do fast for one output is done here for all, boundary by boundary. The
gain of a split is the merit of its sides less that of the node, averaged over the outputs. Four
merits are functions of sums over a side: c_k, the weight of class k; S, the sum of w y, with y
centred at the node's mean for squared error; and W, the sum of w:

    gini             sum_k c_k^2 / W
    entropy          sum_k c_k log2 c_k - W log2 W
    squared_error    S^2 / W
    poisson          S log(S / W / mean)           (a side with S = 0 is forbidden)
    absolute_error   - sum w |y - median|          (see `medians`)

Running sums: left[o * width + k] of output o, then left[-2] = W_L, left[-1] = number of samples. In
regression, k = 0 is S, 1 the number of positive targets, and in `total` 2 the mean.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml.tree import classes
from scratchml.tree.medians import deviation, empty_heaps, insert, median
from scratchml.tree.node import (
    ABSOLUTE,
    ENTROPY,
    GINI,
    NO_GAIN,
    POISSON,
    SQUARED,
    allowed,
    clear,
    count_present,
)
from scratchml.tree.sorting import PLACE, PLACE_BITS


@jit
def summarise(rows, places, y, weights, node_y, node_w, total, value, heap, spread, criterion):
    """Gather targets and weights and add them up; return (weight, impurity, merit, pure)."""
    n_outputs = y.shape[1]
    clear(total)
    weight = 0.0
    pure = True
    for i in range(len(rows)):
        row, place = rows[i], places[i]
        node_w[place] = weights[row]
        weight += weights[row]
        for o in range(n_outputs):
            node_y[place, o] = y[row, o]
            pure = pure and y[row, o] == y[rows[0], o]
    width = len(total) // n_outputs
    impurity = 0.0
    for o in range(n_outputs):
        sums = total[o * width : (o + 1) * width]
        predicted = value[o * len(value) // n_outputs :]
        if criterion <= ENTROPY:
            impurity += _describe_classes(places, node_y[:, o], node_w, sums, predicted, criterion)
        elif criterion == ABSOLUTE:
            impurity += _describe_median(places, node_y[:, o], node_w, predicted, heap, spread)
        else:
            impurity += _describe_mean(
                places, node_y[:, o], node_w, weight, sums, predicted, criterion
            )
    merit = 0.0
    if criterion == ABSOLUTE:
        merit = -impurity
    elif criterion <= ENTROPY:
        merit = side_merit(total, total, 0.0, total, weight, n_outputs, criterion)
    return weight, impurity / (weight * n_outputs), merit, pure


@jit
def _describe_classes(places, y, w, total, value, criterion):
    """Add up the classes of an output; return the weighted impurity."""
    weight = 0.0
    for i in range(len(places)):
        total[np.int64(y[places[i]])] += w[places[i]]
        weight += w[places[i]]
    for k in range(len(total)):
        value[k] = total[k] / weight
    return weight * classes.impurity(total, weight, criterion)


@jit
def _describe_mean(places, y, w, weight, total, value, criterion):
    """Find the mean of an output, centre it for squared error; return the weighted impurity."""
    lowest = highest = y[places[0]]
    mean = 0.0
    for i in range(len(places)):
        lowest, highest = min(lowest, y[places[i]]), max(highest, y[places[i]])
        mean += w[places[i]] * y[places[i]]
    total[0] = mean
    mean = min(max(mean / weight, lowest), highest)
    shift = 0.0  # the mean's rounding, which the centred values show
    for i in range(len(places)):
        shift += w[places[i]] * (y[places[i]] - mean)
    shift /= weight
    value[0] = total[2] = mean + shift
    impurity = 0.0
    for i in range(len(places)):
        place = places[i]
        if criterion == POISSON:
            total[1] += y[place] > 0.0
            if y[place] > 0.0:
                impurity += w[place] * y[place] * np.log(y[place] / mean)
        else:
            y[place] = (y[place] - mean) - shift
            impurity += w[place] * y[place] * y[place]
    if criterion == SQUARED:
        total[0] = 0.0
    return max(impurity, 0.0)


@jit
def _describe_median(places, y, w, value, heap, spread):
    """Find the median of an output and centre it there; return the weighted impurity."""
    empty_heaps(heap, spread)
    for i in range(len(places)):
        insert(heap, spread, y, w, places[i])
    value[0] = median(heap, spread, y)
    impurity = 0.0
    for i in range(len(places)):
        y[places[i]] -= value[0]
        impurity += w[places[i]] * abs(y[places[i]])
    return impurity


@jit
def search_sorted(keys, missing, y, w, total, left, heap, spread, node):
    """Weigh every boundary of the sorted samples, missing ones at either end."""
    present = count_present(keys, missing)
    absent = len(keys) - present
    best, cut = _weigh(keys, present, 0, y, w, total, left, heap, spread, node)
    if absent == 0:
        return best, cut, False
    other, other_cut = _weigh(keys, present, absent, y, w, total, left, heap, spread, node)
    if other > best + node.slack:
        return other, other_cut, True
    return best, cut, False


@jit
def _weigh(keys, present, first, y, w, total, left, heap, spread, node):
    """Weigh the boundaries with the `first` missing samples before the others (or behind: 0)."""
    size, n_outputs = len(keys), y.shape[1]
    clear(left)
    if node.criterion == ABSOLUTE:
        _spread_of_sides(keys, present, first, y, w, heap, spread)
    best, best_cut = NO_GAIN, np.int64(0)
    for at in range(size - 1):
        key = keys[_turn(at, present, first)]
        add(key & PLACE, y, w, left, node.criterion)
        following = keys[_turn(at + 1, present, first)]
        if at < first or following >> PLACE_BITS == key >> PLACE_BITS:
            continue
        w_left, n_left = left[-2], left[-1]
        if allowed(node, n_left, w_left):
            if node.criterion == ABSOLUTE:
                merits = -spread[0, at] - spread[1, at + 1]
            else:
                merits = both_merits(total, left, node, n_outputs)
            gain = max(merits - node.merit, 0.0) / n_outputs if merits > NO_GAIN else NO_GAIN
            if gain > best + node.slack:
                best, best_cut = gain, key >> PLACE_BITS
    return best, best_cut


@jit
def _turn(at, present, first):
    """Return where in the sorted keys the sample stands whose turn is `at`."""
    return at if first == 0 else (present + at if at < first else at - first)


@jit
def add(i, y, w, left, criterion):
    """Move sample i to the left side."""
    n_outputs = y.shape[1]
    width = (len(left) - 2) // n_outputs
    for o in range(n_outputs):
        if criterion <= ENTROPY:
            left[o * width + np.int64(y[i, o])] += w[i]
        else:
            left[o * width] += w[i] * y[i, o]
            left[o * width + 1] += y[i, o] > 0.0
    left[-2] += w[i]
    left[-1] += 1.0


@jit
def both_merits(total, left, node, n_outputs):
    """Return the merits of both sides, NO_GAIN if one is forbidden."""
    on_left = side_merit(left, left, 0.0, total, left[-2], n_outputs, node.criterion)
    w_right = node.weight - left[-2]
    on_right = side_merit(total, left, 1.0, total, w_right, n_outputs, node.criterion)
    return on_left + on_right


@jit
def side_merit(sums, less, share, total, weight, n_outputs, criterion):
    """Return the merit of the side with the sums ``sums - share * less``."""
    width = len(total) // n_outputs
    merit = 0.0
    for o in range(n_outputs):
        first = o * width
        if criterion <= ENTROPY:
            terms = 0.0
            for k in range(first, first + width):
                c = sums[k] - share * less[k]
                if criterion == GINI:
                    terms += c * c
                elif c > 0.0:
                    terms += c * np.log2(c)
            merit += terms / weight if criterion == GINI else terms - weight * np.log2(weight)
        elif criterion == SQUARED:
            s = sums[first] - share * less[first]
            merit += s * s / weight
        elif sums[first + 1] - share * less[first + 1] > 0.0:
            s = max(sums[first] - share * less[first], 0.0)
            if s > 0.0:
                merit += s * np.log(s / weight / total[first + 2])
        else:
            merit = NO_GAIN
    return merit


@jit
def _spread_of_sides(keys, present, first, y, w, heap, spread):
    """Write the deviations of the samples up to each (row 0), and from each on (row 1)."""
    size = len(keys)
    for side in range(2):
        for at in range(size):
            spread[side, at] = 0.0
        for o in range(y.shape[1]):
            empty_heaps(heap, spread)
            for step in range(size):
                at = step if side == 0 else size - 1 - step
                insert(heap, spread, y[:, o], w, keys[_turn(at, present, first)] & PLACE)
                spread[side, at] += deviation(heap, spread, y[:, o])


@jit
def weigh_side(side, size, n_left, y, w, total, left, heap, spread, node):
    """Return the gain of the split that sends sample i to the left where side[i] is 1."""
    clear(left)
    for i in range(size):
        if side[i] > 0.0:
            add(i, y, w, left, node.criterion)
    if not allowed(node, n_left, left[-2]):
        return NO_GAIN
    if node.criterion == ABSOLUTE:
        merits = -_deviations(side, size, y, w, heap, spread)
    else:
        merits = both_merits(total, left, node, y.shape[1])
    return max(merits - node.merit, 0.0) / y.shape[1] if merits > NO_GAIN else NO_GAIN


@jit
def _deviations(side, size, y, w, heap, spread):
    """Return the deviations from the medians of both sides, added up."""
    total = 0.0
    for o in range(y.shape[1]):
        for left in range(2):
            empty_heaps(heap, spread)
            for i in range(size):
                if side[i] == left:
                    insert(heap, spread, y[:, o], w, i)
            total += deviation(heap, spread, y[:, o])
    return total
