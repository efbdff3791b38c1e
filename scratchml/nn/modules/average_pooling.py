"""Average pooling: the mean of each window."""

from collections.abc import Sequence
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor

Sizes = int | Sequence[int]


class AvgPool(Layer):
    """What the layers for one to three axes share."""

    kernel_size: Any
    stride: Any
    padding: Any

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(AvgPool):
    """Return the mean of each window of sequences.

    The input has shape (N, C, L) or (C, L).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of the windows.
    stride : int or tuple of int, optional
        Step from one window to the next; by default the kernel size.
    padding : int or tuple of int
        Width of a border of zeros, at most half of the kernel size.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.
    count_include_pad : bool
        Whether the zeros of the border count in the mean.

    See Also
    --------
    scratchml.nn.functional.avg_pool1d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AvgPool1d(2)(torch.ones(1, 3, 8)).shape)
    (1, 3, 4)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = _single(kernel_size)
        self.stride = _single(kernel_size if stride is None else stride)
        self.padding = _single(padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )


class AvgPool2d(AvgPool):
    """Return the mean of each window of images.

    The input has shape (N, C, H, W) or (C, H, W).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of the windows.
    stride : int or tuple of int, optional
        Step from one window to the next; by default the kernel size.
    padding : int or tuple of int
        Width of a border of zeros, at most half of the kernel size.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.
    count_include_pad : bool
        Whether the zeros of the border count in the mean.
    divisor_override : int, optional
        What sums are divided by, instead of the number of values.

    See Also
    --------
    scratchml.nn.functional.avg_pool2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AvgPool2d(2)(torch.ones(1, 3, 8, 8)).shape)
    (1, 3, 4, 4)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool3d(AvgPool):
    """Return the mean of each window of volumes.

    The input has shape (N, C, D, H, W) or (C, D, H, W).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Size of the windows.
    stride : int or tuple of int, optional
        Step from one window to the next; by default the kernel size.
    padding : int or tuple of int
        Width of a border of zeros, at most half of the kernel size.
    ceil_mode : bool
        Whether a last window that the input does not fill counts.
    count_include_pad : bool
        Whether the zeros of the border count in the mean.
    divisor_override : int, optional
        What sums are divided by, instead of the number of values.

    See Also
    --------
    scratchml.nn.functional.avg_pool3d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AvgPool3d(2)(torch.ones(1, 3, 8, 8, 8)).shape)
    (1, 3, 4, 4, 4)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


def _single(size: Sizes) -> tuple[int, ...]:
    return (size,) if isinstance(size, int) else tuple(size)
