"""Linear maps of the last axis: Linear, Bilinear, and Identity, which does nothing."""

import math
from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.init.plain import uniform_
from scratchml.nn.init.scaled import fan_in_uniform_
from scratchml.nn.modules.layer import Layer
from scratchml.nn.modules.module import Module
from scratchml.nn.modules.placement import new_parameter
from scratchml.tensor.core import Tensor


class Identity(Layer):
    """Return the input.

    Parameters
    ----------
    *args, **kwargs : Any
        Ignored, so that it can stand in for any layer.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> x = torch.ones(2)
    >>> nn.Identity(64, bias=False)(x) is x
    True
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


class Linear(Layer):
    """Multiply the last axis by a matrix: y = x W' + b.

    Parameters
    ----------
    in_features : int
        Length of the last axis of the input.
    out_features : int
        Length of the last axis of the output.
    bias : bool
        Whether there is a b.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (out_features, in_features)
        W, drawn uniformly from within 1 / sqrt(in_features).
    bias : Parameter of shape (out_features,), or None
        b, drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.linear : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Linear(20, 30)
    >>> tuple(layer(torch.ones(128, 20)).shape)
    (128, 30)
    """

    weight: Any
    bias: Any

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = new_parameter((out_features, in_features), device, dtype, "Linear")
        if bias:
            self.bias = new_parameter((out_features,), device, dtype, "Linear")
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        fan_in_uniform_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"


class Bilinear(Module):
    """Combine two inputs by one matrix for each output feature: y_k = u' W_k v + b_k.

    Parameters
    ----------
    in1_features, in2_features : int
        Lengths of the last axes of the inputs.
    out_features : int
        Length of the last axis of the output.
    bias : bool
        Whether there is a b.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the parameters; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (out_features, in1_features, in2_features)
        W, drawn uniformly from within 1 / sqrt(in1_features).
    bias : Parameter of shape (out_features,), or None
        b, drawn in the same way.

    See Also
    --------
    scratchml.nn.functional.bilinear : The function.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> layer = nn.Bilinear(20, 30, 40)
    >>> tuple(layer(torch.ones(128, 20), torch.ones(128, 30)).shape)
    (128, 40)
    """

    weight: Any
    bias: Any

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if in1_features <= 0:
            raise ValueError(f"in1_features of Bilinear must be at least 1, got {in1_features}")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        shape = (out_features, in1_features, in2_features)
        self.weight = new_parameter(shape, device, dtype, "Bilinear")
        if bias:
            self.bias = new_parameter((out_features,), device, dtype, "Bilinear")
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.in1_features)
        uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Compute the layer's output.

        Parameters
        ----------
        input1 : Tensor of shape (..., in1_features)
            u.
        input2 : Tensor of shape (..., in2_features)
            v, with the same axes before the last.
        """
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
