"""Other types for the same values."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchml.tensor import dtypes
from scratchml.tensor.copies import clone
from scratchml.tensor.devices import check_device, device
from scratchml.tensor.dtypes import as_dtype
from scratchml.tensor.tape import Taped, constant, record

if TYPE_CHECKING:
    from scratchml.tensor.core import Tensor


def cast(input: Any, dtype: Any) -> Any:
    """Return the values in another type; the same tensor if it is its own."""
    x = input.array
    if x.dtype is dtype:
        return input
    if dtype.kind != "f":
        return constant(_whole(x, dtype))
    own = x.dtype
    return record(x.astype(dtype), (input,), lambda dy: dy.astype(own), name="to")


@np.errstate(invalid="ignore")
def _whole(x: np.ndarray, dtype: Any) -> np.ndarray:
    return x.astype(dtype)


def to(
    input: "Tensor",
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
) -> "Tensor":
    """Return the values in another type.

    Parameters
    ----------
    input : Tensor
        The values.
    *args : dtype, device or Tensor
        The type, the device, or a tensor whose type it is.
    dtype : dtype, optional
        The type.
    device : str or device, optional
        "cpu".
    non_blocking : bool
        Without meaning on the CPU.
    copy : bool
        Whether to copy where nothing would change.

    Returns
    -------
    Tensor
        `input` itself if it is of that type already.

    Raises
    ------
    RuntimeError
        If the device is not the CPU.
    """
    for arg in args:
        if isinstance(arg, Taped):
            dtype = arg.array.dtype
        elif _is_device(arg):
            device = arg
        elif not isinstance(arg, bool):
            dtype = arg
    check_device(device)
    out = input if dtype is None else cast(input, as_dtype(dtype))
    return clone(out) if copy and out is input else out


def _is_device(arg: Any) -> bool:
    return isinstance(arg, device) or (
        isinstance(arg, str) and arg.partition(":")[0] in ("cpu", "cuda", "mps", "meta", "xpu")
    )


def float(input: "Tensor") -> "Tensor":
    """Return the values as float32.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input` itself if it is of that type already.
    """
    result: Tensor = cast(input, dtypes.float32)
    return result


def double(input: "Tensor") -> "Tensor":
    """Return the values as float64.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input` itself if it is of that type already.
    """
    result: Tensor = cast(input, dtypes.float64)
    return result


def long(input: "Tensor") -> "Tensor":
    """Return the values as int64, cut off towards zero.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input` itself if it is of that type already.
    """
    result: Tensor = cast(input, dtypes.int64)
    return result


def int(input: "Tensor") -> "Tensor":
    """Return the values as int32, cut off towards zero.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input` itself if it is of that type already.
    """
    result: Tensor = cast(input, dtypes.int32)
    return result


def byte(input: "Tensor") -> "Tensor":
    """Return the values as uint8, cut off towards zero.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input` itself if it is of that type already.
    """
    result: Tensor = cast(input, dtypes.uint8)
    return result


def to_bool(input: "Tensor") -> "Tensor":
    """Return whether the values are not 0.

    Parameters
    ----------
    input : Tensor
        The values.

    Returns
    -------
    Tensor
        `input` itself if it is of bools already.
    """
    result: Tensor = cast(input, dtypes.bool)
    return result


def type_as(input: "Tensor", other: "Tensor") -> "Tensor":
    """Return the values in the type of another tensor.

    Parameters
    ----------
    input : Tensor
        The values.
    other : Tensor
        Whose type.

    Returns
    -------
    Tensor
        `input` itself if it is of that type already.
    """
    result: Tensor = cast(input, other.array.dtype)
    return result


def type(input: "Tensor", dtype: Any = None) -> Any:
    """Return the values in another type, or the name of the type if none is given.

    Parameters
    ----------
    input : Tensor
        The values.
    dtype : dtype, optional
        The type.

    Returns
    -------
    Tensor or str
        `input` itself if it is of that type already.
    """
    return str(input.array.dtype) if dtype is None else cast(input, as_dtype(dtype))
