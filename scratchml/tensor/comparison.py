"""Comparisons, tests and logic: tensors of bools, which have no gradients."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import broadcast_message, operands
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
