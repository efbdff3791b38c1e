"""Inspection: what a fitted model makes of its features."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.inspection.permutation import permutation_importance as permutation_importance

__getattr__, __dir__, __all__ = attach(__name__, {"permutation_importance": "permutation"})
