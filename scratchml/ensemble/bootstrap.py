"""Bootstrap samples by counting: which rows a tree of a forest is grown on, and how often each.

A bootstrap sample is m independent draws of a row out of n, with replacement (Breiman 1996,
"Bagging predictors", section 1). Row i comes up with probability w_i / W, where W is the sum of the
weights; without weights with probability 1 / n. From u uniform on [0, 1), draw j takes

    row = floor(u n)                                    without weights
    row = the first i with w_0 + ... + w_i > u W        with weights (inversion)

and u depends on the tree's seed and j alone, so that a tree's sample can be drawn again later, by
any thread. A sample of n out of n leaves out each row with probability (1 - 1/n)^n, about 37 %:
those are the rows "out of bag".

The tree itself is grown on all n rows, each weighted by the number of times it came up.
"""

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.random import below, uniform

_UNIT = np.uint64(2**64 - 1)  # the stream of a seed's draws; the tree's nodes use 0, 1, 2, ...


class Bootstrap(NamedTuple):
    """How the rows for each tree are drawn."""

    n: int  # rows there are
    m: int  # rows drawn
    cumulative: Any = None  # (n,) float64: partial sums of the weights; None if all are equal


def bootstrap(n, m, weight=None):
    """Return the plan to draw `m` of `n` rows, in proportion to `weight` (n,) if there is one."""
    return Bootstrap(n, m, None if weight is None else np.cumsum(weight, dtype=np.float64))


def rows_drawn(max_samples, n, weight=None):
    """Return the number of rows to draw: `max_samples`, or that share of the rows' weight, or n."""
    if max_samples is None:
        return n
    if isinstance(max_samples, Integral):
        return int(max_samples)
    return max(1, int(max_samples * (n if weight is None else weight.sum())))


def drawn_rows(plan, seed):
    """Return the rows that the tree with this seed draws, (m,) int32, in the order of the draws."""
    rows = np.empty(plan.m, dtype=np.int32)
    if plan.cumulative is None:
        draw(rows, plan.n, seed)
    else:
        draw_weighted(rows, plan.cumulative, seed)
    return rows


def drawn_counts(plan, seed):
    """Return how often the tree with this seed draws each row, (n,) float64; they sum to m."""
    counts = np.zeros(plan.n)
    add_counts(counts, drawn_rows(plan, seed))
    return counts


@jit("void(int32[::1], int64, uint64)")
def draw(rows, n, seed):
    """Fill `rows` with draws from 0 .. n-1, each as likely."""
    for j in range(len(rows)):
        rows[j] = below(n, seed, _UNIT, j)


@jit("void(int32[::1], const float64[::1], uint64)")
def draw_weighted(rows, cumulative, seed):
    """Fill `rows` with draws by inversion of the distribution function `cumulative`."""
    n = len(cumulative)
    total = cumulative[n - 1]
    for j in range(len(rows)):
        target = uniform(seed, _UNIT, j) * total
        low, high = 0, n - 1  # the row lies in low .. high
        while low < high:
            middle = (low + high) // 2
            if cumulative[middle] > target:
                high = middle
            else:
                low = middle + 1
        rows[j] = low


@jit("void(float64[::1], const int32[::1])")
def add_counts(counts, rows):
    """Add to `counts` how often each row occurs."""
    for row in rows:
        counts[row] += 1.0
