"""The loop that grows a tree: open a node, divide it, go on with its children.

To open a node is to summarise its targets and to find its best split: for each column drawn, the
split of the largest gain W I - W_L I_L - W_R I_R (`cart`, equation 1), by the kernels of its
criterion. The rules on draws, ties and numbers are those of `nodes`.
"""

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.random import below
from scratchml.tree import classes, general, moments
from scratchml.tree.division import divide, enter_block
from scratchml.tree.node import GINI, NO_GAIN, Node, make_keys, rank_range
from scratchml.tree.nodes import TIE
from scratchml.tree.random_cuts import search_random
from scratchml.tree.sorting import PLACE_BITS, sort_keys
from scratchml.tree.structures import (
    CUT,
    DEPTH,
    FEATURE,
    GAIN,
    IMPURITY,
    LEFT,
    MISSING_LEFT,
    NEVER,
    RIGHT,
    SAMPLES,
    START,
    WEIGHT,
)

_ULP = np.float64(2.0**-52)
_SMALL = np.int64(128)  # nodes below this are sorted


@jit
def grow_nodes(
    by_class, by_mean, by_any, ranked, drawn, data, tree, samples, shuffle, scratch, rules, stop
):
    """Grow the tree; return the number of nodes.

    The first five arguments are arrays or None, and Numba leaves out the code of what is None:
    `by_class`, `by_mean` and `by_any` are the sums of `classes`, `moments` or `general`, one of
    which is used; `ranked` or `drawn` says which splitter is.

    Nodes to be opened wait on a stack. Depth first, a node is divided at once. Best first, those
    that have a split wait until both children of the node divided last are open.
    """
    stack, waiting = tree.stack, tree.waiting
    best_first = rules.max_leaf_nodes > 0
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3], stack[0, 4] = 0, len(samples.rows), 0, -1, 0
    top, n_nodes, n_waiting, n_leaves = np.int64(1), np.int64(0), np.int64(0), np.int64(1)
    while stop[0] == 0:
        ready = np.int64(-1)
        if top > 0:
            top -= 1
            number = n_nodes
            n_nodes += 1
            tree.ints[number, START], tree.ints[number, DEPTH] = stack[top, 0], stack[top, 2]
            tree.ints[number, SAMPLES] = stack[top, 1] - stack[top, 0]
            if stack[top, 3] >= 0:
                tree.ints[stack[top, 3], stack[top, 4]] = number
            has_split = open_node(
                by_class, by_mean, by_any, ranked, drawn, data, tree, samples, shuffle, scratch,
                rules, number,
            )  # fmt: skip
            if has_split and best_first:
                waiting[n_waiting] = number
                n_waiting += 1
            elif has_split:
                ready = number
        elif n_waiting > 0 and n_leaves < rules.max_leaf_nodes:
            slack = TIE * tree.floats[0, IMPURITY] * tree.floats[0, WEIGHT]
            ready = take_best(waiting, n_waiting, tree.floats, slack)
            n_waiting -= 1
        else:
            break
        if ready >= 0:
            n_leaves += 1
            middle, end = divide(data, tree, samples, shuffle, scratch, rules, ready)
            for side in range(2):
                stack[top, 0] = tree.ints[ready, START] if side else middle
                stack[top, 1] = middle if side else end
                stack[top, 2] = tree.ints[ready, DEPTH] + 1
                stack[top, 3], stack[top, 4] = ready, LEFT if side else RIGHT
                top += 1
    return n_nodes


@jit
def open_node(
    by_class, by_mean, by_any, ranked, drawn, data, tree, samples, shuffle, scratch, rules, number
):
    """Enter a node, as a leaf for now, and its best split; say whether it has one."""
    entry, size = tree.ints[number], tree.ints[number, SAMPLES]
    start, end = entry[START], entry[START] + size
    rows, places, value = samples.rows[start:end], samples.places[start:end], tree.values[number]
    if start >= scratch.block[1] or end <= scratch.block[0]:
        for i in range(size):
            places[i] = i
    weight, impurity, merit, reach, pure = 0.0, 0.0, 0.0, 0.0, False
    if by_class is not None:
        weight, impurity, merit, pure = classes.summarise(
            rows, places, data.y, data.weight, samples.y, samples.w, by_class, scratch.bins, value,
            rules.criterion,
        )  # fmt: skip
    if by_mean is not None:
        weight, impurity, reach, pure = moments.summarise(
            rows, places, data.y, data.weight, samples.y, samples.w, value
        )
    if by_any is not None:
        weight, impurity, merit, pure = general.summarise(
            rows, places, data.y, data.weight, samples.y, samples.w, by_any, value, scratch.sides,
            scratch.spread, rules.criterion,
        )  # fmt: skip
    entry[LEFT] = entry[RIGHT] = -1
    entry[FEATURE] = -2
    entry[MISSING_LEFT] = 0
    tree.floats[number, IMPURITY] = impurity
    tree.floats[number, WEIGHT] = weight
    small = size < rules.min_samples_split or size < 2 * rules.min_samples_leaf
    light = weight < 2.0 * rules.min_weight_leaf
    if pure or small or light or entry[DEPTH] >= rules.max_depth:
        return False
    node = Node(
        number,
        rules.seed,
        start,
        end,
        size,
        weight,
        impurity,
        merit,
        TIE * weight * impurity,
        reach,
        rules.criterion,
        rules.criterion == GINI and rules.whole_weights > 0,
        rules.min_samples_leaf if rules.min_samples_leaf > 1 else 0,
        rules.min_weight_leaf,
    )
    return search_columns(
        by_class, by_mean, by_any, ranked, drawn, data, tree, samples, shuffle, scratch, rules, node
    )


