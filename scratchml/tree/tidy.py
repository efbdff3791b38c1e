"""Where to draw the nodes of a binary tree: tidily, as narrow as the rules of beauty allow.

A node's height on the page is its depth. Its place across is chosen so that

1. nodes of equal depth are at least 1 apart, and in order;
2. a node stands midway between its children;
3. a subtree is drawn the same wherever it stands.

From the leaves up, two subtrees are pushed together until they are 1 apart at some depth, and their
parent is put above the middle. All that this needs of a subtree are its contours, the outermost
places at each of its depths. They are lists from the deepest level to the root, with a shift that
applies to all entries: merging two subtrees then only overwrites the levels that both have in the
deeper one's list, so all merges together take time in proportion to the number of nodes.

References
----------
.. [1] Reingold & Tilford, "Tidier drawings of trees", IEEE Transactions on Software Engineering
   7(2), 1981.
.. [2] Buchheim, Juenger, Leipert, "Improving Walker's algorithm to run in linear time", Graph
   Drawing 2002 (the same for nodes of any number of children).
"""

from typing import NamedTuple

import numpy as np


class Contour(NamedTuple):
    """One side of a subtree whose root stands at 0."""

    places: "list[float]"  # deepest level first; the root is the last
    shift: float  # to be added to all of them


def tidy_layout(left, right):
    """Return the place of each node across and its depth, both from 0.

    Parameters
    ----------
    left, right : sequence of int, shape (n_nodes,)
        Children; negative where there are none. They have larger numbers than their parent.

    Returns
    -------
    x : ndarray of float64, shape (n_nodes,)
        Places across; the smallest is 0.
    depth : ndarray of int64, shape (n_nodes,)
        Places down.
    """
    n = len(left)
    half = np.zeros(n)  # distance between the children of each node, halved
    sides: dict[int, tuple[Contour, Contour]] = {}
    for v in range(n - 1, -1, -1):
        if left[v] < 0:
            sides[v] = Contour([0.0], 0.0), Contour([0.0], 0.0)
            continue
        (a_left, a_right), (b_left, b_right) = sides.pop(left[v]), sides.pop(right[v])
        half[v] = _distance(a_right, b_left) / 2
        sides[v] = (
            _outline(_moved(a_left, -half[v]), _moved(b_left, half[v])),
            _outline(_moved(b_right, half[v]), _moved(a_right, -half[v])),
        )
    x, depth = np.zeros(n), np.zeros(n, dtype=np.int64)
    for v in range(n):
        if left[v] >= 0:
            x[left[v]], x[right[v]] = x[v] - half[v], x[v] + half[v]
            depth[left[v]] = depth[right[v]] = depth[v] + 1
    return x - x.min(), depth


def _distance(right_side, left_side):
    """Return how far apart two roots must be for the contours between them to be 1 apart."""
    a, b = right_side.places, left_side.places
    overlap = max(a[-i] - b[-i] for i in range(1, min(len(a), len(b)) + 1))
    return overlap + right_side.shift - left_side.shift + 1.0


def _moved(contour, by):
    return Contour(contour.places, contour.shift + by)


def _outline(outer, inner):
    """Return the contour of the parent, at 0, of two subtrees: `outer` where it reaches down to."""
    if len(outer.places) < len(inner.places):
        change = outer.shift - inner.shift
        inner.places[-len(outer.places) :] = [place + change for place in outer.places]
        outer = inner
    outer.places.append(-outer.shift)
    return outer
