"""How tensors are shown: aligned, four digits, and only the edges of large ones.

A tensor of floats is shown in full (1., 20.) if all its values are whole, with four digits after
the point if not, and as powers of ten if the largest is over 1e8 or over 1000 times the smallest,
or the smallest is below 1e-4.
"""

from typing import Any

import numpy as np

from scratchml.tensor.dtypes import get_default_dtype
from scratchml.tensor.tape import LEAF

EDGE = 3
LARGE = 1000
WIDTH = 80
DIGITS = 4


def show(tensor: Any) -> str:
    """Return the ``repr`` of a tensor."""
    x = tensor.array
    start = "tensor("
    if x.size == 0:
        body = "[]"
        notes = [f"size={x.shape}"] if x.ndim != 1 else []
    else:
        large = x.size > LARGE
        write = _writer(_edges(x) if large else x)
        body = _rows(x, write, len(start), large)
        notes = []
    if x.dtype not in (get_default_dtype(), np.int64, np.bool_) or (
        x.size == 0 and x.dtype != get_default_dtype()
    ):
        notes.append(f"dtype={x.dtype}")
    if tensor.node is LEAF:
        notes.append("requires_grad=True")
    elif tensor.node is not None:
        notes.append(f"grad_fn={tensor.node}")
    return _with_notes(start + body, notes, len(start)) + ")"


def _with_notes(text: str, notes: list[str], indent: int) -> str:
    width = len(text) - text.rfind("\n") - 1
    for note in notes:
        if width + len(note) + 2 > WIDTH:
            text += ",\n" + " " * indent + note
            width = indent + len(note)
        else:
            text += ", " + note
            width += len(note) + 2
    return text


def _edges(x: np.ndarray) -> np.ndarray:
    """Return the values that are shown of a large tensor."""
    for axis in range(x.ndim):
        if x.shape[axis] > 2 * EDGE:
            ends = [*range(EDGE), *range(x.shape[axis] - EDGE, x.shape[axis])]
            x = np.take(x, ends, axis=axis)
    return x


def _writer(x: np.ndarray) -> Any:
    """Return the function that writes one value, as wide as the widest of `x`."""
    if x.dtype.kind != "f":
        width = max(len(str(value)) for value in x.ravel().tolist())
        return lambda value: str(value).rjust(width)
    shown = x[np.isfinite(x) & (x != 0)].astype(np.float64)
    plain = _float_writer(np.abs(shown))
    width = max([len(plain(value)) for value in shown.tolist()], default=0)
    return lambda value: plain(value).rjust(width)


def _float_writer(sizes: np.ndarray) -> Any:
    if not sizes.size:
        return lambda value: f"{value:.0f}." if np.isfinite(value) else f"{value}"
    largest, smallest = sizes.max(), sizes.min()
    wide = largest / smallest > 1000.0 or largest > 1e8
    if (sizes == np.ceil(sizes)).all():
        form = f".{DIGITS}e" if wide else ".0f"
    else:
        form = f".{DIGITS}e" if wide or smallest < 1e-4 else f".{DIGITS}f"
    point = "." if form == ".0f" else ""
    return lambda value: f"{value:{form}}{point}" if np.isfinite(value) else f"{value}"


def _rows(x: np.ndarray, write: Any, indent: int, large: bool) -> str:
    if x.ndim == 0:
        return str(write(x.item()))
    cut = large and len(x) > 2 * EDGE
    if x.ndim == 1:
        return _line(x, write, indent, cut)
    rows = [*x[:EDGE], None, *x[-EDGE:]] if cut else list(x)
    parts = ["..." if row is None else _rows(row, write, indent + 1, large) for row in rows]
    return "[" + ("," + "\n" * (x.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _line(x: np.ndarray, write: Any, indent: int, cut: bool) -> str:
    if cut:
        words = [write(v) for v in x[:EDGE].tolist()] + [" ..."]
        words += [write(v) for v in x[-EDGE:].tolist()]
    else:
        words = [write(v) for v in x.tolist()]
    each = max(1, (WIDTH - indent) // (len(words[0]) + 2))
    lines = [", ".join(words[i : i + each]) for i in range(0, len(words), each)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def format_value(tensor: Any, spec: str) -> str:
    """Return a tensor without axes as its number in a format, and others as they are shown."""
    if tensor.array.ndim == 0:
        return format(tensor.array.item(), spec)
    if spec:
        raise TypeError(
            f"the format {spec!r} is for a number, got a tensor of shape {tensor.array.shape}: "
            "use item() or tolist()"
        )
    return str(tensor)
