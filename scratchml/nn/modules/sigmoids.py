"""Smooth activations, and straight lines that stand in for them."""

from scratchml.nn import functional as F
from scratchml.nn.modules.layer import Layer
from scratchml.tensor.core import Tensor


class Sigmoid(Layer):
    """Return 1 / (1 + exp(-x)).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Sigmoid()(torch.tensor([0.0])).item()
    0.5
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.sigmoid(input)


class LogSigmoid(Layer):
    """Return log(1 / (1 + exp(-x))).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.LogSigmoid()(torch.tensor([0.0])).item(), 4)
    -0.6931
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.logsigmoid(input)


class Hardsigmoid(Layer):
    """Return x / 6 + 1/2, cut off at 0 and 1.

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Hardsigmoid()(torch.tensor([-9.0, 0.0, 9.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Tanh(Layer):
    """Return the hyperbolic tangent of x.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.Tanh()(torch.tensor([1.0])).item(), 4)
    0.7616
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.tanh(input)


class Tanhshrink(Layer):
    """Return x - tanh(x).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.Tanhshrink()(torch.tensor([1.0])).item(), 4)
    0.2384
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.tanhshrink(input)


class Softsign(Layer):
    """Return x / (1 + |x|).

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Softsign()(torch.tensor([-1.0, 3.0])).tolist()
    [-0.5, 0.75]
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.softsign(input)


class Softplus(Layer):
    """Return log(1 + exp(beta x)) / beta.

    Parameters
    ----------
    beta : float
        How sharp the bend is.
    threshold : float
        Where `beta` x is larger, x itself is returned.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.Softplus()(torch.tensor([0.0])).item(), 4)
    0.6931
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class SiLU(Layer):
    """Return x / (1 + exp(-x)), also called swish.

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten with the output.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.SiLU()(torch.tensor([1.0])).item(), 4)
    0.7311
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.silu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Hardswish(Layer):
    """Return x times its `Hardsigmoid`.

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: A. Howard et al., "Searching for MobileNetV3", ICCV 2019.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.Hardswish()(torch.tensor([-9.0, 0.0, 9.0])).tolist()
    [-0.0, 0.0, 9.0]
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.hardswish(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Mish(Layer):
    """Return x tanh(log(1 + exp(x))).

    Parameters
    ----------
    inplace : bool
        Whether the input is overwritten with the output.

    Notes
    -----
    Source: D. Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.Mish()(torch.tensor([1.0])).item(), 4)
    0.8651
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.mish(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class GELU(Layer):
    """Return x times the probability that a standard normal number is below x.

    Parameters
    ----------
    approximate : str
        "tanh" computes it from 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3))).

    Notes
    -----
    Source: D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> round(nn.GELU()(torch.tensor([1.0])).item(), 4)
    0.8413
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class GLU(Layer):
    """Return a sigmoid(b) for the two halves a, b of an axis.

    Parameters
    ----------
    dim : int
        The axis, of even length.

    Notes
    -----
    Source: Y. Dauphin, A. Fan, M. Auli, D. Grangier, "Language modeling with gated convolutional
    networks", ICML 2017.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> nn.GLU()(torch.tensor([4.0, 0.0])).tolist()
    [2.0]
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
