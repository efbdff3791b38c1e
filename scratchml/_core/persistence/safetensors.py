"""The safetensors format: named arrays behind a header of JSON.

    8 bytes              n, the length of the header, little-endian
    n bytes              {"__metadata__": {"key": "text"},
                          "conv1.weight": {"dtype": "F32", "shape": [6, 3, 5, 5],
                                           "data_offsets": [0, 1800]}, ...}
    the rest             the data, little-endian and in C order; the offsets count from its start

(https://github.com/huggingface/safetensors, "Format"). Every byte of the data belongs to exactly
one array, so a file has no room for anything else, and no array needs more memory than the file
shows to have. That, and the header, is checked before an array is allocated.

F16 and BF16 are read as float32 (`raw`). Floats of eight bits are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from scratchml._core.persistence import json_text, npy
from scratchml._core.persistence.raw import BFLOAT16, from_raw, itemsize
from scratchml._core.persistence.streams import Source, write_parts

# From the largest alignment to the smallest: the order in which arrays are written.
DTYPES = {
    "U64": "u8",
    "I64": "i8",
    "F64": "f8",
    "C64": "c8",
    "F32": "f4",
    "U32": "u4",
    "I32": "i4",
    "BF16": BFLOAT16,
    "F16": "f2",
    "U16": "u2",
    "I16": "i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "b1",
}
_CODES = {form: code for code, form in DTYPES.items()}
_RANK = {code: rank for rank, code in enumerate(DTYPES)}
_METADATA = "__metadata__"


class Entry(NamedTuple):
    """Where one array is."""

    dtype: str  # the format's own name
    shape: tuple[int, ...]
    start: int  # from the start of the data
    stop: int


class SafetensorsReader:
    """The arrays of a safetensors file, each read when it is asked for.

    Parameters
    ----------
    source : Source
        The file.

    Attributes
    ----------
    metadata : dict of str to str
        What the writer added.
    entries : dict of str to Entry
        The arrays by name, in the order of their data.

    Raises
    ------
    ValueError
        If that is no safetensors file, or one with gaps, overlaps or anything else out of order.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        size = int.from_bytes(source.read(0, 8), "little")
        if size > json_text.LIMIT or size > source.size - 8:
            raise ValueError(f"it is no safetensors file: a header of {size} bytes is out of range")
        header = json_text.parse(source.read(8, size), "utf-8", "header")
        if type(header) is not dict:
            raise ValueError("its header is not an object of JSON")
        self.metadata = _metadata(header.pop(_METADATA, {}))
        self._data = 8 + size
        entries = [(_name(name), _entry(name, item)) for name, item in header.items()]
        self.entries = dict(sorted(entries, key=lambda item: item[1][2:]))
        self._check_layout()

    def read(self, name: str) -> np.ndarray:
        """Return a new, writable array in C order."""
        dtype, shape, start, stop = self.entries[name]
        data = np.empty(stop - start, dtype=np.uint8)
        self._source.fill(data, self._data + start)
        return from_raw(data, DTYPES[dtype]).reshape(shape)

    def _check_layout(self) -> None:
        position = 0
        for name, entry in self.entries.items():
            if entry.start != position:
                raise ValueError(
                    f"the data of its array {name!r:.80} begin at {entry.start}, those before end "
                    f"at {position}"
                )
            position = entry.stop
        if position != self._source.size - self._data:
            raise ValueError(
                f"its arrays take {position} bytes, it has {self._source.size - self._data}"
            )


def write_safetensors(
    file: BinaryIO, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None
) -> None:
    """Write `arrays` at the position of `file`: equal arrays and metadata give equal files.

    Parameters
    ----------
    file : binary file
        Open for writing.
    arrays : mapping of str to ndarray
        Of the dtypes of `DTYPES`, in any layout.
    metadata : mapping of str to str, optional
        Whatever else a reader should know.

    Raises
    ------
    TypeError
        If a name or an entry of `metadata` is not a str, or a dtype has no place in the format.
    ValueError
        If an array is named ``"__metadata__"``, or a name is not text.
    """
    header: dict[str, Any] = {} if metadata is None else {_METADATA: _checked(metadata)}
    position, parts = 0, []
    for name, code in sorted(_codes(arrays), key=lambda item: (_RANK[item[1]], item[0])):
        array = np.asarray(arrays[name], dtype="<" + DTYPES[code])
        parts.append(npy.raw_bytes(array, "C"))
        header[name] = {
            "dtype": code,
            "shape": list(array.shape),
            "data_offsets": [position, position + array.nbytes],
        }
        position += array.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)  # so that the data are aligned
    if len(text) > json_text.LIMIT:
        raise ValueError(f"the names take {len(text)} bytes, at most {json_text.LIMIT} are allowed")
    write_parts(file, [len(text).to_bytes(8, "little"), text, *parts])


def _codes(arrays: Mapping[str, np.ndarray]) -> Iterator[tuple[str, str]]:
    for name, array in arrays.items():
        if type(name) is not str:
            raise TypeError(f"the names of arrays must be str, got {name!r:.80}")
        if name == _METADATA:
            raise ValueError(f"no array can be named {_METADATA!r}")
        _name(name)
        code = _CODES.get(array.dtype.str[1:])
        if code is None:
            raise TypeError(f"safetensors files have no place for {name!r:.80}, of {array.dtype}")
        yield name, code


def _checked(metadata: Mapping[str, str]) -> dict[str, str]:
    for key, value in metadata.items():
        if type(key) is not str or type(value) is not str:
            raise TypeError(f"metadata must map str to str, got {key!r:.80}: {value!r:.80}")
    return {_name(key): _name(value) for key, value in metadata.items()}


def _metadata(tree: Any) -> dict[str, str]:
    if type(tree) is not dict or not all(type(value) is str for value in tree.values()):
        raise ValueError("its metadata do not map text to text")
    return tree


def _name(text: str) -> str:
    """Return `text` if it is Unicode: JSON may hold half of a surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{text!r:.80} is not text") from None
    return text


def _entry(name: str, tree: Any) -> Entry:
    """Return the description of an array if it agrees with itself."""
    if type(tree) is not dict or tree.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"its array {name!r:.80} is described by {tree!r:.80}")
    dtype, shape, offsets = tree["dtype"], tree["shape"], tree["data_offsets"]
    if type(dtype) is not str or dtype not in DTYPES:
        raise ValueError(f"its array {name!r:.80} is of type {dtype!r:.80}; known: {[*DTYPES]}")
    nbytes = npy.count_items(shape) * itemsize(DTYPES[dtype])
    pair = type(offsets) is list and [type(n) for n in offsets] == [int, int]
    if not pair or offsets[0] < 0 or offsets[1] - offsets[0] != nbytes:
        raise ValueError(
            f"its array {name!r:.80}, of type {dtype} and shape {shape!r:.80}, takes {nbytes} "
            f"bytes; its offsets are {offsets!r:.80}"
        )
    return Entry(dtype, tuple(shape), offsets[0], offsets[1])
