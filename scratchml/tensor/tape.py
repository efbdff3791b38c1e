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
    cache, needs : object, tuple of bool or None
        What a half of `scratchml.nn.ops` takes besides dy; `needs` is None if it takes dy alone.
    edges : sequence
        For each input the Node that made it, the leaf itself, or None where no gradient is wanted.
    saved : sequence of (list, int)
        The versions of the tensors whose values the backward half reads, and what they were when
        it was recorded.
    number : int
        Larger than the numbers of all nodes that this one was made from.
    name : str
        What was done, for messages; the backward half's own name unless given.
    hooks : list or None
        Functions that see, and may replace, the gradient that reaches this node.
    detour : callable or None
        Undoes a shorter way that passes this node by; `watchers` calls it.
    """

    __slots__ = (
        "__weakref__",
        "backward",
        "cache",
        "detour",
        "edges",
        "hooks",
        "name",
        "needs",
        "number",
        "saved",
    )

    def __init__(
        self,
        backward: Callable[..., Any],
        edges: Sequence[Any],
        saved: Sequence[Any],
        name: str,
        cache: Any = None,
        needs: "tuple[bool, ...] | None" = None,
    ) -> None:
        self.backward: Callable[..., Any] | None = backward
        self.cache = cache
        self.needs = needs
        self.edges = edges
        self.saved = saved
        self.name = name or backward.__name__
        self.number = next(_numbers)
        self.hooks: list[Callable[[Any], Any]] | None = None
        self.detour: Callable[[], None] | None = None

    def shares(self, dy: np.ndarray) -> tuple:
        """Run the backward half, if that is still possible and right."""
        if self.backward is None:
            raise RuntimeError(
                f"backward() went through {self} a second time, but the values it needs were freed "
                "by the first: call the first with retain_graph=True, or compute the loss anew"
            )
        for version, number in self.saved:
            if version[0] != number:
                raise RuntimeError(
                    f"a tensor that {self} needs for its gradient was changed in place after it "
                    f"was used (it is at version {version[0]}, version {number} was expected)"
                )
        if self.needs is None:
            shares = self.backward(dy)
        elif len(self.needs) == 1:
            shares = self.backward(dy, self.cache)
        else:
            shares = self.backward(dy, self.cache, self.needs)
        return shares if type(shares) is tuple else (shares,)

    def watchers(self) -> list[Callable[[Any], Any]]:
        """Return the list of hooks, for adding to it."""
        if self.detour is not None:
            self.detour()
        if self.hooks is None:
            self.hooks = []
        return self.hooks

    def free(self) -> None:
        """Let go of what the backward half needed."""
        self.backward = self.cache = None
        self.saved = ()

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
    version : list
        How often the values were changed in place; views share it. References to the views follow.
    origin : tuple or None
        What this is a view of, and how: see `scratchml.tensor.views`.
    """

    __slots__ = ("__weakref__", "array", "grad", "hooks", "node", "origin", "version")

    array: np.ndarray
    node: Any
    grad: Any
    hooks: Any
    version: list[Any]
    origin: Any


class _First:
    """Stands for Tensor until one is made: that loads the module which defines it."""

    def __new__(cls) -> Any:
        from scratchml.tensor.core import Tensor

        return Tensor.__new__(Tensor)


Result: Any = _First
"""The class of what is recorded; `scratchml.tensor.core` sets it to Tensor."""


