"""What is done to the parameters of a network as a whole."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

__getattr__, __dir__, __all__ = attach(__name__, {})
