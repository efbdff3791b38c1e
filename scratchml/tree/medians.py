"""Weighted medians of growing sets, for splits by absolute error.

The samples of a set lie in two heaps, the lower half by weight with its largest value on top, the
upper half with its smallest. A sample goes to its side, then tops move over until the lower heap
holds half of the weight, and would not without its top: that is a median m. With W and S the weight
and the sum of w y of a heap, the deviations from it are known at once:

    sum w |y - m| = (m W_low - S_low) + (S_high - m W_high)

heap[side] holds sample numbers and, as its last element, how many; sums[side] holds W and S behind
what else is kept there.
"""

import numpy as np

from scratchml._core.jit import jit


@jit
def empty_heaps(heap, sums):
    """Begin with no samples."""
    for side in range(2):
        heap[side, -1] = 0
        sums[side, -2] = 0.0
        sums[side, -1] = 0.0


@jit
def insert(heap, sums, y, w, i):
    """Add sample i."""
    side = np.int64(heap[0, -1] > 0 and y[i] > y[heap[0, 0]])
    _push(heap[side], y, _sign(side), i)
    sums[side, -2] += w[i]
    sums[side, -1] += w[i] * y[i]
    half = 0.5 * (sums[0, -2] + sums[1, -2])
    while sums[0, -2] < half and heap[1, -1] > 0:
        _move(heap, sums, y, w, 1)
    while heap[0, -1] > 1 and sums[0, -2] - w[heap[0, 0]] >= half:
        _move(heap, sums, y, w, 0)


@jit
def deviation(heap, sums, y):
    """Return the sum of w |y - median|."""
    m = y[heap[0, 0]]
    return (m * sums[0, -2] - sums[0, -1]) + (sums[1, -1] - m * sums[1, -2])


@jit
def median(heap, sums, y):
    """Return the median, halfway between two if half of the weight is below."""
    m = y[heap[0, 0]]
    if heap[1, -1] > 0 and sums[0, -2] == sums[1, -2]:
        return m / 2.0 + y[heap[1, 0]] / 2.0
    return m


@jit
def _move(heap, sums, y, w, side):
    """Move the top of one heap to the other."""
    i = heap[side, 0]
    _pop(heap[side], y, _sign(side))
    _push(heap[1 - side], y, _sign(1 - side), i)
    sums[side, -2] -= w[i]
    sums[side, -1] -= w[i] * y[i]
    sums[1 - side, -2] += w[i]
    sums[1 - side, -1] += w[i] * y[i]


@jit
def _sign(side):
    return -1.0 if side == 0 else 1.0  # the lower heap has its largest value on top


@jit
def _push(heap, y, sign, i):
    at = heap[-1]
    heap[-1] += 1
    while at > 0 and sign * y[i] < sign * y[heap[(at - 1) // 2]]:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = i


@jit
def _pop(heap, y, sign):
    heap[-1] -= 1
    size = heap[-1]
    last = heap[size]
    at = np.int64(0)
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and sign * y[heap[child + 1]] < sign * y[heap[child]]:
            child += 1
        if sign * y[last] <= sign * y[heap[child]]:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = last
