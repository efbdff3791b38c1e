"""State dicts: the tensors of a module and its submodules under the paths that lead to them.

Loading is all or nothing: everything that is wrong is collected first and said in one error, and
only then are values written.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from scratchml.nn.parameter import Parameter
from scratchml.tensor.tape import Taped, constant


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found on one side only."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


class _Place(NamedTuple):
    """Where a key of the state dict belongs."""

    module: Any
    name: str
    optional: bool  # files of older versions do not have it


def collect(module: Any, destination: OrderedDict, prefix: str, keep_vars: bool) -> None:
    """Add the tensors of a module, and of those below it, to `destination`."""
    for name, value in _own(module):
        destination[prefix + name] = value if keep_vars else value.detach()
    for name, child in module._held("_module_names"):
        child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)


def load(module: Any, state: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """Write the values of `state` into a module: see `Module.load_state_dict`."""
    if not isinstance(state, Mapping):
        raise TypeError(f"state_dict must be a mapping of names, got {type(state).__name__}")
    places = dict(_places(module, ""))
    missing = [key for key, place in places.items() if key not in state and not place.optional]
    unexpected = [key for key in state if key not in places]
    problems = []
    if strict and unexpected:
        problems.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}.")
    if strict and missing:
        problems.append(f"Missing key(s) in state_dict: {_quoted(missing)}.")
    values = {}
    for key, place in places.items():
        if key in state:
            tensor = getattr(place.module, place.name)
            values[key], problem = _fitting(key, state[key], tensor)
            problems += [problem] if problem else []
    if problems:
        listing = "\n\t".join(problems)
        raise RuntimeError(
            f"Error(s) in loading state_dict for {type(module).__name__}:\n\t{listing}"
        )
    for key, value in values.items():
        (_assign if assign else _write)(places[key], value, state[key])
    return IncompatibleKeys(missing, unexpected)


def _own(module: Any) -> list[tuple[str, Any]]:
    """Return the parameters and persistent buffers of a module itself."""
    buffers = [(n, b) for n, b in module._held("_buffer_names") if module._buffer_names[n]]
    return [*module._held("_parameter_names"), *buffers]


def _places(module: Any, prefix: str) -> Any:
    for name, _ in _own(module):
        yield prefix + name, _Place(module, name, name in module._optional_keys)
    for name, child in module._held("_module_names"):
        yield from _places(child, f"{prefix}{name}.")


def _fitting(key: str, value: Any, tensor: Any) -> tuple[np.ndarray, str]:
    """Return the value as an array of the tensor's shape, and what is wrong with it."""
    array = value.array if isinstance(value, Taped) else np.asarray(value)
    if array.dtype.kind not in "biuf":
        return array, f"{key} must be an array of numbers, got {type(value).__name__}"
    if tensor.shape == () and array.shape == (1,):  # scalars of PyTorch before 0.4
        array = array[0:1].reshape(())
    if array.shape != tensor.shape:
        return array, (
            f"size mismatch for {key}: the state_dict has shape {array.shape}, "
            f"the model needs {tensor.shape}."
        )
    return array, ""


def _write(place: _Place, value: np.ndarray, _: Any) -> None:
    tensor = getattr(place.module, place.name)
    if tensor.array.flags.writeable:
        np.copyto(tensor.array, value, casting="unsafe")
    else:  # values that were read from a mapped file
        tensor.array = value.astype(tensor.dtype)
    tensor.version[0] += 1


def _assign(place: _Place, value: np.ndarray, given: Any) -> None:
    old = getattr(place.module, place.name)
    if not isinstance(old, Parameter):
        new = given if isinstance(given, Taped) else constant(value)
    elif isinstance(given, Parameter):
        new = given
    else:
        new = Parameter(constant(value), requires_grad=old.requires_grad)
    setattr(place.module, place.name, new)


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)
