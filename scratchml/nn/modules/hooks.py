"""Functions that look on, or interfere, when a module is called; a module without them is faster.

    before      hook(module, args) -> None or new args                  before forward
    after       hook(module, args, output) -> None or new output        after it
    backward    hook(module, grad_input, grad_output) -> None or new grad_input
    upstream    hook(module, grad_output) -> None or new grad_output    before backward's

The last two see gradients. All tensors that go into the module pass through one *gate*, all that
come out of it through another, and the gate knows the gradients of all of them at once:

    x1 --+        +--> x1'                        (gradients flow from right to left)
         |-- gate-|            forward ...
    x2 --+        +--> x2'
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from scratchml.tensor.tape import LEAF, Node, Taped, constant, mode

TABLES = ("before", "after", "backward", "upstream")


class Hooks:
    """The hooks of one module; each table maps a number to (hook, options)."""

    def __init__(self) -> None:
        self.before: dict[int, tuple[Callable, dict]] = {}
        self.after: dict[int, tuple[Callable, dict]] = {}
        self.backward: dict[int, tuple[Callable, dict]] = {}
        self.upstream: dict[int, tuple[Callable, dict]] = {}
        self.made = 0


class RemovableHandle:
    """What registering a hook returns: ``handle.remove()`` takes the hook away again.

    Also a context manager that removes the hook at its end.

    Parameters
    ----------
    module : Module
        The module that has the hook.
    table : str
        The kind of hook.
    number : int
        The hook's number in its table.
    """

    def __init__(self, module: Any, table: str, number: int) -> None:
        self.module, self.table, self.number = module, table, number

    def remove(self) -> None:
        """Take the hook away; calling it again does nothing."""
        hooks = self.module._hooks
        if hooks is None:
            return
        getattr(hooks, self.table).pop(self.number, None)
        if not any(getattr(hooks, table) for table in TABLES):
            del self.module.__dict__["_hooks"]  # the fast way through __call__ again

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


def register(
    module: Any, table: str, hook: Callable, prepend: bool = False, **options: bool
) -> RemovableHandle:
    """Add a hook to a module, as the last of its kind or the first."""
    if not callable(hook):
        raise TypeError(f"hook must be callable, got {type(hook).__name__}")
    hooks = module._hooks
    if hooks is None:
        hooks = module.__dict__["_hooks"] = Hooks()
    hooks.made += 1
    entries = getattr(hooks, table)
    entry = {hooks.made: (hook, options)}
    setattr(hooks, table, {**entry, **entries} if prepend else {**entries, **entry})
    return RemovableHandle(module, table, hooks.made)


def call(module: Any, args: tuple, kwargs: dict) -> Any:
    """Call a module that has hooks."""
    hooks = module._hooks
    for hook, options in list(hooks.before.values()):
        args, kwargs = _before(module, hook, options, args, kwargs)
    gradients = _Gradients(module, hooks) if hooks.backward or hooks.upstream else None
    if gradients:
        args = gradients.into(args)
    after = list(hooks.after.values())
    try:
        output = module.forward(*args, **kwargs)
        while after:
            hook, options = after.pop(0)
            seen = (args, kwargs, output) if options["with_kwargs"] else (args, output)
            replaced = hook(module, *seen)
            if replaced is not None:
                output = replaced
    except Exception:
        for hook, options in after:
            if options["always_call"]:
                hook(module, *((args, kwargs, None) if options["with_kwargs"] else (args, None)))
        raise
    return gradients.out_of(output) if gradients else output


def _before(
    module: Any, hook: Callable, options: dict, args: tuple, kwargs: dict
) -> tuple[tuple, dict]:
    if options["with_kwargs"]:
        replaced = hook(module, args, kwargs)
        if replaced is None:
            return args, kwargs
        if isinstance(replaced, tuple) and len(replaced) == 2:
            return replaced
        raise RuntimeError(
            f"a forward pre-hook with_kwargs=True of {type(module).__name__} must return None or "
            f"(args, kwargs), got {type(replaced).__name__}"
        )
    replaced = hook(module, args)
    if replaced is None:
        return args, kwargs
    return replaced if isinstance(replaced, tuple) else (replaced,), kwargs


class _Gradients:
    """The two gates around one call of a module."""

    def __init__(self, module: Any, hooks: Hooks) -> None:
        self.module, self.hooks = module, hooks
        self.grad_output: tuple = ()
        self.inputs = 0
        self.gated = False  # whether a gradient flows to any input

    def into(self, args: tuple) -> tuple:
        self.inputs = len(args)
        self.gated = mode.recording and any(_wants(a) for a in args)
        return gate(args, self._leaving) if self.gated else args

    def out_of(self, output: Any) -> Any:
        several = isinstance(output, (tuple, list))
        outputs = tuple(output) if several else (output,)
        if not (mode.recording and any(_wants(y) for y in outputs)):
            return output
        outputs = gate(outputs, self._arriving)
        return type(output)(outputs) if several else outputs[0]

    def _arriving(self, gradients: tuple) -> tuple:
        for hook, _ in list(self.hooks.upstream.values()):
            replaced = hook(self.module, gradients)
            if replaced is not None:
                gradients = _same_number(self.module, replaced, gradients, "grad_output")
        self.grad_output = gradients
        if not self.gated:  # nothing will leave: the hooks are called here
            self._leaving((None,) * self.inputs)
        return gradients

    def _leaving(self, gradients: tuple) -> tuple:
        for hook, _ in list(self.hooks.backward.values()):
            replaced = hook(self.module, gradients, self.grad_output)
            if replaced is not None:
                gradients = _same_number(self.module, replaced, gradients, "grad_input")
        return gradients


def gate(values: Sequence[Any], look: Callable[[tuple], tuple]) -> tuple:
    """Return `values`, whose gradients will pass through `look` all together.

    Each tensor gets a node of its own that keeps its gradient and sends a zero on to one common
    node. The tape comes to that one when all the others have been met, and it sends on what
    `look` makes of the gradients it finds kept.
    """
    kept: list[Any] = [None] * len(values)

    def together(_: np.ndarray) -> tuple:
        gradients = look(tuple([None if dy is None else constant(dy.copy()) for dy in kept]))
        kept[:] = [None] * len(kept)
        return tuple([None if g is None else g.array for g in gradients])

    edges = tuple([(v if v.node is LEAF else v.node) if _wants(v) else None for v in values])
    common = Node(together, edges, (), "Hooks")
    return tuple([_gated(v, i, common, kept) if _wants(v) else v for i, v in enumerate(values)])


def _gated(value: Any, i: int, common: Node, kept: list) -> Any:
    def keep(dy: np.ndarray) -> np.ndarray:
        kept[i] = dy
        return np.zeros(())

    out = constant(value.array)
    out.version = value.version
    out.node = Node(keep, (common,), (), "Hooks")
    return out


def _wants(value: Any) -> bool:
    return isinstance(value, Taped) and value.node is not None


def _same_number(module: Any, replaced: Any, gradients: tuple, name: str) -> tuple:
    replaced = tuple(replaced) if isinstance(replaced, (tuple, list)) else (replaced,)
    if len(replaced) != len(gradients):
        raise RuntimeError(
            f"a backward hook of {type(module).__name__} returned {len(replaced)} gradients for a "
            f"{name} of {len(gradients)}"
        )
    return replaced
