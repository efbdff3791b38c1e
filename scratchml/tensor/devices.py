"""Devices: there is one, the CPU. The names are here so that code which asks runs."""

from typing import Any


class device:  # noqa: N801 (PyTorch's name)
    """Where a tensor's values are: in this library always the CPU's memory.

    Parameters
    ----------
    type : str or device
        "cpu"; other names can be made, and are refused where a tensor would go there.
    index : int, optional
        The number of the device among those of its type.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    device(type='cpu')
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        name, _, number = str(type).partition(":")
        self.type = name
        self.index = int(number) if number else index

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, device):
            return NotImplemented
        return (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        number = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{number})"


CPU = device("cpu")


def check_device(where: Any) -> None:
    """Raise unless `where` is None or the CPU."""
    if where is not None and device(where).type != "cpu":
        raise RuntimeError(f"device must be 'cpu', the only one there is; got '{where}'")
