"""Data sets and the loader that makes batches of them, under the names of ``torch.utils.data``."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

__getattr__, __dir__, __all__ = attach(__name__, {})
