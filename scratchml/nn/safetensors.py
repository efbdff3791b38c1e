"""safetensors files of tensors, under the names of the ``safetensors`` package.

``from safetensors.torch import load_file, save_file`` becomes
``from scratchml.nn.safetensors import load_file, save_file``. The format holds named tensors and
notes as text, and nothing else; PyTorch, JAX and others read and write it too. The package itself
is not needed.
"""

import io
from collections.abc import Mapping
from typing import Any, BinaryIO, Self

import numpy as np

from scratchml._core.persistence import files
from scratchml._core.persistence.safetensors import SafetensorsReader, write_safetensors
from scratchml._core.persistence.streams import Source
from scratchml.tensor.core import Tensor
from scratchml.tensor.devices import check_device
from scratchml.tensor.files import as_tensor
from scratchml.tensor.tape import Taped

__all__ = ["load", "load_file", "safe_open", "save", "save_file"]


def save_file(
    tensors: Mapping[str, Any], filename: Any, metadata: Mapping[str, str] | None = None
) -> None:
    """Write tensors to a safetensors file.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        A state dict, say; arrays are taken too. Tensors that share memory are written each.
    filename : str or os.PathLike
        Where to. A file at that path is replaced in one step when all has been written.
    metadata : mapping of str to str, optional
        Notes for whoever reads it. PyTorch's users write ``{"format": "pt"}``.

    Raises
    ------
    TypeError
        If something is neither a tensor nor an array, or a name is not a str.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> import scratchml.nn as nn
    >>> from scratchml.nn.safetensors import load_file, save_file
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> save_file(nn.Linear(3, 2).state_dict(), path, {"format": "pt"})
    >>> nn.Linear(3, 2).load_state_dict(load_file(path))
    <All keys matched successfully>
    """
    arrays = {name: _array(name, value) for name, value in tensors.items()}
    with files.writing(filename) as file:
        write_safetensors(file, arrays, metadata)


def load_file(filename: Any, device: Any = "cpu") -> dict[str, Tensor]:
    """Read all tensors of a safetensors file.

    Parameters
    ----------
    filename : str or os.PathLike
        Where from.
    device : str or device
        "cpu", the only one there is.

    Returns
    -------
    dict of str to Tensor
        By name, in the order of the file; float16 and bfloat16 as float32.

    Raises
    ------
    ValueError
        If the file is damaged or no safetensors file, or has types that tensors cannot have.
    OSError
        If it cannot be read.

    See Also
    --------
    safe_open : Reads some of the tensors, and the notes.
    """
    with safe_open(filename, framework="pt", device=device) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def save(tensors: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes that `save_file` would write.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        As there.
    metadata : mapping of str to str, optional
        As there.

    Returns
    -------
    bytes
        A safetensors file.
    """
    file = io.BytesIO()
    save_file(tensors, file, metadata)
    return file.getvalue()


def load(data: bytes) -> dict[str, Tensor]:
    """Read all tensors of a safetensors file that is in memory.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    dict of str to Tensor
        As of `load_file`.

    Raises
    ------
    ValueError
        As by `load_file`.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.safetensors import load, save
    >>> load(save({"weight": torch.ones(2)}))
    {'weight': tensor([1., 1.])}
    """
    return load_file(io.BytesIO(data))


class safe_open:  # noqa: N801 (the package's name)
    """A safetensors file whose tensors are read one by one; a context manager.

    Parameters
    ----------
    filename : str or os.PathLike
        Where from.
    framework : {"pt", "np"}
        Whether `get_tensor` gives tensors or NumPy's arrays.
    device : str or device
        "cpu", the only one there is.

    Raises
    ------
    ValueError
        On entering, if the file is damaged or no safetensors file.

    Examples
    --------
    >>> import io
    >>> import scratchml.tensor as torch
    >>> from scratchml.nn.safetensors import safe_open, save
    >>> data = save({"a": torch.ones(2), "b": torch.zeros(1)}, {"epoch": "3"})
    >>> with safe_open(io.BytesIO(data), framework="pt") as file:
    ...     print(file.keys(), file.metadata(), file.get_tensor("a"))
    ['a', 'b'] {'epoch': '3'} tensor([1., 1.])
    """

    def __init__(self, filename: Any, framework: str = "pt", device: Any = "cpu") -> None:
        if framework not in ("pt", "np"):
            raise ValueError(f"framework must be 'pt' or 'np', got {framework!r}")
        check_device(device)
        self._framework = framework
        self._opening = files.reading(filename)

    def __enter__(self) -> Self:
        file: BinaryIO = self._opening.__enter__()
        try:
            self._reader = SafetensorsReader(Source(file))
        except BaseException as error:
            self._opening.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(self, *error: Any) -> Any:
        return self._opening.__exit__(*error)

    def keys(self) -> list[str]:
        """Return the names of the tensors.

        Returns
        -------
        list of str
            In the order of their data.
        """
        return list(self._reader.entries)

    def metadata(self) -> dict[str, str]:
        """Return the notes of whoever wrote the file.

        Returns
        -------
        dict of str to str
            Empty if there are none.
        """
        return dict(self._reader.metadata)

    def get_tensor(self, name: str) -> Any:
        """Read one tensor.

        Parameters
        ----------
        name : str
            One of `keys`.

        Returns
        -------
        Tensor or ndarray
            Of its own memory.

        Raises
        ------
        KeyError
            If there is none of that name.
        ValueError
            If its type is none of tensors', or the file is damaged.
        """
        if name not in self._reader.entries:
            raise KeyError(f"no tensor has the name {name!r}")
        array = self._reader.read(name)
        return array if self._framework == "np" else as_tensor(array, name)


def _array(name: str, value: Any) -> np.ndarray:
    if isinstance(value, Taped):
        return value.array
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{name!r:.80} must be a tensor or an array, got {type(value).__name__}")
    return value
