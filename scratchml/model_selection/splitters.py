"""From what users pass as ``cv`` to an object that splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from numbers import Integral
from typing import Any

from scratchml._core.targets import type_of_target
from scratchml.model_selection.folds import KFold, Split, StratifiedKFold


class _Given:
    """Splits that the user made himself."""

    def __init__(self, splits: Iterable[Split]):
        self.splits = list(splits)

    def split(self, X: Any = None, y: Any = None, groups: Any = None) -> Iterator[Split]:
        yield from self.splits

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        return len(self.splits)


def check_cv(
    cv: Any = 5,
    y: Any = None,
    *,
    classifier: bool = False,
    shuffle: bool = False,
    random_state: Any = None,
) -> Any:
    """Return the splitter that `cv` stands for.

    Parameters
    ----------
    cv : int, splitter, iterable of (train, test) or None
        A number of folds (None is 5), an object with ``split``, or the splits themselves.
    y : array-like of shape (n,), optional
        Targets.
    classifier : bool
        Stratify by `y`, where it holds classes.
    shuffle : bool
        For a number of folds: shuffle.
    random_state : int, RandomState or None
        For a number of folds: of the shuffle.

    Returns
    -------
    splitter
        With ``split(X, y, groups)`` and ``get_n_splits``.

    Raises
    ------
    ValueError
        If `cv` is none of these.

    Examples
    --------
    >>> from scratchml.model_selection import check_cv
    >>> check_cv(3, y=[0, 1, 0, 1], classifier=True)
    StratifiedKFold(n_splits=3, random_state=None, shuffle=False)
    """
    cv = 5 if cv is None else cv
    if isinstance(cv, Integral):
        stratify = classifier and y is not None
        if stratify and type_of_target(y) in ("binary", "multiclass"):
            return StratifiedKFold(int(cv), shuffle=shuffle, random_state=random_state)
        return KFold(int(cv), shuffle=shuffle, random_state=random_state)
    if hasattr(cv, "split") and not isinstance(cv, str):
        return cv
    if not isinstance(cv, Iterable) or isinstance(cv, str):
        raise ValueError(
            "Expected `cv` as an integer, a cross-validation object (from "
            "scratchml.model_selection), or an iterable yielding (train, test) splits as arrays of "
            f"indices. Got {cv}."
        )
    return _Given(cv)
