"""``inplace=True`` of the activations: the input becomes the output."""

from collections.abc import Callable
from typing import Any

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant
from scratchml.tensor.views import before, overwrite, tracked


def in_place(
    function: Callable[..., Tensor], input: Tensor, *args: Any, reads_input: bool = True
) -> Tensor:
    """Return `input`, with the values and the gradient of ``function(input, *args)``.

    Parameters
    ----------
    function : callable
        Of a tensor; gives one of the same shape.
    input : Tensor
        Is changed; not a leaf that requires grad.
    *args
        More arguments.
    reads_input : bool
        Whether the backward half reads the values that are overwritten: they are copied first.
    """
    tracked(input)
    if reads_input:
        old = before(input)
    else:
        old = constant(input.array)
        old.node = input.node
    result: Tensor = overwrite(input, function(old, *args))
    return result
