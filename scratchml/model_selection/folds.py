"""Cross-validation folds: cut n samples into k test sets, each sample in exactly one.

    KFold            consecutive blocks; the first n mod k of them have one sample more.
                     With shuffle, blocks of a random permutation.
    StratifiedKFold  every fold gets n_c / k samples of class c, rounded down or up. Line the
                     classes up in order of first appearance: class c takes the places [a, b).
                     Fold i gets as many of its samples as there are places j in [a, b) with
                     j mod k = i, which is ceil((b - i) / k) - ceil((a - i) / k); so the sizes of
                     the folds differ by one at most, too. Within a class the samples go to the
                     folds in blocks, shuffled if asked.
    GroupKFold       all samples of a group stay together: the largest group first, each to the
                     fold that is smallest so far. With shuffle, blocks of permuted groups.
    LeaveOneOut      KFold with k = n.

Each fold is the test set once, all other samples the training set; both in ascending order.

References
----------
.. [1] Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model
   selection", Proc. 14th IJCAI, 1995, section 3.
.. [2] Graham, "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17(2), 1969
   (largest first, to the least filled).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np

from scratchml._core.targets import encode_labels, type_of_target
from scratchml._core.validation import check_array, check_random_state, column_or_1d, n_samples
from scratchml.model_selection._indexing import indexable, parameters_repr

Split = tuple[np.ndarray, np.ndarray]


class Splitter:
    """Base of what yields (train, test) index pairs from a fold number for each sample."""

    _uses_groups = False

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the training and the test indices of each fold.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples; only their number matters.
        y : array-like of shape (n,), optional
            Targets; what stratification looks at.
        groups : array-like of shape (n,), optional
            Group of each sample, for splitters by group.

        Yields
        ------
        train, test : ndarray of int
            Ascending row numbers.

        Raises
        ------
        ValueError
            If there are fewer samples than folds, or lengths differ.
        """
        if groups is not None and not self._uses_groups:
            warn_about_groups(self)
        return self._pairs(X, y, groups)

    def _pairs(self, X: Any, y: Any, groups: Any) -> Iterator[Split]:
        X, y, groups = indexable(X=X, y=y, groups=groups)
        for is_test in self._test_masks(n_samples(X), y, groups):
            yield np.flatnonzero(~is_test), np.flatnonzero(is_test)

    def _test_masks(self, n: int, y: Any, groups: Any) -> Iterator[np.ndarray]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return parameters_repr(self)


