"""Prediction: the leaf of each tree that a row falls in, and the sum of the leaves' values.

A row starts at the root. At a node it goes left if x[feature] <= threshold, and right otherwise; a
missing value (NaN) goes where the node says. Then

    sums[i] = sum over the trees t, in their order, of value_t[leaf of row i in tree t].         (1)

A step (`child`) reads a node's feature and threshold and then the code of one of its children, an
inner node or a leaf (see `scratchml.tree.packed`): ``children[node, x > threshold]``, without a
branch.

Order of work. Rows come in blocks that stay in the cache while all trees pass, each of them read
from end to end beforehand, at the memory's speed, instead of node by node. The rows of a block
descend level by level, those not yet in a leaf as a list that shrinks without a branch; so the
processor works on a dozen rows at once while it waits for the nodes of others. For a few rows the
trees take the rows' part: one row descends in all of them, level by level.

The sum of a row is made by one thread and in the order of the trees, so (1) is the same, to the
last bit, for any number of threads or rows, and without a compiler, where NumPy does the same.
"""

import numpy as np

from scratchml._core.finite import all_finite
from scratchml._core.jit import compiler, jit
from scratchml._core.threads import chunk_bounds, effective_n_jobs, parallel_chunks
from scratchml.tree.packed import LEAF, REST, Packed, pack

__all__ = ["Packed", "apply", "leaf_sums", "pack"]

_ONE, _SHIFT = np.uint32(1), np.uint32(31)
_NONE = np.zeros(0, dtype=np.bool_)
_BLOCK = 1 << 20  # bytes of a block of rows, unless that makes
_LEAST, _MOST = 512, 4096  # fewer or more rows than these
_WHOLE = 100  # inner nodes of a tree for each row, up to which reading all of it pays
_ABREAST = 8  # trees, from which it pays to let one row descend in all of them at once
_SERIAL = 10_000  # descents that are not worth a second thread
_PAIRS = 1 << 20  # rows times trees whose codes are kept at once, or a little more


def apply(packed: Packed, X: np.ndarray, n_jobs: "int | None" = None) -> np.ndarray:
    """Return the leaves that the rows fall in.

    Parameters
    ----------
    packed : Packed
    X : ndarray of shape (n_samples, n_features)
        float32 or float64, C-contiguous; NaN is a missing value.
    n_jobs : int, optional
        Number of threads (see `scratchml._core.threads.effective_n_jobs`).

    Returns
    -------
    ndarray of shape (n_samples, n_trees), int64
        Each leaf's number in its tree's `Nodes`.
    """
    leaves = np.empty((len(X), len(packed.roots)), dtype=np.int64)

    def collect(start, stop, trees, codes):
        leaves[start:stop, trees] = packed.leaf[codes & REST].T

    _descend(packed, X, n_jobs, collect)
    return leaves


def leaf_sums(packed: Packed, X: np.ndarray, n_jobs: "int | None" = None) -> np.ndarray:
    """Return the sums (1) of the values of the leaves that the rows fall in.

    Parameters
    ----------
    packed : Packed
    X : ndarray of shape (n_samples, n_features)
        float32 or float64, C-contiguous; NaN is a missing value.
    n_jobs : int, optional
        Number of threads (see `scratchml._core.threads.effective_n_jobs`).

    Returns
    -------
    ndarray of shape (n_samples, n_outputs, width), float64
    """
    sums = np.zeros((len(X), packed.shape[0] * packed.shape[1]))
    add = add_entries if compiler(needed=False) else add_entries_plain

    def add_block(start, stop, trees, codes):
        add(packed.place, packed.share, codes, sums[start:stop])

    _descend(packed, X, n_jobs, add_block)
    return sums.reshape(len(X), *packed.shape)


