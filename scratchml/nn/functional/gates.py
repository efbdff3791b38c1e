"""Activations that multiply the input by a gate between 0 and 1, as functions of tensors."""

from scratchml.nn.functional.in_place import in_place
from scratchml.nn.ops.smooth import (
    gelu_backward,
    gelu_forward,
    gelu_tanh_backward,
    gelu_tanh_forward,
    glu_backward,
    glu_forward,
    mish_backward,
    mish_forward,
    silu_backward,
    silu_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import axis_of, need_floats
from scratchml.tensor.tape import apply


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """Return input times Phi(input), the probability of a normal number below it.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    approximate : {"none", "tanh"}
        "tanh" puts a hyperbolic tangent for Phi, which is off by 0.0003 at most.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> round(F.gelu(torch.tensor(1.0)).item(), 4)
    0.8413
    """
    need_floats(input, "gelu")
    result: Tensor
    if approximate == "none":
        result = apply(gelu_forward, gelu_backward, (input,))
    elif approximate == "tanh":
        result = apply(gelu_tanh_forward, gelu_tanh_backward, (input,))
    else:
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return result


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return input times its `sigmoid`; also known as swish.

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
    >>> round(F.silu(torch.tensor(1.0)).item(), 4)
    0.7311
    """
    need_floats(input, "silu")
    if inplace:
        return in_place(silu, input)
    result: Tensor = apply(silu_forward, silu_backward, (input,))
    return result


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return input times tanh of its `softplus`.

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
    >>> round(F.mish(torch.tensor(1.0)).item(), 4)
    0.8651
    """
    need_floats(input, "mish")
    if inplace:
        return in_place(mish, input)
    result: Tensor = apply(mish_forward, mish_backward, (input,))
    return result


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Return the first half of the input times the `sigmoid` of the second half.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    dim : int
        The axis that is halved.

    Returns
    -------
    Tensor
        Of the same shape but for that axis.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.glu(torch.tensor([4.0, 0.0])).tolist()
    [2.0]
    """
    need_floats(input, "glu")
    axis = axis_of(dim, input.array.ndim, "glu: dim")
    if not input.array.ndim or input.array.shape[axis] % 2:
        raise ValueError(
            f"glu: axis {dim} must have an even length, got an input of shape {input.array.shape}"
        )
    result: Tensor = apply(glu_forward, glu_backward, (input,), axis)
    return result
