"""Modules that hold others: in a row, in a list, under names; and lists of parameters."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from scratchml.nn.modules.module import Module
from scratchml.nn.modules.numbered import Numbered, indented
from scratchml.nn.parameter import Parameter
from scratchml.tensor.tape import Taped


class Sequential(Numbered):
    """Call modules one after the other, each with the output of the one before.

    Parameters
    ----------
    *args : Module or OrderedDict of str to Module
        The modules; they are called "0", "1", ... unless one OrderedDict names them.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> net
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    >>> len(net), net[-1]
    (2, ReLU())
    """

    _slices_keep_names = True  # so that the state dict of a part is that part of the state dict

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self.extend(args)

    def forward(self, input: Any) -> Any:
        """Call the modules in turn.

        Parameters
        ----------
        input : Any
            What the first of them takes.
        """
        values = self.__dict__
        for name in self._module_names:
            input = values[name](input)
        return input

    def pop(self, key: int) -> Module:
        """Remove a module and return it.

        Parameters
        ----------
        key : int
            Its position.

        Returns
        -------
        Module
            The module.
        """
        module: Module = self[key]
        del self[key]
        return module

    def __add__(self, other: "Sequential") -> "Sequential":
        if not isinstance(other, Sequential):
            return NotImplemented
        return Sequential(*self, *other)

    def __iadd__(self, other: "Sequential") -> Self:
        return self.extend(other) if isinstance(other, Sequential) else NotImplemented

    def __mul__(self, times: int) -> "Sequential":
        if not isinstance(times, int) or times < 1:
            raise ValueError(f"Sequential can be repeated a positive number of times, got {times}")
        return Sequential(*list(self) * times)

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(list(self * times)[len(self) :])


class ModuleList(Numbered):
    """A list of modules; unlike those in a Python list they are known to the module it is in.

    Parameters
    ----------
    modules : iterable of Module, optional
        The modules.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
    >>> layers.append(nn.Linear(4, 1))
    ModuleList(
      (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
      (3): Linear(in_features=4, out_features=1, bias=True)
    )
    >>> [layer.out_features for layer in layers[:-1]]
    [4, 4, 4]
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def pop(self, key: int | slice) -> Any:
        """Remove a module and return it.

        Parameters
        ----------
        key : int
            Its position.

        Returns
        -------
        Module
            The module.
        """
        module = self[key]
        del self[key]
        return module

    def __add__(self, other: Iterable[Module]) -> "ModuleList":
        return ModuleList([*self, *other])

    def __iadd__(self, other: Iterable[Module]) -> Self:
        return self.extend(other)

    def __repr__(self) -> str:
        """Show equal modules that follow each other once."""
        groups: list[list] = []  # [repr, first, last]
        for i, module in enumerate(self):
            text = repr(module)
            if groups and groups[-1][0] == text:
                groups[-1][2] = i
            else:
                groups.append([text, i, i])
        lines = [
            f"({i}): {text}" if i == j else f"({i}-{j}): {j - i + 1} x {text}"
            for text, i, j in groups
        ]
        return f"{self._get_name()}({indented(lines)})"


class ModuleDict(Module):
    """Modules under names; unlike those in a Python dict they are known to the module it is in.

    Parameters
    ----------
    modules : mapping of str to Module, optional
        The modules, also as an iterable of pairs.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> heads = nn.ModuleDict({"age": nn.Linear(8, 1), "name": nn.Linear(8, 26)})
    >>> heads["age"]
    Linear(in_features=8, out_features=1, bias=True)
    >>> list(heads)
    ['age', 'name']
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        if key not in self._module_names:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        if key not in self._module_names:
            raise KeyError(key)
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._module_names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._module_names)

    def __contains__(self, key: str) -> bool:
        return key in self._module_names

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._modules.keys()

    def values(self) -> Iterable[Any]:
        """Return the modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return the names and modules."""
        return self._modules.items()

    def update(self, modules: Any) -> None:
        """Add modules, in the place of those with the same names.

        Parameters
        ----------
        modules : mapping of str to Module, or iterable of pairs
            The modules.
        """
        pairs = modules.items() if isinstance(modules, (Mapping, ModuleDict)) else modules
        for name, module in pairs:
            self[name] = module

    def pop(self, key: str) -> Any:
        """Remove a module and return it.

        Parameters
        ----------
        key : str
            Its name.

        Returns
        -------
        Module
            The module.
        """
        module = self[key]
        del self[key]
        return module

    def clear(self) -> None:
        """Remove all modules."""
        for name in list(self):
            del self[name]


class ParameterList(Module):
    """A list of parameters; unlike those in a Python list they are known to the module it is in.

    Parameters
    ----------
    values : iterable, optional
        Parameters; tensors become parameters, and anything else is kept as it is.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> import scratchml.tensor as torch
    >>> weights = nn.ParameterList([torch.ones(2, 2) for _ in range(3)])
    >>> [name for name, _ in weights.named_parameters()]
    ['0', '1', '2']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter(self[i] for i in range(self._size))

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(self[i] for i in range(*idx.indices(self._size)))
        return getattr(self, self._name(idx))

    def __setitem__(self, idx: int, value: Any) -> None:
        self._put(self._name(idx), value)

    def append(self, value: Any) -> Self:
        """Add one more at the end.

        Parameters
        ----------
        value : Any
            A parameter, a tensor that becomes one, or anything else.

        Returns
        -------
        ParameterList
            This list.
        """
        self._put(str(self._size), value)
        self._size += 1
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add more at the end.

        Parameters
        ----------
        values : iterable
            As for `append`.

        Returns
        -------
        ParameterList
            This list.
        """
        if isinstance(values, Taped) or not isinstance(values, Iterable):
            raise TypeError(f"ParameterList needs an iterable, got {type(values).__name__}")
        for value in values:
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def _put(self, name: str, value: Any) -> None:
        tensor = isinstance(value, Taped) and not isinstance(value, Parameter)
        setattr(self, name, Parameter(value) if tensor else value)

    def _name(self, index: int) -> str:
        if not -self._size <= index < self._size:
            raise IndexError(f"index {index} of a ParameterList of {self._size}")
        return str(index % self._size)

    def extra_repr(self) -> str:
        return "\n".join(
            f"({i}): {type(v).__name__} of shape {v.array.shape} and dtype {v.array.dtype}"
            if isinstance(v, Taped)
            else f"({i}): {v!r}"
            for i, v in enumerate(self)
        )
