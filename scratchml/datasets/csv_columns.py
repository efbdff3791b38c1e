"""What a CSV file's columns hold: one pass that turns cells into numbers or codes.

A column counts as numeric until a cell is neither a number nor missing; then it is text.  Rows are
read in chunks, and a chunk's cells are dropped as soon as they are numbers or codes, so that memory
stays near 8 bytes a cell.  A column that turns to text after its first chunk has lost its earlier
cells: all such columns are read anew in a second pass, of which there is at most one.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from scratchml.datasets.files import malformed

MAX_COLUMNS = 1 << 17  # bounds what a first line of a million commas can claim
CELLS = 1 << 17  # a chunk


class Column(NamedTuple):
    """A column's values.

    Numeric: float64 with NaN where missing, `categories` None.  Text: int64 positions in the sorted
    `categories` (an object array), -1 where missing.
    """

    values: np.ndarray  # (n,)
    categories: np.ndarray | None


class _Codes(dict):
    """Gives each new key the next number."""

    def __missing__(self, key: str) -> int:
        code = self[key] = len(self)
        return code


class Table:
    """A CSV file's dialect and column names; `columns` reads the rest.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Its name, for messages.
    delimiter : str or None
        One character; " " means runs of white space, None means to infer it.
    header : {"infer"} or bool
        Whether the first row names the columns.
    missing : frozenset of str
        Cells that stand for a missing value.
    encoding : str
        Encoding of the file.
    """

    def __init__(
        self,
        content: bytes,
        name: str,
        delimiter: str | None,
        header: str | bool,
        missing: frozenset[str],
        encoding: str,
    ) -> None:
        self.content, self.name, self.missing = content, name, missing
        self.encoding = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
        self.line = self.width = 0  # `line` counts the lines read when the latest row ended
        self.delimiter = delimiter or self._infer_delimiter()
        first = next(self._rows(), None)
        if first is None:
            raise malformed(name, "line 1", "the file has no rows")
        self.width = len(first)
        if self.width > MAX_COLUMNS:
            rule = f"expected at most {MAX_COLUMNS} columns, got {self.width}"
            raise malformed(name, f"line {self.line}", rule)
        self.has_header = _looks_like_names(first) if header == "infer" else bool(header)
        self.names = [
            first[j].strip() if self.has_header and first[j].strip() else f"x{j}"
            for j in range(self.width)
        ]
        if len(set(self.names)) < self.width:
            twice = Counter(self.names).most_common(1)[0][0]
            raise malformed(name, f"line {self.line}", f"two columns are named {twice!r}")

    def columns(self) -> list[Column]:
        """Return the columns, in the file's order."""
        numbers: dict[int, list[np.ndarray]] = {j: [] for j in range(self.width)}
        texts: dict[int, tuple[_Codes, list[np.ndarray]]] = {}
        late: set[int] = set()
        n = 0
        for cells in self._chunks():
            for j in list(numbers):
                values = _to_floats(cells[j], self.missing)
                if values is not None:
                    numbers[j].append(values)
                    continue
                del numbers[j]
                if n:
                    late.add(j)
                else:
                    texts[j] = (_Codes(), [])
            _encode(texts, cells)
            n += len(cells[0])
        if n == 0:
            raise malformed(self.name, f"line {self.line}", "the file has no rows below its header")
        if late:
            again: dict[int, tuple[_Codes, list[np.ndarray]]] = {j: (_Codes(), []) for j in late}
            for cells in self._chunks():
                _encode(again, cells)
            texts.update(again)
        return [
            Column(np.concatenate(numbers[j]), None)
            if j in numbers
            else _sorted_column(texts[j][0], np.concatenate(texts[j][1]), self.missing)
            for j in range(self.width)
        ]

    def _chunks(self) -> Iterator[list[tuple[str, ...]]]:
        """Yield the cells of each column, chunk after chunk, with the header left out."""
        rows = self._rows()
        if self.has_header:
            next(rows)
        n_rows = int(self.has_header)
        while chunk := list(islice(rows, max(1, CELLS // self.width))):
            if set(map(len, chunk)) != {self.width}:
                bad = next(i for i, row in enumerate(chunk) if len(row) != self.width)
                self._raise_ragged(n_rows + bad)
            n_rows += len(chunk)
            yield list(zip(*chunk, strict=True))

    def _raise_ragged(self, index: int) -> None:
        rows = self._rows()  # again from the start, to learn the line of the row
        row = next(islice(rows, index, None))
        rule = f"expected {self.width} fields as in the first row, got {len(row)}"
        raise malformed(self.name, f"line {self.line}", rule)

    def _rows(self) -> Iterator[list[str]]:
        """Yield the rows that are not blank, keeping `line` up to date."""
        stream = io.TextIOWrapper(io.BytesIO(self.content), self.encoding, newline="")
        if self.delimiter == " ":
            rows: Any = (line.split() for line in stream)
        else:
            rows = csv.reader(stream, delimiter=self.delimiter, skipinitialspace=True, strict=True)
        self.line = 0
        try:
            for row in rows:
                self.line = rows.line_num if self.delimiter != " " else self.line + 1
                if row and (row != [""] or self.width == 1):  # else a line of spaces
                    yield row
        except csv.Error as error:
            raise malformed(self.name, f"line {rows.line_num}", str(error)) from error
        except UnicodeError as error:
            raise self._undecodable() from error

    def _infer_delimiter(self) -> str:
        stream = io.TextIOWrapper(io.BytesIO(self.content), self.encoding)
        try:
            line = next((line for line in stream if line.strip()), "")
        except UnicodeError as error:
            raise self._undecodable() from error
        outside_quotes = "".join(line.split('"')[::2])
        best = max("\t,;|", key=outside_quotes.count)
        if best in outside_quotes:
            return best
        words = line.split()
        return " " if len(words) > 1 and _to_floats(words, frozenset()) is not None else ","

    def _undecodable(self) -> ValueError:
        try:
            self.content.decode(self.encoding)
        except UnicodeDecodeError as error:
            rule = f"not {self.encoding}: {error.reason}; pass another encoding"
            return malformed(self.name, f"byte {error.start}", rule)
        return malformed(self.name, "byte 0", f"not {self.encoding}; pass another encoding")


def _to_floats(cells: Iterable[str], missing: frozenset[str]) -> np.ndarray | None:
    """Return the cells as float64, NaN where missing, or None if one is text."""
    # float() takes 1_000 for a number; in data it is a name
    if "_" in "".join(cells) and any("_" in cell for cell in cells if cell not in missing):
        return None
    try:
        values = np.array(list(map(float, cells)))
    except ValueError:
        try:
            values = np.array([np.nan if c.strip() in missing else float(c) for c in cells])
        except ValueError:
            return None
    markers = _numbers_among(missing)  # such as -9 or 999
    return np.where(np.isin(values, markers), np.nan, values) if markers else values


@cache
def _numbers_among(words: frozenset[str]) -> list[float]:
    """Return the words that are numbers, without NaN."""
    found = []
    for word in words:
        with contextlib.suppress(ValueError):
            found.append(float(word))
    return [number for number in found if number == number]


def _encode(texts: dict[int, tuple[_Codes, list[np.ndarray]]], cells: list) -> None:
    for j, (codes, parts) in texts.items():
        column = cells[j]
        parts.append(np.fromiter(map(codes.__getitem__, column), np.int64, len(column)))


def _sorted_column(codes: _Codes, values: np.ndarray, missing: frozenset[str]) -> Column:
    """Number the categories in their sorted order, missing ones -1."""
    stripped = {word: word.strip() for word in codes}
    kept = sorted({word for word in stripped.values() if word not in missing})
    rank = {word: i for i, word in enumerate(kept)}
    new_code = np.array([rank.get(stripped[word], -1) for word in codes], dtype=np.int64)
    categories = np.empty(len(kept), dtype=object)  # fixed width would take the longest for all
    categories[:] = kept
    return Column(new_code[values], categories)


def _looks_like_names(row: list[str]) -> bool:
    names = [cell.strip() for cell in row]
    filled = [name for name in names if name]
    if not filled or len(set(names)) < len(names):
        return False
    return all(_to_floats([name], frozenset()) is None for name in filled)
