"""An optimizer's settings and states as plain dicts, and back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import constant


def saved_state(groups: Sequence[Mapping[str, Any]], state: Mapping[Any, Any]) -> dict[str, Any]:
    """Return groups and states in the form of PyTorch's state dicts, with numbers for tensors."""
    number: dict[int, int] = {}
    saved_groups = []
    for group in groups:
        for p in group["params"]:
            number[id(p)] = len(number)
        saved_groups.append({**group, "params": [number[id(p)] for p in group["params"]]})
    states = {number[id(p)]: _saved(values) for p, values in state.items() if id(p) in number}
    return {"state": states, "param_groups": saved_groups}


def _saved(values: Mapping[str, Any]) -> dict[str, Any]:
    """Let the count of steps be a tensor, as it is in PyTorch's files; all else is that already."""
    return {k: constant(np.array(v, np.float32)) if k == "step" else v for k, v in values.items()}


def restored_group(group: Mapping[str, Any], saved: Mapping[str, Any]) -> dict[str, Any]:
    """Return `group` with the settings of `saved`, which may come from a file."""
    settings = {k: deepcopy(v) for k, v in saved.items() if k != "params"}
    if "betas" in settings:
        settings["betas"] = tuple(settings["betas"])
    return {**group, **settings, "params": group["params"]}


def restored_state(saved: Mapping[int, Mapping[str, Any]], by_number: Mapping[int, Any]) -> Any:
    """Return the states for the tensors that the numbers stand for; copies, of their types."""
    state: dict[Any, dict[str, Any]] = defaultdict(dict)
    for number, values in saved.items():
        if number not in by_number:
            raise ValueError(f"state_dict has a state for parameter {number}, which is in no group")
        p = by_number[number]
        state[p] = {name: _restored(name, value, p.array) for name, value in values.items()}
    return state


def _restored(name: str, value: Any, array: np.ndarray) -> Any:
    if isinstance(value, Tensor):
        value = value.array
    if name == "step":
        return int(value)
    if not isinstance(value, np.ndarray):
        return deepcopy(value)
    if value.shape != array.shape:
        raise ValueError(
            f"state_dict has a {name} of shape {value.shape} for a parameter of shape {array.shape}"
        )
    return constant(np.array(value, dtype=array.dtype, order="C"))
