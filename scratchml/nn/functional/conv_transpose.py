"""Transposed convolutions as functions of tensors."""

from scratchml.nn.functional.conv import Ints, checked
from scratchml.nn.ops.conv_transpose import (
    conv_transpose1d_backward,
    conv_transpose1d_forward,
    conv_transpose2d_backward,
    conv_transpose2d_forward,
    conv_transpose3d_backward,
    conv_transpose3d_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import apply


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Tensor:
    """Paint filters onto sequences: `conv_transpose2d` for one axis.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Sequences, float32 or float64.
    weight : Tensor of shape (C, O / groups, K)
        Filters, of the dtype of `input`.
    bias, stride, padding, output_padding, groups, dilation : Any
        As of `conv_transpose2d`, for one axis.

    Returns
    -------
    Tensor of shape (N, O, OL) or (O, OL)
        With the length as of `conv_transpose2d`.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit.
    TypeError
        If dtypes differ, or an argument has a wrong type.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.conv_transpose1d(torch.tensor([[1.0, 2.0]]), torch.ones(1, 1, 3), stride=2)
    tensor([[1., 1., 3., 2., 2.]])
    """
    tensors = checked("conv_transpose1d", input, weight, bias)
    numbers = stride, padding, output_padding, groups, dilation
    result: Tensor = apply(conv_transpose1d_forward, conv_transpose1d_backward, tensors, *numbers)
    return result


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Tensor:
    """Paint filters onto images: the transposed map of `conv2d` with the same weight.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Images, float32 or float64.
    weight : Tensor of shape (C, O / groups, KH, KW)
        Filters, of the dtype of `input`; the input's channels come first.
    bias : Tensor of shape (O,), optional
        Added to each output channel.
    stride : int or (int, int)
        Step on the output from one place of the input to the next.
    padding : int or (int, int)
        What is cut off at both ends of each axis of the output.
    output_padding : int or (int, int)
        What is added to the length of each axis; smaller than stride or dilation.
    groups : int
        Into how many parts channels are cut, which meet pairwise.
    dilation : int or (int, int)
        Step from one place of a filter to the next.

    Returns
    -------
    Tensor of shape (N, O, OH, OW) or (O, OH, OW)
        With OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit.
    TypeError
        If dtypes differ, or an argument has a wrong type.

    Notes
    -----
    The equations and the gradients are those of `scratchml.nn.ops.conv_transpose`.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.conv_transpose2d(torch.ones(2, 4, 7, 7), torch.ones(4, 3, 2, 2), stride=2).shape
    (2, 3, 14, 14)
    """
    tensors = checked("conv_transpose2d", input, weight, bias)
    numbers = stride, padding, output_padding, groups, dilation
    result: Tensor = apply(conv_transpose2d_forward, conv_transpose2d_backward, tensors, *numbers)
    return result


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> Tensor:
    """Paint filters onto volumes: `conv_transpose2d` for three axes.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Volumes, float32 or float64.
    weight : Tensor of shape (C, O / groups, KD, KH, KW)
        Filters, of the dtype of `input`.
    bias, stride, padding, output_padding, groups, dilation : Any
        As of `conv_transpose2d`, for three axes.

    Returns
    -------
    Tensor of shape (N, O, OD, OH, OW) or (O, OD, OH, OW)
        With lengths as of `conv_transpose2d`.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit.
    TypeError
        If dtypes differ, or an argument has a wrong type.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.conv_transpose3d(torch.ones(1, 2, 4, 4, 4), torch.ones(2, 3, 2, 2, 2)).shape
    (1, 3, 5, 5, 5)
    """
    tensors = checked("conv_transpose3d", input, weight, bias)
    numbers = stride, padding, output_padding, groups, dilation
    result: Tensor = apply(conv_transpose3d_forward, conv_transpose3d_backward, tensors, *numbers)
    return result
