"""Normalisation of each sample by itself: LayerNorm, GroupNorm, RMSNorm, LocalResponseNorm."""

from collections.abc import Sequence
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.init.constants import ones_, zeros_
from scratchml.nn.modules.layer import Layer
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.placement import new_parameter
from scratchml.tensor.core import Tensor


class LayerNorm(Layer):
    """Shift and scale the last axes of each sample to mean 0 and variance 1.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which mean and variance go.
    eps : float
        Added to the variance.
    elementwise_affine : bool
        Whether scale and shift follow that are learned.
    bias : bool
        Whether there is a shift, if `elementwise_affine`.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight, bias : Parameter of shape normalized_shape, or None
        Scale and shift, at first 1 and 0.

    Notes
    -----
    Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", 2016.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.LayerNorm(2)(torch.tensor([[1.0, 3.0], [10.0, 30.0]])).round(decimals=3).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """

    weight: Any
    bias: Any

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shape = self.normalized_shape
        new = [new_parameter(shape, device, dtype, "LayerNorm") for _ in range(2)]
        self.register_parameter("weight", new[0] if elementwise_affine else None)
        self.register_parameter("bias", new[1] if elementwise_affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set scale and shift back to 1 and 0."""
        _reset(self)

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class GroupNorm(Layer):
    """Shift and scale groups of the channels of each sample to mean 0 and variance 1.

    The input has shape (N, C) or (N, C, ...).

    Parameters
    ----------
    num_groups : int
        Number of groups.
    num_channels : int
        C, a multiple of it.
    eps : float
        Added to the variance.
    affine : bool
        Whether a scale and a shift for each channel follow that are learned.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.
    bias : bool
        Whether there is a shift, if `affine`.

    Attributes
    ----------
    weight, bias : Parameter of shape (num_channels,), or None
        Scale and shift, at first 1 and 0.

    Notes
    -----
    Source: Y. Wu, K. He, "Group normalization", ECCV 2018.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.GroupNorm(3, 6)(torch.ones(20, 6, 10, 10)).max().item()
    0.0
    """

    weight: Any
    bias: Any

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(
                f"num_channels of GroupNorm must be a multiple of num_groups={num_groups}, got "
                f"{num_channels}"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        new = [new_parameter((num_channels,), device, dtype, "GroupNorm") for _ in range(2)]
        self.register_parameter("weight", new[0] if affine else None)
        self.register_parameter("bias", new[1] if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set scale and shift back to 1 and 0."""
        _reset(self)

    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        bias = self.bias is not None
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={bias}"
        )


class RMSNorm(Module):
    """Divide the last axes of each sample by the root of the mean of their squares.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which the mean goes.
    eps : float, optional
        Added to the mean; by default the dtype's epsilon.
    elementwise_affine : bool
        Whether a scale follows that is learned.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the scale; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape normalized_shape, or None
        The scale, at first 1.

    Notes
    -----
    Source: B. Zhang, R. Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.RMSNorm(2)(torch.tensor([1.0, 7.0])).round(decimals=3).tolist() == [
    ...     torch.tensor(v).item() for v in (0.2, 1.4)
    ... ]
    True
    """

    weight: Any

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        weight = new_parameter(self.normalized_shape, device, dtype, "RMSNorm")
        self.register_parameter("weight", weight if elementwise_affine else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale back to 1."""
        if self.weight is not None:
            ones_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the layer's output.

        Parameters
        ----------
        x : Tensor whose shape ends in normalized_shape
            The input.
        """
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class LocalResponseNorm(Layer):
    """Divide each number by a power of the mean of squares over the channels around its own.

    The input has shape (N, C) or (N, C, ...).

    Parameters
    ----------
    size : int
        How many channels the mean goes over.
    alpha : float
        Factor of the mean.
    beta : float
        The power.
    k : float
        Added to the mean.

    Notes
    -----
    Source: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep
    convolutional neural networks", NeurIPS 2012.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> tuple(nn.LocalResponseNorm(2)(torch.ones(32, 5, 24, 24)).shape)
    (32, 5, 24, 24)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def as_shape(sizes: int | Sequence[int]) -> tuple[int, ...]:
    """Return one length or several as a tuple."""
    return (sizes,) if isinstance(sizes, int) else tuple(sizes)


def _reset(layer: Any) -> None:
    if layer.weight is not None:
        ones_(layer.weight)
    if layer.bias is not None:
        zeros_(layer.bias)
