"""`save` and `load`: a model to a file in one step or not at all, and back, nothing trusted."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

from scratchml._core.persistence import manifest
from scratchml._core.persistence.archive import ArchiveReader, write_archive
from scratchml._core.persistence.values import Packer, Unpacker


def save(model: Any, path: Any) -> None:
    """Save a model, or a plain value with arrays in it, to a file.

    Parameters
    ----------
    model : object
        An estimator of scratchml, fitted or not, or any nesting of list, tuple, set and dict with
        arrays, tensors, None, bool, numbers, str, bytes, NumPy scalars, dtypes and random
        generators. Of a network, or an optimizer, its ``state_dict()``.
        Arrays are of bool, int, uint, float, complex, datetime64, timedelta64, fixed-width str or
        bytes, structured of these, or of Python objects that are among the above.
    path : str, os.PathLike or binary file
        Where to. A file at that path is replaced in one step when all has been written; after any
        error it is as it was. An open file is written to from its position.

    Raises
    ------
    TypeError
        If something in `model` is code (a function, a class) or an object of a kind that is not
        listed above; the message names the attribute. Nothing is written then.
    ValueError
        If `model` contains itself, is nested more than 50 deep, or has more than 32 MB of plain
        values outside arrays.
    OSError
        If the file cannot be written.

    See Also
    --------
    load : The way back.

    Notes
    -----
    Equal models give equal files. Two names of one array stay two names of one array; other
    objects that are reached in two ways become two.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> import scratchml
    >>> file = io.BytesIO()
    >>> scratchml.save({"weights": np.arange(3.0), "epoch": 7}, file)
    >>> _ = file.seek(0)
    >>> scratchml.load(file)
    {'weights': array([0., 1., 2.]), 'epoch': 7}
    """
    packer = Packer()
    name = type(model).__name__
    text = manifest.write(packer.pack(model, name), name)
    members = [(manifest.NAME, [text]), *packer.members.items()]
    with writing(path) as file:
        write_archive(file, members)


def load(path: Any) -> Any:
    """Load what `save` saved.

    Loading a file from an untrusted source runs no code of its author; the model in it may of
    course predict nonsense.

    Parameters
    ----------
    path : str, os.PathLike or binary file
        Where from. An open file is read from its position to its end.

    Returns
    -------
    object
        Equal to what was saved, to the last bit of every number, dtype and memory order; arrays
        are writable.

    Raises
    ------
    ValueError
        If the file is damaged, was not written by `save`, or was written by a newer scratchml
        whose format or models this one does not know.
    OSError
        If it cannot be read; FileNotFoundError if it is not there.

    See Also
    --------
    save : The way there.

    Examples
    --------
    >>> import os, tempfile
    >>> import scratchml
    >>> path = os.path.join(tempfile.mkdtemp(), "epoch")
    >>> scratchml.save({"epoch": 7}, path)
    >>> scratchml.load(path)
    {'epoch': 7}
    """
    with reading(path) as file:
        return read_model(file)


def read_model(file: BinaryIO) -> Any:
    """Return the value that `save` wrote at the position of `file`, or raise ValueError."""
    archive = ArchiveReader(file)
    unpacker = Unpacker(archive)
    value = unpacker.unpack(manifest.read(archive))
    unused = set(archive.members) - {f"{n}.npy" for n in unpacker.arrays} - {manifest.NAME}
    if unused:
        raise ValueError(f"it has members that nothing refers to: {sorted(unused)!r:.80}")
    return value


@contextlib.contextmanager
def reading(path: Any) -> Iterator[BinaryIO]:
    """Open the file at `path`, or take an open one; a ValueError within says which file it was."""
    name = str(getattr(path, "name", "the file"))
    try:
        if hasattr(path, "read"):
            yield _binary(path)
            return
        name = repr(os.fspath(path))
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe or device might never end
            raise ValueError("it is not a regular file")
        with open(path, "rb") as file:
            yield file
    except ValueError as error:
        raise ValueError(f"cannot load {name}: {error}") from None


@contextlib.contextmanager
def writing(path: Any) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` at the end (`replacing`), or take an open one."""
    if hasattr(path, "write"):
        yield _binary(path)
    else:
        with replacing(os.path.realpath(os.fsdecode(path))) as file:
            yield file


def _binary(file: Any) -> BinaryIO:
    if isinstance(file, io.TextIOBase):
        raise TypeError("path must be a binary file; this one is open in text mode")
    return file


@contextlib.contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` at the end, or is gone after an error.

    It has the permissions of the file that it replaces, or those of any new file.
    """
    if os.path.exists(path) and not os.path.isfile(path):  # a device or pipe: not to be replaced
        with open(path, "wb") as file:
            yield file
        return
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".scratchml-{os.urandom(8).hex()}.tmp")
    file = open(temporary, "xb")  # noqa: SIM115 (closed below, before it is moved)
    try:
        with file:
            with contextlib.suppress(FileNotFoundError):
                os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:  # Ctrl-C too
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Ask for the new name to reach the disk, where folders can be opened for that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
