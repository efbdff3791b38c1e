"""What the transformers of this package share: column names, and scalers that map each column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from scratchml._core.estimator import Estimator, check_is_fitted
from scratchml._core.mixins import TransformerMixin
from scratchml._core.validation import check_array
from scratchml.preprocessing.blocks import apply_rowwise

FLOATS = (np.float64, np.float32, np.float16)  # kept by the scalers; anything else -> float64


def input_names(estimator: Any, input_features: Any = None) -> np.ndarray:
    """Return the names of a fitted estimator's input columns, checked against the given ones.

    Parameters
    ----------
    estimator : Estimator
        Fitted; its ``feature_names_in_`` and ``n_features_in_`` count.
    input_features : array-like of str, shape (n_features_in_,), optional
        Names to use where none were seen in ``fit``.

    Returns
    -------
    ndarray of object, shape (n_features_in_,)
        Names seen in ``fit``, else `input_features`, else "x0", "x1", ...

    Raises
    ------
    ValueError
        If `input_features` contradicts what was seen in ``fit``.
    """
    check_is_fitted(estimator)
    seen, n = getattr(estimator, "feature_names_in_", None), estimator.n_features_in_
    if input_features is None:
        return np.array([f"x{j}" for j in range(n)], dtype=object) if seen is None else seen
    names = np.asarray(input_features, dtype=object)
    if seen is not None and not np.array_equal(seen, names):
        raise ValueError(
            "input_features is not equal to feature_names_in_: "
            f"got {names.tolist()}, fitted with {seen.tolist()}."
        )
    if names.shape != (n,):
        raise ValueError(
            f"input_features should have length equal to number of features ({n}), "
            f"got {names.size}."
        )
    return names


class ColumnScaler(TransformerMixin, Estimator):
    """Base of scalers: each column is mapped by the same few ufuncs with its own constants."""

    _tags: ClassVar = {
        "input_tags.allow_nan": True,
        "transformer_tags.preserves_dtype": ["float64", "float32"],
    }

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the output columns, which are those of the input.

        Parameters
        ----------
        input_features : array-like of str, shape (n_features_in_,), optional
            Names to use where none were seen in ``fit``.

        Returns
        -------
        ndarray of object, shape (n_features_in_,)
        """
        return input_names(self, input_features)

    def _map(self, X: Any, steps: Callable, copy: bool, *, back: bool = False) -> np.ndarray:
        """Return the checked rows mapped by ``steps(dtype)``, in place where `copy` is False."""
        check_is_fitted(self)
        options: dict[str, Any] = {"dtype": FLOATS, "allow_nan": True, "estimator": self}
        if back:  # the names of transformed columns are not checked, their number is
            X = check_array(X, **options)
            if X.shape[1] != self.n_features_in_:
                raise ValueError(
                    f"X has {X.shape[1]} features, but {type(self).__name__} is expecting "
                    f"{self.n_features_in_} features as input."
                )
        else:
            X = self._check_X(X, **options)
        out = np.empty_like(X) if copy or not X.flags.writeable else X
        return apply_rowwise(X, steps(X.dtype), out)


def add_exactly(ufunc: Callable, vector: np.ndarray, dtype: np.dtype) -> list:
    """Return steps that add or subtract a float64 row vector in a narrower dtype.

    Rounding a mean of 1e4 to float32 would shift the column by up to 5e-4.  So what the rounding
    cuts off is subtracted in a second step, after the large part has gone.

    Parameters
    ----------
    ufunc : callable
        ``np.add`` or ``np.subtract``.
    vector : ndarray of shape (p,)
        The constants.
    dtype : dtype
        In which the steps are done.
    """
    high = vector.astype(dtype)
    low = (vector - high).astype(dtype)
    return [(ufunc, high), (ufunc, low)] if (low != 0).any() else [(ufunc, high)]
