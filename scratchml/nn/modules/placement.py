"""Where values live and of what type they are: the arguments ``device`` and ``dtype``."""

from typing import Any

import numpy as np

from scratchml.nn.parameter import Parameter
from scratchml.tensor.devices import check_device
from scratchml.tensor.dtypes import get_default_dtype
from scratchml.tensor.tape import Taped, constant

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def convert(module: Any, dtype: Any) -> Any:
    """Change the floating-point values of a module and of those below it; return the module."""
    dtype = check_dtype(dtype, type(module).__name__)
    for parameter in module.parameters():
        if parameter.dtype != dtype:
            parameter.array = parameter.array.astype(dtype)
            parameter.version[0] += 1  # what was computed from the old values cannot go back
            if parameter.grad is not None:
                parameter.grad = constant(parameter.grad.array.astype(dtype))
    for part in module.modules():
        for name, buffer in part._held("_buffer_names"):
            if buffer.dtype.kind == "f" and buffer.dtype != dtype:
                setattr(part, name, constant(buffer.array.astype(dtype)))
    return module


def read_to(args: tuple, kwargs: dict) -> np.dtype | None:
    """Return the dtype asked for by the arguments of ``to``; check the device."""
    unknown = sorted(kwargs.keys() - {"device", "dtype", "non_blocking"})
    if unknown or len(args) > 3:
        got = unknown[0] if unknown else f"{len(args)} arguments"
        raise TypeError(f"to() takes device, dtype and non_blocking, got {got}")
    device, dtype = kwargs.get("device"), kwargs.get("dtype")
    for value in args:
        if isinstance(value, Taped):
            dtype = value.array.dtype
        elif isinstance(value, bool) or value is None:
            continue  # non_blocking
        elif isinstance(value, (np.dtype, type)):
            dtype = value
        else:
            device = value
    check_device(device)
    return None if dtype is None else check_dtype(dtype, "to()")


def new_parameter(shape: tuple[int, ...], device: Any, dtype: Any, layer: str) -> Parameter:
    """Return a parameter whose values are yet to be set."""
    check_device(device)
    return Parameter(constant(np.empty(shape, check_dtype(dtype, layer))))


def check_dtype(dtype: Any, name: str) -> np.dtype:
    """Return the dtype of parameters, which must be float32 or float64; None is the default."""
    given = get_default_dtype() if dtype is None else np.dtype(dtype)
    if given not in FLOATS:
        raise TypeError(f"the dtype of {name} must be float32 or float64, got {given}")
    return given
