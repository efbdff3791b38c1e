"""Random splits: some samples to train on, some to test on, drawn without replacement.

A permutation of the n samples is drawn; its first n_test entries are the test set, the next n_train
the training set. A size given as a share is rounded so that the test set has enough:

    n_test = ceil(share * n),   n_train = floor(share * n),   one not given is the rest.

Stratified, the classes share the n_train places in proportion: class c is owed q = n_c n_train / n,
gets floor(q), and the places left go to the largest remainders, ties drawn at random (Hamilton's
method). What remains of the classes shares the test places alike.

References
----------
.. [1] Balinski & Young, *Fair Representation*, 2nd ed., Brookings, 2001, chapter 2 (Hamilton).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import ceil, floor
from numbers import Integral, Real
from typing import Any

import numpy as np

from scratchml._core.rules import boolean, check_parameters, integer, none, random_state, real
from scratchml._core.targets import encode_labels
from scratchml._core.validation import check_array, check_random_state, n_samples
from scratchml.model_selection._indexing import indexable, parameters_repr, take
from scratchml.model_selection.folds import Split, members_in_order, warn_about_groups

_SIZE = real(0.0, 1.0, closed="neither") | integer(1) | none()
_RULES = {
    "test_size": _SIZE,
    "train_size": _SIZE,
    "random_state": random_state(),
    "shuffle": boolean(),
}


def train_test_split(
    *arrays: Any,
    test_size: float | int | None = None,
    train_size: float | int | None = None,
    random_state: Any = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Split arrays, lists or frames of the same length into a training and a test part.

    Parameters
    ----------
    *arrays : array-like of length n
        What to split; each part is of the kind that came in.
    test_size, train_size : float, int or None
        Share of the samples (between 0 and 1) or their number. With neither, 0.25 is tested on; one
        not given is the rest.
    random_state : int, RandomState or None
        Of the permutation; an int gives the same split each time.
    shuffle : bool
        False takes the first samples to train on and the following to test on.
    stratify : array-like of shape (n,) or (n, K), optional
        Classes whose proportions both parts keep.

    Returns
    -------
    list
        ``[train_0, test_0, train_1, test_1, ...]``, twice as long as `arrays`.

    Raises
    ------
    ValueError
        If there is no array, lengths differ, the sizes do not fit n, or a class is too small.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchml.model_selection import train_test_split
    >>> X, y = np.arange(10).reshape(5, 2), list("abcde")
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.33, random_state=42)
    >>> y_train, y_test
    (['c', 'a', 'd'], ['b', 'e'])
    """
    if not arrays:
        raise ValueError("At least one array required as input")
    given = {
        "test_size": test_size,
        "train_size": train_size,
        "random_state": random_state,
        "shuffle": shuffle,
    }
    check_parameters(_RULES, given, "train_test_split")
    ready = indexable(**{f"arrays[{i}]": array for i, array in enumerate(arrays)})
    n = n_samples(ready[0])
    n_train, n_test = split_sizes(n, test_size, train_size, 0.25)
    if not shuffle:
        if stratify is not None:
            raise ValueError(
                "Stratified train/test split is not implemented for shuffle=False, got "
                f"shuffle={shuffle}."
            )
        train, test = np.arange(n_train), np.arange(n_train, n_train + n_test)
    else:
        kind = ShuffleSplit if stratify is None else StratifiedShuffleSplit
        splitter = kind(1, test_size=n_test, train_size=n_train, random_state=random_state)
        train, test = next(splitter.split(ready[0], stratify))
    return list(chain.from_iterable((take(a, train), take(a, test)) for a in ready))


class ShuffleSplit:
    """Draw random training and test sets, anew for each split.

    Parameters
    ----------
    n_splits : int
        Number of splits.
    test_size, train_size : float, int or None
        Share of the samples or their number; with neither, a tenth is tested on.
    random_state : int, RandomState or None
        One generator for all splits.

    Examples
    --------
    >>> from scratchml.model_selection import ShuffleSplit
    >>> splits = ShuffleSplit(n_splits=2, test_size=0.25, random_state=0).split(range(4))
    >>> [(train.tolist(), test.tolist()) for train, test in splits]
    [([3, 1, 0], [2]), ([2, 1, 3], [0])]
    """

    def __init__(
        self,
        n_splits: int = 10,
        *,
        test_size: float | int | None = None,
        train_size: float | int | None = None,
        random_state: Any = None,
    ) -> None:
        self.n_splits = n_splits
        self.test_size = test_size
        self.train_size = train_size
        self.random_state = random_state

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the training and the test indices of each split.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples; only their number matters.
        y : array-like of shape (n,) or (n, K), optional
            Classes, for stratified splits.
        groups : object
            Not used; given, it brings a warning.

        Yields
        ------
        train, test : ndarray of int
            Row numbers, in random order.

        Raises
        ------
        ValueError
            If the sizes do not fit the number of samples, or a class is too small.
        """
        if groups is not None:
            warn_about_groups(self)
        return self._pairs(X, y, groups)

    def _pairs(self, X: Any, y: Any, groups: Any) -> Iterator[Split]:
        X, y, groups = indexable(X=X, y=y, groups=groups)
        n = n_samples(X)
        n_train, n_test = split_sizes(n, self.test_size, self.train_size, 0.1)
        yield from self._draws(n, y, n_train, n_test)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of splits.

        Parameters
        ----------
        X, y, groups : object
            Not looked at.
        """
        return self.n_splits

    def _draws(self, n: int, y: Any, n_train: int, n_test: int) -> Iterator[Split]:
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            drawn = rng.permutation(n)
            yield drawn[n_test : n_test + n_train], drawn[:n_test]

    def __repr__(self) -> str:
        return parameters_repr(self)