@jit
def search_columns(
    by_class, by_mean, by_any, ranked, drawn, data, tree, samples, shuffle, scratch, rules, node
):
    """Draw columns and enter the best split of them; say whether there is one."""
    n_columns = len(shuffle.order)
    constant, entry = shuffle.constant, tree.ints[node.number]
    for j in range(n_columns):  # what was found elsewhere than above this node
        if constant[j] >= entry[DEPTH] or rules.max_leaf_nodes > 0:
            constant[j] = NEVER
    in_block = False
    if ranked is not None:
        in_block = enter_block(
            data.codes, samples.rows, node.start, node.end, scratch.block, scratch.lists,
            scratch.ranks, scratch.keys[1], scratch.count,
        )  # fmt: skip
    gain, column, cut, missing_left = NO_GAIN, np.int64(-1), 0.0, False
    visited = n_constant = np.int64(0)
    most = node.weight * node.impurity - node.slack  # pure children: no column can gain more
    while visited < n_columns and (visited < rules.max_features or visited == n_constant):
        if gain >= most:
            break
        j = draw_column(shuffle.order, shuffle.drawn, node.seed, node.number, visited)
        visited += 1
        if constant[j] < NEVER:
            n_constant += 1
            continue
        is_constant, best, best_cut, best_left = False, NO_GAIN, 0.0, False
        if ranked is not None:
            is_constant, best, best_cut, best_left = search_column(
                by_class, by_mean, by_any, data, samples, scratch, node, j, in_block, gain
            )
        if drawn is not None:
            is_constant, best, best_cut, best_left = search_random(
                by_class, by_mean, by_any, data.codes[j], data.missing[j],
                samples.rows[node.start : node.end], visited - 1, n_columns, samples.y, samples.w,
                scratch.left, scratch.bins, scratch.sides, scratch.spread, node,
            )  # fmt: skip
        if is_constant:
            constant[j] = entry[DEPTH]
            n_constant += 1
        elif best > gain + node.slack:
            gain, column, cut, missing_left = best, j, best_cut, best_left
    restore_order(shuffle.order, shuffle.drawn, visited)
    if gain == NO_GAIN or gain / rules.total_weight + _ULP < rules.min_gain:
        return False
    entry[FEATURE] = column
    entry[MISSING_LEFT] = missing_left
    tree.floats[node.number, GAIN] = gain
    tree.floats[node.number, CUT] = cut
    return True


@jit
def search_column(by_class, by_mean, by_any, data, samples, scratch, node, j, in_block, bar):
    """Return (constant, gain, cut, missing values go left) of the best split of column j.

    Only a gain above `bar` matters.
    """
    size = node.size
    keys = scratch.keys[0, :size]
    if in_block:
        first = node.start - scratch.block[0]
        keys = scratch.lists[j, first : first + size]
        low, high = keys[0] >> PLACE_BITS, keys[size - 1] >> PLACE_BITS
    else:
        low, high = rank_range(data.codes[j], samples.rows[node.start : node.end], scratch.ranks)
    if low == high:
        return True, NO_GAIN, 0.0, False
    missing = np.int64(data.missing[j])
    by_bins = not in_block and size >= _SMALL and high != missing and by_any is None
    if not in_block and not by_bins:
        make_keys(scratch.ranks[:size], keys)
        sort_keys(keys, scratch.keys[1], scratch.count, high)
    gain, cut, missing_left = NO_GAIN, np.int64(0), False
    if by_class is not None:
        if by_bins:
            gain, cut = classes.search_bins(
                scratch.ranks, low, high, bar, samples.y, samples.w, by_class, scratch.left,
                scratch.bins, scratch.shares, scratch.bin_ints, scratch.keys, scratch.count, node,
            )  # fmt: skip
        else:
            gain, cut, missing_left = classes.search_sorted(
                keys, missing, samples.y, samples.w, by_class, scratch.left, node
            )
    if by_mean is not None:
        if by_bins:
            gain, cut = moments.search_bins(
                scratch.ranks, low, high, bar, samples.y, samples.w, scratch.left, scratch.bins,
                scratch.bin_ints, scratch.keys, scratch.count, node,
            )  # fmt: skip
        else:
            gain, cut, missing_left = moments.search_sorted(
                keys, missing, samples.y, samples.w, scratch.left, node
            )
    if by_any is not None:
        gain, cut, missing_left = general.search_sorted(
            keys,
            missing,
            samples.y,
            samples.w,
            by_any,
            scratch.left,
            scratch.sides,
            scratch.spread,
            node,
        )
    return False, gain, np.float64(cut), missing_left


@jit
def draw_column(order, drawn, seed, number, draw):
    """Make the next step of the node's shuffle of the columns; return the column drawn."""
    other = draw + below(len(order) - draw, seed, number, draw)
    drawn[draw] = other
    order[draw], order[other] = order[other], order[draw]
    return order[draw]


@jit
def restore_order(order, drawn, visited):
    """Undo the shuffle."""
    for draw in range(visited - 1, -1, -1):
        other = drawn[draw]
        order[draw], order[other] = order[other], order[draw]


@jit
def take_best(waiting, n_waiting, floats, slack):
    """Remove the node to be divided next: the first of the largest gain."""
    most = NO_GAIN
    for i in range(n_waiting):
        most = max(most, floats[waiting[i], GAIN])
    at = np.int64(0)
    while floats[waiting[at], GAIN] < most - slack:
        at += 1
    number = waiting[at]
    for i in range(at, n_waiting - 1):  # in the order of their creation
        waiting[i] = waiting[i + 1]
    return number
