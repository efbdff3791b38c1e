"""Convolutions: filters that slide over sequences, images and volumes."""

from collections.abc import Sequence
from typing import Any, ClassVar

from scratchml.nn import functional as F
from scratchml.nn import init
from scratchml.nn.modules.layer import Layer
from scratchml.nn.modules.placement import new_parameter
from scratchml.tensor.tensor import Tensor

Sizes = int | Sequence[int]
MODES = ("zeros", "reflect", "replicate", "circular")


class Convolution(Layer):
    """What convolutions of one to three axes share, those that are transposed too."""

    axes: ClassVar[int]
    transposed: ClassVar[bool] = False
    weight: Any
    bias: Any

    def _prepare(
        self,
        channels: tuple[int, int],
        kernel_size: Sizes,
        stride: Sizes,
        padding: Sizes | str,
        dilation: Sizes,
        groups: int,
        padding_mode: str,
    ) -> None:
        """Check the arguments and keep them as attributes."""
        Layer.__init__(self)
        self.in_channels, self.out_channels = channels
        self.groups = groups
        self._check_channels()
        self.kernel_size = self._per_axis("kernel_size", kernel_size)
        self.stride = self._per_axis("stride", stride)
        self.dilation = self._per_axis("dilation", dilation)
        self.padding = padding if isinstance(padding, str) else self._per_axis("padding", padding)
        self.output_padding: tuple[int, ...] = (0,) * self.axes
        if padding_mode not in MODES:
            raise ValueError(
                f"padding_mode of {self._get_name()} must be one of {MODES}, got {padding_mode!r}"
            )
        self.padding_mode = padding_mode
        self._check_same()

    def _make(self, bias: bool, device: Any, dtype: Any) -> None:
        """Make weight and bias, and draw them."""
        a, b = self.out_channels, self.in_channels
        first, second = (b, a) if self.transposed else (a, b)
        shape = (first, second // self.groups, *self.kernel_size)
        self.weight = new_parameter(shape, device, dtype, self._get_name())
        if bias:
            self.bias = new_parameter((a,), device, dtype, self._get_name())
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.fan_in_uniform_(self.weight, self.bias)

    def _check_channels(self) -> None:
        if not isinstance(self.groups, int) or self.groups < 1:
            raise ValueError(
                f"groups of {self._get_name()} must be an int of at least 1, got {self.groups!r}"
            )
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                raise ValueError(
                    f"{name} of {self._get_name()} must be a multiple of groups={self.groups}, got "
                    f"{getattr(self, name)}"
                )

    def _check_same(self) -> None:
        if not isinstance(self.padding, str):
            return
        name = self._get_name()
        if self.padding not in ("same", "valid"):
            raise ValueError(
                f"padding of {name} must be an int, {self.axes} of them, 'same' or 'valid', got "
                f"{self.padding!r}"
            )
        if self.padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError(f"padding='same' of {name} needs stride 1, got {self.stride}")

    def _per_axis(self, name: str, value: Sizes) -> tuple[int, ...]:
        sizes = (value,) * self.axes if isinstance(value, int) else tuple(value)
        if len(sizes) != self.axes or not all(isinstance(size, int) for size in sizes):
            raise ValueError(
                f"{name} of {self._get_name()} must be an int or {self.axes} of them, got {value!r}"
            )
        return sizes

    def extra_repr(self) -> str:
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}"
        )
        usual = {
            "padding": (0,) * self.axes,
            "dilation": (1,) * self.axes,
            "output_padding": (0,) * self.axes,
            "groups": 1,
        }
        for name, value in usual.items():
            if getattr(self, name) != value:
                text += f", {name}={getattr(self, name)}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else f"{text}, padding_mode={self.padding_mode}"


class Conv2d(Convolution):
    """Slide filters over images.

    Parameters
    ----------
    in_channels, out_channels : int
        C and O, the channels of the input and of the output.
    kernel_size : int or (int, int)
        Height and width of the filters.
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
    weight : Parameter of shape (O, C / groups, height, width)
        Drawn uniformly from within 1 / sqrt(numbers in one filter).
    bias : Parameter of shape (O,), or None
        Drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.conv2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Conv2d(3, 6, 5, padding="same")
    >>> layer
    Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1), padding=same)
    >>> tuple(layer(torch.ones(4, 3, 32, 32)).shape)
    (4, 6, 32, 32)
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
        channels = (in_channels, out_channels)
        self._prepare(channels, kernel_size, stride, padding, dilation, groups, padding_mode)
        self._make(bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return F.conv2d(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
