"""Codes of categories to columns of 0 and 1, and back.

A feature with groups 0 ... g - 1 of categories has a column for each group but the dropped one, in
order.  Row i gets a 1 in column ``table_j[code_ij]`` of feature j and zeros elsewhere, where
``table_j`` is -1 for categories of the dropped group.  The entry at the end of a table stands for
unknown values, whose code is -1, so that Python's indexing from the end finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def column_table(groups: np.ndarray, dropped: int | None, unknown: int | None) -> np.ndarray:
    """Return the column of each category of a feature, and of unknown values.

    Parameters
    ----------
    groups : ndarray of int, shape (n_categories,)
        Group of each category.
    dropped : int or None
        The group without a column.
    unknown : int or None
        The group that unknown values go to; None for zeros.

    Returns
    -------
    ndarray of int, shape (n_categories + 1,)
        -1 for no column.
    """
    table = np.append(groups, -1 if unknown is None else unknown)
    if dropped is None:
        return table
    return np.where(table == dropped, -1, table - (table > dropped))


def indicators(
    codes: Sequence[np.ndarray], tables: Sequence[np.ndarray], widths: Sequence[int], dtype: Any
) -> np.ndarray:
    """Return the matrix of 0 and 1.

    Parameters
    ----------
    codes : sequence of ndarray of int, shape (n,)
        For each feature the category of each row, -1 for unknown.
    tables : sequence of ndarray of int, shape (n_categories + 1,)
        From `column_table`, one for each feature.
    widths : sequence of int
        Number of columns of each feature.
    dtype : dtype
        Of the result.

    Returns
    -------
    ndarray of shape (n, sum(widths))
    """
    n, total = len(codes[0]), sum(widths)
    out = np.zeros((n, total), dtype=dtype)
    flat = out.reshape(-1)
    offset = np.arange(n) * total
    for code, table, width in zip(codes, tables, widths, strict=True):
        column = table[code]
        where = offset + column
        flat[where if (table >= 0).all() else where[column >= 0]] = 1
        offset += width
    return out


def labels_of(block: np.ndarray, labels: np.ndarray, dropped: int | None) -> tuple:
    """Return the label of each row of one feature's columns, and where the columns are all 0.

    Parameters
    ----------
    block : ndarray of shape (n, width)
        The feature's columns; the first largest value decides.
    labels : ndarray of shape (n_groups,)
        Label of each group.
    dropped : int or None
        The group without a column, which rows of zeros belong to.

    Returns
    -------
    found : ndarray of shape (n,)
        Labels.
    empty : ndarray of bool, shape (n,)
        Rows of zeros that belong to no group.
    """
    if dropped is None:
        return labels[block.argmax(axis=1)], ~block.any(axis=1)
    kept = np.delete(np.arange(len(labels)), dropped)
    empty = ~block.any(axis=1)
    best = block.argmax(axis=1) if len(kept) else np.zeros(len(block), dtype=np.intp)
    found = np.append(kept, dropped)[np.where(empty, len(kept), best)]
    return labels[found], np.zeros(len(block), dtype=bool)
