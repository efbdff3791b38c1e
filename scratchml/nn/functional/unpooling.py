"""The undoing of maximum pooling, as functions of tensors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchml.nn.functional.windows import Size, array_of, check_shape, per_axis
from scratchml.nn.ops.pooling import max_unpool_backward, max_unpool_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, apply


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Put the maxima of a sequence's windows back where they came from.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        The maxima.
    indices, kernel_size, stride, padding, output_size : Any
        See `max_unpool2d`.

    Returns
    -------
    Tensor of shape (N, C, L_out) or (C, L_out)
        The values in their places.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import max_unpool1d
    >>> x, indices = from_numpy(np.array([[5.0, 3]])), from_numpy(np.array([[1, 3]]))
    >>> max_unpool1d(x, indices, 2).numpy()
    array([[0., 5., 0., 3.]])
    """
    how = kernel_size, stride, padding, output_size
    return _unpool("max_unpool1d", 1, input, indices, *how)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Put the maxima of an image's windows back where they came from; all else is 0.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        The maxima.
    indices : Tensor of int64, of the shape of `input`
        Their positions in the flattened output: what ``max_pool2d(..., return_indices=True)``
        returned. Of equal ones the last counts.
    kernel_size, stride, padding : int or sequence of int
        Those of the pooling: they give the size ``(H - 1) stride - 2 padding + kernel_size``.
    output_size : sequence of int, optional
        The size to use instead, less than a stride from that; it may have all axes' lengths.

    Returns
    -------
    Tensor of shape (N, C, H_out, W_out) or (C, H_out, W_out)
        The values in their places.

    Raises
    ------
    ValueError
        If `indices` has another shape, points outside of the output, or `output_size` cannot be.
    TypeError
        If `input` is not a floating-point tensor, or `indices` not one of int64.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import max_pool2d, max_unpool2d
    >>> x = from_numpy(np.array([[[1.0, 5, 2, 2], [3, 0, 2, 1]]]))
    >>> output, indices = max_pool2d(x, 2, return_indices=True)
    >>> max_unpool2d(output, indices, 2).numpy()
    array([[[0., 5., 2., 0.],
            [0., 0., 0., 0.]]])
    """
    how = kernel_size, stride, padding, output_size
    return _unpool("max_unpool2d", 2, input, indices, *how)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Put the maxima of a volume's windows back where they came from.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        The maxima.
    indices, kernel_size, stride, padding, output_size : Any
        See `max_unpool2d`.

    Returns
    -------
    Tensor of shape (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out)
        The values in their places.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import max_unpool3d
    >>> x, indices = from_numpy(np.array([[[[7.0]]]])), from_numpy(np.array([[[[7]]]]))
    >>> max_unpool3d(x, indices, 2).numpy().ravel()
    array([0., 0., 0., 0., 0., 0., 0., 7.])
    """
    how = kernel_size, stride, padding, output_size
    return _unpool("max_unpool3d", 3, input, indices, *how)


def _unpool(name: str, axes: int, input: Tensor, indices: Any, *how: Any) -> Tensor:
    x = array_of(name, input)
    check_shape(name, axes, x.shape)
    if not isinstance(indices, Taped) or indices.array.dtype != np.int64:
        raise TypeError(f"{name}: indices must be a Tensor of int64, got {indices!r}")
    at = indices.array
    if at.shape != x.shape:
        raise ValueError(
            f"{name}: indices must have the shape of input, got {at.shape} and {x.shape}"
        )
    sizes = _output_size(name, axes, x.shape, *how)
    places = int(np.prod(sizes))
    if at.size and not 0 <= at.min() <= at.max() < places:
        raise ValueError(
            f"{name}: indices must lie in [0, {places}) for an output of size {sizes}, got "
            f"{at.min()} ... {at.max()}"
        )
    output: Tensor = apply(
        max_unpool_forward, max_unpool_backward, (input,), at, sizes, saves="nothing"
    )
    return output


def _output_size(
    name: str, axes: int, shape: tuple, kernel_size: Any, stride: Any, padding: Any, given: Any
) -> tuple[int, ...]:
    kernel = per_axis(name, "kernel_size", kernel_size, axes, 1)
    steps = kernel if stride is None or stride == () else per_axis(name, "stride", stride, axes, 1)
    pads = per_axis(name, "padding", padding, axes, 0)
    axis = zip(shape[-axes:], kernel, steps, pads, strict=True)
    usual = tuple([(n - 1) * s - 2 * p + k for n, k, s, p in axis])
    if given is None:
        return usual
    sizes = tuple(given)
    if len(sizes) == len(shape):
        sizes = sizes[-axes:]
    if len(sizes) != axes or not all(
        u - s < m < u + s for m, u, s in zip(sizes, usual, steps, strict=True)
    ):
        raise ValueError(
            f"{name}: output_size must be less than a stride from {usual}, got {given!r} for "
            f"stride={steps}"
        )
    return sizes
