"""Activations that keep what is positive, as functions of tensors."""

from scratchml.nn.functional.in_place import in_place
from scratchml.nn.ops.activation import (
    leaky_relu_backward,
    leaky_relu_forward,
    prelu_backward,
    prelu_forward,
    relu_backward,
    relu_forward,
    rrelu_backward,
    rrelu_forward,
    threshold_backward,
    threshold_forward,
)
from scratchml.nn.ops.smooth import (
    SELU_ALPHA,
    SELU_SCALE,
    elu_backward,
    elu_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import need_floats, need_kind
from scratchml.tensor.random import draw
from scratchml.tensor.tape import apply


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return max(input, 0).

    Parameters
    ----------
    input : Tensor
        Of any shape.
    inplace : bool
        Whether the input is overwritten with the output.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.relu(torch.tensor([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.0, 2.0]
    """
    if inplace:
        return in_place(relu, input, reads_input=False)
    result: Tensor = apply(relu_forward, relu_backward, (input,), saves="output")
    return result


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return the input where it is positive, else `negative_slope` times the input.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    negative_slope : float
        The slope below 0.
    inplace : bool
        Whether the input is overwritten with the output.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.leaky_relu(torch.tensor([-1.0, 0.0, 2.0]), 0.5).tolist()
    [-0.5, 0.0, 2.0]
    """
    need_floats(input, "leaky_relu")
    if inplace:
        return in_place(leaky_relu, input, negative_slope)
    result: Tensor = apply(leaky_relu_forward, leaky_relu_backward, (input,), negative_slope)
    return result


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Return the input where it is positive, else `weight` times the input.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    weight : Tensor of shape (1,) or (C,)
        The slope below 0, one, or one for each channel: axis 1 of the input.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If there are not as many weights as channels, or one.
    TypeError
        If the dtypes differ.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.prelu(torch.tensor([-1.0, 0.0, 2.0]), torch.tensor([0.5])).tolist()
    [-0.5, 0.0, 2.0]
    """
    x, a = input.array, weight.array
    need_kind(x, "f", "prelu")
    channels = x.shape[1] if x.ndim > 1 else 1
    if a.ndim > 1 or (a.size != 1 and a.size != channels):
        raise ValueError(
            f"prelu: weight must be one number or one for each of the {channels} channels of the "
            f"input {x.shape} (axis 1), got shape {a.shape}"
        )
    if a.dtype != x.dtype:
        raise TypeError(f"prelu: input and weight must have one dtype, got {x.dtype} and {a.dtype}")
    result: Tensor = apply(prelu_forward, prelu_backward, (input, weight))
    return result


def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """Return the input where it is positive, else a slope times the input.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    lower, upper : float
        In training each element has a slope of its own, drawn evenly between them;
        otherwise the slope is their middle.
    training : bool
        Whether slopes are drawn.
    inplace : bool
        Whether the input is overwritten with the output.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.rrelu(torch.tensor([-1.0, 0.0, 2.0]), 0.25, 0.75).tolist()
    [-0.5, 0.0, 2.0]
    """
    if lower > upper:
        raise ValueError(f"rrelu: lower must not exceed upper, got {lower} and {upper}")
    need_floats(input, "rrelu")
    if inplace:
        return in_place(rrelu, input, lower, upper, training)
    if not training:
        return leaky_relu(input, (lower + upper) / 2)
    slopes = draw("uniform", input.array.shape, input.array.dtype, None)
    slopes = lower + (upper - lower) * slopes
    result: Tensor = apply(rrelu_forward, rrelu_backward, (input,), slopes, saves="nothing")
    return result


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Return the input where it is above `threshold`, else `value`.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    threshold : float
        What the input is compared with.
    value : float
        What stands for the others.
    inplace : bool
        Whether the input is overwritten with the output.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.threshold(torch.tensor([-1.0, 0.0, 2.0]), 1.0, 20.0).tolist()
    [20.0, 20.0, 2.0]
    """
    if inplace:
        return in_place(_threshold, input, threshold, value)
    return _threshold(input, threshold, value)


def _threshold(input: Tensor, threshold: float, value: float) -> Tensor:
    result: Tensor = apply(threshold_forward, threshold_backward, (input,), threshold, value)
    return result


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return the input where it is positive, else `alpha` (exp(input) - 1).

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    alpha : float
        The output goes to -alpha.
    inplace : bool
        Whether the input is overwritten with the output.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.elu(torch.tensor([-100.0, 0.0, 2.0])).tolist()
    [-1.0, 0.0, 2.0]
    """
    need_floats(input, "elu")
    if inplace:
        return in_place(elu, input, alpha)
    result: Tensor = apply(elu_forward, elu_backward, (input,), alpha)
    return result


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return 1.0507 times `elu` with alpha = 1.6733: mean 0 and variance 1 stay.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    inplace : bool
        Whether the input is overwritten with the output.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.selu(torch.tensor(1.0)).item(), 4)
    1.0507
    """
    need_floats(input, "selu")
    if inplace:
        return in_place(selu, input)
    result: Tensor = apply(elu_forward, elu_backward, (input,), SELU_ALPHA, SELU_SCALE)
    return result


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return the input where it is positive, else `alpha` (exp(input / alpha) - 1).

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    alpha : float
        The output goes to -alpha; not 0.
    inplace : bool
        Whether the input is overwritten with the output.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.celu(torch.tensor([-100.0, 0.0, 2.0]), 0.5).tolist()
    [-0.5, 0.0, 2.0]
    """
    if alpha == 0:
        raise ZeroDivisionError("celu: alpha must not be 0")
    need_floats(input, "celu")
    if inplace:
        return in_place(celu, input, alpha)
    result: Tensor = apply(elu_forward, elu_backward, (input,), alpha, 1.0, 1 / alpha)
    return result
