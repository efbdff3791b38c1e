"""Numbered: what Sequential and ModuleList share, modules called "0", "1", "2", ..."""

from collections.abc import Iterable, Iterator
from typing import Any, Self

from scratchml.nn.modules.module import Module


class Numbered(Module):
    """Modules in a row, found by their position; after a removal they are numbered anew."""

    _slices_keep_names = False

    def __len__(self) -> int:
        return len(self._module_names)

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, name) for name in self._module_names])

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            part = type(self)()
            for i, name in enumerate(list(self._module_names)[idx]):
                part.add_module(name if self._slices_keep_names else str(i), getattr(self, name))
            return part
        return getattr(self, self._name(idx))

    def __setitem__(self, idx: int, module: Module) -> None:
        setattr(self, self._name(idx), module)

    def __delitem__(self, idx: int | slice) -> None:
        modules = list(self)
        if not isinstance(idx, slice):
            self._name(idx)  # an index that is out of range is an error of this container
        del modules[idx]
        self._renew(modules)

    def append(self, module: Module) -> Self:
        """Add one more at the end.

        Parameters
        ----------
        module : Module
            The module.

        Returns
        -------
        Module
            This container.
        """
        number = len(self)
        while str(number) in self._module_names:  # a slice of a Sequential begins elsewhere
            number += 1
        self.add_module(str(number), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add more at the end.

        Parameters
        ----------
        modules : iterable of Module
            The modules.

        Returns
        -------
        Module
            This container.
        """
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Add one more before a position; those that follow move up.

        Parameters
        ----------
        index : int
            The position, from -len to len.
        module : Module
            The module.

        Returns
        -------
        Module
            This container.
        """
        n = len(self)
        if not -n <= index <= n:
            raise IndexError(f"index {index} of a {self._get_name()} of {n}")
        modules = list(self)
        modules.insert(index, module)
        self._renew(modules)
        return self

    def _renew(self, modules: list[Module]) -> None:
        """Hold these modules, numbered from 0."""
        for name in list(self._module_names):
            delattr(self, name)
        for i, module in enumerate(modules):
            self.add_module(str(i), module)

    def _name(self, index: int) -> str:
        names = list(self._module_names)
        if not -len(names) <= index < len(names):
            raise IndexError(f"index {index} of a {self._get_name()} of {len(names)}")
        return names[index]


def indented(lines: list[str]) -> str:
    """Return lines as they stand between the brackets of a repr."""
    return "\n  " + "\n".join(lines).replace("\n", "\n  ") + "\n" if lines else ""
