"""Cross-validation folds, several times over, permuted anew each time."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

from scratchml._core.validation import check_random_state
from scratchml.model_selection._indexing import parameters_repr
from scratchml.model_selection.folds import KFold, Split, StratifiedKFold, warn_about_groups


class RepeatedKFold:
    """Repeat a shuffled KFold, permuted anew each time.

    Parameters
    ----------
    n_splits : int
        Number of folds.
    n_repeats : int
        Number of repetitions.
    random_state : int, RandomState or None
        One generator for all repetitions.

    Examples
    --------
    >>> from scratchml.model_selection import RepeatedKFold
    >>> RepeatedKFold(n_splits=2, n_repeats=3, random_state=0).get_n_splits()
    6
    """

    n_splits: int
    n_repeats: int
    random_state: Any
    _folds: type[KFold] | type[StratifiedKFold] = KFold

    def __init__(self, *, n_splits: int = 5, n_repeats: int = 10, random_state: Any = None) -> None:
        if not isinstance(n_repeats, Integral):
            raise ValueError(f"Number of repetitions must be of Integral type, got {n_repeats!r}.")
        if n_repeats <= 0:
            raise ValueError(f"Number of repetitions must be greater than 0, got {n_repeats}.")
        self.n_splits = n_splits
        self.n_repeats = n_repeats
        self.random_state = random_state

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the training and the test indices of each fold of each repetition.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples; only their number matters.
        y : object
            Not looked at, unless the folds are stratified.
        groups : object
            Not used; given, it brings a warning.

        Yields
        ------
        train, test : ndarray of int
            Ascending row numbers.
        """
        if groups is not None:
            warn_about_groups(self)
        return self._repeated(X, y)

    def _repeated(self, X: Any, y: Any) -> Iterator[Split]:
        rng = check_random_state(self.random_state)
        for _ in range(self.n_repeats):
            yield from self._folds(self.n_splits, shuffle=True, random_state=rng).split(X, y)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds of all repetitions.

        Parameters
        ----------
        X, y, groups : object
            Not looked at.
        """
        folds = self._folds(self.n_splits, shuffle=True, random_state=0)
        return folds.get_n_splits() * self.n_repeats

    def __repr__(self) -> str:
        return parameters_repr(self)


class RepeatedStratifiedKFold(RepeatedKFold):
    """Repeat a shuffled StratifiedKFold, permuted anew each time.

    Parameters
    ----------
    n_splits : int
        Number of folds.
    n_repeats : int
        Number of repetitions.
    random_state : int, RandomState or None
        One generator for all repetitions.

    Examples
    --------
    >>> from scratchml.model_selection import RepeatedStratifiedKFold
    >>> y = [0, 0, 0, 0, 1, 1]
    >>> folds = RepeatedStratifiedKFold(n_splits=2, n_repeats=1, random_state=0).split(y, y)
    >>> [sorted(y[i] for i in test) for train, test in folds]
    [[0, 0, 1], [0, 0, 1]]
    """

    _folds = StratifiedKFold

    def split(  # type: ignore[override]  # y is needed here
        self, X: Any, y: Any, groups: Any = None
    ) -> Iterator[Split]:
        """Yield the training and the test indices of each fold of each repetition.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples; only their number matters.
        y : array-like of shape (n,)
            Classes.
        groups : object
            Not used; given, it brings a warning.

        Yields
        ------
        train, test : ndarray of int
            Ascending row numbers.
        """
        return super().split(X, y, groups)
