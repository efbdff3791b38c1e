"""StandardScaler: columns of mean 0 and variance 1.

    z = (x - mean) / scale,    scale = sqrt(variance), or 1 where the column is constant.

A column counts as constant if its variance is within the rounding error of computing it,
``variance <= n eps variance + (n eps mean)^2`` (the bound for the two-pass algorithm in Chan, Golub
and LeVeque 1983, section 3), so that noise in the last digit is never blown up to unit variance.
How mean and variance are found is told in ``moments``.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from scratchml._core.estimator import atomic
from scratchml._core.rules import boolean
from scratchml._core.validation import check_sample_weight
from scratchml.preprocessing.columns import FLOATS, ColumnScaler, add_exactly
from scratchml.preprocessing.moments import Moments, column_moments, merge_moments


class StandardScaler(ColumnScaler):
    """Shift each column to mean 0 and scale it to variance 1.

    NaN is left out when fitting and stays NaN when transforming.

    Parameters
    ----------
    copy : bool, default=True
        Return a new array from `transform`; False works in place where the input is a writable
        float array.
    with_mean : bool, default=True
        Subtract the mean.
    with_std : bool, default=True
        Divide by the standard deviation (of the population: the divisor is n).

    Attributes
    ----------
    mean_ : ndarray of float64, shape (n_features,), or None
        Means; None if neither `with_mean` nor `with_std`.
    var_ : ndarray of float64, shape (n_features,), or None
        Variances; None without `with_std`.
    scale_ : ndarray of float64, shape (n_features,), or None
        What columns are divided by; None without `with_std`.
    n_samples_seen_ : int, float or ndarray of shape (n_features,)
        Rows seen, or the sum of their weights; one figure per column where NaNs were seen.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Their names, if they all have string names.

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance: analysis
    and recommendations", The American Statistician 37 (1983), 242-247.

    Examples
    --------
    >>> from scratchml.preprocessing import StandardScaler
    >>> scaler = StandardScaler().fit([[0, 0], [0, 0], [1, 1], [1, 1]])
    >>> print(scaler.mean_, scaler.scale_)
    [0.5 0.5] [0.5 0.5]
    >>> print(scaler.transform([[2, 2]]))
    [[3. 3.]]
    """

    _rules: ClassVar = {"copy": boolean(), "with_mean": boolean(), "with_std": boolean()}

    mean_: Any
    var_: Any
    scale_: Any

    def __init__(self, *, copy: bool = True, with_mean: bool = True, with_std: bool = True):
        self.copy = copy
        self.with_mean = with_mean
        self.with_std = with_std

    @atomic
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn the means and scales of the columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), optional
            Weights >= 0 of the rows; a weight of 2 counts as the row twice.

        Returns
        -------
        self
        """
        return self._update(X, sample_weight)

    @atomic
    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from more rows, as if `fit` had seen them together with all earlier ones.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), optional
            Weights >= 0 of the rows.

        Returns
        -------
        self
        """
        return self._update(X, sample_weight)

    def transform(self, X: Any, copy: bool | None = None) -> np.ndarray:
        """Return ``(X - mean_) / scale_``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        copy : bool, optional
            In place of the parameter of that name.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Of X's dtype where that is a float.
        """

        def steps(dtype: np.dtype) -> list:
            shift = add_exactly(np.subtract, self.mean_, dtype) if self.with_mean else []
            return shift + ([(np.divide, self.scale_.astype(dtype))] if self.with_std else [])

        return self._map(X, steps, self.copy if copy is None else copy)

    def inverse_transform(self, X: Any, copy: bool | None = None) -> np.ndarray:
        """Return ``X scale_ + mean_``, which undoes `transform`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Transformed rows.
        copy : bool, optional
            In place of the parameter of that name.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Of X's dtype where that is a float.
        """

        def steps(dtype: np.dtype) -> list:
            scale = [(np.multiply, self.scale_.astype(dtype))] if self.with_std else []
            return scale + (add_exactly(np.add, self.mean_, dtype) if self.with_mean else [])

        return self._map(X, steps, self.copy if copy is None else copy, back=True)

    def _update(self, X: Any, sample_weight: Any) -> Self:
        earlier = getattr(self, "_moments_", None)
        X = self._check_X(X, reset=earlier is None, dtype=FLOATS, allow_nan=True)
        weights = check_sample_weight(sample_weight, len(X))
        moments = column_moments(X, weights)
        whole = weights is None
        if earlier is not None:
            moments = merge_moments(Moments(*earlier), moments)
            whole = whole and np.asarray(self.n_samples_seen_).dtype.kind == "i"
        self._moments_ = np.stack(moments)
        self._publish(moments, np.int64 if whole else np.float64)
        return self

    def _publish(self, moments: Moments, count_dtype: Any) -> None:
        """Set the public attributes from the moments of all rows seen."""
        count = moments.weight
        seen = count.astype(count_dtype)
        self.n_samples_seen_ = seen[0] if (seen == seen[0]).all() else seen
        known = np.where(count > 0, 1.0, np.nan)  # a column of nothing but NaN has no mean
        self.mean_ = moments.mean * known if self.with_mean or self.with_std else None
        self.var_ = self.scale_ = None
        if self.with_std:
            self.var_ = moments.m2 / np.maximum(count, np.finfo(float).tiny) * known
            constant = _is_constant(self.var_, self.mean_, count)
            self.scale_ = np.where(constant, 1.0, np.sqrt(self.var_))


def _is_constant(var: np.ndarray, mean: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return where the variance is within the rounding error of its computation."""
    eps = np.finfo(np.float64).eps
    return var <= n * eps * var + (n * mean * eps) ** 2
