"""Activations as functions of tensors."""

from scratchml.nn.ops.activation import relu_backward, relu_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply


def relu(input: Tensor) -> Tensor:
    """Return max(input, 0).

    Parameters
    ----------
    input : Tensor
        Of any shape.

    Returns
    -------
    Tensor
        Of the same shape.
    """
    result: Tensor = apply(relu_forward, relu_backward, (input,), saves="output")
    return result
