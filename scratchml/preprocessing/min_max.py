"""MinMaxScaler: columns that fill a given range.

    z = (x - min) / (max - min) (b - a) + a    for the range [a, b].

The subtraction comes first: a column far from zero loses nothing to cancellation, its smallest
value becomes `a` exactly, and with the range [0, 1] its largest 1.  The equivalent
``x scale_ + min_`` is only published.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.rules import array_like, boolean
from scratchml.preprocessing.blocks import block_slices, rows_side_by_side, side_by_side
from scratchml.preprocessing.columns import FLOATS, ColumnScaler, add_exactly


class MinMaxScaler(ColumnScaler):
    """Shift and scale each column to a given range.

    NaN is left out when fitting and stays NaN when transforming. A constant column is only shifted.

    Parameters
    ----------
    feature_range : tuple (min, max), default=(0, 1)
        The range that the values seen in `fit` fill.
    copy : bool, default=True
        Return a new array from `transform`; False works in place where the input is a writable
        float array.
    clip : bool, default=False
        Cut transformed values that fall outside the range.

    Attributes
    ----------
    data_min_, data_max_, data_range_ : ndarray of shape (n_features,)
        Smallest and largest value of each column, and their difference.
    scale_, min_ : ndarray of shape (n_features,)
        Factor and offset: `transform` is ``X * scale_ + min_`` up to rounding.
    n_samples_seen_ : int
        Rows seen.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Their names, if they all have string names.

    Examples
    --------
    >>> from scratchml.preprocessing import MinMaxScaler
    >>> X = [[-1, 2], [-0.5, 6], [0, 10], [1, 18]]
    >>> print(MinMaxScaler().fit_transform(X))
    [[0.   0.  ]
     [0.25 0.25]
     [0.5  0.5 ]
     [1.   1.  ]]
    """

    _rules: ClassVar = {"feature_range": array_like(), "copy": boolean(), "clip": boolean()}

    data_min_: Any
    data_max_: Any
    data_range_: Any
    n_samples_seen_: int

    def __init__(
        self,
        feature_range: tuple[float, float] = (0, 1),
        *,
        copy: bool = True,
        clip: bool = False,
    ):
        self.feature_range = feature_range
        self.copy = copy
        self.clip = clip

    @atomic
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the smallest and largest value of each column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        return self._update(X)

    @atomic
    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Learn from more rows, as if `fit` had seen them together with all earlier ones.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        return self._update(X)

    def transform(self, X: Any) -> np.ndarray:
        """Return the rows, shifted and scaled.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Of X's dtype where that is a float.
        """
        low, high = map(float, self.feature_range)

        def steps(dtype: np.dtype) -> list:
            def constant(value: float) -> np.ndarray:
                return np.full(self.n_features_in_, value, dtype)

            steps = add_exactly(np.subtract, self.data_min_.astype(np.float64), dtype)
            steps.append((np.divide, self._divisor().astype(dtype)))
            if high - low != 1.0:
                steps.append((np.multiply, constant(high - low)))
            if low != 0.0:
                steps.append((np.add, constant(low)))
            if self.clip:
                steps += [(np.maximum, constant(low)), (np.minimum, constant(high))]
            return steps

        return self._map(X, steps, self.copy)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Return rows of the original range, which undoes `transform`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Transformed rows.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Of X's dtype where that is a float.
        """
        low, high = map(float, self.feature_range)

        def steps(dtype: np.dtype) -> list:
            offset = np.full(self.n_features_in_, low, dtype)
            steps: list = [(np.subtract, offset)] if low != 0.0 else []
            steps.append((np.multiply, (self._divisor() / (high - low)).astype(dtype)))
            return steps + add_exactly(np.add, self.data_min_.astype(np.float64), dtype)

        return self._map(X, steps, self.copy, back=True)

    def _update(self, X: Any) -> Self:
        low, high = _check_range(self.feature_range)
        first = not hasattr(self, "n_samples_seen_")
        X = self._check_X(X, reset=first, dtype=FLOATS, allow_nan=True)
        data_min, data_max = column_range(X)
        seen = len(X)
        if not first:
            data_min = np.fmin(self.data_min_, data_min)
            data_max = np.fmax(self.data_max_, data_max)
            seen += self.n_samples_seen_
        self.n_samples_seen_ = seen
        self.data_min_, self.data_max_ = data_min, data_max
        self.data_range_ = data_max - data_min
        self.scale_ = ((high - low) / self._divisor()).astype(data_min.dtype)
        self.min_ = (low - data_min * self.scale_).astype(data_min.dtype)
        return self

    def _divisor(self) -> np.ndarray:
        """Return the ranges in float64, 1 for columns so flat that only rounding errors differ."""
        width = self.data_range_.astype(np.float64)
        return np.where(width < 10 * np.finfo(self.data_range_.dtype).eps, 1.0, width)


def column_range(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and the largest value of each column, NaN left out.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Floats; a column of nothing but NaN gives NaN.
    """
    p = X.shape[1]
    k = rows_side_by_side(X)
    whole = len(X) // k * k
    A = side_by_side(X[:whole], k)
    rows, columns = block_slices(A)
    extremes = []
    for ufunc in (np.fmin, np.fmax):  # they skip NaN, and along rows are faster than np.minimum
        parts = [np.concatenate([ufunc.reduce(A[i, j], axis=0) for j in columns]) for i in rows]
        wide = ufunc.reduce(parts, axis=0).reshape(k, p)
        extremes.append(ufunc.reduce(np.vstack([wide, X[whole:]]), axis=0))
    return extremes[0], extremes[1]


def _check_range(feature_range: Any) -> tuple[float, float]:
    limits = tuple(feature_range)
    if len(limits) != 2 or not all(np.isfinite(limits)):
        raise ValueError(f"feature_range must be two finite numbers, got {feature_range!r}.")
    if limits[0] >= limits[1]:
        raise ValueError(
            "Minimum of desired feature range must be smaller than maximum. "
            f"Got feature_range={feature_range!r}."
        )
    return float(limits[0]), float(limits[1])
