"""The undoing of maximum pooling: maxima go back to where they were, all else is zero."""

from collections.abc import Sequence
from typing import Any, ClassVar

from scratchml.nn import functional as F
from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor

Sizes = int | Sequence[int]


class MaxUnpool(Module):
    """What the layers for one to three axes share."""

    axes: ClassVar[int]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        super().__init__()
        self.kernel_size = self._per_axis(kernel_size)
        self.stride = self.kernel_size if stride is None else self._per_axis(stride)
        self.padding = self._per_axis(padding)

    def _per_axis(self, size: Sizes) -> tuple[int, ...]:
        return (size,) * self.axes if isinstance(size, int) else tuple(size)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """Compute the layer's output.

        Parameters
        ----------
        input : Tensor
            The maxima.
        indices : Tensor
            Where they were, as ``return_indices=True`` gives it.
        output_size : sequence of int, optional
            The size of what was pooled; by default the smallest that it can have been.
        """
        raise NotImplementedError

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(MaxUnpool):
    """Put the maxima of sequences back to where `MaxPool1d` found them; all else is zero.

    Parameters
    ----------
    kernel_size : int or tuple of int
        That of the pooling.
    stride : int or tuple of int, optional
        That of the pooling; by default the kernel size.
    padding : int or tuple of int
        That of the pooling.

    See Also
    --------
    scratchml.nn.functional.max_unpool1d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> maxima, indices = nn.MaxPool1d(2, return_indices=True)(torch.ones(1, 1, 4))
    >>> nn.MaxUnpool1d(2)(maxima, indices).sum().item()
    2.0
    """

    axes = 1

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        return F.max_unpool1d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool2d(MaxUnpool):
    """Put the maxima of images back to where `MaxPool2d` found them; all else is zero.

    Parameters
    ----------
    kernel_size : int or tuple of int
        That of the pooling.
    stride : int or tuple of int, optional
        That of the pooling; by default the kernel size.
    padding : int or tuple of int
        That of the pooling.

    See Also
    --------
    scratchml.nn.functional.max_unpool2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> maxima, indices = nn.MaxPool2d(2, return_indices=True)(torch.ones(1, 1, 4, 4))
    >>> nn.MaxUnpool2d(2)(maxima, indices).sum().item()
    4.0
    """

    axes = 2

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        return F.max_unpool2d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class MaxUnpool3d(MaxUnpool):
    """Put the maxima of volumes back to where `MaxPool3d` found them; all else is zero.

    Parameters
    ----------
    kernel_size : int or tuple of int
        That of the pooling.
    stride : int or tuple of int, optional
        That of the pooling; by default the kernel size.
    padding : int or tuple of int
        That of the pooling.

    See Also
    --------
    scratchml.nn.functional.max_unpool3d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> maxima, indices = nn.MaxPool3d(2, return_indices=True)(torch.ones(1, 1, 4, 4, 4))
    >>> nn.MaxUnpool3d(2)(maxima, indices).sum().item()
    8.0
    """

    axes = 3

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        return F.max_unpool3d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )
