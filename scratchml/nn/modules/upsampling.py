"""Upsample: sequences, images and volumes of another size."""

from collections.abc import Sequence
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor


class Upsample(Layer):
    """Resize sequences, images and volumes.

    Parameters
    ----------
    size : int or sequence of int, optional
        The new lengths.
    scale_factor : float or sequence of float, optional
        What the lengths are multiplied by; either this or `size` is given.
    mode : {"nearest", "linear", "bilinear", "trilinear"}
        Whether values are repeated or interpolated.
    align_corners : bool, optional
        Whether the corners of input and output fall together, in the linear modes.
    recompute_scale_factor : bool, optional
        Whether the factor is computed anew from the rounded lengths.

    See Also
    --------
    scratchml.nn.functional.interpolate : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Upsample(scale_factor=2)(torch.tensor([[[1.0, 2.0]]])).tolist()
    [[[1.0, 1.0, 2.0, 2.0]]]
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = tuple(size) if isinstance(size, Sequence) else size
        self.scale_factor: Any = scale_factor
        if isinstance(scale_factor, Sequence):
            self.scale_factor = tuple([float(factor) for factor in scale_factor])
        elif scale_factor is not None:
            self.scale_factor = float(scale_factor)
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"
