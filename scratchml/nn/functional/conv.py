"""Convolutions as functions of tensors."""

from typing import Any

from scratchml.nn.ops.conv import conv2d_backward, conv2d_forward
from scratchml.tensor.tape import Taped, apply
from scratchml.tensor.tensor import Tensor


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] | str = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over images.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Images, float32 or float64.
    weight : Tensor of shape (O, C / groups, KH, KW)
        Filters, of the dtype of `input`.
    bias : Tensor of shape (O,), optional
        Added to each output channel.
    stride : int or (int, int)
        Step from one window to the next.
    padding : int, (int, int), "same" or "valid"
        Zeros at both ends of each axis; "same" keeps the size and needs stride 1.
    dilation : int or (int, int)
        Step from one place of a window to the next.
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
    """
    result: Tensor = apply(
        conv2d_forward,
        conv2d_backward,
        _checked("conv2d", input, weight, bias),
        stride,
        padding,
        dilation,
        groups,
    )
    return result


def _checked(name: str, input: Any, weight: Any, bias: Any) -> tuple:
    """Return the three tensors if they are tensors of one floating-point dtype."""
    try:
        dtype = input.array.dtype
        same = dtype == weight.array.dtype and (bias is None or dtype == bias.array.dtype)
    except AttributeError:
        for what, value in (("input", input), ("weight", weight), ("bias", bias)):
            if not isinstance(value, Taped) and not (what == "bias" and value is None):
                raise TypeError(f"{name}: {what} must be a Tensor, got {value!r}") from None
        raise
    if not same or dtype.kind != "f":
        dtypes = [str(t.array.dtype) for t in (input, weight, bias) if t is not None]
        raise TypeError(
            f"{name}: input, weight and bias must have one floating-point dtype, got "
            + ", ".join(dtypes)
        )
    return input, weight, bias
