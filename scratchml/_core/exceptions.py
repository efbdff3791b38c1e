"""Errors and warnings, each also scikit-learn's class of the same name once scikit-learn is loaded.

Code written for scikit-learn catches ``sklearn.exceptions.NotFittedError`` or filters its
``ConvergenceWarning``.  scratchml never imports scikit-learn, so the bridge is built the other way
round: when an error is raised and ``sklearn.exceptions`` is already in ``sys.modules``, the class
used is a real subclass of both.
"""

import sys
import warnings
from functools import cache
from typing import Any


class NotFittedError(ValueError, AttributeError):
    """Raised when an estimator is used before ``fit``."""


class InvalidParameterError(ValueError, TypeError):
    """Raised when a hyper-parameter has a wrong type or lies outside its range."""


class ConvergenceWarning(UserWarning):
    """Issued when a solver stops before its certificate meets the tolerance."""


class DataConversionWarning(UserWarning):
    """Issued when input is reshaped or converted in a way its owner may not expect."""


class UndefinedMetricWarning(UserWarning):
    """Issued when a metric is 0/0 on the given input and a stand-in value is returned."""


class FitFailedWarning(RuntimeWarning):
    """Issued when a fit fails within cross-validation and `error_score` stands in for its score."""


def not_fitted(estimator: object) -> NotFittedError:
    """Return the error to raise when `estimator` is used before ``fit``."""
    name = type(estimator).__name__
    return bridged(NotFittedError)(
        f"This {name} instance is not fitted yet. Call 'fit' with appropriate arguments before "
        "using this estimator."
    )


def warn(message: str, category: type[Warning], stacklevel: int = 2) -> None:
    """Issue `message`, `stacklevel` frames above the caller, under the bridged `category`."""
    warnings.warn(message, bridged(category), stacklevel=stacklevel + 1)


def bridged(ours: type) -> Any:
    """Return a class that is `ours` and, where it is loaded, scikit-learn's namesake too."""
    theirs = getattr(sys.modules.get("sklearn.exceptions"), ours.__name__, None)
    return ours if theirs is None else _subclass_of_both(ours, theirs)


@cache
def _subclass_of_both(ours: type, theirs: type) -> type:
    def __reduce__(self: BaseException) -> tuple:  # a class made at run time pickles as its base
        return ours, self.args

    return type(ours.__name__, (ours, theirs), {"__reduce__": __reduce__, "__doc__": ours.__doc__})
