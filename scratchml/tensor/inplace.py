"""Changes in place: x.f_(...) gives x the values of x.f(...).

What is recorded is f of the values before (`views.before`, a copy) and x becomes its result
(`views.overwrite`); where nothing is recorded the change is made at once, without a copy. A leaf
that requires grad, or a view of one, cannot be changed where gradients are recorded.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchml.tensor import (
    activations,
    arithmetic,
    combined,
    comparison,
    division,
    elementwise,
    gathering,
    masks,
    slices,
    triangles,
)
from scratchml.tensor.dtypes import KINDS
from scratchml.tensor.tape import Taped, mode, record
from scratchml.tensor.views import before, overwrite, tracked


def recorded(input: Any, others: tuple = ()) -> bool:
    """Whether a change of `input` made from `others` must be on the tape."""
    if tracked(input):
        return True
    return mode.recording and any(isinstance(x, Taped) and x.node is not None for x in others)


def _in_place(function: Callable[..., Any]) -> Any:
    name = f"{function.__name__}_"

    def method(input: Any, *args: Any, **options: Any) -> Any:
        others = (*args, *options.values())
        if (others and recorded(input, others)) or (not others and tracked(input)):
            source = before(input)
        else:
            source = input
        new = function(source, *args, **options)
        _check(input.array, new.array, name)
        return overwrite(input, new)

    summary = (function.__doc__ or "").partition("\n")[0].removeprefix("Return ").rstrip(".")
    method.__name__ = method.__qualname__ = name
    method.__doc__ = (
        f"Change this tensor, in place, into {summary}.\n\n"
        "        Parameters\n        ----------\n        input : Tensor\n"
        "            Is changed and returned.\n        *args, **options : object\n"
        f"            The further arguments of `{function.__name__}`.\n        "
    )
    return method


def _check(x: np.ndarray, y: np.ndarray, name: str) -> None:
    if y.shape != x.shape:
        raise ValueError(
            f"{name}: a result of shape {y.shape} cannot be written to a tensor of shape {x.shape}"
        )
    if KINDS[y.dtype.kind] > KINDS[x.dtype.kind]:
        raise TypeError(f"{name}: a result of {y.dtype} cannot be written to a tensor of {x.dtype}")


def _direct(ufunc: Any, general: Any) -> Any:
    """Return an in-place method that writes straight into the array where it may."""

    def method(input: Any, other: Any, *args: Any, **options: Any) -> Any:
        if not args and not options and not recorded(input, (other,)):
            x = input.array
            y = other.array if isinstance(other, Taped) else other
            plain = y.dtype is x.dtype and y.ndim <= x.ndim if y is not other else (
                type(other) is int or (x.dtype.kind == "f" and type(other) is float)
            )  # fmt: skip
            if plain and x.dtype.kind != "b":
                try:
                    ufunc(x, y, out=x)
                except ValueError as error:
                    raise ValueError(
                        f"{general.__name__}: shape {np.shape(y)} does not broadcast to {x.shape}, "
                        "the shape of the tensor that is changed"
                    ) from error
                input.version[0] += 1
                return input
        return general(input, other, *args, **options)

    method.__name__ = method.__qualname__ = general.__name__
    rest = "        *args, **options"
    other = "        other : Tensor or number\n            The other operand.\n"
    method.__doc__ = (general.__doc__ or "").replace(rest, other + rest)
    return method


add_ = _direct(np.add, _in_place(arithmetic.add))
sub_ = _direct(np.subtract, _in_place(arithmetic.sub))
mul_ = _direct(np.multiply, _in_place(arithmetic.mul))
div_ = _in_place(division.div)
floor_divide_ = _in_place(division.floor_divide)
remainder_ = _in_place(division.remainder)
fmod_ = _in_place(division.fmod)
pow_ = _in_place(arithmetic.pow)
addcmul_ = _in_place(combined.addcmul)
addcdiv_ = _in_place(combined.addcdiv)
lerp_ = _in_place(combined.lerp)
clamp_ = _in_place(combined.clamp)
exp_ = _in_place(elementwise.exp)
expm1_ = _in_place(elementwise.expm1)
log_ = _in_place(elementwise.log)
log1p_ = _in_place(elementwise.log1p)
sqrt_ = _in_place(elementwise.sqrt)
rsqrt_ = _in_place(elementwise.rsqrt)
reciprocal_ = _in_place(elementwise.reciprocal)
square_ = _in_place(elementwise.square)
abs_ = _in_place(elementwise.abs)
neg_ = _in_place(elementwise.neg)
sin_ = _in_place(elementwise.sin)
cos_ = _in_place(elementwise.cos)
floor_ = _in_place(elementwise.floor)
ceil_ = _in_place(elementwise.ceil)
round_ = _in_place(elementwise.round)
trunc_ = _in_place(elementwise.trunc)
tanh_ = _in_place(activations.tanh)
sigmoid_ = _in_place(activations.sigmoid)
relu_ = _in_place(activations.relu)
masked_fill_ = _in_place(masks.masked_fill)
scatter_ = _in_place(gathering.scatter)
scatter_add_ = _in_place(gathering.scatter_add)
index_add_ = _in_place(slices.index_add)
index_fill_ = _in_place(slices.index_fill)
index_copy_ = _in_place(slices.index_copy)
tril_ = _in_place(triangles.tril)
triu_ = _in_place(triangles.triu)
logical_not_ = _in_place(comparison.logical_not)
bitwise_and_ = _in_place(comparison.bitwise_and)
bitwise_or_ = _in_place(comparison.bitwise_or)
bitwise_xor_ = _in_place(comparison.bitwise_xor)
bitwise_not_ = _in_place(comparison.bitwise_not)


def fill_(input: Any, value: Any) -> Any:
    """Set all values to one.

    Parameters
    ----------
    input : Tensor
        Is changed and returned.
    value : number or Tensor, shape ()
        The value.
    """
    if isinstance(value, Taped) and value.array.ndim:
        raise ValueError(f"fill_: value must be one number, got shape {value.array.shape}")
    return set_to(input, value, "fill_")


def zero_(input: Any) -> Any:
    """Set all values to 0.

    Parameters
    ----------
    input : Tensor
        Is changed and returned.
    """
    return set_to(input, 0, "zero_")


def copy_(input: Any, src: Any, non_blocking: bool = False) -> Any:
    """Set the values to those of another tensor, broadcast and in this one's type.

    Parameters
    ----------
    input : Tensor
        Is changed and returned.
    src : Tensor
        The new values.
    non_blocking : bool
        Without meaning on the CPU.
    """
    return set_to(input, src, "copy_")


def set_to(input: Any, value: Any, name: str) -> Any:
    """Give `input` the values of a tensor, an array or a number, broadcast."""
    from scratchml.tensor.operands import fold

    x = input.array
    new = value.array if isinstance(value, Taped) else value
    if not recorded(input, (value,)):
        try:
            x[...] = new
        except ValueError as error:
            raise ValueError(
                f"{name}: shape {np.shape(new)} does not broadcast to {x.shape}, the shape of the "
                "tensor that is changed"
            ) from error
        input.version[0] += 1
        return input
    values = np.broadcast_to(np.asarray(new, x.dtype), x.shape)
    source = value if isinstance(value, Taped) else None
    shape, dtype = np.shape(new), getattr(new, "dtype", None)

    def set_backward(dy: np.ndarray) -> Any:
        return np.zeros_like(dy), None if source is None else fold(dy, shape, dtype)

    return overwrite(input, record(values, (before(input), source), set_backward, name=name))
