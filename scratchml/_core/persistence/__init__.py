"""Model files: ``save`` and ``load``, without pickle.

A file is a zip archive (`archive`) of a ``manifest.json`` and one ``.npy`` member for each array
(`npy`); NumPy alone can read the arrays: ``numpy.load(path)["coef_"]``.  The manifest holds

    {"format": "scratchml", "version": 1, "scratchml": "0.1.0", "value": ...}

where the value is the model as JSON (`manifest`, `values` and its codecs).  Nothing in a file is
ever run or imported, and what it claims is checked before memory is taken for it, so a file from a
stranger can be refused or give wrong numbers, but it can do nothing else.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml._core.persistence.files import load as load
    from scratchml._core.persistence.files import save as save

__getattr__, __dir__, __all__ = attach(__name__, {"load": "files", "save": "files"})
