"""Frozen estimators: fitted once, and left as they are by whatever fits them again."""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.frozen.frozen_estimator import FrozenEstimator as FrozenEstimator

__getattr__, __dir__, __all__ = attach(__name__, {"FrozenEstimator": "frozen_estimator"})
