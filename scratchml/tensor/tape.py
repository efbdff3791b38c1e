"""The tape: which arrays were made from which, and how to take derivatives back through them.

Reverse-mode differentiation (Linnainmaa 1970; Griewank & Walther, "Evaluating Derivatives",
algorithm 3.3). A computation y = f(x1, ..., xk) leaves a `Node` that knows the nodes of its inputs
and how to turn dL/dy into dL/dx1, ..., dL/dxk: the *backward half* of f. Nodes are numbered as
they are made, so an input's number is always below that of whatever was made from it, and

    G[root] = dL/droot
    for each node that was reached, from the largest number to the smallest:
        for each input x:   G[x] += (the share that the backward half gives to x)

meets every node when its own gradient is complete. The tape knows the order and nothing of what
the halves compute: those are functions over arrays, most of them in `scratchml.nn.ops`.

Symbols: y an output, x an input, dy = dL/dy the gradient that comes in, dx the one that goes out.
"""

import threading
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any

import numpy as np

Backward = Callable[[np.ndarray], Any]
"""Takes dy; gives one array, or a tuple with an array or None for each input.

It may return dy or a view of it, or arrays that nobody else holds; it never changes dy, and never
returns an array that it keeps."""

LEAF: Any = "leaf"
"""Stands for the node of a tensor that was not computed: its gradient is kept in ``grad``."""

_numbers = count()


class _Mode(threading.local):
    recording = True


mode = _Mode()


class Node:
    """One step on the tape.

    Attributes
    ----------
    backward : callable or None
        The backward half; None once it has been used and freed.
    edges : tuple
        For each input the Node that made it, the leaf itself, or None where no gradient is wanted.
    saved : tuple of (Taped, int)
        Tensors whose values the backward half reads, with their versions when it was recorded.
    number : int
        Larger than the numbers of all nodes that this one was made from.
    hooks : list or None
        Functions that see, and may replace, the gradient that reaches this node.
    """

    __slots__ = ("__weakref__", "backward", "edges", "hooks", "name", "number", "saved")

    def __init__(self, backward: Backward, edges: tuple, saved: tuple, name: str) -> None:
        self.backward: Backward | None = backward
        self.edges = edges
        self.saved = saved
        self.name = name
        self.number = next(_numbers)
        self.hooks: list[Callable[[Any], Any]] | None = None

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Taped:
    """An array that the tape knows: what `scratchml.tensor.Tensor` is made of.

    Attributes
    ----------
    array : ndarray
        The values.
    node : Node, LEAF or None
        Where the values come from; None if no gradient is wanted for them.
    grad : Taped or None
        The gradient that reached a leaf.
    version : list of int
        How often the values were changed in place; views share it.
    """

    __slots__ = ("__weakref__", "array", "grad", "hooks", "node", "version")

    array: np.ndarray
    node: Any
    grad: Any
    hooks: Any
    version: list[int]


Result: Any = Taped
"""The class of what is recorded; `scratchml.tensor.tensor` sets it to Tensor."""


def constant(array: np.ndarray) -> Any:
    """Return `array` as a tensor without a gradient; nothing is copied."""
    tensor = Result.__new__(Result)
    tensor.array = array
    tensor.node = tensor.grad = tensor.hooks = None
    tensor.version = [0]
    return tensor


def record(
    array: np.ndarray,
    inputs: Sequence[Any],
    backward: Backward,
    saved: Sequence[Any] = (),
    *,
    saves_output: bool = False,
    name: str = "",
) -> Any:
    """Return `array` as the tensor that was computed from `inputs`.

    Parameters
    ----------
    array : ndarray
        The result.
    inputs : sequence of Tensor or None
        What it was computed from, in the order in which `backward` gives gradients.
    backward : callable
        The backward half: see `Backward`.
    saved : sequence of Tensor
        The tensors whose values `backward` reads: changing one in place before then is an error.
    saves_output : bool
        Whether `backward` reads the result as well.
    name : str
        Shown by ``grad_fn``; the backward half's own name unless given.
    """
    out = constant(array)
    if mode.recording and any(x is not None and x.node is not None for x in inputs):
        kept = [(x, x.version[0]) for x in saved if x is not None]
        if saves_output:  # a stand-in: the output itself would keep its own node alive
            twin = constant(array)
            twin.version = out.version
            kept.append((twin, 0))
        edges = tuple([None if x is None else x if x.node is LEAF else x.node for x in inputs])
        out.node = Node(backward, edges, tuple(kept), name or backward.__name__)
    return out


