"""Comparisons, logic, and where: tensors of bools, which have no gradients."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.dtypes import get_default_dtype
from scratchml.tensor.operands import axes_of, broadcast_message, operands, pairwise
from scratchml.tensor.tape import Taped, constant

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor

_COMPARABLE = (Taped, np.ndarray, np.generic, int, float)

_COMPARISON = """Return whether input {sign} other, value by value.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.

    Returns
    -------
    Tensor of bool
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.{name}(torch.tensor([1, 2, 3]), 2)
    tensor([{result}])
    """


def _comparison(name: str, sign: str, compare: Any) -> Any:
    def function(input: Any, other: Any) -> Any:
        if name in ("eq", "ne") and not isinstance(other, _COMPARABLE):
            return NotImplemented  # x == None is Python's answer, False
        x, y = operands(input, other)
        try:
            return constant(compare(x, y))
        except ValueError as error:
            raise ValueError(broadcast_message(name, x, y)) from error

    result = ", ".join(str(word).rjust(5) for word in compare(np.array([1, 2, 3]), 2).tolist())
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _COMPARISON.format(name=name, sign=sign, result=result)
    return function


eq = _comparison("eq", "==", np.equal)
ne = _comparison("ne", "!=", np.not_equal)
lt = _comparison("lt", "<", np.less)
le = _comparison("le", "<=", np.less_equal)
gt = _comparison("gt", ">", np.greater)
ge = _comparison("ge", ">=", np.greater_equal)


_TEST = """Return whether each value is {what}.

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor of bool
        Of the same shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.{name}(torch.tensor([1.0, float("inf"), float("nan")]))
    tensor([{result}])
    """


def _test(name: str, what: str, test: Any) -> Any:
    def function(input: Any) -> Any:
        return constant(test(input.array))

    words = test(np.array([1.0, np.inf, np.nan])).tolist()
    width = max(len(str(word)) for word in words)
    result = ", ".join(str(word).rjust(width) for word in words)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _TEST.format(name=name, what=what, result=result)
    return function


isnan = _test("isnan", "not a number", np.isnan)
isinf = _test("isinf", "infinite", np.isinf)
isfinite = _test("isfinite", "neither infinite nor nan", np.isfinite)
logical_not = _test("logical_not", "0", np.logical_not)

_LOGIC = """Return {what}, value by value; values other than 0 are true.

    Parameters
    ----------
    input, other : Tensor or number
        The operands, which are broadcast.

    Returns
    -------
    Tensor of bool
        Of the broadcast shape.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.{name}(torch.tensor([True, True, False]), torch.tensor([True, False, False]))
    tensor([{result}])
    """


def _logic(name: str, what: str, combine: Any) -> Any:
    function = _comparison(name, "", combine)
    words = combine(np.array([True, True, False]), np.array([True, False, False])).tolist()
    result = ", ".join(str(word).rjust(5) for word in words)
    function.__doc__ = _LOGIC.format(name=name, what=what, result=result)
    return function


logical_and = _logic("logical_and", "whether both are true", np.logical_and)
logical_or = _logic("logical_or", "whether one is true", np.logical_or)
logical_xor = _logic("logical_xor", "whether one, not both, is true", np.logical_xor)
bitwise_and = _logic("bitwise_and", "the bits that both have", np.bitwise_and)
bitwise_or = _logic("bitwise_or", "the bits that one has", np.bitwise_or)
bitwise_xor = _logic("bitwise_xor", "the bits that one has, not both", np.bitwise_xor)


def bitwise_not(input: "Tensor") -> "Tensor":
    """Return the other bits; of bools, the opposite.

    Parameters
    ----------
    input : Tensor
        Of bools or integers.

    Returns
    -------
    Tensor
        Of the same shape and type.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> ~torch.tensor([True, False])
    tensor([False,  True])
    """
    return constant(np.invert(input.array))


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


def all(input: "Tensor", dim: Any = None, keepdim: bool = False) -> "Tensor":
    """Return whether all values are true (not 0).

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.

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
    x = input.array
    return constant(np.all(x, axis=axes_of(dim, x.ndim), keepdims=keepdim))


def any(input: "Tensor", dim: Any = None, keepdim: bool = False) -> "Tensor":
    """Return whether any value is true (not 0).

    Parameters
    ----------
    input : Tensor
        The values.
    dim : int or tuple of int, optional
        The axes; all unless given.
    keepdim : bool
        Whether they stay, with length one.

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
