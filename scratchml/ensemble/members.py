"""The members of a bagging ensemble: made, fitted, and asked one after the other or by threads.

Nothing here depends on how many threads there are: members are independent given their seeds, and
what they say is added in a fixed order. BLAS is kept to one thread where threads may take members,
also when only one does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import reduce
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from scratchml._core.blas import one_blas_thread
from scratchml._core.estimator import Estimator, clone
from scratchml._core.threads import chunk_bounds, effective_n_jobs, parallel_chunks
from scratchml.ensemble.subsets import Patches, draw_patch

_SMALL = 10_000  # entries of X below which threads cost more than they bring
_WAVE = 16  # members whose answers are held at a time


class Team(NamedTuple):
    """Whether and how threads share the work on members."""

    width: int  # threads
    large: bool  # the data are worth more than one


def team(base: Any, X: np.ndarray, n_jobs: int | None) -> Team:
    """Return how to share the work on members that are copies of `base`.

    Parameters
    ----------
    base : estimator
        Unless all its parts are estimators of this library, None stands for one thread: what
        others do in `fit` (to the list of warning filters, say) may not be safe in several.
    X : ndarray of shape (n, p)
        The data.
    n_jobs : int or None
        See `effective_n_jobs`.
    """
    nested = base.get_params().values() if hasattr(base, "get_params") else ()
    parts = [base, *(value for value in nested if hasattr(value, "fit"))]
    ours = all(isinstance(part, Estimator) for part in parts)
    width = effective_n_jobs(1 if n_jobs is None and not ours else n_jobs)
    large = X.size >= _SMALL
    return Team(width if large else 1, large)


def fit_members(
    base: Any,
    X: np.ndarray,
    y: np.ndarray,
    patches: Patches,
    seeds: np.ndarray,
    workers: Team,
    report: Callable[[int], None],
) -> list[tuple[Any, np.ndarray]]:
    """Return, for each seed, a fitted copy of `base` and the columns it was fitted on.

    Parameters
    ----------
    base : estimator
        Cloned, not fitted.
    X : ndarray of shape (n, p)
        Rows.
    y : ndarray of shape (n,) or (n, t)
        Targets.
    patches : Patches
        How each member's rows and columns are drawn. An estimator that takes sample weights gets
        all rows, weighted by how often each came up; others get the rows drawn.
    seeds : ndarray of int
        One for each member.
    workers : Team
        From `team`.
    report : callable
        Called with the number of members fitted so far, one call at a time.
    """
    weighted, lock, done = takes_weights(base), Lock(), 0

    def fit(k: int, _: int) -> tuple[Any, np.ndarray]:
        nonlocal done
        member = seeded(clone(base), seeds[k])
        columns, rows = draw_patch(patches, seeds[k])
        if weighted:
            counts = np.bincount(rows, minlength=len(X))
            member.fit(columns_of(X, columns), y, sample_weight=counts)
        else:
            member.fit(columns_of(X[rows], columns), y[rows])
        with lock:
            done += 1
            report(done)
        return member, columns

    with one_blas_thread(when=workers.large):
        return parallel_chunks(fit, chunk_bounds(len(seeds), 1), workers.width)


def add_up(
    say: Callable[[int], np.ndarray],
    n_members: int,
    workers: Team,
    add: Callable[[Any, Any], Any] = np.add,
) -> np.ndarray:
    """Return ``say(0) + say(1) + ...``, added from left to right.

    Parameters
    ----------
    say : callable
        Returns what a member says, by its number.
    n_members : int
        How many there are.
    workers : Team
        From `team`.
    add : callable
        Adds two of them.
    """
    each = chunk_bounds(n_members, 1)
    total: list[Any] = []
    with one_blas_thread(when=workers.large):
        for start, stop in chunk_bounds(n_members, _WAVE):
            said = parallel_chunks(lambda k, _: say(k), each[start:stop], workers.width)
            total = [reduce(add, total + said)]
    return total[0]


def columns_of(X: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return some columns of `X`: itself if they are all of them in order.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Rows.
    columns : ndarray of int
        Column numbers.
    """
    whole = len(columns) == X.shape[1] and (columns == np.arange(X.shape[1])).all()
    return X if whole else X[:, columns]


def takes_weights(estimator: Any) -> bool:
    """Return whether the estimator's ``fit`` has a parameter `sample_weight`.

    Parameters
    ----------
    estimator : estimator
        Any.
    """
    return "sample_weight" in inspect.signature(estimator.fit).parameters


def seeded(estimator: Any, seed: int) -> Any:
    """Set the estimator's ``random_state``, and those of its parts, to numbers drawn from `seed`.

    Parameters
    ----------
    estimator : estimator
        Changed, and returned.
    seed : int
        Of the draws.
    """
    rng = np.random.RandomState(seed)
    params = sorted(estimator.get_params()) if hasattr(estimator, "get_params") else ()
    names = [name for name in params if f"__{name}".endswith("__random_state")]
    if names:
        estimator.set_params(**{name: rng.randint(2**31 - 1) for name in names})
    return estimator
