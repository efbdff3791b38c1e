"""Maximum pooling: the largest value of each window."""

from collections.abc import Sequence
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor

Sizes = int | Sequence[int]


class MaxPool(Layer):
    """What the layers for one to three axes share."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(MaxPool):
    """Return the largest value of each window of sequences.

    The input has shape (N, C, L) or (C, L).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of the windows.
    stride : int or tuple of int, optional
        Step from one window to the next; by default the kernel size.
    padding : int or tuple of int
        Width of a border of -inf, at most half of the kernel size.
    dilation : int or tuple of int
        Step from one place of a window to the next.
    return_indices : bool
        Whether to return (output, indices) with the positions of the maxima.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.

    See Also
    --------
    scratchml.nn.functional.max_pool1d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.MaxPool1d(2)(torch.ones(1, 3, 8)).shape)
    (1, 3, 4)
    """

    def forward(self, input: Tensor) -> Any:
        return F.max_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )


class MaxPool2d(MaxPool):
    """Return the largest value of each window of images.

    The input has shape (N, C, H, W) or (C, H, W).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of the windows.
    stride : int or tuple of int, optional
        Step from one window to the next; by default the kernel size.
    padding : int or tuple of int
        Width of a border of -inf, at most half of the kernel size.
    dilation : int or tuple of int
        Step from one place of a window to the next.
    return_indices : bool
        Whether to return (output, indices) with the positions of the maxima.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.

    See Also
    --------
    scratchml.nn.functional.max_pool2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.MaxPool2d(2)(torch.ones(1, 3, 8, 8)).shape)
    (1, 3, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        return F.max_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )


class MaxPool3d(MaxPool):
    """Return the largest value of each window of volumes.

    The input has shape (N, C, D, H, W) or (C, D, H, W).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of the windows.
    stride : int or tuple of int, optional
        Step from one window to the next; by default the kernel size.
    padding : int or tuple of int
        Width of a border of -inf, at most half of the kernel size.
    dilation : int or tuple of int
        Step from one place of a window to the next.
    return_indices : bool
        Whether to return (output, indices) with the positions of the maxima.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.

    See Also
    --------
    scratchml.nn.functional.max_pool3d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.MaxPool3d(2)(torch.ones(1, 3, 8, 8, 8)).shape)
    (1, 3, 4, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        return F.max_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )
