"""Module: the base class of every layer and network, under the names of ``torch.nn.Module``.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 4)            # assigning registers: see registry.py

        def forward(self, x):
            return F.relu(self.fc(x))

A module is called, ``net(x)``, and calls its ``forward`` with the same arguments; if it has hooks
they come before and after (hooks.py). What it holds is kept by registry.py and walked through by
tree.py; its values go out and in as a state dict (state.py).
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from scratchml.nn.modules import hooks, state
from scratchml.nn.modules.blame import blame
from scratchml.nn.modules.hooks import Hooks, RemovableHandle
from scratchml.nn.modules.placement import convert, read_to
from scratchml.nn.modules.state import IncompatibleKeys
from scratchml.nn.modules.tree import Tree
from scratchml.tensor.core import Tensor
from scratchml.tensor.tape import no_tensor


class Module(Tree):
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
        try:
            if self._hooks is None:
                return self.forward(*args, **kwargs)
            return hooks.call(self, args, kwargs)
        except (ValueError, TypeError, RuntimeError, IndexError) as error:
            blame(error, self)
            raise
        except AttributeError as error:
            if error.name != "array" or isinstance(error.obj, Tensor):
                raise
            wrong = no_tensor(self._get_name(), (error.obj,))
            blame(wrong, self)
            raise wrong from None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass defines it.

        Parameters
        ----------
        *args, **kwargs : Any
            What the module was called with.
        """
        raise NotImplementedError(f'{type(self).__name__} has no "forward" method')

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
