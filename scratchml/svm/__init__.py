"""Support vector machines: classification, regression and novelty detection by SMO."""

from scratchml._core.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
