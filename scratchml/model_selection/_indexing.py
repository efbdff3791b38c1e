"""Rows of whatever holds rows: arrays, lists, pandas, polars and pyarrow data, sparse matrices."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from scratchml._core.validation import check_consistent_length


def indexable(**data: Any) -> list[Any]:
    """Return the data in a form whose rows can be taken, after checking that lengths agree.

    Parameters
    ----------
    **data : array-like, sparse matrix or None
        Under their argument names.
    """
    ready = {name: _indexable(value) for name, value in data.items()}
    check_consistent_length(**ready)
    return list(ready.values())


def take(data: Any, rows: np.ndarray) -> Any:
    """Return the rows numbered `rows`, in that order, in the kind of container they came in.

    Parameters
    ----------
    data : array-like
        As `indexable` returns it.
    rows : ndarray of int, shape (m,)
        Row numbers.
    """
    if type(data) is np.ndarray:
        return data.take(rows, axis=0)
    if hasattr(data, "iloc"):
        return data.iloc[rows]
    if type(data).__module__.partition(".")[0] == "pyarrow":
        return data.take(rows)
    if hasattr(data, "shape"):
        return data[rows]
    return [data[i] for i in rows.tolist()]


def parameters_repr(instance: Any) -> str:
    """Return ``Class(parameter=value, ...)``, parameters sorted by name.

    Parameters
    ----------
    instance : object
        What stores the parameters of its ``__init__`` under their own names.
    """
    init = type(instance).__init__
    names = () if init is object.__init__ else list(inspect.signature(init).parameters)[1:]
    listed = ", ".join(f"{name}={getattr(instance, name)!r}" for name in sorted(names))
    return f"{type(instance).__name__}({listed})"


def _indexable(data: Any) -> Any:
    if hasattr(data, "tocsr"):
        return data.tocsr()
    if data is None or hasattr(data, "__getitem__") or hasattr(data, "iloc"):
        return data
    return np.array(data)
