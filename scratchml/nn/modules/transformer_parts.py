"""What the layers and stacks of a Transformer share: masks that look ahead, and activations."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any

import numpy as np

from scratchml.nn import functional as F
from scratchml.nn.modules.container import ModuleList
from scratchml.nn.modules.module import Module
from scratchml.tensor.core import Tensor

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


def activation_of(activation: Any, layer: str) -> Callable[[Tensor], Tensor]:
    """Return the function that an ``activation`` argument names."""
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation of {layer} must be 'relu', 'gelu' or a callable, got {activation!r}"
            )
        return ACTIVATIONS[activation]
    if not callable(activation):
        raise TypeError(
            f"activation of {layer} must be 'relu', 'gelu' or a callable, got "
            f"{type(activation).__name__}"
        )
    chosen: Callable[[Tensor], Tensor] = activation
    return chosen


def copies(layer: Module, n: int, stack: str) -> ModuleList:
    """Return a list of n layers, each with parameters of its own, equal to those of `layer`."""
    if n < 0:
        raise ValueError(f"num_layers of {stack} must not be negative, got {n}")
    return ModuleList([deepcopy(layer) for _ in range(n)])


def each_its_own(cache: Sequence[Any] | None, n: int, stack: str) -> Sequence[Any]:
    """Return the caches of n layers: those given, or None for each."""
    if cache is None:
        return (None,) * n
    if not isinstance(cache, Sequence):
        raise TypeError(
            f"cache of {stack} must be a list with an entry for each of its {n} layers, got "
            f"{type(cache).__name__}: new_cache() makes one"
        )
    if len(cache) != n:
        raise ValueError(
            f"cache of {stack} must have an entry for each of its {n} layers, got {len(cache)}: "
            "new_cache() makes one"
        )
    return cache


def looks_back_only(mask: Tensor | None, is_causal: bool | None) -> bool:
    """Whether a mask hides what follows and nothing else: as said, or if nothing is, as it is."""
    if is_causal is not None or mask is None:
        return bool(is_causal)
    m = mask.array
    if m.ndim != 2 or m.shape[0] != m.shape[1] or not m.size or m.dtype.kind not in "bf":
        return False
    hides = causal(len(m), m.dtype.char)
    return bool((m[0] == hides[0]).all()) and bool((m == hides).all())


@lru_cache(maxsize=4)
def causal(size: int, char: str) -> np.ndarray:
    """Return the mask (size, size) of what follows: True or -inf above the diagonal; kept."""
    above = np.arange(size)[:, None] < np.arange(size)
    mask = above if char == "?" else np.where(above, -np.inf, 0.0).astype(char)
    mask.flags.writeable = False
    return mask
