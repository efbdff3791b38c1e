"""Categories of a column: which there are, the position of each value among them, the rare ones.

A category is a number, a string, or anything else that can be hashed and sorted; None and NaN are
categories too and come last, None first.  All NaNs are one category.

Two representations, two methods:

- numbers: sort and drop repetitions; the position by binary search, or through a table where the
  values are integers of a small range;
- objects and strings: a hash set, sorted; the position through a hash table.  NaN differs from
  itself, so the hash table misses it and only the values that it missed are looked at again.

Cost: O(n log n) and O(n) comparisons for numbers, O(n) hashes for objects, n values; the sort of
the objects is over the categories only.
"""

from __future__ import annotations

from itertools import repeat
from typing import Any

import numpy as np


def distinct(values: np.ndarray) -> np.ndarray:
    """Return the sorted distinct values, then None, then NaN where they occur.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers, strings or objects that can be hashed and compared.

    Returns
    -------
    ndarray of shape (n_categories,)
        Of the dtype of `values`.
    """
    span = _small_span(values)
    if span is not None:
        low, spread = span
        present = np.bincount(values.astype(np.int64) - low, minlength=spread + 1)
        return (np.flatnonzero(present) + low).astype(values.dtype)
    if values.dtype.kind not in "OUS":
        return np.unique(values)
    return _distinct_listed(set(values.tolist()), values.dtype)


def factorize(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `distinct` and `positions` of the same values, in less time than one by one.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers, strings or objects that can be hashed and compared.
    """
    kind = values.dtype.kind
    if kind in "OUS":
        listed = values.tolist()
        categories = _distinct_listed(set(listed), values.dtype)
        return categories, _positions_by_hash(listed, categories)
    if _small_span(values) is not None:
        categories = distinct(values)
        return categories, positions(values, categories)
    categories, codes = np.unique(values, return_inverse=True)
    return categories, codes.astype(np.intp, copy=False)


def positions(values: np.ndarray, categories: np.ndarray) -> np.ndarray:
    """Return the position of each value among the categories, -1 where it is none of them.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers, strings or objects that can be hashed.
    categories : ndarray of shape (n_categories,)
        Distinct; sorted if they are numbers; NaN last.

    Returns
    -------
    ndarray of intp, shape (n,)
        ``categories[positions]`` equals `values` where it is not -1.
    """
    if len(categories) == 0:
        return np.full(len(values), -1, dtype=np.intp)
    kinds = {values.dtype.kind, categories.dtype.kind}
    if kinds <= set("iu") and _small_span(categories[[0, -1]]) is not None:
        return _positions_by_table(values, categories)
    if kinds <= set("biuf"):
        return _positions_by_search(values, categories)
    return _positions_by_hash(values.tolist(), categories)


def infrequent(
    counts: np.ndarray, min_count: float | None, max_categories: int | None
) -> np.ndarray:
    """Return the positions of the categories that are to share one output.

    Parameters
    ----------
    counts : ndarray of int, shape (n_categories,)
        How often each category occurs.
    min_count : float or None
        Categories that occur less often are infrequent.
    max_categories : int or None
        At most so many outputs, that of the infrequent ones included. Among equal counts the
        earlier category goes first.

    Returns
    -------
    ndarray of intp, shape (n_infrequent,)
        Ascending; empty where every category has its own output.
    """
    rare = np.zeros(len(counts), dtype=bool) if min_count is None else counts < min_count
    if max_categories is not None and max_categories < len(counts) - rare.sum() + 1:
        kept = max_categories - 1
        ascending = np.argsort(counts, kind="stable")
        rare[ascending[: len(counts) - kept]] = True
    return np.flatnonzero(rare)


def is_nan(value: Any) -> bool:
    """Return whether one value is NaN, or pandas' NA.

    Parameters
    ----------
    value : object
        Anything.
    """
    if isinstance(value, float | np.floating):
        return bool(value != value)
    return type(value).__name__ in ("NAType", "NaTType")


def as_column(values: list, dtype: Any) -> np.ndarray:
    """Return a 1-D array of a list, also where its entries are sequences themselves.

    Parameters
    ----------
    values : list
        The entries.
    dtype : dtype
        Of the result.
    """
    if np.dtype(dtype).kind != "O":
        return np.array(values, dtype=dtype)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _distinct_listed(found: set, dtype: np.dtype) -> np.ndarray:
    missing = [v for v in found if v is None or is_nan(v)]
    categories = sorted(found.difference(missing))
    if None in missing:
        categories.append(None)
    if any(v is not None for v in missing):
        categories.append(np.nan)
    return as_column(categories, dtype)


def _positions_by_hash(listed: list, categories: np.ndarray) -> np.ndarray:
    table = {category: code for code, category in enumerate(categories.tolist())}
    codes = np.fromiter(map(table.get, listed, repeat(-1)), dtype=np.intp, count=len(listed))
    if len(categories) and is_nan(categories[-1]):
        missed = np.flatnonzero(codes < 0)
        codes[[i for i in missed.tolist() if is_nan(listed[i])]] = len(categories) - 1
    return codes


def _small_span(values: np.ndarray) -> tuple[int, int] | None:
    """Return the smallest integer and the spread, where a table over the spread is worth it."""
    if values.dtype.kind not in "iu" or len(values) == 0:
        return None
    low, high = int(values.min()), int(values.max())
    small = high - low <= max(1024, len(values)) and low > -(2**62) and high < 2**62
    return (low, high - low) if small else None


def _positions_by_table(values: np.ndarray, categories: np.ndarray) -> np.ndarray:
    first = int(categories[0])
    table = np.full(int(categories[-1]) - first + 1, -1, dtype=np.intp)
    table[categories.astype(np.int64) - first] = np.arange(len(categories))
    # Compared first, subtracted second: what lies outside could overflow.
    inside = (values >= categories[0]) & (values <= categories[-1])
    shifted = np.where(inside, values, categories[0]).astype(np.int64) - first
    return np.where(inside, table[shifted], -1)


def _positions_by_search(values: np.ndarray, categories: np.ndarray) -> np.ndarray:
    with_nan = categories.dtype.kind == "f" and bool(np.isnan(categories[-1]))
    ordered = categories[: len(categories) - with_nan]
    codes = np.full(len(values), -1, dtype=np.intp)
    if len(ordered):
        nearest = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
        codes = np.where(ordered[nearest] == values, nearest, -1)
    if with_nan and values.dtype.kind == "f":
        codes[np.isnan(values)] = len(ordered)
    return codes
