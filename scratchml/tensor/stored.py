"""Copies, pickles and files of tensors: the values, and whether a gradient is wanted of them.

The tape belongs to one computation in one process: it is in none of the three. A gradient that was
computed goes with a deep copy, as the copy of a network is expected to go on where it was.
"""

from copy import deepcopy
from typing import Any, Self

import numpy as np

from scratchml.tensor.dtypes import SUPPORTED
from scratchml.tensor.tape import LEAF, Taped


class Stored(Taped):
    """The part of a tensor that makes another of it."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if self.node is not None and self.node is not LEAF:
            raise RuntimeError(
                "only tensors that were not computed can be deep copied; use detach().clone()"
            )
        twin = rebuild(type(self), self.array.copy(order="K"), self.node is LEAF)
        memo[id(self)] = twin
        twin.grad = deepcopy(self.grad, memo)
        return twin

    def __reduce_ex__(self, protocol: Any) -> tuple:
        return rebuild, (type(self), self.array, self.node is not None)

    def _get_state(self) -> dict[str, Any]:
        """Return what a model file holds of this tensor."""
        return {"data": self.array, "requires_grad": self.node is not None}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> Self:
        """Return the tensor of a state that may come from anyone, or raise ValueError."""
        if state.keys() != {"data", "requires_grad"}:
            raise ValueError(f"a {cls.__name__} is stored with the parts {list(state)!r:.80}")
        array, wanted = state["data"], state["requires_grad"]
        if type(array) is not np.ndarray or array.dtype not in SUPPORTED:
            raise ValueError(f"a {cls.__name__} is stored with {array!r:.80} as its values")
        if type(wanted) is not bool or (wanted and array.dtype.kind != "f"):
            raise ValueError(f"a {cls.__name__} of {array.dtype} cannot require a gradient")
        return rebuild(cls, array, wanted)


def rebuild(cls: Any, array: np.ndarray, requires_grad: bool) -> Any:
    """Return a leaf of class `cls` over `array`, which is not copied."""
    tensor = cls.__new__(cls)
    tensor.array = array
    tensor.node = LEAF if requires_grad else None
    tensor.grad = tensor.hooks = None
    tensor.version = [0]
    return tensor
