"""Optimizers and learning-rate schedules, under the names of ``torch.optim``."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

__getattr__, __dir__, __all__ = attach(__name__, {})
