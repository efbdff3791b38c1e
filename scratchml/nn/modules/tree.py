"""Tree: walking through a module, those below it, and the tensors they hold."""

from collections.abc import Callable, Iterator
from typing import Any, Self

from scratchml.nn.modules.registry import Registry
from scratchml.nn.parameter import Parameter
from scratchml.tensor.core import Tensor


class Tree(Registry):
    """The part of a module that knows those below it; `Module` is the only class made from it."""

    def named_modules(
        self, memo: set | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """Yield the paths and modules of this one and of all below it.

        Parameters
        ----------
        memo : set of Module, optional
            Modules that were met before and are left out; those met are added.
        prefix : str
            The path of this module.
        remove_duplicate : bool
            Whether a module that is found in two places is listed once.
        """
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._held("_module_names"):
            path = f"{prefix}.{name}" if prefix else name
            yield from child.named_modules(memo, path, remove_duplicate)

    def modules(self) -> Iterator[Any]:
        """Yield this module and all below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Yield the names and modules directly below this one, each module once."""
        seen = set()
        for name, child in self._held("_module_names"):
            if child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Any]:
        """Yield the modules directly below this one, each once."""
        for _, child in self.named_children():
            yield child

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the paths and parameters of this module and of those below it.

        Parameters
        ----------
        prefix : str
            The path of this module.
        recurse : bool
            Whether to go below this module.
        remove_duplicate : bool
            Whether a parameter that is found in two places is listed once.
        """
        return self._named("_parameter_names", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters of this module and of those below it, each once.

        Parameters
        ----------
        recurse : bool
            Whether to go below this module.
        """
        for _, parameter in self._named("_parameter_names", "", recurse, True):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the paths and buffers of this module and of those below it.

        Parameters
        ----------
        prefix : str
            The path of this module.
        recurse : bool
            Whether to go below this module.
        remove_duplicate : bool
            Whether a buffer that is found in two places is listed once.
        """
        return self._named("_buffer_names", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers of this module and of those below it, each once.

        Parameters
        ----------
        recurse : bool
            Whether to go below this module.
        """
        for _, buffer in self._named("_buffer_names", "", recurse, True):
            yield buffer

    def _named(self, kind: str, prefix: str, recurse: bool, once: bool) -> Iterator:
        seen = set()
        modules = (
            self.named_modules(prefix=prefix, remove_duplicate=once)
            if recurse
            else [(prefix, self)]
        )
        for path, module in modules:
            for name, value in module._held(kind):
                if id(value) not in seen:
                    if once:
                        seen.add(id(value))
                    yield f"{path}.{name}" if path else name, value

    def get_submodule(self, target: str) -> Any:
        """Return the module at a path.

        Parameters
        ----------
        target : str
            Names with dots between them, such as ``"features.0"``; ``""`` is this module.

        Raises
        ------
        AttributeError
            If there is no module at the path.
        """
        module: Any = self
        for name in target.split(".") if target else ():
            if name not in module._module_names or getattr(module, name) is None:
                raise AttributeError(
                    f"{type(module).__name__} has no module {name!r} (looking for {target!r})"
                )
            module = getattr(module, name)
        return module

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a path.

        Parameters
        ----------
        target : str
            Names with dots between them, such as ``"features.0.weight"``.

        Raises
        ------
        AttributeError
            If there is no parameter at the path.
        """
        parameter: Parameter = self._at(target, "_parameter_names", "parameter")
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at a path.

        Parameters
        ----------
        target : str
            Names with dots between them, such as ``"bn1.running_mean"``.

        Raises
        ------
        AttributeError
            If there is no buffer at the path.
        """
        buffer: Tensor = self._at(target, "_buffer_names", "buffer")
        return buffer

    def _at(self, target: str, kind: str, what: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if name not in getattr(module, kind):
            raise AttributeError(
                f"{type(module).__name__} has no {what} {name!r} (looking for {target!r})"
            )
        return getattr(module, name)

    def apply(self, fn: Callable[[Any], None]) -> Self:
        """Call a function with every module, those below before those above.

        Parameters
        ----------
        fn : callable
            Called as ``fn(module)``.

        Returns
        -------
        Module
            This module.
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Say that this module and all below it are being trained.

        Parameters
        ----------
        mode : bool
            False says that they are used.

        Returns
        -------
        Module
            This module.
        """
        if not isinstance(mode, bool):
            raise ValueError(f"mode must be True or False, got {mode!r}")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Say that this module and all below it are used, not trained; return this module."""
        return self.train(False)
