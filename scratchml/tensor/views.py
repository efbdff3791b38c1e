"""Tensors that share memory, and what a change in place of one means for the others.

A view v = f(b) of a base b knows b and the steps of f, which are functions of arrays. Let w be
computed from v, and written to its place (v.mul_(2), say). Then the base has become b', which is b
with w in the place of v:

    db = db' with zeros in the place of v        dw = f(db')

and every view u = g(b) that is still alive has become g(b'): du goes to the place g of db'. Their
nodes on the tape are made anew, so that each has the gradient of the values that it shows.
"""

from collections.abc import Callable
from typing import Any
from weakref import ref

import numpy as np

from scratchml.tensor.tape import LEAF, constant, mode, record

MANY = 32


def viewed(
    input: Any,
    array: np.ndarray,
    step: Callable[..., np.ndarray],
    args: tuple,
    backward: Callable[[np.ndarray], Any],
    name: str,
) -> Any:
    """Record a view of a tensor.

    Parameters
    ----------
    input : Tensor
        What is viewed.
    array : ndarray
        ``step(input.array, *args)``, which shares its memory.
    step, args : callable, tuple
        How it is made.
    backward : callable
        From its gradient to that of `input`.
    name : str
        The name of the step on the tape.
    """
    out = record(array, (input,), backward, name=name)
    origin, version = input.origin, input.version
    base, chain = origin if origin is not None else (input, ())
    out.version = version
    out.origin = (base, (*chain, (step, args)))
    version.append(ref(out))
    if len(version) > MANY and len(version) & (len(version) - 1) == 0:
        version[1:] = [view for view in version[1:] if view() is not None]
    return out


def place(array: np.ndarray, chain: tuple) -> np.ndarray:
    """Return the part of a base's array that a view shows."""
    for step, args in chain:
        array = step(array, *args)
    return array


def tracked(tensor: Any) -> bool:
    """Whether a change in place of `tensor` would have to be recorded; an error if it must not.

    Raises
    ------
    RuntimeError
        If its memory is read-only; or if gradients are recorded, and it is a leaf that requires
        one, or a view of such a leaf.
    """
    if not tensor.array.flags.writeable:
        raise RuntimeError(
            "an expanded tensor, several of whose values are one in memory, or one over a "
            "read-only array, cannot be changed in place: use clone() first"
        )
    if not mode.recording:
        return False
    base = tensor.origin[0] if tensor.origin is not None else tensor
    if base.node is LEAF or tensor.node is LEAF:
        what = "a view of a leaf" if tensor.origin is not None else "a leaf"
        raise RuntimeError(
            f"{what} that requires grad cannot be changed in place: its gradient would be that of "
            "values which are gone; change it under torch.no_grad(), or a copy of it"
        )
    return base.node is not None or tensor.node is not None


def overwrite(tensor: Any, new: Any) -> Any:
    """Give `tensor` the values and the place on the tape of `new`, which was computed from it."""
    tensor.array[...] = new.array
    tensor.version[0] += 1
    if not mode.recording:
        return tensor
    if tensor.origin is None:
        if tensor.node is None and new.node is None:
            return tensor
        tensor.node = new.node
        base = tensor
    else:
        base, chain = tensor.origin
        if base.node is None and new.node is None and tensor.node is None:
            return tensor
        base.node = _replaced(base, chain, new)
    for reference in tensor.version[1:]:
        view = reference()
        if view is not None and view.node is not LEAF:
            view.node = _seen(base, view)
    return tensor


def before(tensor: Any) -> Any:
    """Return a stand-in for what `tensor` was before a change: its values and its node."""
    old = constant(tensor.array.copy())
    old.node = tensor.node
    return old


def _replaced(base: Any, chain: tuple, new: Any) -> Any:
    """Return the node of a base in which the part that a view shows was replaced."""

    def replace_backward(dy: np.ndarray) -> Any:
        rest = dy.copy()
        place(rest, chain)[...] = 0
        return rest, place(dy, chain).copy()

    old = constant(base.array)
    old.node = base.node
    return record(base.array, (old, new), replace_backward).node


def _seen(base: Any, view: Any) -> Any:
    """Return the node of a view of a base that changed."""
    shape, chain = base.array.shape, view.origin[1]

    def view_backward(dy: np.ndarray) -> np.ndarray:
        # Values that a view repeats (expand) add up: they are found by their numbers in the base.
        numbers = place(np.arange(int(np.prod(shape))).reshape(shape), chain)
        out = np.zeros(shape, dy.dtype)
        np.add.at(out.reshape(-1), numbers, dy)
        return out

    return record(view.array, (base,), view_backward).node