def constant(array: np.ndarray) -> Any:
    """Return `array` as a tensor without a gradient; nothing is copied."""
    tensor = Result.__new__(Result)
    # NumPy's functions give numbers, not arrays, where there are no axes.
    tensor.array = array if type(array) is np.ndarray else np.asarray(array)
    tensor.node = tensor.grad = tensor.hooks = tensor.origin = None
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
    if mode.recording:
        edges = _edges(inputs)
        if edges is not None:
            seen = [*saved, out] if saves_output else saved
            out.node = Node(backward, edges, _versions(seen), name)
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
        ``y, cache = forward(*arrays, *args, **options)``; y an array, or a tuple of arrays.
    backward : callable
        Takes dy, for a tuple of outputs the tuple of their gradients, of which some may be None.
        With one tensor ``dx = backward(dy, cache)``; with several
        ``(dx1, dx2, ...) = backward(dy, cache, needs)`` where ``needs[i]`` says whether the
        gradient of the i-th is wanted (None may stand for one that is not).
    tensors : sequence of Tensor or None
        The inputs that may have gradients.
    saves : {"inputs", "output", "both", "nothing"}
        The tensors whose values `backward` reads, so that a change in place is noticed.

    Returns
    -------
    Tensor or tuple of Tensor
        As many as `forward` gives arrays.
    """
    try:
        arrays = [None if x is None else x.array for x in tensors]
    except AttributeError:
        raise no_tensor(forward.__name__.removesuffix("_forward"), tensors) from None
    y, cache = forward(*arrays, *args, **options)
    out = constant(y) if type(y) is not tuple else tuple([constant(part) for part in y])
    if mode.recording:
        edges = _edges(tensors)
        if edges is not None:
            versions = _versions(tensors) if saves in ("inputs", "both") else []
            if saves in ("output", "both"):
                versions += [(part.version, 0) for part in (out if type(y) is tuple else (out,))]
            needs = tuple([edge is not None for edge in edges])
            node = Node(backward, edges, versions, "", cache, needs)
            if type(y) is tuple:
                _split(node, out)
            else:
                out.node = node
    return out


class Several:
    """The gradients of the outputs of one node, None where there is none."""

    __slots__ = ("parts",)

    def __init__(self, parts: "tuple[np.ndarray | None, ...]") -> None:
        self.parts = parts

    def __add__(self, other: "Several") -> "Several":
        return Several(
            tuple(
                [
                    b if a is None else a if b is None else a + b
                    for a, b in zip(self.parts, other.parts, strict=True)
                ]
            )
        )


def _split(node: Node, outputs: Sequence[Any]) -> None:
    """Give each of the outputs of `node` a node that brings its gradient there."""
    whole: Any = node.backward
    node.backward = lambda dy, *rest: whole(dy.parts, *rest)
    absent = (None,) * len(outputs)
    for i, out in enumerate(outputs):

        def part(dy: np.ndarray, i: int = i) -> Several:
            return Several((*absent[:i], dy, *absent[i + 1 :]))

        out.node = Node(part, [node], (), node.name)


def no_tensor(name: str, values: Sequence[Any]) -> TypeError:
    """Return the error for values that should all be tensors, of which one at least is not."""
    kinds = [type(value) for value in values if not isinstance(value, Taped)]
    kind = next((kind for kind in kinds if kind is not type(None)), type(None))
    cure = ": from_numpy() makes one of it" if kind is np.ndarray else ""
    return TypeError(f"{name}: a Tensor is needed, got {kind.__name__}{cure}")


def _edges(inputs: Sequence[Any]) -> "list[Any] | None":
    """Return what leads to the inputs, or None if no gradient is wanted for any."""
    edges, wanted = [], False
    for x in inputs:
        node = None if x is None else x.node
        if node is not None:
            wanted = True
        edges.append(x if node is LEAF else node)
    return edges if wanted else None


def _versions(saved: Sequence[Any]) -> list[tuple[list[Any], int]]:
    return [(x.version, x.version[0]) for x in saved if x is not None]


def run_backward(root: Any, dy: np.ndarray, *, retain_graph: bool = False) -> None:
    """Add dL/dx to the ``grad`` of every leaf x that `root` was computed from, given dL/droot.

    The gradients of the leaves are handed out together at the end, so an error changes none.

    Raises
    ------
    RuntimeError
        If the tape was freed by an earlier call, or a value that is needed changed in place.
    """
    for leaf, gradient in leaf_gradients(root, dy, retain_graph=retain_graph):
        if leaf.hooks:
            gradient = _through_hooks(leaf.hooks, gradient)
        if leaf.grad is None:
            leaf.grad = constant(gradient)
        else:
            leaf.grad.array += gradient
            leaf.grad.version[0] += 1


def leaf_gradients(root: Any, dy: np.ndarray, *, retain_graph: bool = False) -> Any:
    """Return every leaf that `root` was computed from, with its gradient, given dL/droot."""
    leaves: dict[int, list[Any]] = {}  # id -> [leaf, gradient, which is an array of its own]
    if root.node is LEAF:
        _add_to_leaf(leaves, root, dy, dy)
    else:
        gradients: dict[int, Any] = {root.node.number: dy}
        owned: set[int] = set()  # gradients that were added up here, and may be added to
        waiting = [(-root.node.number, root.node)]
        while waiting:
            node = heappop(waiting)[1]
            dy = gradients.pop(node.number)
            if node.hooks:
                dy = _through_hooks(node.hooks, dy)
            shares = node.shares(dy)
            if not retain_graph:
                node.free()
            for edge, dx in zip(node.edges, shares, strict=True):
                if edge is None or dx is None:
                    continue
                if type(edge) is not Node:
                    _add_to_leaf(leaves, edge, dx, dy)
                    continue
                key = edge.number
                if key not in gradients:
                    gradients[key] = dx
                    heappush(waiting, (-key, edge))
                elif key in owned:
                    gradients[key] += dx
                else:
                    total = gradients[key] + dx
                    gradients[key] = total if type(total) is Several else np.asarray(total)
                    owned.add(key)
    return leaves.values()


def _add_to_leaf(leaves: dict, leaf: Any, dx: np.ndarray, dy: np.ndarray) -> None:
    key = id(leaf)
    if key in leaves:
        leaves[key][1] += dx
    elif type(dx) is not np.ndarray:
        leaves[key] = [leaf, np.array(dx)]
    else:
        # An array that others may hold becomes nobody's gradient.
        if type(dy) is Several:
            shared = any(np.may_share_memory(dx, part) for part in dy.parts if part is not None)
        else:
            shared = dx is dy or (dx.base is not None and np.may_share_memory(dx, dy))
        leaves[key] = [leaf, dx.copy() if shared else dx]


def _through_hooks(hooks: list, gradient: np.ndarray) -> np.ndarray:
    for hook in hooks:
        replaced = hook(constant(gradient))
        if replaced is not None:
            gradient = replaced.array
    return gradient
