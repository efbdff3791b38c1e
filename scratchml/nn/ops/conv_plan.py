"""What a convolution is asked to do, checked and brought into one form, once for each combination.

A `Plan` describes the convolution that takes images x to y. A transposed convolution takes y to x,
so it has a plan too: that of the convolution it transposes. Images without a batch axis are given
one of length 1, and those of one spatial axis a second one: x (C, L) is planned as (1, C, 1, L).
"""

from functools import lru_cache
from operator import index
from typing import Any, NamedTuple

from scratchml.nn.ops.windows import n_windows


class Plan(NamedTuple):
    """A convolution with all its numbers.

    Attributes
    ----------
    x, w, y : tuple of int
        Shapes: x (N, C, *S), w (O, C / groups, *K), y (N, O, *P).
    stride, dilation : tuple of int
        One number for each spatial axis.
    padding : tuple of int
        Zeros before each spatial axis, then zeros after each.
    groups : int
        The channels of x and those of y are cut into so many parts, which meet pairwise.
    given : tuple of tuple
        The shapes of x and w in the caller's form.
    result : tuple of int
        The shape of the result in the caller's form.
    """

    x: tuple[int, ...]
    w: tuple[int, ...]
    y: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    given: tuple[tuple[int, ...], tuple[int, ...]]
    result: tuple[int, ...]


def conv_plan(
    name: str,
    x: tuple,
    w: tuple,
    b: tuple | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Plan:
    """Return the plan of a convolution, given the shapes of its arrays.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit; the message names `name`, the shapes and the rule.
    TypeError
        If stride, padding, dilation or groups are no integers.
    """
    try:
        return _conv_plan(name, x, w, b, stride, padding, dilation, groups)
    except TypeError:
        pass  # a list is no key
    return _conv_plan(name, x, w, b, *map(_tupled, (stride, padding, dilation)), groups)


@lru_cache(4096)
def _conv_plan(name, x, w, b, stride, padding, dilation, groups):
    n = _check_axes(name, x, w)
    stride = numbers(name, "stride", stride, n, 1)
    dilation = numbers(name, "dilation", dilation, n, 1)
    groups = _check_groups(name, groups)
    padding = _padding(name, padding, n, w[2:], stride, dilation)
    channels = x[-n - 1]
    if channels != w[1] * groups:
        raise ValueError(
            f"{name}: weight of shape {w} with groups={groups} takes {w[1] * groups} channels "
            f"(weight.shape[1] * groups), but input of shape {x} has {channels}"
        )
    if w[0] % groups:
        raise ValueError(
            f"{name}: groups={groups} must divide the {w[0]} output channels of weight {w}"
        )
    _check_bias(name, b, w, w[0])
    out = n_windows(x[-n:], w[2:], stride, padding, dilation)
    if min(out) < 1:
        reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, w[2:], strict=True))
        padded = tuple(x[a - n] + padding[a] + padding[a + n] for a in range(n))
        raise ValueError(
            f"{name}: the kernel must not be larger than the padded input, got a kernel of "
            f"{reach} (dilation included) on {padded} for input {x}, weight {w}"
        )
    result = (*x[: -n - 1], w[0], *out)
    batch = x[0] if len(x) == n + 2 else 1
    y = (batch, w[0], *out)
    return _lifted(
        Plan((batch, *x[-n - 1 :]), w, y, stride, padding, dilation, groups, (x, w), result)
    )


def _lifted(plan: Plan) -> Plan:
    """Give a plan with one spatial axis a first one of length 1."""
    if len(plan.w) != 3:
        return plan
    (n, c, size), (o, d, kernel), (_, _, out) = plan.x, plan.w, plan.y
    before, after = plan.padding
    return plan._replace(
        x=(n, c, 1, size),
        w=(o, d, 1, kernel),
        y=(n, o, 1, out),
        stride=(1, *plan.stride),
        padding=(0, before, 0, after),
        dilation=(1, *plan.dilation),
    )


def numbers(name: str, argument: str, value: Any, n: int, low: int) -> tuple[int, ...]:
    """Return an int or a tuple of `n` as a tuple of `n` ints >= `low`."""
    values = value if isinstance(value, tuple) else (value,)
    if len(values) == 1:
        values = values * n
    try:
        values = tuple([index(v) for v in values])
    except TypeError:
        raise TypeError(
            f"{name}: {argument} must be an integer or a tuple of {n}, got {value!r}"
        ) from None
    if len(values) != n or min(values) < low:
        raise ValueError(
            f"{name}: {argument} must be an integer >= {low} or a tuple of {n}, got {value!r}"
        )
    return values


def _padding(name, padding, n, kernel, stride, dilation):
    if padding == "valid":
        return (0,) * (2 * n)
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"{name}: padding='same' needs stride 1, got stride={stride}")
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return (*(t // 2 for t in total), *(t - t // 2 for t in total))
    if isinstance(padding, str):
        raise ValueError(f"{name}: padding must be 'same', 'valid' or integers, got {padding!r}")
    return numbers(name, "padding", padding, n, 0) * 2


def _check_axes(name: str, x: tuple, w: tuple) -> int:
    """Return the number of spatial axes, which the last letter but one of `name` says."""
    n = int(name[-2])
    if len(w) != n + 2 or min(w[2:]) < 1:
        raise ValueError(
            f"{name}: weight must have {n + 2} axes, the last {n} of them of length 1 or more, "
            f"got shape {w}"
        )
    if len(x) not in (n + 1, n + 2):
        raise ValueError(
            f"{name}: input must have {n + 2} axes (batch, channels, {n} spatial) or {n + 1} "
            f"(without batch), got shape {x} for weight {w}"
        )
    return n


def _check_groups(name: str, groups: Any) -> int:
    return numbers(name, "groups", groups, 1, 1)[0]


def _check_bias(name: str, b: tuple | None, w: tuple, channels: int) -> None:
    if b is not None and b != (channels,):
        raise ValueError(
            f"{name}: bias must have shape ({channels},), one number for each output channel of "
            f"weight {w}, got {b}"
        )


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
