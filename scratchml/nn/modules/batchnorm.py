"""Batch normalisation: channels shifted and scaled by their mean and variance in the batch."""

from scratchml.nn import functional as F
from scratchml.nn.modules.running import RunningNorm
from scratchml.tensor.core import Tensor


class BatchNorm(RunningNorm):
    """What the layers for one to three axes share."""

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in self._axes:
            raise ValueError(
                f"{self._get_name()}: input must have shape {self._shapes}, got "
                f"{tuple(input.shape)}"
            )
        training = self.training
        if training and not self.track_running_stats:
            mean = variance = None
        else:
            mean, variance = self.running_mean, self.running_var
        momentum = self.momentum
        count = self.num_batches_tracked if training and mean is not None else None
        if momentum is None:  # the plain average over all batches
            momentum = 0.0 if count is None else 1.0 / (count.item() + 1)
        use_batch = training or mean is None
        output: Tensor = F.batch_norm(
            input, mean, variance, self.weight, self.bias, use_batch, momentum, self.eps
        )
        if count is not None:
            count.array[...] += 1
            count.version[0] += 1
        return output


class BatchNorm1d(BatchNorm):
    """Shift and scale each channel of sequences to mean 0 and variance 1, then by learned numbers.

    In training mean and variance are those of the batch, and averages of them are kept; in
    evaluation the averages are used. The input has shape (N, C) or (N, C, L).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float or None
        Share of a batch in the new averages; None makes them plain averages over all batches.
    affine : bool
        Whether scale and shift follow that are learned.
    track_running_stats : bool
        Whether averages are kept; without them evaluation uses the batch, too.
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
        The averages, at first 0 and 1.
    num_batches_tracked : Tensor of shape (), or None
        How many batches they are averages of; int64.

    Notes
    -----
    Source: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", ICML 2015.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.BatchNorm1d(3)
    >>> layer(torch.ones(4, 3)).max().item()
    0.0
    >>> layer.num_batches_tracked.item()
    1
    """

    _axes = (2, 3)
    _shapes = "(N, C) or (N, C, L)"


class BatchNorm2d(BatchNorm):
    """Shift and scale each channel of images to mean 0 and variance 1, then by learned numbers.

    In training mean and variance are those of the batch, and averages of them are kept; in
    evaluation the averages are used. The input has shape (N, C, H, W).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float or None
        Share of a batch in the new averages; None makes them plain averages over all batches.
    affine : bool
        Whether scale and shift follow that are learned.
    track_running_stats : bool
        Whether averages are kept; without them evaluation uses the batch, too.
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
        The averages, at first 0 and 1.
    num_batches_tracked : Tensor of shape (), or None
        How many batches they are averages of; int64.

    Notes
    -----
    Source: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", ICML 2015.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.BatchNorm2d(3)
    >>> layer(torch.ones(4, 3, 2, 2)).max().item()
    0.0
    >>> layer.num_batches_tracked.item()
    1
    """

    _axes = (4,)
    _shapes = "(N, C, H, W)"


class BatchNorm3d(BatchNorm):
    """Shift and scale each channel of volumes to mean 0 and variance 1, then by learned numbers.

    In training mean and variance are those of the batch, and averages of them are kept; in
    evaluation the averages are used. The input has shape (N, C, D, H, W).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float or None
        Share of a batch in the new averages; None makes them plain averages over all batches.
    affine : bool
        Whether scale and shift follow that are learned.
    track_running_stats : bool
        Whether averages are kept; without them evaluation uses the batch, too.
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
        The averages, at first 0 and 1.
    num_batches_tracked : Tensor of shape (), or None
        How many batches they are averages of; int64.

    Notes
    -----
    Source: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift", ICML 2015.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.BatchNorm3d(3)
    >>> layer(torch.ones(4, 3, 2, 2, 2)).max().item()
    0.0
    >>> layer.num_batches_tracked.item()
    1
    """

    _axes = (5,)
    _shapes = "(N, C, D, H, W)"
