"""Features of mixed kinds, a 1-D array each: every column of a frame keeps its own dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.validation import check_array


def feature_columns(X: Any, estimator: Any) -> list[np.ndarray]:
    """Return the columns of a table of numbers, strings or objects.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Array, nested list, or pandas or polars frame. NaN and None may occur, infinity may not.
    estimator : object
        Who asks, for messages.

    Returns
    -------
    list of ndarray of shape (n_samples,)
        Strings of lists and of frames come as objects, so that nothing is ever cut to a width.
    """
    options: dict[str, Any] = {"dtype": None, "allow_nan": True, "estimator": estimator}
    if hasattr(X, "iloc") or hasattr(X, "get_column"):  # pandas; polars
        if len(X.shape) != 2:
            raise ValueError(
                f"Expected a 2-dimensional container but got {type(X)} instead. Pass a frame with "
                "one column if your data has a single feature, or with one row if it has a single "
                "sample."
            )
        if X.shape[1] == 0:
            check_array(np.empty(X.shape), estimator=estimator)  # words the error
        columns = X.iter_columns() if hasattr(X, "iter_columns") else (X[c] for c in X.columns)
        if hasattr(X, "iloc"):
            columns = (X.iloc[:, j] for j in range(X.shape[1]))
        return [_plain_strings(check_array(c, ndim=1, **options)) for c in columns]
    array = check_array(X, **options)
    if not hasattr(X, "dtype") and array.dtype.kind in "US":
        # NumPy has turned the numbers of a mixed list into strings too: start again from the list.
        array = check_array(np.array(X, dtype=object), **options)
    return list(array.T)


def _plain_strings(column: np.ndarray) -> np.ndarray:
    """Return NumPy's variable-width strings (polars may give them) as objects."""
    return column.astype(object) if column.dtype.kind == "T" else column
