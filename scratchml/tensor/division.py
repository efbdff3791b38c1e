"""Quotients and what they leave, with the derivatives beside the values.

    z = x / y            dx = dz / y    dy = -dz x / y^2
    z = [x / y]          dx = dy = 0
    z = x - y [x / y]    dx = dz        dy = -dz [x / y]

Here [ ] rounds, down or towards zero.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import floats, operands, pairwise, quiet

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def div(input: Any, other: Any, rounding_mode: str | None = None) -> "Tensor":
    """Return input / other, as a float unless it is rounded.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.
    rounding_mode : {None, "trunc", "floor"}
        Towards zero, or down; a rounded quotient of integers is an integer.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.div(torch.tensor([7, -7]), 2)
    tensor([ 3.5000, -3.5000])
    >>> torch.div(torch.tensor([7, -7]), 2, rounding_mode="trunc")
    tensor([ 3, -3])
    """
    x, y = operands(input, other)
    if rounding_mode is not None:
        return _rounded(x, y, input, other, rounding_mode)
    x, y = floats(x), floats(y)
    return pairwise(
        _divide,
        x,
        y,
        input,
        other,
        lambda dz: _divide(dz, y),
        lambda dz: _div_to_other(dz, x, y),
        (input, other),
        "div",
    )


_divide = quiet(np.true_divide)


@quiet
def _div_to_other(dz: np.ndarray, x: Any, y: Any) -> Any:
    return -dz * (x / y) / y


def _rounded(x: Any, y: Any, input: Any, other: Any, how: str) -> Any:
    """Return the rounded quotient, whose derivatives are 0."""
    if how not in ("trunc", "floor"):
        raise ValueError(f"rounding_mode must be None, 'trunc' or 'floor', got {how!r}")
    if _integers(x, y):
        if not np.all(y):
            raise ZeroDivisionError("div: an integer was divided by zero")
        whole = np.floor_divide if how == "floor" else _divide_towards_zero
        return pairwise(whole, x, y, input, other, np.zeros_like, np.zeros_like, name="div")
    value = np.floor_divide if how == "floor" else lambda x, y: np.trunc(x / y)
    return pairwise(quiet(value), x, y, input, other, np.zeros_like, np.zeros_like, name="div")


def _integers(x: Any, y: Any) -> bool:
    return np.asarray(x).dtype.kind != "f" and np.asarray(y).dtype.kind != "f"


def _divide_towards_zero(x: Any, y: Any) -> Any:
    return (x - np.fmod(x, y)) // y


def floor_divide(input: Any, other: Any) -> "Tensor":
    """Return input / other, rounded down.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([7, -7]) // 2
    tensor([ 3, -4])
    """
    return div(input, other, "floor")


def remainder(input: Any, other: Any) -> "Tensor":
    """Return input - other * floor(input / other), Python's ``%``, with the sign of `other`.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.remainder(torch.tensor([7, -7]), 3)
    tensor([1, 2])
    """
    return _modulo(input, other, np.remainder, np.floor, "remainder")


def fmod(input: Any, other: Any) -> "Tensor":
    """Return input - other * trunc(input / other), C's ``fmod``, with the sign of `input`.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.fmod(torch.tensor([7, -7]), 3)
    tensor([ 1, -1])
    """
    return _modulo(input, other, np.fmod, np.trunc, "fmod")


def _modulo(input: Any, other: Any, value: Any, rounded: Any, name: str) -> Any:
    x, y = operands(input, other)
    if _integers(x, y) and not np.all(y):
        raise ZeroDivisionError(f"{name}: an integer was divided by zero")
    return pairwise(
        quiet(value),
        x,
        y,
        input,
        other,
        lambda dz: dz,
        lambda dz: -dz * rounded(_divide(x, y)),
        (input, other),
        name,
    )


def rdiv(input: "Tensor", other: Any) -> "Tensor":
    """Return other / input."""
    return div(other, input)


def rfloor_divide(input: "Tensor", other: Any) -> "Tensor":
    """Return other / input, rounded down."""
    return div(other, input, "floor")


def rremainder(input: "Tensor", other: Any) -> "Tensor":
    """Return what dividing other by input leaves."""
    return remainder(other, input)
