"""Resizing of sequences, images and volumes, as a function of tensors."""

import math
from collections.abc import Sequence
from typing import Any

from scratchml.nn.functional.adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
)
from scratchml.nn.functional.windows import array_of
from scratchml.nn.ops.resizing import linear_taps, nearest_taps, resize_backward, resize_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply

_LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}
_MODES = ("nearest", "nearest-exact", "area", *_LINEAR)
_AREA = adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """Resize a sequence, an image or a volume.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...) with 1 to 3 axes of positions
        Values.
    size : int or sequence of int, optional
        The new lengths, for all axes of positions or for each.
    scale_factor : float or sequence of float, optional
        What the lengths are multiplied by; either this or `size` is given.
    mode : {"nearest", "nearest-exact", "area", "linear", "bilinear", "trilinear"}
        How values are found; the last three for 1, 2 and 3 axes of positions.
    align_corners : bool, optional
        For the linear modes: whether the first and last values keep their places (by default not).
    recompute_scale_factor : bool, optional
        Whether the factor is worked out anew from the rounded lengths.

    Returns
    -------
    Tensor of shape (N, C) + size
        The resized values.

    Raises
    ------
    ValueError
        If `mode` is unknown or for another number of axes, if not one of `size` and `scale_factor`
        is given, or a length would be less than 1.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import interpolate
    >>> x = from_numpy(np.array([[[1.0, 2, 4]]]))
    >>> interpolate(x, scale_factor=2).numpy()
    array([[[1., 1., 2., 2., 4., 4.]]])
    >>> interpolate(x, 5, mode="linear", align_corners=True).numpy()
    array([[[1. , 1.5, 2. , 3. , 4. ]]])
    """
    x = array_of("interpolate", input)
    axes = x.ndim - 2
    if axes not in (1, 2, 3) or 0 in x.shape[1:]:
        raise ValueError(
            "interpolate: input must have shape (N, C, ...) with 1 to 3 axes of positions, none of "
            f"them empty, got {x.shape}"
        )
    if mode not in _MODES or _LINEAR.get(mode, axes) != axes:
        raise ValueError(
            f"interpolate: mode must be one of {', '.join(_MODES)} and fit the input's {axes} axes "
            f"of positions, got {mode!r}"
        )
    if align_corners is not None and mode not in _LINEAR:
        raise ValueError(f"interpolate: align_corners has no meaning for mode={mode!r}")
    sizes = x.shape[2:]
    outputs, factors = _outputs(sizes, size, scale_factor)
    if recompute_scale_factor:
        if size is not None:
            raise ValueError(
                "interpolate: recompute_scale_factor has no meaning where size is given"
            )
        factors = None
    if mode == "area":
        return _AREA[axes - 1](input, outputs)
    taps = []
    for k, (n, m) in enumerate(zip(sizes, outputs, strict=True)):
        step = n / m if factors is None else 1 / factors[k]
        if mode in _LINEAR:
            aligned = bool(align_corners)
            if aligned:
                step = (n - 1) / (m - 1) if m > 1 else 0.0
            taps.append(linear_taps(k - axes, n, m, step, aligned, x.dtype))
        else:
            taps.append(nearest_taps(k - axes, n, m, step, mode == "nearest-exact"))
    output: Tensor = apply(resize_forward, resize_backward, (input,), tuple(taps), saves="nothing")
    return output


def _outputs(
    sizes: tuple[int, ...], size: Any, scale_factor: Any
) -> tuple[tuple[int, ...], tuple[float, ...] | None]:
    """Return the new lengths, and the factors if they were given."""
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate: give either size or scale_factor, got size={size!r}, "
            f"scale_factor={scale_factor!r}"
        )
    given = scale_factor if size is None else size
    each = tuple(given) if isinstance(given, Sequence) else (given,) * len(sizes)
    if len(each) != len(sizes):
        what = "scale_factor" if size is None else "size"
        raise ValueError(
            f"interpolate: {what} must have one value for each of the {len(sizes)} axes of "
            f"positions, got {given!r}"
        )
    factors = None if size is not None else tuple(float(f) for f in each)
    outputs = (
        tuple(int(m) for m in each)
        if factors is None
        else tuple(math.floor(n * f) for n, f in zip(sizes, factors, strict=True))
    )
    if min(outputs) < 1:
        raise ValueError(f"interpolate: the output would have size {outputs}, got {given!r}")
    return outputs, factors
