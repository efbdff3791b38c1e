"""Module: the base class of every layer and network, under the names of ``torch.nn.Module``.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 4)            # assigning registers: see registry.py

        def forward(self, x):
            return F.relu(self.fc(x))

A module is called, ``net(x)``, and calls its ``forward`` with the same arguments; if it has hooks
they come before and after (hooks.py). What it learned goes out and in as a state dict (state.py).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

from scratchml.nn.modules import hooks, state
from scratchml.nn.modules.hooks import Hooks, RemovableHandle
from scratchml.nn.modules.placement import convert, read_to
from scratchml.nn.modules.registry import Registry
from scratchml.nn.modules.state import IncompatibleKeys
from scratchml.nn.parameter import Parameter
from scratchml.tensor.tensor import Tensor


class Module(Registry):
    """Base class of layers and networks.

    A subclass calls ``super().__init__()`` first, assigns its parameters and submodules as
    attributes, and defines ``forward``.

    Attributes
    ----------
    training : bool
        Whether the module is being trained (True at first) or used: some layers, such as
        `Dropout`, do different things. Changed by `train` and `eval`.

    Examples
    --------
    >>> import scratchml.nn as nn
    >>> class Twice(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.inner = nn.Linear(3, 3)
    ...
    ...     def forward(self, x):
    ...         return self.inner(self.inner(x))
    >>> net = Twice()
    >>> net
    Twice(
      (inner): Linear(in_features=3, out_features=3, bias=True)
    )
    >>> [name for name, _ in net.named_parameters()]
    ['inner.weight', 'inner.bias']
    """

    _hooks: Hooks | None = None
    _optional_keys: ClassVar[tuple[str, ...]] = ()  # may be missing from a state dict

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._hooks is None:
            return self.forward(*args, **kwargs)
        return hooks.call(self, args, kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass defines it.

        Parameters
        ----------
        *args, **kwargs : Any
            What the module was called with.
        """
        raise NotImplementedError(f'{type(self).__name__} has no "forward" method')

    def named_modules(
        self, memo: set | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, "Module"]]:
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

    def modules(self) -> Iterator["Module"]:
        """Yield this module and all below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """Yield the names and modules directly below this one, each module once."""
        seen = set()
        for name, child in self._held("_module_names"):
            if child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator["Module"]:
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

    def get_submodule(self, target: str) -> "Module":
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

    def apply(self, fn: Callable[["Module"], None]) -> Self:
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

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Ask for gradients of every parameter, or for none.

        Parameters
        ----------
        requires_grad : bool
            False freezes the module.

        Returns
        -------
        Module
            This module.
        """
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Parameters
        ----------
        set_to_none : bool
            False writes zeros into them instead.
        """
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.array.fill(0)
                parameter.grad.version[0] += 1

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Change the type of all parameters and floating-point buffers.

        The parameters stay the same objects, so an optimizer that was given them goes on.

        Parameters
        ----------
        *args, **kwargs : Any
            A ``device`` ("cpu" is the only one), a ``dtype`` (float32 or float64), both, or a
            tensor that has them; ``non_blocking`` is allowed and means nothing here.

        Returns
        -------
        Module
            This module.

        Raises
        ------
        RuntimeError
            For a device other than the CPU.
        TypeError
            For a dtype other than float32 and float64.
        """
        dtype = read_to(args, kwargs)
        return self if dtype is None else convert(self, dtype)

    def float(self) -> Self:
        """Change all parameters and floating-point buffers to float32; return this module."""
        return convert(self, "float32")

    def double(self) -> Self:
        """Change all parameters and floating-point buffers to float64; return this module."""
        return convert(self, "float64")

    def cpu(self) -> Self:
        """Return this module, which is on the CPU already."""
        return self

    def state_dict(
        self,
        *,
        destination: OrderedDict[str, Tensor] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> OrderedDict[str, Tensor]:
        """Return parameters and persistent buffers, here and below, by their paths.

        The tensors share memory with the module: copy what is to be kept.

        Parameters
        ----------
        destination : OrderedDict, optional
            Where to put them.
        prefix : str
            What to put before every path.
        keep_vars : bool
            Whether to give the parameters themselves, which have gradients.

        Returns
        -------
        OrderedDict of str to Tensor
            In the order in which they were assigned.
        """
        destination = OrderedDict() if destination is None else destination
        state.collect(self, destination, prefix, keep_vars)
        return destination

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Take the values of a state dict, all of them or, on an error, none.

        Parameters
        ----------
        state_dict : mapping of str to Tensor or array-like
            As `state_dict` returns it; values are converted to the module's dtypes.
        strict : bool
            Whether keys that are missing, or not known here, are an error.
        assign : bool
            Take the tensors themselves, with their dtypes, instead of copying their values.

        Returns
        -------
        tuple (missing_keys, unexpected_keys)
            Two lists of str.

        Raises
        ------
        RuntimeError
            Lists all missing and unexpected keys and all shapes that do not match.
        """
        return state.load(self, state_dict, strict, assign)

    def register_forward_pre_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Have a function called before ``forward``.

        Parameters
        ----------
        hook : callable
            ``hook(module, args)``, which returns None or new arguments: a tuple, or one value.
        prepend : bool
            Whether it comes before the hooks that are there.
        with_kwargs : bool
            Call ``hook(module, args, kwargs)``, which returns None or ``(args, kwargs)``.

        Returns
        -------
        RemovableHandle
            ``handle.remove()`` takes the hook away.
        """
        return hooks.register(self, "before", hook, prepend, with_kwargs=with_kwargs)

    def register_forward_hook(
        self,
        hook: Callable,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Have a function called after ``forward``.

        Parameters
        ----------
        hook : callable
            ``hook(module, args, output)``, which returns None or a new output.
        prepend : bool
            Whether it comes before the hooks that are there.
        with_kwargs : bool
            Call ``hook(module, args, kwargs, output)``.
        always_call : bool
            Call it with an output of None if ``forward`` fails.

        Returns
        -------
        RemovableHandle
            ``handle.remove()`` takes the hook away.
        """
        options = {"with_kwargs": with_kwargs, "always_call": always_call}
        return hooks.register(self, "after", hook, prepend, **options)

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Have a function called when the gradients of the module's inputs are known.

        Parameters
        ----------
        hook : callable
            ``hook(module, grad_input, grad_output)`` with tuples of tensors, None for what has no
            gradient; it returns None or a new ``grad_input``.
        prepend : bool
            Whether it comes before the hooks that are there.

        Returns
        -------
        RemovableHandle
            ``handle.remove()`` takes the hook away.
        """
        return hooks.register(self, "backward", hook, prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable, prepend: bool = False
    ) -> RemovableHandle:
        """Have a function called when the gradients of the module's outputs are known.

        Parameters
        ----------
        hook : callable
            ``hook(module, grad_output)`` with a tuple of tensors; it returns None or a new
            ``grad_output``.
        prepend : bool
            Whether it comes before the hooks that are there.

        Returns
        -------
        RemovableHandle
            ``handle.remove()`` takes the hook away.
        """
        return hooks.register(self, "upstream", hook, prepend)

    def extra_repr(self) -> str:
        """Return what the repr shows between a layer's brackets; subclasses define it."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = [line for line in self.extra_repr().split("\n") if line]
        children = [
            f"({name}): {_indented(repr(getattr(self, name)))}" for name in self._module_names
        ]
        if len(extra) <= 1 and not children:
            return f"{self._get_name()}({''.join(extra)})"
        lines = "\n  ".join(extra + children)
        return f"{self._get_name()}(\n  {lines}\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