class _Folds(Splitter):
    """Base of splitters into `n_splits` folds."""

    n_splits: int
    shuffle: bool
    random_state: Any

    def __init__(
        self, n_splits: int = 5, *, shuffle: bool = False, random_state: Any = None
    ) -> None:
        if not isinstance(n_splits, Integral):
            raise ValueError(
                f"The number of folds must be of Integral type. {n_splits} of type "
                f"{type(n_splits)} was passed."
            )
        if n_splits <= 1:
            raise ValueError(
                "k-fold cross-validation requires at least one train/test split by setting "
                f"n_splits=2 or more, got n_splits={n_splits}."
            )
        if not isinstance(shuffle, bool):
            raise TypeError(f"shuffle must be True or False; got {shuffle}")
        if not shuffle and random_state is not None:
            raise ValueError(
                "Setting a random_state has no effect since shuffle is False. You should leave "
                f"random_state to its default (None), or set shuffle=True; got {random_state!r}."
            )
        self.n_splits = int(n_splits)
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X, y, groups : object
            Not looked at.
        """
        return self.n_splits

    def _test_masks(self, n: int, y: Any, groups: Any) -> Iterator[np.ndarray]:
        if self.n_splits > n:
            raise ValueError(
                f"Cannot have number of splits n_splits={self.n_splits} greater than the number "
                f"of samples: n_samples={n}."
            )
        fold = self._fold_of_each(n, y, groups)
        for i in range(self.n_splits):
            yield fold == i

    def _fold_of_each(self, n: int, y: Any, groups: Any) -> np.ndarray:
        raise NotImplementedError


class KFold(_Folds):
    """Cut the samples into k consecutive blocks, shuffled first if asked.

    Parameters
    ----------
    n_splits : int
        Number of folds, at least 2.
    shuffle : bool
        Permute the samples before cutting.
    random_state : int, RandomState or None
        Of the permutation.

    Examples
    --------
    >>> from scratchml.model_selection import KFold
    >>> [test.tolist() for train, test in KFold(n_splits=3).split(range(7))]
    [[0, 1, 2], [3, 4], [5, 6]]
    """

    def _fold_of_each(self, n: int, y: Any, groups: Any) -> np.ndarray:
        order = np.arange(n)
        if self.shuffle:
            check_random_state(self.random_state).shuffle(order)
        sizes = np.full(self.n_splits, n // self.n_splits)
        sizes[: n % self.n_splits] += 1
        fold = np.empty(n, dtype=np.intp)
        fold[order] = np.repeat(np.arange(self.n_splits), sizes)
        return fold


class StratifiedKFold(_Folds):
    """Cut the samples into k folds in which every class has its share.

    Parameters
    ----------
    n_splits : int
        Number of folds, at least 2.
    shuffle : bool
        Permute the samples of each class before cutting.
    random_state : int, RandomState or None
        Of the permutations.

    Examples
    --------
    >>> from scratchml.model_selection import StratifiedKFold
    >>> y = [0, 0, 0, 0, 1, 1]
    >>> [test.tolist() for train, test in StratifiedKFold(n_splits=2).split(y, y)]
    [[0, 1, 4], [2, 3, 5]]
    """

    def split(  # type: ignore[override]  # y is needed here
        self, X: Any, y: Any, groups: Any = None
    ) -> Iterator[Split]:
        """Yield the training and the test indices of each fold.

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

        Raises
        ------
        ValueError
            If `y` holds no classes, or every class has fewer than k samples.
        """
        if groups is not None:
            warn_about_groups(self)
        return self._pairs(X, check_array(y, name="y", dtype=None, ndim=(1, 2)), groups)

    def _fold_of_each(self, n: int, y: Any, groups: Any) -> np.ndarray:
        rng = check_random_state(self.random_state)
        kind = type_of_target(y, name="y")
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"Supported target types are: ('binary', 'multiclass'). Got {kind!r} instead."
            )
        codes = _codes_by_first_appearance(column_or_1d(y))
        counts = np.bincount(codes)
        k = self.n_splits
        if (k > counts).all():
            raise ValueError(
                f"n_splits={k} cannot be greater than the number of members in each class."
            )
        if k > counts.min():
            warnings.warn(
                f"The least populated class in y has only {counts.min()} members, which is less "
                f"than n_splits={k}.",
                UserWarning,
                stacklevel=5,
            )
        stop = np.cumsum(counts)
        dealt = _ceil_div(stop[:, None] - np.arange(k), k) - _ceil_div(
            (stop - counts)[:, None] - np.arange(k), k
        )  # (K, k): samples of each class in each fold
        folds = [np.repeat(np.arange(k), row) for row in dealt]
        if self.shuffle:
            for of_class in folds:
                rng.shuffle(of_class)
        fold = np.empty(n, dtype=np.intp)
        fold[members_in_order(codes)] = np.concatenate(folds)
        return fold


class GroupKFold(_Folds):
    """Cut the samples into k folds that never divide a group.

    Parameters
    ----------
    n_splits : int
        Number of folds, at least 2 and at most the number of groups.
    shuffle : bool
        Deal out blocks of randomly ordered groups rather than balance the folds' sizes.
    random_state : int, RandomState or None
        Of the order.

    Examples
    --------
    >>> from scratchml.model_selection import GroupKFold
    >>> groups = ["a", "a", "b", "c"]
    >>> [test.tolist() for _, test in GroupKFold(n_splits=2).split(groups, groups=groups)]
    [[0, 1], [2, 3]]
    """

    _uses_groups = True

    def _fold_of_each(self, n: int, y: Any, groups: Any) -> np.ndarray:
        if groups is None:
            raise ValueError("The 'groups' parameter should not be None.")
        groups = check_array(groups, name="groups", dtype=None, ndim=(1, 2))
        names, codes = encode_labels(groups.reshape(-1), name="groups")
        n_groups, k = len(names), self.n_splits
        if k > n_groups:
            raise ValueError(
                f"Cannot have number of splits n_splits={k} greater than the number of groups: "
                f"{n_groups}."
            )
        fold_of_group = np.empty(n_groups, dtype=np.intp)
        if self.shuffle:
            order = check_random_state(self.random_state).permutation(n_groups)
            for i, block in enumerate(np.array_split(order, k)):
                fold_of_group[block] = i
            return fold_of_group[codes]
        sizes = np.bincount(codes)
        filled = np.zeros(k)
        for g in np.argsort(sizes, kind="stable")[::-1]:
            fold_of_group[g] = lightest = np.argmin(filled)
            filled[lightest] += sizes[g]
        return fold_of_group[codes]


class LeaveOneOut(Splitter):
    """Make every sample a test set of its own.

    Examples
    --------
    >>> from scratchml.model_selection import LeaveOneOut
    >>> [(train.tolist(), test.tolist()) for train, test in LeaveOneOut().split([5, 6, 7])]
    [([1, 2], [0]), ([0, 2], [1]), ([0, 1], [2])]
    """

    def get_n_splits(self, X: Any, y: Any = None, groups: Any = None) -> int:
        """Return the number of samples.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples.
        y, groups : object
            Not looked at.
        """
        if X is None:
            raise ValueError("The 'X' parameter should not be None.")
        return n_samples(X)

    def _test_masks(self, n: int, y: Any, groups: Any) -> Iterator[np.ndarray]:
        if n <= 1:
            raise ValueError(f"Cannot perform LeaveOneOut with n_samples={n}.")
        for i in range(n):
            yield np.arange(n) == i


def members_in_order(codes: np.ndarray) -> np.ndarray:
    """Return the indices of all samples of class 0, then of class 1, ...; ascending within each.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Class of each sample.
    """
    if codes.size and codes.max() < 2**15:
        codes = codes.astype(np.int16)  # NumPy's stable sort of 16-bit integers is a radix sort
    return np.argsort(codes, kind="stable")


def _codes_by_first_appearance(y: np.ndarray) -> np.ndarray:
    """Number the labels 0, 1, ... in the order in which they first occur."""
    labels, codes = encode_labels(y)
    first = np.empty(len(labels), dtype=np.intp)
    first[codes[::-1]] = np.arange(len(y))[::-1]  # of several writes the last stands
    rank = np.empty(len(labels), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(labels))
    return rank[codes]


def _ceil_div(a: np.ndarray, b: int) -> np.ndarray:
    return -(-a // b)


def warn_about_groups(splitter: Any) -> None:
    """Say that `splitter`, whose ``split`` calls this, does not look at groups.

    Parameters
    ----------
    splitter : splitter
        Named in the warning.
    """
    warnings.warn(
        f"The groups parameter is ignored by {type(splitter).__name__}", UserWarning, stacklevel=3
    )
