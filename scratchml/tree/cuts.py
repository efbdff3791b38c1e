"""The splits of one column that a node may choose from.

A split sends x <= threshold to the left, and missing values (NaN) to one side. In the order of x, a
split is a position: the first so many samples go left. Missing values stand behind the others
when they go right, before them when they go left; alone on one side they are tried once, on the
right.
"""

from typing import Any, NamedTuple

import numpy as np

from scratchml.tree.criteria import sides
from scratchml.tree.nodes import Limits


class Cuts(NamedTuple):
    """Splits of one column: split i sends the first n_left[i] samples in `order` to the left."""

    order: Any  # (n,)
    n_left: Any  # (n_cuts,)
    threshold: Any  # (n_cuts,)
    missing_left: Any  # (n_cuts,)


def all_cuts(x: Any, *, missing_left: bool) -> Cuts:
    """Return a cut between any two neighbouring values, missing ones being the least or largest."""
    order = np.argsort(x, kind="stable")  # NaN comes last
    n, n_missing = len(x), np.count_nonzero(np.isnan(x))
    value = x[order[: n - n_missing]]
    k = np.flatnonzero(value[:-1] < value[1:])
    halfway = value[k] / 2 + value[k + 1] / 2  # the sum itself could overflow
    threshold = np.where(halfway < value[k + 1], halfway, value[k])
    n_left = k + 1
    if missing_left:
        order, n_left = np.roll(order, n_missing), n_left + n_missing
    elif n_missing:  # these alone on the right
        n_left, threshold = np.append(n_left, n - n_missing), np.append(threshold, np.inf)
    side = np.full(len(n_left), missing_left) if n_missing else n_left > n - n_left
    return Cuts(order, n_left, threshold, side)


def random_cut(x: Any, u: float, *, missing_left: bool) -> Cuts:
    """Return the cut at the share u of the way from the least value to the largest."""
    low, high = np.nanmin(x), np.nanmax(x)
    with np.errstate(over="ignore", invalid="ignore"):
        drawn = low + u * (high - low)
    threshold = drawn if drawn < high else low
    missing_left = missing_left and low < high  # one value and the missing ones: apart
    goes_left = goes_to_left(x, threshold, missing_left)
    n_left = np.count_nonzero(goes_left)
    side = missing_left if np.isnan(x).any() else n_left > len(x) - n_left
    order = np.argsort(~goes_left, kind="stable")
    return Cuts(order, np.array([n_left]), np.array([threshold]), np.array([side]))


def goes_to_left(x: Any, threshold: float, missing_left: bool) -> Any:
    """Return which of the values x, (n,), a split sends to the left."""
    return np.where(np.isnan(x), missing_left, x <= threshold)


def within_limits(cuts: Cuts, w: Any, limits: Limits) -> Cuts:
    """Return the cuts whose sides both have samples and weight enough."""
    n_left, n_right = cuts.n_left, len(w) - cuts.n_left
    fits = np.minimum(n_left, n_right) >= limits.min_samples_leaf
    weights = sides(w[cuts.order], np.minimum(n_left, len(w) - 1))  # a side may be empty
    fits &= np.minimum(*weights) >= limits.min_weight_leaf
    return Cuts(cuts.order, n_left[fits], cuts.threshold[fits], cuts.missing_left[fits])
