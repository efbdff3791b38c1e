"""Windows of images as columns, and back, as functions of tensors."""

from typing import Any

from scratchml.nn.ops.fold import fold_backward, fold_forward, unfold_backward, unfold_forward
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped, apply

Ints = int | tuple[int, int]


def unfold(
    input: Tensor, kernel_size: Ints, dilation: Ints = 1, padding: Ints = 0, stride: Ints = 1
) -> Tensor:
    """Copy the windows of images into columns (im2col).

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Images.
    kernel_size : int or (int, int)
        Height and width of a window.
    dilation, padding, stride : int or (int, int)
        As of `conv2d`.

    Returns
    -------
    Tensor of shape (N, C * KH * KW, L) or (C * KH * KW, L)
        A column for each of the L windows, row by row.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit.
    TypeError
        If an argument has a wrong type.

    Notes
    -----
    The equations are those of `scratchml.nn.ops.fold`.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.unfold(torch.arange(9.0).reshape(1, 3, 3), 2)
    tensor([[0., 1., 3., 4.],
            [1., 2., 4., 5.],
            [3., 4., 6., 7.],
            [4., 5., 7., 8.]])
    """
    numbers = kernel_size, dilation, padding, stride
    return _applied("unfold", unfold_forward, unfold_backward, input, *numbers)


def fold(
    input: Tensor,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Ints = 0,
    stride: Ints = 1,
) -> Tensor:
    """Add columns up as the windows of images (col2im).

    Parameters
    ----------
    input : Tensor of shape (N, C * KH * KW, L) or (C * KH * KW, L)
        A column for each of the L windows, row by row.
    output_size : int or (int, int)
        Height and width of the images.
    kernel_size : int or (int, int)
        Height and width of a window.
    dilation, padding, stride : int or (int, int)
        As of `conv2d`.

    Returns
    -------
    Tensor of shape (N, C, H, W) or (C, H, W)
        Each place has the sum of what the windows have there.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit.
    TypeError
        If an argument has a wrong type.

    Notes
    -----
    The equations are those of `scratchml.nn.ops.fold`.

    Examples
    --------
    >>> import scratchml.nn.functional as F
    >>> import scratchml.tensor as torch
    >>> F.fold(torch.ones(4, 4), 3, 2)  # how many windows lie over each place
    tensor([[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]])
    """
    numbers = output_size, kernel_size, dilation, padding, stride
    return _applied("fold", fold_forward, fold_backward, input, *numbers)


def _applied(name: str, forward: Any, backward: Any, input: Any, *numbers: Any) -> Tensor:
    if not isinstance(input, Taped):
        raise TypeError(f"{name}: input must be a Tensor, got {type(input).__name__}")
    result: Tensor = apply(forward, backward, (input,), *numbers, saves="nothing")
    return result
