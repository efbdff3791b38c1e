"""The svmlight / LIBSVM text format: one sample a line, zeros left out.

    line     label [qid:n] index:value index:value ...   [# comment]

Indices rise strictly within a line and count from 0 or from 1; the file does not say which.  With
several labels (``multilabel``) they are joined by commas, and may be none.

Source: T. Joachims, SVM-light (svmlight.joachims.org), "Input format"; C.-C. Chang and C.-J. Lin,
LIBSVM's README.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from scratchml.datasets.files import malformed, read_bytes


class Parsed(NamedTuple):
    """One file; row i holds the entries indptr[i] to indptr[i + 1] of `indices` and `values`."""

    name: str
    size: int  # bytes of text
    labels: Any  # (n,) float64, or a list of tuples
    queries: np.ndarray  # (n,) int64
    indices: np.ndarray  # (nnz,) int64
    values: np.ndarray  # (nnz,) float64
    indptr: np.ndarray  # (n + 1,) int64


def parse(f: Any, multilabel: bool, query_id: bool) -> Parsed:
    """Read one file.

    Parameters
    ----------
    f : str, path-like or binary file
        The file.
    multilabel : bool
        Whether labels are lists.
    query_id : bool
        Whether each line must have a query id.

    Raises
    ------
    ValueError
        If a line breaks the format; names the file and the line.
    """
    content, name = read_bytes(f)
    labels: Any = [] if multilabel else array("d")
    queries, indices, values = array("q"), array("q"), array("d")
    lines, indptr = array("q"), array("q", [0])
    for number, line in enumerate(io.BytesIO(content), 1):
        line = line.partition(b"#")[0]
        words = line.split()
        if not words:
            continue
        try:
            if b"_" in line:  # Python reads 1_000 as a number, the format does not
                raise ValueError("expected numbers without underscores")
            label, query, words = _head(words, multilabel)
            if query_id and query is None:
                raise ValueError("expected qid:n after the label, as query_id=True asks")
            labels.append(label)
            queries.append(query or 0)
            row_indices, row_values = numbers(words)
            indices.extend(row_indices)
            values.extend(row_values)
        except (ValueError, OverflowError) as error:
            raise malformed(name, f"line {number}", str(error)[:120]) from error
        lines.append(number)
        indptr.append(len(indices))
    if not multilabel:
        labels = np.array(labels)
    parsed = Parsed(
        name,
        len(content),
        labels,
        *(np.array(a) for a in (queries, indices, values, indptr)),
    )
    check_indices(parsed, lines)
    return parsed


def _head(words: list[bytes], multilabel: bool) -> tuple[Any, int | None, list[bytes]]:
    """Return the label or tuple of labels, the query id or None, and the words after them."""
    label: Any
    if not multilabel:
        label, words = float(words[0]), words[1:]
    elif b":" in words[0]:
        label = ()  # a line without labels
    else:
        label, words = tuple(sorted(float(word) for word in words[0].split(b","))), words[1:]
    if words and words[0].startswith(b"qid:"):
        return label, int(words[0][4:]), words[1:]
    return label, None, words


def numbers(words: list[bytes]) -> tuple[list[int], list[float]]:
    """Return the indices and the values of index:value words."""
    pairs = [word.split(b":") for word in words]
    try:
        return [int(i) for i, _ in pairs], [float(v) for _, v in pairs]
    except ValueError:
        wrong = next(word for word in words if not _is_pair(word))
        shown = wrong[:40].decode("utf-8", "replace")
        raise ValueError(f"expected index:value, got {shown!r}") from None


def _is_pair(word: bytes) -> bool:
    try:
        index, value = word.split(b":")
        int(index), float(value)
    except ValueError:
        return False
    return True


def check_indices(p: Parsed, lines: Sequence[int]) -> None:
    """Raise at the first index below 0 or not above its predecessor in the line."""
    wrong = p.indices < 0
    rises = np.diff(p.indices, prepend=-1) > 0
    first_of_row = p.indptr[:-1][np.diff(p.indptr) > 0]
    rises[first_of_row] = True
    wrong |= ~rises
    if wrong.any():
        at = int(np.argmax(wrong))
        line = lines[int(np.searchsorted(p.indptr, at, side="right")) - 1]
        rule = f"indices must rise from 0 or 1, got {p.indices[at]}"
        if not rises[at]:
            rule += f" after {p.indices[at - 1]}"
        raise malformed(p.name, f"line {line}", rule)