def _descend(packed, X, n_jobs, use):
    """Call ``use(start, stop, trees, codes)`` for all rows, and in order for all trees.

    `trees` is a slice, and `codes`, (len(trees), stop - start), says where those rows end up.
    """
    n, n_trees = len(X), len(packed.roots)
    descend = descend_levels if compiler(needed=False) else descend_plain

    def task(start, stop):
        group = min(n_trees, max(1, _PAIRS // (stop - start)))
        codes = np.empty((group, stop - start), dtype=np.uint32)
        active = np.empty(max(codes.shape), dtype=np.uint32)
        missing = _NONE if all_finite(X[start:stop]) else packed.missing_left
        for first in range(0, n_trees, group):
            trees = slice(first, first + group)
            part = codes[: min(group, n_trees - first)]
            descend(
                packed.roots[trees], packed.feature, packed.threshold, packed.children, missing,
                X[start:stop], part, active,
            )  # fmt: skip
            use(start, stop, trees, part)

    if n * n_trees < _SERIAL:
        n_jobs = 1
    rows = min(_BLOCK // max(X[:1].nbytes, 1), -(-n // (2 * effective_n_jobs(n_jobs))), _MOST)
    parallel_chunks(task, chunk_bounds(n, max(rows, _LEAST)), n_jobs)


@jit(
    "uint32(const uint32[:, ::1], const uint32[::1], const float64[::1], const uint32[:, ::1],"
    " const boolean[::1], const T[:, ::1], uint32[:, ::1], uint32[::1])"
)
def descend_levels(roots, feature, threshold, children, missing_left, X, codes, active):
    """Write the code of the leaf that each row falls in, in each tree: `codes`, (trees, rows).

    `missing_left` is empty if nothing is missing; `active`, as long as the longer side of `codes`,
    is scratch. Returns a sum over what was read in advance, so that no compiler leaves it out.
    """
    n, n_trees, total, seen = np.uint64(X.shape[0]), roots.shape[0], 0, np.uint32(0)
    for t in range(n_trees):
        total += roots[t, 1]
    if n_trees >= _ABREAST and total > _WHOLE * n_trees * X.shape[0]:
        for i in range(n):
            descend_trees(
                roots, feature, threshold, children, missing_left, X[i], codes[:, i], active
            )
        return seen
    for t in range(np.uint64(n_trees)):
        root, size = roots[t, 0], roots[t, 1]
        if size <= _WHOLE * X.shape[0]:
            seen += read(np.uint64(root), np.uint64(size), feature, threshold, children)
        descend_rows(root, feature, threshold, children, missing_left, X, codes[t], active)
    return seen


@jit
def read(start, size, feature, threshold, children):
    """Bring a tree's nodes into the cache."""
    seen = np.uint32(0)
    for node in range(start, start + size):
        seen += feature[node] + children[node, 0] + np.uint32(threshold[node] > 0)
    return seen


@jit
def descend_rows(root, feature, threshold, children, missing_left, X, code, active):
    """Let all rows descend in one tree; `active` lists those not yet in a leaf."""
    remaining = np.uint64(0) if root & LEAF else np.uint64(X.shape[0])
    for i in range(np.uint64(X.shape[0])):
        code[i] = root
        active[i] = i
    while remaining:
        count, remaining = remaining, np.uint64(0)
        for k in range(count):
            i = active[k]
            code[i] = child(feature, threshold, children, missing_left, X[i], code[i])
            active[remaining] = i
            remaining += np.uint64((code[i] >> _SHIFT) ^ _ONE)


@jit
def descend_trees(roots, feature, threshold, children, missing_left, x, code, active):
    """Let one row descend in all trees; `active` lists those where it is not yet in a leaf."""
    remaining = np.uint64(0)
    for t in range(np.uint64(roots.shape[0])):
        code[t] = roots[t, 0]
        active[remaining] = t
        remaining += np.uint64((code[t] >> _SHIFT) ^ _ONE)
    while remaining:
        count, remaining = remaining, np.uint64(0)
        for k in range(count):
            t = active[k]
            code[t] = child(feature, threshold, children, missing_left, x, code[t])
            active[remaining] = t
            remaining += np.uint64((code[t] >> _SHIFT) ^ _ONE)


@jit(inline="always")
def child(feature, threshold, children, missing_left, x, node):
    """Return the code of the child of `node` that a row x goes to."""
    value = x[feature[node]]
    right = value > threshold[node]
    if missing_left.shape[0]:
        right |= (value != value) & (not missing_left[node])
    return children[node, np.uint64(right)]


@jit("void(const uint32[::1], const float64[::1], const uint32[:, ::1], float64[:, ::1])")
def add_entries(place, share, codes, sums):
    """Add to each row of `sums` the values of its leaves, in the order of trees."""
    for t in range(codes.shape[0]):
        for i in range(codes.shape[1]):
            entry = np.uint64(codes[t, i] & REST)
            if sums.shape[1] == 1:
                sums[i, 0] += share[entry]
                continue
            while True:
                to = place[entry]
                sums[i, np.uint64(to & REST)] += share[entry]
                if to & LEAF:
                    break
                entry += np.uint64(1)


def descend_plain(roots, feature, threshold, children, missing_left, X, codes, active):
    """Do what `descend_levels` does, in NumPy: all rows in all trees, level by level."""
    del active
    code = np.repeat(roots[:, 0], len(X))
    pairs = np.flatnonzero(code < LEAF)
    while len(pairs):
        node = code[pairs]
        value = X[pairs % len(X), feature[node]]
        right = value > threshold[node]
        if len(missing_left):
            right |= np.isnan(value) & ~missing_left[node]
        code[pairs] = node = children[node, right.astype(np.intp)]
        pairs = pairs[node < LEAF]
    codes[...] = code.reshape(codes.shape)


def add_entries_plain(place, share, codes, sums):
    """Do what `add_entries` does, in NumPy."""
    for code in codes:
        rows, entry = np.arange(len(code)), code & REST
        while len(rows):
            to = place[entry]
            sums[rows, to & REST] += share[entry]
            more = to < LEAF
            rows, entry = rows[more], entry[more] + _ONE
