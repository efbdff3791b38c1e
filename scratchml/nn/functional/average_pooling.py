"""Average pooling as functions of tensors."""

from typing import Any

from scratchml.nn.functional.windows import Size, array_of, windows_of
from scratchml.nn.ops.average_pooling import avg_pool_backward, avg_pool_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply


def avg_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window of a sequence.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Values.
    kernel_size, stride, padding, ceil_mode, count_include_pad : Any
        See `avg_pool2d`.

    Returns
    -------
    Tensor of shape (N, C, L_out) or (C, L_out)
        The means.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import avg_pool1d
    >>> x = from_numpy(np.array([[1.0, 5, 2, 3]]))
    >>> avg_pool1d(x, 2).numpy()
    array([[3. , 2.5]])
    """
    how = kernel_size, stride, padding, ceil_mode
    return _avg_pool("avg_pool1d", 1, input, *how, count_include_pad, None)


def avg_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window of an image.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Values.
    kernel_size : int or sequence of int
        Size of the window.
    stride : int or sequence of int, optional
        Distance between windows; by default the kernel size, so that they do not overlap.
    padding : int or sequence of int
        Width of a border of 0, at most half of the window.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.
    count_include_pad : bool
        Whether the border counts as values of a window.
    divisor_override : int, optional
        Divide every sum by this instead of the number of values.

    Returns
    -------
    Tensor of shape (N, C, H_out, W_out) or (C, H_out, W_out)
        ``H_out = (H + 2 padding - kernel_size) // stride + 1``.

    Raises
    ------
    ValueError
        If the window does not fit, the padding is larger than half of it, or the divisor is 0.
    TypeError
        If `input` is not a floating-point tensor.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import avg_pool2d
    >>> x = from_numpy(np.array([[[1.0, 5, 2, 2], [3, 0, 2, 1]]]))
    >>> avg_pool2d(x, 2).numpy()
    array([[[2.25, 1.75]]])
    """
    how = kernel_size, stride, padding, ceil_mode
    return _avg_pool("avg_pool2d", 2, input, *how, count_include_pad, divisor_override)


def avg_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window of a volume.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Values.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override : Any
        See `avg_pool2d`.

    Returns
    -------
    Tensor of shape (N, C, D_out, H_out, W_out) or (C, D_out, H_out, W_out)
        The means.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.tensor import from_numpy
    >>> from scratchml.nn.functional import avg_pool3d
    >>> x = from_numpy(np.arange(8.0).reshape(1, 2, 2, 2))
    >>> avg_pool3d(x, 2).numpy()
    array([[[[3.5]]]])
    """
    how = kernel_size, stride, padding, ceil_mode
    return _avg_pool("avg_pool3d", 3, input, *how, count_include_pad, divisor_override)


def _avg_pool(name: str, axes: int, input: Tensor, *options: Any) -> Tensor:
    kernel_size, stride, padding, ceil_mode, count_padding, divisor = options
    if divisor is not None and divisor == 0:
        raise ValueError(f"{name}: divisor_override must not be 0, got {divisor!r}")
    shape = array_of(name, input).shape
    windows = windows_of(name, axes, shape, kernel_size, stride, padding, 1, ceil_mode)
    output: Tensor = apply(
        avg_pool_forward,
        avg_pool_backward,
        (input,),
        windows,
        bool(count_padding),
        divisor,
        saves="nothing",
    )
    return output
