"""Padding as layers: a border around sequences, images and volumes."""

from collections.abc import Sequence
from typing import ClassVar

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor

Sizes = int | Sequence[int]


class Padding(Layer):
    """What the layers share."""

    axes: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Sizes) -> None:
        super().__init__()
        n = 2 * self.axes
        self.padding = (padding,) * n if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != n:
            raise ValueError(
                f"padding of {self._get_name()} must be an int or {n} of them, got {padding!r}"
            )

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return str(self.padding)


class ConstantPadding(Padding):
    """What the layers with a constant share."""

    mode = "constant"

    def __init__(self, padding: Sizes, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ZeroPadding(ConstantPadding):
    """What the layers with zeros share."""

    def __init__(self, padding: Sizes) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return str(self.padding)


class ConstantPad1d(ConstantPadding):
    """Put a border of a constant around sequences.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Its width on all sides, or on each: (left, right).
    value : float
        The constant.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ConstantPad1d(1, 3.5)(torch.ones(1, 4)).shape)
    (1, 6)
    """

    axes = 1


class ConstantPad2d(ConstantPadding):
    """Put a border of a constant around images.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Its width on all sides, or on each: (left, right, top, bottom).
    value : float
        The constant.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ConstantPad2d(1, 3.5)(torch.ones(1, 4, 4)).shape)
    (1, 6, 6)
    """

    axes = 2


class ConstantPad3d(ConstantPadding):
    """Put a border of a constant around volumes.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Its width on all sides, or on each: (left, right, top, bottom, front, back).
    value : float
        The constant.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ConstantPad3d(1, 3.5)(torch.ones(1, 4, 4, 4)).shape)
    (1, 6, 6, 6)
    """

    axes = 3


class ZeroPad1d(ZeroPadding):
    """Put a border of zeros around sequences.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Its width on all sides, or on each: (left, right).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ZeroPad1d(1)(torch.ones(1, 4)).shape)
    (1, 6)
    """

    axes = 1


class ZeroPad2d(ZeroPadding):
    """Put a border of zeros around images.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Its width on all sides, or on each: (left, right, top, bottom).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ZeroPad2d(1)(torch.ones(1, 4, 4)).shape)
    (1, 6, 6)
    """

    axes = 2


class ZeroPad3d(ZeroPadding):
    """Put a border of zeros around volumes.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Its width on all sides, or on each: (left, right, top, bottom, front, back).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.ZeroPad3d(1)(torch.ones(1, 4, 4, 4)).shape)
    (1, 6, 6, 6)
    """

    axes = 3
