"""`save` and `load` under PyTorch's call forms: state dicts, checkpoints, anything of tensors.

    torch.save(model.state_dict(), "net.model")        our own format (`scratchml.save`)
    model.load_state_dict(torch.load("net.model"))     that, a file of PyTorch, or safetensors

No file is ever unpickled: PyTorch's are read by an interpreter that can make tensors and plain
values only. To give a state dict to PyTorch, write it as safetensors (`scratchml.nn.safetensors`).
"""

import io
from typing import Any

import numpy as np

from scratchml._core.persistence import files
from scratchml._core.persistence.safetensors import SafetensorsReader
from scratchml._core.persistence.streams import Source
from scratchml._core.persistence.torch_file import read_torch, written_by_torch
from scratchml._core.persistence.torch_values import Kind
from scratchml.tensor.core import Tensor
from scratchml.tensor.devices import check_device
from scratchml.tensor.dtypes import SUPPORTED
from scratchml.tensor.sizes import rebuilt

_OURS = b"manifest.json"
_NAME_AT = 30  # of the first member's name in a zip archive


def save(obj: Any, f: Any) -> None:
    """Save tensors, or lists and dicts with tensors in them, to a file of this library.

    The same as `scratchml.save`: see there for what can be saved. A module cannot: save its
    ``state_dict()``.

    Parameters
    ----------
    obj : object
        A tensor, a state dict, a checkpoint.
    f : str, os.PathLike or binary file
        Where to. A file at that path is replaced in one step when all has been written.

    Raises
    ------
    TypeError
        If something in `obj` is code, or an object of a kind that files do not hold.
    OSError
        If the file cannot be written.

    See Also
    --------
    load : The way back.
    scratchml.nn.safetensors.save_file : Files that PyTorch's users read too.

    Examples
    --------
    >>> import io
    >>> import scratchml.tensor as torch
    >>> file = io.BytesIO()
    >>> torch.save({"weight": torch.ones(2), "epoch": 3}, file)
    >>> _ = file.seek(0)
    >>> torch.load(file)
    {'weight': tensor([1., 1.]), 'epoch': 3}
    """
    files.save(obj, f)


def load(f: Any, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """Load what `save`, PyTorch's ``torch.save`` or safetensors wrote.

    What a file may hold is the same in all three: tensors, None, bool, numbers, str, and containers
    of them. float16 and bfloat16 become float32.

    Parameters
    ----------
    f : str, os.PathLike or binary file
        Where from. An open file is read from its position.
    map_location : str or device, optional
        "cpu", where all tensors go, wherever they were saved.
    weights_only : bool
        Nothing but values is loaded either way: False would allow PyTorch to run code of the
        file's author, and allows nothing here.

    Returns
    -------
    object
        What was saved; of a safetensors file the dict of its tensors.

    Raises
    ------
    ValueError
        If the file is damaged, or holds anything else.
    RuntimeError
        If `map_location` is not the CPU.
    OSError
        If it cannot be read.

    See Also
    --------
    save : The way there.

    Examples
    --------
    >>> import io
    >>> import scratchml.tensor as torch
    >>> file = io.BytesIO()
    >>> torch.save([torch.arange(3)], file)
    >>> _ = file.seek(0)
    >>> torch.load(file, map_location="cpu")
    [tensor([0, 1, 2])]
    """
    check_device(map_location)
    with files.reading(f) as file:
        if not file.seekable():
            file = io.BytesIO(file.read())
        start = file.tell()
        head = file.read(_NAME_AT + len(_OURS))
        file.seek(start)
        if head[_NAME_AT:] == _OURS:
            return files.read_model(file)
        if written_by_torch(head):
            return read_torch(file, TENSORS)
        if head[8:9] == b"{":
            reader = SafetensorsReader(Source(file))
            return {name: as_tensor(reader.read(name), name) for name in reader.entries}
        raise ValueError("it begins as no file of scratchml, PyTorch or safetensors does")


def as_tensor(array: np.ndarray, name: str) -> Tensor:
    """Return a tensor over `array`, or raise ValueError if there are none of its type."""
    if array.dtype not in SUPPORTED:
        raise ValueError(f"its array {name!r:.80} is of {array.dtype}, and no tensors are")
    return rebuilt(Tensor, array, False)


def _parameter(tensor: Tensor, requires_grad: bool) -> Any:
    from scratchml.nn.parameter import Parameter

    return rebuilt(Parameter, tensor.array, requires_grad)


TENSORS = Kind(Tensor, lambda array, wanted: rebuilt(Tensor, array, wanted), _parameter)
