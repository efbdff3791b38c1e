"""Gradients asked for by name, without touching ``grad``."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchml.tensor.checking import gradcheck as gradcheck
from scratchml.tensor.modes import enable_grad as enable_grad
from scratchml.tensor.modes import no_grad as no_grad
from scratchml.tensor.modes import set_grad_enabled as set_grad_enabled
from scratchml.tensor.tape import LEAF, Node, Taped, constant, leaf_gradients


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """Return the derivatives of outputs with respect to inputs, which may be computed themselves.

    Parameters
    ----------
    outputs : Tensor or sequence of Tensor
        What is differentiated; several are summed.
    inputs : Tensor or sequence of Tensor
        With respect to what.
    grad_outputs : Tensor or sequence of Tensor, optional
        What each output is weighted with; 1 for an output of one value.
    retain_graph : bool
        Keep what the tape needs, so that it can be gone through again.
    allow_unused : bool
        Whether inputs that no output depends on have None, instead of an error.

    Returns
    -------
    tuple of Tensor or None
        A gradient for each input; the ``grad`` of no tensor changes.

    Raises
    ------
    RuntimeError
        If an output or input does not require grad, or an input is not used.

    Examples
    --------
    >>> import scratchml.tensor as torch
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.autograd.grad((x * x).sum(), x)
    (tensor([2., 4.]),)
    """
    ys, xs = _several(outputs), _several(inputs)
    weights = _several(grad_outputs) if grad_outputs is not None else [None] * len(ys)
    root = _root(ys, [_weight(y, w) for y, w in zip(ys, weights, strict=True)])
    found: dict[int, np.ndarray] = {}
    watched: list[tuple[list, Any]] = []
    for i, x in enumerate(xs):
        if x.node is None:
            raise RuntimeError(f"input {i}, of shape {x.shape}, does not require grad")
        if x.node is not LEAF:
            hook = _watch(found, i)
            hooks = x.node.watchers()
            hooks.append(hook)
            watched.append((hooks, hook))
    try:
        leaves = leaf_gradients(root, np.ones(()), retain_graph=retain_graph)
    finally:
        for hooks, hook in watched:
            hooks.remove(hook)
    of_leaves = {id(leaf): gradient for leaf, gradient in leaves}
    result = []
    for i, x in enumerate(xs):
        gradient = of_leaves.get(id(x)) if x.node is LEAF else found.get(i)
        if gradient is None and not allow_unused:
            raise RuntimeError(
                f"no output depends on input {i}, of shape {x.shape}: use allow_unused=True to get "
                "None for it"
            )
        result.append(None if gradient is None else constant(gradient))
    return tuple(result)


def _several(tensors: Any) -> Sequence[Any]:
    return [tensors] if isinstance(tensors, Taped) else list(tensors)


def _weight(y: Any, weight: Any) -> np.ndarray:
    if y.node is None:
        raise RuntimeError(f"an output, of shape {y.shape}, does not require grad")
    if weight is None:
        if y.array.size != 1:
            raise RuntimeError(f"grad_outputs is needed for an output of shape {y.shape}")
        return np.ones_like(y.array)
    if weight.array.shape != y.array.shape:
        raise RuntimeError(
            f"grad_outputs must have the shapes of outputs: {y.shape}, got {weight.array.shape}"
        )
    return np.asarray(weight.array, y.array.dtype)


def _root(ys: Sequence[Any], weights: list[np.ndarray]) -> Any:
    """Return a stand-in from which all outputs are reached with their weights."""
    root = constant(np.zeros(()))
    edges = tuple([y if y.node is LEAF else y.node for y in ys])
    root.node = Node(lambda dy: tuple([w.copy() for w in weights]), edges, (), "outputs")
    return root


def _watch(found: dict, i: int) -> Any:
    def hook(gradient: Any) -> None:
        found[i] = gradient.array.copy()

    return hook
