"""What the pooling functions check of their arguments, before any array is touched."""

import operator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from scratchml.nn.ops.pooling_windows import Sizes, Windows
from scratchml.tensor.tape import Taped

Size = int | Sequence[int]


def array_of(name: str, input: Any) -> Any:
    """Return the array of a floating-point tensor, or raise TypeError."""
    if not isinstance(input, Taped):
        raise TypeError(f"{name}: input must be a Tensor, got {type(input).__name__}")
    x = input.array
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: input must be of floating-point dtype, got {x.dtype}")
    return x


def windows_of(
    name: str,
    axes: int,
    shape: Sizes,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Windows:
    """Return the windows that the arguments ask for, checked against an input of this shape.

    Parameters
    ----------
    name : str
        The function that asks, for errors.
    axes : int
        Number of pooled axes: the last ones.
    shape : tuple of int
        The input's.
    kernel_size, stride, padding, dilation : int or sequence of int
        One for all pooled axes or one for each; a `stride` of None or () is the kernel size.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.

    Raises
    ------
    ValueError
        If they ask for what cannot be: the message names the function, the argument and the rule.
    TypeError
        If an argument is not made of integers.
    """
    try:
        return _checked(name, axes, shape, kernel_size, stride, padding, dilation, bool(ceil_mode))
    except TypeError:  # lists cannot be looked up
        given = [tuple(a) if isinstance(a, list) else a for a in (kernel_size, stride, padding)]
        dilation = tuple(dilation) if isinstance(dilation, list) else dilation
        return _checked.__wrapped__(name, axes, shape, *given, dilation, bool(ceil_mode))


@lru_cache(maxsize=1024, typed=True)
def _checked(
    name: str,
    axes: int,
    shape: Sizes,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> Windows:
    check_shape(name, axes, shape)
    kernel = per_axis(name, "kernel_size", kernel_size, axes, 1)
    step = kernel if stride is None or stride == () else per_axis(name, "stride", stride, axes, 1)
    pad = per_axis(name, "padding", padding, axes, 0)
    gaps = per_axis(name, "dilation", dilation, axes, 1)
    for k, p, d in zip(kernel, pad, gaps, strict=True):
        reach = d * (k - 1) + 1
        if p > reach // 2:
            raise ValueError(
                f"{name}: padding must be at most half of the window, got padding={p} for a window "
                f"of {reach} (kernel_size={k}, dilation={d})"
            )
    windows = Windows(kernel, step, pad, gaps, ceil_mode)
    sizes = shape[-axes:]
    outputs = windows.outputs(sizes)
    if outputs == windows._replace(ceil_mode=False).outputs(sizes):  # one form for the same windows
        windows = windows._replace(ceil_mode=False)
    if min(outputs) < 1:
        raise ValueError(
            f"{name}: the window must fit into the padded input, got kernel_size={kernel}, "
            f"dilation={gaps}, padding={pad} for an input of shape {shape}: the output would have "
            f"size {outputs}"
        )
    return windows


def check_shape(name: str, axes: int, shape: Sizes) -> None:
    """Raise unless `shape` is (C, *sizes) or (N, C, *sizes) and only N may be 0."""
    if len(shape) not in (axes + 1, axes + 2):
        sizes = ("L", "H, W", "D, H, W")[axes - 1]
        raise ValueError(
            f"{name}: input must have shape (N, C, {sizes}) or (C, {sizes}), got {shape}"
        )
    if 0 in shape[-axes - 1 :]:
        raise ValueError(f"{name}: only the batch may be empty, got an input of shape {shape}")


def per_axis(name: str, argument: str, value: Any, axes: int, least: int) -> Sizes:
    """Return one integer >= `least` for each axis."""
    given = tuple(value) if isinstance(value, tuple | list) else (value,)
    try:
        each = tuple([operator.index(v) for v in given])
    except TypeError:
        raise TypeError(
            f"{name}: {argument} must be an integer or a tuple of integers, got {value!r}"
        ) from None
    if len(each) not in (1, axes):
        raise ValueError(f"{name}: {argument} must have 1 or {axes} values, got {value!r}")
    if min(each) < least:
        raise ValueError(f"{name}: {argument} must be at least {least}, got {value!r}")
    return each * axes if len(each) == 1 else each
