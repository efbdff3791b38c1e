"""Growing a forest: the same data, many trees, each with its own seed.

Tree t of a forest is a function of the data, the limits and its seed alone (Breiman 2001, "Random
forests", section 2: trees that depend on independent, identically distributed random vectors):

    seed_t = the upper 32 bits of splitmix64(seed, t, 0)
    weight_t = how often each row comes up in the bootstrap sample of seed_t       (`bootstrap`)
    tree_t = grow_tree(columns, target, weight_t, limits, splitter, seed_t)

So any thread may grow any tree, and a forest of 200 trees begins with the forest of 100. The
columns are encoded once, for all of them. Seeds have 32 bits because a tree's ``random_state`` has:
a decision tree of that ``random_state``, fitted to the bootstrap sample, is the forest's tree
again.
"""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.random import splitmix64
from scratchml._core.threads import chunk_bounds, parallel_chunks
from scratchml.ensemble.bootstrap import Bootstrap, drawn_counts
from scratchml.tree.grow import grow_tree
from scratchml.tree.nodes import Limits, Nodes, Target
from scratchml.tree.pruning import prune


class Sampling(NamedTuple):
    """What weights a tree's rows get."""

    bootstrap: "Bootstrap | None"  # None: every tree is grown on all rows
    weight: Any  # (n,) float64 or None: of the rows, where there is no bootstrap
    balanced: bool  # multiply counts by weights that make the classes of the sample count the same
    min_weight_fraction: float  # of the tree's total weight, for each leaf


def tree_seeds(seed, first, last):
    """Return the seeds of trees `first` to `last` - 1, uint32."""
    draws = [splitmix64(seed, t, 0) for t in range(first, last)]
    return np.array([int(draw) >> 32 for draw in draws], dtype=np.uint32)


def grow_forest(
    columns: Any,
    target: Target,
    limits: Limits,
    splitter: str,
    seeds: Any,
    sampling: Sampling,
    *,
    ccp_alpha: float = 0.0,
    n_jobs: "int | None" = None,
    stop: Any = None,
    report: "Callable[[int], None]" = lambda done: None,
) -> "list[Nodes]":
    """Return a tree for each seed.

    Parameters
    ----------
    columns : Columns
        From `encode`, for this splitter.
    target, limits, splitter
        As for `grow_tree`; the limits' ``min_weight_leaf`` is replaced.
    seeds : ndarray of uint32
        From `tree_seeds`.
    sampling : Sampling
        The rows for each tree.
    ccp_alpha : float
        Prune each tree by cost complexity if it is positive.
    n_jobs : int or None
        Threads; no bit depends on it.
    stop : ndarray of int64, shape (1,), optional
        When its element becomes nonzero, end soon; the result is worthless then.
    report : callable
        Called with the number of trees grown so far, one call at a time.
    """
    lock, done = threading.Lock(), 0

    def grow(t: int, _: int) -> Any:
        nonlocal done
        if stop is not None and stop[0]:
            return None
        seed = int(seeds[t])
        weight = tree_weight(sampling, target, seed)
        total = len(target.y) if weight is None else float(weight.sum())
        own = limits._replace(min_weight_leaf=sampling.min_weight_fraction * total)
        nodes = grow_tree(columns, target, weight, own, splitter, seed, stop)
        if ccp_alpha > 0:
            nodes = prune(nodes, ccp_alpha)
        with lock:
            done += 1
            report(done)
        return nodes

    return parallel_chunks(grow, chunk_bounds(len(seeds), 1), n_jobs)


def tree_weight(sampling: Sampling, target: Target, seed: int) -> Any:
    """Return the weights of the rows for the tree of this seed, (n,) float64 or None for ones."""
    if sampling.bootstrap is None:
        return sampling.weight
    counts = drawn_counts(sampling.bootstrap, seed)
    if not sampling.balanced:
        return counts
    weight = counts.copy()
    for codes, n_classes in zip(target.y.T, target.n_classes, strict=True):
        drawn = np.bincount(codes, counts, minlength=n_classes)  # rows of each class
        present = drawn > 0
        share = present.sum() * np.where(present, drawn, 1.0)
        weight *= (sampling.bootstrap.m / share)[codes]
    return weight
