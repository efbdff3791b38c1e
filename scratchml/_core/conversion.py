"""From what users pass to an ndarray of numbers: lists, frames, nullable columns, objects."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def as_ndarray(X: Any, dtype: Any, name: str) -> np.ndarray:
    """Convert to an ndarray of the dtype asked for; ValueError or TypeError say what cannot be."""
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill or drop the masked entries first.")
    array = np.asarray(_without_extension_types(X))
    if dtype is None:
        if array.dtype.kind == "c":
            raise ValueError(f"Complex data not supported\n{name} has dtype {array.dtype}.")
        return array
    wanted = dtype if isinstance(dtype, tuple) else (dtype,)
    if any(array.dtype == d for d in wanted):
        return array
    kind = array.dtype.kind
    if kind == "c":
        raise ValueError(f"Complex data not supported\n{name} has dtype {array.dtype}.")
    if kind in "USV":
        raise ValueError(
            f"dtype='numeric' is not compatible with arrays of bytes/strings in {name}. Convert "
            f"your data to numeric values explicitly instead; got dtype {array.dtype}."
        )
    if kind in "mM":
        raise TypeError(f"{name} holds dates or time spans ({array.dtype}); pass numbers instead.")
    if kind == "O" and any(isinstance(v, complex | np.complexfloating) for v in array.flat):
        raise ValueError(f"Complex data not supported\n{name} holds complex numbers.")
    try:
        with np.errstate(over="ignore"):  # a float64 beyond float32's range counts as infinite
            return array.astype(wanted[0])
    except ValueError as error:
        raise ValueError(f"{error}; {_where_text(X, array, name)}") from None


def _where_text(X: Any, array: np.ndarray, name: str) -> str:
    """Say which column of an object array is text, and what turns it into numbers."""
    first = array[0] if array.ndim == 2 else ()
    text = [j for j, value in enumerate(first) if isinstance(value, str | bytes)]
    if not text:
        return f"{name} must hold numbers."
    columns = list(getattr(X, "columns", range(array.shape[1])))
    return (
        f"column {columns[text[0]]!r} of {name} is text: turn it into numbers first, for instance "
        "with OneHotEncoder."
    )


def _without_extension_types(X: Any) -> Any:
    """A pandas frame or series of nullable dtypes as floats with NaN; anything else as it is."""
    dtypes = getattr(X, "dtypes", None)
    if dtypes is None or not hasattr(X, "to_numpy") or isinstance(dtypes, list):
        return X
    kinds = list(dtypes) if hasattr(dtypes, "__iter__") else [dtypes]
    if any(hasattr(d, "na_value") for d in kinds) and all(d.kind in "iufb" for d in kinds):
        return X.to_numpy(dtype=np.float64, na_value=np.nan)
    return X


def is_sparse(X: Any) -> bool:
    """Return whether `X` is one of SciPy's sparse matrices; before SciPy is loaded, none is."""
    scipy_sparse = sys.modules.get("scipy.sparse")
    return scipy_sparse is not None and bool(scipy_sparse.issparse(X))


def reject_sparse(X: Any, name: str, who: str) -> None:
    if is_sparse(X):
        raise TypeError(
            f"Sparse data was passed for {name}, but {who or 'this function'} takes dense data "
            f"only. Use {name}.toarray() to convert it to a dense array."
        )
