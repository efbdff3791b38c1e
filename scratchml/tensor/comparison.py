"""Comparisons, logic, and where: tensors of bools, which have no gradients."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor.operands import broadcast_message, operands
from scratchml.tensor.tape import constant

if TYPE_CHECKING:
    pass

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
