"""Groups of parameters: what an optimizer is given, checked and brought into one form."""

from collections.abc import Mapping
from typing import Any

from scratchml.tensor.core import Tensor


def groups_of(params: Any, owner: str) -> list[Any]:
    """Return the groups that an optimizer is given; tensors alone are one group."""
    if isinstance(params, Tensor):
        raise TypeError(
            "params must be an iterable of tensors or dicts, got one tensor: put it in a list"
        )
    groups = _ordered(params)
    if not groups:
        raise ValueError(f"{owner} got an empty list of parameters")
    return groups if isinstance(groups[0], dict) else [{"params": groups}]


def new_group(defaults: Mapping[str, Any], given: Any, seen: set[int]) -> dict[str, Any]:
    """Return a group with all its settings, and its tensors, of which none is in `seen`."""
    if not isinstance(given, dict):
        raise TypeError(f"param_group must be a dict, got {type(given).__name__}")
    params = given.get("params")
    tensors: list[Any] = [params] if isinstance(params, Tensor) else _ordered(params)
    group = {**defaults, **given, "params": tensors}
    if tensors and isinstance(tensors[0], tuple):
        group["param_names"] = [name for name, _ in tensors]
        group["params"] = [p for _, p in tensors]
    for p in group["params"]:
        _check_tensor(p, seen)
        seen.add(id(p))
    return group


def _check_tensor(p: Any, seen: set[int]) -> None:
    if not isinstance(p, Tensor):
        raise TypeError(f"params must hold tensors, got {type(p).__name__}")
    if not p.is_leaf:
        raise ValueError(
            f"params must be leaves, got a tensor of shape {p.array.shape} that was computed from "
            "others: its values would be computed anew at the next step"
        )
    if id(p) in seen:
        raise ValueError(f"params holds a tensor of shape {p.array.shape} more than once")


def _ordered(params: Any) -> list[Any]:
    if isinstance(params, set | frozenset):
        raise TypeError("params must have an order, which a set has not: use a list")
    try:
        return list(params)
    except TypeError:
        raise TypeError(
            f"params must be an iterable of tensors or dicts, got {type(params).__name__}"
        ) from None
