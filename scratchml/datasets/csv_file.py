"""CSV files to arrays: numbers as they are, text as codes, missing cells as NaN.

``csv_columns.py`` finds out what each column holds; this file names the columns, picks the target
and lays the features out as one matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from scratchml._core.rules import Rule, array_like, boolean, check_parameters, none, option
from scratchml.datasets.bunch import Bunch
from scratchml.datasets.csv_columns import Column, Table
from scratchml.datasets.files import malformed, read_bytes

MISSING = ("", "?", "NA", "N/A", "NaN", "nan", "NULL", "null", "None")


def _is_column(value: Any) -> bool:
    return isinstance(value, str | Integral) and not isinstance(value, bool)


RULES = {
    "target": none()
    | Rule("a column's name or index", _is_column)
    | Rule("a list of them", lambda v: isinstance(v, list | tuple) and len(v) > 0),
    "header": option("infer") | boolean(),
    "delimiter": none()
    | Rule("one character", lambda v: isinstance(v, str) and len(v) == 1 and v not in '\r\n"'),
    "text": option("codes", "object"),
    "missing_values": array_like(),
    "return_X_y": boolean(),
}


def load_csv(
    file: Any,
    *,
    target: Any = None,
    header: str | bool = "infer",
    delimiter: str | None = None,
    text: str = "codes",
    missing_values: Sequence[str] = MISSING,
    encoding: str = "utf-8",
    return_X_y: bool = False,
) -> Any:
    r"""Read a CSV file as features and, if named, a target.

    Blank lines are skipped, spaces after a delimiter too, and fields may be quoted as in
    RFC 4180. A column is numeric if each cell is a number or missing.

    Parameters
    ----------
    file : str, path-like or binary file
        The file; it may be compressed with gzip, bzip2 or xz.
    target : str, int, list of them or None, default=None
        Name or index (from the end if negative) of the column to predict. A list of numeric
        columns makes ``target`` two-dimensional.
    header : {"infer"} or bool, default="infer"
        Whether the first row names the columns. Inferred: it does if none of its cells is a
        number and they differ from each other. Columns without a name are called x0, x1, ...
    delimiter : str or None, default=None
        The character between fields; a space stands for runs of white space. None takes the most
        frequent of tab, comma, semicolon and bar in the first line, or white space between
        numbers.
    text : {"codes", "object"}, default="codes"
        What becomes of text columns: the position in their sorted ``categories``, or the strings
        themselves in an object array.
    missing_values : sequence of str, default=("", "?", "NA", "N/A", "NaN", ...)
        Cells that stand for a missing value.
    encoding : str, default="utf-8"
        Encoding of the file; a byte-order mark is skipped.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    Bunch
        ``data`` (n_samples, n_features) float64, or object where `text` is "object" and there is
        text, NaN where missing; ``target`` (n_samples,), int64 for text (codes) and whole numbers,
        else float64, or None; ``feature_names``, a list of str; ``target_names``, the categories
        of a text target or None; ``categories``, a dict from each text feature's name to its
        categories.

    Raises
    ------
    ValueError
        If a row has another number of fields, a quote stays open, the encoding is wrong, a column
        is unknown or twice the same, a text target has missing cells, or there is no row.

    Examples
    --------
    >>> import io
    >>> from scratchml.datasets import load_csv
    >>> file = io.BytesIO(b"size,colour,kind\n1.5,red,A\n2,green,B\n?,red,A\n")
    >>> bunch = load_csv(file, target="kind")
    >>> bunch.data
    array([[1.5, 1. ],
           [2. , 0. ],
           [nan, 1. ]])
    >>> bunch.target, bunch.feature_names, bunch.categories["colour"].tolist()
    (array([0, 1, 0]), ['size', 'colour'], ['green', 'red'])
    """
    check_parameters(RULES, locals(), "load_csv")
    if return_X_y and target is None:
        raise ValueError("return_X_y=True needs target, the column to predict; got target=None.")
    content, name = read_bytes(file)
    table = Table(content, name, delimiter, header, frozenset(missing_values), encoding)
    chosen = _target_indices(target, table.names, name)
    columns = table.columns()
    features = [j for j in range(len(columns)) if j not in chosen]
    data = _matrix([columns[j] for j in features], len(columns[0].values), text)
    y, target_names = _target([columns[j] for j in chosen], target, text, name)
    if return_X_y:
        return data, y
    return Bunch(
        data=data,
        target=y,
        feature_names=[table.names[j] for j in features],
        target_names=target_names,
        categories={
            table.names[j]: columns[j].categories
            for j in features
            if columns[j].categories is not None
        },
    )


def _target_indices(target: Any, names: list[str], file: str) -> list[int]:
    """Return the indices of the target columns, in the order given."""
    if target is None:
        return []
    wanted = target if isinstance(target, list | tuple) else [target]
    indices = []
    for column in wanted:
        if isinstance(column, str):
            if column not in names:
                raise ValueError(f"target={column!r} is no column of {file}; it has {names[:50]}.")
            indices.append(names.index(column))
        elif isinstance(column, Integral) and -len(names) <= int(column) < len(names):
            indices.append(int(column) % len(names))
        else:
            raise ValueError(f"target={column!r} is no column of {file}; it has {len(names)}.")
    if len(set(indices)) < len(indices):
        raise ValueError(f"target={target!r} names a column twice.")
    return indices


def _matrix(columns: list[Column], n: int, text: str) -> np.ndarray:
    """Lay the columns side by side; text as codes (NaN where missing) or as objects."""
    as_object = text == "object" and any(c.categories is not None for c in columns)
    data = np.empty((n, len(columns)), dtype=object if as_object else np.float64)
    for j, column in enumerate(columns):
        if column.categories is None:
            data[:, j] = column.values
        else:
            kept = column.values >= 0
            shown = column.categories[column.values] if as_object else column.values
            data[:, j] = np.nan
            data[kept, j] = shown[kept]
    return data


def _target(
    columns: list[Column], target: Any, text: str, file: str
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return y and the names of its classes, None where they do not apply."""
    if not columns:
        return None, None
    if len(columns) > 1 or isinstance(target, list | tuple):
        if any(c.categories is not None for c in columns):
            raise ValueError(f"several targets must be numeric; {target!r} of {file} hold text.")
        return np.column_stack([c.values for c in columns]), None
    values, categories = columns[0]
    if categories is None:
        whole = bool((values == np.floor(values)).all() and (np.abs(values) < 2.0**53).all())
        return (values.astype(np.int64) if whole else values), None
    missing = np.flatnonzero(values < 0)
    if missing.size:
        place = f"data row {missing[0] + 1}"
        raise malformed(file, place, f"the target {target!r} is text and its value is missing")
    return (values if text == "codes" else categories[values]), categories
