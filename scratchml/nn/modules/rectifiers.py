"""Rectifiers: activations that let positive values through."""

from typing import Any

from scratchml.nn import functional as F
from scratchml.nn.init.constants import constant_
from scratchml.nn.modules.layer import Layer
from scratchml.nn.modules.placement import new_parameter
from scratchml.tensor.core import Tensor


class ReLU(Layer):
    """Return max(x, 0).

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.ReLU()(torch.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class ReLU6(Layer):
    """Return min(max(x, 0), 6).

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.ReLU6()(torch.tensor([-1.0, 2.0, 8.0])).tolist()
    [0.0, 2.0, 6.0]
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.relu6(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class LeakyReLU(Layer):
    """Return x where it is positive, and `negative_slope` x where it is not.

    Parameters
    ----------
    negative_slope : float
        The slope on the left.
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.LeakyReLU(0.5)(torch.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        inplace = ", inplace=True" if self.inplace else ""
        return f"negative_slope={self.negative_slope}{inplace}"


class RReLU(Layer):
    """Return x where it is positive, and a x where it is not, with a random slope a.

    Parameters
    ----------
    lower : float
        The least slope.
    upper : float
        The largest slope; its mean with `lower` is used in evaluation.
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: B. Xu, N. Wang, T. Chen, M. Li, "Empirical evaluation of rectified activations in
    convolutional network", 2015.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.RReLU(0.25, 0.75).eval()(torch.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        inplace = ", inplace=True" if self.inplace else ""
        return f"lower={self.lower}, upper={self.upper}{inplace}"


class ELU(Layer):
    """Return x where it is positive, and `alpha` (exp(x) - 1) where it is not.

    Parameters
    ----------
    alpha : float
        How far below zero the output goes.
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning
    by exponential linear units", ICLR 2016.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.ELU()(torch.tensor([0.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        inplace = ", inplace=True" if self.inplace else ""
        return f"alpha={self.alpha}{inplace}"


class CELU(Layer):
    """Return x where it is positive, and `alpha` (exp(x / alpha) - 1) where it is not.

    Parameters
    ----------
    alpha : float
        How far below zero the output goes.
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: J. T. Barron, "Continuously differentiable exponential linear units", 2017.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.CELU()(torch.tensor([0.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        inplace = ", inplace=True" if self.inplace else ""
        return f"alpha={self.alpha}{inplace}"


class SELU(Layer):
    """Return the `ELU` that keeps mean 0 and variance 1 from layer to layer.

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-normalizing neural
    networks", NeurIPS 2017.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.SELU()(torch.tensor([1.0])).item(), 4)
    1.0507
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.selu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Threshold(Layer):
    """Return x where it is above a threshold, and a fixed value where it is not.

    Parameters
    ----------
    threshold : float
        The threshold.
    value : float
        What stands in for smaller values.
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Threshold(1.0, 20.0)(torch.tensor([0.5, 2.0])).tolist()
    [20.0, 2.0]
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        inplace = ", inplace=True" if self.inplace else ""
        return f"threshold={self.threshold}, value={self.value}{inplace}"


class Hardtanh(Layer):
    """Return x, cut off at a lower and an upper bound.

    Parameters
    ----------
    min_val : float
        The lower bound.
    max_val : float
        The upper bound.
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Hardtanh()(torch.tensor([-3.0, 0.5, 2.0])).tolist()
    [-1.0, 0.5, 1.0]
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        inplace = ", inplace=True" if self.inplace else ""
        return f"min_val={self.min_val}, max_val={self.max_val}{inplace}"


class Hardshrink(Layer):
    """Return x where |x| is above `lambd`, and 0 where it is not.

    Parameters
    ----------
    lambd : float
        The bound.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Hardshrink()(torch.tensor([-3.0, 0.5, 2.0])).tolist()
    [-3.0, 0.0, 2.0]
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Softshrink(Layer):
    """Return x moved towards 0 by `lambd`, and 0 where it is nearer than that.

    Parameters
    ----------
    lambd : float
        How far it is moved.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Softshrink()(torch.tensor([-3.0, 0.5, 2.0])).tolist()
    [-2.5, 0.0, 1.5]
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class PReLU(Layer):
    """Return x where it is positive, and a x where it is not, with a slope a that is learned.

    Parameters
    ----------
    num_parameters : int
        1, or the number of channels (axis 1 of the input) for a slope each.
    init : float
        The slope at first.
    device : {"cpu"}, optional
        The only one there is.
    dtype : {float32, float64}, optional
        Of the slope; float32 by default.

    Attributes
    ----------
    weight : Parameter of shape (num_parameters,)
        The slope a.

    Notes
    -----
    Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.PReLU()(torch.tensor([-1.0, 2.0])).tolist()
    [-0.25, 2.0]
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = new_parameter((num_parameters,), device, dtype, "PReLU")
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the slope back to what it was at first."""
        constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"
