"""Isotonic regression by pooling adjacent violators: the best function that never falls.

Problem. For samples sorted by f, with targets y and weights w > 0, minimise over m

    1/2 sum_i w_i (y_i - m_i)^2     with   m_1 <= m_2 <= ... <= m_n                             (1)

Samples with equal f are made one first: its target is their mean, its weight their sum.

Method. Where two neighbours violate the order, y_i >= y_{i+1}, their m are equal; pooled into one
block with the mean target and the sum of the weights they leave a problem like (1) with a sample
less. Once no block has a mean above the next one's, the means solve (1). Samples are added one by
one from the left, and the last two blocks are pooled while they violate the order: n - 1 poolings
at most.

Optimality. With multipliers for the n - 1 constraints, the KKT conditions of (1) say that m rises,
and that the running sums of residuals

    S_i = sum_{j <= i} w_j (y_j - m_j)  >=  0,     S_i = 0 where m_i < m_{i+1}, and S_n = 0.    (2)

Prediction. A block is flat from its first f to its last; between blocks the function is linear, and
beyond the ends constant.

References: M. Ayer, H. Brunk, G. Ewing, W. Reid, E. Silverman, "An empirical distribution function
for sampling with incomplete information", Annals of Mathematical Statistics 26 (1955). R. Barlow,
D. Bartholomew, J. Bremner, H. Brunk, "Statistical inference under order restrictions" (1972). B.
Zadrozny, C. Elkan, "Transforming classifier scores into accurate multiclass probability
estimates", KDD 2002.
"""

from typing import NamedTuple

import numpy as np

from scratchml._core.jit import jit


class Steps(NamedTuple):
    """The corners of the function: linear between them, constant beyond."""

    f: np.ndarray  # (k,), rising
    m: np.ndarray  # (k,), never falling


def fit_isotonic(f: np.ndarray, y: np.ndarray, w: np.ndarray) -> Steps:
    """Solve (1) for arrays (n,) float64 in any order; samples with w = 0 are left out."""
    kept = np.flatnonzero(w > 0)
    kept = kept[np.argsort(f[kept], kind="stable")]
    f, w = f[kept], w[kept]
    starts = np.flatnonzero(np.diff(f, prepend=np.nan) != 0)  # of runs of equal f
    sums = np.add.reduceat(w * y[kept], starts)
    weights = np.add.reduceat(w, starts)
    f = f[starts]
    last = np.empty(len(f), dtype=np.int64)
    k = pool(sums, weights, last)
    means, last = sums[:k] / weights[:k], last[:k]
    first = np.append(0, last[:-1] + 1)
    corners = np.stack([first, last], axis=1).ravel()
    kept = np.append(True, corners[1:] != corners[:-1])  # a block of one sample has one corner
    return Steps(f[corners[kept]], np.repeat(means, 2)[kept])


def evaluate(steps: Steps, f: np.ndarray) -> np.ndarray:
    """Return the function's values at f (n,)."""
    return np.interp(f, steps.f, steps.m)


@jit("int64(float64[::1], float64[::1], int64[::1])")
def pool(sums, weights, last):
    """Pool samples into blocks, in place, and return how many there are.

    `sums` holds w y of each sample, then of each block; `last` gets the number of its last sample.
    Blocks 0 to k are in order at the head of the arrays: no sample is written before it is read.
    """
    k = -1
    for i in range(len(sums)):
        k += 1
        sums[k], weights[k], last[k] = sums[i], weights[i], i
        while k > 0 and sums[k - 1] / weights[k - 1] >= sums[k] / weights[k]:
            k -= 1
            sums[k] += sums[k + 1]
            weights[k] += weights[k + 1]
            last[k] = i
    return k + 1
