"""Random weights whose spread is right for the layer's size, so that numbers keep theirs.

A weight of shape (outputs, inputs, *kernel) has

    fan_in  = inputs  * the places of the kernel       the numbers that one output is a sum of
    fan_out = outputs * the places of the kernel       the outputs that one input goes to

    Xavier (Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, eq. 16)          std = gain sqrt(2 / (fan_in + fan_out))
    Kaiming (He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, eq. 10 and 14)
                                              std = gain / sqrt(fan)
    uniform instead of normal                 within sqrt(3) std
"""

import math
from typing import Any, TypeVar

from scratchml._core.exceptions import warn
from scratchml.nn.init.plain import normal_, uniform_

T = TypeVar("T", bound=Any)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by how much weights are scaled up to make good for a nonlinearity.

    Parameters
    ----------
    nonlinearity : str
        Name of a function: "linear", "conv1d" and so on, "sigmoid" (all 1), "tanh" (5/3),
        "relu" (sqrt(2)), "leaky_relu" (sqrt(2 / (1 + slope**2))), "selu" (3/4).
    param : float, optional
        The slope of "leaky_relu"; 0.01 by default.

    Returns
    -------
    float
        The gain.

    Raises
    ------
    ValueError
        For a name or a slope that is none.

    Examples
    --------
    >>> from scratchml.nn import init
    >>> round(init.calculate_gain("leaky_relu", 0.2), 4)
    1.3868
    """
    convolutions = [f"conv{t}{d}d" for t in ("", "_transpose") for d in (1, 2, 3)]
    gains = dict.fromkeys(["linear", "sigmoid", *convolutions], 1.0)
    gains |= {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"param must be the slope of leaky_relu, a number, got {param!r}")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in gains:
        raise ValueError(
            f"nonlinearity must be one of {sorted([*gains, 'leaky_relu'])}, got {nonlinearity!r}"
        )
    return gains[nonlinearity]


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Draw values uniformly so that numbers keep their size forwards and backwards.

    Parameters
    ----------
    tensor : Tensor of two axes or more
        Changed in place.
    gain : float
        A factor; see `calculate_gain`.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.xavier_uniform_(torch.empty(4, 2))
    >>> bool(abs(w.numpy()).max() <= 1)
    True
    """
    bound = math.sqrt(3) * gain * math.sqrt(2 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Draw normally distributed values so that numbers keep their size forwards and backwards.

    Parameters
    ----------
    tensor : Tensor of two axes or more
        Changed in place.
    gain : float
        A factor; see `calculate_gain`.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.xavier_normal_(torch.empty(100, 100), gain=10.0)
    >>> bool(0.9 < w.numpy().std() < 1.1)
    True
    """
    return normal_(tensor, 0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> T:
    """Draw values uniformly so that numbers keep their size through rectifiers.

    Parameters
    ----------
    tensor : Tensor of two axes or more
        Changed in place.
    a : float
        The slope of "leaky_relu".
    mode : {"fan_in", "fan_out"}
        Whether the size is kept forwards or backwards.
    nonlinearity : str
        As for `calculate_gain`.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor, with values within gain * sqrt(3 / fan).

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.kaiming_uniform_(torch.empty(10, 6), nonlinearity="relu")
    >>> bool(abs(w.numpy()).max() <= 1)
    True
    """
    if 0 in tensor.shape:
        return _nothing(tensor)
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    bound = math.sqrt(3) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> T:
    """Draw normally distributed values so that numbers keep their size through rectifiers.

    Parameters
    ----------
    tensor : Tensor of two axes or more
        Changed in place.
    a : float
        The slope of "leaky_relu".
    mode : {"fan_in", "fan_out"}
        Whether the size is kept forwards or backwards.
    nonlinearity : str
        As for `calculate_gain`.
    generator : Generator, optional
        Where random numbers come from.

    Returns
    -------
    Tensor
        The same tensor.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn import init
    >>> w = init.kaiming_normal_(torch.empty(100, 50), nonlinearity="relu")
    >>> bool(0.19 < w.numpy().std() < 0.21)
    True
    """
    if 0 in tensor.shape:
        return _nothing(tensor)
    return normal_(tensor, 0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def fan_in_uniform_(weight: Any, bias: Any) -> None:
    """Draw a layer's weight and bias uniformly from within 1 / sqrt(fan_in), as PyTorch does.

    That is Kaiming's rule for a leaky ReLU of slope sqrt(5): sqrt(3) sqrt(2 / 6) / sqrt(fan_in).
    """
    kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in, _ = fans(weight)
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
        uniform_(bias, -bound, bound)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', got {mode!r}")
    fan = fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def fans(tensor: Any) -> tuple[int, int]:
    """Return fan_in and fan_out of a weight."""
    shape = tensor.shape
    if len(shape) < 2:
        raise ValueError(
            "fan_in and fan_out are those of weights of two axes or more, got a tensor of shape "
            f"{tuple(shape)}"
        )
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places


def _nothing(tensor: T) -> T:
    warn(f"there is nothing to initialise in a tensor of shape {tuple(tensor.shape)}", UserWarning)
    return tensor
