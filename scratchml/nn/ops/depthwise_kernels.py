"""The loops of depthwise convolution: planes one after the other, strip by strip.

A *unit* is one group of channels of one image; units are counted image by image. In it every output
plane meets every input plane: these pairs are listed, with where y, x and w begin, counted from the
unit's or the group's first number, the output channel, and whether the pair is added to others:

    pairs[k] = (y, x, w, channel, more)       numbers = (groups, a unit's length in y, x, w, b)

A filter is read forwards or backwards: sign = 1 or -1.
"""

from scratchml._core.jit import jit
from scratchml._core.jit_strips import add_3, add_5, add_7, dot_3, dot_5, dot_7, sum_3, sum_5, sum_7

_SUMS = (
    "void(T[::1], const T[::1], const T[::1], const T[::1], const int64[::1], const int64[:, ::1], "
    "const int64[:, ::1], const T[::1], int64, int64, int64)"
)
_DOTS = (
    "void(T[::1], const T[::1], const T[::1], const int64[::1], const int64[:, ::1], "
    "const int64[:, ::1], const T[::1], int64, int64)"
)


@jit(_SUMS)
def sums_3(y, x, w, b, numbers, pairs, passes, zeros, sign, start, stop):
    """Fill y with b and the sums of x under w for the units in [start, stop), filters 3 x 3."""
    groups, ny, nx, nw, nb = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    for unit in range(start, stop):
        g = unit % groups
        for k in range(len(pairs)):
            iy, ix, iw = unit * ny + pairs[k, 0], unit * nx + pairs[k, 1], g * nw + pairs[k, 2]
            bias, more = b[g * nb + pairs[k, 3]], pairs[k, 4]
            for i in range(len(passes)):
                if more:
                    add_3(y, iy, x, ix, w, iw, sign, bias, passes, i, zeros)
                else:
                    sum_3(y, iy, x, ix, w, iw, sign, bias, passes, i, zeros)


@jit(_SUMS)
def sums_5(y, x, w, b, numbers, pairs, passes, zeros, sign, start, stop):
    """`sums_3` for filters 5 x 5."""
    groups, ny, nx, nw, nb = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    for unit in range(start, stop):
        g = unit % groups
        for k in range(len(pairs)):
            iy, ix, iw = unit * ny + pairs[k, 0], unit * nx + pairs[k, 1], g * nw + pairs[k, 2]
            bias, more = b[g * nb + pairs[k, 3]], pairs[k, 4]
            for i in range(len(passes)):
                if more:
                    add_5(y, iy, x, ix, w, iw, sign, bias, passes, i, zeros)
                else:
                    sum_5(y, iy, x, ix, w, iw, sign, bias, passes, i, zeros)


@jit(_SUMS)
def sums_7(y, x, w, b, numbers, pairs, passes, zeros, sign, start, stop):
    """`sums_3` for filters 7 x 7."""
    groups, ny, nx, nw, nb = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    for unit in range(start, stop):
        g = unit % groups
        for k in range(len(pairs)):
            iy, ix, iw = unit * ny + pairs[k, 0], unit * nx + pairs[k, 1], g * nw + pairs[k, 2]
            bias, more = b[g * nb + pairs[k, 3]], pairs[k, 4]
            for i in range(len(passes)):
                if more:
                    add_7(y, iy, x, ix, w, iw, sign, bias, passes, i, zeros)
                else:
                    sum_7(y, iy, x, ix, w, iw, sign, bias, passes, i, zeros)


@jit(_DOTS)
def dots_3(total, dy, x, numbers, pairs, passes, zeros, start, stop):
    """Add dy . x to total, a vector for each place of each filter 3 x 3, for these units."""
    groups, ny, nx, nw = numbers[0], numbers[1], numbers[2], numbers[3]
    vector = len(total) // (groups * nw)
    for unit in range(start, stop):
        g = unit % groups
        for k in range(len(pairs)):
            iy, ix, iw = unit * ny + pairs[k, 0], unit * nx + pairs[k, 1], g * nw + pairs[k, 2]
            for i in range(len(passes)):
                dot_3(total, iw * vector, dy, iy, x, ix, passes, i, zeros)


@jit(_DOTS)
def dots_5(total, dy, x, numbers, pairs, passes, zeros, start, stop):
    """`dots_3` for filters 5 x 5."""
    groups, ny, nx, nw = numbers[0], numbers[1], numbers[2], numbers[3]
    vector = len(total) // (groups * nw)
    for unit in range(start, stop):
        g = unit % groups
        for k in range(len(pairs)):
            iy, ix, iw = unit * ny + pairs[k, 0], unit * nx + pairs[k, 1], g * nw + pairs[k, 2]
            for i in range(len(passes)):
                dot_5(total, iw * vector, dy, iy, x, ix, passes, i, zeros)


@jit(_DOTS)
def dots_7(total, dy, x, numbers, pairs, passes, zeros, start, stop):
    """`dots_3` for filters 7 x 7."""
    groups, ny, nx, nw = numbers[0], numbers[1], numbers[2], numbers[3]
    vector = len(total) // (groups * nw)
    for unit in range(start, stop):
        g = unit % groups
        for k in range(len(pairs)):
            iy, ix, iw = unit * ny + pairs[k, 0], unit * nx + pairs[k, 1], g * nw + pairs[k, 2]
            for i in range(len(passes)):
                dot_7(total, iw * vector, dy, iy, x, ix, passes, i, zeros)
