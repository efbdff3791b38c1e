"""Arithmetic of two operands, with the derivatives beside the values.

    z = x + a y       dx = dz            dy = a dz
    z = x y           dx = dz y          dy = dz x
    z = x^y           dx = dz y x^(y-1)  dy = dz x^y log x

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


def rpow(input: "Tensor", other: Any) -> "Tensor":
    """Return other to the power of input."""
    return pow(other, input)


def atan2(input: Any, other: Any) -> "Tensor":
    """Return the angle of the point (other, input), in (-pi, pi].

    Parameters
    ----------
    input, other : Tensor
        The coordinates y and x, which are broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.atan2(torch.tensor([1.0, -1.0]), torch.tensor([0.0, 0.0]))
    tensor([ 1.5708, -1.5708])
    """
    y, x = operands(input, other)
    y, x = floats(y), floats(x)
    return pairwise(
        np.arctan2,
        y,
        x,
        input,
        other,
        lambda dz: _divide(dz * x, x * x + y * y),
        lambda dz: _divide(-dz * y, x * x + y * y),
        (input, other),
        "atan2",
    )


_divide = quiet(np.true_divide)
