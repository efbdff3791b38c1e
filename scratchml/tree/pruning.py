"""Minimal cost-complexity pruning: cut the weakest link, again and again.

Let R(t) be the impurity of node t times its share of the total weight, and R(T_t) the sum of R
over the leaves of the subtree T_t below t. For a price alpha >= 0 on each leaf, find the smallest
subtree T of the whole tree that minimises

    R_alpha(T) = R(T) + alpha |leaves of T|                                                    (1)

Making a leaf of t pays as soon as alpha reaches

    g(t) = (R(t) - R(T_t)) / (|leaves of T_t| - 1)                                             (2)

The weakest link is the inner node with the smallest g. Cutting there, and going on with what is
left, gives a nested sequence of trees that holds the minimiser of (1) for every alpha: that of the
last cut with g <= alpha.

L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and Regression Trees", 1984, sections
3.3 (the sequence) and 10.2 (that it is unique, and nested).

A cut changes R(T_a) and the leaves of its ancestors a alone, and never makes their g smaller (what
is left of T_a has lost its worst bargain). So all g lie in a heap; one that has grown since it was
noted is put back when it comes up.
"""

from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from scratchml.tree.nodes import Nodes


def pruning_path(nodes: Nodes) -> "tuple[Any, Any]":
    """Return g (2) of each cut, and the leaves' total impurity R(T) after it.

    Parameters
    ----------
    nodes : Nodes
        A tree.

    Returns
    -------
    ccp_alphas, impurities : ndarray of float64, shape (n_cuts + 1,)
        Both begin with the whole tree, at alpha 0.
    """
    branches = _branches(nodes)
    ccp_alphas, impurities = [0.0], [branches[1][0]]
    for _, g, risk in _cuts(nodes, *branches):
        ccp_alphas.append(g)
        impurities.append(risk)
    return np.array(ccp_alphas), np.array(impurities)


def prune(nodes: Nodes, ccp_alpha: float) -> Nodes:
    """Return the smallest subtree that minimises (1); nodes keep their order.

    Parameters
    ----------
    nodes : Nodes
        A tree.
    ccp_alpha : float
        The price of a leaf.
    """
    left = nodes.left.copy()
    for t, g, _ in _cuts(nodes, *_branches(nodes)):
        if g > ccp_alpha:
            break
        left[t] = -1
    kept = np.zeros(len(left), dtype=bool)
    kept[0] = True
    for t in np.flatnonzero(left >= 0):  # parents come before their children
        kept[[left[t], nodes.right[t]]] = kept[t]
    leaf = left[kept] < 0
    number = np.cumsum(kept) - 1
    return Nodes(
        left=np.where(leaf, -1, number[left[kept]]),
        right=np.where(leaf, -1, number[nodes.right[kept]]),
        feature=np.where(leaf, -2, nodes.feature[kept]),
        threshold=np.where(leaf, -2.0, nodes.threshold[kept]),
        missing_left=~leaf & nodes.missing_left[kept],
        impurity=nodes.impurity[kept],
        n_samples=nodes.n_samples[kept],
        weight=nodes.weight[kept],
        value=nodes.value[kept],
    )


def _cuts(nodes, own, below, leaves, parent):
    """Yield each weakest link in turn: the node, its g, and R(T) after the cut."""
    left, right = nodes.left.tolist(), nodes.right.tolist()
    inner = [child >= 0 for child in left]  # and not cut, nor below a cut
    heap = [(_link(own[t], below[t], leaves[t]), t) for t, is_inner in enumerate(inner) if is_inner]
    heapify(heap)
    while heap:
        noted, t = heappop(heap)
        if not inner[t]:
            continue
        g = _link(own[t], below[t], leaves[t])
        if g > noted:
            heappush(heap, (g, t))
            continue
        _make_leaf(t, inner, left, right)
        saved, lost = own[t] - below[t], leaves[t] - 1
        a = t
        while a >= 0:
            below[a] += saved
            leaves[a] -= lost
            a = parent[a]
        yield t, g, below[0]


def _branches(nodes):
    """Return, for each node, R(t), R(T_t), the leaves below it and its parent (-1 at the root)."""
    left, right = nodes.left.tolist(), nodes.right.tolist()
    own = (nodes.impurity * nodes.weight / nodes.weight[0]).tolist()
    below, leaves, parent = own.copy(), [1] * len(left), [-1] * len(left)
    for t in range(len(left) - 1, -1, -1):  # children come after their parent
        if left[t] >= 0:
            below[t] = below[left[t]] + below[right[t]]
            leaves[t] = leaves[left[t]] + leaves[right[t]]
            parent[left[t]] = parent[right[t]] = t
    return own, below, leaves, parent


def _link(own, below, leaves):
    """Return g, by (2)."""
    return (own - below) / (leaves - 1)


def _make_leaf(t, inner, left, right):
    """Take t and all inner nodes below it out of those that may be cut."""
    stack = [t]
    while stack:
        t = stack.pop()
        if inner[t]:
            inner[t] = False
            stack += (left[t], right[t])
