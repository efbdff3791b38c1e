"""Linear layers as functions of tensors."""

import numpy as np

from scratchml.nn.ops.linear import (
    bilinear_backward,
    bilinear_forward,
    linear_backward,
    linear_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply, no_tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return input weight' + bias.

    Parameters
    ----------
    input : Tensor of shape (..., in_features)
        Rows.
    weight : Tensor of shape (out_features, in_features)
        A row for each output; of the input's dtype.
    bias : Tensor of shape (out_features,), optional
        Added to each row.

    Returns
    -------
    Tensor of shape (..., out_features)
        Of the same dtype.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If the dtypes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.nn.functional import linear
    >>> from scratchml.tensor.tape import constant
    >>> x, w = constant(np.array([[1.0, 2.0]])), constant(np.array([[3.0, 4.0]]))
    >>> linear(x, w).item()
    11.0
    """
    try:
        arrays = input.array, weight.array, None if bias is None else bias.array
    except AttributeError:
        raise no_tensor("linear", (input, weight, bias)) from None
    _check(*arrays)
    result: Tensor = apply(linear_forward, linear_backward, (input, weight, bias))
    return result


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return input1' weight_o input2 + bias_o for each pair of rows and each output o.

    Parameters
    ----------
    input1 : Tensor of shape (..., in1_features)
        Rows.
    input2 : Tensor of shape (..., in2_features)
        As many rows.
    weight : Tensor of shape (out_features, in1_features, in2_features)
        A matrix for each output.
    bias : Tensor of shape (out_features,), optional
        Added to each row.

    Returns
    -------
    Tensor of shape (..., out_features)
        Of the same dtype.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If the dtypes differ.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.functional import bilinear
    >>> bilinear(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]]), torch.ones(1, 2, 1)).tolist()
    [[9.0]]
    """
    a, c, w = input1.array, input2.array, weight.array
    fits = w.ndim == 3 and a.ndim and c.ndim and w.shape[1:] == (a.shape[-1], c.shape[-1])
    if not fits or a.shape[:-1] != c.shape[:-1]:
        raise ValueError(
            "bilinear: inputs of shapes (..., I) and (..., J), equal up to the last axis, go with "
            f"a weight of shape (O, I, J), got {a.shape}, {c.shape} and weight {w.shape}"
        )
    for name, other in (("input2", input2), ("weight", weight), ("bias", bias)):
        if other is not None and other.array.dtype != a.dtype:
            raise TypeError(
                f"bilinear: input1 and {name} must have one dtype, got {a.dtype} and "
                f"{other.array.dtype}"
            )
    if bias is not None and bias.array.shape != w.shape[:1]:
        raise ValueError(
            f"bilinear: bias must have a number for each output, {w.shape[:1]} for the weight "
            f"{w.shape}, got {bias.array.shape}"
        )
    result: Tensor = apply(bilinear_forward, bilinear_backward, (input1, input2, weight, bias))
    return result


def _check(x: np.ndarray, w: np.ndarray, b: np.ndarray | None) -> None:
    if w.ndim != 2 or not x.ndim or x.shape[-1] != w.shape[1]:
        raise ValueError(
            "linear: an input of shape (..., in_features) goes with a weight of shape "
            f"(out_features, in_features), got input {x.shape} and weight {w.shape}"
        )
    if b is not None and (b.ndim != 1 or len(b) != len(w)):
        raise ValueError(
            f"linear: bias must have a number for each output, ({len(w)},) for the weight "
            f"{w.shape}, got {b.shape}"
        )
    if x.dtype != w.dtype or (b is not None and b.dtype != x.dtype):
        raise TypeError(
            f"linear: input and weight must have one dtype, got {x.dtype} and {w.dtype}"
            + ("" if b is None else f", bias {b.dtype}")
            + (": use input.float()" if w.dtype == np.float32 != x.dtype else "")
        )
