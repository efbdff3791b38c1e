"""One node while its split is sought, and the steps that every criterion shares."""

from typing import Any, NamedTuple

import numpy as np

from scratchml._core.jit import jit
from scratchml.tree.sorting import PLACE_BITS

NO_GAIN = np.float64(-np.inf)
GINI, ENTROPY, SQUARED, POISSON, ABSOLUTE = (np.int64(code) for code in range(5))


class Node(NamedTuple):
    """What a search must know of the node; scalars only."""

    number: Any
    seed: Any  # of the tree
    start: Any  # its slice of the rows
    end: Any
    size: Any  # samples
    weight: Any
    impurity: Any
    merit: Any  # of the undivided node: what the children's must exceed
    slack: Any  # gains that differ by less are equal
    reach: Any  # largest |y - mean| (squared error)
    criterion: Any
    exact: Any  # sums of weights and of their squares are exact: gini, whole weights
    min_samples: Any  # of a child; 0 if one will do
    min_weight: Any


@jit
def allowed(node, n_left, w_left):
    """Say whether both children are large enough."""
    w_right = node.weight - w_left
    enough = n_left >= node.min_samples and node.size - n_left >= node.min_samples
    return enough and min(w_left, w_right) >= node.min_weight and w_left > 0.0 and w_right > 0.0


@jit
def better(gain, cut, best, best_cut, slack):
    """Say whether a boundary beats the best of its column, whichever was weighed first."""
    return gain > best + slack or (gain >= best - slack and cut < best_cut)


@jit
def rank_range(codes, rows, ranks):
    """Fetch the ranks of a node's samples; return the lowest and the highest."""
    low = high = codes[rows[0]]
    for i in range(len(rows)):
        rank = codes[rows[i]]
        ranks[i] = rank
        low = min(low, rank)
        high = max(high, rank)
    return np.int64(low), np.int64(high)


@jit
def make_keys(ranks, keys):
    """Write the key of each sample: its rank and its place."""
    for i in range(len(ranks)):
        keys[i] = (np.int64(ranks[i]) << PLACE_BITS) | i


@jit
def count_present(keys, missing):
    """Return how many of the sorted keys, ranks from 0 on, are not missing."""
    present = len(keys)
    while present > 0 and keys[present - 1] >> PLACE_BITS == missing:
        present -= 1
    return present


@jit
def count_bins(sizes, ranks, low, shift):
    """Count the samples in each bin."""
    for b in range(len(sizes)):
        sizes[b] = 0
    for i in range(len(ranks)):
        sizes[(ranks[i] - low) >> shift] += 1


@jit
def open_keys(ranks, low, shift, opened, keys):
    """Write the keys of the samples in open bins; return how many there are."""
    n_keys = np.int64(0)
    for i in range(len(ranks)):
        rank = np.int64(ranks[i])
        keys[n_keys] = (rank << PLACE_BITS) | i
        n_keys += opened[(rank - low) >> shift]
    return n_keys


@jit
def bin_shift(low, high, most):
    """Return the shift that makes at most `most` bins of the ranks from low to high."""
    shift = np.int64(0)
    while (high - low) >> shift >= most:
        shift += 1
    return shift


@jit
def end_of_bin(keys, first, low, shift):
    """Return the bin of the sorted keys' `first`, and where the bin ends among them."""
    b = ((keys[first] >> PLACE_BITS) - low) >> shift
    last = first + 1
    while last < len(keys) and ((keys[last] >> PLACE_BITS) - low) >> shift == b:
        last += 1
    return b, last


@jit
def clear(values):
    """Set all to zero."""
    for i in range(len(values)):
        values[i] = 0.0
