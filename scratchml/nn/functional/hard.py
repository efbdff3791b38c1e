"""Activations between bounds, as functions of tensors: see `scratchml.nn.ops.activation`."""

from scratchml.nn.functional.in_place import in_place
from scratchml.nn.ops.activation import (
    hardshrink_backward,
    hardshrink_forward,
    hardsigmoid_backward,
    hardsigmoid_forward,
    hardswish_backward,
    hardswish_forward,
    hardtanh_backward,
    hardtanh_forward,
    softshrink_backward,
    softshrink_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.operands import need_floats
from scratchml.tensor.tape import apply


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Return the input, but no less than 0 and no more than 6.

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
    >>> F.relu6(torch.tensor([-1.0, 2.0, 7.0])).tolist()
    [0.0, 2.0, 6.0]
    """
    return hardtanh(input, 0.0, 6.0, inplace)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """Return the input, but no less than `min_val` and no more than `max_val`.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    min_val, max_val : float
        The bounds.
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
    >>> F.hardtanh(torch.tensor([-1.0, 0.0, 2.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val must not exceed max_val, got {min_val} and {max_val}")
    need_floats(input, "hardtanh")
    if inplace:
        return in_place(hardtanh, input, min_val, max_val)
    result: Tensor = apply(hardtanh_forward, hardtanh_backward, (input,), min_val, max_val)
    return result


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Return the input where it is farther than `lambd` from 0, else 0.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    lambd : float
        The distance.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.hardshrink(torch.tensor([-1.0, 0.2, 2.0])).tolist()
    [-1.0, 0.0, 2.0]
    """
    result: Tensor = apply(hardshrink_forward, hardshrink_backward, (input,), lambd)
    return result


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Return the input moved towards 0 by `lambd`, but not past it.

    Parameters
    ----------
    input : Tensor
        Of any shape, of floats.
    lambd : float
        The distance, not negative.

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.softshrink(torch.tensor([-1.0, 0.2, 2.0])).tolist()
    [-0.5, 0.0, 1.5]
    """
    if lambd < 0:
        raise ValueError(f"softshrink: lambd must not be negative, got {lambd}")
    result: Tensor = apply(softshrink_forward, softshrink_backward, (input,), lambd)
    return result


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Return input / 6 + 1 / 2, but no less than 0 and no more than 1.

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
    >>> F.hardsigmoid(torch.tensor([-4.0, 0.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    need_floats(input, "hardsigmoid")
    if inplace:
        return in_place(hardsigmoid, input)
    result: Tensor = apply(hardsigmoid_forward, hardsigmoid_backward, (input,))
    return result


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return the input times its `hardsigmoid`.

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
    >>> F.hardswish(torch.tensor([-4.0, 0.0, 3.0])).tolist()
    [-0.0, 0.0, 3.0]
    """
    need_floats(input, "hardswish")
    if inplace:
        return in_place(hardswish, input)
    result: Tensor = apply(hardswish_forward, hardswish_backward, (input,))
    return result
