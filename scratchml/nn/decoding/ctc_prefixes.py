"""Prefix beam search: the most probable labelling of a sequence, all its alignments together.

It keeps the `width` most probable beginnings l of labellings. p_b(l) and p_n(l) are the
probabilities of all their alignments up to now that end in a blank and in a label:

    p_b(l)   <-  y(-) (p_b(l) + p_n(l))
    p_n(l)   <-  y(e) p_n(l)  +  what l gets from its own beginning,      e the last label of l
    p_n(l k) <-  y(k) (p_b(l) + p_n(l)),    or y(k) p_b(l) for k = e: a repetition needs a blank

where the last line is what a beginning gives, whether l k is kept already or new. If none were
dropped, p_b + p_n would be the labelling's whole probability. All is computed by logarithms.

Symbols: y (C,) the probabilities at one time, B the number of beginnings kept, e = `last`;
`given` (B, C) is what each beginning gives to its extensions.

Reference: A. Hannun, A. Maas, D. Jurafsky, A. Ng, "First-pass large vocabulary continuous speech
recognition using bi-directional recurrent DNNs", arXiv 1408.2873, algorithm 1.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Bonus = Callable[[list[int]], Any]


class _Tree:
    """All beginnings that were seen, each the extension of another by one label."""

    def __init__(self) -> None:
        self.parents, self.labels = [-1], [-1]  # of each node; node 0 is the empty beginning
        self.children: dict[tuple[int, int], int] = {}

    def child(self, node: int, label: int) -> int:
        """Return the node of a beginning and one more label."""
        key = node, label
        if key not in self.children:
            self.children[key] = len(self.parents)
            self.parents.append(node)
            self.labels.append(label)
        return self.children[key]

    def path(self, node: int) -> list[int]:
        """Return the labels of a beginning."""
        labels = []
        while node:
            labels.append(self.labels[node])
            node = self.parents[node]
        return labels[::-1]


def search(
    x: np.ndarray, width: int, blank: int, bonus: Bonus | None
) -> list[tuple[float, list[int]]]:
    """Return scores and labellings of one sequence, from the best to the worst.

    Parameters
    ----------
    x : ndarray of float64 of shape (T, C)
        Logarithms of the probabilities.
    width : int
        How many beginnings are kept.
    blank : int
        The class of no label.
    bonus : callable or None
        Numbers (C,) for what comes after a beginning, added to the scores.
    """
    tree = _Tree()
    extra: dict[int, np.ndarray] = {}
    nodes = [0]
    p_b, p_n = np.zeros(1), np.full(1, -np.inf)
    for y in x:
        last = np.array([tree.labels[node] for node in nodes])
        total = np.logaddexp(p_b, p_n)
        given = total[:, None] + y  # (B, C)
        given[:, blank] = -np.inf
        ended = np.flatnonzero(last >= 0)
        given[ended, last[ended]] = p_b[ended] + y[last[ended]]
        if bonus is not None:
            given += _bonuses(tree, nodes, len(y), bonus, extra)
        p_b, p_n = total + y[blank], np.where(last >= 0, p_n + y[last], -np.inf)
        places = {node: i for i, node in enumerate(nodes)}
        for i in ended:
            j = places.get(tree.parents[nodes[i]])
            if j is not None:
                p_n[i] = np.logaddexp(p_n[i], given[j, last[i]])
                given[j, last[i]] = -np.inf
        kept = _best(np.concatenate([np.logaddexp(p_b, p_n), given.ravel()]), width)
        old, new = kept[kept < len(nodes)], kept[kept >= len(nodes)] - len(nodes)
        rows, labels = np.divmod(new, len(y))
        p_b = np.concatenate([p_b[old], np.full(len(new), -np.inf)])
        p_n = np.concatenate([p_n[old], given[rows, labels]])
        nodes = [nodes[i] for i in old] + [
            tree.child(nodes[i], int(k)) for i, k in zip(rows, labels, strict=True)
        ]
    scores = np.logaddexp(p_b, p_n)
    return [(float(scores[i]), tree.path(nodes[i])) for i in np.argsort(-scores, kind="stable")]


def _bonuses(tree: _Tree, nodes: list[int], C: int, bonus: Bonus, known: dict) -> np.ndarray:
    """Return the bonuses (B, C) of what comes after each node, asking once for each."""
    for node in nodes:
        if node not in known:
            known[node] = np.asarray(bonus(tree.path(node)), np.float64)
            if known[node].shape != (C,) or np.isnan(known[node]).any():
                raise ValueError(
                    f"ctc_beam_search: bonus must return {C} numbers, one for each class, got "
                    f"{known[node]} of shape {known[node].shape} for {tree.path(node)}"
                )
    return np.stack([known[node] for node in nodes])


def _best(scores: np.ndarray, width: int) -> np.ndarray:
    """Return where the largest are, -inf not among them; of equals the first."""
    if len(scores) > width:
        least = np.partition(scores, len(scores) - width)[len(scores) - width]
        kept = np.flatnonzero(scores >= least)
        kept = kept[np.argsort(-scores[kept], kind="stable")][:width]
    else:
        kept = np.arange(len(scores))
    return np.sort(kept[scores[kept] > -np.inf])
