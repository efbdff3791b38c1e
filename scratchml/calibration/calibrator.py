"""What the three calibrators share: decision values and labels, checked."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from scratchml._core.estimator import Estimator, check_is_fitted
from scratchml._core.targets import check_classification_targets, encode_labels
from scratchml._core.validation import (
    check_array,
    check_consistent_length,
    check_sample_weight,
    column_or_1d,
)


class Calibrator(Estimator):
    """Base of the calibrators: estimators whose input is another classifier's output."""

    classes_: np.ndarray

    def fit(self, decision_values: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to decision values, their true classes and, if given, weights."""
        raise NotImplementedError

    def predict_proba(self, decision_values: Any) -> np.ndarray:
        """Return the probability of each class."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        """Build scikit-learn's description: the input is one-dimensional."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _check_fit(
        self, values: Any, y: Any, sample_weight: Any, columns: bool = False
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return decision values, class numbers and weights for a fit; set ``classes_``."""
        f = check_values(values, columns)
        y = column_or_1d(y, warn_column=True)
        check_consistent_length(decision_values=f, y=y)
        check_classification_targets(y)
        self.classes_, codes = classes_and_codes(y, f.shape[1] if f.ndim == 2 else 2)
        w = check_sample_weight(sample_weight, len(f))
        return f, codes, np.ones(len(f)) if w is None else w

    def _check_predict(self, values: Any, columns: bool = False) -> np.ndarray:
        """Return decision values to calibrate."""
        check_is_fitted(self)
        f = check_values(values, columns)
        K = f.shape[1] if f.ndim == 2 else 2
        if len(self.classes_) != K:
            raise ValueError(
                f"decision_values of {K} classes were passed, but {type(self).__name__} was fitted "
                f"to those of {len(self.classes_)}."
            )
        return f


def check_values(values: Any, columns: bool = False) -> np.ndarray:
    """Return decision values as float64, (n,), or with `columns` (n, K) where there are several.

    Parameters
    ----------
    values : array-like of shape (n,), (n, 1) or, with `columns`, (n, K)
        Decision values.
    columns : bool
        Whether several columns are allowed.
    """
    f = check_array(values, name="decision_values", dtype=np.float64, ndim=(1, 2), order="C")
    return (
        f if columns and f.ndim == 2 and f.shape[1] > 1 else column_or_1d(f, name="decision_values")
    )


def classes_and_codes(y: np.ndarray, K: int) -> tuple[np.ndarray, np.ndarray]:
    """Return K classes and the number of each label.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Labels of K kinds; or numbers or booleans that say which of K they are, not all of which
        need occur.
    K : int
        Number of classes.
    """
    classes, codes = encode_labels(y)
    if len(classes) == K:
        return classes, codes
    numbers = y.dtype.kind in "biu" and int(classes[0]) >= 0 and int(classes[-1]) < K
    if numbers and (y.dtype.kind != "b" or K == 2):
        return np.arange(K).astype(y.dtype), y.astype(np.int64)
    raise ValueError(
        f"decision_values are those of {K} classes, but y has {len(classes)}: {classes.tolist()}. "
        f"Only class numbers from 0 to {K - 1}, or booleans for two classes, may lack some."
    )