def apply(
    forward: Callable[..., tuple[np.ndarray, Any]],
    backward: Callable[..., Any],
    tensors: Sequence[Any],
    *args: Any,
    saves: str = "inputs",
    **options: Any,
) -> Any:
    """Run a forward/backward pair over arrays on tensors.

    Parameters
    ----------
    forward : callable
        ``y, cache = forward(*arrays, *args, **options)``.
    backward : callable
        With one tensor ``dx = backward(dy, cache)``; with several
        ``(dx1, dx2, ...) = backward(dy, cache, needs)`` where ``needs[i]`` says whether the
        gradient of the i-th is wanted (None may stand for one that is not).
    tensors : sequence of Tensor or None
        The inputs that may have gradients.
    saves : {"inputs", "output", "nothing"}
        The tensors whose values `backward` reads, so that a change in place is noticed.
    """
    y, cache = forward(*[None if x is None else x.array for x in tensors], *args, **options)
    if not mode.recording:
        return constant(y)
    needs = tuple([x is not None and x.node is not None for x in tensors])
    if True not in needs:
        return constant(y)

    if len(needs) == 1:

        def half(dy: np.ndarray) -> Any:
            return backward(dy, cache)
    else:

        def half(dy: np.ndarray) -> Any:
            return backward(dy, cache, needs)

    saved = tensors if saves == "inputs" else ()
    return record(y, tensors, half, saved, saves_output=saves == "output", name=backward.__name__)


def run_backward(root: Any, dy: np.ndarray, *, retain_graph: bool = False) -> None:
    """Add dL/dx to the ``grad`` of every leaf x that `root` was computed from, given dL/droot.

    The gradients of the leaves are handed out together at the end, so an error changes none.

    Raises
    ------
    RuntimeError
        If the tape was freed by an earlier call, or a value that is needed changed in place.
    """
    leaves: dict[int, list[Any]] = {}  # id -> [leaf, gradient, which is an array of its own]
    if root.node is LEAF:
        _add_to_leaf(leaves, root, dy, dy)
    else:
        waiting = {root.node.number: root.node}
        gradients = {root.node.number: dy}
        owned: set[int] = set()  # gradients that were added up here, and may be added to
        order = [-root.node.number]
        while order:
            number = -heappop(order)
            node, dy = waiting.pop(number), gradients.pop(number)
            if node.hooks:
                dy = _through_hooks(node.hooks, dy)
            shares = _shares(node, dy)
            if not retain_graph:
                node.backward, node.saved = None, ()
            for edge, dx in zip(node.edges, shares, strict=True):
                if edge is None or dx is None:
                    continue
                if type(edge) is not Node:
                    _add_to_leaf(leaves, edge, dx, dy)
                    continue
                key = edge.number
                if key not in waiting:
                    waiting[key], gradients[key] = edge, dx
                    heappush(order, -key)
                elif key in owned:
                    gradients[key] += dx
                else:
                    gradients[key] = np.asarray(gradients[key] + dx)
                    owned.add(key)
    for leaf, gradient in leaves.values():
        if leaf.hooks:
            gradient = _through_hooks(leaf.hooks, gradient)
        if leaf.grad is None:
            leaf.grad = constant(gradient)
        else:
            leaf.grad.array += gradient
            leaf.grad.version[0] += 1


def _shares(node: Node, dy: np.ndarray) -> tuple:
    """Run the backward half of a node, if that is still possible and right."""
    if node.backward is None:
        raise RuntimeError(
            f"backward() went through {node} a second time, but the values it needs were freed by "
            "the first: call the first with retain_graph=True, or compute the loss anew"
        )
    for tensor, version in node.saved:
        if tensor.version[0] != version:
            raise RuntimeError(
                f"a tensor of shape {tensor.array.shape} that {node} needs for its gradient was "
                f"changed in place after it was used (it is at version {tensor.version[0]}, "
                f"version {version} was expected)"
            )
    shares = node.backward(dy)
    return shares if type(shares) is tuple else (shares,)


def _add_to_leaf(leaves: dict, leaf: Any, dx: np.ndarray, dy: np.ndarray) -> None:
    entry = leaves.get(id(leaf))
    if entry is None:
        # An array that others may hold becomes nobody's gradient.
        shared = dx is dy or (dx.base is not None and np.may_share_memory(dx, dy))
        leaves[id(leaf)] = [leaf, dx.copy() if shared else np.asarray(dx)]
    else:
        entry[1] += dx


def _through_hooks(hooks: list, gradient: np.ndarray) -> np.ndarray:
    for hook in hooks:
        replaced = hook(constant(gradient))
        if replaced is not None:
            gradient = replaced.array
    return gradient
