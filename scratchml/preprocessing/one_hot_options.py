"""OneHotEncoder's options, checked and turned into numbers: categories, drop, the rare ones.

Of one feature with K categories the encoder keeps, per category, its *group*: categories that are
infrequent share the last group, every other one has a group of its own, in order.  One group of a
feature may be dropped; the others are its output columns, in order.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from scratchml.preprocessing.categories import as_column, distinct, infrequent, is_nan, positions


def found_categories(column: np.ndarray, j: int) -> np.ndarray:
    """Return the sorted categories of feature `j`.

    Parameters
    ----------
    column : ndarray of shape (n_samples,)
        Its values.
    j : int
        Its number, for messages.

    Raises
    ------
    TypeError
        If numbers and strings are mixed.
    """
    try:
        return distinct(column)
    except TypeError as error:
        kinds = sorted({type(v).__name__ for v in column.tolist()})
        raise TypeError(
            "Encoders require their input argument must be uniformly strings or numbers. "
            f"Got {kinds} in column {j} ({error})."
        ) from None


def given_categories(given: Any, column: np.ndarray, j: int) -> np.ndarray:
    """Return the user's categories of feature `j` in the column's dtype, checked.

    Parameters
    ----------
    given : array-like of shape (n_categories,)
        In the order that the output shall have.
    column : ndarray of shape (n_samples,)
        The feature's values.
    j : int
        Its number, for messages.

    Raises
    ------
    ValueError
        If categories repeat, NaN is not last, or numbers are not sorted.
    """
    kind = column.dtype.kind
    dtype: Any = {"U": object, "S": "S"}.get(kind, column.dtype)
    categories = np.array(given, dtype=dtype)
    if categories.ndim != 1 or len(categories) == 0:
        raise ValueError(
            f"categories[{j}] must be a non-empty 1-D array-like, got shape {categories.shape}."
        )
    if kind != "S" and isinstance(categories[0], bytes):
        raise ValueError(
            f"In column {j}, the predefined categories have type 'bytes' which is incompatible "
            f"with values of type '{type(column[0]).__name__}'."
        )
    if any(is_nan(c) for c in categories[:-1]):
        raise ValueError(
            "Nan should be the last element in user provided categories, see categories "
            f"{categories} in column #{j}"
        )
    unique = found_categories(categories, j)
    if len(unique) != len(categories):
        raise ValueError(f"In column {j}, the predefined categories contain duplicate elements.")
    if kind not in "OUS" and not np.array_equal(unique, categories, equal_nan=kind == "f"):
        raise ValueError(
            "Unsorted categories are not supported for numerical categories; "
            f"got {categories} for column {j}."
        )
    return categories


def group_categories(
    column: np.ndarray, categories: np.ndarray, min_frequency: Any, max_categories: int | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the group of each category, and which share the last one; None where none do.

    Parameters
    ----------
    column : ndarray of shape (n_samples,)
        The feature's values.
    categories : ndarray of shape (n_categories,)
        Its categories.
    min_frequency : int, float or None
        Smallest count, or smallest share of the rows, of a frequent category.
    max_categories : int or None
        Largest number of groups.
    """
    groups = np.arange(len(categories))
    if min_frequency is None and max_categories is None:
        return groups, None
    codes = positions(column, categories)
    counts = np.bincount(codes[codes >= 0], minlength=len(categories))
    share = min_frequency is not None and not isinstance(min_frequency, Integral)
    least = min_frequency * len(column) if share else min_frequency
    rare = infrequent(counts, least, max_categories)
    if len(rare) == 0:
        return groups, None
    frequent = np.delete(groups, rare)
    groups[frequent] = np.arange(len(frequent))
    groups[rare] = len(frequent)
    return groups, rare


def dropped_groups(
    drop: Any, categories: list, groups: list, rare: list
) -> list[int | None] | None:
    """Return the group to drop from each feature, None where none; None without `drop`.

    Parameters
    ----------
    drop : None, "first", "if_binary" or array-like of shape (n_features,)
        The option.
    categories, groups : list of ndarray of shape (n_categories,)
        Categories of each feature, and the group of each.
    rare : list of (ndarray or None)
        Positions of each feature's infrequent categories.
    """
    if drop is None:
        return None
    if isinstance(drop, str):
        return [0 if drop == "first" or g.max() == 1 else None for g in groups]
    if len(drop) != len(categories):
        raise ValueError(
            f"`drop` should have length equal to the number of features ({len(categories)}), "
            f"got {len(drop)}."
        )
    # One at a time: an array of all would turn 1 into "1" beside a string.
    codes = [positions(as_column([d], object), c)[0] for d, c in zip(drop, categories, strict=True)]
    absent = [f"Category: {drop[j]}, Feature: {j}" for j, code in enumerate(codes) if code < 0]
    if absent:
        raise ValueError(
            "The following categories were supposed to be dropped, but were not found in the "
            "training data.\n" + "\n".join(absent)
        )
    for j, code in enumerate(codes):
        if rare[j] is not None and code in rare[j]:
            raise ValueError(
                f"Unable to drop category {categories[j].tolist()[code]!r} from feature {j} "
                "because it is infrequent"
            )
    return [int(g[code]) for g, code in zip(groups, codes, strict=True)]
