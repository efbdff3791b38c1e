"""What a convolution is asked to do, checked and brought into one form, once for each combination.

A `Geometry` describes the convolution that takes images x to images y. A transposed convolution
takes y to x; its geometry is that of the convolution that it transposes. Images without a batch
axis get one of length 1, and those of one spatial axis another: x (C, L) becomes (1, C, 1, L).
"""

from functools import lru_cache
from math import prod
from operator import index
from typing import Any, NamedTuple

from scratchml.nn.ops.windows import n_windows, single

_FEW = 128  # places: tiles take 1 to 2 times as long as np.matmul at 49, 2/3 as long at 196


class Geometry(NamedTuple):
    """The numbers of a convolution of x (N, C, *S) with w (O, C / groups, *K) to y (N, O, *P).

    Attributes
    ----------
    x, w, y : tuple of int
        The shapes.
    stride, dilation : tuple of int
        One number for each spatial axis.
    padding : tuple of int
        Zeros before each spatial axis, then zeros after each.
    groups : int
        The channels of x and those of y are cut into so many parts, which meet pairwise.
    product : bool
        Whether y is w times x as they are, and images are so small that NumPy is the fastest to
        say so: windows of a single place, and few of them.
    input : tuple of int
        The shape of the layer's input: x; of a transposed layer y, or less than y, 0 in the rest.
    given : tuple of tuple
        The shapes of the layer's input and weight as the caller has them.
    result : tuple of int
        The shape of the layer's result as the caller gets it.
    """

    x: tuple[int, ...]
    w: tuple[int, ...]
    y: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    product: bool
    input: tuple[int, ...]
    given: tuple[tuple[int, ...], tuple[int, ...]]
    result: tuple[int, ...]


def conv_geometry(
    name: str, x: tuple, w: tuple, b: "tuple | None", *numbers: Any, transposed: bool = False
) -> Geometry:
    """Return the geometry of a layer, given the shapes of its arrays.

    Parameters
    ----------
    name : str
        The layer, for messages; ends in the number of spatial axes and "d".
    x, w, b : tuple of int
        Shapes of input, weight and bias (None without bias).
    *numbers : int, tuple of int or str
        stride, padding, dilation, groups; transposed: stride, padding, dilation, groups,
        output_padding.
    transposed : bool
        Whether the layer is the transposed one.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit; the message names the layer, the shapes and the rule.
    TypeError
        If stride, padding, dilation or groups are no integers.
    """
    known = _transposed if transposed else _direct
    try:
        return known(name, x, w, b, *numbers)
    except TypeError:
        pass  # a list cannot be looked up
    return known(name, x, w, b, *[tuple(v) if isinstance(v, list) else v for v in numbers])


@lru_cache(4096)
def _direct(name, x, w, b, stride, padding, dilation, groups):
    n, stride, dilation, groups = _common(name, x, w, stride, dilation, groups)
    padding = _padding(name, padding, n, w[2:], stride, dilation)
    _check_channels(name, x, w, groups, w[1] * groups, "weight.shape[1] * groups")
    _check_bias(name, b, w, w[0])
    size = x[-n:]
    out = n_windows(size, w[2:], stride, padding, dilation)
    if min(out) < 1:
        reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, w[2:], strict=True))
        padded = tuple(size[a] + padding[a] + padding[a + n] for a in range(n))
        raise ValueError(
            f"{name}: the kernel must fit into the padded input, got a kernel of extent {reach} "
            f"(weight {w}, dilation={dilation}) on {padded} (input {x}, padding={padding[:n]})"
        )
    batch = x[0] if len(x) == n + 2 else 1
    images = (batch, w[1] * groups, *size)
    result = (*x[: -n - 1], w[0], *out)
    return _lifted(
        images,
        w,
        (batch, *result[-n - 1 :]),
        images,
        stride,
        padding,
        dilation,
        groups,
        (x, w),
        result,
    )


