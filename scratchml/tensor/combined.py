"""Values between bounds, and sums of an operand and a product, a quotient or a difference.

    clamp      y = min(max(x, low), high)    dx = dy where low <= x <= high, otherwise 0
    lerp       z = x + w (y - x)
    addcmul    z = x + v a b                 addcdiv    z = x + v a / b

All but the first are made of the operations in arithmetic.py and division.py.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.arithmetic import add, mul, sub
from scratchml.tensor.division import div
from scratchml.tensor.extremes import maximum, minimum
from scratchml.tensor.tape import Taped, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def clamp(input: "Tensor", min: Any = None, max: Any = None) -> "Tensor":
    """Return the values, those outside of bounds replaced by the bound.

    Parameters
    ----------
    input : Tensor
        The values.
    min, max : number or Tensor, optional
        The bounds, of which one may be missing; tensors are broadcast.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.clamp(torch.tensor([-1.0, 0.5, 3.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise ValueError("clamp needs min, max or both, got neither")
    if isinstance(min, Taped) or isinstance(max, Taped):
        out: Any = input if min is None else maximum(input, min)
        return out if max is None else minimum(out, max)
    x = input.array
    if x.dtype.kind != "f" and (isinstance(min, float) or isinstance(max, float)):
        return clamp(input.float(), min, max)
    y = x if min is None else np.maximum(x, min)
    y = y if max is None else np.minimum(y, max)

    def clamp_backward(dy: np.ndarray) -> Any:
        inside = True if min is None else x >= min
        return dy * (inside if max is None else inside & (x <= max))

    return record(y.copy() if y is x else y, (input,), clamp_backward, (input,))


clip = clamp


def lerp(input: "Tensor", end: "Tensor", weight: Any) -> "Tensor":
    """Return input + weight * (end - input), what lies between two tensors.

    Parameters
    ----------
    input, end : Tensor
        What weights of 0 and of 1 give.
    weight : number or Tensor
        How far to go.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.lerp(torch.tensor([0.0, 10.0]), torch.tensor([1.0, 20.0]), 0.5)
    tensor([ 0.5000, 15.0000])
    """
    return add(input, mul(sub(end, input), weight))


def addcmul(input: "Tensor", tensor1: "Tensor", tensor2: "Tensor", value: float = 1) -> "Tensor":
    """Return input + value * tensor1 * tensor2.

    Parameters
    ----------
    input, tensor1, tensor2 : Tensor
        The operands, which are broadcast.
    value : number
        What the product is multiplied with.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> a = torch.tensor([1.0, 2.0])
    >>> torch.addcmul(a, a, a, value=0.5)
    tensor([1.5000, 4.0000])
    """
    return add(input, mul(tensor1, tensor2), alpha=value)


def addcdiv(input: "Tensor", tensor1: "Tensor", tensor2: "Tensor", value: float = 1) -> "Tensor":
    """Return input + value * tensor1 / tensor2.

    Parameters
    ----------
    input, tensor1, tensor2 : Tensor
        The operands, which are broadcast.
    value : number
        What the quotient is multiplied with.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> a = torch.tensor([1.0, 2.0])
    >>> torch.addcdiv(a, a, a, value=0.5)
    tensor([1.5000, 2.5000])
    """
    return add(input, div(tensor1, tensor2), alpha=value)
