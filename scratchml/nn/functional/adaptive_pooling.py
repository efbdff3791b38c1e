"""Pooling to a given number of windows, as functions of tensors."""

import operator
from collections.abc import Sequence
from typing import Any

from scratchml.nn.functional.windows import array_of, check_shape
from scratchml.nn.ops.average_pooling import avg_pool_backward, avg_pool_forward
from scratchml.nn.ops.pooling import max_pool_backward, max_pool_forward, max_pool_winners
from scratchml.nn.ops.pooling_windows import AdaptiveWindows, Sizes
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply, constant, record

Outputs = int | None | Sequence[int | None]


def adaptive_avg_pool1d(input: Tensor, output_size: Outputs) -> Tensor:
    """Return the means of a given number of windows of a sequence.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Values.
    output_size : int or sequence of one
        Number of windows.

    Returns
    -------
    Tensor of shape (N, C, output_size) or (C, output_size)
        The means.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import adaptive_avg_pool1d
    >>> x = from_numpy(np.array([[1.0, 2, 3]]))
    >>> adaptive_avg_pool1d(x, 2).numpy()
    array([[1.5, 2.5]])
    """
    return _avg("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Outputs) -> Tensor:
    """Return the means of a given number of windows of an image.

    Output o of m, of an axis of length n, is the mean of the values ``o n // m`` up to, not
    including, ``ceil((o + 1) n / m)``.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Values.
    output_size : int, None or sequence of these
        Number of windows, for both axes or for each; None is the axis's length.

    Returns
    -------
    Tensor of shape (N, C) + output_size or (C,) + output_size
        The means.

    Raises
    ------
    ValueError
        If a number of windows is less than 1, or the input has another number of axes.
    TypeError
        If `input` is not a floating-point tensor.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import adaptive_avg_pool2d
    >>> adaptive_avg_pool2d(from_numpy(np.array([[[1.0, 2, 3]]])), (1, 2)).numpy()
    array([[[1.5, 2.5]]])
    """
    return _avg("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Outputs) -> Tensor:
    """Return the means of a given number of windows of a volume.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Values.
    output_size : int, None or sequence of these
        See `adaptive_avg_pool2d`.

    Returns
    -------
    Tensor of shape (N, C) + output_size or (C,) + output_size
        The means.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import adaptive_avg_pool3d
    >>> x = from_numpy(np.arange(8.0).reshape(1, 2, 2, 2))
    >>> adaptive_avg_pool3d(x, 1).numpy()
    array([[[[3.5]]]])
    """
    return _avg("adaptive_avg_pool3d", 3, input, output_size)


def adaptive_max_pool1d(input: Tensor, output_size: Outputs, return_indices: bool = False) -> Any:
    """Return the maxima of a given number of windows of a sequence.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Values.
    output_size : int or sequence of one
        Number of windows.
    return_indices : bool
        Return (output, indices).

    Returns
    -------
    Tensor of shape (N, C, output_size) or (C, output_size)
        The maxima.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import adaptive_max_pool1d
    >>> x = from_numpy(np.array([[1.0, 2, 3]]))
    >>> adaptive_max_pool1d(x, 2).numpy()
    array([[2., 3.]])
    """
    return _max("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Outputs, return_indices: bool = False) -> Any:
    """Return the maxima of a given number of windows of an image.

    The windows are those of `adaptive_avg_pool2d`.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Values; a NaN makes its windows NaN.
    output_size : int, None or sequence of these
        Number of windows, for both axes or for each; None is the axis's length.
    return_indices : bool
        Return (output, indices), the positions of the maxima in the flattened (H, W); of equal
        values that of the first.

    Returns
    -------
    Tensor of shape (N, C) + output_size or (C,) + output_size
        The maxima.

    Raises
    ------
    ValueError
        If a number of windows is less than 1, or the input has another number of axes.
    TypeError
        If `input` is not a floating-point tensor.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import adaptive_max_pool2d
    >>> adaptive_max_pool2d(from_numpy(np.array([[[1.0, 2, 3]]])), (1, 2)).numpy()
    array([[[2., 3.]]])
    """
    return _max("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Outputs, return_indices: bool = False) -> Any:
    """Return the maxima of a given number of windows of a volume.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Values.
    output_size, return_indices : Any
        See `adaptive_max_pool2d`.

    Returns
    -------
    Tensor of shape (N, C) + output_size or (C,) + output_size
        The maxima.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import adaptive_max_pool3d
    >>> x = from_numpy(np.arange(8.0).reshape(1, 2, 2, 2))
    >>> adaptive_max_pool3d(x, 1).numpy()
    array([[[[7.]]]])
    """
    return _max("adaptive_max_pool3d", 3, input, output_size, return_indices)


def _avg(name: str, axes: int, input: Tensor, output_size: Any) -> Tensor:
    windows = _windows(name, axes, array_of(name, input).shape, output_size)
    output: Tensor = apply(avg_pool_forward, avg_pool_backward, (input,), windows, saves="nothing")
    return output


def _max(name: str, axes: int, input: Tensor, output_size: Any, return_indices: bool) -> Any:
    windows = _windows(name, axes, array_of(name, input).shape, output_size)
    y, cache = max_pool_forward(input.array, windows)
    output = record(y, (input,), lambda dy: max_pool_backward(dy, cache), name="max_pool_backward")
    return (output, constant(max_pool_winners(cache))) if return_indices else output


def _windows(name: str, axes: int, shape: Sizes, output_size: Any) -> Any:
    check_shape(name, axes, shape)
    sizes = shape[-axes:]
    given = tuple(output_size) if isinstance(output_size, Sequence) else (output_size,) * axes
    if len(given) != axes:
        raise ValueError(f"{name}: output_size must have {axes} values, got {output_size!r}")
    try:
        numbers = [n if m is None else operator.index(m) for m, n in zip(given, sizes, strict=True)]
    except TypeError:
        raise TypeError(
            f"{name}: output_size must be made of integers or None, got {output_size!r}"
        ) from None
    if min(numbers) < 1:
        raise ValueError(f"{name}: output_size must be at least 1, got {output_size!r}")
    return AdaptiveWindows(tuple(numbers)).regular(sizes)
