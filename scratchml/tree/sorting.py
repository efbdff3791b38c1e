"""Sorting a node's samples by the rank of one column.

A key holds the rank above and the sample's place in the node below, so that one integer
carries both and equal ranks keep the order of places.
"""

import numpy as np

from scratchml._core.jit import jit

PLACE_BITS = np.int64(32)
PLACE = np.int64((1 << 32) - 1)  # the key's lower half

_SHORT = np.int64(64)  # up to here each key is compared with all
_DIGIT = np.int64(8)
_BUCKETS = np.int64(256)
_MASK = np.int64(255)


@jit
def sort_keys(keys, spare, count, top):
    """Sort keys in place whose ranks lie between 0 and `top`, and whose places increase."""
    spare = spare[: len(keys)]
    if len(keys) <= _SHORT:
        _sort_short(keys, spare)
        return
    moved = np.int64(0)
    shift = PLACE_BITS
    while top > 0:
        if moved % 2 == 0:
            _pass(keys, spare, count, shift)
        else:
            _pass(spare, keys, count, shift)
        moved += 1
        shift += _DIGIT
        top >>= _DIGIT
    if moved % 2 == 1:
        for i in range(len(keys)):
            keys[i] = spare[i]


@jit
def _sort_short(keys, spare):
    """Put each key behind all smaller ones: n^2 comparisons, but several at once and no branch."""
    for i in range(len(keys)):
        key = keys[i]
        smaller = np.int64(0)
        for j in range(len(keys)):
            smaller += keys[j] < key
        spare[smaller] = key
    for i in range(len(keys)):
        keys[i] = spare[i]


@jit
def _pass(source, target, count, shift):
    """Move the keys, stably, into the order of one digit of eight bits."""
    for bucket in range(_BUCKETS):
        count[bucket] = 0
    for i in range(len(source)):
        count[(source[i] >> shift) & _MASK] += 1
    position = np.int64(0)
    for bucket in range(_BUCKETS):
        size = count[bucket]
        count[bucket] = position
        position += size
    for i in range(len(source)):
        key = source[i]
        bucket = (key >> shift) & _MASK
        target[count[bucket]] = key
        count[bucket] += 1
