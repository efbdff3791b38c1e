"""Where programs look for the loader: ``utils.data`` is `scratchml.data`."""

from scratchml._core.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {}, elsewhere={"data": "scratchml.data"})