@lru_cache(4096)
def _transposed(name, x, w, b, stride, padding, dilation, groups, output_padding):
    n, stride, dilation, groups = _common(name, x, w, stride, dilation, groups)
    padding = numbers_of(name, "padding", padding, n, 0) * 2
    extra = numbers_of(name, "output_padding", output_padding, n, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError(
            f"{name}: output_padding must be smaller than stride or dilation, got "
            f"output_padding={extra} with stride={stride}, dilation={dilation}"
        )
    _check_channels(name, x, w, groups, w[0], "weight.shape[0]")
    channels = w[1] * groups
    _check_bias(name, b, w, channels)
    size = tuple(
        (x[a - n] - 1) * stride[a] - 2 * padding[a] + dilation[a] * (w[a + 2] - 1) + extra[a] + 1
        for a in range(n)
    )
    if min(size) < 1:
        raise ValueError(
            f"{name}: the result must have length 1 or more along each axis, got {size} for input "
            f"{x}, weight {w}, stride={stride}, padding={padding[:n]}, dilation={dilation}"
        )
    # With output_padding >= stride the convolution back has more windows than x has places.
    out = n_windows(size, w[2:], stride, padding, dilation)
    batch = x[0] if len(x) == n + 2 else 1
    result = (*x[: -n - 1], channels, *size)
    images = (batch, channels, *size), w, (batch, w[0], *out), (batch, *x[-n - 1 :])
    return _lifted(*images, stride, padding, dilation, groups, (x, w), result)


def _common(name, x, w, stride, dilation, groups):
    """Return what both directions check alike."""
    n = int(name[-2])
    if len(w) != n + 2 or min(w) < 1:
        raise ValueError(
            f"{name}: weight must have {n + 2} axes, each of length 1 or more, got shape {w} for "
            f"input {x}"
        )
    if len(x) not in (n + 1, n + 2):
        raise ValueError(
            f"{name}: input must have {n + 2} axes (batch, channels, {n} spatial), or {n + 1} "
            f"without batch, got shape {x} for weight {w}"
        )
    if min(x[-n:]) < 1:
        raise ValueError(f"{name}: input must have no spatial axis of length 0, got shape {x}")
    stride = numbers_of(name, "stride", stride, n, 1)
    dilation = numbers_of(name, "dilation", dilation, n, 1)
    groups = numbers_of(name, "groups", groups, 1, 1)[0]
    if w[0] % groups:
        raise ValueError(
            f"{name}: groups must divide the length of the weight's first axis, got "
            f"groups={groups} for weight {w}"
        )
    return n, stride, dilation, groups


def _lifted(x, w, y, input, stride, padding, dilation, groups, given, result) -> Geometry:
    """Give a convolution with one spatial axis a first one of length 1."""
    if len(w) == 3:
        x, w, y, input = [(*shape[:2], 1, shape[2]) for shape in (x, w, y, input)]
        stride, dilation = (1, *stride), (1, *dilation)
        padding = (0, padding[0], 0, padding[1])
    product = single(w[2:], stride, padding) and prod(y[2:]) < _FEW
    return Geometry(x, w, y, stride, padding, dilation, groups, product, input, given, result)


def numbers_of(name: str, argument: str, value: Any, n: int, low: int) -> tuple[int, ...]:
    """Return an int, or a tuple of one or of `n`, as a tuple of `n` ints >= `low`."""
    values = value if isinstance(value, (tuple, list)) else (value,)
    wanted = f"{name}: {argument} must be an integer >= {low}" + (f" or a tuple of {n}" * (n > 1))
    try:
        values = tuple([index(v) for v in values])
    except TypeError:
        raise TypeError(f"{wanted}, got {value!r}") from None
    if len(values) == 1:
        values *= n
    if len(values) != n or min(values) < low:
        raise ValueError(f"{wanted}, got {value!r}")
    return values


def _padding(name, padding, n, kernel, stride, dilation):
    """Return the zeros before and after each axis."""
    if padding == "valid":
        return (0,) * (2 * n)
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"{name}: padding='same' needs stride 1, got stride={stride}")
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return (*(t // 2 for t in total), *(t - t // 2 for t in total))
    if isinstance(padding, str):
        raise ValueError(f"{name}: padding must be 'same', 'valid' or integers, got {padding!r}")
    return numbers_of(name, "padding", padding, n, 0) * 2


def _check_channels(name, x, w, groups, wanted, rule):
    n = len(w) - 2
    if x[-n - 1] != wanted:
        raise ValueError(
            f"{name}: weight {w} with groups={groups} needs an input of {wanted} channels ({rule}),"
            f" got {x[-n - 1]} in input {x}"
        )


def _check_bias(name, b, w, channels):
    if b is not None and b != (channels,):
        raise ValueError(
            f"{name}: bias must have one number for each of the {channels} output channels of "
            f"weight {w}, got shape {b}"
        )
