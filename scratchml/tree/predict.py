"""Prediction: which leaf of each tree a row falls in, and the sum of those leaves' values.

A row starts at the root; at a node it goes left if x[feature] <= threshold, and else right; a missing
value (NaN) goes where the node says. Thresholds are float64 and compared as such, whatever X is.

    leaf_sums(X)[i] = sum over trees t, in their order, of value_t[leaf of row i in tree t]        (1)

Packed nodes. What one step needs stands in 16 bytes: threshold (float64), feature and child (int32).
The two children are neighbours, so that the step is ``node = child + (x > threshold)``, without a
branch. A leaf is its own child and has threshold infinity, so it may be stepped on from, in place.
Child numbers count from the root of their tree.

Order of work. Rows come in blocks that stay in the cache while all trees pass; within a tree, eight
rows step together: each step waits for memory, and eight wait at once. Threads take blocks. The sum
(1) of a row is always made by one thread and in the order of the trees, so it does not depend on
the number of threads; and NumPy's version, for want of a compiler, has the same bits.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.jit import compiler, jit
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.tree.nodes import Nodes

_BLOCK = 2048  # rows, at most
_SERIAL = 20_000  # paths from root to leaf that are not worth a second thread


class Packed(NamedTuple):
    """One tree or several, for prediction."""

    nodes: Any  # (n, 2) float64: thresholds, and the bytes of `links`
    links: Any  # (n, 4) int32, the same memory: -, -, feature, child
    starts: Any  # (n_trees + 1,) int64: where the trees' nodes begin
    depths: Any  # (n_trees,) int64
    missing_left: Any  # (n,) uint8
    rank: Any  # (n,) int32: number of a leaf in `values`, of another node -1
    original: Any  # (n,) int64: number in `Nodes`
    values: Any  # (n_leaves, n_outputs * width) float64
    n_outputs: int


def pack(trees: "Sequence[Nodes]") -> Packed:
    """Lay out the nodes of one tree or a forest for prediction."""
    sizes = [len(tree.left) for tree in trees]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    n = int(starts[-1])
    nodes = np.empty((n, 2))
    links = nodes.view(np.int32)
    missing_left = np.empty(n, dtype=np.uint8)
    original = np.empty(n, dtype=np.int64)
    depths = np.empty(len(trees), dtype=np.int64)
    for t, tree in enumerate(trees):
        here = slice(starts[t], starts[t + 1])
        inner = np.flatnonzero(tree.left >= 0)
        place = np.zeros(sizes[t], dtype=np.int64)  # of each node of the tree
        place[tree.left[inner]] = 1 + 2 * np.arange(len(inner))
        place[tree.right[inner]] = 2 + 2 * np.arange(len(inner))
        original[here][place] = np.arange(sizes[t])
        leaf = tree.left < 0
        nodes[here, 0][place] = np.where(leaf, np.inf, tree.threshold)
        links[here, 2][place] = np.where(leaf, 0, tree.feature)
        links[here, 3][place] = np.where(leaf, place, place[tree.left])
        missing_left[here][place] = leaf | tree.missing_left
        depths[t] = _depth(tree)
    at_leaf = links[:, 3] == np.arange(n) - np.repeat(starts[:-1], sizes)
    rank = np.where(at_leaf, np.cumsum(at_leaf) - 1, -1).astype(np.int32)
    flat = [tree.value.reshape(len(tree.value), -1) for tree in trees]
    parts = [
        flat[t][original[a:b][at_leaf[a:b]]]
        for t, (a, b) in enumerate(zip(starts[:-1], starts[1:], strict=True))
    ]
    values = np.ascontiguousarray(np.concatenate(parts), dtype=np.float64)
    return Packed(
        nodes, links, starts, depths, missing_left, rank, original, values, trees[0].value.shape[1]
    )


def _depth(tree):
    """Return the number of steps from the root to the deepest leaf."""
    depth, level = 0, np.zeros(1, dtype=np.int64)
    while True:
        level = level[tree.left[level] >= 0]
        if not len(level):
            return depth
        level = np.concatenate([tree.left[level], tree.right[level]])
        depth += 1


def apply(packed: Packed, X: Any, n_jobs: "int | None" = None) -> Any:
    """Return the number, as in `Nodes`, of the leaf of each tree that a row falls in."""
    leaves = np.empty((len(X), len(packed.depths)), dtype=np.int64)

    def task(start, stop):
        _leaves(packed, X[start:stop], leaves[start:stop])

    _in_blocks(task, packed, X, n_jobs)
    return packed.original[leaves]


def leaf_sums(packed: Packed, X: Any, n_jobs: "int | None" = None) -> Any:
    """Return the sums (1), (n_samples, n_outputs, width)."""
    width = packed.values.shape[1]
    sums = np.zeros((len(X), width))

    def task(start, stop):
        leaves = np.empty((stop - start, len(packed.depths)), dtype=np.int64)
        _leaves(packed, X[start:stop], leaves)
        if compiler():
            add_values(packed.rank, packed.values, leaves, sums[start:stop])
        else:
            for t in range(leaves.shape[1]):
                sums[start:stop] += packed.values[packed.rank[leaves[:, t]]]

    _in_blocks(task, packed, X, n_jobs)
    return sums.reshape(len(X), packed.n_outputs, width // packed.n_outputs)


def _in_blocks(task, packed, X, n_jobs):
    bounds = chunk_bounds(len(X), _BLOCK)
    parallel_chunks(task, bounds, 1 if len(X) * len(packed.depths) < _SERIAL else n_jobs)


def _leaves(packed, X, leaves):
    """Write the packed number of each row's leaf in each tree."""
    if compiler():
        find_leaves(
            packed.nodes, packed.links, packed.starts, packed.depths, packed.missing_left, X, leaves
        )
        return
    node = np.repeat(packed.starts[None, :-1], len(X), axis=0).ravel()
    active = np.arange(len(node))
    n_trees = len(packed.depths)
    while len(active):
        at = node[active]
        x = X[active // n_trees, packed.links[at, 2]]
        right = np.where(np.isnan(x), packed.missing_left[at] == 0, x > packed.nodes[at, 0])
        new = packed.starts[active % n_trees] + packed.links[at, 3] + right
        moved = new != at
        active = active[moved]
        node[active] = new[moved]
    leaves[...] = node.reshape(leaves.shape)


@jit(
    "void(const float64[:, ::1], const int32[:, ::1], const int64[::1], const int64[::1],"
    " const uint8[::1], const T[:, ::1], int64[:, ::1])"
)
def find_leaves(nodes, links, starts, depths, missing_left, X, leaves):
    """Write the packed number of each row's leaf in each tree."""
    for t in range(depths.shape[0]):
        start = starts[t]
        for i in range(X.shape[0]):
            node = start
            for _ in range(depths[t]):
                x = X[i, links[node, 2]]
                right = x > nodes[node, 0]
                if x != x:
                    right = missing_left[node] == 0
                node = start + links[node, 3] + right
            leaves[i, t] = node


@jit("void(const int32[::1], const float64[:, ::1], const int64[:, ::1], float64[:, ::1])")
def add_values(rank, values, leaves, sums):
    """Add to each row's sum the values of its leaves."""
    for i in range(leaves.shape[0]):
        for t in range(leaves.shape[1]):
            leaf = rank[leaves[i, t]]
            for k in range(values.shape[1]):
                sums[i, k] += values[leaf, k]
