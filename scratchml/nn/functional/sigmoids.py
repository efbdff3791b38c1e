"""Activations of the shape of an S, and their integrals, as functions of tensors."""

from scratchml.nn.ops.smooth import (
    logsigmoid_backward,
    logsigmoid_forward,
    sigmoid_backward,
    sigmoid_forward,
    softplus_backward,
    softplus_forward,
    softsign_backward,
    softsign_forward,
    tanh_backward,
    tanh_forward,
    tanhshrink_backward,
    tanhshrink_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import need_floats
from scratchml.tensor.tape import apply


def sigmoid(input: Tensor) -> Tensor:
    """Return 1 / (1 + exp(-input)).

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.sigmoid(torch.tensor(1.0)).item(), 4)
    0.7311
    """
    need_floats(input, "sigmoid")
    result: Tensor = apply(sigmoid_forward, sigmoid_backward, (input,), saves="output")
    return result


def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent of the input.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.tanh(torch.tensor(1.0)).item(), 4)
    0.7616
    """
    need_floats(input, "tanh")
    result: Tensor = apply(tanh_forward, tanh_backward, (input,), saves="output")
    return result


def logsigmoid(input: Tensor) -> Tensor:
    """Return the logarithm of `sigmoid`, exact where that is nearly 0 or 1.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.logsigmoid(torch.tensor(-1000.0)).item(), 4)
    -1000.0
    """
    need_floats(input, "logsigmoid")
    result: Tensor = apply(logsigmoid_forward, logsigmoid_backward, (input,))
    return result


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return log(1 + exp(beta input)) / beta, a smooth `relu`.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    beta : float
        The larger, the nearer to `relu`.
    threshold : float
        The input itself is returned where beta input exceeds it.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.softplus(torch.tensor(0.0)).item(), 4)
    0.6931
    """
    need_floats(input, "softplus")
    result: Tensor = apply(softplus_forward, softplus_backward, (input,), beta, threshold)
    return result


def softsign(input: Tensor) -> Tensor:
    """Return input / (1 + |input|).

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.softsign(torch.tensor(1.0)).item(), 4)
    0.5
    """
    need_floats(input, "softsign")
    result: Tensor = apply(softsign_forward, softsign_backward, (input,))
    return result


def tanhshrink(input: Tensor) -> Tensor:
    """Return the input less its hyperbolic tangent.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.tanhshrink(torch.tensor(1.0)).item(), 4)
    0.2384
    """
    need_floats(input, "tanhshrink")
    result: Tensor = apply(tanhshrink_forward, tanhshrink_backward, (input,), saves="nothing")
    return result
