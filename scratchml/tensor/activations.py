"""The activations that are methods of tensors; their halves are those of `scratchml.nn.ops`."""

from typing import TYPE_CHECKING, Any

from scratchml.nn.ops import activation, smooth
from scratchml.nn.ops import softmax as softmaxes
from scratchml.tensor.conversion import cast
from scratchml.tensor.dtypes import as_dtype, get_default_dtype
from scratchml.tensor.operands import array_of, axis_of, need_kind
from scratchml.tensor.tape import apply

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def relu(input: "Tensor") -> "Tensor":
    """Return max(input, 0).

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.relu(torch.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return apply(activation.relu_forward, activation.relu_backward, (input,), saves="output")


def sigmoid(input: "Tensor") -> "Tensor":
    """Return 1 / (1 + e^-x).

    Parameters
    ----------
    input : Tensor
        Of any shape; integers become floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.sigmoid(torch.tensor([0.0]))
    tensor([0.5000])
    """
    x = as_floats("sigmoid", input)
    return apply(smooth.sigmoid_forward, smooth.sigmoid_backward, (x,), saves="output")


def tanh(input: "Tensor") -> "Tensor":
    """Return the hyperbolic tangent.

    Parameters
    ----------
    input : Tensor
        Of any shape; integers become floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tanh(torch.tensor([0.0]))
    tensor([0.])
    """
    x = as_floats("tanh", input)
    return apply(smooth.tanh_forward, smooth.tanh_backward, (x,), saves="output")


def erf(input: "Tensor") -> "Tensor":
    """Return the error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.

    Parameters
    ----------
    input : Tensor
        Of any shape; integers become floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.erf(torch.tensor([0.0]))
    tensor([0.])
    """
    x = as_floats("erf", input)
    return apply(smooth.erf_forward, smooth.erf_backward, (x,), saves="inputs")


def softmax(input: "Tensor", dim: int, dtype: Any = None) -> "Tensor":
    """Return e^x over the sum of all e^x along an axis: numbers that sum to 1.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int
        The axis along which it is taken.
    dtype : dtype, optional
        The type in which it is computed.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.softmax(torch.tensor([1.0, 1.0]), 0)
    tensor([0.5000, 0.5000])
    """
    x = input if dtype is None else cast(input, as_dtype(dtype))
    need_kind(x.array, "f", "softmax")
    axis = axis_of(dim, x.array.ndim)
    if not x.array.ndim:
        x = x.reshape(1)
        return softmax(x, 0).reshape(())
    return apply(softmaxes.softmax_forward, softmaxes.softmax_backward, (x,), axis, saves="output")


def log_softmax(input: "Tensor", dim: int, dtype: Any = None) -> "Tensor":
    """Return the logarithm of the softmax along an axis.

    Parameters
    ----------
    input : Tensor
        Of any shape.
    dim : int
        The axis along which it is taken.
    dtype : dtype, optional
        The type in which it is computed.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.log_softmax(torch.tensor([1.0, 1.0]), 0)
    tensor([-0.6931, -0.6931])
    """
    x = input if dtype is None else cast(input, as_dtype(dtype))
    need_kind(x.array, "f", "log_softmax")
    axis = axis_of(dim, x.array.ndim)
    if not x.array.ndim:
        x = x.reshape(1)
        return log_softmax(x, 0).reshape(())
    return apply(
        softmaxes.log_softmax_forward, softmaxes.log_softmax_backward, (x,), axis, saves="output"
    )


def as_floats(name: str, input: Any) -> Any:
    """Return a tensor of integers as one of the default float type."""
    return input if array_of(name, input).dtype.kind == "f" else cast(input, get_default_dtype())
