"""Transposed convolutions, which make sequences, images and volumes larger."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.convolution import Sizes, TransposedConvolution
from scratchml.tensor.core import Tensor


class ConvTranspose1d(TransposedConvolution):
    """Spread the values of sequences over windows: what takes gradients back through `Conv1d`.

    The input has shape (N, in_channels, L) or (in_channels, L). Each of its
    places is multiplied by a filter and added to a window of the output; the windows lie `stride`
    apart.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size : int or (int,)
        Size of the filters.
    stride : int or (int,)
        Step from one window to the next.
    padding : int or (int,)
        What is cut off at both ends of each axis.
    output_padding : int or (int,)
        What is left on at the far end of each axis; less than `stride` or `dilation`.
    groups : int
        Into how many parts the channels are cut, which meet pairwise.
    bias : bool
        Whether a number is added to each output channel.
    dilation : int or (int,)
        Step from one place of a window to the next.
    padding_mode : {"zeros"}
        There is no other here.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (in_channels, out_channels / groups, length)
        Drawn uniformly from within 1 / sqrt(numbers in one of its rows).
    bias : Parameter of shape (out_channels,), or None
        Drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.conv_transpose1d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.ConvTranspose1d(3, 6, kernel_size=3, stride=2, padding=1)
    >>> tuple(layer(torch.ones(4, 3, 32)).shape)
    (4, 6, 63)
    """

    axes = 1

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__((in_channels, out_channels), groups, padding_mode)
        self._set_sizes(kernel_size, stride, padding, dilation)
        self.output_padding = self._per_axis("output_padding", output_padding)
        self._make_parameters(bias, device, dtype)

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        return F.conv_transpose1d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding if output_size is None else self._left_on(input, output_size),
            self.groups,
            self.dilation,
        )


class ConvTranspose2d(TransposedConvolution):
    """Spread the values of images over windows: what takes gradients back through `Conv2d`.

    The input has shape (N, in_channels, H, W) or (in_channels, H, W). Each of its
    places is multiplied by a filter and added to a window of the output; the windows lie `stride`
    apart.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size : int or (int, int)
        Size of the filters.
    stride : int or (int, int)
        Step from one window to the next.
    padding : int or (int, int)
        What is cut off at both ends of each axis.
    output_padding : int or (int, int)
        What is left on at the far end of each axis; less than `stride` or `dilation`.
    groups : int
        Into how many parts the channels are cut, which meet pairwise.
    bias : bool
        Whether a number is added to each output channel.
    dilation : int or (int, int)
        Step from one place of a window to the next.
    padding_mode : {"zeros"}
        There is no other here.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (in_channels, out_channels / groups, height, width)
        Drawn uniformly from within 1 / sqrt(numbers in one of its rows).
    bias : Parameter of shape (out_channels,), or None
        Drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.conv_transpose2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.ConvTranspose2d(3, 6, kernel_size=3, stride=2, padding=1)
    >>> tuple(layer(torch.ones(4, 3, 32, 32)).shape)
    (4, 6, 63, 63)
    """

    axes = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__((in_channels, out_channels), groups, padding_mode)
        self._set_sizes(kernel_size, stride, padding, dilation)
        self.output_padding = self._per_axis("output_padding", output_padding)
        self._make_parameters(bias, device, dtype)

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        return F.conv_transpose2d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding if output_size is None else self._left_on(input, output_size),
            self.groups,
            self.dilation,
        )


class ConvTranspose3d(TransposedConvolution):
    """Spread the values of volumes over windows: what takes gradients back through `Conv3d`.

    The input has shape (N, in_channels, D, H, W) or (in_channels, D, H, W). Each of its
    places is multiplied by a filter and added to a window of the output; the windows lie `stride`
    apart.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of the input and of the output.
    kernel_size : int or (int, int, int)
        Size of the filters.
    stride : int or (int, int, int)
        Step from one window to the next.
    padding : int or (int, int, int)
        What is cut off at both ends of each axis.
    output_padding : int or (int, int, int)
        What is left on at the far end of each axis; less than `stride` or `dilation`.
    groups : int
        Into how many parts the channels are cut, which meet pairwise.
    bias : bool
        Whether a number is added to each output channel.
    dilation : int or (int, int, int)
        Step from one place of a window to the next.
    padding_mode : {"zeros"}
        There is no other here.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (in_channels, out_channels / groups, depth, height, width)
        Drawn uniformly from within 1 / sqrt(numbers in one of its rows).
    bias : Parameter of shape (out_channels,), or None
        Drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.conv_transpose3d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.ConvTranspose3d(3, 6, kernel_size=3, stride=2, padding=1)
    >>> tuple(layer(torch.ones(1, 3, 8, 8, 8)).shape)
    (1, 6, 15, 15, 15)
    """

    axes = 3

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__((in_channels, out_channels), groups, padding_mode)
        self._set_sizes(kernel_size, stride, padding, dilation)
        self.output_padding = self._per_axis("output_padding", output_padding)
        self._make_parameters(bias, device, dtype)

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        return F.conv_transpose3d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding if output_size is None else self._left_on(input, output_size),
            self.groups,
            self.dilation,
        )
