"""Instance normalisation: each channel of each sample by its own mean and variance."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.modules.running import RunningNorm
from scratchml.tensor.core import Tensor


class InstanceNorm(RunningNorm):
    """What the layers for one to three axes share."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in self._axes:
            raise ValueError(
                f"{self._get_name()}: input must have shape {self._shapes}, got "
                f"{tuple(input.shape)}"
            )
        alone = input.ndim == self._axes[0]
        output: Tensor = F.instance_norm(
            input.unsqueeze(0) if alone else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return output.squeeze(0) if alone else output


class InstanceNorm1d(InstanceNorm):
    """Shift and scale each channel of each of some sequences to mean 0 and variance 1.

    The input has shape (N, C, L) or (C, L).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float or None
        Share of a batch in the new averages, if they are kept.
    affine : bool
        Whether scale and shift follow that are learned.
    track_running_stats : bool
        Whether averages of mean and variance are kept, and used in evaluation.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of parameters and averages; float32 by default.
    bias : bool
        Whether there is a shift, if `affine`.

    Attributes
    ----------
    weight, bias : Parameter of shape (num_features,), or None
        Scale and shift, at first 1 and 0.
    running_mean, running_var : Tensor of shape (num_features,), or None
        The averages.

    Notes
    -----
    Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance normalization: the missing ingredient
    for fast stylization", 2016.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.InstanceNorm1d(3)(torch.ones(4, 3, 2)).max().item()
    0.0
    """

    _axes = (2, 3)
    _shapes = "(N, C, L) or (C, L)"


class InstanceNorm2d(InstanceNorm):
    """Shift and scale each channel of each of some images to mean 0 and variance 1.

    The input has shape (N, C, H, W) or (C, H, W).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float or None
        Share of a batch in the new averages, if they are kept.
    affine : bool
        Whether scale and shift follow that are learned.
    track_running_stats : bool
        Whether averages of mean and variance are kept, and used in evaluation.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of parameters and averages; float32 by default.
    bias : bool
        Whether there is a shift, if `affine`.

    Attributes
    ----------
    weight, bias : Parameter of shape (num_features,), or None
        Scale and shift, at first 1 and 0.
    running_mean, running_var : Tensor of shape (num_features,), or None
        The averages.

    Notes
    -----
    Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance normalization: the missing ingredient
    for fast stylization", 2016.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.InstanceNorm2d(3)(torch.ones(4, 3, 2, 2)).max().item()
    0.0
    """

    _axes = (3, 4)
    _shapes = "(N, C, H, W) or (C, H, W)"


class InstanceNorm3d(InstanceNorm):
    """Shift and scale each channel of each of some volumes to mean 0 and variance 1.

    The input has shape (N, C, D, H, W) or (C, D, H, W).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float or None
        Share of a batch in the new averages, if they are kept.
    affine : bool
        Whether scale and shift follow that are learned.
    track_running_stats : bool
        Whether averages of mean and variance are kept, and used in evaluation.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of parameters and averages; float32 by default.
    bias : bool
        Whether there is a shift, if `affine`.

    Attributes
    ----------
    weight, bias : Parameter of shape (num_features,), or None
        Scale and shift, at first 1 and 0.
    running_mean, running_var : Tensor of shape (num_features,), or None
        The averages.

    Notes
    -----
    Source: D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance normalization: the missing ingredient
    for fast stylization", 2016.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.InstanceNorm3d(3)(torch.ones(4, 3, 2, 2, 2)).max().item()
    0.0
    """

    _axes = (4, 5)
    _shapes = "(N, C, D, H, W) or (C, D, H, W)"
