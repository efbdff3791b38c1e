"""Trees laid out for prediction: what a step reads lies together, all trees in the same arrays.

A place in a tree is one 32-bit number, its code: an inner node's number (of all trees together) or,
with the highest bit set, where a leaf's entries begin. A step reads only a node's feature,
threshold and two codes, 20 bytes. Of a leaf's value only what is not zero is kept, an entry each:
in a forest grown to its end, one class of many.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scratchml.tree.nodes import Nodes

LEAF = np.uint32(1 << 31)  # the bit that marks a code as a leaf's, and an entry as a leaf's last
REST = np.uint32((1 << 31) - 1)  # the other bits


class Packed(NamedTuple):
    """One tree or several, laid out for prediction."""

    roots: np.ndarray  # (n_trees, 2) uint32: code of the root, number of inner nodes
    feature: np.ndarray  # (n_inner,) uint32
    threshold: np.ndarray  # (n_inner,) float64
    children: np.ndarray  # (n_inner, 2) uint32: codes of the left and the right child
    missing_left: np.ndarray  # (n_inner,) bool
    place: (
        np.ndarray
    )  # (n_entries,) uint32: where in the flat value; a leaf's last has the LEAF bit
    share: np.ndarray  # (n_entries,) float64: what is there
    leaf: np.ndarray  # (n_entries,) int32: the leaf's number in its tree's `Nodes`
    shape: "tuple[int, int]"  # n_outputs, width


def pack(trees: "Sequence[Nodes]") -> Packed:
    """Lay out one tree, or the trees of a forest, whose values all have one shape.

    Parameters
    ----------
    trees : sequence of Nodes

    Returns
    -------
    Packed

    Raises
    ------
    ValueError
        If the trees have 2^31 nodes or more.
    """
    parts: list[Packed] = []
    n_inner = n_entries = 0
    for tree in trees:
        parts.append(_pack_tree(tree, n_inner, n_entries))
        n_inner, n_entries = n_inner + len(parts[-1].feature), n_entries + len(parts[-1].place)
        if max(n_inner, n_entries) > REST:
            raise ValueError(f"prediction takes trees of less than 2^31 nodes, got {n_inner}")
    arrays = [np.concatenate(arrays) for arrays in zip(*(p[:-1] for p in parts), strict=True)]
    return Packed._make([*arrays, parts[0].shape])


def _pack_tree(tree, first_inner, first_entry):
    """Lay out a tree whose inner nodes and entries are numbered from these on."""
    inner, leaves = np.flatnonzero(tree.left >= 0), np.flatnonzero(tree.left < 0)
    row, column, begin = _entries(tree.value[leaves].reshape(len(leaves), -1))
    place = column.astype(np.uint32)
    place[np.append(begin[1:], len(place)) - 1] |= LEAF
    code = np.empty(len(tree.left), dtype=np.uint32)
    code[inner] = np.arange(first_inner, first_inner + len(inner))
    code[leaves] = (begin + first_entry).astype(np.uint32) | LEAF
    at = leaves[row]
    return Packed(
        roots=np.array([[code[0], len(inner)]], dtype=np.uint32),
        feature=tree.feature[inner].astype(np.uint32),
        threshold=tree.threshold[inner],
        children=np.column_stack([code[tree.left[inner]], code[tree.right[inner]]]),
        missing_left=tree.missing_left[inner],
        place=place,
        share=tree.value.reshape(len(code), -1)[at, column],
        leaf=at.astype(np.int32),
        shape=tree.value.shape[1:],
    )


def _entries(value):
    """Return row and column of what is not zero, at least one a row, and where each row begins."""
    n, width = value.shape
    if width == 1:
        rows = np.arange(n)
        return rows, np.zeros_like(rows), rows
    kept = value != 0
    flat = np.flatnonzero(kept)
    row = flat // width
    begin = np.flatnonzero(np.diff(row, prepend=-1))
    if len(begin) < n:  # a row of zeros
        kept[:, 0] |= ~kept.any(axis=1)
        row, column = np.nonzero(kept)
        return row, column, np.flatnonzero(np.diff(row, prepend=-1))
    return row, flat - row * width, begin