class StratifiedShuffleSplit(ShuffleSplit):
    """Draw random training and test sets in which every class has its share.

    Parameters
    ----------
    n_splits : int
        Number of splits.
    test_size, train_size : float, int or None
        Share of the samples or their number; with neither, a tenth is tested on.
    random_state : int, RandomState or None
        One generator for all splits.

    Examples
    --------
    >>> from scratchml.model_selection import StratifiedShuffleSplit
    >>> y = [0, 0, 0, 0, 1, 1]
    >>> splits = StratifiedShuffleSplit(n_splits=1, test_size=3, random_state=0).split(y, y)
    >>> [sorted(y[i] for i in test) for train, test in splits]
    [[0, 0, 1]]
    """

    def split(  # type: ignore[override]  # y is needed here
        self, X: Any, y: Any, groups: Any = None
    ) -> Iterator[Split]:
        """Yield the training and the test indices of each split.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples; only their number matters.
        y : array-like of shape (n,) or (n, K)
            Classes.
        groups : object
            Not used; given, it brings a warning.

        Yields
        ------
        train, test : ndarray of int
            Row numbers, in random order.
        """
        if groups is not None:
            warn_about_groups(self)
        return self._pairs(X, check_array(y, name="y", dtype=None, ndim=(1, 2)), groups)

    def _draws(self, n: int, y: Any, n_train: int, n_test: int) -> Iterator[Split]:
        classes, codes = encode_labels(_one_label_a_row(y), name="y")
        counts = np.bincount(codes)
        if counts.min() < 2:
            raise ValueError(
                "The least populated classes in y have only 1 member, which is too few. The "
                "minimum number of groups for any class cannot be less than 2. Classes with too "
                f"few members are: {classes[counts < 2].tolist()}"
            )
        for name, size in (("train", n_train), ("test", n_test)):
            if size < len(classes):
                raise ValueError(
                    f"The {name}_size = {size} should be greater or equal to the number of classes "
                    f"= {len(classes)}"
                )
        members = np.split(members_in_order(codes), np.cumsum(counts)[:-1])
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            to_train = _apportion(counts, n_train, rng)
            to_test = _apportion(counts - to_train, n_test, rng)
            train, test = [], []
            for of_class, a, b in zip(members, to_train, to_test, strict=True):
                drawn = of_class[rng.permutation(len(of_class))]
                train.append(drawn[:a])
                test.append(drawn[a : a + b])
            yield rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def split_sizes(n: int, test_size: Any, train_size: Any, default: float) -> tuple[int, int]:
    """Return the number of samples to train on and to test on.

    Parameters
    ----------
    n : int
        Number of samples.
    test_size, train_size : float, int or None
        Shares or numbers.
    default : float
        Share to test on where neither is given.

    Raises
    ------
    ValueError
        If a size is out of range, both together are too large, or nothing is left to train on.
    """
    if test_size is None and train_size is None:
        test_size = default
    for name, size in (("test_size", test_size), ("train_size", train_size)):
        _check_size(name, size, n)
    shares = all(s is not None and not isinstance(s, Integral) for s in (test_size, train_size))
    if shares and test_size + train_size > 1:
        raise ValueError(
            f"The sum of test_size and train_size = {test_size + train_size}, should be in the "
            "(0, 1) range. Reduce test_size and/or train_size."
        )
    n_test = _number(test_size, n, ceil)
    n_train = _number(train_size, n, floor)
    if n_train is None:
        n_train = n - n_test
    elif n_test is None:
        n_test = n - n_train
    if n_train + n_test > n:
        raise ValueError(
            f"The sum of train_size and test_size = {n_train + n_test}, should be smaller than the "
            f"number of samples {n}. Reduce test_size and/or train_size."
        )
    if n_train == 0:
        raise ValueError(
            f"With n_samples={n}, test_size={test_size} and train_size={train_size}, the resulting "
            "train set will be empty. Adjust any of the aforementioned parameters."
        )
    return n_train, n_test


def _check_size(name: str, size: Any, n: int) -> None:
    if size is None:
        return
    if not isinstance(size, Real) or isinstance(size, bool | np.bool_):
        raise ValueError(f"Invalid value for {name}: {size}")
    if not 0 < float(size) < (n if isinstance(size, Integral) else 1):
        raise ValueError(
            f"{name}={size} should be either positive and smaller than the number of samples {n} "
            "or a float in the (0, 1) range"
        )


def _number(size: Any, n: int, rounded: Any) -> Any:
    """A size as a number of samples; None stays None."""
    if size is None or isinstance(size, Integral):
        return None if size is None else int(size)
    return rounded(size * n)


def _apportion(counts: np.ndarray, n_draws: int, rng: Any) -> np.ndarray:
    """Share `n_draws` places among classes in proportion to `counts`, by largest remainders."""
    owed = counts / counts.sum() * n_draws
    places = np.floor(owed)
    left = int(n_draws - places.sum())
    if left > 0:
        remainder = owed - places
        for value in np.unique(remainder)[::-1]:
            tied = np.flatnonzero(remainder == value)
            now = min(len(tied), left)
            places[rng.choice(tied, size=now, replace=False)] += 1
            left -= now
            if left == 0:
                break
    return places.astype(int)


def _one_label_a_row(y: Any) -> np.ndarray:
    """`y` as one label a sample; the rows of a two-dimensional `y` as strings."""
    y = check_array(y, name="y", dtype=None, ndim=(1, 2))
    if y.ndim == 2:
        y = np.array([" ".join(row.astype("str")) for row in y])
    return y
