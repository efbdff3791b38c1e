"""The entry kernels of the fast builder: one for each kind of target and each splitter.

They differ in what they compile (`growth.grow_nodes`); their arrays come from `grow.grow_tree`.
They take more than eight: each has its place in one of the `structures`, and nothing is allocated
while a tree grows.
"""

from scratchml._core.jit import jit
from scratchml.tree.growth import grow_nodes
from scratchml.tree.structures import Data, Rules, Samples, Scratch, Shuffle, Tree

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
def by_class(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread,
    lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values,
    stack, waiting, block, stop,
):  # fmt: skip
    """Gini or entropy, one output."""
    return _grow(
        sums[len(sums) // 2 + 1 :], None, None, codes, None,
        codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides,
        spread, lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints,
        floats, values, stack, waiting, block, stop,
    )  # fmt: skip


@jit(_VALUES + _ARGUMENTS.format(y="int32[::1]"))
def by_class_at_random(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread,
    lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values,
    stack, waiting, block, stop,
):  # fmt: skip
    """Gini or entropy, one output, thresholds drawn."""
    return _grow(
        sums[len(sums) // 2 + 1 :], None, None, None, codes,
        codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides,
        spread, lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints,
        floats, values, stack, waiting, block, stop,
    )  # fmt: skip


@jit(_RANKS + _ARGUMENTS.format(y="float64[::1]"))
def by_mean(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread,
    lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values,
    stack, waiting, block, stop,
):  # fmt: skip
    """Squared error, one output."""
    return _grow(
        None, sums[len(sums) // 2 + 1 :], None, codes, None,
        codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides,
        spread, lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints,
        floats, values, stack, waiting, block, stop,
    )  # fmt: skip


@jit(_VALUES + _ARGUMENTS.format(y="float64[::1]"))
def by_mean_at_random(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread,
    lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values,
    stack, waiting, block, stop,
):  # fmt: skip
    """Squared error, one output, thresholds drawn."""
    return _grow(
        None, sums[len(sums) // 2 + 1 :], None, None, codes,
        codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides,
        spread, lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints,
        floats, values, stack, waiting, block, stop,
    )  # fmt: skip


@jit(_RANKS + _ARGUMENTS.format(y="float64[:, ::1]"))
def by_any(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread,
    lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values,
    stack, waiting, block, stop,
):  # fmt: skip
    """Any criterion, any number of outputs."""
    return _grow(
        None, None, sums[len(sums) // 2 + 1 :], codes, None,
        codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides,
        spread, lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints,
        floats, values, stack, waiting, block, stop,
    )  # fmt: skip


@jit(_VALUES + _ARGUMENTS.format(y="float64[:, ::1]"))
def by_any_at_random(
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread,
    lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values,
    stack, waiting, block, stop,
):  # fmt: skip
    """Any criterion, any number of outputs, thresholds drawn."""
    return _grow(
        None, None, sums[len(sums) // 2 + 1 :], None, codes,
        codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides,
        spread, lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints,
        floats, values, stack, waiting, block, stop,
    )  # fmt: skip


@jit
def _grow(
    by_class, by_mean, by_any, ranked, drawn,
    codes, missing, y, weight, rows, places, keys, goes_left, node_y, node_w, sides, spread,
    lists, sums, bins, shares, bin_ints, columns, limits, bounds, seed, ints, floats, values,
    stack, waiting, block, stop,
):  # fmt: skip
    data = Data(codes, missing, y, weight)
    tree = Tree(ints, floats, values, stack, waiting)
    samples = Samples(rows[0], places[0], rows[1], places[1], node_y, node_w, goes_left)
    shuffle = Shuffle(columns[0], columns[1], columns[2])
    half = len(sums) // 2 + 1  # the left side's sums, then the node's
    scratch = Scratch(
        places[2], keys, lists, block, sums[:half], bins, shares, bin_ints, bin_ints[2], sides,
        spread,
    )  # fmt: skip
    rules = Rules(
        limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], limits[6], bounds[0],
        bounds[1], bounds[2], seed,
    )  # fmt: skip
    return grow_nodes(
        by_class, by_mean, by_any, ranked, drawn, data, tree, samples, shuffle, scratch, rules, stop
    )
