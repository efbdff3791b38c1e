"""Convolutions as functions of tensors."""

from typing import Any

from scratchml.nn.ops.conv import (
    conv1d_backward,
    conv1d_forward,
    conv2d_backward,
    conv2d_forward,
    conv3d_backward,
    conv3d_forward,
)
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, apply

Ints = int | tuple[int, ...]


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over sequences.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Sequences, float32 or float64.
    weight : Tensor of shape (O, C / groups, K)
        Filters, of the dtype of `input`.
    bias, stride, padding, dilation, groups : Any
        As of `conv2d`, for one axis.

    Returns
    -------
    Tensor of shape (N, O, OL) or (O, OL)
        With OL = floor((L + 2 padding - dilation (K - 1) - 1) / stride) + 1.

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
    >>> F.conv1d(torch.tensor([[1.0, 2.0, 4.0, 7.0]]), torch.tensor([[[-1.0, 1.0]]]))
    tensor([[1., 2., 3.]])
    """
    tensors = checked("conv1d", input, weight, bias)
    result: Tensor = apply(
        conv1d_forward, conv1d_backward, tensors, stride, padding, dilation, groups
    )
    return result


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over images: y[n, o, i] = b[o] + sum of w[o, c, k] x[n, c, s i + d k - p].

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Images, float32 or float64.
    weight : Tensor of shape (O, C / groups, KH, KW)
        Filters, of the dtype of `input`.
    bias : Tensor of shape (O,), optional
        Added to each output channel.
    stride : int or (int, int)
        Step s from one window to the next.
    padding : int, (int, int), "same" or "valid"
        Zeros p at both ends of each axis; "same" keeps the size, with stride 1 only.
    dilation : int or (int, int)
        Step d from one place of a window to the next.
    groups : int
        Into how many parts channels are cut, which meet pairwise.

    Returns
    -------
    Tensor of shape (N, O, OH, OW) or (O, OH, OW)
        With OH = floor((H + 2 padding - dilation (KH - 1) - 1) / stride) + 1.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit.
    TypeError
        If dtypes differ, or an argument has a wrong type.

    Notes
    -----
    The equations and the gradients are those of `scratchml.nn.ops.conv`.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.conv2d(torch.ones(4, 3, 32, 32), torch.ones(6, 3, 5, 5), stride=2).shape
    (4, 6, 14, 14)
    """
    tensors = checked("conv2d", input, weight, bias)
    result: Tensor = apply(
        conv2d_forward, conv2d_backward, tensors, stride, padding, dilation, groups
    )
    return result


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over volumes.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Volumes, float32 or float64.
    weight : Tensor of shape (O, C / groups, KD, KH, KW)
        Filters, of the dtype of `input`.
    bias, stride, padding, dilation, groups : Any
        As of `conv2d`, for three axes.

    Returns
    -------
    Tensor of shape (N, O, OD, OH, OW) or (O, OD, OH, OW)
        With lengths as of `conv2d`.

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
    >>> F.conv3d(torch.ones(1, 2, 4, 4, 4), torch.ones(3, 2, 2, 2, 2)).shape
    (1, 3, 3, 3, 3)
    """
    tensors = checked("conv3d", input, weight, bias)
    result: Tensor = apply(
        conv3d_forward, conv3d_backward, tensors, stride, padding, dilation, groups
    )
    return result


def checked(name: str, input: Any, weight: Any, bias: Any) -> tuple[Any, Any, Any]:
    """Return the three if they are tensors of one dtype, float32 or float64."""
    try:
        dtype = input.array.dtype
        same = dtype == weight.array.dtype and (bias is None or dtype == bias.array.dtype)
    except AttributeError:
        given = [("input", input), ("weight", weight)]
        for what, value in given if bias is None else [*given, ("bias", bias)]:
            if not isinstance(value, Taped):
                raise TypeError(
                    f"{name}: {what} must be a Tensor, got {type(value).__name__}"
                ) from None
        raise
    if not same or dtype.kind != "f" or dtype.itemsize < 4:
        dtypes = [str(t.array.dtype) for t in (input, weight, bias) if t is not None]
        raise TypeError(
            f"{name}: input, weight and bias must have one dtype, float32 or float64, got "
            + ", ".join(dtypes)
            + (": use input.float()" if dtypes[1] == "float32" != dtypes[0] else "")
        )
    return input, weight, bias
