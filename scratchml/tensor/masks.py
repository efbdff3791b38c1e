"""Values picked, or replaced, where a mask is true."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.tape import Taped, constant

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def masked_fill(input: "Tensor", mask: "Tensor", value: Any) -> "Tensor":
    """Return the values with one number where a mask is true.

    Parameters
    ----------
    input : Tensor
        The values.
    mask : Tensor of bool
        Broadcast to `input`.
    value : number or Tensor, shape ()
        What stands there.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.masked_fill(torch.zeros(2), torch.tensor([True, False]), -1)
    tensor([-1.,  0.])
    """
    from scratchml.tensor.logic import where

    number = value if isinstance(value, Taped) else constant(np.asarray(value, input.dtype))
    out: Tensor = where(mask, number, input)
    return out


def masked_select(input: "Tensor", mask: "Tensor") -> "Tensor":
    """Return the values where a mask is true.

    Parameters
    ----------
    input : Tensor
        The values.
    mask : Tensor of bool
        Broadcast with `input`.

    Returns
    -------
    Tensor, shape (n,)
        In row-major order.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([3.0, -1.0, 2.0])
    >>> torch.masked_select(x, x > 0)
    tensor([3., 2.])
    """
    shape = np.broadcast_shapes(input.shape, mask.shape)
    out: Tensor = input.expand(shape)[mask.expand(shape)]
    return out
