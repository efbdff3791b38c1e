"""One of two values by a condition, and whether tensors agree."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.dtypes import get_default_dtype
from scratchml.tensor.operands import axes_of, operands, pairwise
from scratchml.tensor.tape import Taped, constant

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def where(condition: "Tensor", input: Any = None, other: Any = None) -> Any:
    """Return input where a condition holds, and other where not.

    Parameters
    ----------
    condition : Tensor of bool
        Which one.
    input, other : Tensor or number
        The values; all three are broadcast. Without them the result is `nonzero` of the
        condition, as a tuple.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([-1.0, 2.0])
    >>> torch.where(x > 0, x, 0)
    tensor([0., 2.])
    """
    chosen = condition.array
    if chosen.dtype.kind != "b":
        raise TypeError(f"where: condition must be of bools, got {chosen.dtype}")
    if input is None and other is None:
        return tuple(constant(i) for i in np.nonzero(chosen))
    if not isinstance(input, Taped) and not isinstance(other, Taped):
        dtype = _values_dtype(input, other)
        return constant(np.where(chosen, np.asarray(input, dtype), np.asarray(other, dtype)))
    x, y = operands(input, other)
    dtype = x.dtype if isinstance(x, np.ndarray) else y.dtype
    x, y = np.asarray(x, dtype), np.asarray(y, dtype)
    return pairwise(
        lambda x, y: np.where(chosen, x, y),
        x,
        y,
        input,
        other,
        lambda dz: np.where(chosen, dz, 0),
        lambda dz: np.where(chosen, 0, dz),
        (condition,),
        "where",
    )


def _values_dtype(x: Any, y: Any) -> np.dtype:
    kind = (np.asarray(x) + np.asarray(y)).dtype
    return get_default_dtype() if kind.kind == "f" else kind


def where_method(input: "Tensor", condition: "Tensor", other: Any) -> "Tensor":
    """Return the values where a condition holds, and others where not.

    Parameters
    ----------
    input : Tensor
        The values.
    condition : Tensor of bool
        Which one.
    other : Tensor or number
        The other values.

    Returns
    -------
    Tensor
        Of the broadcast shape.
    """
    out: Tensor = where(condition, input, other)
    return out


def all(input: "Tensor", dim: Any = None, keepdim: bool = False, *, axis: Any = None) -> "Tensor":
    """Return whether all values are true (not 0).

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor of bool
        True over nothing.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.all(torch.tensor([[True, False], [True, True]]), dim=1)
    tensor([False,  True])
    """
    if axis is not None:
        dim = axis
    x = input.array
    return constant(np.all(x, axis=axes_of(dim, x.ndim), keepdims=keepdim))


def any(input: "Tensor", dim: Any = None, keepdim: bool = False, *, axis: Any = None) -> "Tensor":
    """Return whether any value is true (not 0).

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.
    axis : int, optional
        NumPy's name for `dim`.

    Returns
    -------
    Tensor of bool
        False over nothing.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.any(torch.tensor([[True, False], [False, False]]), dim=1)
    tensor([ True, False])
    """
    if axis is not None:
        dim = axis
    x = input.array
    return constant(np.any(x, axis=axes_of(dim, x.ndim), keepdims=keepdim))


def equal(input: "Tensor", other: "Tensor") -> bool:
    """Return whether two tensors have one shape and the same values.

    Parameters
    ----------
    input, other : Tensor
        What is compared.

    Returns
    -------
    bool
        False if a value is nan.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2]))
    True
    """
    return np.array_equal(input.array, other.array)


def isclose(
    input: "Tensor",
    other: "Tensor",
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> "Tensor":
    """Return whether |input - other| <= atol + rtol |other|, value by value.

    Parameters
    ----------
    input, other : Tensor
        What is compared.
    rtol, atol : float
        How far apart close values may be.
    equal_nan : bool
        Whether nan is close to nan.

    Returns
    -------
    Tensor of bool
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.isclose(torch.tensor([1.0, 1.1]), torch.tensor([1.0, 1.0]))
    tensor([ True, False])
    """
    return constant(np.isclose(input.array, other.array, rtol, atol, equal_nan))


def allclose(
    input: "Tensor",
    other: "Tensor",
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> bool:
    """Return whether |input - other| <= atol + rtol |other| everywhere.

    Parameters
    ----------
    input, other : Tensor
        What is compared.
    rtol, atol : float
        How far apart close values may be.
    equal_nan : bool
        Whether nan is close to nan.

    Returns
    -------
    bool
        Whether all values are close.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.allclose(torch.tensor([1.0, 1.1]), torch.tensor([1.0, 1.0]))
    False
    """
    return np.allclose(input.array, other.array, rtol, atol, equal_nan)
