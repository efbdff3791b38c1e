"""What the generators share: the generator itself, row shuffling, distinct numbers.

The draws come from NumPy's frozen Mersenne Twister stream (``RandomState``), which gives the same
bits in every NumPy version. They are made in scikit-learn's order, so that an integer
`random_state` gives the data it gives there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchml._core.validation import check_random_state


def frozen_generator(random_state: Any) -> np.random.RandomState:
    """Return the RandomState for `random_state`; a Generator lends its bit stream.

    Parameters
    ----------
    random_state : None, int, RandomState or Generator
        None draws from the system's entropy.
    """
    rng = check_random_state(random_state)
    if isinstance(rng, np.random.Generator):
        return np.random.RandomState(rng.bit_generator)
    return rng


def shuffle_rows(
    X: np.ndarray, y: np.ndarray, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Return `X` and `y` with their rows in one random order.

    Parameters
    ----------
    X, y : ndarray of n_samples rows
        The rows.
    rng : RandomState
        Draws one permutation of n_samples.
    """
    order = np.arange(len(X))
    rng.shuffle(order)
    return X[order], y[order]


def distinct_below(population: int, n: int, rng: np.random.RandomState) -> np.ndarray:
    """Return `n` distinct integers in [0, `population`), int64, n <= population.

    Parameters
    ----------
    population : int
        Upper bound, excluded.
    n : int
        How many to draw.
    rng : RandomState
        Draws a permutation where `n` is between 1 and 99 % of `population`; below, draws until `n`
        are distinct, which needs no memory for the population; above, reservoir sampling.
    """
    share = n / population
    if share >= 0.99:
        kept = np.arange(n)
        for i in range(n, population):
            place = rng.randint(i + 1)
            if place < n:
                kept[place] = i
        return kept
    if share > 0.01:
        return rng.permutation(population)[:n]
    drawn: dict[int, None] = {}  # keeps the order of the draws
    while len(drawn) < n:
        drawn[rng.randint(population)] = None
    return np.fromiter(drawn, dtype=np.int64, count=n)
