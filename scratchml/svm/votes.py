"""One-vs-one: from a machine for each pair of classes to one class, in LIBSVM's order.

With k classes there are P = k (k - 1) / 2 machines, one for each pair i < j, in the order

    (0, 1), (0, 2), ..., (0, k - 1), (1, 2), ..., (k - 2, k - 1).

The machine of (i, j) says d > 0 for class i. A sample goes to the class with most votes, the first
of several (S. Knerr, L. Personnaz, G. Dreyfus, "Single-layer learning revisited", 1990).

Storage. A support vector of class c takes part in k - 1 machines, one for each other class, so all
coefficients fit in a matrix (k - 1, n_support), the support vectors sorted by class: for a vector
of class c, row j - 1 belongs to the machine with class j > c, and row i to that with class i < c.
"""

from __future__ import annotations

from functools import cache

import numpy as np


@cache
def pairs(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the second class of each machine, (P,) each."""
    first, second = np.triu_indices(k, 1)
    return first, second


def vote(decisions: np.ndarray, k: int) -> np.ndarray:
    """Return the class with most votes of each row of `decisions` (n, P), the first of several."""
    first, second = pairs(k)
    won = np.zeros((len(decisions), k, k), dtype=bool)  # class by opponent
    for_first = decisions > 0
    won[:, first, second] = for_first
    won[:, second, first] = ~for_first
    return won.sum(axis=2).argmax(axis=1)


def ovr_scores(decisions: np.ndarray, k: int) -> np.ndarray:
    """Return a score for each class, (n, k): its votes, and a fraction that breaks ties.

    With s the sum of the decisions for a class less those against it, the fraction is
    s / (3 (|s| + 1)): it grows with s and stays below 1/3, so that it never outweighs a vote. Here
    a decision of exactly 0 is a vote for the first class.
    """
    first, second = pairs(k)
    against = decisions < 0
    won = np.zeros((len(decisions), k, k))
    won[:, first, second] = ~against
    won[:, second, first] = against
    signed = np.zeros((len(decisions), k, k))
    signed[:, first, second] = decisions
    signed[:, second, first] = -decisions
    s = signed.sum(axis=2)
    return won.sum(axis=2) + s / (3 * (np.abs(s) + 1))


def by_class(counts: np.ndarray) -> list[slice]:
    """Return where each class stands among samples sorted by class, `counts` of each."""
    stops = np.cumsum(counts).tolist()
    return [slice(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]


def pair_coefficients(dual_coef: np.ndarray, n_support: np.ndarray) -> np.ndarray:
    """Return the stored coefficients (k - 1, n_support) as one column a machine, (n_support, P)."""
    where = by_class(n_support)
    first, second = pairs(len(n_support))
    coef = np.zeros((dual_coef.shape[1], len(first)))
    for machine, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        coef[where[i], machine] = dual_coef[j - 1, where[i]]
        coef[where[j], machine] = dual_coef[i, where[j]]
    return coef


def pair_sums(sums: np.ndarray) -> np.ndarray:
    """Return the machines' sums (n, P) of `sums` (n, k, k - 1): what each class adds, stored so."""
    first, second = pairs(sums.shape[1])
    return sums[:, first, second - 1] + sums[:, second, first]
