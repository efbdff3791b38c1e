"""Convolutions to test: random shapes, the definition as loops, and the paths that compute them."""

from contextlib import ExitStack, contextmanager
from itertools import product
from typing import NamedTuple
from unittest import mock

import numpy as np
from hypothesis import strategies as st

from scratchml.nn.ops import conv_tiles, depthwise

PATHS = ("definition", "compiled")


@contextmanager
def only(path):
    """Convolutions by the definition in NumPy, or by whatever is fastest."""
    with ExitStack() as stack:
        if path == "definition":
            for module in (conv_tiles, depthwise):
                stack.enter_context(mock.patch.object(module, "serves", return_value=False))
        yield


class Case(NamedTuple):
    """Shapes and numbers of a layer; `padding` may be a string."""

    x: tuple
    w: tuple
    b: bool
    stride: object
    padding: object
    dilation: object
    groups: int
    output_padding: object = 0

    @property
    def n(self):
        return len(self.w) - 2

    def arrays(self, seed=0, dtype=np.float64, transposed=False):
        rng = np.random.default_rng(seed)
        channels = self.w[1] * self.groups if transposed else self.w[0]
        shapes = [self.x, self.w, (channels,) if self.b else None]
        return [None if s is None else rng.standard_normal(s).astype(dtype) for s in shapes]

    @property
    def numbers(self):
        return self.stride, self.padding, self.dilation, self.groups

    @property
    def transposed_numbers(self):
        return self.stride, self.padding, self.output_padding, self.groups, self.dilation


def _numbers(n, low, high):
    """An int, or a tuple of n."""
    number = st.integers(low, high)
    return st.one_of(number, st.tuples(*[number] * n))


def each(value, n):
    return value if isinstance(value, tuple) else (value,) * n


def padding_of(case):
    """The zeros before and after each axis."""
    if case.padding == "valid":
        return (0,) * case.n, (0,) * case.n
    if case.padding == "same":
        total = [d * (k - 1) for d, k in zip(each(case.dilation, case.n), case.w[2:], strict=True)]
        return tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)
    return each(case.padding, case.n), each(case.padding, case.n)


@st.composite
def convolutions(draw, axes=(1, 2, 3), batches=(1, 2)):
    """Layers that are valid, down to a spatial size and a channel of 1."""
    n = draw(st.sampled_from(axes))
    groups, of_x, of_y = draw(
        st.sampled_from([(1, 1, 1), (1, 2, 3), (2, 1, 1), (2, 2, 1), (3, 1, 2)])
    )
    kernel = draw(st.tuples(*[st.integers(1, 3)] * n))
    stride, dilation = draw(_numbers(n, 1, 3)), draw(_numbers(n, 1, 2))
    padding = draw(st.one_of(_numbers(n, 0, 2), st.sampled_from(["same", "valid"])))
    if padding == "same":
        stride = 1
    case = Case(
        (), (groups * of_y, of_x, *kernel), draw(st.booleans()), stride, padding, dilation, groups
    )
    before, after = padding_of(case)
    size = []
    for a in range(n):
        least = each(dilation, n)[a] * (kernel[a] - 1) + 1 - before[a] - after[a]
        size.append(max(1, least) + draw(st.integers(0, 3)))
    batch = draw(st.sampled_from([(), *[(b,) for b in batches]]))
    return case._replace(x=(*batch, groups * of_x, *size))


@st.composite
def transposed_convolutions(draw, axes=(1, 2, 3), batches=(1, 2)):
    """Transposed layers whose result has at least one place."""
    n = draw(st.sampled_from(axes))
    groups, of_x, of_y = draw(
        st.sampled_from([(1, 1, 1), (1, 2, 3), (2, 1, 1), (2, 1, 2), (3, 2, 1)])
    )
    kernel = draw(st.tuples(*[st.integers(1, 3)] * n))
    stride, dilation = draw(_numbers(n, 1, 3)), draw(_numbers(n, 1, 4))
    extra = tuple(
        draw(st.integers(0, max(s, d) - 1))
        for s, d in zip(each(stride, n), each(dilation, n), strict=True)
    )
    size = draw(st.tuples(*[st.integers(1, 4)] * n))
    padding = []
    for a in range(n):
        longest = (size[a] - 1) * each(stride, n)[a] + each(dilation, n)[a] * (kernel[a] - 1)
        padding.append(draw(st.integers(0, min(2, (longest + extra[a]) // 2))))
    batch = draw(st.sampled_from([(), *[(b,) for b in batches]]))
    return Case(
        (*batch, groups * of_x, *size),
        (groups * of_x, of_y, *kernel),
        draw(st.booleans()),
        stride,
        tuple(padding),
        dilation,
        groups,
        extra,
    )


def loops(x, w, b, case):
    """The definition, one multiplication after the other: y, for x with a batch axis."""
    n, (before, after) = case.n, padding_of(case)
    stride, dilation = each(case.stride, n), each(case.dilation, n)
    out = [
        (x.shape[2 + a] + before[a] + after[a] - dilation[a] * (w.shape[2 + a] - 1) - 1)
        // stride[a]
        + 1
        for a in range(n)
    ]
    y = np.zeros((len(x), len(w), *out), x.dtype)
    of_x, of_y = w.shape[1], len(w) // case.groups
    for at in np.ndindex(y.shape):
        image, o, i = at[0], at[1], at[2:]
        for c, *k in product(*map(range, w.shape[1:])):
            j = [stride[a] * i[a] + dilation[a] * k[a] - before[a] for a in range(n)]
            if all(0 <= j[a] < x.shape[2 + a] for a in range(n)):
                y[at] += w[(o, c, *k)] * x[(image, o // of_y * of_x + c, *j)]
        if b is not None:
            y[at] += b[o]
    return y


def transposed_loops(x, w, b, case):
    """The definition of the transposed layer: every number of x paints the filter onto y."""
    n, padding, extra = case.n, each(case.padding, case.n), each(case.output_padding, case.n)
    stride, dilation = each(case.stride, n), each(case.dilation, n)
    size = [
        (x.shape[2 + a] - 1) * stride[a]
        - 2 * padding[a]
        + dilation[a] * (w.shape[2 + a] - 1)
        + 1
        + extra[a]
        for a in range(n)
    ]
    of_x, of_y = len(w) // case.groups, w.shape[1]
    y = np.zeros((len(x), of_y * case.groups, *size), x.dtype)
    for image, o, *i in np.ndindex(x.shape):
        for c, *k in product(*map(range, w.shape[1:])):
            j = [stride[a] * i[a] + dilation[a] * k[a] - padding[a] for a in range(n)]
            if all(0 <= j[a] < size[a] for a in range(n)):
                y[(image, o // of_x * of_y + c, *j)] += w[(o, c, *k)] * x[(image, o, *i)]
    return y if b is None else y + b.reshape(-1, *[1] * n)
