"""Convolutions: filters that slide over sequences, images and volumes."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.convolution import Convolution, Sizes
from scratchml.tensor.core import Tensor


class Conv1d(Convolution):
    """Slide filters over sequences.

    The input has shape (N, in_channels, L) or (in_channels, L).

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size : int or (int,)
        Size of the filters.
    stride : int or (int,)
        Step from one window to the next.
    padding : int, (int,), "same" or "valid"
        What is added at both ends of each axis; "same" keeps the size and needs stride 1.
    dilation : int or (int,)
        Step from one place of a window to the next.
    groups : int
        Into how many parts the channels are cut, which meet pairwise.
    bias : bool
        Whether a number is added to each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding is made of.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels / groups, length)
        Drawn uniformly from within 1 / sqrt(numbers in one filter).
    bias : Parameter of shape (out_channels,), or None
        Drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.conv1d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Conv1d(3, 6, kernel_size=5)
    >>> layer
    Conv1d(3, 6, kernel_size=(5,), stride=(1,))
    >>> tuple(layer(torch.ones(4, 3, 32)).shape)
    (4, 6, 28)
    """

    axes = 1

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__((in_channels, out_channels), groups, padding_mode)
        self._set_sizes(kernel_size, stride, padding, dilation)
        self._make_parameters(bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = self._padded(input), 0
        return F.conv1d(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )


class Conv2d(Convolution):
    """Slide filters over images.

    The input has shape (N, in_channels, H, W) or (in_channels, H, W).

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size : int or (int, int)
        Size of the filters.
    stride : int or (int, int)
        Step from one window to the next.
    padding : int, (int, int), "same" or "valid"
        What is added at both ends of each axis; "same" keeps the size and needs stride 1.
    dilation : int or (int, int)
        Step from one place of a window to the next.
    groups : int
        Into how many parts the channels are cut, which meet pairwise.
    bias : bool
        Whether a number is added to each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding is made of.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels / groups, height, width)
        Drawn uniformly from within 1 / sqrt(numbers in one filter).
    bias : Parameter of shape (out_channels,), or None
        Drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.conv2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Conv2d(3, 6, kernel_size=5)
    >>> layer
    Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1))
    >>> tuple(layer(torch.ones(4, 3, 32, 32)).shape)
    (4, 6, 28, 28)
    """

    axes = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__((in_channels, out_channels), groups, padding_mode)
        self._set_sizes(kernel_size, stride, padding, dilation)
        self._make_parameters(bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = self._padded(input), 0
        return F.conv2d(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )


class Conv3d(Convolution):
    """Slide filters over volumes.

    The input has shape (N, in_channels, D, H, W) or (in_channels, D, H, W).

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size : int or (int, int, int)
        Size of the filters.
    stride : int or (int, int, int)
        Step from one window to the next.
    padding : int, (int, int, int), "same" or "valid"
        What is added at both ends of each axis; "same" keeps the size and needs stride 1.
    dilation : int or (int, int, int)
        Step from one place of a window to the next.
    groups : int
        Into how many parts the channels are cut, which meet pairwise.
    bias : bool
        Whether a number is added to each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding is made of.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels / groups, depth, height, width)
        Drawn uniformly from within 1 / sqrt(numbers in one filter).
    bias : Parameter of shape (out_channels,), or None
        Drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.conv3d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Conv3d(3, 6, kernel_size=5)
    >>> layer
    Conv3d(3, 6, kernel_size=(5, 5, 5), stride=(1, 1, 1))
    >>> tuple(layer(torch.ones(1, 3, 8, 8, 8)).shape)
    (1, 6, 4, 4, 4)
    """

    axes = 3

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__((in_channels, out_channels), groups, padding_mode)
        self._set_sizes(kernel_size, stride, padding, dilation)
        self._make_parameters(bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = self._padded(input), 0
        return F.conv3d(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )
