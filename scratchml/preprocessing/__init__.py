"""Preparing columns: scaling, one-hot and label encoding, polynomial features.

Symbols, the same in every file of this package:

======  ==============  ====================================================================
X       (n, p)          samples in rows, features in columns
w       (n,)            sample weights
n p     int             samples, features
======  ==============  ====================================================================

The files with the algorithms (``moments``, ``blocks``, ``categories``, ``monomials``) are functions
over arrays and can be read alone; the transformers check input and call them.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.preprocessing.label import LabelEncoder as LabelEncoder
    from scratchml.preprocessing.min_max import MinMaxScaler as MinMaxScaler
    from scratchml.preprocessing.one_hot import OneHotEncoder as OneHotEncoder
    from scratchml.preprocessing.polynomial import PolynomialFeatures as PolynomialFeatures
    from scratchml.preprocessing.standard import StandardScaler as StandardScaler

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "LabelEncoder": "label",
        "MinMaxScaler": "min_max",
        "OneHotEncoder": "one_hot",
        "PolynomialFeatures": "polynomial",
        "StandardScaler": "standard",
    },
)
