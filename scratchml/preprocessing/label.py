"""LabelEncoder: class labels as the numbers 0 ... n_classes - 1."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import Estimator, atomic, check_is_fitted
from scratchml._core.validation import column_or_1d
from scratchml.preprocessing.categories import factorize, positions


class LabelEncoder(Estimator):
    """Number the distinct labels of a target in sorted order.

    For targets; `OneHotEncoder` is for features.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; None and NaN last. The code of a label is its position.

    Examples
    --------
    >>> from scratchml.preprocessing import LabelEncoder
    >>> encoder = LabelEncoder().fit(["paris", "paris", "tokyo", "amsterdam"])
    >>> print(encoder.transform(["tokyo", "tokyo", "paris"]))
    [2 2 1]
    >>> print(encoder.inverse_transform([2, 0]))
    ['tokyo' 'amsterdam']
    """

    _tags: ClassVar = {
        "input_tags.two_d_array": False,
        "target_tags.one_d_labels": True,
        "transformer_tags.preserves_dtype": [],
    }

    @atomic
    def fit(self, y: Any) -> Self:
        """Learn the labels.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels: all numbers, or all strings.

        Returns
        -------
        self
        """
        self.classes_, _ = _factorize(_labels(y))
        return self

    @atomic
    def fit_transform(self, y: Any) -> np.ndarray:
        """Learn the labels and return their codes.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels: all numbers, or all strings.

        Returns
        -------
        ndarray of int, shape (n_samples,)
        """
        self.classes_, codes = _factorize(_labels(y))
        return codes

    def transform(self, y: Any) -> np.ndarray:
        """Return the codes of labels.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels seen in `fit`.

        Returns
        -------
        ndarray of int, shape (n_samples,)

        Raises
        ------
        ValueError
            If a label was not seen in `fit`.
        """
        check_is_fitted(self)
        y = _labels(y)
        codes = positions(y, self.classes_)
        if (codes < 0).any():
            unseen = list(dict.fromkeys(y[codes < 0].tolist()))
            raise ValueError(f"y contains previously unseen labels: {unseen}")
        return codes

    def inverse_transform(self, y: Any) -> np.ndarray:
        """Return the labels of codes.

        Parameters
        ----------
        y : array-like of int, shape (n_samples,)
            Codes in [0, n_classes).

        Returns
        -------
        ndarray of shape (n_samples,)

        Raises
        ------
        ValueError
            If a code is not an integer in that range.
        """
        check_is_fitted(self)
        y = column_or_1d(y, warn_column=True)
        if y.size == 0:
            return np.array([], dtype=self.classes_.dtype)
        known = np.isin(y, np.arange(len(self.classes_)))
        if not known.all():
            raise ValueError(
                f"y contains previously unseen labels: {np.unique(y[~known]).tolist()}; the codes "
                f"known are 0 to {len(self.classes_) - 1}."
            )
        return self.classes_[y.astype(np.intp)]


def _labels(y: Any) -> np.ndarray:
    """Return the labels as an array; a list that mixes strings with None or NaN as objects."""
    array = column_or_1d(y, warn_column=True)
    if array.dtype.kind == "U" and isinstance(y, list) and not all(isinstance(v, str) for v in y):
        return column_or_1d(np.array(y, dtype=object))
    return array


def _factorize(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    try:
        return factorize(y)
    except TypeError:
        kinds = sorted({type(v).__name__ for v in y.tolist()})
        raise TypeError(
            f"Encoders require their input argument must be uniformly strings or numbers. "
            f"Got {kinds} in y."
        ) from None
