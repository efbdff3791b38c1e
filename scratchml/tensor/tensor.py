"""The old place of Tensor; importing it must not hide the function of the same name."""

import sys
from types import ModuleType
from typing import Any

from scratchml.tensor.core import Tensor as Tensor


class _Callable(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        from scratchml.tensor.creation import tensor

        return tensor(*args, **options)


sys.modules[__name__].__class__ = _Callable
