"""What convolutions of one to three axes share: their checks, their parameters, their repr."""

import operator
from collections.abc import Sequence
from typing import Any, ClassVar

from scratchml.nn import functional as F
from scratchml.nn.init.scaled import fan_in_uniform_
from scratchml.nn.modules.layer import Layer
from scratchml.nn.modules.placement import new_parameter
from scratchml.tensor.core import Tensor

Sizes = int | Sequence[int]
MODES = ("zeros", "reflect", "replicate", "circular")


class Convolution(Layer):
    """What all convolutions share, those that are transposed too."""

    axes: ClassVar[int]
    transposed: ClassVar[bool] = False
    weight: Any
    bias: Any
    padding: Any

    def __init__(self, channels: tuple[int, int], groups: int, padding_mode: str) -> None:
        super().__init__()
        name = self._get_name()
        if not isinstance(groups, int) or groups < 1:
            raise ValueError(f"groups of {name} must be an int of at least 1, got {groups!r}")
        for what, number in zip(("in_channels", "out_channels"), channels, strict=True):
            if number % groups:
                raise ValueError(
                    f"{what} of {name} must be a multiple of groups={groups}, got {number}"
                )
        if padding_mode not in MODES:
            raise ValueError(f"padding_mode of {name} must be one of {MODES}, got {padding_mode!r}")
        self.in_channels, self.out_channels = channels
        self.groups = groups
        self.padding_mode = padding_mode
        self.output_padding: tuple[int, ...] = (0,) * self.axes

    def _set_sizes(
        self, kernel_size: Sizes, stride: Sizes, padding: Sizes | str, dilation: Sizes
    ) -> None:
        self.kernel_size = self._per_axis("kernel_size", kernel_size)
        self.stride = self._per_axis("stride", stride)
        self.dilation = self._per_axis("dilation", dilation)
        if not isinstance(padding, str):
            self.padding = self._per_axis("padding", padding)
            return
        name = self._get_name()
        if padding not in ("same", "valid") or self.transposed:
            strings = "" if self.transposed else ", 'same' or 'valid'"
            raise ValueError(
                f"padding of {name} must be an int or {self.axes} of them{strings}, got {padding!r}"
            )
        if padding == "same" and any(step != 1 for step in self.stride):
            raise ValueError(f"padding='same' of {name} needs stride 1, got {self.stride}")
        self.padding = padding

    def _make_parameters(self, bias: bool, device: Any, dtype: Any) -> None:
        """Make weight and bias, and draw them."""
        first, second = self.out_channels, self.in_channels
        if self.transposed:
            first, second = second, first
        shape = (first, second // self.groups, *self.kernel_size)
        self.weight = new_parameter(shape, device, dtype, self._get_name())
        if bias:
            self.bias = new_parameter((self.out_channels,), device, dtype, self._get_name())
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        fan_in_uniform_(self.weight, self.bias)

    def _per_axis(self, name: str, value: Sizes) -> tuple[int, ...]:
        given = tuple(value) if isinstance(value, Sequence) else (value,) * self.axes
        try:
            sizes = tuple([operator.index(size) for size in given])
        except TypeError:
            sizes = ()
        if len(sizes) != self.axes:
            raise ValueError(
                f"{name} of {self._get_name()} must be an int or {self.axes} of them, got {value!r}"
            )
        return sizes

    def _padded(self, input: Tensor) -> Tensor:
        """Return the input with a border that is not made of zeros."""
        ends: list[int] = []  # of the last axis first, as F.pad takes them
        for i in reversed(range(self.axes)):
            if self.padding == "same":
                total = self.dilation[i] * (self.kernel_size[i] - 1)
                ends += [total // 2, total - total // 2]
            else:
                ends += [0 if self.padding == "valid" else self.padding[i]] * 2
        padded: Tensor = F.pad(input, tuple(ends), mode=self.padding_mode)
        return padded

    def extra_repr(self) -> str:
        usual = {
            "padding": (0,) * self.axes,
            "dilation": (1,) * self.axes,
            "output_padding": (0,) * self.axes,
            "groups": 1,
        }
        parts = [f"{self.in_channels}, {self.out_channels}"]
        parts += [f"kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"{k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v]
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class TransposedConvolution(Convolution):
    """What transposed convolutions share."""

    transposed = True

    def __init__(self, channels: tuple[int, int], groups: int, padding_mode: str) -> None:
        super().__init__(channels, groups, padding_mode)
        if padding_mode != "zeros":
            raise ValueError(
                f"padding_mode of {self._get_name()} must be 'zeros', got {padding_mode!r}"
            )

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Compute the layer's output.

        Parameters
        ----------
        input : Tensor
            Of a shape that the layer's description names.
        output_size : sequence of int, optional
            The size that the output is to have; it takes the place of `output_padding`.
        """
        raise NotImplementedError

    def _left_on(self, input: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """Return the output_padding that makes the output as large as is wanted."""
        wanted = tuple(output_size)[-self.axes :]
        least = [
            (n - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1
            for n, stride, padding, dilation, kernel in zip(
                input.shape[-self.axes :],
                self.stride,
                self.padding,
                self.dilation,
                self.kernel_size,
                strict=True,
            )
        ]
        most = [n + stride - 1 for n, stride in zip(least, self.stride, strict=True)]
        fits = len(wanted) == self.axes and len(output_size) in (
            self.axes,
            len(input.shape),
        )
        if not fits or any(not a <= n <= b for a, n, b in zip(least, wanted, most, strict=True)):
            raise ValueError(
                f"output_size of {self._get_name()} must be between {tuple(least)} and "
                f"{tuple(most)} for an input of shape {tuple(input.shape)}, got "
                f"{tuple(output_size)}"
            )
        return tuple([n - a for n, a in zip(wanted, least, strict=True)])
