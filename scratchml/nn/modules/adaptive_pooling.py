"""Adaptive pooling: as many windows as are asked for, whatever the input's size."""

from collections.abc import Sequence
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor

Sizes = int | None | Sequence[int | None]


class AdaptivePool(Layer):
    """What the layers share."""

    def __init__(self, output_size: Sizes) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool(AdaptivePool):
    """What those for maxima share."""

    def __init__(self, output_size: Sizes, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveAvgPool1d(AdaptivePool):
    """Cut sequences into as many parts as are asked for, and return the mean of each.

    The input has shape (N, C, L) or (C, L).

    Parameters
    ----------
    output_size : int
        Number of parts along each axis.

    See Also
    --------
    scratchml.nn.functional.adaptive_avg_pool1d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AdaptiveAvgPool1d(3)(torch.ones(1, 3, 8)).shape)
    (1, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(AdaptivePool):
    """Cut images into as many parts as are asked for, and return the mean of each.

    The input has shape (N, C, H, W) or (C, H, W).

    Parameters
    ----------
    output_size : int, None or tuple of them
        Number of parts along each axis; None is that of the input.

    See Also
    --------
    scratchml.nn.functional.adaptive_avg_pool2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AdaptiveAvgPool2d(3)(torch.ones(1, 3, 8, 8)).shape)
    (1, 3, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(AdaptivePool):
    """Cut volumes into as many parts as are asked for, and return the mean of each.

    The input has shape (N, C, D, H, W) or (C, D, H, W).

    Parameters
    ----------
    output_size : int, None or tuple of them
        Number of parts along each axis; None is that of the input.

    See Also
    --------
    scratchml.nn.functional.adaptive_avg_pool3d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AdaptiveAvgPool3d(3)(torch.ones(1, 3, 8, 8, 8)).shape)
    (1, 3, 3, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """Cut sequences into as many parts as are asked for, and return the largest value of each.

    The input has shape (N, C, L) or (C, L).

    Parameters
    ----------
    output_size : int
        Number of parts along each axis.
    return_indices : bool
        Whether to return (output, indices) with the positions of the maxima.

    See Also
    --------
    scratchml.nn.functional.adaptive_max_pool1d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AdaptiveMaxPool1d(3)(torch.ones(1, 3, 8)).shape)
    (1, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """Cut images into as many parts as are asked for, and return the largest value of each.

    The input has shape (N, C, H, W) or (C, H, W).

    Parameters
    ----------
    output_size : int, None or tuple of them
        Number of parts along each axis; None is that of the input.
    return_indices : bool
        Whether to return (output, indices) with the positions of the maxima.

    See Also
    --------
    scratchml.nn.functional.adaptive_max_pool2d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AdaptiveMaxPool2d(3)(torch.ones(1, 3, 8, 8)).shape)
    (1, 3, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """Cut volumes into as many parts as are asked for, and return the largest value of each.

    The input has shape (N, C, D, H, W) or (C, D, H, W).

    Parameters
    ----------
    output_size : int, None or tuple of them
        Number of parts along each axis; None is that of the input.
    return_indices : bool
        Whether to return (output, indices) with the positions of the maxima.

    See Also
    --------
    scratchml.nn.functional.adaptive_max_pool3d : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.AdaptiveMaxPool3d(3)(torch.ones(1, 3, 8, 8, 8)).shape)
    (1, 3, 3, 3, 3)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)
