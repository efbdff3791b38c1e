"""Unfold and Fold: the windows of an image as columns, and their sum back into an image."""

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor

Sizes = int | tuple[int, int]


class Unfold(Layer):
    """Return the windows of images as columns: what a convolution multiplies its filters by.

    From (N, C, H, W) to (N, C * window, number of windows).

    Parameters
    ----------
    kernel_size : int or (int, int)
        Size of the windows.
    dilation : int or (int, int)
        Step from one place of a window to the next.
    padding : int or (int, int)
        Zeros at both ends of each axis.
    stride : int or (int, int)
        Step from one window to the next.

    See Also
    --------
    scratchml.nn.functional.unfold : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.Unfold((2, 3))(torch.ones(2, 5, 3, 4)).shape)
    (2, 30, 4)
    """

    def __init__(
        self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Layer):
    """Add windows, given as columns, up to images: what takes gradients back through `Unfold`.

    From (N, C * window, number of windows) to (N, C, H, W).

    Parameters
    ----------
    output_size : int or (int, int)
        H and W.
    kernel_size : int or (int, int)
        Size of the windows.
    dilation : int or (int, int)
        Step from one place of a window to the next.
    padding : int or (int, int)
        What is cut off at both ends of each axis.
    stride : int or (int, int)
        Step from one window to the next.

    See Also
    --------
    scratchml.nn.functional.fold : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.Fold((4, 5), (2, 2))(torch.ones(1, 12, 12)).shape)
    (1, 3, 4, 5)
    """

    def __init__(
        self,
        output_size: Sizes,
        kernel_size: Sizes,
        dilation: Sizes = 1,
        padding: Sizes = 0,
        stride: Sizes = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return F.fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )
