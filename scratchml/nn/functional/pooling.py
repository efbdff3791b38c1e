"""Maximum pooling as functions of tensors, and its undoing."""

from typing import Any

from scratchml.nn.functional.shortcut import take_shortcut
from scratchml.nn.functional.windows import Size, array_of, windows_of
from scratchml.nn.ops.pooling import max_pool_backward, max_pool_forward, max_pool_winners
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply, constant, record


def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest value of each window of a sequence.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Values.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices : Any
        See `max_pool2d`.

    Returns
    -------
    Tensor of shape (N, C, L_out) or (C, L_out)
        The maxima.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import max_pool1d
    >>> x = from_numpy(np.array([[1.0, 5, 2, 3]]))
    >>> max_pool1d(x, 2).numpy()
    array([[5., 3.]])
    """
    return _max_pool(
        "max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest value of each window of an image.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Values; a NaN makes its windows NaN.
    kernel_size : int or tuple of int
        Size of the window.
    stride : int or tuple of int, optional
        Distance between windows; by default the kernel size, so that they do not overlap.
    padding : int or tuple of int
        Width of a border of -inf, at most half of the window.
    dilation : int or tuple of int
        Distance between the values of a window.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.
    return_indices : bool
        Return (output, indices), the positions of the maxima in the flattened (H, W); of equal
        values that of the first.

    Returns
    -------
    Tensor of shape (N, C, H_out, W_out) or (C, H_out, W_out)
        ``H_out = (H + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1``.

    Raises
    ------
    ValueError
        If the window does not fit, or the padding is larger than half of it.
    TypeError
        If `input` is not a floating-point tensor.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import max_pool2d
    >>> x = from_numpy(np.array([[[1.0, 5, 2, 2], [3, 0, 2, 1]]]))
    >>> output, indices = max_pool2d(x, 2, return_indices=True)
    >>> output.numpy(), indices.numpy()
    (array([[[5., 2.]]]), array([[[1, 2]]]))
    """
    return _max_pool(
        "max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def max_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest value of each window of a volume.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Values.
    kernel_size, stride, padding, dilation, ceil_mode, return_indices : Any
        See `max_pool2d`.

    Returns
    -------
    Tensor of shape (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out)
        The maxima.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import max_pool3d
    >>> x = from_numpy(np.arange(8.0).reshape(1, 2, 2, 2))
    >>> max_pool3d(x, 2).numpy()
    array([[[[7.]]]])
    """
    return _max_pool(
        "max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )


def _max_pool(name: str, axes: int, input: Tensor, *options: Any) -> Any:
    *how, return_indices = options
    windows = windows_of(name, axes, array_of(name, input).shape, *how)
    if not return_indices:
        output = apply(max_pool_forward, max_pool_backward, (input,), windows, saves="nothing")
        take_shortcut(output)
        return output
    y, cache = max_pool_forward(input.array, windows)
    output = record(y, (input,), lambda dy: max_pool_backward(dy, cache), name="max_pool_backward")
    return output, constant(max_pool_winners(cache))
