"""What a module holds: its parameters, buffers and submodules, in the order they were assigned.

The values are ordinary attributes, found in the instance's ``__dict__`` without any detour; the
registry keeps only their names, in order, and what kind each is:

    module.weight = Parameter(...)      __dict__["weight"] = ...,  _parameter_names["weight"] = None

A name is of one kind at a time. None is a value too: a parameter or buffer that is switched off,
such as the bias of a layer made with ``bias=False``, keeps its name and is left out of every list.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Self

from scratchml.nn.parameter import Parameter
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import Taped

KINDS = ("_parameter_names", "_buffer_names", "_module_names")


class Registry:
    """The part of a module that knows what it holds; `Module` is the only class made from it."""

    training: bool
    _parameter_names: dict[str, None]
    _buffer_names: dict[str, bool]  # name -> whether the state dict has it
    _module_names: dict[str, None]

    def __init__(self) -> None:
        # One dict each; object's own __setattr__ would do, but this is what makes layers cheap.
        self.__dict__.update(training=True, _parameter_names={}, _buffer_names={}, _module_names={})

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self._begun("parameters")
            self._forget(name, "_parameter_names")  # a name that stays keeps its place in the order
            self.register_parameter(name, value)
        elif isinstance(value, Registry):
            self._begun("modules")
            self._check_kind(name, value)
            self._forget(name, "_module_names")
            self._module_names[name] = None
            self.__dict__[name] = value
        else:
            self._check_kind(name, value)
            object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._forget(name, "")

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        for kind in KINDS:
            twin.__dict__[kind] = dict(self.__dict__[kind])
        return twin

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under a name.

        Parameters
        ----------
        name : str
            The attribute's name, without a dot.
        param : Parameter or None
            The parameter; None for one that is switched off.

        Raises
        ------
        KeyError
            If the name is empty, has a dot or is already that of something else.
        TypeError
            If `param` is neither a Parameter nor None.
        """
        self._begun("parameters")
        self._check_name(name, "parameter", self._parameter_names)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot register a {type(param).__name__} as parameter {name!r} of "
                f"{type(self).__name__}: a Parameter or None is needed"
            )
        if param is not None and not param.is_leaf:
            raise ValueError(
                f"cannot register a computed tensor as parameter {name!r} of "
                f"{type(self).__name__}: a parameter is where the tape ends"
            )
        self._parameter_names[name] = None
        self.__dict__[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that belongs to the module's state and is not learned.

        Parameters
        ----------
        name : str
            The attribute's name, without a dot.
        tensor : Tensor or None
            The values; None for a buffer that is switched off.
        persistent : bool
            Whether the state dict has it.

        Raises
        ------
        KeyError
            If the name is empty, has a dot or is already that of something else.
        TypeError
            If `tensor` is neither a Tensor nor None.
        """
        self._begun("buffers")
        self._check_name(name, "buffer", self._buffer_names)
        if tensor is not None and not isinstance(tensor, Taped):
            raise TypeError(
                f"cannot register a {type(tensor).__name__} as buffer {name!r} of "
                f"{type(self).__name__}: a Tensor or None is needed"
            )
        self._buffer_names[name] = persistent
        self.__dict__[name] = tensor

    def add_module(self, name: str, module: Any) -> None:
        """Add a submodule under a name.

        Parameters
        ----------
        name : str
            The attribute's name, without a dot.
        module : Module or None
            The submodule; None for one that is switched off.

        Raises
        ------
        KeyError
            If the name is empty, has a dot or is already that of something else.
        TypeError
            If `module` is neither a Module nor None.
        """
        self._begun("modules")
        if module is not None and not isinstance(module, Registry):
            raise TypeError(
                f"cannot add a {type(module).__name__} as module {name!r} of "
                f"{type(self).__name__}: a Module or None is needed"
            )
        self._check_name(name, "module", self._module_names)
        self._module_names[name] = None
        self.__dict__[name] = module

    def register_module(self, name: str, module: Any) -> None:
        """Do the same as `add_module`.

        Parameters
        ----------
        name : str
            The attribute's name, without a dot.
        module : Module or None
            The submodule.
        """
        self.add_module(name, module)

    @property
    def _parameters(self) -> MappingProxyType[str, Parameter | None]:
        """The parameters of this module itself by name, to read."""
        return MappingProxyType({name: self.__dict__[name] for name in self._parameter_names})

    @property
    def _buffers(self) -> MappingProxyType[str, Tensor | None]:
        """The buffers of this module itself by name, to read."""
        return MappingProxyType({name: self.__dict__[name] for name in self._buffer_names})

    @property
    def _modules(self) -> MappingProxyType[str, Any]:
        """The submodules by name, to read."""
        return MappingProxyType({name: self.__dict__[name] for name in self._module_names})

    def _held(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield the names and values of a kind that are not None."""
        values = self.__dict__
        for name in list(values[kind]):
            if values[name] is not None:
                yield name, values[name]

    def _begun(self, what: str) -> None:
        if "_parameter_names" not in self.__dict__:
            raise AttributeError(
                f"cannot assign {what} to {type(self).__name__} before its Module.__init__() was "
                "called: begin __init__ with super().__init__()"
            )

    def _forget(self, name: str, kept: str) -> None:
        """Make an attribute's name free again, except in the list of the kind `kept`."""
        values = self.__dict__
        for kind in KINDS:
            if kind != kept and name in values.get(kind, ()):
                del values[kind][name]
        if name not in values.get(kept, ()):
            values.pop(name, None)

    def _check_name(self, name: str, what: str, names: dict) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a {what} must be a str, got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f"the name of a {what} must have no dot and not be empty, got {name!r}")
        if name not in names and hasattr(self, name):
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already")

    def _check_kind(self, name: str, value: Any) -> None:
        """Refuse to replace a parameter, buffer or submodule by something of another kind."""
        if value is None:
            return
        values = self.__dict__
        if name in values.get("_parameter_names", ()):
            rule = "parameter", "a Parameter or None is needed; to change its values use copy_()"
        elif isinstance(value, Registry):
            return
        elif name in values.get("_module_names", ()):
            rule = "module", "a Module or None is needed"
        elif name in values.get("_buffer_names", ()) and not isinstance(value, Taped):
            rule = "buffer", "a Tensor or None is needed"
        else:
            return
        raise TypeError(
            f"cannot assign a {type(value).__name__} as {rule[0]} {name!r} of "
            f"{type(self).__name__}: {rule[1]}"
        )
