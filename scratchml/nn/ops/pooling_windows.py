"""Windows of pooling: how many there are, which inputs they hold, and how kernels reach them.

On each pooled axis (length n, window of K places, stride s, padding p, dilation d) the window of
output o holds the inputs

    i = o s - p + k d,    k = 0 ... K - 1,    0 <= i < n,

and there are floor((n + 2 p - d (K - 1) - 1) / s) + 1 outputs; with `ceil_mode` the quotient is
rounded up, and a last window that would begin in the padding behind the input is left out.
A window of several axes is the product of those of each.

Adaptive pooling makes a given number m of windows of an axis: that of output o holds the inputs
floor(o n / m) ... ceil((o + 1) n / m) - 1; neighbours overlap where m does not divide n.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

Sizes = tuple[int, ...]


class Windows(NamedTuple):
    """Where the windows are: an integer for each pooled axis."""

    kernel: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes
    ceil_mode: bool = False

    @property
    def axes(self) -> int:
        """How many axes are pooled."""
        return len(self.kernel)

    def outputs(self, sizes: Sizes) -> Sizes:
        """Return the number of windows on each axis; less than 1 where none fits."""
        counts = []
        for n, K, s, p, d in zip(sizes, *self[:4], strict=True):
            room = n + 2 * p - d * (K - 1) - 1
            count = (-(-room // s) if self.ceil_mode else room // s) + 1
            if self.ceil_mode and (count - 1) * s >= n + p:
                count -= 1
            counts.append(count)
        return tuple(counts)

    def slices(self, sizes: Sizes) -> Iterator[tuple[tuple, tuple]]:
        """Yield, for each place in the window, the outputs that have it and the inputs there."""
        axes = zip(sizes, self.outputs(sizes), *self[:4], strict=True)
        places = [[_reach(n, out, k * d - p, s) for k in range(K)] for n, out, K, s, p, d in axes]
        for place in product(*places):
            there, here = zip(*place, strict=True)
            yield (..., *there), (..., *here)


def _reach(n: int, outputs: int, offset: int, stride: int) -> tuple[slice, slice]:
    """Return the o in [0, outputs) with 0 <= o stride + offset < n, and those positions."""
    first = max(0, -(offset // stride))
    last = min(outputs - 1, (n - 1 - offset) // stride)
    if last < first:
        return slice(0, 0), slice(0, 0)
    start = first * stride + offset
    return slice(first, last + 1), slice(start, last * stride + offset + 1, stride)


class AdaptiveWindows(NamedTuple):
    """A number of windows for each axis, whatever its length."""

    number: Sizes

    @property
    def axes(self) -> int:
        """How many axes are pooled."""
        return len(self.number)

    def outputs(self, sizes: Sizes) -> Sizes:
        """Return the number of windows on each axis."""
        return self.number

    def bounds(self, sizes: Sizes) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return where the windows of each axis begin, and where they end."""
        orders = [(np.arange(m), m, n) for m, n in zip(self.number, sizes, strict=True)]
        return [(o * n // m, -(-(o + 1) * n // m)) for o, m, n in orders]

    def slices(self, sizes: Sizes) -> Iterator[tuple[tuple, tuple]]:
        """Yield, for each place in the window, the outputs that have it and the inputs there."""
        places = []
        for starts, ends in self.bounds(sizes):
            within = [np.nonzero(starts + k < ends)[0] for k in range((ends - starts).max())]
            places.append([(o, starts[o] + k) for k, o in enumerate(within)])
        for place in product(*places):
            there, here = zip(*place, strict=True)
            yield (..., *np.ix_(*there)), (..., *np.ix_(*here))

    def regular(self, sizes: Sizes) -> "Windows | AdaptiveWindows":
        """Return the same as Windows where that is possible: every number divides its length."""
        if any(n % m for n, m in zip(sizes, self.number, strict=True)):
            return self
        steps = tuple(n // m for n, m in zip(sizes, self.number, strict=True))
        return Windows(steps, steps, (0,) * self.axes, (1,) * self.axes)


class Plan(NamedTuple):
    """What compiled loops over these windows need: see `scratchml.nn.ops.window_kernels`."""

    images: Sizes  # the sizes as (D, H, W)
    outputs: Sizes  # the same of the outputs
    how: np.ndarray  # kernel, stride, padding and dilation of each of the three, (3, 4)
    starts: np.ndarray  # where the run of each column of the window begins, (K of the last axis,)
    scratch: Sizes  # shape of the padded image with its columns dealt out
    lanes: int  # length of a row of outputs, rounded up to whole vectors


@lru_cache(maxsize=256)
def plan(windows: Windows, sizes: Sizes) -> Plan:
    """Return the plan for images of these sizes; it is worked out once."""
    front = (1,) * (3 - len(sizes))
    how = [(1, 1, 0, 1)] * len(front) + list(zip(*windows[:4], strict=True))
    outputs = front + windows.outputs(sizes)
    lanes = -(-outputs[-1] // 16) * 16
    K, s, _, d = how[-1]
    width = lanes + (K - 1) * d // s
    rows = [(o - 1) * s + (K - 1) * d + 1 for o, (K, s, _, d) in zip(outputs, how, strict=True)]
    starts = [c * d % s * width + c * d // s for c in range(K)]
    scratch = (rows[0], rows[1], s * width)
    return Plan(front + sizes, outputs, np.array(how), np.array(starts), scratch, lanes)


def images(x: np.ndarray, sizes: Sizes) -> np.ndarray:
    """Return x (..., *sizes) as (P, D, H, W) for a kernel: contiguous, D and H at least 1."""
    axes = (1,) * (3 - len(sizes)) + sizes
    planes = math.prod(x.shape[: x.ndim - len(sizes)])
    return np.ascontiguousarray(x).reshape(planes, *axes)
