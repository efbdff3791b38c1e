"""Columns made ready for growing, once for all trees: each value replaced by its rank.

A split asks only for the order of a column's values. So column j is sorted once, and ``x[i, j]``
becomes its dense rank: 0 for the smallest value, equal values alike, missing values one above the
largest. A node's samples then fall into equal ranges of ranks with a subtraction and a shift, sort
as small integers, and are never sorted again as floating-point numbers.

Sorting is by radix, on bits: read as an unsigned integer with its sign bit flipped (all bits, if it
was set), a float64 keeps its order. A float32 widened to float64 ends in 29 zero bits: digits that
are the same in all keys are skipped, so that it costs half as much.

The random splitter draws thresholds between values; for it, columns are laid out one after the
other as they are, and missing values become infinity.
"""

from typing import Any, NamedTuple

import numpy as np

from scratchml._core.jit import jit
from scratchml._core.threads import parallel_chunks

_LARGE = 50_000  # cells; fewer are ranked sooner than threads begin
_DIGIT = np.int64(11)  # bits; 6 of them make a key
_BUCKETS = np.int64(1 << 11)
_MASK = np.uint64((1 << 11) - 1)
_SIGN = np.uint64(1 << 63)
_NAN_ABOVE = np.uint64(0x7FF0000000000000)  # the bits of infinity
_LAST = np.uint64(2**64 - 1)  # key of a missing value
_ZERO = np.uint64(0)


class Columns(NamedTuple):
    """The training samples by columns."""

    X: Any  # (n_samples, n_features), as given
    codes: Any  # (n_features, n_samples): ranks, or for the random splitter values
    missing: Any  # (n_features,): the code of a missing value


def encode(X: Any, splitter: str = "best", n_jobs: "int | None" = None) -> Columns:
    """Replace the values of each column by their ranks.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        float32 or float64, C-contiguous; NaN is missing, infinity must not occur.
    splitter : {"best", "random"}
        "random" takes the values themselves, in X's dtype.
    n_jobs : int or None
        Threads; the columns are independent.
    """
    n_samples, n_features = X.shape
    if splitter == "random":
        codes = np.array(X.T, order="C")
        codes[np.isnan(codes)] = np.inf
        return Columns(X, codes, np.full(n_features, np.inf, dtype=X.dtype))
    codes = np.empty((n_features, n_samples), dtype=np.int32)
    missing = np.empty(n_features, dtype=np.int32)

    def rank(start: int, stop: int) -> None:
        keys = np.empty((2, n_samples), dtype=np.uint64)
        order = np.empty((2, n_samples), dtype=np.int32)
        count = np.empty((6, int(_BUCKETS)), dtype=np.int32)
        for j in range(start, stop):
            bits = X[:, j].astype(np.float64).view(np.uint64)
            missing[j] = rank_column(bits, keys, order, count, codes[j])

    columns = [(j, j + 1) for j in range(n_features)]
    parallel_chunks(rank, columns, n_jobs if X.size > _LARGE else 1)
    return Columns(X, codes, missing)


@jit("int64(const uint64[::1], uint64[:, ::1], int32[:, ::1], int32[:, ::1], int32[::1])")
def rank_column(bits, keys, order, count, ranks):
    """Write the dense ranks of float64 values given as bits; return the number of ranks."""
    n = len(bits)
    for digit in range(6):
        for bucket in range(_BUCKETS):
            count[digit, bucket] = 0
    for i in range(n):
        key = _ordered(bits[i])
        keys[0, i] = key
        order[0, i] = i
        for digit in range(6):
            count[digit, (key >> np.uint64(digit * _DIGIT)) & _MASK] += 1
    source = 0
    for digit in range(6):
        shift = np.uint64(digit * _DIGIT)
        if count[digit, (keys[source, 0] >> shift) & _MASK] < n:
            _pass(
                keys[source],
                order[source],
                keys[1 - source],
                order[1 - source],
                count[digit],
                shift,
            )
            source = 1 - source
    return _number(keys[source], order[source], ranks)


@jit
def _pass(keys, order, new_keys, new_order, count, shift):
    """Move the keys, stably, into the order of one digit."""
    position = np.int32(0)
    for bucket in range(_BUCKETS):
        size = count[bucket]
        count[bucket] = position
        position += size
    for i in range(len(keys)):
        key = keys[i]
        bucket = (key >> shift) & _MASK
        to = count[bucket]
        count[bucket] = to + np.int32(1)
        new_keys[to] = key
        new_order[to] = order[i]


@jit
def _number(keys, order, ranks):
    """Number the sorted keys, equal ones alike; missing values are not counted."""
    rank = np.int64(0)
    for i in range(len(keys)):
        if i > 0 and keys[i] != keys[i - 1]:
            rank += 1
        ranks[order[i]] = rank
    return rank if keys[len(keys) - 1] == _LAST else rank + 1


@jit(inline="always")
def _ordered(bits):
    """Return an unsigned integer that sorts as the float64 of these bits does; NaN last."""
    magnitude = bits & ~_SIGN
    if magnitude > _NAN_ABOVE:
        return _LAST
    if magnitude == _ZERO:  # -0.0 is 0.0
        return _SIGN
    return ~bits if bits & _SIGN else bits | _SIGN
