"""What model files hold of a tensor: the values, and whether a gradient is wanted of them.

The tape belongs to one computation in one process: it is in no file.
"""

from typing import Any, Self

import numpy as np

from scratchml.tensor.dtypes import SUPPORTED
from scratchml.tensor.sizes import rebuilt
from scratchml.tensor.tape import Taped


class Stored(Taped):
    """The part of a tensor by which files know it."""

    __slots__ = ()

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
        return rebuilt(cls, array, wanted)
