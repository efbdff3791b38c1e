"""Looking at gradients on their way, and keeping those of computed tensors."""

from collections.abc import Callable
from typing import Any
from weakref import ref

from scratchml.tensor.tape import LEAF, Node, constant


class RemovableHandle:
    """What `Tensor.register_hook` returns.

    Parameters
    ----------
    hooks : list
        Where the hook is.
    hook : callable
        The hook.
    """

    def __init__(self, hooks: list, hook: Callable[[Any], Any]) -> None:
        self._hooks, self._hook = hooks, hook

    def remove(self) -> None:
        """Take the hook away."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


def register_hook(input: Any, hook: Callable[[Any], Any]) -> RemovableHandle:
    """Have a function called with this tensor's gradient whenever backward() computes it.

    Parameters
    ----------
    input : Tensor
        One that requires grad.
    hook : callable
        Takes the gradient; returns None, or what it is replaced with.

    Returns
    -------
    RemovableHandle
        ``handle.remove()`` takes the hook away.

    Raises
    ------
    RuntimeError
        If the tensor does not require grad.
    """
    if input.node is None:
        raise RuntimeError("register_hook: the tensor does not require grad")
    owner = input if input.node is LEAF else input.node
    if isinstance(owner, Node):
        hooks = owner.watchers()
    else:
        hooks = owner.hooks = [] if owner.hooks is None else owner.hooks
    hooks.append(hook)
    return RemovableHandle(hooks, hook)


def retain_grad(input: Any) -> None:
    """Keep the gradient of this tensor in ``grad`` although it was computed.

    Parameters
    ----------
    input : Tensor
        One that requires grad.

    Raises
    ------
    RuntimeError
        If the tensor does not require grad.
    """
    if input.node is LEAF:
        return
    tensor = ref(input)  # the tape must not keep the tensor alive

    def keep(gradient: Any) -> None:
        kept = tensor()
        if kept is not None:
            before = 0 if kept.grad is None else kept.grad.array
            kept.grad = constant(gradient.array + before)

    register_hook(input, keep)
