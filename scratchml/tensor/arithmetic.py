"""Arithmetic of two operands, with the derivatives beside the values.

    z = x + a y       dx = dz            dy = a dz
    z = x y           dx = dz y          dy = dz x
    z = x / y         dx = dz / y        dy = -dz x / y^2
    z = x^y           dx = dz y x^(y-1)  dy = dz x^y log x
    z = x - y [x/y]   dx = dz            dy = -dz [x/y]     where [ ] rounds, down or towards zero

Each is summed over the axes along which its operand was broadcast (`operands.fold`).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import floats, operands, pairwise, quiet
from scratchml.tensor.tape import Taped, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def add(input: Any, other: Any, alpha: float = 1) -> "Tensor":
    """Return input + alpha * other.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.
    alpha : number
        What `other` is multiplied with.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([1.0, 2.0]) + torch.tensor([[10.0], [20.0]])
    tensor([[11., 12.],
            [21., 22.]])
    """
    x, y = operands(input, other)
    if alpha != 1:
        return pairwise(
            lambda x, y: x + alpha * y, x, y, input, other, _same, lambda dz: dz * alpha, name="add"
        )
    return pairwise(np.add, x, y, input, other, _same, _same, name="add")


def sub(input: Any, other: Any, alpha: float = 1) -> "Tensor":
    """Return input - alpha * other.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.
    alpha : number
        What `other` is multiplied with.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([1.0, 2.0]) - 1
    tensor([0., 1.])
    """
    if alpha != 1:
        return add(input, other, -alpha)
    x, y = operands(input, other)
    return pairwise(np.subtract, x, y, input, other, _same, np.negative, name="sub")


def mul(input: Any, other: Any) -> "Tensor":
    """Return input * other.

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
    >>> torch.tensor([1, 2]) * torch.tensor(2.5)
    tensor([2.5000, 5.0000])
    """
    x, y = operands(input, other)
    saved = _read(input, other)
    return pairwise(
        np.multiply, x, y, input, other, lambda dz: dz * y, lambda dz: dz * x, saved, "mul"
    )


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
        _same,
        lambda dz: -dz * rounded(_divide(x, y)),
        (input, other),
        name,
    )


def pow(input: Any, exponent: Any) -> "Tensor":
    """Return input to the power of exponent.

    Parameters
    ----------
    input, exponent : Tensor or number
        The operands, which are broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.tensor([1.0, 2.0, 3.0]) ** 2
    tensor([1., 4., 9.])
    """
    x, y = operands(input, exponent)
    if isinstance(y, int | float) and y == 2 and x.dtype.kind != "b":  # the most frequent power
        return record(x * x, (input,), lambda dz: dz * (2 * x), (input,), name="pow")
    return pairwise(
        _power,
        x,
        y,
        input,
        exponent,
        lambda dz: _pow_to_input(dz, x, y),
        lambda dz: _pow_to_exponent(dz, x, y),
        (input, exponent),
        "pow",
    )


@quiet
def _power(x: Any, y: Any) -> Any:
    z = np.power(x, y)
    bools = z.dtype == np.int8 and np.result_type(x, y).kind == "b"  # NumPy's answer is int8
    return z.astype(bool) if bools else z


@quiet
def _pow_to_input(dz: np.ndarray, x: Any, y: Any) -> Any:
    return np.where(np.equal(y, 0), 0, dz * (y * np.power(x, y - 1)))


@quiet
def _pow_to_exponent(dz: np.ndarray, x: Any, y: Any) -> Any:
    """Return dz x^y log x; 0 where x is 0 and stays 0 for all exponents nearby."""
    slope = np.where(np.equal(x, 0) & np.greater_equal(y, 0), 0, np.power(x, y) * np.log(x))
    return dz * slope


def rsub(input: Any, other: Any) -> "Tensor":
    """Return other - input.

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
    >>> 1 - torch.tensor([0.25, 0.5])
    tensor([0.7500, 0.5000])
    """
    return sub(other, input)


def _same(dz: np.ndarray) -> np.ndarray:
    return dz


def _read(input: Any, other: Any) -> tuple:
    """Return the operands of a product whose values the other's gradient reads."""
    left = isinstance(other, Taped) and other.node is not None
    right = isinstance(input, Taped) and input.node is not None
    return (input if left else None, other if right else None)


def rdiv(input: "Tensor", other: Any) -> "Tensor":
    """Return other / input."""
    return div(other, input)


def rfloor_divide(input: "Tensor", other: Any) -> "Tensor":
    """Return other / input, rounded down."""
    return div(other, input, "floor")


def rremainder(input: "Tensor", other: Any) -> "Tensor":
    """Return what dividing other by input leaves."""
    return remainder(other, input)


def rpow(input: "Tensor", other: Any) -> "Tensor":
    """Return other to the power of input."""
    return pow(other, input)
